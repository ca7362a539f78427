"""Functions that are more than a row: they look at their arguments' types, or at the query."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import make, plain, widen
from vedette.kql.binding.special import (
    addresses,
    arrays,
    column_names,
    dynamic,
    parsing,
    patterns,
    quantities,
    series,
    sketches,
    times,
    windows,
)
from vedette.kql.reading.syntax_tree import Call, Node
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.relations import Join, Limit, Project, Relation
from vedette.plan.types import NUMBERS, Type, common_type
from vedette.syntax.problem import Fix
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]


def _counted(binder: Binder, node: Call, least: int, most: int | None) -> None:
    count = len(node.arguments)
    if count < least or (most is not None and count > most):
        raise wrong_count(binder, node, least, most)


# --- choice ---------------------------------------------------------------------------------------


def _case(binder: Binder, node: Call, context: Context) -> Expression:
    nodes = node.arguments
    if len(nodes) < 3:
        raise wrong_count(binder, node, 3, None)
    if len(nodes) % 2 == 0:
        nodes = _without_doubled_default(binder, node)
    return _chosen(binder, node, nodes, context)


def _without_doubled_default(binder: Binder, node: Call) -> tuple[Node, ...]:
    """The arguments without the last, where a published query writes its default twice."""
    last, before = node.arguments[-1], node.arguments[-2]
    doubled = _words(binder, last) == _words(binder, before)
    if doubled and not binder.findings.strict:
        message = (
            "case() has an even number of arguments and ends in the same value twice;"
            " it is read as if the value stood there once, as the default"
        )
        binder.findings.repair("case-doubled-default", message, node.function.span)
        return node.arguments[:-1]
    fix = None
    if doubled:
        fix = Fix(Span(before.span.end, last.span.end), "", "write the default once")
    raise binder.fail(
        "KS121",
        "type",
        "The function call has an incorrect number of arguments",
        node.function.span,
        reason="case() takes pairs of a condition and a value, then a default: an odd number",
        hint="the default stands twice" if doubled else "add a default, or drop an argument",
        fix=fix,
    )


def _words(binder: Binder, node: Node) -> str:
    return " ".join(binder.source.at(node.span).split())


def _iff(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 3, 3)
    return _chosen(binder, node, node.arguments, context)


def _chosen(binder: Binder, node: Call, nodes: tuple[Node, ...], context: Context) -> Expression:
    conditions = set(range(0, len(nodes) - 1, 2))

    def part(index: int) -> Expression:
        if index in conditions:
            return binder.condition(nodes[index], context)
        return plain(binder.value(nodes[index], context))

    parts = binder.each(range(len(nodes)), part)
    values = [p for i, p in enumerate(parts) if i not in conditions]
    shared: Type | None = values[0].type
    for value in values[1:]:
        shared = common_type(shared, value.type) if shared is not None else None
    if shared is None:
        return _chosen_of_types(node, parts, conditions)
    if shared in NUMBERS:
        parts = [p if i in conditions else widen(p, shared) for i, p in enumerate(parts)]
    return apply("case", *parts, span=node.span)


def _chosen_of_types(node: Call, parts: list[Expression], conditions: set[int]) -> Expression:
    """A choice of values of several types: the typed ones give the type, if they share one.

    A dynamic value is then read as that type; otherwise the result is dynamic.
    """
    typed = [p.type for i, p in enumerate(parts) if i not in conditions]
    typed = [t for t in typed if t is not Type.DYNAMIC]
    shared: Type | None = typed[0]
    for type in typed[1:]:
        shared = common_type(shared, type) if shared is not None else None

    def read(value: Expression) -> Expression:
        if shared is None:
            return apply("to_dynamic", value) if value.type is not Type.DYNAMIC else value
        if value.type is Type.DYNAMIC:
            operation = "text_of" if shared is Type.STRING else f"to_{shared}"
            operation = "whole_of" if shared is Type.LONG else operation
            return apply(operation, value, span=value.span)
        return widen(value, shared) if shared in NUMBERS else value

    chosen = [p if i in conditions else read(p) for i, p in enumerate(parts)]
    return apply("case", *chosen, span=node.span)


def _coalesce(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 64)
    values = arguments(binder, node.arguments, context)
    shared: Type | None = values[0].type
    for value in values[1:]:
        shared = common_type(shared, value.type) if shared is not None else None
    if shared is None:
        message = "No common type can be determined from the arguments"
        raise binder.fail("KS232", "type", message, node.function.span)
    if shared is Type.STRING:
        filled = [apply("null_if_equal", v, text("", v.span), span=v.span) for v in values]
        return apply("or_empty", apply("first_not_null", *filled, span=node.span), span=node.span)
    if shared in NUMBERS:
        values = [widen(v, shared) for v in values]
    return apply("first_not_null", *values, span=node.span)


# --- what is absent -------------------------------------------------------------------------------


def _absent(empty: bool, negated: bool) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        _counted(binder, node, 1, 1)
        value = plain(arguments(binder, node.arguments, context)[0])
        if value.type is Type.STRING:
            is_absent = (
                apply("text_is_empty", value, span=node.span)
                if empty
                else Literal(False, Type.BOOL, node.span)
            )
        elif value.type is Type.DYNAMIC and empty:
            as_text = apply("text_of", value, span=value.span)
            is_absent = apply("text_is_empty", as_text, span=node.span)
        else:
            is_absent = apply("is_null", value, span=node.span)
        if not negated:
            return is_absent
        if isinstance(is_absent, Literal):
            return Literal(True, Type.BOOL, node.span)
        return apply("not", is_absent, span=node.span)

    return rule


# --- time -----------------------------------------------------------------------------------------


def _now(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 0, 1)
    now = Literal(binder.clock.now, Type.DATETIME, node.span)
    if not node.arguments:
        return now
    return _moved(binder, node, context, "time_add", now)


def _ago(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, 1)
    now = Literal(binder.clock.now, Type.DATETIME, node.span)
    return _moved(binder, node, context, "time_subtract", now)


def _moved(
    binder: Binder, node: Call, context: Context, operation: str, now: Literal
) -> Expression:
    span = arguments(binder, node.arguments, context)[0]
    if span.type is not Type.TIMESPAN:
        message = f"A value of type timespan expected, not {span.type}"
        hint = "write a unit of time behind the number, such as 1d or 30m"
        raise binder.fail("KS107", "type", message, node.arguments[0].span, hint=hint)
    value = make(operation, now, span, span=node.span)
    return binder.clock.followed(value, now, moves=True)


_BINS = {
    (Type.DATETIME, Type.TIMESPAN): "bin_time",
    (Type.TIMESPAN, Type.TIMESPAN): "bin_span",
}


def _bin(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 2)
    value, size = arguments(binder, node.arguments, context)
    operation = _BINS.get((value.type, size.type))
    if operation is not None:
        binned = make(operation, value, size, span=node.span)
        return binder.clock.followed(binned, value)
    if value.type in NUMBERS and size.type in NUMBERS:
        shared = common_type(value.type, size.type) or Type.REAL
        shared = Type.LONG if shared is Type.INT else shared
        return make("bin_number", widen(value, shared), widen(size, shared), span=node.span)
    if Type.DYNAMIC in (value.type, size.type):
        raise binder.later(f"{node.function.text}() of a dynamic value", node.function.span)
    name = node.function.text
    message = f"The function '{name}' is not compatible with arguments ({value.type}, {size.type})"
    hint = "bin a datetime by a timespan, such as 1h" if value.type is Type.DATETIME else ""
    raise binder.fail("KS127", "type", message, node.function.span, hint=hint)


# --- text -----------------------------------------------------------------------------------------


def _strcat(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, 64)
    parts = [_text(v) for v in arguments(binder, node.arguments, context)]
    return parts[0] if len(parts) == 1 else make("text_concat", *parts, span=node.span)


def _text(value: Expression) -> Expression:
    if value.type is Type.STRING:
        return plain(value)
    return apply("text_of", value, span=value.span)


def _strcat_delim(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 64)
    delimiter, first, *others = [_text(v) for v in arguments(binder, node.arguments, context)]
    parts = [first]
    for other in others:
        parts += [delimiter, other]
    return parts[0] if len(parts) == 1 else make("text_concat", *parts, span=node.span)


def _substring(binder: Binder, node: Call, context: Context) -> Expression:
    """A slice; a negative start counts from the text's end, a negative length gives nothing."""
    _counted(binder, node, 2, 3)
    text, *numbers = arguments(binder, node.arguments, context)
    whole = _text(text)
    misfit = next((i for i, n in enumerate(numbers) if n.type not in (Type.INT, Type.LONG)), None)
    if misfit is not None:
        message = "The expression must have the type long"
        raise binder.fail("KS141", "type", message, node.arguments[misfit + 1].span)
    start = widen(numbers[0], Type.LONG)
    zero = Literal(0, Type.LONG, node.span)
    if not isinstance(start, Literal) or (isinstance(start.value, int) and start.value < 0):
        back = apply("add", apply("text_length", whole), start, span=start.span)
        ends = (apply("less", start, zero), apply("less", back, zero))
        start = apply("case", apply("and", *ends), zero, ends[0], back, start, span=start.span)
    length: Expression = Literal(2**31, Type.LONG, node.span)
    if len(numbers) == 2:
        given = widen(numbers[1], Type.LONG)
        length = apply("case", apply("less", given, zero), zero, given, span=given.span)
    return plain(apply("text_slice", whole, start, length, span=node.span))


