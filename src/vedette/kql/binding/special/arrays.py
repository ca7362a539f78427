"""Functions over arrays and bags that are more than a row: takes a call, gives its value.

Some pack columns by name, some take values of many types, and sorting several arrays gives several
values: ``SEVERAL`` gives each with the name that its column has where the query gives none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.names import inferred
from vedette.kql.reading.syntax_tree import Call, Name, Named, Star
from vedette.plan.build import apply, boolean, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.types import NUMBERS, TICKS_PER_SECOND, Type, common_type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]
Parts = list[tuple[str, Expression]]

_WHOLE = (Type.INT, Type.LONG)
_MOST = 32_767


def _counted(binder: Binder, node: Call, least: int, most: int) -> None:
    if not least <= len(node.arguments) <= most:
        raise wrong_count(binder, node, least, most)


def _bound(binder: Binder, node: Call, context: Context, least: int, most: int) -> list[Expression]:
    _counted(binder, node, least, most)
    return arguments(binder, node.arguments, context)


def _as_text(value: Expression) -> Expression:
    return plain(value) if value.type is Type.STRING else apply("text_of", value, span=value.span)


def _columns(binder: Binder, context: Context, span: Span) -> tuple[Field, ...]:
    """The columns of the rows that a call stands over."""
    if context.rows is None or context.rows.open:
        raise binder.later("all columns where they are not known", span)
    return context.rows.relation.fields


# --- sorting --------------------------------------------------------------------------------------


def _sorted(descending: bool) -> Callable[[Binder, Call, Context], Parts]:
    """Each array in the order that sorts the first; a bool behind them says where nulls stand."""

    def parts(binder: Binder, node: Call, context: Context) -> Parts:
        values = _bound(binder, node, context, 1, 65)
        nulls_last: Expression = boolean(True, node.span)
        if len(values) > 1 and values[-1].type is Type.BOOL:
            nulls_last = values.pop()
        for value, argument in zip(values, node.arguments, strict=False):
            if value.type is not Type.DYNAMIC:
                message = "The expression value must be a dynamic array"
                raise binder.fail("KS234", "type", message, argument.span)
        order = (boolean(descending, node.span), nulls_last)
        found: Parts = []
        for index, value in enumerate(values):
            name = f"{inferred(node.arguments[index]) or f'array{index}'}_sorted"
            part = apply("array_sorted_by", value, values[0], *order, span=node.span)
            found.append((name, part))
        return found

    return parts


def _whole(several: Callable[[Binder, Call, Context], Parts]) -> Rule:
    """The value of a function of several where one is wanted: an array of them, if not just one."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        parts = [value for _, value in several(binder, node, context)]
        return parts[0] if len(parts) == 1 else apply("array_of", *parts, span=node.span)

    return rule


# --- packing --------------------------------------------------------------------------------------


def _pack_array(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, _MOST)
    if len(node.arguments) == 1 and isinstance(node.arguments[0], Star):
        fields = _columns(binder, context, node.arguments[0].span)
        return apply("array_of", *(Column(f, node.span) for f in fields), span=node.span)
    values = arguments(binder, node.arguments, context)
    return apply("array_of", *map(plain, values), span=node.span)


def _pack(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 2 * _MOST)
    if len(node.arguments) % 2:
        message = "The function call has an incorrect number of arguments"
        reason = f"{node.function.text}() takes pairs of a key and a value"
        raise binder.fail("KS121", "type", message, node.function.span, reason=reason)
    values = [plain(v) for v in arguments(binder, node.arguments, context)]
    for index in range(0, len(values), 2):
        key = values[index]
        if key.type is Type.DYNAMIC:
            values[index] = apply("text_of", key, span=key.span)
        elif key.type is not Type.STRING:
            message = f"A value of type string expected, not {key.type}"
            raise binder.fail("KS107", "type", message, node.arguments[index].span)
    _told_apart(binder, values)
    return apply("bag_of", *values, span=node.span)


def _told_apart(binder: Binder, values: list[Expression]) -> None:
    """Refuse a key that stands twice: which of its values counts was not measured."""
    known: set[object] = set()
    for index in range(0, len(values), 2):
        key = values[index]
        if isinstance(key, Literal):
            if key.value in known:
                raise binder.later(f"the key '{key.value}' twice", key.span)
            known.add(key.value)


