"""``join`` and ``lookup``: rows of two tables side by side where their keys are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.absent import with_absent
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import widen
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.values import unknown_name
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Binary, Logical, Name, Node, Path
from vedette.plan.build import apply, boolean, every
from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.relations import Assignment, FirstPer, Join, JoinKind, Project, Relation
from vedette.plan.types import NUMBERS, Type, common_type
from vedette.syntax.problem import did_you_mean
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

KINDS: dict[str, tuple[JoinKind, bool]] = {
    "inner": ("inner", False),
    "innerunique": ("inner", False),
    "leftouter": ("left_outer", False),
    "rightouter": ("right_outer", False),
    "fullouter": ("full_outer", False),
    "leftsemi": ("left_semi", False),
    "leftanti": ("left_anti", False),
    "leftantisemi": ("left_anti", False),
    "anti": ("left_anti", False),
    "rightsemi": ("left_semi", True),
    "rightanti": ("left_anti", True),
    "rightantisemi": ("left_anti", True),
}
"""Kusto's kinds: the plan's, and whether the sides change places."""

Key = tuple[Field, Field, Span]


@dataclass(frozen=True, slots=True)
class JoinRows(Operator):
    """``join kind=… (right) on keys``; *lookup* leaves the right side's keys out."""

    kind: str
    right: Node
    keys: tuple[Node, ...]
    lookup: bool

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows of both sides, the right side's repeated names numbered."""
        left = binder.piped(self, rows)
        right = binder.rows(self.right, scope)
        left = with_absent(binder, left, [n for k in self.keys for n in _named_of(k, "$left")])
        right = with_absent(binder, right, [n for k in self.keys for n in _named_of(k, "$right")])
        try:
            some = binder.each(self.keys, lambda node: _keys(binder, node, left, right, scope))
            keys = [key for pairs in some for key in pairs]
            condition = every(binder.each(keys, lambda key: _equal(binder, key)))
        except Unbound:
            keys, condition = [], boolean(True, self.span)  # the columns are known all the same
        return self._joined(binder, left, right, keys, condition)

    def _joined(
        self, binder: Binder, left: Rows, right: Rows, keys: list[Key], condition: Expression
    ) -> Rows:
        kind, swapped = KINDS[self.kind]
        if kind in ("left_semi", "left_anti"):
            sides = (right, left) if swapped else (left, right)
            return sides[0].over(Join(kind, sides[0].relation, sides[1].relation, condition))
        first = left.relation
        if self.kind == "innerunique":
            first = FirstPer(first, tuple(Column(f, span) for f, _, span in keys))
        joined = Join(kind, first, right.relation, condition)
        hidden = {f for _, f, _ in keys} if self.lookup else set()
        return self._named(binder, left, right, joined, hidden)

    def _named(
        self, binder: Binder, left: Rows, right: Rows, joined: Relation, hidden: set[Field]
    ) -> Rows:
        kind, _ = KINDS[self.kind]
        used = {f.name for f in (*left.relation.fields, *right.relation.fields)}
        taken = {f.name for f in left.relation.fields}
        assignments: list[Assignment] = []
        for field in left.relation.fields:
            absent = kind in ("right_outer", "full_outer")
            assignments.append(_filled(binder, field, field.name, absent))
        for field in right.relation.fields:
            if field in hidden:
                continue
            name = field.name
            number = 0
            while name in taken or (number and name in used):
                number += 1
                name = f"{field.name}{number}"
            taken.add(name)
            assignments.append(_filled(binder, field, name, kind in ("left_outer", "full_outer")))
        open = left.open or right.open
        broken = left.broken | right.broken
        from_data = left.from_data or right.from_data
        return Rows(Project(joined, tuple(assignments)), broken, open, from_data=from_data)


def _filled(binder: Binder, field: Field, name: str, absent: bool) -> Assignment:
    """A column of the join; where a side may be absent, its strings are empty then."""
    value: Expression = Column(field)
    if absent and field.type is Type.STRING:
        return (binder.fields.new(name, field.type), apply("or_empty", value))
    if field.name == name:
        return (field, value)
    return (binder.fields.new(name, field.type), value)


