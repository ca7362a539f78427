"""Parts of tables into Arrow: takes columns of some rows each, gives the rows in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout, Row
from vedette.logs.batches import ARROW_TYPES, LONG, alike, arrow_array, arrow_schema, is_empty
from vedette.logs.columnar.spans import Places

Column = Sequence[Any]

_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table: the columns that differ by their places, and constants for the others.

    A column is a list of values, or an array. ``numbers`` say where the rows stand among all that
    are read together; ``chosen`` which row of the constants each has, the first where None.
    """

    layout: Layout
    numbers: Sequence[int] | Places
    columns: Mapping[int, Column]
    constants: Sequence[Row]
    chosen: Sequence[int] | Places | None = None


def part_of_rows(layout: Layout, numbers: Sequence[int], rows: Sequence[Row]) -> Part:
    """Rows that are filled already."""
    columns = enumerate(zip(*rows, strict=True))
    filled = {place: column for place, column in columns if not is_empty(column)}
    return Part(layout, numbers, filled, [layout.empty_row()])


def part_of_few_rows(layout: Layout, numbers: Sequence[int], rows: Sequence[Row]) -> Part:
    """The same of few that stand beside others: a column that is constant in all stays so."""
    return Part(layout, numbers, {}, rows, range(len(rows)))


def over(column: Column, below: Any) -> Column:
    """The column, with what lies *below* (a column or a value) where it has None."""
    if below is None:
        return column
    if isinstance(column, pa.Array):
        below = pa.array(below, column.type) if isinstance(below, list | tuple) else below
        filled: Column = pc.coalesce(column, below) if column.null_count else column
        return filled
    if None not in column:
        return column
    if isinstance(below, pa.Array):
        below = below.to_pylist()
    if isinstance(below, list | tuple):
        return [b if a is None else a for a, b in zip(column, below, strict=True)]
    return [below if a is None else a for a in column]


def batch_of(parts: Sequence[Part]) -> pa.RecordBatch:
    """The rows of parts of one table, in the order of their numbers."""
    layout = parts[0].layout
    order = _order(parts)
    in_order = None if order is None else itemgetter(*order.tolist())
    count = sum(len(part.numbers) for part in parts)
    constants = [row for part in parts for row in part.constants]
    differ = set().union(*(part.columns for part in parts))
    are_arrays = {
        p for part in parts for p, one in part.columns.items() if isinstance(one, pa.Array)
    }
    found: dict[int, pa.Array] = {}
    unordered: dict[int, pa.Array] = {}
    distinct: dict[int, pa.Array] = {}
    named = zip(layout.columns.items(), zip(*constants, strict=True), strict=True)
    for place, ((name, type), values) in enumerate(named):
        arrow = ARROW_TYPES[type]
        if place in differ and name in LONG and in_order is not None and place not in are_arrays:
            # Long texts are copied once.
            found[place] = arrow_array(in_order(_joined(place, parts)), arrow)
        elif place in differ and place in are_arrays:
            unordered[place] = _concatenated(place, parts, arrow)
        elif place in differ:
            unordered[place] = arrow_array(_joined(place, parts), arrow)
        elif len(values) == 1 or _is_one(values):
            found[place] = alike(values[0], arrow, count)
        else:
            distinct[place] = arrow_array(values, arrow)
    if distinct:
        chosen = _chosen(parts)
        found |= _taken(distinct, chosen if order is None else chosen[order])
    found |= unordered if order is None else _taken(unordered, order)
    arrays = [found[place] for place in range(len(found))]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(layout))


def _is_one(values: Sequence[Any]) -> bool:
    """Whether these are the same value, one of those that are kept."""
    first = values[0]
    if isinstance(first, float):  # 0.0 is -0.0
        return False
    if isinstance(first, str | bytes) and len(first) > _LONGEST:
        return False
    return len(set(values)) == 1


def _order(parts: Sequence[Part]) -> np.ndarray[Any, Any] | None:
    """Which rows of the parts, one behind the other, come first; None where they do so."""
    if len(parts) == 1:
        return None
    numbers = np.concatenate([part.numbers for part in parts])
    if not (numbers[1:] < numbers[:-1]).any():
        return None
    return np.argsort(numbers)


def _taken(columns: Mapping[int, pa.Array], rows: Places) -> dict[int, pa.Array]:
    """These rows of columns, of all together, which is quicker than of each."""
    together = pa.RecordBatch.from_arrays(list(columns.values()), list(map(str, columns)))
    return dict(zip(columns, together.take(pa.array(rows)).columns, strict=True))


def _chosen(parts: Sequence[Part]) -> Places:
    """The number of its constants for each row, among those of all parts."""
    chosen: list[Places] = []
    before = 0
    for part in parts:
        own = np.zeros(len(part.numbers), np.int64) if part.chosen is None else part.chosen
        chosen.append(np.asarray(own, np.int64) + before)
        before += len(part.constants)
    return np.concatenate(chosen)


def _joined(place: int, parts: Sequence[Part]) -> Column:
    """One column of all parts, where it is Arrow's in none."""
    columns = [part.columns.get(place) for part in parts]
    if len(columns) == 1 and columns[0] is not None:
        return columns[0]
    values: list[Any] = []
    for column, part in zip(columns, parts, strict=True):
        if column is not None:
            values += column
        elif part.chosen is None:
            values += [part.constants[0][place]] * len(part.numbers)
        else:
            values += [part.constants[number][place] for number in part.chosen]
    return values


def _concatenated(place: int, parts: Sequence[Part], type: pa.DataType) -> pa.Array:
    """One column of all parts as an array."""
    arrays = []
    for part in parts:
        column = part.columns.get(place)
        if column is not None:
            arrays.append(arrow_array(column, type))
            continue
        values = [row[place] for row in part.constants]
        if part.chosen is None or len(values) == 1:
            arrays.append(alike(values[0], type, len(part.numbers)))
        else:
            arrays.append(arrow_array(values, type).take(pa.array(part.chosen)))
    return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)
