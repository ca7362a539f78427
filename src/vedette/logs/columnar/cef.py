"""Lines of CEF, many at once: takes a text, gives the columns of the lines that are regular.

Regular is a line whose header is written as the standard says, without escapes, and whose extension
has printable characters only; values may have escapes. For such a line the parts are what
``read_cef`` makes of it. Lines of one device with their keys in one order are given together; all
others, also those of orders that few lines have, are for who reads one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.cef import unescaped
from vedette.logs.columnar.spans import Characters, Lines, Mask, Places, Span, taken, texts

Words = npt.NDArray[np.uint64]

FEWEST = 48
"""Lines of one order of keys that are worth to be read together."""

_RETURN = b"#015"
"""A carriage return at a line's end, as rsyslog writes it."""
_MAX_PREFIX = 1000
_MAX_KEYS = 200
_MAX_ORDERS = 64
_MAX_BLANKS = 64
_PIPES = 7
_WORD = 8
_LOW_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], np.uint64)
"""Which bits of a word are those of its first bytes, by their count."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Lines of one device that have their keys in one order: their numbers and their parts.

    ``prefixes`` is what stands before ``CEF:``, ``raw`` the line. Nothing is null.
    """

    numbers: Places
    vendor: str
    product: str
    version: str
    prefixes: pa.DictionaryArray
    class_ids: pa.Array
    names: pa.Array
    severities: pa.Array
    raw: pa.Array
    fields: Mapping[str, pa.Array]
    is_plain: bool
    """Whether JSON writes all values as they are."""


class _Marks(NamedTuple):
    """The characters of a text that may mean something, and which of them are in which line."""

    text: Characters
    places: Places
    characters: Characters
    starts: Places
    ends: Places
    """Behind each line's last one, its line end left out."""

    def numbers(self, character: str) -> Places:
        """Which of them are this character."""
        return np.flatnonzero(self.characters == ord(character))

    def lines(self, numbers: Places) -> Places:
        """The lines that these are in."""
        found: Places = np.searchsorted(self.starts, numbers, side="right") - 1
        return found


@dataclass(frozen=True, slots=True)
class _Heads:
    """The lines that begin as they should, and where their parts are."""

    numbers: Places
    starts: Places
    begins: Places
    """Where ``CEF:`` is."""
    pipes: Places
    """A row a line: where the pipes of its header are."""
    extension: Places
    """Which mark is the pipe before the extension."""
    ends: Places
    stops: Places
    """Behind each line's last value: an escaped carriage return is none of it."""
    last: Places
    """Behind which mark the line ends."""
    is_escaped: Mask
    is_quoted: Mask
    is_wide: Mask
    """Whether it has characters that are not ASCII."""


class _Keys(NamedTuple):
    """The keys of lines, one behind the other, and where their values are."""

    first: Places
    """Each line's first key."""
    counts: Places
    starts: Places
    ends: Places
    values: Span


def alike(text: bytes) -> tuple[Lines, list[Alike]]:
    """The lines of a text, and those of them that are regular."""
    bare = np.frombuffer(text, np.uint8)
    lines, ends, marks = _marked(text, bare)
    heads = _heads(lines, ends, marks)
    if not len(heads.numbers):
        return lines, []
    heads, keys = _keys(heads, marks)
    return lines, list(_groups(text, heads, keys)) if len(heads.numbers) else []


def _marked(text: bytes, bare: Characters) -> tuple[Lines, Places, _Marks]:
    """The lines, where each ends without a carriage return, and the marks."""
    special = (bare - np.uint8(33)) > 94  # blanks, control characters, all that is not ASCII
    for character in (b"=", b"|", b"\\", b'"', b"'"):
        if character in text:
            special |= bare == ord(character)
    places = np.flatnonzero(special)
    characters = bare[places]
    line_ends = np.flatnonzero(characters == ord("\n"))
    ends = np.append(places[line_ends], len(text))
    starts = np.concatenate([[0], ends[:-1] + 1])
    returns = (ends > starts) & (bare[np.maximum(ends - 1, 0)] == ord("\r"))
    first = np.concatenate([[0], line_ends + 1])
    last = np.append(line_ends, len(places)) - returns
    marks = _Marks(bare, places, characters, first, last)
    return Lines(text, starts, ends), ends - returns, marks


