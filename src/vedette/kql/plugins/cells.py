"""``narrow``: a row for each cell of the input."""

from __future__ import annotations

import json

from vedette.kql.binding.scope import Rows
from vedette.kql.plugins.base import Evaluation, Plugin
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Literal
from vedette.plan.relations import Expand, Project, Window
from vedette.plan.types import Type


def narrow(evaluation: Evaluation) -> Rows:
    """The row's number, the column's name and the cell's text, row by row."""
    evaluation.expect(0, 0)
    fields = evaluation.binder.fields
    given = evaluation.rows.relation.fields
    place = fields.new("place", Type.LONG)
    numbered = Window(evaluation.rows.relation, ((place, apply("row_position")),))
    names = json.dumps([f.name for f in given], ensure_ascii=False)
    cells = apply("array_of", *(apply("text_of", Column(f)) for f in given))
    name, cell = fields.new("name", Type.DYNAMIC), fields.new("cell", Type.DYNAMIC)
    apart = Expand(numbered, ((name, Literal(names, Type.DYNAMIC)), (cell, cells)))
    row = apply("subtract", Column(place), Literal(1, Type.LONG))
    shown = (
        (fields.new("Row", Type.LONG), row),
        (fields.new("Column", Type.STRING), apply("text_of", Column(name))),
        (fields.new("Value", Type.STRING), apply("text_of", Column(cell))),
    )
    return Rows(Project(apart, shown))


PLUGINS: dict[str, Plugin] = {"narrow": narrow}
