"""Records with named values as rows of one given table: takes values by names, gives typed rows.

A name counts exactly, or in any letter case where only one column is meant. A record with a value
that its column cannot hold is told with that column; columns that the table lacks are counted.
Many records are converted column by column; a shape of which one has such a value goes record by
record, which says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from vedette.logs.base import MAX_IGNORED, Layout, Origin, Row, Text, count_ignored
from vedette.logs.batches import moment
from vedette.logs.convert import converted, converter
from vedette.logs.parts import Column, Part, batch_of, over, part_of_rows
from vedette.plan.types import Type
from vedette.tables.catalog import event_tables

_MAX_SHAPES = 1024

Target = tuple[int, Callable[[Any], Any], str]
"""A column's place, what values are converted by for it, and its name."""


class Shape:
    """What the names of a record decide: where each value goes, and which have no column."""

    __slots__ = ("columns", "ignored", "names")

    def __init__(self) -> None:
        """Nothing of it is decided yet."""
        self.names: list[str] = []
        self.columns: list[tuple[int, Type]] = []
        """Of each of the names the place of its column, and that one's type."""
        self.ignored: list[str] = []


Late = tuple[Shape, tuple[Any, ...]]
"""A record that becomes a row when many do: its offset, it as received where the table keeps that,
and the values that have columns."""

Again = Callable[[int], tuple[Mapping[str, Any], Text]]
"""Gives the record at an offset anew, and it as received."""


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

    def late(self, record: Mapping[str, Any], raw: Text, offset: int) -> Late:
        """A record to be made a row of with many others."""
        names = tuple(record)
        shape = self._shapes.get(names) or self._new_shape(names)
        kept = raw if self._raw is not None else None
        return shape, (offset, kept, *map(record.__getitem__, shape.names))

    def batches(
        self, records: Sequence[Late], again: Again
    ) -> tuple[list[tuple[Layout, pa.RecordBatch]], list[tuple[int, str]]]:
        """The rows of records in their order; the numbers of those that are none, with reasons."""
        shapes: dict[Shape, list[int]] = {}
        for number, (shape, _) in enumerate(records):
            shapes.setdefault(shape, []).append(number)
        parts: list[Part] = []
        problems: list[tuple[int, str]] = []
        for shape, numbers in shapes.items():
            bodies = [records[number][1] for number in numbers]
            part = self._part(shape, bodies, numbers)
            if part is not None:
                parts.append(part)
                continue
            rows: list[Row] = []
            good: list[int] = []
            for number, (offset, *_) in zip(numbers, bodies, strict=True):
                made = self.row(*again(offset), offset)
                if isinstance(made, str):
                    problems.append((number, made))
                else:
                    good.append(number)
                    rows.append(made[1])
            if good:
                parts.append(part_of_rows(self.layout, good, rows))
        return [(self.layout, batch_of(parts))] if parts else [], sorted(problems)

    def _part(
        self, shape: Shape, bodies: Sequence[tuple[Any, ...]], numbers: Sequence[int]
    ) -> Part | None:
        """Records of one shape as columns; None where any is no row."""
        if not shape.columns:
            return None
        offsets, raws, *columns = zip(*bodies, strict=True)
        found: dict[int, Column] = {}
        try:
            for (place, kind), column in zip(shape.columns, columns, strict=True):
                made = converted(column, kind, json=self._json)
                found[place] = over(made, found[place]) if place in found else made
        except ValueError:
            return None
        count_ignored(self._ignored, dict.fromkeys(shape.ignored, len(numbers)))
        self._finish(found, raws, offsets)
        return Part(self.layout, numbers, found, [self.layout.empty_row()])

    def _finish(
        self, found: dict[int, Column], raws: Sequence[Text], offsets: Sequence[int]
    ) -> None:
        """What ``finished`` does, for columns."""

        def put(place: int | None, column: Column) -> None:
            if place is not None:
                found[place] = over(found[place], column) if place in found else column

        if self._identity is not None:
            put(self._identity, [f"{self._lineage}-{offset}" for offset in offsets])
        for place, value in self._defaults:
            put(place, [value] * len(offsets))
        put(self._offset, offsets)
        put(self._raw, raws)
        times = [place for place in self.layout.time_indexes if place in found]
        for place in times:
            for other in self.layout.time_indexes:
                if other != place:
                    put(other, found[place])

    def _new_shape(self, names: tuple[str, ...]) -> Shape:
        """What the names of a record decide; how many are kept of them is bounded."""
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        shape = self._shapes[names] = Shape()
        for name in names:
            target = self.target(name)
            if target is None or (name != target[2] and target[2] in names):
                shape.ignored.append(name)
            else:
                shape.names.append(name)
                shape.columns.append((target[0], self.layout.columns[target[2]]))
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
