"""``scan``: sequences of rows found by steps, whose state is carried from row to row.

Each step keeps, for itself and the steps before it, the last values of the columns that conditions
and assignments read as ``step.column``; what a step keeps moves on to the next when that matches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.special.windows import refuse_unordered
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.operators.making import as_type
from vedette.kql.operators.stepping import Kept, Step, stepped
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.kql.reading.syntax_tree import Name, Named, Node, Path
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Column, Expression, Field, Literal, fields_of
from vedette.plan.relations import Values
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import NUMBERS, Type, common_type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class StepNode:
    """``step name output=… : condition => column = value, …``."""

    name: Name
    output: str
    condition: Node
    assignments: tuple[Named, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Scan(Operator):
    """``scan with_match_id=name declare (columns) with (steps)``."""

    match: Name | None
    declared: tuple[tuple[Declared, Node | None], ...]
    steps: tuple[StepNode, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """A row a match of a row with a step: its columns, those declared, the match's number."""
        rows = binder.piped(self, rows)
        if rows.open:
            raise Unbound
        refuse_unordered(binder, "scan", Span(self.span.start, self.span.start + 4), rows)
        if len({step.name.text for step in self.steps}) < len(self.steps) or not self.steps:
            raise binder.later("'scan' without steps or with two of one name", self.span)
        made = _Scan(binder, self, rows, scope)
        steps = binder.each(self.steps, made.step)
        shown = (*rows.relation.fields, *made.declared)
        relation = stepped(binder, rows.relation, tuple(steps), shown, made.starts, made.match)
        return Rows(relation, rows.broken)


class _Scan:
    """The steps of one ``scan`` while they are bound."""

    def __init__(self, binder: Binder, node: Scan, rows: Rows, scope: Scope) -> None:
        """Declare the columns; a default is a constant."""
        self._binder, self._scope = binder, scope
        self._inputs = rows.relation.fields
        self._names = [step.name.text for step in node.steps]
        columns = Columns(binder)
        for field in self._inputs:
            columns.declare(field.name, node.span)
        self.starts: dict[Field, Literal] = {f: _absent(f) for f in self._inputs}
        declared: list[Field] = []
        for column, default in node.declared:
            columns.declare(column.name.text, column.name.span)
            if column.type is None:
                raise Unbound
            field = binder.fields.new(column.name.text, column.type)
            self.starts[field] = self._default(field, default)
            declared.append(field)
        self.declared = tuple(declared)
        self._own = {f.name: f for f in (*self._inputs, *declared)}
        self.match: Field | None = None
        if node.match is not None:
            columns.declare(node.match.text, node.match.span)
            self.match = binder.fields.new(node.match.text, Type.LONG)

    def _default(self, field: Field, default: Node | None) -> Literal:
        if default is None:
            return _absent(field)
        value = self._binder.fixed(default, self._scope)
        found = as_type(value, field.type) if isinstance(value, Literal) else None
        if found is None:
            message = f"The expression must be a constant of type {field.type}"
            raise self._binder.fail("KS129", "type", message, default.span)
        return found

    def step(self, node: StepNode) -> Step:
        """A step: what it asks for, what it sets, and which values of which steps it reads."""
        kept: dict[str, Kept] = {}
        condition = self._bound(node.condition, kept)
        if condition.type is not Type.BOOL:
            message = "The expression must have the type bool"
            raise self._binder.fail("KS141", "type", message, node.condition.span)
        values: dict[Field, Expression] = {}
        for assignment in node.assignments:
            name = assignment.names[0]
            field = self._own.get(name.text)
            if field is None:
                message = f"The name '{name.text}' does not refer to any known column"
                raise self._binder.fail("KS142", "name", message, name.span)
            value = plain(self._bound(assignment.value, kept))
            read = fields_of(value) & set(values)
            if read:
                construct = f"'{next(iter(read)).name}', which the same step sets before,"
                raise self._binder.later(construct, assignment.value.span)
            values[field] = self._fitted(value, field, assignment)
        starts = {f: Literal(s.value, s.type, node.span) for f, s in self.starts.items()}
        unset = {f: starts[f] for f in self.declared}

        def default(part: Expression) -> Expression:
            return unset.get(part.field, part) if isinstance(part, Column) else part

        return Step(
            node.output,
            rewrite_expression(apply("is_true", condition, span=node.condition.span), default),
            {f: rewrite_expression(v, default) for f, v in values.items()},
            tuple(kept.values()),
        )

    def _fitted(self, value: Expression, field: Field, node: Named) -> Expression:
        if value.type is field.type:
            return value
        if value.type in NUMBERS and common_type(value.type, field.type) is field.type:
            return widen(value, field.type)
        found = as_type(value, field.type) if isinstance(value, Literal) else None
        if found is None:
            construct = f"a {value.type} for the column '{field.name}' of type {field.type}"
            raise self._binder.later(construct, node.value.span)
        return found

    def _bound(self, node: Node, kept: dict[str, Kept]) -> Expression:
        """An expression over the row, declared columns, and values that steps keep."""

        def named(path: Path) -> Node:
            base, member = path.base, path.member
            if not isinstance(base, Name) or not isinstance(member, Name):
                return path
            if base.text not in self._names or base.text in self._own:
                return path
            key = f"{base.text}.{member.text}"
            if key not in kept:
                field = self._own.get(member.text)
                if field is None:
                    message = f"The name '{member.text}' does not refer to any known column"
                    raise self._binder.fail("KS142", "name", message, member.span)
                place = self._binder.fields.new(key, field.type)
                kept[key] = Kept(place, self._names.index(base.text), field)
            return Name(key, path.span)

        changed = cast("Node", _with_paths(node, named))
        known = (*self._own.values(), *(k.place for k in kept.values()))
        return self._binder.value(changed, Context(self._scope, Rows(Values(known, ()))))


