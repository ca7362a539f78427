"""Queries behind IN: takes a value and a bound query, gives rows chosen by it.

A query behind IN gives one column of at most 10,000 values ("AQL subquery"). A null among them is
no value; whether a null value is in the list is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vedette.aql.binding.comparison import compare
from vedette.aql.binding.context import Context
from vedette.aql.codes import MISPLACED
from vedette.aql.reading.syntax_tree import InQuery
from vedette.plan.build import apply, null
from vedette.plan.expressions import Column, Expression
from vedette.plan.relations import Aggregate, Filter, Join, Limit, Relation
from vedette.plan.types import Type

MOST_VALUES = 10_000

Step = Callable[[Relation], Relation]
"""What turns the rows of a query into others."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """The values of a query, each once and none null, and what is compared with them."""

    relation: Relation
    key: Column
    value: Expression
    equal: Expression


def choose(context: Context, value: Expression, node: InQuery) -> Step:
    """Keep the rows whose value the query gives, or gives not."""
    listed = _listed(context, value, node)
    kind = "left_anti" if node.negated else "left_semi"

    def step(rows: Relation) -> Relation:
        if node.negated:
            known = apply("not", apply("is_null", listed.value), span=node.span)
            rows = Filter(rows, known)
        return Join(kind, rows, listed.relation, listed.equal)  # type: ignore[arg-type]

    return step


def test(context: Context, value: Expression, node: InQuery) -> Expression:
    """Whether the query gives the value, for conditions that have other parts beside it."""
    if context.steps is None:
        message = "a query behind IN stands in WHERE only"
        raise context.refuse(MISPLACED, "type", message, node.query.span)
    listed = _listed(context, value, node)
    context.steps.append(lambda rows: Join("left_outer", rows, listed.relation, listed.equal))
    found = apply("not", apply("is_null", listed.key), span=node.span)
    unknown = apply("is_null", listed.value, span=node.span)
    return apply("case", unknown, null(Type.BOOL, node.span), found, span=node.span)


def _listed(context: Context, value: Expression, node: InQuery) -> _Listed:
    rows = context.inner(node.query)
    if len(rows.fields) != 1:
        message = f"a query behind IN gives one column, this one {len(rows.fields)}"
        raise context.refuse(MISPLACED, "type", message, node.query.span)
    given = Column(rows.fields[0], node.query.span)
    equal = compare(context, "=", value, given, node.span)
    left, right = equal.arguments
    key = context.fields.new(rows.fields[0].name, right.type)
    values = Aggregate(Limit(rows, MOST_VALUES), ((key, right),), ())
    there = Filter(values, apply("not", apply("is_null", Column(key))))
    column = Column(key, node.query.span)
    return _Listed(there, column, left, apply("equals", left, column, span=node.span))
