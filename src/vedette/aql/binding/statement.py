"""A query's clauses: takes one SELECT and what stands around it, gives its rows and their columns.

A query behind IN or FROM is bound as a statement of its own over the same fields.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from vedette.aql.binding import parameters, subqueries
from vedette.aql.binding.collation import collated
from vedette.aql.binding.comparison import ordered_as
from vedette.aql.binding.context import Context, Refused
from vedette.aql.binding.expressions import Binder
from vedette.aql.binding.fields import CURSOR, star
from vedette.aql.binding.grouping import Grouping, aggregates
from vedette.aql.binding.log_source_types import PROVIDER
from vedette.aql.binding.names import Taken, result_name
from vedette.aql.binding.sessions import BoundSession, with_sessions
from vedette.aql.binding.subqueries import Step
from vedette.aql.binding.window import Window, window
from vedette.aql.codes import (
    MISPLACED,
    UNKNOWN_FIELD,
    UNKNOWN_TABLE,
    UNSUPPORTED,
)
from vedette.aql.functions import HIDDEN
from vedette.aql.properties import Mappings
from vedette.aql.reading.syntax_tree import (
    Call,
    From,
    InQuery,
    Item,
    Name,
    Number,
    Query,
    Session,
    Star,
    Text,
    conjuncts,
)
from vedette.aql.reading.syntax_tree import Expression as Node
from vedette.plan.build import apply, every
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    Limit,
    Project,
    Relation,
    Scan,
    Sort,
    SortKey,
)
from vedette.plan.rewrite import rewrite_relation
from vedette.plan.show import show_expression
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.problem import Findings
from vedette.syntax.source import Source
from vedette.tables.catalog import Catalog
from vedette.tables.schema import Table

CARRIED = ("$time", PROVIDER)
"""Hidden columns that a query over another's rows may need whatever is shown."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the queries of one text share; ``now`` is the clock in ticks."""

    source: Source
    catalog: Catalog
    now: int
    findings: Findings
    mappings: Mappings
    fields: Fields = field(default_factory=Fields)

    def context(self, table: Table) -> Context:
        """Where the expressions of a query over this table are bound."""
        return Context(table, self.now, self.findings, self.mappings, self.fields)


@dataclass(frozen=True, slots=True)
class Bound:
    """A query's rows, and how many ticks it looks back, None where nobody can say."""

    rows: Relation
    lookback: int | None


def bind_query(query: Query, around: Surroundings, *, cursor: bool = False) -> Bound | None:
    """The rows of a query; None where it was refused, with the reason among the problems.

    With *cursor* hidden columns come along, so that a query over these rows has them too.
    """
    below = _below(query.source, around)
    return _Statement(query, around, *below, cursor=cursor).bound() if below is not None else None


def _below(source: From | None, around: Surroundings) -> tuple[Context, Bound | None] | None:
    """Where a query's names are looked up, and the rows of the query that it is over, if any."""
    if source is None:
        return None
    named, findings = source.table, around.findings
    if isinstance(named, Query):
        inner = bind_query(named, around, cursor=True)
        return (_cursor(inner.rows, around), inner) if inner is not None else None
    if isinstance(named, Call):
        what = f"{named.name.upper()} in FROM"
        findings.add(UNSUPPORTED, "unsupported", f"{what} is not supported", named.span)
        return None
    table = around.catalog.table_folded(named.text)
    if table is None or table.platform != "qradar":
        message = f'no catalog is named "{named.text}"'
        hint = "AQL's are events and flows"
        findings.add(UNKNOWN_TABLE, "name", message, named.span, hint=hint)
        return None
    return around.context(table), None


def _cursor(rows: Relation, around: Surroundings) -> Context:
    """The result of an inner query, which QRadar calls a cursor, as a table."""
    time = "$time" if any(f.name == "$time" for f in rows.fields) else None
    table = Table(CURSOR, {f.name: f.type for f in rows.fields}, "qradar", time)
    context = around.context(table)
    context.columns.update({f.name: f for f in rows.fields})
    return context


def _names_of_numbers(numbers: Collection[str]) -> list[str]:
    """The hidden columns that hold the names of fields with numbers, given in lower case."""
    return [h for pairs in HIDDEN.values() for number, h in pairs.items() if number in numbers]


