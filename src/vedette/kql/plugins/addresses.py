"""``ipv4_lookup`` and ``ipv6_lookup``: rows beside those of the networks that they belong to."""

from __future__ import annotations

from vedette.kql.binding.scope import Rows
from vedette.kql.plugins.base import Evaluation, Plugin, default
from vedette.kql.reading.syntax_tree import Constant, Name
from vedette.plan.build import apply, every
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import Assignment, Join, Project
from vedette.plan.types import Type


def lookup(evaluation: Evaluation) -> Rows:
    """The input's columns, then the table's but for the further keys.

    ``ipv6_lookup`` gives the table's first, as the vendor's examples show.
    """
    evaluation.expect(3, None)
    table = evaluation.binder.rows(evaluation.given[0], evaluation.scope)
    address = evaluation.column(evaluation.given[1], Type.STRING)
    network = evaluation.column(evaluation.given[2], Type.STRING, table)
    keys = [n for n in evaluation.given[3:] if isinstance(n, Name)]
    flags = [n for n in evaluation.given[3:] if not isinstance(n, Name)]
    flag = evaluation.named.get("return_unmatched", flags[0] if flags else None)
    unmatched = flag is not None and bool(evaluation.constant(flag, Type.BOOL, "a bool"))
    if len(flags) > 1 or any(not isinstance(n, Constant) for n in flags):
        message = "The expression must be a reference to a column"
        raise evaluation.binder.fail("KS143", "type", message, flags[-1].span)
    conditions = [_same_network(evaluation, address, network)]
    hidden: set[Field] = set()
    for key in keys:
        left, right = evaluation.column(key), evaluation.column(key, None, table)
        if left.type is not right.type or left.type is Type.DYNAMIC:
            message = f"The column '{key.text}' must have the same type on both sides"
            raise evaluation.binder.fail("KS227", "type", message, key.span)
        conditions.append(apply("equals_or_both_null", Column(left), Column(right)))
        hidden.add(right)
    kind = "left_outer" if unmatched else "inner"
    joined = Join(
        "left_outer" if unmatched else "inner",
        evaluation.rows.relation, table.relation, every(conditions),
    )  # fmt: skip
    shown: list[Assignment] = [(f, Column(f)) for f in evaluation.rows.relation.fields]
    taken = {f.name for f, _ in shown}
    for field in table.relation.fields:
        if field in hidden:
            continue
        name, number = field.name, 0
        while name in taken:
            number += 1
            name = f"{field.name}{number}"
        taken.add(name)
        new = field if name == field.name else evaluation.binder.fields.new(name, field.type)
        shown.append((new, Column(field)))
    open = evaluation.rows.open or table.open
    broken = evaluation.rows.broken | table.broken
    relation = Project(joined, tuple(shown))
    width = len(evaluation.rows.relation.fields)
    if kind == "left_outer":
        relation = _filled(evaluation, relation, width)
    if evaluation.name == "ipv6_lookup":
        ordered = (*relation.fields[width:], *relation.fields[:width])
        relation = Project(relation, tuple((f, Column(f)) for f in ordered))
    return Rows(relation, broken, open)


def _filled(evaluation: Evaluation, relation: Project, left: int) -> Project:
    """The table's strings empty where no network matches."""
    shown: list[Assignment] = []
    for index, field in enumerate(relation.fields):
        if index >= left and field.type is Type.STRING:
            value = apply("first_not_null", Column(field), default(Type.STRING))
            shown.append((evaluation.binder.fields.new(field.name, field.type), value))
        else:
            shown.append((field, Column(field)))
    return Project(relation, tuple(shown))


def _same_network(evaluation: Evaluation, address: Field, network: Field) -> Expression:
    """Whether both are one network by the shorter of their prefixes; false of what is none."""
    operation, bits = _COMPARISONS[evaluation.name]
    whole = Literal(bits, Type.LONG)
    compared = apply(operation, Column(address), Column(network), whole)
    return apply("equals", compared, Literal(0, Type.LONG))


_COMPARISONS = {"ipv4_lookup": ("ipv4_compare", 32), "ipv6_lookup": ("ipv6_compare", 128)}

PLUGINS: dict[str, Plugin] = dict.fromkeys(_COMPARISONS, lookup)