def _tostring(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, 1)
    return _text(arguments(binder, node.arguments, context)[0])


# --- numbers --------------------------------------------------------------------------------------


def _whole(operation: str) -> Rule:
    """A conversion to a whole number: white space around a text's digits is left out."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        _counted(binder, node, 1, 1)
        value = plain(arguments(binder, node.arguments, context)[0])
        if value.type is Type.STRING:
            value = apply("text_trim", value, span=value.span)
        return apply(operation, value, span=node.span)

    return rule


def _absolute(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, 1)
    value = arguments(binder, node.arguments, context)[0]
    if value.type not in NUMBERS and value.type is not Type.TIMESPAN:
        message = f"The expression must be a number or a timespan, not a {value.type}"
        raise binder.fail("KS127", "type", message, node.arguments[0].span)
    value = widen(value, Type.LONG) if value.type is Type.INT else value
    return apply("absolute", value, span=node.span)


# --- names and tables -----------------------------------------------------------------------------


def _column_if_exists(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 2)
    name = binder.fixed(node.arguments[0], context.scope)
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        message = "The expression must be a constant string"
        raise binder.fail("KS129", "type", message, node.arguments[0].span)
    default = plain(binder.value(node.arguments[1], context))
    field = context.rows.columns.get(name.value) if context.rows is not None else None
    return default if field is None else Column(field, node.span)


def _toscalar(binder: Binder, node: Call, context: Context) -> Expression:
    from vedette.kql.binding import sources
    from vedette.kql.binding.scope import Rows

    _counted(binder, node, 1, 1)
    # A value instead of a table may ask a table itself: it stands where toscalar() does.
    inside = replace(context, rows=None, aggregates=False, choices=None)
    given = sources.bind(binder, node.arguments[0], inside)
    if not isinstance(given, Rows):
        return given
    if given.open or not given.relation.fields:
        raise binder.later("toscalar() of unknown columns", node.span)
    first = given.relation.fields[0]
    single = Limit(Project(given.relation, ((first, Column(first, node.span)),)), 1)
    if first.type is Type.DYNAMIC and (known := _known_list(binder, single)) is not None:
        return Literal(known, Type.DYNAMIC, node.span)

    def beside(relation: Relation) -> Relation:
        return Join("left_outer", relation, single, Literal(True, Type.BOOL, node.span))

    context.add(beside)
    value = Column(first, node.span)
    return apply("or_empty", value, span=node.span) if first.type is Type.STRING else value


def _known_list(binder: Binder, single: Relation) -> str | None:
    """The list of texts that a table written down in the query, or a watchlist, is made into."""
    rows = binder.known(single)
    found = rows[0][0] if rows else None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        return None
    return json.dumps(found, ensure_ascii=False)


RULES: dict[str, Rule] = {
    **times.RULES,
    **series.RULES,
    **sketches.DIGESTS,
    **arrays.RULES,
    **dynamic.RULES,
    **windows.RULES,
    **column_names.RULES,
    **patterns.RULES,
    **parsing.RULES,
    **quantities.RULES,
    **addresses.RULES,
    "case": _case,
    "iff": _iff,
    "iif": _iff,
    "coalesce": _coalesce,
    "isempty": _absent(empty=True, negated=False),
    "isnotempty": _absent(empty=True, negated=True),
    "notempty": _absent(empty=True, negated=True),
    "isnull": _absent(empty=False, negated=False),
    "isnotnull": _absent(empty=False, negated=True),
    "notnull": _absent(empty=False, negated=True),
    "now": _now,
    "ago": _ago,
    "bin": _bin,
    "floor": _bin,
    "strcat": _strcat,
    "strcat_delim": _strcat_delim,
    "substring": _substring,
    "tostring": _tostring,
    "toint": _whole("to_int"),
    "tolong": _whole("to_long"),
    "abs": _absolute,
    "column_ifexists": _column_if_exists,
    "columnifexists": _column_if_exists,
    "toscalar": _toscalar,
}
