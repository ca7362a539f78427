"""``bag_unpack``: a column for each property of the bags in a column."""

from __future__ import annotations

import json

from vedette.kql.binding.scope import Rows
from vedette.kql.plugins.base import Evaluation, Plugin, converted
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import Aggregate, Assignment, Expand, Filter, Limit, Project
from vedette.plan.types import Type

MOST_COLUMNS = 1_000
"""How many columns are made of data: more are refused."""

_ONE_KIND = {
    "bool": Type.BOOL, "long": Type.LONG, "double": Type.REAL, "string": Type.STRING,
    "datetime": Type.DATETIME, "timespan": Type.TIMESPAN,
}  # fmt: skip

_CONFLICTS = ("error", "replace_source", "keep_source")


def bag_unpack(evaluation: Evaluation) -> Rows:
    """The input's columns but for the bag's, then its properties by name."""
    evaluation.expect(1, 4)
    bag = evaluation.column(evaluation.given[0], Type.DYNAMIC)
    prefix_node = evaluation.option("OutputColumnPrefix", 1)
    prefix = ""
    if prefix_node is not None:
        prefix = evaluation.constant(prefix_node, Type.STRING, "a string")
    kept = [f for f in evaluation.rows.relation.fields if f != bag]
    if evaluation.schema is not None:
        return _declared(evaluation, bag, prefix, kept)
    ignored = _ignored(evaluation)
    conflict = _conflict(evaluation)
    properties = {
        prefix + name: (name, type)
        for name, type in _properties(evaluation, bag).items()
        if name not in ignored
    }
    names = {f.name for f in kept}
    for name in sorted(names & set(properties)):
        if conflict == "error":
            message = f"bag_unpack() would give a second column '{name}'"
            hint = "say which counts with columnsConflict='keep_source' or 'replace_source'"
            raise evaluation.binder.fail("VD013", "name", message, evaluation.span, hint=hint)
        if conflict == "keep_source":
            del properties[name]
    new = {
        name: _read(evaluation, bag, properties[name][0], name, properties[name][1])
        for name in sorted(properties)
    }
    shown: list[Assignment] = []
    for field in evaluation.rows.relation.fields:
        if field == bag or (field.name in new and conflict == "replace_source"):
            if field.name in new:
                shown.append(new.pop(field.name))
        else:
            shown.append((field, Column(field)))
    relation = Project(evaluation.rows.relation, (*shown, *new.values()))
    return Rows(relation, evaluation.rows.broken - {bag.name}, from_data=True)


def _declared(evaluation: Evaluation, bag: Field, prefix: str, kept: list[Field]) -> Rows:
    schema = evaluation.schema
    shown: list[Assignment] = []
    if schema is not None:
        shown = [(f, Column(f)) for f in kept] if schema.star else []
        known = {f.name: f for f in kept}
        for column in schema.columns:
            name, type = column.name.text, column.type or Type.DYNAMIC
            if name in known:
                if not schema.star:
                    shown.append((known[name], Column(known[name])))
                continue
            behind = name.removeprefix(prefix)
            shown.append(_read(evaluation, bag, behind, name, type))
    return Rows(Project(evaluation.rows.relation, tuple(shown)))


def _read(evaluation: Evaluation, bag: Field, key: str, name: str, type: Type) -> Assignment:
    value: Expression = apply("value_at", Column(bag), text(key))
    return (evaluation.binder.fields.new(name, type), converted(value, type))


def _properties(evaluation: Evaluation, bag: Field) -> dict[str, Type]:
    """The properties that the bags have, each with the type that all its values share."""
    fields = evaluation.binder.fields
    pair = fields.new("pair", Type.DYNAMIC)
    is_bag = apply("equals", apply("kind_of", Column(bag)), text("dictionary"))
    pairs = Expand(
        Filter(evaluation.rows.relation, is_bag), ((pair, Column(bag)),), None, pairs=True
    )
    name, kind = fields.new("name", Type.STRING), fields.new("kind", Type.STRING)
    key = apply("text_of", apply("value_at", Column(pair), Literal(0, Type.LONG)))
    value = apply("value_at", Column(pair), Literal(1, Type.LONG))
    groups = ((name, key), (kind, apply("kind_of", value)))
    rows = evaluation.look(Limit(Aggregate(pairs, groups, ()), 8 * MOST_COLUMNS))
    kinds: dict[str, set[str]] = {}
    for found, of in rows:
        kinds.setdefault(found, set()).update({of} - {"null"})
    if len(kinds) > MOST_COLUMNS:
        message = f"bag_unpack() would make more than {MOST_COLUMNS:,} columns"
        raise evaluation.binder.fail("VD013", "limit", message, evaluation.span)
    return {
        name: _ONE_KIND.get(next(iter(of)), Type.DYNAMIC) if len(of) == 1 else Type.DYNAMIC
        for name, of in kinds.items()
    }


def _ignored(evaluation: Evaluation) -> set[str]:
    node = evaluation.option("ignoredProperties", 3)
    if node is None:
        return set()
    names = evaluation.constant(node, Type.DYNAMIC, "an array of names")
    read = json.loads(names) if names else []
    return {n for n in read if isinstance(n, str)} if isinstance(read, list) else set()


def _conflict(evaluation: Evaluation) -> str:
    node = evaluation.option("columnsConflict", 2)
    if node is None:
        return "error"
    value = str(evaluation.constant(node, Type.STRING, "a string"))
    if value not in _CONFLICTS:
        message = f"There is no way '{value}' to settle two columns of one name"
        hint = f"ways are {', '.join(_CONFLICTS)}"
        raise evaluation.binder.fail("KS005", "type", message, node.span, hint=hint)
    return value


PLUGINS: dict[str, Plugin] = {"bag_unpack": bag_unpack}
