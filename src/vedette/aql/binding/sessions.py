"""SESSION BY: takes rows and a bound clause, gives the rows with the number of their session.

Each combination of the clause's expressions has sessions of its own, over its rows in the order of
time. A row begins a session where BEGIN is true or none is open; it is the last of its session
where END is true, and a session is over when TIMEOUT has passed since its last row or TIMEWINDOW
since its first. EXPLICIT BEGIN begins none without BEGIN being true: rows in between are in no
session, their number is null. EXPLICIT END lets no BEGIN cut off an open session. Numbers count
the sessions from 1 by their first row. Source: "Transactional query refinements".
"""

from __future__ import annotations

from dataclasses import dataclass

from vedette.plan.build import apply, boolean, null
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import Fold, Project, Relation, Running, Sort, SortKey, Window
from vedette.plan.types import Type

_ONE, _ZERO = Literal(1, Type.LONG), Literal(0, Type.LONG)


@dataclass(frozen=True, slots=True)
class BoundSession:
    """The clause over the rows below: times in milliseconds, conditions of type bool.

    ``number`` is the field that gets a row's session.
    """

    number: Field
    time: Expression
    keys: tuple[Expression, ...]
    begin: Expression | None
    explicit_begin: bool
    end: Expression | None
    explicit_end: bool
    timeout: int | None
    longest: int | None


def with_sessions(rows: Relation, session: BoundSession, fields: Fields) -> Relation:
    """The rows and the number of the session that each is in."""
    return _Sessions(session, fields).over(rows)


class _Sessions:
    def __init__(self, session: BoundSession, fields: Fields) -> None:
        self.session = session
        self.fields = fields
        new = fields.new
        self.time = new("moment", Type.LONG)
        self.begins = new("begins", Type.BOOL)
        self.ends = new("ends", Type.BOOL)
        self.keys = [new(f"key{i}", key.type) for i, key in enumerate(session.keys)]
        self.place = new("place", Type.LONG)

    def over(self, rows: Relation) -> Relation:
        session = self.session
        kept = rows.fields
        known = Project(
            rows,
            (
                *((f, Column(f)) for f in kept),
                (self.time, session.time),
                (self.begins, _true(session.begin)),
                (self.ends, _true(session.end)),
                *zip(self.keys, session.keys, strict=True),
            ),
        )
        within = tuple(Column(k) for k in self.keys)
        order = (*(SortKey(key, False, True) for key in within), _by(self.time))
        first = Window(Sort(known, order), ((self.place, apply("row_position")),), within)
        needs_state = session.explicit_begin or session.explicit_end or session.longest is not None
        numbered = self._carried(first) if needs_state else self._by_neighbours(first)
        return self._renumbered(numbered, kept)

    def _is_first(self) -> Expression:
        return apply("equals", Column(self.place), _ONE)

    def _by_neighbours(self, rows: Relation) -> tuple[Relation, Field, Expression]:
        """Sessions that begin by what a row and the one before it are, without carrying state."""
        new = self.fields.new
        before, ended = new("before", Type.LONG), new("ended", Type.BOOL)
        within = tuple(Column(k) for k in self.keys)
        null_time, no = null(Type.LONG), boolean(False)
        beside = Window(
            rows,
            (
                (before, apply("value_before", Column(self.time), _ONE, null_time)),
                (ended, apply("value_before", Column(self.ends), _ONE, no)),
            ),
            within,
        )
        begins = [self._is_first(), Column(self.begins), Column(ended)]
        if self.session.timeout is not None:
            begins.append(self._passed(before, self.session.timeout))
        begin = new("begin", Type.BOOL)
        told = Project(
            beside, (*((f, Column(f)) for f in beside.fields), (begin, apply("or", *begins)))
        )
        count = new("count", Type.LONG)
        one = apply("case", Column(begin), _ONE, _ZERO)
        counted = Window(told, ((count, apply("running_sum", one)),))
        return counted, count, boolean(True)

    def _passed(self, since: Field, milliseconds: int) -> Expression:
        elapsed = apply("subtract", Column(self.time), Column(since))
        passed = apply("greater_or_equal", elapsed, Literal(milliseconds, Type.LONG))
        return apply("first_not_null", passed, boolean(False))

    def _carried(self, rows: Relation) -> tuple[Relation, Field, Expression]:
        """Sessions by what is open when a row comes, carried from row to row."""
        new, session = self.fields.new, self.session
        is_open, inside = new("open", Type.BOOL), new("inside", Type.BOOL)
        start, last = new("start", Type.LONG), new("last", Type.LONG)
        count = new("count", Type.LONG)
        over = [self._is_first()]
        if session.timeout is not None:
            over.append(self._passed(last, session.timeout))
        if session.longest is not None:
            over.append(self._passed(start, session.longest))
        still = apply("and", Column(is_open), apply("not", _any(over)))
        closed = apply("not", still)
        begins: Expression = Column(self.begins)
        if session.explicit_end:
            begins = apply("and", begins, closed)
        if not session.explicit_begin:
            begins = apply("or", begins, closed)
        within = apply("or", still, begins)
        goes_on = apply("and", within, apply("not", Column(self.ends)))
        further = apply("case", begins, apply("add", Column(count), _ONE), Column(count))
        no, unknown = boolean(False), null(Type.LONG)
        state = (
            Running(is_open, no, goes_on),
            Running(inside, no, within),
            Running(start, unknown, apply("case", begins, Column(self.time), Column(start))),
            Running(last, unknown, Column(self.time)),
            Running(count, _ZERO, further),
        )
        return Fold(rows, state), count, Column(inside)

    def _renumbered(
        self, numbered: tuple[Relation, Field, Expression], kept: tuple[Field, ...]
    ) -> Relation:
        """Numbers that count the sessions by their first row's time, whatever their keys."""
        rows, count, inside = numbered
        new = self.fields.new
        raw, first = new("raw", Type.LONG), new("first", Type.LONG)
        unknown = null(Type.LONG)
        told = Project(
            rows,
            (
                *((f, Column(f)) for f in kept),
                (self.time, Column(self.time)),
                (raw, apply("case", inside, Column(count), unknown)),
            ),
        )
        earliest = apply("negate", Column(self.time))
        start = Window(
            Sort(told, (_by(raw), _by(self.time))),
            ((first, apply("running_maximum", earliest)),),
            (Column(raw),),
        )
        order = (SortKey(Column(first), True, False), _by(raw))
        before, number = new("before", Type.LONG), self.session.number
        beside = Window(
            Sort(start, order), ((before, apply("value_before", Column(raw), _ONE, unknown)),)
        )
        same = apply("equals_or_both_null", Column(raw), Column(before))
        is_new = apply("and", apply("not", apply("is_null", Column(raw))), apply("not", same))
        total = new("total", Type.LONG)
        one = apply("case", is_new, _ONE, _ZERO)
        counted = Window(beside, ((total, apply("running_sum", one)),))
        session = apply("case", apply("is_null", Column(raw)), unknown, Column(total))
        return Project(counted, (*((f, Column(f)) for f in kept), (number, session)))


def _by(field: Field) -> SortKey:
    return SortKey(Column(field), False, True)


def _any(conditions: list[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else apply("or", *conditions)


def _true(condition: Expression | None) -> Expression:
    """Whether a condition is true; one that is unknown or not there is not."""
    no = boolean(False)
    return no if condition is None else apply("first_not_null", condition, no)
