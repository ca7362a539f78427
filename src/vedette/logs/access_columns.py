"""Lines of access logs, many at once: takes lines, gives the columns of those that are regular.

Regular is a line in Apache's common or combined form as servers write it for a browser's request:
plain ASCII, no backslash, one blank between fields, a target that is a path. For such a line the
columns are what ``AccessRows`` makes of it; all others are left to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.spans import Characters, Lines, Mask, Places, as_mask, named, null_where, texts
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

_VERSIONS = pa.array([f"HTTP/{v}" for v in ("0.9", "1.0", "1.1", "2.0", "3.0", "2", "3")])
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOMENT = "[17/May/2015:10:05:03 +0000] "
_ZERO = ord("0")
_EPOCH_DAYS = 719_162
_BLANKS = 10


@dataclass(frozen=True, slots=True)
class Regular:
    """The columns of regular lines, and the numbers of these lines."""

    lines: Places
    columns: Mapping[str, pa.Array]


def regular(lines: Lines) -> list[Regular]:
    """The columns of the lines that are regular: of those without and with a referrer and agent."""
    text = np.frombuffer(lines.text, np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    before = np.searchsorted(quotes, lines.starts)
    counts = np.diff(before, append=len(quotes))
    odd = (text < ord(" ")) & (text != ord("\n")) | (text > ord("~")) | (text == ord("\\"))
    if odd.any():
        counts[np.searchsorted(lines.starts, np.flatnonzero(odd), side="right") - 1] = -1
    # A place behind the last character stands for a blank that is not there.
    blanks = np.append(np.flatnonzero(text == ord(" ")), [len(text)] * _BLANKS)
    found = []
    for count in (2, 6):
        numbers = np.flatnonzero(counts == count)
        if len(numbers):
            q = [quotes[before[numbers] + n] for n in range(count)]
            first = np.searchsorted(blanks, lines.starts[numbers])
            b = [blanks[first + n] for n in range(_BLANKS)]
            found.append(_columns(lines, text, numbers, q, b))
    return found


def _columns(
    lines: Lines, text: Characters, numbers: Places, q: Sequence[Places], b: Sequence[Places]
) -> Regular:
    """The columns of the lines of these numbers, whose quotes are at *q*, first blanks at *b*."""
    good = _is_regular(lines, text, numbers, q, b)
    if not good.all():
        numbers = numbers[good]
        q, b = [one[good] for one in q], [one[good] for one in b]
    starts, ends = lines.starts[numbers], lines.ends[numbers]
    tail = q[2] - 1 if len(q) == 6 else ends
    spans = {
        "source_ip": (starts, b[0]), "client_identity": (b[0] + 1, b[1]), "user": (b[1] + 1, b[2]),
        "method": (q[0] + 1, b[5]), "url": (b[5] + 1, b[6]), "protocol_version": (b[6] + 1, q[1]),
        "status": (b[7] + 1, b[8]), "bytes_sent": (b[8] + 1, tail),
    }  # fmt: skip
    if len(q) == 6:
        spans |= {"referrer": (q[2] + 1, q[3]), "user_agent": (q[4] + 1, q[5])}
    columns = texts(lines.text, spans) | texts(lines.text, {"raw": (starts, ends)})
    mark = _mark(text, b[5] + 1, b[6])
    paths = {"url_path": (b[5] + 1, mark), "url_query": (np.minimum(mark + 1, b[6]), b[6])}
    columns |= texts(lines.text, paths)
    columns["url_query"] = null_where(columns["url_query"], mark == b[6])
    time, good = _ticks(text, q[0] - len(_MOMENT))
    columns["time"] = pa.array(time)
    good &= as_mask(pc.is_in(columns["protocol_version"], _VERSIONS))
    good &= as_mask(pc.ascii_is_alpha(columns["method"]))
    good &= ~as_mask(pc.match_substring(columns["user"], "["))
    sent = columns["bytes_sent"]
    good &= as_mask(pc.ascii_is_decimal(columns["status"]))
    good &= as_mask(pc.or_(pc.ascii_is_decimal(sent), pc.equal(sent, "-")))
    if not good.all():
        numbers = numbers[good]
        columns = {name: column.filter(pa.array(good)) for name, column in columns.items()}
    for name in ("client_identity", "user", "referrer", "user_agent", "bytes_sent"):
        if name in columns:
            columns[name] = named(columns[name])
    columns["status"] = columns["status"].cast(pa.int32())
    columns["bytes_sent"] = columns["bytes_sent"].cast(pa.int64())
    return Regular(numbers, columns)


def _is_regular(
    lines: Lines, text: Characters, numbers: Places, q: Sequence[Places], b: Sequence[Places]
) -> Mask:
    """Whether blanks and quotes stand where they stand in a regular line."""
    starts, ends = lines.starts[numbers], lines.ends[numbers]
    good = (b[0] > starts) & (b[1] > b[0] + 1) & (b[2] > b[1] + 1)
    good &= (b[2] + 1 == q[0] - len(_MOMENT)) & (b[4] + 1 == q[0])
    good &= (b[5] > q[0] + 1) & (b[5] <= q[0] + 41) & (b[6] > b[5] + 1) & (b[7] == q[1] + 1)
    good &= text[np.minimum(b[5] + 1, len(text) - 1)] == ord("/")
    good &= b[8] == b[7] + 4
    if len(q) == 2:
        tail = ends
        good &= b[9] >= ends
    else:
        tail = q[2] - 1
        good &= (b[9] == tail) & (q[4] == q[3] + 2) & (q[5] + 1 == ends)
        good &= text[q[3] + 1] == ord(" ")
    good &= (tail > b[8] + 1) & (tail <= b[8] + 19)
    return np.asarray(good, bool)


def _mark(text: Characters, starts: Places, ends: Places) -> Places:
    """Where the first question mark of each span is, its end where there is none."""
    marks = np.append(np.flatnonzero(text == ord("?")), len(text))
    first: Places = np.minimum(marks[np.searchsorted(marks, starts)], ends)
    return first


def _ticks(text: Characters, starts: Places) -> tuple[Places, Mask]:
    """Ticks of the moments that begin there, and whether they are written in the usual form."""
    letters = text[starts[:, None] + np.arange(len(_MOMENT))].astype(np.int64)
    digits = letters[:, [1, 2, 8, 9, 10, 11, 13, 14, 16, 17, 19, 20, 23, 24, 25, 26]] - _ZERO
    good = ((digits >= 0) & (digits <= 9)).all(axis=1)
    for place in (0, 3, 7, 12, 15, 18, 21, 27, 28):
        good &= letters[:, place] == ord(_MOMENT[place])
    minus = letters[:, 22] == ord("-")
    good &= minus | (letters[:, 22] == ord("+"))
    day, hour, minute, second = (digits[:, n] * 10 + digits[:, n + 1] for n in (0, 6, 8, 10))
    year = digits[:, 2:6] @ np.array([1000, 100, 10, 1])
    zone = digits[:, 12:16] @ np.array([36_000, 3600, 600, 60])
    name = (letters[:, 4:7] | 0x20) @ np.array([65536, 256, 1])
    month = np.zeros(len(starts), np.int64)
    for number, known in enumerate(_MONTHS, 1):
        month[name == int.from_bytes(known.encode())] = number
    good &= (month > 0) & (day > 0) & (year > 1) & (hour < 24) & (minute < 60) & (second < 60)
    first = (year - 1970) * 12 + month - 1
    start, after = _first_day(first), _first_day(first + 1)
    good &= day <= after - start
    seconds = hour * 3600 + minute * 60 + second - np.where(minus, -zone, zone)
    days = start + day - 1 + _EPOCH_DAYS
    return days * TICKS_PER_DAY + seconds * TICKS_PER_SECOND, good


def _first_day(months: Places) -> Places:
    """Days from 1970 on to the first of a month that is counted from 1970 on."""
    days: Places = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days
