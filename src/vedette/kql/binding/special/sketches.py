"""Percentiles: aggregates whose columns are named after their percentiles.

Takes a call, gives a part a percentile. Percentiles are of the nearest rank and exact, where
Kusto's own estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import widen
from vedette.kql.binding.names import inferred
from vedette.kql.reading.syntax_tree import Call, Constant, Name, Node, TypeOf
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type, type_named
from vedette.plan.value_text import read_json

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]
Parts = list[tuple[str, Expression]]

_RANKED = (Type.INT, Type.LONG, Type.REAL, Type.DECIMAL, Type.DATETIME, Type.TIMESPAN)
_NUMBERS = (Type.INT, Type.LONG, Type.REAL, Type.DECIMAL)


def _value(binder: Binder, node: Call, context: Context) -> Expression:
    value = arguments(binder, node.arguments[:1], context.inside_aggregate())[0]
    if value.type not in _RANKED:
        raise binder.later(f"{node.function.text}() of a {value.type}", node.arguments[0].span)
    return widen(value, Type.LONG) if value.type is Type.INT else value


def _weight(binder: Binder, node: Call, context: Context) -> Expression:
    place = node.arguments[1]
    weight = arguments(binder, [place], context.inside_aggregate())[0]
    if weight.type not in (Type.INT, Type.LONG):
        message = f"The expression must have the type int or long, not {weight.type}"
        raise binder.fail("KS134", "type", message, place.span)
    return widen(weight, Type.LONG)


def _rank(binder: Binder, place: Node, context: Context) -> Literal:
    """A percentile, which must be a constant from 0 to 100."""
    value = arguments(binder, [place], context.inside_aggregate())[0]
    if not isinstance(value, Literal):
        raise binder.later("a percentile that is not a constant", place.span)
    if value.type not in _NUMBERS or value.value is None:
        message = f"The percentile must be a number, not {value.type}"
        raise binder.fail("KS134", "type", message, place.span)
    return _within(binder, float(value.value), place)


def _within(binder: Binder, value: float, place: Node) -> Literal:
    if not 0 <= value <= 100:
        message = "A percentile must be a number from 0 to 100"
        raise binder.fail("KS134", "type", message, place.span)
    return Literal(value, Type.REAL, place.span)


def _named(place: Node, rank: Literal) -> str:
    """A percentile as column names have it: 99.5 is 99_5; empty for what is worked out."""
    if not isinstance(place, Constant | Name):
        return ""
    return f"{rank.value:.10g}".replace(".", "_")


def _several(weighted: bool, most: int | None) -> Callable[[Binder, Call, Context], Parts]:
    before = 2 if weighted else 1

    def parts(binder: Binder, node: Call, context: Context) -> Parts:
        count = len(node.arguments)
        if count <= before or (most is not None and count > before + most):
            upper = before + most if most is not None else None
            raise wrong_count(binder, node, before + 1, upper)
        given = [_value(binder, node, context)]
        if weighted:
            given.append(_weight(binder, node, context))
        operation = "weighted_percentile_of" if weighted else "percentile_of"
        of = inferred(node.arguments[0]) or ""
        found: Parts = []
        for place in node.arguments[before:]:
            rank = _rank(binder, place, context)
            value = apply(operation, *given, rank, span=node.span)
            found.append((f"percentile_{of}_{_named(place, rank)}", value))
        return found

    return parts


def _ranks(binder: Binder, node: Call, before: int, context: Context) -> list[Literal]:
    """Percentiles one by one, or all in a constant array."""
    places = node.arguments[before:]
    if len(places) == 1:
        value = arguments(binder, places, context.inside_aggregate())[0]
        if isinstance(value, Literal) and value.type is Type.DYNAMIC and value.value is not None:
            read = read_json(str(value.value))
            if not isinstance(read, list) or not all(isinstance(v, int | float) for v in read):
                message = "The percentiles must be an array of numbers"
                raise binder.fail("KS234", "type", message, places[0].span)
            return [_within(binder, float(v), places[0]) for v in read]
    return [_rank(binder, place, context) for place in places]


def _array(weighted: bool) -> Callable[[Binder, Call, Context], Parts]:
    before = 2 if weighted else 1

    def parts(binder: Binder, node: Call, context: Context) -> Parts:
        if len(node.arguments) <= before:
            raise wrong_count(binder, node, before + 1, None)
        given = [_value(binder, node, context)]
        if weighted:
            given.append(_weight(binder, node, context))
        operation = "weighted_percentile_of" if weighted else "percentile_of"
        ranks = _ranks(binder, node, before, context)
        values = [apply(operation, *given, rank, span=node.span) for rank in ranks]
        of = inferred(node.arguments[0]) or ""
        return [(f"percentiles_{of}", apply("array_of", *values, span=node.span))]

    return parts


def _first(several: Callable[[Binder, Call, Context], Parts]) -> Rule:
    """The value inside an expression, where only one may stand."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        parts = several(binder, node, context)
        if len(parts) > 1:
            construct = f"{node.function.text}(), which gives several columns, in an expression"
            raise binder.later(construct, node.function.span)
        return parts[0][1]

    return rule


# --- digests --------------------------------------------------------------------------------------


def _digest(binder: Binder, node: Call, context: Context) -> Expression:
    place = node.arguments[0]
    digest = arguments(binder, [place], context)[0]
    if digest.type is not Type.DYNAMIC:
        message = "The expression value must be a dynamic array"
        raise binder.fail("KS234", "type", message, place.span)
    return digest


def _of_digest(binder: Binder, node: Call, context: Context) -> Expression:
    """The value at a percentile, of a type where one is asked for."""
    if not 2 <= len(node.arguments) <= 3:
        raise wrong_count(binder, node, 2, 3)
    digest = _digest(binder, node, context)
    rank = arguments(binder, node.arguments[1:2], context)[0]
    if rank.type not in _NUMBERS:
        message = f"The expression must have the type real, not {rank.type}"
        raise binder.fail("KS141", "type", message, node.arguments[1].span)
    found = apply("rank_digest_percentile", digest, widen(rank, Type.REAL), span=node.span)
    if len(node.arguments) == 2:
        return found
    asked = node.arguments[2]
    if not isinstance(asked, TypeOf):
        raise binder.fail("KS134", "type", "The expression value must be a type", asked.span)
    type = type_named(asked.types[0]) if len(asked.types) == 1 else None
    if type not in _RANKED:
        raise binder.later(f"percentile_tdigest() as {' '.join(asked.types)}", asked.span)
    return apply(f"to_{type}", found, span=node.span)


def _array_of_digest(binder: Binder, node: Call, context: Context) -> Expression:
    if len(node.arguments) < 2:
        raise wrong_count(binder, node, 2, None)
    digest = _digest(binder, node, context)
    ranks = _ranks(binder, node, 1, context)
    values = [apply("rank_digest_percentile", digest, rank, span=node.span) for rank in ranks]
    return apply("array_of", *values, span=node.span)


DIGESTS: dict[str, Rule] = {
    "percentile_tdigest": _of_digest,
    "percentiles_array_tdigest": _array_of_digest,
}
SEVERAL: dict[str, Callable[[Binder, Call, Context], Parts]] = {
    "percentile": _several(weighted=False, most=1),
    "percentiles": _several(weighted=False, most=None),
    "percentilew": _several(weighted=True, most=1),
    "percentilesw": _several(weighted=True, most=None),
    "percentiles_array": _array(weighted=False),
    "percentilesw_array": _array(weighted=True),
}
RULES: dict[str, Rule] = {name: _first(several) for name, several in SEVERAL.items()}
