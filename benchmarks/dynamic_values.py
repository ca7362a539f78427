"""Dynamic values as JSON text, tagged JSON text and VARIANT: takes a folder, prints their costs.

``tagged`` is JSON text in which a string that stands for a datetime or a timespan begins with the
mark U+FDD0, which Unicode keeps from interchange; its own form says which of the two it is.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from measure import by_operation, connection, costs, ratios, say, shown, table, value_of

ROWS = 1_000_000
SLOW_ROWS = 10_000
CANDIDATES = ("JSON", "text", "tagged", "VARIANT")
_MARK = "chr(64976)"
_NO_TAGS = f"replace({{}}, {_MARK}, '')"

_DOCUMENT = (
    '\'{"id":\' || i || \',"a":{"b":{"c":"name \' || (i % 1000) || \'","n":\' || i'
    ' || \',"r":1.5}},"l":["x\' || (i % 10) || \'","y",3],"k":"key \' || (i // 1000 % 20)'
    ' || \'","t":"\' || TAG || \'2026-06-01T12:34:56.1234567Z"}\''
)


def run(folder: Path) -> None:
    """Print the tables of this part."""
    database = connection()
    say("\n## dynamic")
    say(
        table(
            "Exactness: what comes back",
            ("", "JSON and text", "tagged", "VARIANT"),
            _exact(database),
        )
    )
    say(table("Traps of DuckDB's functions", ("statement", "gives"), _traps(database)))
    _write(database, folder)
    sizes = [
        ["Parquet, zstd", *(f"{_size(folder, c) / _size(folder, 'JSON'):.2f}" for c in CANDIDATES)]
    ]
    rows = by_operation(
        CANDIDATES,
        {
            name: lambda sqls=sqls: ratios(costs(database, sqls), "JSON")  # type: ignore[misc]
            for name, sqls in _operations(folder).items()
        },
    )
    slow = by_operation(
        CANDIDATES,
        {
            f"{name}, {SLOW_ROWS:,} rows": lambda sqls=sqls: ratios(  # type: ignore[misc]
                costs(database, sqls), "JSON"
            )
            for name, sqls in _slow(folder).items()
        },
    )
    heads = (f"CPU time, {ROWS:,} rows", *CANDIDATES)
    say(table("Cost, DuckDB's JSON functions written by hand = 1", heads, [*rows, *slow]))
    say(table("Bytes", ("", *CANDIDATES), sizes))


def _exact(database: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """What each candidate gives for what Kusto keeps apart."""
    moment = "2026-06-01T12:34:56.1234567Z"
    plain, tagged = f'{{"d":"{moment}"}}', f'{{"d":"\ufdd0{moment}"}}'
    variant = "{'d': TIMESTAMP_NS '2026-06-01 12:34:56.1234567'}::VARIANT"
    early = "{'d': TIMESTAMP '0001-01-01 00:00:00.0000001'}::VARIANT"
    same: list[tuple[str, str, str]] = [
        ("type of `1`, of `1.0`", "json_type('1') || ', ' || json_type('1.0')",
         "variant_typeof('1'::JSON::VARIANT) || ', ' || variant_typeof('1.0'::JSON::VARIANT)"),
        ("text of `1.0`", "json_extract_string('{\"a\":1.0}', '$.a')",
         "('{\"a\":1.0}'::JSON::VARIANT).a::VARCHAR"),
        ("`9007199254740993`", "json_extract('{\"a\":9007199254740993}', '$.a')",
         "('{\"a\":9007199254740993}'::JSON::VARIANT).a::JSON"),
        ("key order of `{\"z\":1,\"a\":2}`", "'{\"z\":1,\"a\":2}'",
         "'{\"z\":1,\"a\":2}'::JSON::VARIANT::JSON"),
        ("null there, null absent: told apart by", _present("json_exists", "'{\"a\":null}'", "$."),
         _present("variant_exists", "'{\"a\":null}'::JSON::VARIANT", "")),
        ("`a` of `{\"A\":1}`", "json_extract('{\"A\":1}', '$.a')",
         "('{\"A\":1}'::JSON::VARIANT).a::JSON"),
        ("`{\"é😀\":\"ß\"}`", "json_extract_string('{\"é😀\":\"ß\"}', '$.\"é😀\"')",
         "variant_extract('{\"é😀\":\"ß\"}'::JSON::VARIANT, 'é😀')::VARCHAR"),
    ]  # fmt: skip
    rows = []
    for question, text, of_variant in same:
        found = shown(value_of(database, f"SELECT CAST({text} AS VARCHAR)"))
        rows.append([question, found, found, shown(value_of(database, f"SELECT {of_variant}"))])
    kind = (
        "CASE json_extract_string('{0}', '$.d')[1]"
        " WHEN chr(64976) THEN 'datetime' ELSE 'string' END"
    )
    rows.append(
        [
            "type of a datetime in a bag",
            *(shown(value_of(database, f"SELECT {kind.format(j)}")) for j in (plain, tagged)),
            shown(value_of(database, f"SELECT variant_typeof(({variant}).d)")),
        ]
    )
    rows.append(
        [
            "that bag's text",
            *(
                shown(value_of(database, f"SELECT {sql}"))
                for sql in (f"'{plain}'", _NO_TAGS.format(f"'{tagged}'"), f"({variant})::JSON")
            ),
        ]
    )
    rows.append(
        [
            "`0001-01-01T00:00:00.0000001Z` in a bag",
            *["`0001-01-01T00:00:00.0000001Z`"] * 2,
            shown(value_of(database, f"SELECT ({early}).d::VARCHAR")),
        ]
    )
    return rows


def _present(function: str, bag: str, step: str) -> str:
    return " || ', ' || ".join(f"{function}({bag}, '{step}{name}')" for name in "ab")


_TRAPS = (
    "unnest('[1,2]'::JSON::VARIANT)",
    "'{\"a\":1}'::JSON::VARIANT ->> 'a'",
    "'{\"a\":1}'::VARIANT::JSON",
    "json_keys('{\"a\":1}'::JSON::VARIANT)",
    "to_json('{\"a\":1}'::JSON::VARIANT)",
    "variant_extract('{\"a\":{\"b\":1}}'::JSON::VARIANT, 'a.b')",
    "TRY_CAST('12.7'::JSON::VARIANT AS BIGINT)",
    "variant_typeof('1'::JSON::VARIANT)",
    "variant_typeof((1::BIGINT)::VARIANT)",
    "('{\"a\":null}'::JSON::VARIANT).a IS NULL",
    "(SELECT variant_group_object('k', x::VARIANT) FROM range(2) AS r(x))",
    "(SELECT json_group_object('k', x) FROM range(2) AS r(x))",
    "json_extract('{\"a\":null}', '$.a') IS NULL",
    "json_extract_string('{\"a\":null}', '$.a') IS NULL",
    "json_extract('{\"a\":1e5}', '$.a')",
    "json_extract('{\"a\":0.10}', '$.a')",
    "json_type('1')",
    "json_type('9223372036854775808')",
    "json_type('-1')",
    'json_extract(\'{"*":1,"b":2}\', \'$."*"\')',
    "json_extract('{\"a\":1,\"a\":2}', '$.a')",
    "json_extract('{\"a.b\":1}', '$.\"a.b\"')",
    "json_extract('{\"0\":1}', '/0')",
    "json_extract('[1,2,3]', '$[-1]')",
    "json('{\"a\": 1e5}')",
)


def _traps(database: duckdb.DuckDBPyConnection) -> list[list[str]]:
    return [[shown(sql), shown(value_of(database, f"SELECT {sql}"))] for sql in _TRAPS]


def _file(folder: Path, candidate: str) -> Path:
    return folder / f"{candidate}.parquet"


def _size(folder: Path, candidate: str) -> int:
    return _file(folder, candidate).stat().st_size


def _write(database: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for candidate in CANDIDATES:
        document = _DOCUMENT.replace("TAG", "chr(64976)" if candidate == "tagged" else "''")
        form = {"JSON": "::JSON", "VARIANT": "::JSON::VARIANT"}.get(candidate, "")
        for name, rows in ((candidate, ROWS), (f"{candidate}-slow", SLOW_ROWS)):
            database.execute(
                f"COPY (SELECT i, ({document}){form} AS d FROM range({rows}) AS r(i))"
                f" TO '{_file(folder, name)}' (FORMAT parquet, COMPRESSION zstd)"
            )


def _operations(folder: Path) -> dict[str, dict[str, str]]:
    """By operation, each candidate's statement; those of one operation answer the same."""
    source = {c: f"FROM '{_file(folder, c)}'" for c in CANDIDATES}
    return {
        "`tostring(d.a.b.c)`": _each(source, "sum(length({0}))", {
            "JSON": "d ->> '$.a.b.c'",
            "text": "text_of_json(json_extract(d, '$.a.b.c'))",
            "tagged": _NO_TAGS.format("json_extract_string(d, '$.a.b.c')"),
            "VARIANT": "CAST(d.a.b.c AS VARCHAR)",
        }),
        "the same, the steps of `text` in one": _each(source, "sum(length({0}))", {
            "JSON": "d ->> '$.a.b.c'",
            "text": "json_extract_string(d, '$.a.b.c')",
            "tagged": f"ltrim(json_extract_string(d, '$.a.b.c'), {_MARK})",
        }),
        "`tolong(d.a.b.n)`": _each(source, "sum({0})", {
            "JSON": "TRY_CAST(d ->> '$.a.b.n' AS BIGINT)",
            "text": "long_of_json(json_extract(d, '$.a.b.n'))",
            "tagged": "long_of_json(json_extract(d, '$.a.b.n'))",
            "VARIANT": "TRY_CAST(d.a.b.n AS BIGINT)",
        }),
        "`tostring(d)`": _each(source, "sum(length({0}))", {
            "JSON": "CAST(d AS VARCHAR)",
            "text": "d",
            "tagged": _NO_TAGS.format("d"),
            "VARIANT": "CAST(CAST(d AS JSON) AS VARCHAR)",
        }),
        "the same, nothing marked inside": {
            "JSON": f"SELECT sum(length(CAST(d AS VARCHAR))) {source['JSON']}",
            "text": f"SELECT sum(length(d)) {source['text']}",
            "tagged": f"SELECT sum(length({_NO_TAGS.format('d')})) {source['text']}",
        },
        "`parse_json(text)`": _parsing(source["text"]),
        "`make_set(d.a.b.c)` by 1,000 rows": _sets(source, _once("list({})")),
        "`make_set(d.a.b.c)` of all": _each(source, "len({0})", {
            "JSON": "list(DISTINCT json_extract(d, '$.a.b.c'))",
            "text": _once("list(json_extract(d, '$.a.b.c'))"),
            "tagged": _once("list(json_extract(d, '$.a.b.c'))"),
            "VARIANT": "list(DISTINCT d.a.b.c)",
        }),
        "the same, grouped before it is listed": {
            "JSON": f"SELECT len(list(DISTINCT json_extract(d, '$.a.b.c'))) {source['JSON']}",
            **{c: _set_by_groups(source[c]) for c in ("text", "tagged")},
        },
        "`make_bag(bag_pack(k, v))` by 1,000": {
            "JSON": "SELECT sum(n) FROM (SELECT len(json_keys(json_group_object(k, v))) AS n FROM"
            " (SELECT i % 1000 AS g, d ->> '$.k' AS k, any_value(json_extract(d, '$.a.b.n')) AS v"
            f" {source['JSON']} GROUP BY ALL) GROUP BY g)",
            **{c: _bag_by_groups(source[c]) for c in ("text", "tagged")},
            "VARIANT": "SELECT sum(n) FROM (SELECT len(variant_keys(variant_group_object(k, v)))"
            " AS n FROM (SELECT i % 1000 AS g, CAST(d.k AS VARCHAR) AS k,"
            f" any_value(d.a.b.n) AS v {source['VARIANT']} GROUP BY ALL) GROUP BY g)",
        },
        "`mv-expand d.l`, then its text": {
            c: sql for c, sql in _expansions(folder, "").items() if c != "VARIANT"
        },
    }  # fmt: skip


