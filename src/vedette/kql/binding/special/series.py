"""Functions of series that are more than a row: several columns, and words that must be constants.

Takes a call, gives its value or a part a column. A function of several columns is worked out once,
as a bag that each column reads its property from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import apply_row, arguments
from vedette.kql.binding.context import Context
from vedette.kql.binding.names import inferred
from vedette.kql.functions.series import BAGS, OUTLIERS
from vedette.kql.functions.series import SEVERAL as COLUMNS
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.build import apply, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.library import Library
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]
Parts = list[tuple[str, Expression]]

_LIBRARY = Library(BAGS)
_WORDS = {
    "trend": ("avg", "linefit", "none"),
    "method": ("ctukey", "tukey"),
    "kind": ("ctukey", "tukey"),
}
_SIDES = ("right_", "left_")


def _checked(binder: Binder, node: Call, context: Context, parameters: list[str]) -> None:
    """Refuse a word that the function does not know, or that is no constant."""
    for name, argument in zip(parameters, node.arguments, strict=False):
        if name not in _WORDS:
            continue
        value = arguments(binder, [argument], context)[0]
        if not isinstance(value, Literal):
            raise binder.later(f"a {name} that is not a constant", argument.span)
        if value.value not in _WORDS[name]:
            known = ", ".join(f"'{word}'" for word in _WORDS[name])
            message = f"The {name} must be one of {known}"
            raise binder.fail("KS134", "type", message, argument.span)


def _bag(binder: Binder, node: Call, context: Context) -> Expression:
    row = _LIBRARY.get(node.function.text)
    if row is None:
        raise binder.later(f"the function {node.function.text}()", node.function.span)
    _checked(binder, node, context, [p.name for p in row.signature.parameters])
    return apply_row(binder, row, node, context)


def _typed(value: Expression, type: Type) -> Expression:
    return value if type is Type.DYNAMIC else apply(f"to_{type}", value, span=value.span)


def _columns(binder: Binder, node: Call, context: Context) -> Parts:
    """Each column that the function gives, by the name it has where the query gives none."""
    bag = _bag(binder, node, context)
    name = node.function.text
    of = inferred(node.arguments[0], context.aggregates) or ""
    found: Parts = []
    for part, type in COLUMNS[name].items():
        side = next((s for s in _SIDES if part.startswith(s)), "")
        keys = (side.rstrip("_"), part.removeprefix(side)) if side else (part,)
        value = apply("value_at", bag, *(text(k, node.span) for k in keys), span=node.span)
        found.append((f"{name}_{of}_{part}", _typed(value, type)))
    return found


def _alone(binder: Binder, node: Call, context: Context) -> Expression:
    name = node.function.text
    construct = f"{name}(), which gives several columns, inside an expression"
    reason = "give its columns names first: extend (a, b) = …"
    raise binder.later(construct, node.function.span, reason=reason)


def _refused(binder: Binder, node: Call, context: Context) -> Expression:
    name = node.function.text
    reason = "Kusto does not document how it scores periods"
    raise binder.later(f"the function {name}()", node.function.span, reason=reason)


def _outliers(binder: Binder, node: Call, context: Context) -> Expression:
    if len(node.arguments) > 3:
        construct = "series_outliers() with percentiles of its own"
        raise binder.later(construct, node.arguments[3].span)
    _checked(binder, node, context, ["series", "kind"])
    return apply_row(binder, OUTLIERS, node, context)


SEVERAL: dict[str, Callable[[Binder, Call, Context], Parts]] = dict.fromkeys(COLUMNS, _columns)
RULES: dict[str, Rule] = {
    **dict.fromkeys(COLUMNS, _alone),
    "series_outliers": _outliers,
    "series_periods_detect": _refused,
    "series_periods_validate": _refused,
}
