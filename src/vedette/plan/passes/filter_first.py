"""Filters before what is computed for every row: takes a plan, gives the same rows for less work.

A table's absent strings are made empty right behind its scan. A filter that only reads such columns
goes before that, and a test that an empty text fails need not tell absent from empty at all: so it
reads the stored column as it is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, walk
from vedette.plan.relations import Filter, Plan, Project, Relation
from vedette.plan.rewrite import each_once, inputs, rewrite_expression, with_inputs

FAIL_ON_EMPTY = frozenset({
    "text_has_term", "text_has_term_cs", "text_has_prefix", "text_has_prefix_cs",
    "text_has_suffix", "text_has_suffix_cs", "text_has_any_term", "text_has_all_terms",
    "text_contains", "text_contains_cs", "text_contains_any", "text_starts_with",
    "text_starts_with_cs", "text_ends_with", "text_ends_with_cs", "text_equals_ignore_case",
    "text_is_in_ignore_case", "equals", "equals_or_false", "is_in", "is_in_or_false",
})  # fmt: skip
"""Tests of a text that neither an absent nor an empty one passes, if no needle is empty."""


def filter_first(plan: Plan) -> Plan:
    """The plan with filters below the projections that only make absent strings empty."""
    order = each_once(plan.root)
    uses = Counter(id(below) for relation in order for below in inputs(relation))
    shared = {number for number, count in uses.items() if count > 1}
    new: dict[int, Relation] = {}
    held: set[int] = set()  # what several places read is worked out once: no filter goes into it
    for relation in order:
        below = tuple(new[id(r)] for r in inputs(relation))
        changed = with_inputs(relation, below)
        if isinstance(changed, Filter):
            changed = _lowered(changed, held)
        if id(relation) in shared:
            held.add(id(changed))
        new[id(relation)] = changed
    return replace(plan, root=new[id(plan.root)])


def _lowered(relation: Filter, held: set[int]) -> Relation:
    below = relation.input
    if id(below) in held or not isinstance(below, Project):
        return replace(relation, condition=_simple(relation.condition))
    values = _plain(below)
    read = {n.field for n in walk(relation.condition) if isinstance(n, Column)}
    if not read or not read <= values.keys():
        return relation

    def put(node: Expression) -> Expression:
        return values[node.field] if isinstance(node, Column) else node

    condition = rewrite_expression(relation.condition, put)
    return replace(below, input=_lowered(Filter(below.input, condition), held))


def _plain(project: Project) -> dict[Field, Expression]:
    """The assigned fields that are columns of the input, absent strings made empty or not."""
    return {field: value for field, value in project.assignments if _is_plain(value)}


def _is_plain(value: Expression) -> bool:
    if isinstance(value, Apply) and value.operation == "or_empty":
        value = value.arguments[0]
    return isinstance(value, Column)


def _simple(condition: Expression) -> Expression:
    """The condition without a look for absent texts where the test fails on them anyway.

    Only its truth matters here: a row for which it is null is dropped like one for which it is
    false.
    """
    if not isinstance(condition, Apply):
        return condition
    if condition.operation in ("and", "or"):
        parts = tuple(map(_simple, condition.arguments))
        if all(a is b for a, b in zip(parts, condition.arguments, strict=True)):
            return condition
        return replace(condition, arguments=parts)
    if condition.operation == "not":
        return _filled(condition)
    if condition.operation not in FAIL_ON_EMPTY or len(condition.arguments) < 2:
        return condition
    stored, needles = _emptied(condition.arguments[0]), condition.arguments[1:]
    if stored and all(isinstance(n, Literal) and n.value not in ("", None) for n in needles):
        return replace(condition, arguments=(stored, *needles))
    return condition


def _filled(condition: Apply) -> Expression:
    """``isnotempty``: nothing that is absent passes it."""
    empty = condition.arguments[0]
    if isinstance(empty, Apply) and empty.operation == "text_is_empty":
        stored = _emptied(empty.arguments[0])
        if stored is not None:
            return replace(condition, arguments=(replace(empty, arguments=(stored,)),))
    return condition


def _emptied(subject: Expression) -> Expression | None:
    """What an absent text of is made empty, or None."""
    made = isinstance(subject, Apply) and subject.operation == "or_empty"
    return subject.arguments[0] if made and isinstance(subject, Apply) else None