def _each(source: dict[str, str], form: str, values: dict[str, str]) -> dict[str, str]:
    return {c: f"SELECT {form.format(value)} {source[c]}" for c, value in values.items()}


def _once(values: str) -> str:
    """Each element once, in the order of first sight, by neighbours of a sorted list."""
    pairs = f"list_transform({values}, lambda e, i: {{'e': e, 'i': i}})"
    firsts = (
        f"list_transform([list_sort({pairs})], lambda s:"
        " list_filter(list_zip(s, list_concat([NULL], s), true),"
        " lambda p: p[1].e IS DISTINCT FROM p[2].e))[1]"
    )
    placed = f"list_sort(list_transform({firsts}, lambda p: {{'i': p[1].i, 'e': p[1].e}}))"
    return f"list_transform({placed}, lambda p: p.e)"


def _filled(once: str) -> str:
    return once.replace("list({})", "list(json_extract(d, '$.a.b.c'))")


def _sets(source: dict[str, str], once: str) -> dict[str, str]:
    values = {
        "JSON": "len(list(DISTINCT json_extract(d, '$.a.b.c')))",
        "text": f"len({_filled(once)})",
        "tagged": f"len({_filled(once)})",
        "VARIANT": "len(list(DISTINCT d.a.b.c))",
    }
    return {
        c: f"SELECT sum(n) FROM (SELECT i // 1000 AS g, {value} AS n {source[c]} GROUP BY g)"
        for c, value in values.items()
    }


