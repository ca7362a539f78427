"""One look for many texts: takes folded texts and a column's values, gives which stands where.

What it says is true of the folded values; it looks at bytes, so it knows nothing of case beyond
ASCII, and values that have such characters are folded first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import hyperscan
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vedette.plan.folding import scan_fold

Numbers = npt.NDArray[np.int64]
NOTHING: Numbers = np.empty(0, np.int64)
_BITS = 20
MOST_TEXTS = 1 << _BITS
_UNICODE_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")  # ours, and no rule's: linear
_AN_ESCAPE = r"\\u[0-9a-fA-F]{4}"
_MOST_BYTES = 1 << 30


class Scanner:
    """Looks for texts in the values of a column; made once, used for any number of values."""

    def __init__(self, texts: Sequence[str], in_json: bool) -> None:
        """Take folded texts; *in_json* reads the escapes of JSON texts as well."""
        if len(texts) > MOST_TEXTS:
            raise ValueError(f"more than {MOST_TEXTS:,} texts to look for")
        self._in_json = in_json
        encoded = [text.encode() for text in texts]
        self._lengths = np.array([len(text) for text in encoded], np.int64)
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        if encoded:
            self._database.compile(
                expressions=encoded,
                ids=list(range(len(encoded))),
                elements=len(encoded),
                flags=hyperscan.HS_FLAG_CASELESS,
                literal=True,
            )

    def scan(self, values: pa.Array) -> tuple[Numbers, Numbers]:
        """Pairs of a value's place and a text's that stands in it, each once, in order of texts."""
        if not len(self._lengths) or not len(values):
            return NOTHING, NOTHING
        values = _folded(values, self._in_json)
        ends = np.frombuffer(values.buffers()[1], np.int64)
        ends = ends[values.offset : values.offset + len(values) + 1]
        start, stop = int(ends[0]), int(ends[-1])
        if start == stop:
            return NOTHING, NOTHING
        data = memoryview(values.buffers()[2])[start:stop]
        if stop - start > _MOST_BYTES:
            return self._halves(values)
        met: list[int] = []
        take = met.append

        def on_match(text: int, _start: int, end: int, _flags: int, _context: object) -> None:
            take(end << _BITS | text)

        self._database.scan(data, match_event_handler=on_match)  # type: ignore[type-var]
        found = np.array(met, np.int64)
        texts, last = found & (MOST_TEXTS - 1), (found >> _BITS) + start - 1
        places = np.searchsorted(ends, last, side="right") - 1
        whole = ends[places] <= last - self._lengths[texts] + 1  # not across two values
        keys = np.unique(texts[whole] * len(values) + places[whole])
        return keys % len(values), keys // len(values)

    def _halves(self, values: pa.Array) -> tuple[Numbers, Numbers]:
        if len(values) == 1:  # one value of a gigabyte: any text may stand in it
            count = len(self._lengths)
            return np.zeros(count, np.int64), np.arange(count)
        half = len(values) // 2
        left, right = self.scan(values.slice(0, half)), self.scan(values.slice(half))
        places = np.concatenate([left[0], right[0] + half])
        texts = np.concatenate([left[1], right[1]])
        order = np.lexsort((places, texts))
        return places[order], texts[order]


def _folded(values: pa.Array, in_json: bool) -> pa.Array:
    """The values as large strings, those beyond ASCII folded."""
    values = values.cast(pa.large_string())
    data = values.buffers()[2]
    is_plain = data is None or not np.frombuffer(data, np.uint8).max(initial=0) & 0x80
    if is_plain and not in_json:
        return values
    far = pc.invert(pc.string_is_ascii(values))
    if in_json and data is not None and b"\\u" in bytes(data):
        far = pc.or_(far, pc.match_substring_regex(values, _AN_ESCAPE))
    far = far.fill_null(False)
    if not pc.any(far).as_py():
        return values
    new = [_scanned(text, in_json) for text in values.filter(far).to_pylist()]
    return pc.replace_with_mask(values, far, pa.array(new, pa.large_string()))


def _scanned(text: str, in_json: bool) -> str:
    if in_json and "\\u" in text:
        # A backslash before the escape may take it as it is: so both readings stand there.
        text = f"{text}\0{_UNICODE_ESCAPES.sub(_unescaped, text)}"
    return scan_fold(text)


def _unescaped(match: re.Match[str]) -> str:
    units = bytes.fromhex(match[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")
