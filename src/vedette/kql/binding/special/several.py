"""Values of several columns: takes an item of an operator, gives a column for each of its values.

``FUNCTIONS`` holds the functions that give several, each value with its own name. Names that the
query gives stand for the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context
from vedette.kql.binding.scope import UserFunction
from vedette.kql.binding.special import arrays, series, sketches
from vedette.kql.binding.special.arrays import Parts
from vedette.kql.reading.syntax_tree import Call, Name, Named, Node
from vedette.plan.expressions import Expression
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Several = Callable[["Binder", Call, Context], Parts]
FUNCTIONS: dict[str, Several] = {**arrays.SEVERAL, **series.SEVERAL}
AGGREGATES: dict[str, Several] = {**sketches.SEVERAL}

Part = tuple[str, Expression, Span]


def function_of(item: Node, context: Context) -> Several | None:
    """The function of several values that an item calls, if it does."""
    node = item.value if isinstance(item, Named) else item
    if not isinstance(node, Call):
        return None
    is_users = isinstance(context.scope.find(node.function.text), UserFunction)
    if is_users:
        return None
    aggregate = AGGREGATES.get(node.function.text) if context.aggregates else None
    return aggregate or FUNCTIONS.get(node.function.text)


def bind(
    binder: Binder, item: Node, context: Context, columns: Columns, name: str
) -> Iterator[Part]:
    """Name, value and place of each column that an item gives.

    *name* is that of an only value; left empty, the function's own stands. Whoever takes a column
    declares its name before asking for the next.
    """
    node = item.value if isinstance(item, Named) else item
    names = item.names if isinstance(item, Named) else ()
    function = function_of(item, context)
    if function is None or not isinstance(node, Call):
        one_only(binder, names)
        yield name, binder.value(node, context), item.span
        return
    parts = function(binder, node, context)
    if len(parts) == 1 and name:
        parts = [(name, parts[0][1])]
    yield from named(binder, names, [(n, v, item.span) for n, v in parts], columns)


def one_only(binder: Binder, names: tuple[Name, ...]) -> None:
    """Refuse several names for one value."""
    if len(names) > 1:
        span = Span(names[0].span.start, names[-1].span.end)
        message = "The expression does not have multiple named values"
        raise binder.fail("KS149", "type", message, span)


def named(
    binder: Binder, names: tuple[Name, ...], parts: list[Part], columns: Columns
) -> Iterator[Part]:
    """The parts under the names that the query gives them, the others under their own."""
    if len(names) > len(parts):
        message = "The name does not have a corresponding expression"
        raise binder.fail("KS150", "name", message, names[len(parts)].span)
    for index, (own, value, span) in enumerate(parts):
        if index < len(names):
            yield names[index].text, value, names[index].span
        else:
            yield columns.free(own), value, span


def broken(item: Node, name: str) -> frozenset[str]:
    """The names of an item that could not be bound, as far as they are known."""
    if isinstance(item, Named):
        return frozenset(n.text for n in item.names)
    return frozenset({name} - {""})
