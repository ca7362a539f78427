"""Folding rows in DuckDB's SQL; sums are cast back from DuckDB's wider HUGEINT.

DuckDB holds NaN above all numbers; Kusto's least and greatest of values with a NaN are NaN.
"""

from __future__ import annotations

from vedette.engines.duckdb.lowering.conversions import json_of
from vedette.engines.sql import Call, Lowering
from vedette.plan.types import Type

_DECIMAL = "DECIMAL(38, 18)"


def _inside(call: Call, arguments: str) -> str:
    """The inside of an aggregate that the rows' order matters to."""
    return f"{arguments} {call.order}" if call.order else arguments


def _extreme(name: str) -> Lowering:
    def row(call: Call) -> str:
        value = call.arguments[0]
        if call.type is Type.REAL:
            number = f"{name}({value})"
            return f"CASE WHEN bool_or(isnan({value})) THEN CAST('nan' AS DOUBLE) ELSE {number} END"
        return f"{name}({value})"

    return row


def _picked(name: str) -> Lowering:
    return lambda call: f"{name}({_inside(call, call.arguments[0])})"


def _elements(call: Call) -> str:
    """The group's values as JSON texts in a list, nulls left out; an empty list of none."""
    element = json_of(call.arguments[0], call.nodes[0].type)
    kept = f"list({_inside(call, element)}) FILTER (WHERE {call.arguments[0]} IS NOT NULL)"
    return f"coalesce({kept}, [])"


def _collect(distinct: bool) -> Lowering:
    def row(call: Call) -> str:
        if distinct and call.nodes[0].type is Type.STRING:
            return _set_of_texts(call)
        elements = f"each_once({_elements(call)})" if distinct else _elements(call)
        return f"json_array_of(list_slice({elements}, 1, {call.arguments[1]}))"

    return row


def _set_of_texts(call: Call) -> str:
    """Texts are told apart as they are; only those that are kept are written as JSON."""
    value, most = call.arguments[:2]
    kept = f"list({_inside(call, value)}) FILTER (WHERE {value} IS NOT NULL)"
    some = f"list_slice(each_once(coalesce({kept}, [])), 1, {most})"
    return f"json_array_of(list_transform({some}, lambda v: {json_of('v', Type.STRING)}))"


def _gathered(distinct: bool) -> Lowering:
    """Dynamic values one by one: a null is an element, an array stands for its elements."""

    def row(call: Call) -> str:
        element = f"coalesce({call.arguments[0]}, 'null')"
        kept = f" FILTER (WHERE {call.arguments[2]})" if len(call.arguments) > 2 else ""
        elements = f"flat_elements(coalesce(list({_inside(call, element)}){kept}, []))"
        elements = f"each_once({elements})" if distinct else elements
        return f"json_array_of(list_slice({elements}, 1, {call.arguments[1]}))"

    return row


def _with_nulls(call: Call) -> str:
    element = f"coalesce({json_of(call.arguments[0], call.nodes[0].type)}, 'null')"
    elements = f"coalesce(list({_inside(call, element)}), [])"
    if call.nodes[0].type is Type.DYNAMIC:
        elements = f"flat_elements({elements})"
    return f"json_array_of({elements})"


def _listed(name: str) -> Lowering:
    """A function in Python of the list of a group's values, nulls left out."""

    def row(call: Call) -> str:
        value, *others = call.arguments
        kept = f"list({_inside(call, value)}) FILTER (WHERE {value} IS NOT NULL)"
        return f"py_{name}({', '.join([f'coalesce({kept}, [])', *others])})"

    return row


def _mean(call: Call) -> str:
    value = call.arguments[0]
    if call.type is Type.DECIMAL:
        return f"py_decimal_mean(CAST(sum({value}) AS {_DECIMAL}), count({value}))"
    return f"CAST(sum({value}) // nullif(count({value}), 0) AS BIGINT)"


def _of_greatest(name: str) -> Lowering:
    return lambda call: f"{name}({call.arguments[0]}, {call.arguments[1]})"


def _of_least(call: Call) -> str:
    """A row with a NaN is the one behind the NaN that the least of such values is."""
    value, by = call.arguments[:2]
    if call.nodes[1].type is Type.REAL:
        by = f"CASE WHEN isnan({by}) THEN CAST('-infinity' AS DOUBLE) ELSE {by} END"
    return f"arg_min_null({value}, {by})"


ROWS: dict[str, Lowering] = {
    "count_rows": "count(*)",
    "count_values": "count({0})",
    "count_if": "count(*) FILTER (WHERE {0})",
    "count_distinct": "count(DISTINCT {0})",
    "count_distinct_if": "count(DISTINCT {0}) FILTER (WHERE {1})",
    "sum_of": "CAST(sum({0}) AS {type})",
    "sum_wrapping": "wrapped_long(sum({0}))",
    "sum_if": "CAST(sum({0}) FILTER (WHERE {1}) AS {type})",
    "average_of": "avg({0})",
    "minimum_of": _extreme("min"),
    "maximum_of": _extreme("max"),
    "sample_deviation_of": "stddev_samp({0})",
    "population_deviation_of": "stddev_pop({0})",
    "sample_variance_of": "var_samp({0})",
    "population_variance_of": "var_pop({0})",
    "first_of": _picked("first"),
    "last_of": _picked("last"),
    "any_of": "any_value({0})",
    "collect_list": _collect(distinct=False),
    "collect_set": _collect(distinct=True),
    "collect_with_nulls": _with_nulls,
    "collect_elements": _gathered(distinct=False),
    "collect_element_set": _gathered(distinct=True),
    "merge_bags": _listed("merge_bags"),
    "schema_of": _listed("schema_of"),
    "mean_of": _mean,
    "bits_of_all": "bit_and({0})",
    "bits_of_any": "bit_or({0})",
    "bits_of_odd": "bit_xor({0})",
    "maximum_by": _of_greatest("arg_max_null"),
    "minimum_by": _of_least,
}
