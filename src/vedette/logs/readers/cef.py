"""CEF, the common event format, with or without syslog around it (logs/cef.py)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Origin, Parsed, Piece, PieceParser
from vedette.logs.columnar.cef import Alike, alike
from vedette.logs.columnar.devices import ManyEvents, device_batches
from vedette.logs.columnar.spans import Places, without_empty
from vedette.logs.devices import device_of
from vedette.logs.messages import CEF_MOMENTS, MessageRows, score_of_lines
from vedette.logs.parts import over
from vedette.logs.readers.lines import MANY_BYTES, Line, LinesReader, parse_lines, parse_rest
from vedette.logs.times import epoch_ticks
from vedette.plan.types import TICKS_PER_SECOND

_TICKS = {10: TICKS_PER_SECOND, 13: TICKS_PER_SECOND // 10**3, 16: TICKS_PER_SECOND // 10**6, 19: 1}
"""How a moment is mostly written: as a number since 1970, whose digits tell its unit."""
_MOST_DIGITS = 17
"""Those of a tick: of 19 the last two are cut."""

_OF_HEADER = {"time": pa.int64(), "host": pa.string(), "year_assumed": pa.bool_()}


class CefReader(LinesReader):
    """Reads lines with CEF."""

    name = "cef"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line that is of such a format is one of CEF."""
        return score_of_lines(head, self.name)

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        return MessageRows(origin).row

    def parser(self, origin: Origin) -> PieceParser:
        """A row a line; of many lines those that are alike at once."""
        rows = CefRows(origin)

        def parse(piece: Piece) -> Parsed:
            is_long = len(piece.data) >= MANY_BYTES and not piece.open
            return rows.many(piece) if is_long else parse_lines(piece, rows.rows.row)

        return parse


class CefRows:
    """Makes rows of the lines of one source."""

    def __init__(self, origin: Origin) -> None:
        """Every row says which file it came from."""
        self.rows = MessageRows(origin)

    def many(self, piece: Piece) -> Parsed:
        """The rows of whole lines: first those of lines that are alike, then the others."""
        lines, found = alike(piece.data)
        left = np.ones(len(lines.starts), bool)
        batches = []
        for one in found:
            events = self._events(one, lines.starts[one.numbers] + piece.offset)
            made = device_batches(events, self.rows.cef) if events is not None else None
            if made is not None:
                left[one.numbers] = False
                batches += made
        return parse_rest(piece, lines, batches, left, self.rows.row)

    def _events(self, found: Alike, offsets: Places) -> ManyEvents | None:
        """The events of lines; None where what is around them is not the same for all."""
        headers = self._headers(found.prefixes)
        zones = pc.unique(found.fields["dtz"]).to_pylist() if "dtz" in found.fields else [""]
        if headers is None or len(zones) != 1:
            return None
        times, assumed = self._times(found, zones[0], headers["time"], headers["year_assumed"])
        hosts = without_empty(headers["host"])
        if "dvchost" in found.fields:
            hosts = over(hosts, without_empty(found.fields["dvchost"]))
        return ManyEvents(
            found.vendor, found.product, found.version, found.class_ids, found.names,
            found.severities, found.fields, times, hosts, assumed, found.raw, pa.array(offsets),
            found.is_plain,
        )  # fmt: skip

    def _headers(self, prefixes: pa.DictionaryArray) -> Mapping[str, pa.Array] | None:
        """What headers of syslog say; None where one of the texts is none."""
        codes = prefixes.indices.to_numpy()
        is_used = np.bincount(codes, minlength=len(prefixes.dictionary)) > 0
        headers = []
        for prefix in prefixes.dictionary.filter(pa.array(is_used)).to_pylist():
            header = self.rows.header(prefix)
            if header is None:
                return None
            headers.append(header)
        rows = pa.array((np.cumsum(is_used) - 1)[codes])
        parts = {part: [getattr(header, part) for header in headers] for part in _OF_HEADER}
        return {part: pa.array(parts[part], type).take(rows) for part, type in _OF_HEADER.items()}

    def _times(
        self, found: Alike, zone: str, times: pa.Array, assumed: pa.Array
    ) -> tuple[pa.Array, pa.Array]:
        """When events happened, by their fields, else as given; and whether the year is a guess."""
        layers = []
        for name in device_of(found.vendor, found.product).moments + CEF_MOMENTS:
            if name in found.fields:
                ticks, guessed = self._moments(found.fields[name], zone)
                layers.append((ticks, guessed))
                if not ticks.null_count:
                    break
        for ticks, guessed in reversed(layers):
            known = ticks.is_valid()
            times, assumed = pc.if_else(known, ticks, times), pc.if_else(known, guessed, assumed)
        return times, assumed

    def _moments(self, written: pa.Array, zone: str) -> tuple[pa.Array, pa.Array]:
        """Ticks of moments, null for none; and whether their year is a guess."""
        lengths = pc.binary_length(written)
        unit = _TICKS.get(lengths[0].as_py())
        are_alike = pc.and_(pc.ascii_is_decimal(written), pc.equal(lengths, lengths[0]))
        if unit is not None and pc.all(are_alike).as_py():
            numbers = pc.utf8_slice_codeunits(written, 0, _MOST_DIGITS) if unit == 1 else written
            ticks = numbers.cast(pa.int64()).to_numpy() * unit + epoch_ticks("0", 1)
            return pa.array(ticks), pa.repeat(False, len(ticks))
        coded = written.dictionary_encode()
        texts = coded.dictionary.to_pylist()
        made = [self.rows.moment(one, zone) if one else (None, False) for one in texts]
        ticks, guessed = zip(*made, strict=True)
        return (
            pa.array(ticks, pa.int64()).take(coded.indices),
            pa.array(guessed, pa.bool_()).take(coded.indices),
        )
