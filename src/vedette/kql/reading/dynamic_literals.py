"""``dynamic(…)``: takes tokens, gives the JSON text that plans hold for a dynamic value."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from vedette.kql.reading import literals, words
from vedette.kql.reading.syntax_tree import Constant
from vedette.plan.types import MARK, TICKS_PER_SECOND, Type
from vedette.plan.value_text import datetime_text, timespan_text
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.reading.expressions import ExpressionReader


def read(reader: ExpressionReader, token: Token) -> Constant:
    """The constant behind ``dynamic``, whose opening parenthesis stands here."""
    reader.expect("(")
    if reader.cursor.at("null") and reader.cursor.peek(1).text == ")":
        reader.cursor.next()
        value = None
    else:
        value = reader.deeper(lambda: _json(reader))
    reader.expect(")")
    return Constant(value, Type.DYNAMIC, reader.since(token.span.start))


def _json(reader: ExpressionReader) -> str:
    token = reader.cursor.peek()
    if reader.cursor.accept("["):
        items: list[str] = []
        if not reader.cursor.at("]"):
            items = reader.deeper(lambda: reader.listed(lambda: _json(reader)))
        reader.expect("]")
        return f"[{','.join(items)}]"
    if reader.cursor.accept("{"):
        pairs: list[str] = []
        if not reader.cursor.at("}"):
            pairs = reader.deeper(lambda: reader.listed(lambda: _pair(reader)))
        reader.expect("}")
        return f"{{{','.join(pairs)}}}"
    if token.kind == "string":
        text = reader.adjacent_strings()
        return json.dumps(text, ensure_ascii=False)
    if reader.cursor.accept("null"):
        return "null"
    if reader.cursor.at("dynamic"):
        reader.cursor.next()
        inner = read(reader, token).value
        return "null" if inner is None else str(inner)
    if token.kind == "name" and token.text in words.TRUTH:
        reader.cursor.next()
        return json.dumps(words.TRUTH[token.text])
    sign = "-" if reader.cursor.accept("-") else ""
    number = reader.cursor.peek()
    if number.kind in ("long", "real"):
        reader.cursor.next()
        return _number(reader, sign, number)
    if number.kind in ("literal", "timespan") and not sign:
        reader.cursor.next()
        return _typed(reader, number)
    raise reader.missing("a JSON value")


def _pair(reader: ExpressionReader) -> str:
    token = reader.cursor.peek()
    if token.kind != "string":
        raise reader.missing("a property's name in quotes", "KS005")
    reader.cursor.next()
    key = json.dumps(reader.string(token), ensure_ascii=False)
    reader.expect(":")
    return f"{key}:{reader.deeper(lambda: _json(reader))}"


def _number(reader: ExpressionReader, sign: str, token: Token) -> str:
    if token.kind == "long":
        return str(reader.literal(token, lambda: literals.long_value(sign + token.text)))
    value = reader.literal(token, lambda: literals.real_value(sign + token.text))
    return repr(value)


def _typed(reader: ExpressionReader, token: Token) -> str:
    """A typed literal inside a dynamic one; datetimes and timespans are marked strings."""
    if token.kind == "timespan":
        ticks = reader.literal(token, lambda: literals.timespan_value(token.text))
        return json.dumps(MARK + timespan_text(ticks), ensure_ascii=False)
    value, type = reader.literal(token, lambda: literals.typed_literal(token.text))
    if value is None:
        return "null"
    if type in (Type.BOOL, Type.INT, Type.LONG):
        return json.dumps(value)
    if type is Type.REAL and isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if type is Type.DATETIME and isinstance(value, int):
        written = f"{datetime_text(value)[:19]}.{value % TICKS_PER_SECOND:07d}Z"
        return json.dumps(MARK + written, ensure_ascii=False)
    if type is Type.TIMESPAN and isinstance(value, int):
        return json.dumps(MARK + timespan_text(value), ensure_ascii=False)
    if type is Type.GUID:
        return json.dumps(str(value))
    message = f"{token.text} inside a dynamic literal is not supported yet"
    raise reader.unreadable(token, message, "VD001", "unsupported")
