"""Records with named values as rows of one given table: takes values by names, gives typed rows.

A name counts exactly, or in any letter case where only one column is meant. A record with a value
that its column cannot hold is told with that column; columns that the table lacks are counted.
Many records of the same names are converted column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from vedette.logs.base import MAX_IGNORED, Layout, Origin, Row, Text, count_ignored
from vedette.logs.batches import identities, moment
from vedette.logs.columnar.spans import Places
from vedette.logs.columns import getter
from vedette.logs.convert import converted, converter
from vedette.logs.parts import Column, Part, over
from vedette.plan.types import Type
from vedette.tables.catalog import event_tables

_MAX_SHAPES = 1024

Target = tuple[int, Callable[[Any], Any], str]
"""A column's place, what values are converted by for it, and its name."""


class Shape:
    """What the names of a record decide: where each value goes, and which have no column."""

    __slots__ = ("columns", "ignored", "values")

    def __init__(
        self, names: Sequence[str], columns: Sequence[tuple[int, Type]], ignored: Sequence[str]
    ) -> None:
        """The *names* that have columns, of each the place and type of its own; the others."""
        self.columns = columns
        self.ignored = ignored
        self.values = getter(names)
        """The values of a record that have columns."""


class TableRows:
    """Makes rows of one table out of one source's records."""

    def __init__(self, layout: Layout, origin: Origin, log_format: str, json: bool) -> None:
        """The source's name and lineage fill the columns that an event table has for them."""
        self.layout = layout
        self._ignored: dict[str, int] = {}
        self._lineage = origin.lineage
        self._json = json
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._targets: dict[str, Target | None] = {}
        self._spelled: dict[str, list[str]] = {}
        for name in layout.columns:
            self._spelled.setdefault(name.lower(), []).append(name)
        own = {"log_format": log_format, "log_file": origin.name}
        is_event = layout.table in event_tables()
        self._defaults = [(layout.index[c], v) for c, v in own.items() if is_event]
        self._offset = layout.index["log_offset"] if is_event else None
        self._raw = layout.index["raw"] if is_event else None
        has_identity = layout.columns.get("event_id") is Type.STRING
        self._identity = layout.index["event_id"] if has_identity else None

    def target(self, name: str) -> Target | None:
        """The column that a name means, with its place and conversion; None for none."""
        if name not in self._targets:
            if len(self._targets) > MAX_IGNORED:  # names are the source's: they may be endless
                return self._find(name)
            self._targets[name] = self._find(name)
        return self._targets[name]

    def _find(self, name: str) -> Target | None:
        column = name
        if name not in self.layout.columns:
            spellings = self._spelled.get(name.lower(), [])
            if len(spellings) != 1:
                return None
            column = spellings[0]
        kind = self.layout.columns[column]
        return self.layout.index[column], converter(kind, json=self._json), column

    def ignore(self, name: str) -> None:
        """Count a value whose column the table lacks."""
        count_ignored(self._ignored, {name: 1})

    def take_ignored(self) -> dict[str, int]:
        """What was counted since it was taken last."""
        taken, self._ignored = self._ignored, {}
        return taken

    @property
    def keeps_raw(self) -> bool:
        """Whether the table keeps records as they were received."""
        return self._raw is not None

    def part(
        self, shape: Shape, columns: Sequence[Column], offsets: Sequence[int] | Places,
        raws: Sequence[Text],
    ) -> Part | None:  # fmt: skip
        """Records of one shape, their values by columns; None where any of them is no row.

        They are numbered by their *offsets*; *raws* has each as received where the table keeps it.
        """
        if not shape.columns:
            return None
        found: dict[int, Column] = {}
        try:
            for (place, kind), column in zip(shape.columns, columns, strict=True):
                made = converted(column, kind, json=self._json)
                found[place] = over(made, found[place]) if place in found else made
        except ValueError:
            return None
        count_ignored(self._ignored, dict.fromkeys(shape.ignored, len(offsets)))
        self._finish(found, raws, offsets)
        return Part(self.layout, offsets, found, [self.layout.empty_row()])

    def refused(self, shape: Shape, columns: Sequence[Column]) -> set[int]:
        """The places of records of one shape that have a value which its column cannot hold."""
        found: set[int] = set()
        for (_, kind), column in zip(shape.columns, columns, strict=True):
            try:
                converted(column, kind, json=self._json)
            except ValueError:
                places = enumerate(column)
                found |= {place for place, value in places if not self._fits(value, kind)}
        return found

    def _fits(self, value: Any, kind: Type) -> bool:
        try:
            converted([value], kind, json=self._json)
        except ValueError:
            return False
        return True

    def _finish(
        self, found: dict[int, Column], raws: Sequence[Text], offsets: Sequence[int] | Places
    ) -> None:
        """What ``finished`` does, for columns."""

        def put(place: int | None, column: Column) -> None:
            if place is not None:
                found[place] = over(found[place], column) if place in found else column

        if self._identity is not None:
            put(self._identity, self._identities(offsets))
        for place, value in self._defaults:
            put(place, [value] * len(offsets))
        put(self._offset, offsets if isinstance(offsets, list) else pa.array(offsets))
        put(self._raw, raws)
        times = [place for place in self.layout.time_indexes if place in found]
        for place in times:
            for other in self.layout.time_indexes:
                if other != place:
                    put(other, found[place])

    def _identities(self, offsets: Sequence[int] | Places) -> Column:
        """What tells records apart, by their offsets: in an array where these are in one."""
        if isinstance(offsets, list):  # beside lists an array would be one more
            return [f"{self._lineage}-{offset}" for offset in offsets]
        found: Column = identities(self._lineage, pa.array(offsets))
        return found

    def shape(self, names: tuple[str, ...]) -> Shape:
        """What the names of a record decide; how many are kept of them is bounded."""
        known = self._shapes.get(names)
        if known is not None:
            return known
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        found: dict[str, tuple[int, Type]] = {}
        ignored: list[str] = []
        for name in names:
            target = self.target(name)
            if target is None or (name != target[2] and target[2] in names):
                ignored.append(name)
            else:
                found[name] = target[0], self.layout.columns[target[2]]
        shape = self._shapes[names] = Shape(list(found), list(found.values()), ignored)
        return shape

    def row(self, record: Mapping[str, Any], raw: Text, offset: int) -> tuple[Layout, Row] | str:
        """The row of a record, or the reason why it is none, name by name."""
        row = self.layout.empty_row()
        matched = False
        for name, value in record.items():
            target = self.target(name)
            if target is None or (name != target[2] and target[2] in record):
                self.ignore(name)
                continue
            matched = True
            if value is not None:
                problem = put(row, target, value, self.layout)
                if problem:
                    return problem
        return self.finished(row, raw, offset) if matched else "no column of the table"

    def finished(self, row: Row, raw: Text, offset: int) -> tuple[Layout, Row]:
        """The row with its identity, and what else the source says where the record does not."""
        if self._identity is not None and row[self._identity] is None:
            row[self._identity] = f"{self._lineage}-{offset}"
        for place, value in self._defaults:
            if row[place] is None:
                row[place] = value
        if self._offset is not None and row[self._offset] is None:
            row[self._offset] = offset
        if self._raw is not None and row[self._raw] is None:
            row[self._raw] = raw
        time = moment(self.layout, row)
        for place in self.layout.time_indexes:
            row[place] = time if row[place] is None else row[place]
        return self.layout, row


def put(row: Row, target: Target, value: Any, layout: Layout) -> str | None:
    """Put a value into its place; the reason where its column cannot hold it."""
    place, convert, column = target
    kind = layout.columns[column]
    if value == "" and kind is not Type.STRING:
        return None
    try:
        row[place] = convert(value)
    except ValueError as error:
        return f"column {column[:200]} ({kind}): {str(value)[:80]!r} is {error}"
    return None