def _heads(lines: Lines, ends: Places, marks: _Marks) -> _Heads:
    """The lines whose header is regular."""
    bare, starts = marks.text, lines.starts
    pipes = marks.numbers("|")
    first = np.searchsorted(pipes, marks.starts)
    numbers = np.flatnonzero(np.diff(first, append=len(pipes)) >= _PIPES)
    first = first[numbers]
    held = pipes[first[:, None] + np.arange(_PIPES)]
    places = marks.places[held]
    version_at = places[:, 0] - 1
    is_tight, is_spaced = (
        _stands(bare, version_at - len(word), word) for word in (b"CEF:", b"CEF: ")
    )
    begins = version_at - len(b"CEF:") - is_spaced
    version = bare[version_at]
    good = (is_tight | is_spaced) & (version >= ord("0")) & (version <= ord("9"))
    good &= (begins >= starts[numbers]) & (begins <= starts[numbers] + _MAX_PREFIX)
    good &= held[:, 6] == held[:, 5] + 1  # nothing in the severity that may mean something
    odd, is_wide = _oddities(lines, ends, marks)
    is_escaped, is_quoted = (_has(marks, marks.numbers(c)) for c in '\\"')
    escapes = marks.numbers("\\")
    extension = np.zeros(len(starts), np.int64)
    extension[numbers] = held[:, 6]
    inside = marks.lines(escapes)
    odd[inside[escapes < extension[inside]]] = True
    good &= ~odd[numbers]
    ends = ends[numbers]
    has_return = _stands(bare, ends - len(_RETURN), _RETURN)
    stops = ends - has_return * len(_RETURN)
    good &= ~(has_return & is_wide[numbers])
    good &= ~_stands(bare, stops - len(_RETURN), _RETURN[:2])  # another line end
    heads = _Heads(
        numbers, starts[numbers], begins, places, held[:, 6], ends, stops, marks.ends[numbers],
        is_escaped[numbers], is_quoted[numbers], is_wide[numbers],
    )  # fmt: skip
    return heads if good.all() else taken(heads, np.flatnonzero(good))


def _oddities(lines: Lines, ends: Places, marks: _Marks) -> tuple[Mask, Mask]:
    """Which lines cannot be regular, and which have characters that are not ASCII."""
    is_control = marks.characters < ord(" ")
    is_control[marks.numbers("\n")] = False
    is_control[marks.ends[ends < lines.ends]] = False
    odd = _has(marks, np.flatnonzero(is_control))
    if lines.text.isascii():
        return odd, np.zeros(len(odd), bool)
    is_wide = _has(marks, np.flatnonzero(marks.characters > 127))
    try:
        lines.text.decode()
    except UnicodeDecodeError:
        return odd | is_wide, is_wide
    # Its first or last character may be a mark of byte order, or a blank of another script.
    bare = np.append(marks.text, np.uint8(0))
    odd |= (bare[lines.starts] > 127) | (bare[np.maximum(ends - 1, 0)] > 127)
    return odd, is_wide


def _has(marks: _Marks, numbers: Places) -> Mask:
    """Which lines have one of these marks."""
    found = np.zeros(len(marks.starts), bool)
    found[marks.lines(numbers)] = True
    return found


def _stands(bare: Characters, places: Places, word: bytes) -> Mask:
    """Whether a word stands there."""
    found = places >= 0
    for number, character in enumerate(word):
        found &= bare[np.maximum(places, 0) + number] == character
    return found


