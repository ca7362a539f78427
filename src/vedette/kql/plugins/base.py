"""What a plug-in is bound from: its call, the rows before it and the columns that it declares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vedette.kql.binding.applied import wrong_count
from vedette.kql.binding.context import Unbound, over
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.values import unknown_name
from vedette.kql.reading.syntax_tree import Call, Name, Named, Node
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Field, Literal
from vedette.plan.relations import Relation
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns that stand behind a plug-in's call; ``star`` has the input's before them."""

    star: bool
    columns: tuple[Declared, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One use of a plug-in."""

    binder: Binder
    call: Call
    rows: Rows
    scope: Scope
    schema: Schema | None
    given: tuple[Node, ...] = field(init=False)
    named: dict[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        """Tell arguments with a name from those by place."""
        given = tuple(a for a in self.call.arguments if not isinstance(a, Named))
        named = {a.names[0].text: a.value for a in self.call.arguments if isinstance(a, Named)}
        object.__setattr__(self, "given", given)
        object.__setattr__(self, "named", named)

    @property
    def name(self) -> str:
        """The plug-in's name."""
        return self.call.function.text

    @property
    def span(self) -> Span:
        """Where the plug-in's name stands."""
        return self.call.function.span

    def expect(self, least: int, most: int | None) -> None:
        """Refuse another number of arguments than these."""
        count = len(self.call.arguments)
        if count < least or (most is not None and count > most):
            raise wrong_count(self.binder, self.call, least, most)

    def column(self, node: Node, type: Type | None = None, rows: Rows | None = None) -> Field:
        """The column that an argument names, of one type where that is asked for."""
        rows = rows or self.rows
        if not isinstance(node, Name):
            message = "The expression must be a reference to a column"
            raise self.binder.fail("KS143", "type", message, node.span)
        found = rows.columns.get(node.text)
        if found is None:
            if rows.open or node.text in rows.broken:
                raise Unbound
            raise unknown_name(self.binder, node, over(rows, self.scope))
        if type is not None and found.type is not type:
            message = f"The expression must have the type {type}"
            raise self.binder.fail("KS141", "type", message, node.span)
        return found

    def distinct(self, nodes: Sequence[Node]) -> list[Field]:
        """The columns that arguments name, each once: how Kusto names a second was not measured."""
        found: list[Field] = []
        for node in nodes:
            field = self.column(node)
            if field in found:
                construct = f"the column '{field.name}' named twice in {self.name}()"
                hint = "leave one out: it has the same values"
                raise self.binder.later(construct, node.span, hint=hint)
            found.append(field)
        return found

    def constant(self, node: Node, type: Type, expected: str) -> Any:
        """The value of an argument that must be a constant."""
        return self.binder.constant(node, self.scope, type, expected).value

    def option(self, name: str, index: int) -> Node | None:
        """The argument of a name, or the one at its place; None where neither is given."""
        if name in self.named:
            return self.named[name]
        return self.given[index] if index < len(self.given) else None

    def fold(self, node: Node) -> Expression:
        """The value of an argument that holds an aggregate."""
        return self.binder.value(node, over(self.rows, self.scope, aggregates=True))

    def look(self, relation: Relation) -> list[tuple[Any, ...]]:
        """The rows that a relation gives now: what columns hang on that no text names."""
        if self.rows.open:
            raise Unbound
        found = self.binder.look(relation)
        if found is None:
            hint = f"declare them behind the call: {self.name}(…) : (name: type, …)"
            message = f"The columns of {self.name}() hang on data, and here is none to look at"
            raise self.binder.fail("VD013", "type", message, self.span, hint=hint)
        return found


Plugin = Callable[[Evaluation], Rows]


def default(type: Type) -> Literal:
    """What an absent value of a type is: the empty string, else null."""
    return Literal("" if type is Type.STRING else None, type)


def converted(value: Expression, type: Type) -> Expression:
    """A value in another type, as Kusto's to… functions convert it."""
    if value.type is type:
        return value
    if type is Type.STRING:
        return apply("text_of", value)
    return apply("to_dynamic" if type is Type.DYNAMIC else f"to_{type}", value)