def _pack_columns(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, _MOST)
    pairs: list[Expression] = []
    for argument in node.arguments:
        bare = argument.value if isinstance(argument, Named) else argument
        if not isinstance(bare, Name):
            raise binder.fail("KS109", "type", "Column name expected", argument.span)
        pairs += [text(bare.text, bare.span), plain(binder.value(bare, context))]
    _told_apart(binder, pairs)
    return apply("bag_of", *pairs, span=node.span)


def _pack_all(binder: Binder, node: Call, context: Context) -> Expression:
    values = _bound(binder, node, context, 0, 1)
    filled = False
    if values:
        if not isinstance(values[0], Literal):
            message = "The expression must be a literal"
            raise binder.fail("KS131", "type", message, node.arguments[0].span)
        filled = bool(values[0].value)
    fields = _columns(binder, context, node.span)
    if not fields:
        return Literal("{}", Type.DYNAMIC, node.span)
    pairs = [e for f in fields for e in (text(f.name, node.span), Column(f, node.span))]
    return apply("bag_of_filled" if filled else "bag_of", *pairs, span=node.span)


# --- parts of a text, ranges ----------------------------------------------------------------------


def _split(binder: Binder, node: Call, context: Context) -> Expression:
    values = _bound(binder, node, context, 2, 3)
    if values[1].type not in (Type.STRING, Type.DYNAMIC):
        message = f"A value of type string expected, not {values[1].type}"
        raise binder.fail("KS107", "type", message, node.arguments[1].span)
    parts = [_as_text(values[0]), _as_text(values[1])]
    if isinstance(parts[1], Literal) and not parts[1].value:
        raise binder.later("split() by an empty delimiter", node.arguments[1].span)
    if len(values) == 2:
        return apply("text_split", *parts, span=node.span)
    index, span = values[2], node.arguments[2].span
    if index.type is Type.DYNAMIC:
        index = apply("to_long", index, span=span)
    if index.type not in _WHOLE:
        raise binder.fail("KS134", "type", "The expression value must be an integer", span)
    index = widen(index, Type.LONG)
    if isinstance(index, Literal) and isinstance(index.value, int) and index.value < 0:
        hint = "an index behind the call counts from the end: split(text, delimiter)[-1]"
        raise binder.later("split() with a negative index", span, hint)
    return apply("text_split_part", *parts, index, span=node.span)


_RANGES = {Type.DATETIME: "range_of_times", Type.TIMESPAN: "range_of_spans"}


def _range(binder: Binder, node: Call, context: Context) -> Expression:
    values = _bound(binder, node, context, 2, 3)
    kinds = [v.type for v in values]
    for kind, argument in zip(kinds, node.arguments, strict=True):
        if kind not in NUMBERS | {Type.DATETIME, Type.TIMESPAN, Type.DYNAMIC}:
            message = f"The argument value must be summable, not {kind}"
            raise binder.fail("KS138", "type", message, argument.span)
    operation = _RANGES.get(kinds[0])
    if operation is not None:
        if len(values) == 2:
            values.append(Literal(3600 * TICKS_PER_SECOND, Type.TIMESPAN, node.span))
        fits = values[1].type is kinds[0] and values[2].type is Type.TIMESPAN
    else:
        if len(values) == 2:
            values.append(Literal(1, Type.LONG, node.span))
        shared = _shared([v.type for v in values])
        fits = shared is not None
        operation = "range_of_reals" if shared is Type.REAL else "range_of_longs"
        values = [widen(v, shared) for v in values] if shared is not None else values
    if not fits:
        raise binder.later(f"range() of ({', '.join(v.type for v in values)})", node.function.span)
    return apply(operation, *values, span=node.span)


def _shared(kinds: list[Type]) -> Type | None:
    """long or real, whichever holds numbers of these types; None where neither does."""
    shared: Type | None = Type.LONG
    for kind in kinds:
        shared = common_type(shared, kind) if shared is not None else None
    return shared if shared in (Type.LONG, Type.REAL) else None


SEVERAL: dict[str, Callable[[Binder, Call, Context], Parts]] = {
    "array_sort_asc": _sorted(descending=False),
    "array_sort_desc": _sorted(descending=True),
}

RULES: dict[str, Rule] = {
    **{name: _whole(several) for name, several in SEVERAL.items()},
    "pack_array": _pack_array,
    "bag_pack": _pack,
    "pack": _pack,
    "pack_dictionary": _pack,
    "bag_pack_columns": _pack_columns,
    "pack_all": _pack_all,
    "split": _split,
    "range": _range,
}
