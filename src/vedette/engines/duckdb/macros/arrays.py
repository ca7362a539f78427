"""Arrays and bags in JSON texts: counted, joined, made flat."""

from __future__ import annotations

MACROS: dict[str, str] = {
    "length_of_json(j)": (
        "CASE json_type(j) WHEN 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END"
    ),
    "keys_of_json(j)": (
        "CASE json_type(j) WHEN 'OBJECT' THEN CAST(to_json(json_keys(j)) AS VARCHAR) END"
    ),
    # Elements as texts; a null has an empty one.
    "joined_json(j, d)": (
        "CASE json_type(j) WHEN 'ARRAY' THEN unmarked(array_to_string(list_transform("
        "CAST(json_extract_string(j, '$[*]') AS VARCHAR[]), lambda e: coalesce(e, '')), d))"
        " ELSE '' END"
    ),
    "array_of_part(l, i)": (
        "CASE WHEN i < 0 THEN error('split() with a negative index is not supported yet')"
        " ELSE '[' || CAST(to_json(list_extract(l, i + 1)) AS VARCHAR) || ']' END"
    ),
    # The elements of a list of JSON texts, those of arrays among them one by one.
    "flat_elements(l)": (
        "flatten(list_transform(l, lambda e: CASE json_type(e) WHEN 'ARRAY'"
        " THEN CAST(json_extract(e, '$[*]') AS VARCHAR[])"
        " ELSE [CAST(json_extract(e, '$') AS VARCHAR)] END))"
    ),
}
