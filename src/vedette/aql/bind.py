"""Binding a query: takes a source and the tables it may name, gives its plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vedette.aql.binding.context import Context, Refused
from vedette.aql.binding.expressions import Binder
from vedette.aql.binding.fields import star
from vedette.aql.binding.grouping import Grouping, aggregates
from vedette.aql.binding.names import Taken, result_name
from vedette.aql.binding.window import Window, window
from vedette.aql.codes import MISPLACED, UNKNOWN_FIELD, UNKNOWN_TABLE, UNSUPPORTED
from vedette.aql.properties import Mappings
from vedette.aql.reading.grammar import parse
from vedette.aql.reading.syntax_tree import Call, From, Item, Name, Number, Query, Star, Text
from vedette.aql.reading.syntax_tree import Expression as Node
from vedette.aql.repairs import repair_text
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    Limit,
    Plan,
    Project,
    Relation,
    Scan,
    Sort,
    SortKey,
)
from vedette.plan.rewrite import rewrite_relation
from vedette.plan.show import show_expression
from vedette.plan.types import Type
from vedette.syntax.problem import Findings
from vedette.syntax.source import Source
from vedette.tables.catalog import Catalog
from vedette.tables.schema import Table

DEFAULT = Mappings()


def bind(
    source: Source,
    catalog: Catalog,
    now: int,
    findings: Findings,
    mappings: Mappings = DEFAULT,
) -> Plan:
    """The plan of a query; raises QueryError with every problem of the text.

    *now* is the query's clock in ticks. Problems that do not hinder, and the repairs that were
    made, are left in *findings*.
    """
    query = parse(source, findings)
    plan = None
    if query is not None:
        repair_text(query, source, findings)
        table = _table(query.source, catalog, findings)
        if table is not None:
            context = Context(table, now, findings, mappings)
            plan = _Statement(query, source, context).plan()
    findings.raise_errors()
    if plan is None:
        raise AssertionError("a query without a plan has no problem")
    return plan


def _table(source: From | None, catalog: Catalog, findings: Findings) -> Table | None:
    if source is None:
        return None
    named = source.table
    if isinstance(named, Query | Call):
        what = "a query in FROM" if isinstance(named, Query) else f"{named.name.upper()} in FROM"
        findings.add(UNSUPPORTED, "unsupported", f"{what} is not supported", named.span)
        return None
    table = catalog.table_folded(named.text)
    if table is None or table.platform != "qradar":
        message = f'no catalog is named "{named.text}"'
        hint = "AQL's are events and flows"
        findings.add(UNKNOWN_TABLE, "name", message, named.span, hint=hint)
        return None
    return table


@dataclass(frozen=True, slots=True)
class _Output:
    """A result column: its name, and its value over the rows below."""

    field: Field
    value: Expression


class _Statement:
    def __init__(self, query: Query, source: Source, context: Context) -> None:
        self.query = query
        self.source = source
        self.context = context
        aliases = {
            item.alias.lower(): item.value
            for item in reversed(query.items)
            if item.alias and not isinstance(item.value, Star)
        }
        self.aliases = aliases
        self.binder = Binder(context, aliases)
        self.failed = False

    def plan(self) -> Plan | None:
        """The plan, or None where a part of the query was refused."""
        context, query = self.context, self.query
        self._refuse_clauses()
        span = window(query, context)
        bound = [self._try_item(item) for item in self._items()]
        items = [pair for pair in bound if pair is not None]
        context.deciding = True
        where = self._condition(query.where)
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
            grouping = Grouping(context, groups)
        rows = self._rows(span, where)
        root = self._result(rows, items, having, order, grouping)
        return Plan(self._with_scan(root), span.lookback)

    # --- binding the clauses ------------------------------------------------------------------

    def _refuse_clauses(self) -> None:
        for clause in self.query.unread:
            self._refuse(self.context.unsupported(clause.name, clause.span))
        for key in self.query.order_by:
            if key.collation:
                self._refuse(self.context.unsupported("COLLATE", key.span))
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

    def _grouped_by(self, node: Node) -> Expression | None:
        try:
            return self.binder.value(self._by(node, "GROUP BY"), aliases_first=True)
        except Refused as refusal:
            self._refuse(refusal)
            return None

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
                keys.append((bound, key.descending))
            except Refused as refusal:
                self._refuse(refusal)
        return keys

    # --- building the plan --------------------------------------------------------------------

    def _rows(self, span: Window, where: Expression | None) -> Relation:
        time = self._time()
        inside = apply(
            "and",
            apply("greater_or_equal", time, Literal(span.start, Type.DATETIME)),
            apply("less", time, Literal(span.end, Type.DATETIME)),
        )
        rows: Relation = Filter(self._scan(), inside)
        return Filter(rows, where) if where is not None else rows

    def _time(self) -> Column:
        name = self.context.table.time_column or "$time"
        return self.context.column(name, self.query.span)

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
        keys = [(over(value), descending) for value, descending in order]
        condition = over(having) if having is not None else None
        if grouping is not None:
            rows = grouping.relation(rows)
        if condition is not None:
            rows = Filter(rows, condition)
        if grouping is None and self.query.distinct is None:
            keys.append((self._time(), True))
        return self._ordered(rows, outputs, keys)

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
        keys: Sequence[tuple[Expression, bool]],
    ) -> Relation:
        """The outputs, sorted by the keys; keys that are no output are computed beside them."""
        shown = {show_expression(o.value): o.field for o in outputs}
        beside: list[Assignment] = []
        sort_keys: list[SortKey] = []
        for value, descending in keys:
            text = show_expression(value)
            if text not in shown:
                shown[text] = self.context.fields.new("order", value.type)
                beside.append((shown[text], value))
            sort_keys.append(SortKey(Column(shown[text], value.span), descending, not descending))
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
            named = self.context.columns
            at = self.query.source.span if self.query.source else self.query.span
            return Scan(relation.table, tuple(named.values()), tuple(named), at)

        return rewrite_relation(root, fill)
