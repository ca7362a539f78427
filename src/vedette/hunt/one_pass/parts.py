"""What a look at some rows gives: takes a program and a chunk, gives the rows formulas hold of.

Parts are looked at apart, and may go from process to process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vedette.hunt.one_pass.chunks import Chunk
from vedette.hunt.one_pass.matching import Ask, match
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.values import Truths
from vedette.plan.types import Type

Places = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept of a table's rows: the columns by their names, and those that each formula needs
    by its number."""

    types: Mapping[str, Type]
    columns: Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows, each once, the places of each formula's among them, and the tests that the engine
    failed at."""

    rows: pa.Table
    places: Mapping[int, Places]
    broken: frozenset[int]


def part_of(program: Program, chunk: Chunk, wanted: Wanted, ask: Ask) -> Part:
    """The rows of a chunk that formulas hold of, each with the columns that theirs need; texts may
    be distinct values."""
    found = match(program, chunk, ask)
    every = np.unique(np.concatenate(list(found.values()))) if found else np.empty(0, np.int64)
    places = {n: np.searchsorted(every, rows).astype(np.int32) for n, rows in found.items()}
    alike: dict[tuple[str, ...], list[Places]] = {}
    for number, some in places.items():
        alike.setdefault(tuple(wanted.columns[number]), []).append(some)
    needed: dict[str, Truths] = {}
    for columns, those in alike.items():
        rows_here = np.concatenate(those)
        for name in columns:
            needed.setdefault(name, np.zeros(len(every), bool))[rows_here] = True
    types = {name: type for name, type in wanted.types.items() if name in needed}
    return Part(chunk.kept(types, every, needed), places, frozenset(program.broken))
