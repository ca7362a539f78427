"""Conversions in DuckDB's SQL: by the type they start from; what reads text is a macro.

The macros (``duckdb.macros``) are named for what they read and give: ``long_of_text``,
``text_of_real``. A missing pair of types is a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from vedette.engines.duckdb.lowering.dynamic import text_at
from vedette.engines.duckdb.lowering.logic import decimal_of_real
from vedette.engines.duckdb.macros.base import held
from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Apply
from vedette.plan.types import Type

B, I, L, R, D = Type.BOOL, Type.INT, Type.LONG, Type.REAL, Type.DECIMAL  # noqa: E741
S, M, P, J, G, Y = (
    Type.STRING, Type.DATETIME, Type.TIMESPAN, Type.DYNAMIC, Type.GUID, Type.BINARY,
)  # fmt: skip

_DECIMAL = "DECIMAL(38, 18)"
_SAME = "{0}"

Conversion = str | Callable[[str], str]
"""A template of SQL, or what makes SQL of the argument's."""


def _by(*macros: str) -> Callable[[str], str]:
    """Macros that read their argument several times, one over the other, the first inmost."""
    return lambda value: reduce(held, macros, value)


TO_BOOL: dict[Type, Conversion] = {
    B: _SAME, I: "({0} <> 0)", L: "({0} <> 0)", R: "({0} <> 0)", D: "({0} <> 0)",
    S: _by("bool_of_text"), J: _by("bool_of_json"),
}  # fmt: skip
TO_INT: dict[Type, Conversion] = {
    B: "CAST({0} AS INTEGER)", I: _SAME, L: "int_of_long({0})", R: _by("int_of_real"),
    D: "int_of_long(TRY_CAST(trunc({0}) AS BIGINT))", S: _by("int_of_text"),
    M: "int_of_long({0})", P: "int_of_long({0})", J: _by("int_of_json"),
}  # fmt: skip
TO_LONG: dict[Type, Conversion] = {
    B: "CAST({0} AS BIGINT)", I: "CAST({0} AS BIGINT)", L: _SAME, R: _by("long_of_real"),
    D: "TRY_CAST(trunc({0}) AS BIGINT)", S: _by("long_of_text"), M: _SAME, P: _SAME,
    J: _by("long_of_json"),
}  # fmt: skip
TO_REAL: dict[Type, Conversion] = {
    B: "CAST(CAST({0} AS INTEGER) AS DOUBLE)", I: "CAST({0} AS DOUBLE)", L: "CAST({0} AS DOUBLE)",
    R: _SAME, D: "CAST({0} AS DOUBLE)", S: _by("real_of_text"), M: "CAST({0} AS DOUBLE)",
    P: "CAST({0} AS DOUBLE)", J: _by("real_of_json"),
}  # fmt: skip
TO_DECIMAL: dict[Type, Conversion] = {
    B: f"CAST(CAST({{0}} AS INTEGER) AS {_DECIMAL})", I: f"CAST({{0}} AS {_DECIMAL})",
    L: f"CAST({{0}} AS {_DECIMAL})", R: decimal_of_real("{0}"), D: _SAME,
    S: _by("decimal_of_text"), J: _by("text_of_json", "decimal_of_text"),
}  # fmt: skip
TO_DATETIME: dict[Type, Conversion] = {
    M: _SAME, S: _by("datetime_of_text"), J: _by("datetime_of_json"),
    I: _by("datetime_of_long"), L: _by("datetime_of_long"),
    R: _by("long_of_real", "datetime_of_long"),
}  # fmt: skip
TO_TIMESPAN: dict[Type, Conversion] = {
    P: _SAME, S: _by("timespan_of_text"), J: _by("text_of_json", "timespan_of_text"),
    I: "CAST({0} AS BIGINT)", L: _SAME, R: _by("long_of_real"),
}  # fmt: skip
TO_GUID = {
    G: _SAME, S: "TRY_CAST({0} AS UUID)", J: "TRY_CAST(text_of_json({0}) AS UUID)",
}  # fmt: skip

# Text as Kusto's tostring writes it, null for null.
TO_TEXT: dict[Type, Conversion] = {
    B: "CASE {0} WHEN true THEN 'True' WHEN false THEN 'False' END", I: "CAST({0} AS VARCHAR)",
    L: "CAST({0} AS VARCHAR)", R: _by("text_of_real"), D: _by("text_of_decimal"), S: _SAME,
    M: _by("text_of_datetime"), P: _by("text_of_timespan"), J: _by("text_of_json"),
    G: "CAST({0} AS VARCHAR)",
}  # fmt: skip
TO_PLAIN_TEXT: dict[Type, Conversion] = {
    B: "CAST({0} AS VARCHAR)", I: "CAST({0} AS VARCHAR)", L: "CAST({0} AS VARCHAR)",
    R: _by("text_of_java_double"), S: _SAME, D: _by("text_of_decimal"), J: _by("text_of_json"),
    M: _by("text_of_datetime"), P: _by("text_of_timespan"), G: "CAST({0} AS VARCHAR)",
}  # fmt: skip

# The element of a JSON text that a value becomes, null for null.
TO_JSON = {
    B: "CAST({0} AS VARCHAR)", I: "CAST({0} AS VARCHAR)", L: "CAST({0} AS VARCHAR)",
    R: "json_of_real({0})", D: "json_of_text(text_of_decimal({0}))", S: "json_of_text({0})",
    M: "json_of_text(marked(text_of_datetime({0})))",
    P: "json_of_text(marked(text_of_timespan({0})))", J: _SAME,
    G: "json_of_text(CAST({0} AS VARCHAR))",
}  # fmt: skip


def converted(conversions: Mapping[Type, Conversion]) -> Callable[[Call], str]:
    """A conversion by the type of its argument."""

    def row(call: Call) -> str:
        given = call.nodes[0].type
        if given not in conversions:
            raise call.refuse(f"not from {given}")
        made = conversions[given]
        return made.format(call.arguments[0]) if isinstance(made, str) else made(call.arguments[0])

    return row


def json_of(value: str, given: Type) -> str:
    """The JSON text of a value of a type; a BLOB has none and is written in base 64."""
    return TO_JSON.get(given, "json_of_text(to_base64({0}))").format(value)


def _text_of(call: Call) -> str:
    node = call.nodes[0]
    if isinstance(node, Apply) and node.operation == "value_at":
        return f"coalesce({text_at(call.arguments[0])}, '')"
    text = converted(TO_TEXT)(call)
    return text if call.is_constant(0) and call.nodes[0].type is S else f"coalesce({text}, '')"


def _plain_text_of(call: Call) -> str:
    node = call.nodes[0]
    if isinstance(node, Apply) and node.operation == "value_at":
        return text_at(call.arguments[0])
    return converted(TO_PLAIN_TEXT)(call)


ROWS: dict[str, Lowering] = {
    "to_bool": converted(TO_BOOL),
    "to_int": converted(TO_INT),
    "to_long": converted(TO_LONG),
    "to_real": converted(TO_REAL),
    "number_of_text": lambda call: held(call.arguments[0], "number_of_text"),
    "to_decimal": converted(TO_DECIMAL),
    "to_datetime": converted(TO_DATETIME),
    "to_timespan": converted(TO_TIMESPAN),
    "to_guid": converted(TO_GUID),
    "to_dynamic": lambda call: json_of(call.arguments[0], call.nodes[0].type),
    "text_of": _text_of,
    "plain_text_of": _plain_text_of,
}