def _equal(binder: Binder, key: Key) -> Expression:
    left, right, span = key
    if Type.DYNAMIC in (left.type, right.type):
        raise binder.fail("KS241", "type", "Join keys cannot be dynamic", span)
    shared = common_type(left.type, right.type)
    if shared is None:
        message = f"Inconsistent data types for join keys: ({left.type}, {right.type})"
        hint = "turn both into text with tostring() before the join"
        raise binder.fail("KS242", "type", message, span, hint=hint)
    if shared is Type.STRING:
        return apply("equals", Column(left, span), Column(right, span), span=span)
    values: tuple[Expression, Expression] = (Column(left, span), Column(right, span))
    if shared in NUMBERS:
        values = (widen(values[0], shared), widen(values[1], shared))
    return apply("equals_or_both_null", *values, span=span)


def _keys(binder: Binder, node: Node, left: Rows, right: Rows, scope: Scope) -> Sequence[Key]:
    """The pairs of columns that one part of the condition holds equal."""
    if isinstance(node, Logical) and node.operator == "and":
        some = binder.each(node.operands, lambda n: _keys(binder, n, left, right, scope))
        return [key for keys in some for key in keys]
    if isinstance(node, Name):
        return [_common(binder, node, left, right, scope)]
    if isinstance(node, Binary) and node.operator == "==":
        sides = (_side(node.left), _side(node.right))
        if {side for side, _ in sides if side} == {"$left", "$right"}:
            names = dict(sides)
            first = _found(binder, names["$left"], left, scope)
            second = _found(binder, names["$right"], right, scope)
            return [(first, second, node.span)]
    message = (
        "The join condition must be the name of a column common to both tables"
        " or $left.column == $right.column"
    )
    raise binder.fail("KS182", "type", message, node.span)


def _named_of(node: Node, side: str) -> list[Name]:
    """The columns of a side that a condition names."""
    if isinstance(node, Logical):
        return [name for operand in node.operands for name in _named_of(operand, side)]
    if isinstance(node, Binary):
        sides = (_side(node.left), _side(node.right))
        return [name for which, name in sides if which == side]
    return [node] if isinstance(node, Name) else []


def _side(node: Node) -> tuple[str, Name]:
    if isinstance(node, Path) and isinstance(node.base, Name) and isinstance(node.member, Name):
        side = node.base.text if node.base.text in ("$left", "$right") else ""
        return side, node.member
    return "", Name("", node.span)


def _found(binder: Binder, name: Name, rows: Rows, scope: Scope) -> Field:
    field = rows.columns.get(name.text)
    if field is not None:
        return field
    if rows.open or name.text in rows.broken:
        raise Unbound
    raise unknown_name(binder, name, Context(scope, rows))


def _common(binder: Binder, name: Name, left: Rows, right: Rows, scope: Scope) -> Key:
    missing = [r for r in (left, right) if name.text not in r.columns]
    if not missing:
        first, second = left.columns[name.text], right.columns[name.text]
        if first.type is not second.type:
            message = f"The common column '{name.text}' must have the same type on both sides"
            reason = f"it is {first.type} on the left and {second.type} on the right"
            raise binder.fail("KS227", "type", message, name.span, reason=reason)
        return first, second, name.span
    if any(r.open or name.text in r.broken for r in missing):
        raise Unbound
    if len(missing) == 2:
        raise unknown_name(binder, name, Context(scope, left))
    message = f"The column '{name.text}' must exist on both sides of the join"
    hint = did_you_mean(name.text, missing[0].columns)
    raise binder.fail("KS145", "name", message, name.span, hint=hint)


def _read(grammar: Grammar, keyword: Token, lookup: bool) -> JoinRows:
    hints = read_hints(grammar, "kind")
    kinds = ("leftouter", "inner") if lookup else tuple(KINDS)
    kind = hints.get("kind", "leftouter" if lookup else "innerunique")
    if kind not in kinds:
        span = hints.span("kind", keyword.span)
        message = f"There is no kind of {keyword.text} called '{kind}'"
        hint = did_you_mean(kind, kinds) or f"kinds are {', '.join(kinds)}"
        grammar.findings.add("KS005", "syntax", message, span, hint=hint)
        kind = "inner"
    right = grammar.operand_table()
    if not grammar.cursor.at("on", "where"):
        raise grammar.missing("'on' and the columns to join by")
    grammar.cursor.next()
    keys = tuple(grammar.listed(grammar.expression))
    return JoinRows(grammar.since(keyword.span.start), kind, right, keys, lookup)


def read_join(grammar: Grammar, keyword: Token) -> JoinRows:
    """What stands behind ``join``."""
    return _read(grammar, keyword, lookup=False)


def read_lookup(grammar: Grammar, keyword: Token) -> JoinRows:
    """What stands behind ``lookup``."""
    return _read(grammar, keyword, lookup=True)
