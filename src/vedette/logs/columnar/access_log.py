"""Lines of access logs, many at once: takes a text, gives the columns of its regular lines.

Regular is a line in Apache's common or combined form, or in nginx's main one, as servers write it
for a browser's request: plain ASCII, no backslash, one blank between fields, a target that is a
path, a client that is an address or a name. For such a line the columns are what ``RequestRows``
makes of it; all others are left to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.requests import VERSIONS
from vedette.logs.columnar.spans import Characters, Lines, Mask, Places, as_mask, next_mark, texts
from vedette.logs.columnar.texts import converted
from vedette.logs.conversions import address
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOMENT = "[17/May/2015:10:05:03 +0000] "
_ZERO = ord("0")
_EPOCH_DAYS = 719_162
_BLANKS = 10
_ADDRESS = (
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:[0-9A-Fa-f]{1,4}:){1,4}(?::[0-9A-Fa-f]{1,4}){1,4}"
    r"|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
)
_NAME = r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+"
_FORWARDED = r"\A[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:, ?[0-9]{1,3}(?:\.[0-9]{1,3}){3})*\z"
_MAY_LACK = (
    "client_identity", "user", "bytes_sent", "referrer", "user_agent", "forwarded_for",
)  # fmt: skip
"""Columns that are null for nothing or a lone hyphen."""


@dataclass(frozen=True, slots=True)
class Regular:
    """The columns of regular lines, and the numbers of these lines."""

    lines: Places
    columns: Mapping[str, pa.Array]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Where the lines of a text, and the characters between their fields are."""

    lines: Lines
    characters: Characters
    quotes: Places
    blanks: Places
    questions: Places


def regular(text: bytes) -> tuple[Lines, list[Regular]]:
    """The lines of a text; the columns of those without, and with a referrer, agent and addresses.

    These addresses are what nginx's main form writes behind the agent.
    """
    marks, odd = _marked(text)
    lines, quotes = marks.lines, marks.quotes
    before = np.searchsorted(quotes, lines.starts)
    counts = np.diff(before, append=len(quotes))
    counts[odd] = -1
    found = []
    for count in (2, 6, 8):
        numbers = np.flatnonzero(counts == count)
        if len(numbers):
            q = [quotes[before[numbers] + n] for n in range(count)]
            first = np.searchsorted(marks.blanks, lines.starts[numbers])
            b = [marks.blanks[first + n] for n in range(_BLANKS)]
            found.append(_columns(marks, numbers, q, b))
    return lines, found


def _marked(text: bytes) -> tuple[_Marks, Places]:
    """The marks of a text, and the lines that cannot be regular."""
    bare = np.frombuffer(text, np.uint8)
    line_ends, quotes, blanks, questions = (np.flatnonzero(bare == ord(one)) for one in '\n" ?')
    lines = Lines(text, np.append(0, line_ends + 1), np.append(line_ends, len(text)))
    others = (bare < ord(" ")) & (bare != ord("\n")) | (bare > ord("~")) | (bare == ord("\\"))
    odd = np.flatnonzero(others) if others.any() else np.empty(0, np.int64)
    odd = np.searchsorted(lines.starts, odd, side="right") - 1
    # A place behind the last character stands for a blank that is not there.
    blanks = np.append(blanks, [len(text)] * _BLANKS)
    return _Marks(lines, bare, quotes, blanks, questions), odd


