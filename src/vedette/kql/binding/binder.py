"""Binding: what is carried through it, from nodes to relations and expressions.

Every failure is recorded once, where it stands; ``Unbound`` then unwinds to the next place where
binding can go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from vedette.kql.binding import gathering, sources, values
from vedette.kql.binding.beside import parameters
from vedette.kql.binding.beside.given import NOTHING, Given
from vedette.kql.binding.clock import Clock
from vedette.kql.binding.context import MOST_PROBLEMS, Context, GivenUp, NeedsRows, Unbound
from vedette.kql.binding.fold import plain
from vedette.kql.binding.scope import DeclaredPattern, Rows, Scalar, Scope, Tabular, UserFunction
from vedette.kql.binding.size import Sizes
from vedette.kql.reading.syntax_tree import (
    Later,
    Let,
    LetFunction,
    Name,
    Node,
    Parameters,
    Pattern,
    Pipeline,
    Query,
    Result,
    Setting,
    SourceOperator,
)
from vedette.plan.expressions import Apply, Column, Expression, Field, Fields, Literal, walk
from vedette.plan.passes.renumber import renumber
from vedette.plan.relations import Assignment, Plan, Project, Relation, Scan, Values
from vedette.plan.rewrite import expressions, is_by_chance, relations
from vedette.plan.types import Type
from vedette.syntax.problem import Findings, Fix, Kind
from vedette.syntax.recent import Recent
from vedette.syntax.source import Source, Span
from vedette.tables.catalog import Catalog
from vedette.tables.schema import Table

if TYPE_CHECKING:
    from vedette.kql.binding.gathering import Gathered
    from vedette.kql.operators.base import Operator

Part = TypeVar("Part")
Made = TypeVar("Made")

_Stored = tuple[Table, tuple[Field, ...], tuple[Assignment, ...], int]
_FIRST_TABLES: Recent[int, _Stored] = Recent(256)

MOST_RELATIONS = 3_000
DEEPEST_CALLS = 20
MOST_CALLS = 2_000
ANSWERING = frozenset({
    "query_now", "query_datetimescope_column", "query_datetimescope_from",
    "query_datetimescope_to",
})  # fmt: skip
"""Options of ``set`` that change what a query gives; of others it hangs only how it is run."""


class Binder:
    """Binds the parts of one text."""

    def __init__(
        self, source: Source, catalog: Catalog, now: int, findings: Findings, given: Given = NOTHING
    ) -> None:
        """Start with no field handed out; *now* is the clock, in ticks."""
        self.source = source
        self.catalog = catalog
        self.given = given
        self.holds = given.holds
        self.declared_parameters: set[str] = set()
        self.gathered: dict[str, Gathered] = {}
        self.clock = Clock(now)
        self.findings = findings
        self.fields = Fields()
        self.sizes = Sizes()
        self._passed: dict[Field, Assignment] = {}
        self.apart: list[Relation] = []  # the rows of the subqueries around, which run by part
        self._relations = 0
        self._calls = 0
        self._depth = 0
        self.unnamed = 0
        self.saved_calls: list[str] = []  # the saved functions whose bodies are being bound

    # --- failures --------------------------------------------------------------------------------

    def fail(
        self, code: str, kind: Kind, message: str, span: Span, *, hint: str = "",
        reason: str = "", fix: Fix | None = None,
    ) -> Unbound:  # fmt: skip
        """Record a problem; what is given is to be raised."""
        self.findings.add(code, kind, message, span, hint=hint, reason=reason, fix=fix)
        if len(self.findings.problems) >= MOST_PROBLEMS:
            raise GivenUp
        return Unbound()

    def later(self, construct: str, span: Span, reason: str = "", hint: str = "") -> Unbound:
        """Record that Kusto has a construct that is not here yet; what is given is to be raised."""
        message = f"{construct} is not supported yet"
        return self.fail("VD001", "unsupported", message, span, reason=reason, hint=hint)

    def each(self, parts: Iterable[Part], bind: Callable[[Part], Made]) -> list[Made]:
        """Each part bound; those that fail do not keep the others from being looked at."""
        made: list[Made] = []
        failure: Unbound | None = None
        for part in parts:
            try:
                made.append(bind(part))
            except Unbound as unbound:
                failure = unbound
        if failure is not None:
            raise failure
        return made

    # --- values ----------------------------------------------------------------------------------

    def value(self, node: Node, context: Context) -> Expression:
        """The expression of a node that stands for a value."""
        return values.bind(self, node, context)

    def condition(self, node: Node, context: Context) -> Expression:
        """The expression of a node that must be a bool."""
        value = self.value(node, context)
        if value.type is not Type.BOOL:
            hint = "convert it with tobool()" if value.type is Type.DYNAMIC else ""
            message = "The expression must have the type bool"
            raise self.fail("KS141", "type", message, node.span, hint=hint)
        return value

    def fixed(self, node: Node, scope: Scope) -> Expression:
        """The expression of a node that may read neither rows nor other tables."""
        try:
            return self.value(node, Context(scope))
        except NeedsRows:
            raise self.later("a value read from a table here", node.span) from None

    def constant(self, node: Node, scope: Scope, type: Type, expected: str) -> Literal:
        """The literal that a node stands for, of one type (an int is read as a long)."""
        value = self.fixed(node, scope)
        if isinstance(value, Literal) and value.type is Type.INT and type is Type.LONG:
            value = replace(value, type=Type.LONG)
        if value.type is not type:
            raise self.fail("KS134", "type", f"The expression value must be {expected}", node.span)
        if not isinstance(value, Literal) or value.value is None:
            raise self.fail("KS129", "type", "The expression must be a constant", node.span)
        return value

    # --- rows ------------------------------------------------------------------------------------

    def rows(self, node: Node, scope: Scope) -> Rows:
        """The rows of a node that stands for a table."""
        try:
            rows = sources.bind(self, node, Context(scope))
        except NeedsRows:
            raise self.later("a value read from a table here", node.span) from None
        if isinstance(rows, Rows):
            return rows
        raise self.fail("KS111", "type", "Tabular value expected", node.span)

    def pipeline(self, pipeline: Pipeline, scope: Scope) -> Rows:
        """The rows that come out of a pipeline."""
        return self.piped_through(pipeline.operators, self.rows(pipeline.source, scope), scope)

    def piped_through(self, operators: Sequence[Operator], rows: Rows, scope: Scope) -> Rows:
        """The rows that come out of operators behind each other."""
        for operator in operators:
            try:
                rows = operator.bind(self, rows, scope)
            except NeedsRows:
                self.later("a value read from a table here", operator.span)
                rows = self.unknown_rows(rows)
            except Unbound:
                rows = self.unknown_rows(rows)
            self.count(1, operator.span)
        return rows

    def piped(self, operator: Operator, rows: Rows | None) -> Rows:
        """The rows that an operator must have before it."""
        if rows is None:
            message = "The operator cannot be the first operator in a query"
            raise self.fail("KS174", "type", message, operator.span)
        return rows

    def count(self, relations: int, span: Span) -> None:
        """Count relations that the plan gets; beyond the limit, the query is refused."""
        self._relations += relations
        if self._relations > MOST_RELATIONS:
            message = f"The query takes more than {MOST_RELATIONS:,} steps"
            self.fail("KS245", "limit", message, span)
            raise GivenUp

    def take(self, entry: Tabular, span: Span) -> Rows:
        """The rows a name stands for, with fields that no other use has."""
        if entry.rows is None:
            raise Unbound
        if not entry.taken:
            entry.taken = True
            return entry.rows
        below = list(relations(entry.rows.relation))
        if any(part is relation for part in self.apart for relation in below):
            # Its copy would be of all parts together.
            raise self.later("the rows of a part in two places of its subquery", span)
        if entry.shared:
            shown = tuple(
                (self.fields.new(f.name, f.type), Column(f)) for f in entry.rows.relation.fields
            )
            relation: Relation = Project(entry.rows.relation, shown)
            return entry.rows.over(relation).named(entry.rows.table)
        self.count(len(below), span)
        relation, _ = renumber(entry.rows.relation, self.fields)
        return entry.rows.over(relation).named(entry.rows.table)

    def unknown_rows(self, rows: Rows | None) -> Rows:
        """Rows that a failure left behind: no name that is missing from them is a new problem."""
        relation: Relation = rows.relation if rows is not None else Values((), ())
        return Rows(relation, frozenset(), open=True)

    def scan(self, name: str, span: Span) -> Rows | None:
        """The rows of the table of this name, absent strings empty; None where there is none."""
        table = self.catalog.table(name)
        if table is None or table.platform == "qradar":
            return None
        stored, assignments = self._stored(table)
        scan = Scan(name, stored, tuple(table.columns), span)
        return Rows(Project(scan, assignments), table=name)

    def _stored(self, table: Table) -> tuple[tuple[Field, ...], tuple[Assignment, ...]]:
        """A table's fields, and the columns without absent strings that are made of them.

        A plan's first table has the same ones in every plan.
        """
        is_first = self.fields.last == 0
        known = _FIRST_TABLES.get(id(table)) if is_first else None
        if known is not None and known[0] is table:
            _, stored, assignments, last = known
            self.fields.skip_to(last)
            return stored, assignments
        stored = tuple([self.fields.new(c, t) for c, t in table.columns.items()])
        made: list[Assignment] = []
        for field in stored:
            value: Expression = Column(field)
            if field.type is Type.STRING:
                field = self.fields.new(field.name, Type.STRING)
                value = Apply("or_empty", (value,), Type.STRING)
            made.append((field, value))
        assignments = tuple(made)
        if is_first:
            _FIRST_TABLES.keep(id(table), (table, stored, assignments, self.fields.last))
        return stored, assignments

    def column(self, name: str, value: Expression, span: Span) -> Assignment:
        """A column's assignment: a plain column under its own name keeps its field."""
        value = plain(value)
        self.sizes.check(self, value, span)
        if isinstance(value, Column) and value.field.name == name:
            return (value.field, value)
        return (self.fields.new(name, value.type), value)

    def passed(self, field: Field) -> Assignment:
        """The assignment of a column that stays as it is."""
        known = self._passed.get(field)
        if known is None:
            known = self._passed[field] = (field, Column(field))
        return known

    def project(self, rows: Rows, chosen: Sequence[tuple[str, Field]]) -> Rows:
        """The rows with these columns only, by the names given."""
        assignments = [
            self.passed(field)
            if field.name == name
            else (self.fields.new(name, field.type), Column(field))
            for name, field in chosen
        ]
        return rows.over(Project(rows.relation, tuple(assignments)))

    def look(self, relation: Relation) -> list[tuple[Any, ...]] | None:
        """The rows of a relation now, where the query is bound beside data; else None."""
        if self.given.look is None:
            return None
        self.clock.is_hidden = True
        root = gathering.expanded(self, relation) if self.gathered else relation
        return self.given.look(Plan(root))

    def known(self, relation: Relation) -> list[tuple[Any, ...]] | None:
        """The rows of a relation that no stored event and no clock has a part in; else None."""
        parts = list(relations(relation))
        if self.given.look is None or any(isinstance(part, Scan) for part in parts):
            return None
        inside = [node for part in parts for e in expressions(part) for node in walk(e)]
        if any(is_by_chance(e) for part in parts for e in expressions(part)):
            return None
        if any(isinstance(n, Literal) and n.type is Type.DATETIME for n in inside):
            return None
        return self.given.look(Plan(relation))

    # --- statements ------------------------------------------------------------------------------

    @contextmanager
    def inside(self, span: Span) -> Iterator[None]:
        """A function's body inside another's; beyond the limit, the query is refused."""
        self._calls += 1
        if self._depth >= DEEPEST_CALLS or self._calls > MOST_CALLS:
            message = f"More than {DEEPEST_CALLS} functions call each other, or {MOST_CALLS} in all"
            self.fail("KS245", "limit", message, span)
            raise GivenUp
        self._depth += 1
        unnamed, self.unnamed = self.unnamed, 0
        try:
            yield
        finally:
            self._depth -= 1
            self.unnamed = unnamed

    def statements(self, query: Query, scope: Scope) -> Node | None:
        """Bind what a query defines; gives the node of its result, unbound."""
        result: Node | None = None
        before: list[tuple[Node, Scope]] = []
        at = scope
        for statement in query.statements:
            try:
                match statement:
                    case Let():
                        self._let(statement, scope)
                    case LetFunction():
                        self._fresh(statement.name, scope)
                        scope.define(statement.name.text, UserFunction(statement, scope.snapshot()))
                    case Pattern():
                        entry = DeclaredPattern(statement, scope.snapshot())
                        scope.define(statement.name.text, entry)
                    case Parameters():
                        parameters.declare(self, statement, scope)
                    case Later():
                        raise self.later(statement.construct, statement.span)
                    case Result():
                        if result is not None and self._depth:
                            raise self.later("a second result of a function", statement.span)
                        if result is not None:
                            before.append((result, at))
                        result, at = statement.value, scope.snapshot()
                    case Setting() if statement.name.text.lower() in ANSWERING:
                        hint = "delete it; the moment, or a window, is given beside the query"
                        construct = f"the option '{statement.name.text}', which changes the answer,"
                        raise self.later(construct, statement.span, hint=hint)
                    case Setting():
                        pass
            except Unbound:
                continue
        for number, (node, at) in enumerate(before, 1):
            self._earlier(Name(f"result_{number}", node.span), node, at, scope)
        return result

    def _earlier(self, name: Name, node: Node, at: Scope, scope: Scope) -> None:
        """Give one of several results a name by which it can be asked for."""
        entry = Tabular(None, name, node.span, used=True, taken=True)
        with suppress(Unbound):
            entry.rows = self.rows(node, at)
        if scope.own(name.text) is None:
            scope.define(name.text, entry)
        message = "The text has a further result behind this one: the last is given"
        self.findings.advise("VD104", message, node.span, hint=f"ask for output '{name.text}'")

    def _fresh(self, name: Name, scope: Scope) -> None:
        if scope.own(name.text) is not None:
            message = f"A variable with the name '{name.text}' has already been declared"
            raise self.fail("KS201", "name", message, name.span)

    def _let(self, let: Let, scope: Scope) -> None:
        self._fresh(let.name, scope)
        try:
            given = sources.bind(self, let.value, Context(scope))
        except NeedsRows:
            deferred = (let.value, scope.snapshot())
            scope.define(let.name.text, Scalar(None, let.name, let.span, deferred=deferred))
            return
        except Unbound:
            scope.define(let.name.text, self._failed(let))
            raise
        if isinstance(given, Rows):
            shared = sources.is_materialized(let.value)
            entry = Tabular(given.named(""), let.name, let.span, shared=shared)
            scope.define(let.name.text, entry)
        else:
            self.sizes.check(self, given, let.span)
            scope.define(let.name.text, Scalar(plain(given), let.name, let.span))

    def _failed(self, let: Let) -> Scalar | Tabular:
        if isinstance(let.value, Pipeline | SourceOperator):
            return Tabular(None, let.name, let.span)
        return Scalar(None, let.name, let.span)