def _absent(field: Field) -> Literal:
    return text("") if field.type is Type.STRING else null(field.type)


def _with_paths(node: Any, change: Callable[[Path], Node]) -> Any:
    """A part of the syntax tree with its paths changed, innermost first."""
    if isinstance(node, tuple):
        return tuple(_with_paths(part, change) for part in node)
    if not is_dataclass(node) or isinstance(node, type | Span | Name):
        return node
    parts = {f.name: _with_paths(getattr(node, f.name), change) for f in fields(node) if f.init}
    changed = replace(cast("Any", node), **parts)
    return change(changed) if isinstance(changed, Path) else changed


def read_scan(grammar: Grammar, keyword: Token) -> Scan:
    """What stands behind ``scan``."""
    hints = read_hints(grammar, "with_match_id", "kind")
    match: Name | None = None
    if "with_match_id" in hints.values:
        match = Name(*hints.values["with_match_id"])
    declared: list[tuple[Declared, Node | None]] = []
    if grammar.cursor.accept("declare"):
        grammar.expect("(")
        declared = grammar.listed(lambda: _declared(grammar))
        grammar.expect(")")
    grammar.expect("with")
    grammar.expect("(")
    steps: list[StepNode] = []
    while grammar.cursor.at("step"):
        steps.append(_step(grammar))
    grammar.expect(")")
    return Scan(grammar.since(keyword.span.start), match, tuple(declared), tuple(steps))


def _declared(grammar: Grammar) -> tuple[Declared, Node | None]:
    column = grammar.column()
    return column, grammar.expression() if grammar.cursor.accept("=") else None


def _step(grammar: Grammar) -> StepNode:
    start = grammar.cursor.next().span.start
    name = grammar.name("the name of the step", declared=True)
    output = "all"
    if grammar.cursor.accept("output"):
        grammar.expect("=")
        word = grammar.cursor.accept("all", "last", "none")
        if word is None:
            raise grammar.missing("'all', 'last' or 'none'", "KS005")
        output = word.text
    grammar.expect(":")
    condition = grammar.expression()
    assignments: list[Named] = []
    if grammar.cursor.accept("=>"):
        assignments = grammar.listed(lambda: _assignment(grammar))
    grammar.expect(";")
    return StepNode(name, output, condition, tuple(assignments), grammar.since(start))


def _assignment(grammar: Grammar) -> Named:
    if not grammar.at_assignment():
        raise grammar.missing("a column and what it is set to", "KS005")
    item = grammar.named()
    if not isinstance(item, Named):
        raise grammar.missing("a column and what it is set to", "KS005")
    return item