def _columns(marks: _Marks, numbers: Places, q: Sequence[Places], b: Sequence[Places]) -> Regular:
    """The columns of the lines of these numbers, whose quotes are at *q*, first blanks at *b*."""
    lines, text = marks.lines, marks.characters
    good = _is_regular(lines, text, numbers, q, b)
    if not good.all():
        numbers = numbers[good]
        q, b = [one[good] for one in q], [one[good] for one in b]
    starts, ends = lines.starts[numbers], lines.ends[numbers]
    tail = q[2] - 1 if len(q) > 2 else ends
    spans = {
        "source_ip": (starts, b[0]), "client_identity": (b[0] + 1, b[1]), "user": (b[1] + 1, b[2]),
        "method": (q[0] + 1, b[5]), "url": (b[5] + 1, b[6]), "protocol_version": (b[6] + 1, q[1]),
        "bytes_sent": (b[8] + 1, tail),
    }  # fmt: skip
    if len(q) > 2:
        spans |= {"referrer": (q[2] + 1, q[3]), "user_agent": (q[4] + 1, q[5])}
    if len(q) > 6:
        spans["forwarded_for"] = (q[6] + 1, q[7])
    absent = {name: _is_nothing(text, *spans[name]) for name in _MAY_LACK if name in spans}
    columns = texts(lines.text, spans, absent) | texts(lines.text, {"raw": (starts, ends)})
    mark = next_mark(marks.questions, b[5], b[6])
    paths = {"url_path": (b[5] + 1, mark), "url_query": (np.minimum(mark + 1, b[6]), b[6])}
    columns |= texts(lines.text, paths, {"url_query": mark == b[6]})
    time, good = _ticks(lines.text, q[0] - len(_MOMENT))
    status, is_number = _numbers(text, b[7] + 1, 3)
    columns |= {"time": pa.array(time), "status": pa.array(status, pa.int32())}
    good &= is_number
    good &= as_mask(pc.is_in(columns["protocol_version"], VERSIONS))
    good &= as_mask(pc.ascii_is_alpha(columns["method"]))
    good &= _is_client(columns["source_ip"], columns["client_identity"])
    good &= as_mask(pc.ascii_is_decimal(columns["bytes_sent"]).fill_null(True))
    if "forwarded_for" in columns:
        usual = pc.match_substring_regex(columns["forwarded_for"], _FORWARDED)
        good &= as_mask(usual.fill_null(True))
    if not good.all():
        numbers = numbers[good]
        columns = {name: column.filter(pa.array(good)) for name, column in columns.items()}
    columns["bytes_sent"] = columns["bytes_sent"].cast(pa.int64())
    if pc.any(pc.match_substring(columns["source_ip"], ":")).as_py():
        columns["source_ip"] = converted(columns["source_ip"], address, pa.string())
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
        good &= (b[9] == tail) & (q[-1] + 1 == ends)
        for before, behind in zip(q[3:-1:2], q[4::2], strict=True):
            good &= (behind == before + 2) & (text[before + 1] == ord(" "))
    good &= (tail > b[8] + 1) & (tail <= b[8] + 19)
    return np.asarray(good, bool)


def _is_client(clients: pa.Array, identities: pa.Array) -> Mask:
    """Whether clients are addresses without a port, or names without an identity behind them."""
    absent = as_mask(identities.is_null())
    good = as_mask(pc.match_substring_regex(clients, rf"\A(?:{_ADDRESS})\z"))
    if not absent.all():
        usual = pc.match_substring_regex(identities, r"\A[A-Za-z_][^:]*\z").fill_null(True)
        good &= as_mask(usual)
    if not good.all():
        good |= absent & as_mask(pc.match_substring_regex(clients, rf"\A(?:{_NAME})\z"))
    return good


def _is_nothing(text: Characters, starts: Places, ends: Places) -> Mask:
    """Whether nothing, or a lone hyphen stands there."""
    lengths = ends - starts
    nothing: Mask = (lengths == 0) | (lengths == 1) & (text[starts] == ord("-"))
    return nothing


def _numbers(text: Characters, starts: Places, digits: int) -> tuple[Places, Mask]:
    """The numbers of so many digits that begin there, and whether they are some."""
    written = text[starts[:, None] + np.arange(digits)].astype(np.int64) - _ZERO
    found = written @ 10 ** np.arange(digits)[::-1]
    return found, ((written >= 0) & (written <= 9)).all(axis=1)


def _ticks(text: bytes, starts: Places) -> tuple[Places, Mask]:
    """Ticks of the moments that begin there, and whether they are written in the usual form.

    Lines that follow each other often have the same: it is worked out once.
    """
    words = np.ndarray(len(text) - 7, "<u8", text, strides=(1,))
    held = [words[starts + n] for n in (0, 8, 16, len(_MOMENT) - 8)]
    is_new = np.ones(len(starts), bool)
    is_new[1:] = np.any([one[1:] != one[:-1] for one in held], axis=0)
    ticks, good = _moments(np.frombuffer(text, np.uint8), starts[is_new])
    numbers = np.cumsum(is_new) - 1
    return ticks[numbers], good[numbers]


def _moments(text: Characters, starts: Places) -> tuple[Places, Mask]:
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
