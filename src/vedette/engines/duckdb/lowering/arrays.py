"""Arrays and bags: short and hot ones in SQL, the others in Python (``computed.arrays``)."""

from __future__ import annotations

from vedette.engines.duckdb.lowering.conversions import json_of
from vedette.engines.duckdb.macros.base import held
from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Literal
from vedette.plan.types import Type

_NO_DELIMITER = "split() by an empty delimiter is not supported yet"


def _element(call: Call, index: int) -> str:
    return f"coalesce({json_of(call.arguments[index], call.nodes[index].type)}, 'null')"


def _array_of(call: Call) -> str:
    elements = " || ',' || ".join(_element(call, i) for i in range(len(call.nodes)))
    return f"('[' || {elements} || ']')"


def _is_plain(call: Call) -> bool:
    """Whether the keys are constants, each there once: then the bag's text can be put together."""
    keys = [call.constant_text(i) for i in range(0, len(call.nodes), 2)]
    return None not in keys and len(set(keys)) == len(keys)


def _bag_of(call: Call) -> str:
    places = range(0, len(call.nodes), 2)
    keys = [call.arguments[i] for i in places]
    if len(keys) > 1 and not _is_plain(call):
        values = ", ".join(_element(call, i + 1) for i in places)
        return f"py_bag_of([{', '.join(keys)}], [{values}])"
    pairs = [
        f"json_of_text({key}) || ':' || {_element(call, i + 1)}"
        for key, i in zip(keys, places, strict=True)
    ]
    inside = " || ',' || ".join(pairs)
    return f"('{{' || {inside} || '}}')"


def _bag_of_filled(call: Call) -> str:
    pairs = []
    for i in range(0, len(call.nodes), 2):
        key, value = call.arguments[i], call.arguments[i + 1]
        is_text = call.nodes[i + 1].type is Type.STRING
        given = f"nullif({value}, '')" if is_text else value
        pairs.append(f"json_of_text({key}) || ':' || {json_of(given, call.nodes[i + 1].type)}")
    return f"('{{' || concat_ws(',', {', '.join(pairs)}) || '}}')"


def _listed(name: str) -> Lowering:
    return lambda call: f"py_{name}([{', '.join(call.arguments)}])"


def _split(call: Call) -> str:
    text, delimiter = call.arguments[:2]
    parts = f"string_split({text}, {delimiter})"
    if call.constant_text(1) is None:
        parts = f"CASE WHEN {delimiter} = '' THEN error('{_NO_DELIMITER}') ELSE {parts} END"
    elif not call.constant_text(1):
        raise call.refuse("an empty delimiter is not supported yet")
    if call.operation == "text_split":
        return f"CAST(to_json({parts}) AS VARCHAR)"
    return f"array_of_part({parts}, {call.arguments[2]})"


def _join(call: Call) -> str:
    """DuckDB joins by a constant only, and not in what is constant as a whole."""
    is_plain = call.constant_text(1) is not None and not isinstance(call.nodes[0], Literal)
    return f"{'joined_json' if is_plain else 'py_array_join'}({', '.join(call.arguments)})"


ROWS: dict[str, Lowering] = {
    "array_length": lambda call: held(call.arguments[0], "length_of_json"),
    "array_of": _array_of,
    "array_concat": _listed("array_concat"),
    "array_choose": "py_array_choose({0}, {1}, {2})",
    "array_index_of": "py_array_index_of({0}, {1}, {2}, {3}, {4})",
    "array_reverse": "py_array_reverse({0})",
    "array_rotate": "py_array_rotate({0}, {1})",
    "array_shift": "py_array_shift({0}, {1}, {2})",
    "array_slice": "py_array_slice({0}, {1}, {2})",
    "array_split": "py_array_split({0}, {1})",
    "array_sum": "py_array_sum({0})",
    "array_sorted_by": "py_array_sorted_by({0}, {1}, {2}, {3})",
    "array_join": _join,
    "array_zip": _listed("array_zip"),
    "array_repeat": "py_array_repeat({0}, {1})",
    "text_split": _split,
    "text_split_part": _split,
    "range_of_longs": "py_range_of_longs({0}, {1}, {2})",
    "range_of_reals": "py_range_of_reals({0}, {1}, {2})",
    "range_of_times": "py_range_of_times({0}, {1}, {2})",
    "range_of_spans": "py_range_of_spans({0}, {1}, {2})",
    "set_union": _listed("set_union"),
    "set_intersect": _listed("set_intersect"),
    "set_difference": _listed("set_difference"),
    "set_equals": "py_set_equals({0}, {1})",
    "set_has": "py_set_has({0}, {1})",
    "jaccard_index": "py_jaccard_index({0}, {1})",
    "bag_of": _bag_of,
    "bag_of_filled": _bag_of_filled,
    "bag_keys": lambda call: held(call.arguments[0], "keys_of_json"),
    "bag_has_key": "py_bag_has_key({0}, {1})",
    "bag_merge": _listed("bag_merge"),
    "bag_remove_keys": "py_bag_remove_keys({0}, {1})",
    "bag_set_key": "py_bag_set_key({0}, {1}, {2})",
    "bag_zip": "py_bag_zip({0}, {1})",
    "bag_pairs": "py_bag_pairs({0}, {1})",
    "bag_paths": "py_bag_paths({0})",
}
