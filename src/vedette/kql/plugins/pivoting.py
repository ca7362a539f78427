"""``pivot``: a column for each value of a column."""

from __future__ import annotations

from vedette.kql.binding.fold import plain
from vedette.kql.binding.scope import Rows
from vedette.kql.plugins.bags import MOST_COLUMNS
from vedette.kql.plugins.base import Evaluation, Plugin, converted, default
from vedette.kql.reading.syntax_tree import Call, Node
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field, Literal, fields_of
from vedette.plan.relations import Aggregate, Assignment, Limit, Project, Relation
from vedette.plan.types import NUMBERS, Type

_ZERO_OF_NOTHING = frozenset({"count", "sum", "dcount", "countif", "sumif", "dcountif"})


def pivot(evaluation: Evaluation) -> Rows:
    """The groups' columns, then what the aggregate gives for each value of the column."""
    evaluation.expect(1, None)
    pivoted = evaluation.column(evaluation.given[0])
    rest = evaluation.given[1:]
    call: Node | None = rest[0] if rest and isinstance(rest[0], Call) else None
    value: Expression = apply("count_rows", span=evaluation.span)
    zero = True
    if isinstance(call, Call):
        value = plain(evaluation.fold(call))
        zero = call.function.text in _ZERO_OF_NOTHING
        rest = rest[1:]
    if rest:
        groups = evaluation.distinct(rest)
    else:
        read = fields_of(value) | {pivoted}
        groups = [f for f in evaluation.rows.relation.fields if f not in read]
    fields = evaluation.binder.fields
    key = fields.new("key", Type.STRING)
    folded = fields.new("value", value.type)
    by = tuple((f, Column(f)) for f in groups)
    each = Aggregate(
        evaluation.rows.relation,
        (*by, (key, apply("text_of", Column(pivoted)))),
        ((folded, value),),
    )
    nothing = Literal(0, value.type) if zero and value.type in NUMBERS else default(value.type)
    if evaluation.schema is not None:
        return _declared(evaluation, each, groups, key, folded, nothing)
    cells = tuple(
        (fields.new(name, value.type), _cell(key, folded, name, nothing))
        for name in _names(evaluation, pivoted)
    )
    relation: Relation = Aggregate(each, by, cells)
    return Rows(relation, from_data=True)


def _cell(key: Field, value: Field, name: str, nothing: Literal) -> Expression:
    here = apply("equals", Column(key), text(name))
    some = apply("any_of", apply("case", here, Column(value), Literal(None, value.type)))
    return some if nothing.value is None else apply("first_not_null", some, nothing)


def _names(evaluation: Evaluation, pivoted: Field) -> list[str]:
    name = evaluation.binder.fields.new("name", Type.STRING)
    names = Aggregate(evaluation.rows.relation, ((name, apply("text_of", Column(pivoted))),), ())
    found = sorted(str(row[0]) for row in evaluation.look(Limit(names, MOST_COLUMNS + 1)))
    if len(found) > MOST_COLUMNS:
        message = f"pivot() would make more than {MOST_COLUMNS:,} columns"
        raise evaluation.binder.fail("VD013", "limit", message, evaluation.span)
    return found


def _declared(
    evaluation: Evaluation, each: Relation, groups: list[Field], key: Field, value: Field,
    nothing: Literal,
) -> Rows:  # fmt: skip
    schema = evaluation.schema
    fields = evaluation.binder.fields
    known = {f.name: f for f in groups}
    cells: list[Assignment] = []
    shown: list[Assignment] = []
    if schema is not None:
        shown = [(f, Column(f)) for f in groups] if schema.star else []
        for column in schema.columns:
            name = column.name.text
            if name in known:
                if not schema.star:
                    shown.append((known[name], Column(known[name])))
                continue
            cell = fields.new(name, value.type)
            cells.append((cell, _cell(key, value, name, nothing)))
            type = column.type or value.type
            field = cell if type is value.type else fields.new(name, type)
            shown.append((field, converted(Column(cell), type)))
    relation = Aggregate(each, tuple((f, Column(f)) for f in groups), tuple(cells))
    return Rows(Project(relation, tuple(shown)))


PLUGINS: dict[str, Plugin] = {"pivot": pivot}