def _keys(heads: _Heads, marks: _Marks) -> tuple[_Heads, _Keys]:
    """The keys of lines, and the lines without those that have none, or odd ones.

    A key is what stands between a blank, or the extension's beginning, and an equals sign, without
    another mark between.
    """
    equals = marks.numbers("=")
    first = np.searchsorted(equals, heads.extension)
    counts = np.searchsorted(equals, heads.last) - first
    equals = equals[_ranges(first, counts)]
    owners = np.repeat(np.arange(len(counts)), counts)
    before, places = marks.characters[equals - 1], marks.places
    starts, ends = places[equals - 1] + 1, places[equals]
    is_key = (before == ord(" ")) | (equals - 1 == heads.extension[owners])
    is_key &= ends > starts
    good = np.ones(len(counts), bool)
    if heads.is_wide.any():  # blanks of other scripts end names and values too
        good[owners[before > 127]] = False
        good &= ~heads.is_wide | ~_has_blanks(heads, marks)
    owners, starts, ends = owners[is_key], starts[is_key], ends[is_key]
    counts = np.bincount(owners, minlength=len(counts))
    first = np.cumsum(counts) - counts
    good &= (counts > 0) & (counts <= _MAX_KEYS)
    stops = np.append(starts[1:] - 1, 0)
    last = counts > 0
    stops[(first + counts - 1)[last]] = heads.stops[last]
    good[owners[_trim(marks.text, ends + 1, stops)]] = False
    if not good.all():
        heads, first, counts = taken(heads, np.flatnonzero(good)), first[good], counts[good]
    return heads, _Keys(first, counts, starts, ends, (ends + 1, stops))


def _has_blanks(heads: _Heads, marks: _Marks) -> Mask:
    """Whether values may lose blanks at their end: two stand together, or one at the line's end."""
    blanks = marks.numbers(" ")
    double = blanks[:-1][np.diff(marks.places[blanks]) == 1]
    found = np.searchsorted(double, heads.extension) < np.searchsorted(double, heads.last)
    return np.asarray(found | (marks.text[heads.ends - 1] == ord(" ")), bool)


def _trim(text: Characters, starts: Places, stops: Places) -> Places:
    """Leave blanks at the end of values out of them; which have too many of them."""
    numbers = np.flatnonzero((text[stops - 1] == ord(" ")) & (stops > starts))
    for _ in range(_MAX_BLANKS):
        if not len(numbers):
            break
        stops[numbers] -= 1
        begins, ends = starts[numbers], stops[numbers]
        numbers = numbers[(text[ends - 1] == ord(" ")) & (ends > begins)]
    return numbers


def _ranges(first: Places, counts: Places) -> Places:
    """The numbers from each first one on, so many."""
    behind = np.cumsum(counts)
    found: Places = np.arange(behind[-1]) + np.repeat(first - (behind - counts), counts)
    return found


def _groups(text: bytes, heads: _Heads, keys: _Keys) -> Iterator[Alike]:
    """The lines that are enough of one device and one order of keys."""
    pipes = heads.pipes
    spans = {"prefix": (heads.starts, heads.begins), "device": (pipes[:, 0] + 1, pipes[:, 3])}
    parts = {name: one.dictionary_encode() for name, one in texts(text, spans).items()}
    devices = parts["device"].indices.to_numpy().astype(np.int64)
    kinds = (devices * 2 + heads.is_escaped) * 2 + heads.is_quoted
    words = np.ndarray(len(text) + 1, "<u8", text + bytes(_WORD), strides=(1,))
    for alike in _apart(kinds * (_MAX_KEYS + 1) + keys.counts):
        device = parts["device"].dictionary[int(devices[alike[0]])].as_py().split("|")
        for rows in _by_keys(words, keys, alike):
            names = _names(text, keys, rows[0])
            if len(set(names)) == len(names):
                prefixes = parts["prefix"].take(pa.array(rows))
                held = heads if len(rows) == len(heads.numbers) else taken(heads, rows)
                yield _alike(text, held, names, _values(keys, rows), device, prefixes)


