"""JSON values taken apart: their elements, and their properties as bags or as pairs."""

from __future__ import annotations

_APART = (
    "CASE json_type(j) WHEN 'ARRAY' THEN CAST(json_extract(j, '$[*]') AS VARCHAR[])"
    " WHEN 'OBJECT' THEN {properties} ELSE [j] END"
)

MACROS: dict[str, str] = {
    "elements_in_json(j)": _APART.format(properties="properties_in_json(j, '{', ':', '}')"),
    "pairs_in_json(j)": _APART.format(properties="properties_in_json(j, '[', ',', ']')"),
    "properties_in_json(j, opening, between, closing)": (
        "list_transform(list_zip(json_keys(j), CAST(json_extract(j, '$.*') AS VARCHAR[])),"
        " lambda p: opening || json_of_text(p[1]) || between || p[2] || closing)"
    ),
}