@dataclass(frozen=True, slots=True)
class _Output:
    """A result column: its name, and its value over the rows below."""

    field: Field
    value: Expression


class _Statement:
    def __init__(
        self,
        query: Query,
        around: Surroundings,
        context: Context,
        below: Bound | None,
        *,
        cursor: bool,
    ) -> None:
        self.query = query
        self.around = around
        self.source = around.source
        self.context = context
        self.below = below
        self.cursor = cursor
        self.lookbacks: list[int | None] = []
        context.query = self._inner
        aliases = {
            item.alias.lower(): item.value
            for item in reversed(query.items)
            if item.alias and not isinstance(item.value, Star)
        }
        self.aliases = aliases
        self.binder = Binder(context, aliases)
        self.failed = False

    def bound(self) -> Bound | None:
        """The rows, or None where a part of the query was refused."""
        context, query = self.context, self.query
        self._refuse_clauses()
        span = window(query, context) if self.below is None else None
        session = context.fields.new("sessionId", Type.LONG) if query.session else None
        context.session = session
        bound = [self._try_item(item) for item in self._items()]
        items = [pair for pair in bound if pair is not None]
        context.deciding = True
        context.session = None
        where = self._where()
        if query.session is not None and session is not None:
            where.append(self._sessions(query.session, session))
        context.session = session
        groups = [g for g in (self._grouped_by(node) for node in query.group_by) if g is not None]
        having = self._condition(query.having, grouped=True)
        context.deciding = False
        order = self._order()
        grouped = bool(query.group_by) or any(
            aggregates(value) for value in (*(v for _, v in items), *(v for v, _ in order))
        )
        if having is not None and not grouped and not aggregates(having):
            self._refuse_having()
        if self.failed or context.findings.failed:
            return None
        grouping = None
        if grouped or having is not None:
            grouping = Grouping(context, [*groups, *self._names_of(groups)])
        rows = self._rows(span, where)
        root = self._with_scan(self._result(rows, items, having, order, grouping))
        known = [span.lookback if span else None, *self.lookbacks]
        return Bound(root, max((ticks for ticks in known if ticks is not None), default=None))

    def _inner(self, query: Query) -> Relation | None:
        bound = bind_query(query, self.around)
        if bound is None:
            self.failed = True
            return None
        self.lookbacks.append(bound.lookback)
        return bound.rows

    # --- binding the clauses ------------------------------------------------------------------

    def _refuse_clauses(self) -> None:
        if self.below is not None:
            self.lookbacks.append(self.below.lookback)
            if self.query.window is not None:
                what = "a time window over the rows of a query"
                hint = "put it into the query in FROM"
                span = self.query.window.span
                self._refuse(self.context.unsupported(what, span, hint=hint))
        if not parameters.are_known(self.query.parameters, self.context):
            self.failed = True
        if self.query.distinct is not None:
            if self.context.findings.strict:
                message = f'Field "DISTINCT" does not exist in catalog "{self.context.table.name}"'
                hint = "AQL has no SELECT DISTINCT; group by the fields"
                span = self.query.distinct
                self._refuse(self.context.refuse(UNKNOWN_FIELD, "name", message, span, hint=hint))
            else:
                message = "SELECT DISTINCT is read as grouping by every selected column"
                self.context.findings.repair("select-distinct", message, self.query.distinct)

    def _refuse(self, refusal: Refused) -> None:
        """Remember that *refusal*, which is already among the problems, leaves no plan."""
        self.failed = True

    def _refuse_having(self) -> None:
        if self.query.having is not None:
            message = "HAVING needs groups; put the condition into WHERE"
            span = self.query.having.span
            self._refuse(self.context.refuse(MISPLACED, "type", message, span))

    def _items(self) -> list[Item]:
        items: list[Item] = []
        for item in self.query.items:
            if isinstance(item.value, Star):
                names = (Name(column, True, item.span) for column in star(self.context))
                items += [Item(name, "", item.span) for name in names]
            else:
                items.append(item)
        return items

    def _try_item(self, item: Item) -> tuple[Item, Expression] | None:
        if isinstance(item.value, Star):
            return None
        try:
            return item, self.binder.shown(item.value)
        except Refused as refusal:
            self._refuse(refusal)
            return None

    def _condition(self, node: Node | None, *, grouped: bool = False) -> Expression | None:
        if node is None:
            return None
        try:
            return self.binder.condition(node, aliases_first=grouped, aggregates=grouped)
        except Refused as refusal:
            self._refuse(refusal)
            return None

    def _where(self) -> list[Step]:
        """What turns the rows into those that WHERE selects."""
        steps: list[Step] = []
        conditions: list[Expression] = []
        self.context.steps = steps
        for node in conjuncts(self.query.where) if self.query.where is not None else ():
            if isinstance(node, InQuery):
                try:
                    value = self.binder.value(node.value)
                    steps.append(subqueries.choose(self.context, value, node))
                except Refused as refusal:
                    self._refuse(refusal)
            elif (condition := self._condition(node)) is not None:
                conditions.append(condition)
        self.context.steps = None
        if conditions:
            steps.append(lambda rows: Filter(rows, every(conditions)))
        return steps

    def _sessions(self, clause: Session, number: Field) -> Step:
        """What gives the rows that WHERE selects the number of their session."""
        try:
            time = self.binder.value(clause.time)
            if time.type not in NUMBERS:
                raise self.context.wrong_type(time, "Long", "SESSION BY begins with a time")
            bound = BoundSession(
                number,
                apply("to_long", time, span=time.span),
                tuple(self.binder.value(key) for key in clause.keys),
                self.binder.condition(clause.begin) if clause.begin else None,
                clause.explicit_begin,
                self.binder.condition(clause.end) if clause.end else None,
                clause.explicit_end,
                clause.timeout,
                clause.longest,
            )
        except Refused as refusal:
            self._refuse(refusal)
            return lambda rows: rows
        return lambda rows: with_sessions(self._filled(rows), bound, self.context.fields)

    def _filled(self, rows: Relation) -> Relation:
        """The rows with every column that the query may still read, once all of it is bound."""
        self.context.time(self.query.span)
        if self.cursor:
            hidden = {h for pairs in HIDDEN.values() for h in pairs.values()}
            for name in self.context.table.columns.keys() & {*hidden, *CARRIED}:
                self.context.column(name, self.query.span)
        return self._with_scan(rows)

    def _grouped_by(self, node: Node) -> Expression | None:
        try:
            return self.binder.value(self._by(node, "GROUP BY"), aliases_first=True)
        except Refused as refusal:
            self._refuse(refusal)
            return None

    def _names_of(self, groups: Sequence[Expression]) -> list[Expression]:
        """The names that the query, or one around it, may read of numbers it groups by.

        Some names are known of events whose number is not: those events are no one group.
        """
        grouped = {group.field.name.lower() for group in groups if isinstance(group, Column)}
        read = self.context.table.columns if self.cursor else self.context.columns
        names = [name for name in _names_of_numbers(grouped) if name in read]
        return [self.context.column(name, self.query.span) for name in names]

    def _by(self, node: Node, clause: str) -> Node:
        """What a key names: a string that is an alias means the alias."""
        if isinstance(node, Number):
            raise self.context.unsupported(f"a position in {clause}", node.span)
        if isinstance(node, Text) and node.value.lower() in self.aliases:
            return Name(node.value, True, node.span)
        return node

    def _order(self) -> list[tuple[Expression, bool]]:
        keys: list[tuple[Expression, bool]] = []
        for key in self.query.order_by:
            try:
                node = self._by(key.value, "ORDER BY")
                bound = self.binder.value(node, aliases_first=True, aggregates=True)
                keys.append((collated(bound, key, self.context), key.descending))
            except Refused as refusal:
                self._refuse(refusal)
        return keys

    # --- building the plan --------------------------------------------------------------------

    def _rows(self, span: Window | None, where: Sequence[Step]) -> Relation:
        rows: Relation
        if self.below is not None or span is None:
            rows = self.below.rows if self.below is not None else self._scan()
        else:
            rows = Filter(self._scan(), self._inside(span))
        for step in where:
            rows = step(rows)
        return rows

    def _inside(self, span: Window) -> Expression:
        time = self.context.time(self.query.span)
        if time is None:
            raise AssertionError("a catalogue of QRadar without a time")
        return apply(
            "and",
            apply("greater_or_equal", time, Literal(span.start, Type.DATETIME)),
            apply("less", time, Literal(span.end, Type.DATETIME)),
        )

    def _result(
        self,
        rows: Relation,
        items: Sequence[tuple[Item, Expression]],
        having: Expression | None,
        order: Sequence[tuple[Expression, bool]],
        grouping: Grouping | None,
    ) -> Relation:
        def over(value: Expression) -> Expression:
            return grouping.over_groups(value) if grouping else value

        outputs = self._outputs(items, grouping)
        ordered = ((value, down, ordered_as(self.context, value)) for value, down in order)
        keys = [(over(value), down, by) for value, down, by in ordered]
        condition = over(having) if having is not None else None
        if grouping is not None:
            rows = grouping.relation(rows)
        if condition is not None:
            rows = Filter(rows, condition)
        if grouping is not None and self.cursor:
            names = (Column(field) for field in grouping.fields if field.name.startswith("$"))
            outputs += [_Output(self.context.fields.new(c.field.name, c.type), c) for c in names]
        newest = self.context.time(self.query.span)
        if grouping is None and self.query.distinct is None:
            if self.cursor:
                outputs += self._hidden(outputs)
            if newest is not None:
                keys.append((newest, True, ""))
        return self._ordered(rows, outputs, keys)

    def _hidden(self, outputs: Sequence[_Output]) -> list[_Output]:
        """Hidden columns that functions over the shown ones will ask for, and the rows' moment."""
        shown = {o.field.name.lower() for o in outputs if isinstance(o.value, Column)}
        behind = {*_names_of_numbers(shown), *CARRIED}
        names = [name for name in self.context.table.columns if name in behind]
        columns = (self.context.column(name, self.query.span) for name in names)
        return [_Output(self.context.fields.new(c.field.name, c.type), c) for c in columns]

    def _outputs(
        self, items: Sequence[tuple[Item, Expression]], grouping: Grouping | None
    ) -> list[_Output]:
        taken = Taken()
        seen: dict[tuple[str, str], None] = {}
        outputs: list[_Output] = []
        for item, bound in items:
            if isinstance(item.value, Star):
                continue
            first = grouping is not None and grouping.is_first(bound)
            name = result_name(self.source, item.value, item.alias, first=first)
            value = grouping.over_groups(bound) if grouping else bound
            if (name, show_expression(value)) in seen:
                continue
            seen[name, show_expression(value)] = None
            field = self.context.fields.new(taken.free(name), value.type)
            outputs.append(_Output(field, value))
        return outputs

    def _ordered(
        self,
        rows: Relation,
        outputs: Sequence[_Output],
        keys: Sequence[tuple[Expression, bool, str]],
    ) -> Relation:
        """The outputs, sorted by the keys; keys that are no output are computed beside them.

        A key has its direction and the operation that orders its values, if any.
        """
        shown = {show_expression(o.value): o.field for o in outputs}
        beside: list[Assignment] = []
        sort_keys: list[SortKey] = []
        for value, descending, by in keys:
            text = show_expression(value)
            if text not in shown:
                shown[text] = self.context.fields.new("order", value.type)
                beside.append((shown[text], value))
            key = Column(shown[text], value.span)
            parts: list[Expression] = [apply(by, key, span=value.span), key] if by else [key]
            sort_keys += [SortKey(part, descending, not descending) for part in parts]
        assignments = tuple((o.field, o.value) for o in outputs)
        if self.query.distinct is not None and beside:
            what = "ORDER BY of what SELECT DISTINCT leaves out"
            self._refuse(self.context.unsupported(what, self.query.distinct))
        result: Relation = Project(rows, (*assignments, *beside))
        if self.query.distinct is not None:
            result = Aggregate(result, tuple((f, Column(f)) for f in result.fields), ())
        if sort_keys:
            result = Sort(result, tuple(sort_keys))
        if self.query.limit is not None:
            result = Limit(result, self.query.limit.count)
        if beside:
            result = Project(result, tuple((o.field, Column(o.field)) for o in outputs))
        return result

    def _scan(self) -> Scan:
        return Scan(self.context.table.name, (), (), self.query.span)

    def _with_scan(self, root: Relation) -> Relation:
        """The plan with its scan giving every column that was read."""

        def fill(relation: Relation) -> Relation:
            if not isinstance(relation, Scan):
                return relation
            if relation.fields:  # the scan of a query inside this one
                return relation
            named = self.context.columns
            at = self.query.source.span if self.query.source else self.query.span
            return Scan(relation.table, tuple(named.values()), tuple(named), at)

        return rewrite_relation(root, fill)