def _apart(codes: Places) -> Iterator[Places]:
    """The rows of each code."""
    order = np.argsort(codes, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def _by_keys(words: Words, keys: _Keys, rows: Places) -> Iterator[Places]:
    """Those of the rows that are enough of one order of keys; all have as many keys."""
    for _ in range(_MAX_ORDERS):
        if len(rows) < FEWEST:
            return
        same = _same_keys(words, keys, rows)
        if np.count_nonzero(same) >= FEWEST:
            yield rows[same]
        rows = rows[~same]


def _same_keys(words: Words, keys: _Keys, rows: Places) -> Mask:
    """Which rows have the keys of the first one."""
    starts = _table(keys.starts, keys, rows)
    lengths = _table(keys.ends, keys, rows) - starts
    same: Mask = (lengths == lengths[0]).all(axis=1)
    known = _LOW_BYTES[np.minimum(lengths[0], _WORD)]
    starts, lengths = starts if same.all() else starts[same], lengths[0]
    equal = np.ones(len(starts), bool)
    for step in range(0, int(lengths.max()), _WORD):
        longer = np.flatnonzero(lengths > step)
        # The last word of a longer key overlaps the one before.
        behind = np.maximum(np.minimum(step, lengths[longer] - _WORD), 0)
        found = words[starts[:, longer] + behind]
        equal &= ((found ^ found[0]) & known[longer] == 0).all(axis=1)
    same[same] = equal
    return same


def _names(text: bytes, keys: _Keys, row: int) -> list[str]:
    """The keys of a line."""
    first = keys.first[row]
    own = slice(first, first + keys.counts[row])
    spans = zip(keys.starts[own].tolist(), keys.ends[own].tolist(), strict=True)
    return [text[start:end].decode() for start, end in spans]


def _values(keys: _Keys, rows: Places) -> list[Span]:
    """Where the values of lines are that have as many keys."""
    starts, ends = (_table(one, keys, rows) for one in keys.values)
    return [(starts[:, n], ends[:, n]) for n in range(starts.shape[1])]


def _table(places: Places, keys: _Keys, rows: Places) -> Places:
    """Places of keys, a row a line; all lines have as many."""
    count = int(keys.counts[rows[0]])
    if len(rows) * count == len(places):
        return places.reshape(len(rows), count)
    found: Places = places[keys.first[rows][:, None] + np.arange(count)]
    return found


def _alike(
    text: bytes, heads: _Heads, names: Sequence[str], values: Sequence[Span],
    device: Sequence[str], prefixes: pa.DictionaryArray,
) -> Alike:  # fmt: skip
    pipes = heads.pipes
    # No key holds a blank.
    of_header = (" class", 3), (" name", 4), (" severity", 5)
    spans = {name: (pipes[:, n] + 1, pipes[:, n + 1]) for name, n in of_header}
    fields = texts(text, spans | dict(zip(names, values, strict=True)))
    class_ids, event_names, severities = (fields.pop(name) for name in spans)
    is_escaped = bool(heads.is_escaped[0])
    if is_escaped:
        fields = {name: _unescaped(one) for name, one in fields.items()}
    vendor, product, version = device
    return Alike(
        heads.numbers, vendor, product, version, prefixes, class_ids, event_names,
        severities, texts(text, {"": (heads.starts, heads.ends)})[""], fields,
        not is_escaped and not bool(heads.is_quoted[0]),
    )  # fmt: skip


def _unescaped(values: pa.Array) -> pa.Array:
    """Values without their escapes."""
    escaped = pc.match_substring(values, "\\")
    if not pc.any(escaped).as_py():
        return values
    made = [unescaped(one) for one in values.filter(escaped).to_pylist()]
    return pc.replace_with_mask(values, escaped, pa.array(made, pa.string()))
