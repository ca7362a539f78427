"""Correlations: takes a correlation and the rules it asks, gives the moments at which it holds.

The events of all rules are one sequence in each group. At each of its moments the events that are
not further back than the timespan are counted; a row stands for each moment at which the condition
holds. The events behind a row are those since the row before it, as far as the timespan reaches:
all rows together have every event that any of them counts, each once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sigma.correlations import SigmaCorrelationType

from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    Project,
    Relation,
    Union,
    Window,
)
from vedette.plan.types import Type
from vedette.sigma import codes
from vedette.sigma.binding.conditions import Unbound
from vedette.sigma.binding.fields import UnknownField
from vedette.sigma.binding.matches import Matches, matches
from vedette.sigma.binding.prepared import Prepared
from vedette.sigma.binding.values import both, either, is_finite
from vedette.sigma.reading.correlations import (
    NUMERIC,
    TEMPORAL,
    Refused,
    Tree,
    read_correlation,
)
from vedette.sigma.reading.documents import Document
from vedette.syntax import NOWHERE
from vedette.syntax.problem import Kind, did_you_mean

MOST_PARTS = 500
"""How many relations of events one correlation may be made of, those below it counted."""

MOST_DEEP = 10

_COUNTED = {
    SigmaCorrelationType.VALUE_COUNT: "sliding_distinct",
    SigmaCorrelationType.VALUE_SUM: "sliding_sum",
    SigmaCorrelationType.VALUE_AVG: "sliding_average",
}
_OPERATIONS = {
    "gt": "greater", "gte": "greater_or_equal", "lt": "less", "lte": "less_or_equal",
    "eq": "equals", "neq": "not_equals",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Events:
    """The events of all rules: when each happened, its group, its rule, what is counted of it."""

    relation: Relation
    time: Field
    groups: tuple[Field, ...]
    rule: Field
    value: Field


@dataclass(frozen=True, slots=True)
class _Source:
    """Where events of one rule come from, and what a field is in them.

    The relation is made when every field that is to be seen was asked for. A field is asked for
    with the key of the correlation that names it.
    """

    relation: Callable[[], Relation]
    time: Expression
    value: Callable[[str, str], Expression]


@dataclass(slots=True)
class _Budget:
    """How many relations may still be made."""

    left: int = MOST_PARTS


def correlated(document: Document, prepared: Prepared, fields: Fields) -> Relation:
    """The moments at which a correlation holds; raises Unbound."""
    return _Correlation(document, prepared, fields, (), _Budget()).rows()


class _Correlation:
    def __init__(
        self,
        document: Document,
        prepared: Prepared,
        fields: Fields,
        above: tuple[Document, ...],
        budget: _Budget,
    ) -> None:
        self._document = document
        self._prepared = prepared
        self._findings = prepared.findings
        self._fields = fields
        self._above = (*above, document)
        self._budget = budget
        try:
            self._asked = read_correlation(document, prepared.findings)
        except Refused as refused:
            raise Unbound(str(refused)) from refused
        prepared.rewrite_correlation(document, self._asked.sigma, self._asked.rules)
        self._aliases = self._read_aliases()

    def rows(self) -> Relation:
        """A row for each moment at which the condition holds."""
        events = self._events()
        time, groups = Column(events.time), tuple(map(Column, events.groups))
        reach = Literal(self._asked.span, Type.TIMESPAN)
        relation, counted, holds = self._judged(events, reach)
        new = self._fields.new
        earliest = new("earliest", Type.DATETIME)
        relation = Window(
            relation, ((earliest, apply("sliding_minimum", time, time, reach)),), groups
        )
        when = self._with(relation, "holds", apply("case", holds, time, null(Type.DATETIME)))
        # The row that an event stands behind: the first that is not before it, if near enough.
        soon = new("soon", Type.DATETIME)
        ahead = apply("least_ahead", Column(when.fields[-1]), time, reach)
        counts = Filter(Window(when, ((soon, ahead),), groups), _not_null(Column(soon)))
        keys: list[Assignment] = [(new("time", Type.DATETIME), Column(soon))]
        keys += [(new(g.name, g.type), Column(g)) for g in events.groups]
        is_there = apply("equals", time, Column(soon))

        def then(value: Expression) -> Expression:
            return apply("maximum_of", apply("case", is_there, value, null(value.type)))

        shown: list[Assignment] = [
            (new("first_time", Type.DATETIME), then(Column(earliest))),
            (new("count", counted.type), then(counted)),
        ]
        return Aggregate(counts, tuple(keys), tuple(shown))

    def _with(self, relation: Relation, name: str, value: Expression) -> Project:
        kept: list[Assignment] = [(f, Column(f)) for f in relation.fields]
        return Project(relation, (*kept, (self._fields.new(name, value.type), value)))

    def _judged(self, events: _Events, reach: Literal) -> tuple[Relation, Expression, Expression]:
        """The events with what is counted at each, that count, and whether the condition holds."""
        if self._asked.type is SigmaCorrelationType.TEMPORAL_ORDERED:
            return self._in_order(events, reach)
        if self._asked.tree is not None:
            return self._present(events, reach, self._asked.tree)
        value = self._counted(events, reach)
        relation, counted = self._computed(events.relation, events, "counted", value)
        return relation, counted, self._compared(counted)

    def _computed(
        self, relation: Relation, events: _Events, name: str, value: Expression
    ) -> tuple[Relation, Column]:
        """The relation with a window operation's value for each event of a group."""
        field = self._fields.new(name, value.type)
        groups = tuple(map(Column, events.groups))
        return Window(relation, ((field, value),), groups), Column(field)

    def _counted(self, events: _Events, reach: Literal) -> Expression:
        kind, around = self._asked.type, (Column(events.time), reach)
        if kind is SigmaCorrelationType.EVENT_COUNT:
            return apply("sliding_count", *around)
        if kind in TEMPORAL:
            return apply("sliding_distinct", Column(events.rule), *around)
        if kind in _COUNTED:
            return apply(_COUNTED[kind], Column(events.value), *around)
        share = Literal(self._asked.share, Type.REAL)
        return apply("sliding_quantile", Column(events.value), share, *around)

    def _compared(self, counted: Expression) -> Expression:
        found: list[Expression] = []
        for each in self._asked.comparisons:
            number, left = each.number, counted
            kind = Type.LONG if isinstance(number, int) and abs(number) < 2**63 else Type.REAL
            if Type.REAL in (kind, left.type):
                kind, number = Type.REAL, float(number)
                left = left if left.type is Type.REAL else apply("to_real", left)
            found.append(apply(_OPERATIONS[each.operator], left, Literal(number, kind)))
        return apply("is_true", both(found))

    def _present(
        self, events: _Events, reach: Literal, tree: Tree
    ) -> tuple[Relation, Expression, Expression]:
        """Which of the rules match within reach, and whether the condition over them holds."""
        relation, there = events.relation, dict[str, Expression]()
        for number, name in enumerate(self._asked.rules):
            last = apply(
                "sliding_maximum", self._moment_of(events, number), Column(events.time), reach
            )
            relation, seen = self._computed(relation, events, f"seen_{number}", last)
            there[name] = _not_null(seen)
        ones = [apply("case", e, _long(1), _long(0)) for e in there.values()]
        count: Expression = ones[0]
        for one in ones[1:]:
            count = apply("add", count, one)
        return relation, count, _of_tree(tree, there)

    def _moment_of(self, events: _Events, number: int) -> Expression:
        """An event's moment if it is one of that rule."""
        is_own = apply("equals", Column(events.rule), text(str(number)))
        return apply("case", is_own, Column(events.time), null(Type.DATETIME))

    def _in_order(self, events: _Events, reach: Literal) -> tuple[Relation, Expression, Expression]:
        """The latest beginning of a chain of all rules, each at or after the one before it."""
        relation, time = events.relation, Column(events.time)
        begin = self._moment_of(events, 0)
        latest: Expression = null(Type.DATETIME)
        for number in range(len(self._asked.rules)):
            if number:
                is_own = apply("equals", Column(events.rule), text(str(number)))
                begin = apply("case", is_own, latest, null(Type.DATETIME))
            value = apply("sliding_maximum", begin, time, reach)
            relation, latest = self._computed(relation, events, f"chain_{number}", value)
        near = apply("less_or_equal", apply("time_difference", time, latest), reach)
        return relation, _long(len(self._asked.rules)), apply("is_true", near)

    # --- aliases --------------------------------------------------------------------------------

    def _read_aliases(self) -> dict[str, dict[int, str]]:
        """The field that each alias stands for, by the document: a rule has an id and a name.

        Tells of aliases that say nothing; raises Unbound for a rule that is not there.
        """
        asked = {id(found): n for n in self._asked.rules if (found := self._named(n)) is not None}
        used = {*self._asked.groups, *self._asked.fields}
        read: dict[str, dict[int, str]] = {}
        for alias, written in self._asked.aliases.items():
            read[alias] = {}
            for rule, field in written.items():
                found = self._named(rule)
                if found is None:
                    message = f"There is no rule '{rule}' for the alias '{alias}'"
                    hint = self._prepared.hint(rule)
                    raise self._fail("name", message, "aliases", alias, rule, hint=hint)
                read[alias][id(found)] = field
            lacks = ", ".join(name for key, name in asked.items() if key not in read[alias])
            if alias not in used:
                self._advise(f"The alias '{alias}' is neither grouped by nor counted", alias)
            elif lacks:
                message = f"The alias '{alias}' says nothing of {lacks}"
                self._advise(f"{message}, whose field '{alias}' is looked at", alias)
        return read

    def _named(self, name: str) -> Document | None:
        return self._prepared.named(name)

    def _meant(self, field: str, rule: str) -> str:
        """The field that an alias stands for in a rule."""
        return self._aliases.get(field, {}).get(id(self._named(rule)), field)

    def _advise(self, message: str, alias: str) -> None:
        place = self._document.key("correlation", "aliases", alias)
        self._findings.add(codes.CORRELATION, "advice", message, place, severity="warning")

    # --- events ---------------------------------------------------------------------------------

    def _events(self) -> _Events:
        made: list[Relation] = []
        known: dict[int, str] = {}
        for number, name in enumerate(self._asked.rules):
            found = self._named(name)
            if found is not None and known.setdefault(id(found), name) != name:
                message = (
                    f"'{known[id(found)]}' and '{name}' are one rule: events would count twice"
                )
                raise self._fail("name", message, "rules")
            for source in self._sources(name):
                self._budget.left -= 1
                if self._budget.left < 0:
                    message = f"It is made of more than {MOST_PARTS} parts"
                    raise self._fail("limit", message, "rules")
                made.append(self._shown(source, name, number))
        value_type = made[0].fields[-1].type
        new = self._fields.new
        time, rule = new("time", Type.DATETIME), new("rule", Type.STRING)
        groups = tuple(new(name, Type.STRING) for name in self._asked.groups)
        value = new("value", value_type)
        joined = Union(tuple(made), (time, *groups, rule, value))
        there = [_not_null(Column(field)) for field in (time, *groups)]
        return _Events(Filter(joined, both(there)), time, groups, rule, value)

    def _sources(self, name: str) -> list[_Source]:
        found = self._prepared.named(name)
        if found is None:
            message = f"There is no rule '{name}' beside the correlation"
            raise self._fail("name", message, "rules", hint=self._prepared.hint(name))
        if "correlation" in found.values:
            return [self._of_correlation(found, name)]
        rule = self._prepared.rule(found)
        return [self._of_rule(match) for match in matches(rule, self._findings, self._fields)]

    def _of_rule(self, match: Matches) -> _Source:
        def value(field: str, key: str) -> Expression:
            try:
                return match.event.meaning(field, NOWHERE).known
            except UnknownField as unknown:
                message = f"'{field}' is no field of the events of {match.event.table}"
                raise self._fail("name", message, key) from unknown

        return _Source(match.filtered, match.event.column("time"), value)

    def _of_correlation(self, document: Document, name: str) -> _Source:
        if any(document is each for each in self._above):
            message = f"The correlation '{name}' asks itself"
            raise self._fail("unsupported", message, "rules")
        if len(self._above) > MOST_DEEP:
            message = f"Correlations ask each other more than {MOST_DEEP} levels deep"
            raise self._fail("limit", message, "rules")
        below = _Correlation(document, self._prepared, self._fields, self._above, self._budget)
        rows = below.rows()
        by_name = {field.name: Column(field) for field in rows.fields}

        def value(field: str, key: str) -> Expression:
            if field not in by_name:
                message = f"'{field}' is no field of the correlation '{name}'"
                hint = did_you_mean(field, by_name) or f"there are {', '.join(by_name)}"
                raise self._fail("name", message, key, hint=hint)
            return by_name[field]

        return _Source(lambda: rows, by_name["time"], value)

    def _shown(self, source: _Source, name: str, number: int) -> Relation:
        """The events of one rule in one table, as all others."""
        meant = self._meant
        shown: list[tuple[str, Expression]] = [("time", source.time)]
        for group in self._asked.groups:
            shown.append((group, _text(source.value(meant(group, name), "group-by"))))
        shown.append(("rule", text(str(number))))
        counted = [source.value(meant(f, name), "condition") for f in self._counted_fields()]
        if self._asked.type in NUMERIC:
            real = apply("to_real", counted[0])
            value: Expression = apply("case", is_finite(real), real, null(Type.REAL))
        elif len(counted) > 1:
            texts = [_text(each) for each in counted]
            lacks = either([apply("is_null", each) for each in texts])
            together = apply("array_of", *texts)
            value = apply("case", lacks, null(together.type), together)
        else:
            value = _text(counted[0]) if counted else null(Type.STRING)
        shown.append(("value", value))
        assignments = tuple((self._fields.new(n, v.type), v) for n, v in shown)
        return Project(source.relation(), assignments)

    def _counted_fields(self) -> Sequence[str]:
        return () if self._asked.type in TEMPORAL else self._asked.fields

    def _fail(self, kind: Kind, message: str, *path: str, hint: str = "") -> Unbound:
        place = self._document.key("correlation", *path)
        self._findings.add(codes.CORRELATION, kind, message, place, hint=hint)
        return Unbound(message)


def _of_tree(tree: Tree, there: dict[str, Expression]) -> Expression:
    """Whether a condition over rules holds, by which of them are there."""
    if isinstance(tree, str):
        return there[tree]
    word, parts = tree
    inside = [_of_tree(part, there) for part in parts]
    if word == "not":
        return apply("not", inside[0])
    return both(inside) if word == "and" else either(inside)


def _text(value: Expression) -> Expression:
    return value if value.type is Type.STRING else apply("plain_text_of", value)


def _not_null(value: Expression) -> Expression:
    return apply("not", apply("is_null", value))


def _long(number: int) -> Literal:
    return Literal(number, Type.LONG)