def _parsing(source: str) -> dict[str, str]:
    """A valid text becomes the value; what is no JSON stays a string; marks of others are cut."""
    forms = (_MARK, "'\\ufdd'", "'\\uFDD'")
    own = " OR ".join(f"contains(d, {form})" for form in forms)
    value = "CASE WHEN json_valid(d) THEN d ELSE json_of_text(d) END"
    tagged = f"CASE WHEN {own} THEN {_NO_TAGS.format('d')} ELSE {value} END"
    return {
        "JSON": f"SELECT count(CAST(d AS JSON)) {source}",
        "text": f"SELECT count({value}) {source}",
        "tagged": f"SELECT count({tagged}) {source}",
        "VARIANT": f"SELECT count(variant_typeof(CAST(CAST(d AS JSON) AS VARIANT))) {source}",
    }


def _set_by_groups(source: str) -> str:
    return (
        "SELECT len(list(e ORDER BY first)) FROM (SELECT json_extract(d, '$.a.b.c') AS e,"
        f" min(i) AS first {source} GROUP BY e)"
    )


def _bag_by_groups(source: str) -> str:
    value = "'{' || string_agg(to_json(k) || ':' || v, ',' ORDER BY first) || '}'"
    return (
        f"SELECT sum(n) FROM (SELECT len(json_keys({value})) AS n FROM (SELECT i % 1000 AS g,"
        " json_extract_string(d, '$.k') AS k, any_value(json_extract(d, '$.a.b.n')) AS v,"
        f" min(i) AS first {source} GROUP BY g, k) GROUP BY g)"
    )


