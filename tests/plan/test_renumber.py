"""A second copy of a relation shares no field with the first, and is as sound."""

from vedette.plan.build import apply
from vedette.plan.check import check
from vedette.plan.expressions import Column, Fields, Literal
from vedette.plan.passes.renumber import renumber
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    Fold,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Running,
    Scan,
    Sort,
    SortKey,
    Union,
    Window,
)
from vedette.plan.rewrite import relations
from vedette.plan.show import show
from vedette.plan.types import Type


def sample(fields: Fields) -> Relation:
    a, b = fields.new("a", Type.LONG), fields.new("b", Type.STRING)
    scan = Scan("T", (a, b), ("a", "b"))
    kept = Filter(scan, apply("greater", Column(a), Literal(1, Type.LONG)))
    upper = fields.new("upper", Type.STRING)
    shown = Project(kept, ((a, Column(a)), (upper, apply("text_upper", Column(b)))))
    total = fields.new("total", Type.LONG)
    groups = Aggregate(shown, ((upper, Column(upper)),), ((total, apply("sum_of", Column(a))),))
    c = fields.new("c", Type.STRING)
    joined = Join(
        "inner", groups, Scan("U", (c,), ("c",)), apply("equals", Column(upper), Column(c))
    )
    listed = fields.new("listed", Type.DYNAMIC)
    lists = Aggregate(
        joined,
        ((total, Column(total)), (upper, Column(upper))),
        ((listed, apply("collect_list", Column(upper), Literal(9, Type.LONG))),),
    )
    element, place = fields.new("element", Type.DYNAMIC), fields.new("place", Type.LONG)
    apart = Expand(lists, ((element, Column(listed)),), place, most=3)
    row, sum = fields.new("row", Type.LONG), fields.new("sum", Type.LONG)
    near = Window(apart, ((row, apply("row_position")),), (Column(upper),))
    carried = Running(sum, Literal(0, Type.LONG), apply("add", Column(sum), Column(row)))
    pair = Project(Fold(near, (carried,)), ((upper, Column(upper)), (total, Column(total))))
    ordered = Limit(Sort(pair, (SortKey(Column(total), True, False),)), 5)
    x, y = fields.new("x", Type.STRING), fields.new("y", Type.LONG)
    return Union((ordered,), (x, y))


def test_a_copy_is_equal_but_for_its_numbers() -> None:
    fields = Fields()
    first = sample(fields)
    second, new = renumber(first, fields)
    check(Plan(second))
    numbers = [{f.number for r in relations(root) for f in r.fields} for root in (first, second)]
    assert numbers[0] & numbers[1] == set()
    assert [new[f] for f in first.fields] == list(second.fields)
    text = show(Plan(first))
    for old, fresh in sorted(new.items(), key=lambda pair: -pair[0].number):
        text = text.replace(f"{old.name}#{old.number}", f"{fresh.name}#{fresh.number}")
    assert text == show(Plan(second))
