"""Custom properties that a workspace defines: takes a name, gives its value of an event."""

from __future__ import annotations

from vedette.aql.binding.context import Context
from vedette.aql.custom_properties import CustomProperty
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type
from vedette.syntax.source import Span

_JSON_TEXT = r"(?s)[{\[].*"
"""A JSON record behind a syslog header, if any."""


def defined(context: Context, name: str, stock: str | None, span: Span) -> Expression | None:
    """The value of a property that the workspace defines; None where it defines none.

    Where it finds nothing, the value of the field *stock* counts, if there is one of text.
    """
    custom = context.mappings.custom
    if not custom or "payload" not in context.table.columns:
        return None
    rows = [row for row in custom if row.name.lower() == name.lower()]
    if not rows:
        return None
    payload = apply("text_decode_utf8", context.column("payload", span), span=span)
    values = [_limited(context, row, _value(row, payload, span), span) for row in rows]
    if stock is not None and context.table.columns[stock] is Type.STRING:
        deciding, context.deciding = context.deciding, False  # it may be null: here that is meant
        values.append(context.column(stock, span))
        context.deciding = deciding
    value = values[0] if len(values) == 1 else apply("first_not_null", *values, span=span)
    context.properties.append(value)
    return value


def _value(row: CustomProperty, payload: Expression, span: Span) -> Expression:
    """What one expression gives; null where it finds nothing."""
    if row.form == "json":
        whole = Literal(0, Type.LONG, span)
        json = apply("text_extract", payload, text(_JSON_TEXT, span), whole, span=span)
        keys = [_key(step, span) for step in row.steps]
        found = apply("value_at", apply("read_json", json, span=span), *keys, span=span)
        shown = apply("text_of", found, span=span)
        missing = apply("is_null", found, span=span)
        return apply("case", missing, null(Type.STRING, span), shown, span=span)
    if row.form == "regex":
        group = Literal(row.group, Type.LONG, span)
        shown = apply("text_extract", payload, text(row.text, span), group, span=span)
        missing = apply("text_is_empty", shown, span=span)
        return apply("case", missing, null(Type.STRING, span), shown, span=span)
    return apply(f"{row.form}_value", payload, text(row.text, span), span=span)


def _key(step: str | int, span: Span) -> Literal:
    return text(step, span) if isinstance(step, str) else Literal(step, Type.LONG, span)


def _limited(context: Context, row: CustomProperty, value: Expression, span: Span) -> Expression:
    """The value of events of the row's log source types, null of any other."""
    if not row.log_source_types:
        return value
    mapped = context.mappings.log_source_types
    providers = [p for t in row.log_source_types for p in mapped.get(t, ())]
    stock = [t for t in row.log_source_types if t not in mapped]
    conditions: list[Expression] = []
    for column, names in (("$log_source_type", stock), ("$provider", providers)):
        if names:
            listed = (text(name, span) for name in names)
            conditions.append(apply("is_in", context.column(column, span), *listed, span=span))
    held = conditions[0] if len(conditions) == 1 else apply("or", *conditions, span=span)
    return apply("case", held, value, null(Type.STRING, span), span=span)
