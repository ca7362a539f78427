"""Texts taken apart, in DuckDB's SQL: several groups of one match are found once."""

from __future__ import annotations

from vedette.engines.duckdb.lowering.text import SPACES
from vedette.engines.duckdb.writing import text_literal
from vedette.engines.sql import Call, Lowering


def _captured(call: Call) -> str:
    """All groups in one call: DuckDB carries out calls that are alike once a row."""
    group, groups = call.constant(2), call.constant(3)
    if not isinstance(group, int) or not isinstance(groups, int) or not 1 <= group <= groups:
        raise call.refuse("the engine takes a constant group")
    names = ", ".join(text_literal(f"g{i}") for i in range(1, groups + 1))
    found = f"regexp_extract({call.arguments[0]}, {call.arguments[1]}, [{names}])"
    return f"CAST(struct_extract({found}, 'g{group}') AS VARCHAR)"


def _paired(call: Call) -> str:
    text, pattern, key = call.arguments
    spaces = text_literal(SPACES)
    keys = f"list_transform(regexp_extract_all({text}, {pattern}, 1), lambda k: trim(k, {spaces}))"
    values = f"regexp_extract_all({text}, {pattern}, 2)"
    return f"coalesce(trim({values}[list_position({keys}, {key})], {spaces}), '')"


ROWS: dict[str, Lowering] = {
    "text_captured": _captured,
    "text_pairs": "py_text_pairs({0}, {1}, {2}, {3}, {4}, {5}, {6})",
    "text_part": "coalesce(json_extract_string({0}, '$[' || {1} || ']'), '')",
    "text_paired": _paired,
    "leef_value": "py_leef_value({0}, {1})",
    "cef_value": "py_cef_value({0}, {1})",
    "xml_value": "py_xml_value({0}, {1})",
    "user_agent_parts": "py_user_agent_parts({0}, {1})",
    "xml_as_json": "py_xml_as_json({0})",
    "url_parts": "py_url_parts({0})",
    "url_query": "py_url_query({0})",
    "path_parts": "py_path_parts({0})",
    "command_words": "py_command_words({0})",
    "csv_fields": "py_csv_fields({0})",
}
