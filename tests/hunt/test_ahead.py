"""Rows are the same in whatever order findings are asked for them; many are read at once."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from vedette.hunt.ahead import ReadAhead, Shown
from vedette.hunt.one_pass.survived import Survived
from vedette.plan.types import Type

ROWS = 5_000
LENGTHS = [(3, 1, 20, 7), (1,), (), tuple(range(1, 21)) * 40, (20, 20)]
"""How many rows the findings of each query show."""


class Counting(Survived):
    """Rows that count how often they are read."""

    reads = 0

    def values(self, column: str, places: npt.NDArray[np.integer[Any]]) -> list[Any]:
        self.reads += 1
        return super().values(column, places)


def survived() -> Counting:
    texts = pa.array([f"t{n % 7}" if n % 5 else None for n in range(ROWS)])
    columns = {"number": pa.array(range(ROWS)), "text": texts.dictionary_encode()}
    return Counting("t", {"number": Type.LONG, "text": Type.STRING}, columns, {})


def queries(kept: Survived) -> list[Shown]:
    chance = random.Random(1)
    places = [
        [np.array(sorted(chance.sample(range(ROWS), length)), np.int32) for length in lengths]
        for lengths in LENGTHS
    ]
    return [Shown(kept, ("number", "text"), of.__getitem__, len(of)) for of in places]


Ask = tuple[int, int]


def _each_twice(asked: Sequence[Ask]) -> list[Ask]:
    return [one for one in asked for _ in range(2)]


def _mixed(asked: Sequence[Ask]) -> list[Ask]:
    return random.Random(2).sample(asked, len(asked))


@pytest.mark.parametrize(
    "order", [list, _each_twice, _mixed, lambda asked: asked[::-1], lambda asked: asked[::3]]
)
def test_rows_do_not_hang_on_what_was_asked_before(
    order: Callable[[Sequence[Ask]], Sequence[Ask]],
) -> None:
    shown, ahead = queries(survived()), ReadAhead()
    every = [(q, n) for q, lengths in enumerate(LENGTHS) for n in range(len(lengths))]
    for query, number in order(every):
        rows = ahead.rows(shown[query], number)
        places = shown[query].places(number).tolist()
        assert rows == tuple((n, f"t{n % 7}" if n % 5 else None) for n in places)


def test_findings_in_their_order_are_read_many_at_once() -> None:
    kept = survived()
    shown, ahead = queries(kept), ReadAhead()
    for query, lengths in enumerate(LENGTHS):
        for number in range(len(lengths)):
            ahead.rows(shown[query], number)
    assert kept.reads < sum(map(len, LENGTHS)) / 20


def test_one_finding_is_read_by_itself() -> None:
    kept = survived()
    shown = queries(kept)[3]
    assert [len(rows) for rows in shown.read(4, 5)] == [5]
    ahead = ReadAhead()
    ahead.rows(shown, 400)
    ahead.rows(shown, 500)
    assert kept.reads == 2 * 3