def _slow(folder: Path) -> dict[str, dict[str, str]]:
    """What takes too long over all rows: VARIANT's lists; and the engine's own ``each_once``."""
    source = {c: f"FROM '{_file(folder, c + '-slow')}'" for c in CANDIDATES}
    sets = _sets(source, "each_once(list({}))")
    return {
        "`mv-expand d.l`, then its text": _expansions(folder, "-slow"),
        "`make_set` by 1,000 rows, the macro `each_once`": {
            c: sets[c] for c in ("JSON", "text", "VARIANT")
        },
    }


def _expansions(folder: Path, suffix: str) -> dict[str, str]:
    """``mv-expand`` of an array of three."""
    lists = {
        "JSON": ("CAST(json_extract(d, '$.l') AS JSON[])", "json_extract_string(e, '$')"),
        "text": ("json_extract(d, '$.l[*]')", "text_of_json(e)"),
        "tagged": ("json_extract(d, '$.l[*]')", _NO_TAGS.format("text_of_json(e)")),
        "VARIANT": ("CAST(d.l AS VARIANT[])", "CAST(e AS VARCHAR)"),
    }
    return {
        c: f"SELECT sum(length({text})) FROM (SELECT unnest({array}) AS e"
        f" FROM '{_file(folder, c + suffix)}')"
        for c, (array, text) in lists.items()
    }
