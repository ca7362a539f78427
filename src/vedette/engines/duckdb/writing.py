"""How DuckDB writes names, types and constants, and what it stores for each type of a plan.

| type | stored as | why |
| --- | --- | --- |
| bool, int, long, real | BOOLEAN, INTEGER, BIGINT, DOUBLE | |
| decimal | DECIMAL(38, 18) | exact where Kusto's 34 digits and our queries meet |
| string | VARCHAR | compared by code point |
| datetime, timespan | BIGINT of 100 ns ticks | exact, and prunes the row groups of Parquet files |
| dynamic | VARCHAR of JSON text | long and real stay apart (``1`` and ``1.0``); a null is NULL |
| guid | UUID | |
| binary | BLOB | |
"""

from __future__ import annotations

import json
import math
from decimal import Decimal

import pyarrow as pa

from vedette.engines.base import Unsupported
from vedette.plan.expressions import Literal
from vedette.plan.types import Type

TYPE_NAMES = {
    Type.BOOL: "BOOLEAN",
    Type.INT: "INTEGER",
    Type.LONG: "BIGINT",
    Type.REAL: "DOUBLE",
    Type.DECIMAL: "DECIMAL(38, 18)",
    Type.STRING: "VARCHAR",
    Type.DATETIME: "BIGINT",
    Type.TIMESPAN: "BIGINT",
    Type.DYNAMIC: "VARCHAR",
    Type.GUID: "UUID",
    Type.BINARY: "BLOB",
}
ARROW_TYPES: dict[Type, pa.DataType] = {
    Type.BOOL: pa.bool_(),
    Type.INT: pa.int32(),
    Type.LONG: pa.int64(),
    Type.REAL: pa.float64(),
    Type.DECIMAL: pa.decimal128(38, 18),
    Type.STRING: pa.string(),
    Type.DATETIME: pa.int64(),
    Type.TIMESPAN: pa.int64(),
    Type.DYNAMIC: pa.string(),
    Type.GUID: pa.string(),
    Type.BINARY: pa.binary(),
}
"""What a result's column of each type is in Arrow: ticks, JSON text and a guid's text."""
_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1


_PLAN_TYPES = {
    "BOOLEAN": Type.BOOL, "TINYINT": Type.INT, "SMALLINT": Type.INT, "INTEGER": Type.INT,
    "UTINYINT": Type.INT, "USMALLINT": Type.INT, "UINTEGER": Type.LONG, "BIGINT": Type.LONG,
    "UBIGINT": Type.LONG, "HUGEINT": Type.LONG, "UHUGEINT": Type.LONG, "FLOAT": Type.REAL,
    "DOUBLE": Type.REAL, "VARCHAR": Type.STRING, "UUID": Type.GUID, "BLOB": Type.BINARY,
    "DATE": Type.DATETIME, "TIMESTAMP": Type.DATETIME, "TIMESTAMP_S": Type.DATETIME,
    "TIMESTAMP_MS": Type.DATETIME, "TIMESTAMP_NS": Type.DATETIME,
    "TIMESTAMP WITH TIME ZONE": Type.DATETIME, "TIME": Type.TIMESPAN, "INTERVAL": Type.TIMESPAN,
    '"NULL"': Type.STRING,
}  # fmt: skip


def plan_type(name: str) -> Type:
    """The plan's type for a column of a user's SQL; what has no scalar type becomes dynamic."""
    if name.startswith("DECIMAL") and "[" not in name:
        return Type.DECIMAL
    return Type.STRING if name.startswith("ENUM") else _PLAN_TYPES.get(name, Type.DYNAMIC)


def identifier(name: str) -> str:
    """A stored table's or column's name, quoted; raises ValueError for a name with a NUL."""
    if "\0" in name:
        raise ValueError("a name cannot hold the character NUL")
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """A string constant; NUL, which SQL text cannot hold, is written by its number."""
    parts = ["'" + part.replace("'", "''") + "'" for part in value.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"


def type_name(type: Type) -> str:
    """What DuckDB calls the type that it stores for a plan's type."""
    return TYPE_NAMES[type]


def literal(node: Literal) -> str:
    """A constant as SQL; raises Unsupported for a value that its type cannot hold."""
    value, name = node.value, TYPE_NAMES[node.type]
    if value is None:
        return f"CAST(NULL AS {name})"
    match node.type:
        case Type.BOOL:
            return "true" if value else "false"
        case Type.INT | Type.LONG | Type.DATETIME | Type.TIMESPAN if isinstance(value, int):
            return _whole(node, value, name)
        case Type.REAL if isinstance(value, (int, float, Decimal)):
            return _real(float(value))
        case Type.DECIMAL if isinstance(value, (int, float, Decimal)):
            return _decimal(node, Decimal(repr(value) if isinstance(value, float) else value))
        case Type.STRING | Type.DYNAMIC | Type.GUID | Type.BINARY if isinstance(value, str):
            return _text(node, value)
        case _:
            raise Unsupported("literal", node.span, f"{value!r} is no {node.type}")


def _whole(node: Literal, value: int, name: str) -> str:
    most = _INT_MAX if node.type is Type.INT else _LONG_MAX
    if not -most - 1 <= value <= most:
        raise Unsupported("literal", node.span, f"{value} does not fit into {node.type}")
    narrow = -_INT_MAX <= value <= _INT_MAX
    if value >= 0 and (node.type is Type.INT or not narrow):
        return str(value)
    return f"{value if value >= 0 else f'({value})'}::{name}"


def _real(value: float) -> str:
    if not math.isfinite(value):
        return f"CAST('{'nan' if math.isnan(value) else 'inf' if value > 0 else '-inf'}' AS DOUBLE)"
    text = repr(value)
    text = text if "e" in text else f"{text}e0"  # without exponent DuckDB reads a DECIMAL
    return f"({text})" if value < 0 or text.startswith("-") else text


def _decimal(node: Literal, value: Decimal) -> str:
    if not value.is_finite() or abs(value) >= 10**20:
        raise Unsupported("literal", node.span, f"{value} does not fit into DECIMAL(38, 18)")
    return f"CAST('{value:f}' AS {TYPE_NAMES[Type.DECIMAL]})"


def _text(node: Literal, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        reason = f"half a surrogate pair, {value[error.start]!r}, is no character"
        raise Unsupported("literal", node.span, reason) from error
    if node.type is Type.GUID:
        return f"CAST({text_literal(value)} AS UUID)"
    if node.type is Type.BINARY:
        return f"encode({text_literal(value)})"
    if node.type is Type.DYNAMIC:
        try:
            json.loads(value)
        except ValueError as error:
            raise Unsupported("literal", node.span, f"not a JSON text: {error}") from error
    return text_literal(value)
