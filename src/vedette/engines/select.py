"""A plan as one statement of staged SELECTs: takes a plan and a dialect, gives SQL.

One common table expression a stage, neighbours fused where that changes nothing, so that the text
reads like the query. Columns have generated names (``c`` and the field's number); what users wrote
stands only in quoted names of stored tables and columns, and in literals.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from vedette.engines.base import Compiled
from vedette.engines.sql import Dialect, lower
from vedette.plan.check import is_aggregate
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, walk
from vedette.plan.operations.windows import SLIDING
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    FirstPer,
    Fold,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Scan,
    Sort,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import each_once, expressions, inputs, is_by_chance
from vedette.plan.types import Type

_BREAK = "\0"
"""A line break of the layout; those inside quoted names and literals must not be indented."""

_QUOTED_OR_PARENTHESIS = re.compile(r"""'[^']*'|"[^"]*"|[()]""")

_JOINS = {
    "inner": "JOIN",
    "left_outer": "LEFT JOIN",
    "right_outer": "RIGHT JOIN",
    "full_outer": "FULL JOIN",
    "left_semi": "SEMI JOIN",
    "left_anti": "ANTI JOIN",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A field that rows are ordered by."""

    field: Field
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT that may still take in what stands above it.

    ``outputs`` gives each field of its result as SQL, ``computed`` those that are no plain column:
    what reads them needs a stage of its own. ``order`` holds the keys that the rows come in order
    of; their fields stay in ``outputs`` though the relation above may not have them. Only an
    ``open`` one takes in filters and projections. ``group`` counts the leading outputs that it
    groups by, ``unique`` has fields that no two rows have alike, where such are known.
    """

    source: str
    outputs: dict[Field, str]
    computed: frozenset[Field] = frozenset()
    where: tuple[str, ...] = ()
    distinct: str = ""
    group: int = 0
    unique: tuple[Field, ...] = ()
    order: tuple[Key, ...] = ()
    limit: int | None = None
    open: bool = True
    union: str = ""


def column_name(of: Field) -> str:
    """The generated name of a field."""
    return f"c{of.number}"


def statement(plan: Plan, dialect: Dialect) -> Compiled:
    """The statement for a plan; raises Unsupported, naming operation and place."""
    return _Writer(dialect).write(plan)


class _Writer:
    """The stages of one statement, in the order that they are written in."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._stages: list[str] = []
        self._made: set[str] = set()
        self._hidden = 0
        self._arrivals: set[Field] = set()
        self._recursive = False
        self._chances: set[Field] = set()

    def write(self, plan: Plan) -> Compiled:
        self._hidden = max((f.number for r in each_once(plan.root) for f in r.fields), default=0)
        every = each_once(plan.root)
        uses = Counter(id(below) for relation in every for below in inputs(relation))
        built: dict[int, Select] = {}
        for relation in every:
            select = self._relation(relation, [built[id(below)] for below in inputs(relation)])
            built[id(relation)] = self._close(select) if uses[id(relation)] > 1 else select
        fields = plan.root.fields
        last = built[id(plan.root)]
        if any(k.field in last.computed and k.field not in fields for k in last.order):
            last = self._close(last)
        text = self._text(last, fields)
        if self._stages:
            word = "WITH RECURSIVE" if self._recursive else "WITH"
            text = f"{word} {f',{_BREAK}'.join(self._stages)}{_BREAK}{text}"
        return Compiled(text.replace(_BREAK, "\n"), tuple((f.name, f.type) for f in fields))

    def _relation(self, relation: Relation, below: list[Select]) -> Select:
        match relation:
            case Scan():
                return self._scan(relation)
            case Values():
                return self._values(relation)
            case Filter():
                return self._filter(relation, below[0])
            case Project():
                return self._project(relation, below[0])
            case Aggregate():
                return self._aggregate(relation, below[0])
            case FirstPer():
                return self._first_per(relation, below[0])
            case Join():
                return self._join(relation, below[0], below[1])
            case Union():
                return self._union(relation, below)
            case Sort():
                return self._sort(relation, below[0])
            case Limit():
                return self._limit(relation, below[0])
            case Window():
                return self._window(relation, below[0])
            case Fold():
                return self._fold(relation, below[0])
            case Expand():
                return self._expand(relation, below[0])

    # -- relations ---------------------------------------------------------------------------

    def _scan(self, scan: Scan) -> Select:
        column = self._dialect.column
        pairs = zip(scan.fields, scan.columns, strict=True)
        outputs = {f: f"t.{column(scan.table, c)}" for f, c in pairs}
        return Select(f"{self._dialect.table(scan.table)} AS t", outputs)

    def _values(self, values: Values) -> Select:
        literal = self._dialect.literal
        if not values.rows:
            return self._nothing(values.fields)
        if len(values.rows) == 1:
            row = {f: literal(v) for f, v in zip(values.fields, values.rows[0], strict=True)}
            return Select("", row, frozenset(row))
        if not values.fields:
            return Select(f"(VALUES {', '.join('(0)' for _ in values.rows)}) AS t(none)", {})
        rows = f",{_BREAK}  ".join(f"({', '.join(map(literal, row))})" for row in values.rows)
        columns = {f: column_name(f) for f in values.fields}
        return Select(
            f"(VALUES{_BREAK}  {rows}{_BREAK}) AS t({', '.join(columns.values())})", columns
        )

    def _nothing(self, fields: tuple[Field, ...]) -> Select:
        nulls = {f: self._dialect.literal(Literal(None, f.type)) for f in fields}
        return Select("", nulls, where=("false",), open=False)

    def _filter(self, relation: Filter, below: Select) -> Select:
        below = self._ready(below, _read(relation.condition))
        condition = self._lower(relation.condition, below, truth=True)
        return replace(below, where=(*below.where, bare(condition)))

    def _project(self, relation: Project, below: Select) -> Select:
        if not below.open or not _fits(relation, below):
            below = self._close(below)
        outputs: dict[Field, str] = {}
        computed: set[Field] = set()
        kept = tuple((key.field, Column(key.field)) for key in below.order)
        for field, expression in (*relation.assignments, *kept):
            if field in outputs:
                continue
            if isinstance(expression, Column):
                outputs[field] = below.outputs[expression.field]
                if expression.field in below.computed:
                    computed.add(field)
                if expression.field in self._chances:
                    self._chances.add(field)
            else:
                outputs[field] = self._lower(expression, below)
                computed.add(field)
                if is_by_chance(expression):
                    self._chances.add(field)
        unique = below.unique if all(f in outputs for f in below.unique) else ()
        return replace(below, outputs=outputs, computed=frozenset(computed), unique=unique)

    def _aggregate(self, relation: Aggregate, below: Select) -> Select:
        pairs = relation.groups + relation.aggregates
        read = {f for _, e in pairs for f in _read(e)}
        below = self._ready(below, read | {key.field for key in below.order})
        order = self._order_by(below, ())
        outputs = {f: self._lower(e, below) for f, e in relation.groups}
        outputs |= {f: self._lower(e, below, order=order) for f, e in relation.aggregates}
        folds = any(is_aggregate(n) for _, e in relation.aggregates for n in walk(e))
        if not relation.groups and not folds:  # SQL would give a row a row: here is one in all
            return Select("", outputs, frozenset(outputs))
        group, unique = len(relation.groups), tuple(f for f, _ in relation.groups)
        return replace(below, outputs=outputs, group=group, unique=unique, order=(), open=False)

    def _first_per(self, relation: FirstPer, below: Select) -> Select:
        below = self._ready(below, {f for e in relation.keys for f in _read(e)})
        keys = ", ".join(self._lower(e, below) for e in relation.keys)
        outputs = {f: below.outputs[f] for f in relation.fields}
        distinct = f"DISTINCT ON ({keys}) "
        return replace(below, distinct=distinct, outputs=outputs, order=(), open=False)

    def _join(self, relation: Join, left: Select, right: Select) -> Select:
        sides, names = [], dict[Field, str]()
        for alias, below in (("l", self._close(left)), ("r", self._close(right))):
            sides.append(f"{below.source} AS {alias}")
            names |= {f: f"{alias}.{column_name(f)}" for f in below.outputs}
        condition = bare(self._lower(relation.condition, Select("", names), truth=True))
        text = f"{sides[0]}{_BREAK}{_JOINS[relation.kind]} {sides[1]} ON {condition}"
        keeps_order = relation.kind in ("left_outer", "left_semi", "left_anti")
        order = left.order if keeps_order else ()
        outputs = {f: names[f] for f in (*relation.fields, *(key.field for key in order))}
        return Select(text, outputs, order=order)

    def _union(self, relation: Union, below: list[Select]) -> Select:
        if not below:
            return self._nothing(relation.fields)
        parts = []
        for select, side in zip(below, relation.inputs, strict=True):
            source = select if select.open and select.limit is None else self._close(select)
            pairs = zip(relation.fields, side.fields, strict=True)
            renamed = {f: source.outputs[b] for f, b in pairs}
            parts.append(self._text(replace(source, outputs=renamed, order=()), relation.fields))
        outputs = {f: column_name(f) for f in relation.fields}
        return Select("", outputs, open=False, union=f"{_BREAK}UNION ALL{_BREAK}".join(parts))

    def _sort(self, relation: Sort, below: Select) -> Select:
        complex_keys = [k.expression for k in relation.keys if not isinstance(k.expression, Column)]
        grouped = below.group > 0 and below.limit is None and not complex_keys
        if not grouped:
            below = self._ready(below, {f for e in complex_keys for f in _read(e)})
        outputs = {f: below.outputs[f] for f in relation.fields}
        computed, keys = set(below.computed), list[Key]()
        for key in relation.keys:
            if isinstance(key.expression, Literal):
                continue  # it orders nothing, and SQL would read a number as a column's place
            if isinstance(key.expression, Column):
                field = key.expression.field
            else:
                field = self._new_field(key.expression.type)
                outputs[field] = self._lower(key.expression, below)
                computed.add(field)
                if is_by_chance(key.expression):
                    self._chances.add(field)
            keys.append(Key(field, key.descending, key.nulls_first))
        ordered = replace(below, outputs=outputs, computed=frozenset(computed), order=tuple(keys))
        if any(key.field in self._chances & computed for key in keys):
            # What chance gives is looked at twice, for itself and for NaN: it needs one value.
            ordered = replace(self._close(replace(ordered, order=())), order=tuple(keys))
        return ordered

    def _limit(self, relation: Limit, below: Select) -> Select:
        if below.limit is not None:
            return replace(below, limit=min(below.limit, relation.count))
        if below.union:
            below = self._close(below)
        return replace(below, limit=relation.count)

    def _expand(self, relation: Expand, below: Select) -> Select:
        below = self._ready(below, {f for _, e in relation.lists for f in _read(e)})
        inside = dict(below.outputs)
        rows: list[Field] = []  # the place of the row, where the rows are in an order
        if below.order:
            rows.append(self._new_field(Type.LONG))
            inside[rows[0]] = f"row_number() OVER ({self._order_by(below, ())})"
        lists = []
        for _, expression in relation.lists:
            lists.append(self._new_field(Type.DYNAMIC))
            value = self._lower(expression, below)
            inside[lists[-1]] = self._dialect.elements(value, relation.pairs, relation.most)
        below = self._close(replace(below, outputs=inside, order=()))
        kept = (*relation.input.fields, *rows)
        outputs = {f: below.outputs[f] for f in kept}
        for (field, _), elements in zip(relation.lists, lists, strict=True):
            outputs[field] = f"nullif(unnest({below.outputs[elements]}), 'null')"
        place = relation.index or (self._new_field(Type.LONG) if rows else None)
        if place is not None:
            lengths = ", ".join(f"len({below.outputs[f]})" for f in lists)
            outputs[place] = f"unnest(range(greatest({lengths})))"
        order = tuple(Key(f, False, False) for f in (*rows, place) if f and rows)
        computed = frozenset(f for f in outputs if f not in kept)
        return Select(below.source, outputs, computed, order=order, open=False)

    def _window(self, relation: Window, below: Select) -> Select:
        """Neighbours in the rows' order; what is equal in it stands as it came."""
        sliding = {
            f for f, e in relation.computed if isinstance(e, Apply) and e.operation in SLIDING
        }
        if len(sliding) < len(relation.computed) or not sliding:
            below = self._numbered(below)
        read = {f for e in expressions(relation) for f in _read(e)}
        below = self._ready(below, read | {key.field for key in below.order})
        outputs = dict(below.outputs)
        if relation.computed:
            within = ", ".join(self._lower(e, below) for e in relation.partitions)
            apart = f"PARTITION BY {within}" if within else ""
            frame = " ".join(part for part in (apart, self._order_by(below, ())) if part)
            for field, expression in relation.computed:
                over = apart if field in sliding else frame
                outputs[field] = self._lower(expression, below, order=over)
        computed = below.computed | {field for field, _ in relation.computed}
        return replace(below, outputs=outputs, computed=computed, open=False)

    def _fold(self, relation: Fold, below: Select) -> Select:
        """A recursion from row to row, over rows that are numbered without gaps."""
        below = self._numbered(below)
        place = self._new_field(Type.LONG)
        number = f"row_number() OVER ({self._order_by(below, ())})"
        below = self._close(
            replace(below, outputs=below.outputs | {place: number}, computed=frozenset({place}))
        )
        # Else the engine might work out the rows anew for each of them.
        self._stages[-1] = self._stages[-1].replace(" AS (", " AS MATERIALIZED (", 1)
        self._arrivals.add(place)
        self._recursive = True
        name, at = f"s{len(self._stages) + 1}", column_name(place)
        names = {f: f"r.{column_name(f)}" for f in below.outputs}
        names |= {running.field: f"s.{column_name(running.field)}" for running in relation.state}
        reading = Select("", names)
        starts, steps = [f"CAST(0 AS {self._dialect.type_name(Type.LONG)}) AS {at}"], [f"r.{at}"]
        for running in relation.state:
            of = self._dialect.type_name(running.field.type)
            start = self._dialect.literal(running.start)
            starts.append(f"CAST({start} AS {of}) AS {column_name(running.field)}")
            steps.append(f"CAST({self._lower(running.value, reading)} AS {of})")
        lines = [
            f"{name} AS (",
            f"  SELECT {', '.join(starts)}",
            "  UNION ALL",
            f"  SELECT {', '.join(steps)}",
            f"  FROM {name} AS s JOIN {below.source} AS r ON r.{at} = s.{at} + 1",
            ")",
        ]
        self._stages.append(_BREAK.join(lines))
        source = f"{below.source} AS r{_BREAK}JOIN {name} AS s ON s.{at} = r.{at}"
        return Select(source, names, order=(Key(place, False, False),))

    def _numbered(self, below: Select) -> Select:
        """The select with the place that each row came in as the last key of its order."""
        if below.order and below.order[-1].field in self._arrivals:
            return below
        below = self._close(below)
        arrival = self._new_field(Type.LONG)
        self._arrivals.add(arrival)
        # Groups come in whatever order the engine found them in, each time another.
        unique = below.unique if all(f in below.outputs for f in below.unique) else ()
        keys = ", ".join(f"{below.outputs[f]} ASC NULLS FIRST" for f in unique)
        outputs = below.outputs | {arrival: f"row_number() OVER ({keys and f'ORDER BY {keys}'})"}
        order = (*below.order, Key(arrival, False, False))
        return self._close(
            replace(below, outputs=outputs, computed=frozenset({arrival}), order=order)
        )

    # -- text --------------------------------------------------------------------------------

    def _lower(
        self, expression: Expression, below: Select, *, truth: bool = False, order: str = ""
    ) -> str:
        return lower(expression, below.outputs, self._dialect, truth=truth, order=order)

    def _new_field(self, of: Type) -> Field:
        self._hidden += 1
        return Field(self._hidden, "", of)

    def _ready(self, select: Select, read: set[Field]) -> Select:
        """The select if what reads these fields can be written into it, else one over it."""
        if select.open and select.limit is None and not read & select.computed:
            return select
        return self._close(select)

    def _close(self, select: Select) -> Select:
        """A plain SELECT over the given one, which becomes a stage of its own unless it is one."""
        plain = {f: column_name(f) for f in select.outputs}
        if (
            select == Select(select.source, plain, unique=select.unique, order=select.order)
            and select.source in self._made
        ):
            return select
        name = f"s{len(self._stages) + 1}"
        inside = select if select.limit is not None else replace(select, order=())
        body = self._text(inside, tuple(select.outputs)).replace(_BREAK, _BREAK + "  ")
        self._stages.append(f"{name} AS ({_BREAK}  {body}{_BREAK})")
        self._made.add(name)
        unique = select.unique if all(f in plain for f in select.unique) else ()
        return Select(name, plain, unique=unique, order=select.order)

    def _order_by(self, select: Select, shown: tuple[Field, ...]) -> str:
        keys = []
        for key in select.order:
            by = column_name(key.field) if key.field in shown else select.outputs[key.field]
            direction = "DESC" if key.descending else "ASC"
            if key.field.type is Type.REAL and key.nulls_first is not key.descending:
                # A NaN stands beside the nulls, where engines would hold it above all numbers.
                is_nan = self._dialect.is_nan.format(by)
                keys.append(f"{is_nan} {'DESC NULLS FIRST' if key.nulls_first else 'ASC'}")
            keys.append(f"{by} {direction} NULLS {'FIRST' if key.nulls_first else 'LAST'}")
        return "ORDER BY " + ", ".join(keys) if keys else ""

    def _text(self, select: Select, fields: tuple[Field, ...]) -> str:
        if select.union:
            return select.union
        items = ", ".join(_item(select.outputs[f], column_name(f)) for f in fields)
        lines = [f"SELECT {select.distinct}{items or '0 AS none'}"]
        if select.source:
            lines.append(f"FROM {select.source}")
        if select.where:
            lines.append("WHERE " + f"{_BREAK}  AND ".join(map(_conjunct, select.where)))
        if select.group:
            lines.append("GROUP BY " + ", ".join(str(i + 1) for i in range(select.group)))
        order = self._order_by(select, fields)
        if order:
            lines.append(order)
        if select.limit is not None:
            lines.append(f"LIMIT {select.limit}")
        return _BREAK.join(lines)


def _read(expression: Expression) -> set[Field]:
    return {n.field for n in walk(expression) if isinstance(n, Column)}


def _fits(relation: Project, below: Select) -> bool:
    """Whether the projection can stand in the SELECT below without computing a value twice."""
    passed = Counter(key.field for key in below.order)
    for field, expression in relation.assignments:
        if not isinstance(expression, Column):
            if _read(expression) & below.computed:
                return False
        elif field != expression.field or field not in passed:
            passed[expression.field] += 1
    return all(passed[f] <= 1 for f in below.computed)


def _item(sql: str, name: str) -> str:
    return sql if sql == name else f"{bare(sql)} AS {name}"


def _conjunct(sql: str) -> str:
    return f"({sql})" if " OR " in sql else sql


def bare(sql: str) -> str:
    """The SQL without parentheses that enclose the whole of it."""
    if not sql.startswith("(") or not sql.endswith(")"):
        return sql
    depth = 0
    for part in _QUOTED_OR_PARENTHESIS.finditer(sql):
        if part[0] == "(":
            depth += 1
        elif part[0] == ")":
            depth -= 1
            if depth == 0 and part.end() < len(sql):
                return sql
    return sql[1:-1]
