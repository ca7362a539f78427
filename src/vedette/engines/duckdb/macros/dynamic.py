"""JSON values: read as other types, made of them, gathered in arrays."""

from __future__ import annotations

from vedette.engines.duckdb.macros.base import let

# What DuckDB reads as JSON and Kusto does not, and the mark: rare, so looked for at little cost.
_ODD = r"""'(?i)(^|[:\[,])\s*-?(nan|inf)|,\s*[\]}]|\\ufdd0|\x{fdd0}'"""
_STRINGS = r"""'"(?:[^"\\]|\\.)*"'"""
_NOT_JSON = r"""'(?i)nan|inf|,\s*[\]}]'"""
_ESCAPED_MARK = r"""'((?:^|[^\\])(?:\\\\)*)(?:\\u[fF][dD][dD]0)+'"""

MACROS: dict[str, str] = {
    # The mark before datetimes and timespans inside (docs/decisions.md), in no text that leaves.
    "marked(s)": "chr(64976) || s",
    "unmarked(s)": "replace(s, chr(64976), '')",
    # JSON values: text holds the value as it is in JSON, a string without its quotes.
    "text_of_json(j)": "unmarked(json_extract_string(j, '$'))",
    # The value and the text behind a path or a number; a JSON null is null.
    "value_at(j, path)": "nullif(CAST(json_extract(j, path) AS VARCHAR), 'null')",
    "text_at(j, path)": "unmarked(json_extract_string(j, path))",
    "path_of_key(k)": (
        "CASE WHEN k = '' OR regexp_matches(k, '[*\"\\\\\\x00]')"
        " THEN '/' || replace(replace(k, '~', '~0'), '/', '~1') ELSE '$.\"' || k || '\"' END"
    ),
    "value_by(j, k)": (
        "CASE json_type(k) WHEN 'VARCHAR' THEN value_at(j, path_of_key(text_of_json(k)))"
        " WHEN 'UBIGINT' THEN value_at(j, TRY_CAST(k AS BIGINT))"
        " WHEN 'BIGINT' THEN value_at(j, TRY_CAST(k AS BIGINT)) END"
    ),
    "long_of_json(j)": (
        "CASE json_type(j) WHEN 'BOOLEAN' THEN CAST(j = 'true' AS BIGINT)"
        " WHEN 'DOUBLE' THEN long_of_real(TRY_CAST(j AS DOUBLE))"
        " WHEN 'VARCHAR' THEN long_of_text(text_of_json(j))"
        " WHEN 'BIGINT' THEN TRY_CAST(j AS BIGINT) WHEN 'UBIGINT' THEN TRY_CAST(j AS BIGINT) END"
    ),
    "whole_of_json(j)": (
        "CASE WHEN json_type(j) = 'DOUBLE' AND TRY_CAST(j AS DOUBLE) <> long_of_json(j) THEN"
        " error('a dynamic value with a fraction, ' || j || ', stands where a whole number does:'"
        " || ' convert it with toreal() or tolong()') ELSE long_of_json(j) END"
    ),
    "int_of_json(j)": (
        "CASE json_type(j) WHEN 'VARCHAR' THEN int_of_text(text_of_json(j))"
        " WHEN 'DOUBLE' THEN int_of_real(TRY_CAST(j AS DOUBLE))"
        " ELSE int_of_long(long_of_json(j)) END"
    ),
    "real_of_json(j)": (
        "CASE json_type(j) WHEN 'BOOLEAN' THEN CAST(CAST(j = 'true' AS INTEGER) AS DOUBLE)"
        " WHEN 'VARCHAR' THEN real_of_text(text_of_json(j))"
        " WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE TRY_CAST(j AS DOUBLE) END"
    ),
    "bool_of_json(j)": (
        "CASE json_type(j) WHEN 'BOOLEAN' THEN j = 'true'"
        " WHEN 'VARCHAR' THEN bool_of_text(text_of_json(j)) ELSE real_of_json(j) <> 0 END"
    ),
    "read_json(s)": (
        "CASE WHEN s = '' THEN NULL WHEN NOT json_valid(s) THEN json_of_text(unmarked(s))"
        f" WHEN regexp_matches(s, {_ODD}) THEN read_odd_json(s)"
        " ELSE nullif(trim(s, ' ' || chr(9) || chr(10) || chr(13)), 'null') END"
    ),
    "read_odd_json(s)": (
        f"CASE WHEN regexp_matches(regexp_replace(s, {_STRINGS}, '0', 'gs'), {_NOT_JSON})"
        " THEN json_of_text(unmarked(s))"
        f" ELSE unmarked(regexp_replace(s, {_ESCAPED_MARK}, '\\1', 'g')) END"
    ),
    "texts_of_elements(j)": (
        "CASE json_type(j) WHEN 'ARRAY' THEN json_extract_string(unmarked(j), '$[*]')"
        " ELSE [text_of_json(j)] END"
    ),
    "kind_of_json(j)": let(
        "v",
        "CAST(json_extract(j, '$') AS VARCHAR)",
        "CASE coalesce(json_type(v), 'NULL') WHEN 'NULL' THEN 'null' WHEN 'BOOLEAN' THEN 'bool'"
        " WHEN 'OBJECT' THEN 'dictionary' WHEN 'ARRAY' THEN 'array' WHEN 'DOUBLE' THEN 'double'"
        " WHEN 'VARCHAR' THEN CASE WHEN v[2] <> chr(64976) THEN 'string'"
        " WHEN contains(v, 'T') THEN 'datetime' ELSE 'timespan' END ELSE 'long' END",
    ),
    "json_of_text(s)": "CAST(to_json(s) AS VARCHAR)",
    "json_of_real(x)": (
        "CASE WHEN isnan(x) THEN '\"NaN\"' WHEN isinf(x)"
        " THEN CASE WHEN x > 0 THEN '\"Infinity\"' ELSE '\"-Infinity\"' END"
        " ELSE CAST(to_json(x) AS VARCHAR) END"
    ),
    "json_array_of(l)": "'[' || array_to_string(l, ',') || ']'",
    # Each element once, where it first stands: sorted with its place, the first of equals kept.
    "each_once(l)": (
        "list_transform(list_sort(list_transform(firsts_of(list_sort("
        "list_transform(l, lambda e, i: {'e': e, 'i': i}))),"
        " lambda p: {'i': p.i, 'e': p.e})), lambda p: p.e)"
    ),
    # An element is held against the one before it in a second, shifted list: reading the list by
    # index inside the lambda costs time by the square of its length.
    "firsts_of(s)": (
        "list_transform([s], lambda t: list_transform(list_filter("
        "list_zip(t, list_concat([NULL], t), true),"
        " lambda p: p[1].e IS DISTINCT FROM p[2].e), lambda p: p[1]))[1]"
    ),
}
