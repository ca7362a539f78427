"""Lines of fields, many at once: takes a text, gives a column for each field of its regular lines.

Regular is a line of plain ASCII without quotes and backslashes, with one separator between fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.spans import Lines, Places, texts

_ODD = np.zeros(256, bool)
_ODD[:32] = _ODD[127:] = True
_ODD[list(b'"\\')] = True
_ODD[list(b"\t\n")] = False


@dataclass(frozen=True, slots=True)
class FieldLines:
    """Lines of some text, and where separators and what makes a line odd stand in it."""

    lines: Lines
    separators: Places
    odd: Places

    @staticmethod
    def of(text: bytes, separator: bytes, *, padded: bool = False) -> FieldLines:
        """The lines of a text, each without its end.

        Where fields are *padded*, several separators behind each other are one, and all but the
        last of them belong to the field before.
        """
        bare = np.frombuffer(text, np.uint8)
        odd = np.flatnonzero(_ODD[bare])
        if separator != b"\t":
            odd = np.union1d(odd, np.flatnonzero(bare == ord("\t")))
        is_separator = bare == ord(separator)
        if padded:
            is_separator[:-1] &= ~is_separator[1:]
        return FieldLines(Lines.of(text), np.flatnonzero(is_separator), odd)

    def texts(self, numbers: Places) -> pa.Array:
        """The lines of these numbers."""
        span = self.lines.starts[numbers], self.lines.ends[numbers]
        return texts(self.lines.text, {"line": span})["line"]

    def regular(self, numbers: Places, count: int) -> tuple[Places, list[pa.Array]]:
        """Which of the lines of these numbers have so many fields, and a column for each field."""
        starts, ends = self.lines.starts[numbers], self.lines.ends[numbers]
        first = np.searchsorted(self.separators, starts)
        good = np.searchsorted(self.separators, ends) - first == count - 1
        good &= np.searchsorted(self.odd, starts) == np.searchsorted(self.odd, ends)
        good &= ends > starts
        numbers, starts, ends, first = (one[good] for one in (numbers, starts, ends, first))
        if not len(numbers):
            return numbers, []
        marks = [starts - 1, *(self.separators[first + n] for n in range(count - 1)), ends]
        spans = {n: (marks[n] + 1, marks[n + 1]) for n in range(count)}
        return numbers, list(texts(self.lines.text, spans).values())


def json_objects(members: Mapping[str, tuple[pa.Array, bool]]) -> pa.Array:
    """A JSON object a row of those members that it has.

    Each is the texts of its values and whether they stand in quotes, where JSON writes them so.
    """
    written: list[pa.Array] = []
    for name, (values, is_quoted) in members.items():
        key, mark = orjson.dumps(name).decode(), '"' if is_quoted else ""
        member = pc.binary_join_element_wise(f",{key}:{mark}", values, mark, "")
        written.append(member.fill_null("") if values.null_count else member)
    joined = pc.binary_join_element_wise(*written, "")
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")
