"""Web access logs: takes Apache's and nginx's common and combined lines, gives a row a request.

Also read: a virtual host in front (vhost_combined), further fields behind (kept in raw), and a last
field whose quote never closes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vedette.logs.access_log import LOG_FORMAT, RequestRows, is_request
from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row
from vedette.logs.batches import column_batch, identities
from vedette.logs.columnar.access_log import Regular, regular
from vedette.logs.lines import decoded, head_text
from vedette.logs.readers.lines import MANY_BYTES, Line, LinesReader, parse_lines, parse_rest


class AccessLogReader(LinesReader):
    """Reads access logs."""

    name = LOG_FORMAT

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where most of the first lines are requests."""
        lines = [line for line in head_text(head).split(b"\n")[:20] if line.strip()]
        if len(lines) > 1 and not head.endswith(b"\n"):
            lines.pop()
        read = sum(is_request(decoded(line.rstrip(b"\r").lstrip(b"\0"))) for line in lines)
        return 90 if lines and read * 2 >= len(lines) else 0

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        return AccessRows(origin.lineage, origin.name).row

    def parser(self, origin: Origin) -> PieceParser:
        """A row a line; of many lines the regular ones at once."""
        rows = AccessRows(origin.lineage, origin.name)

        def parse(piece: Piece) -> Parsed:
            is_long = len(piece.data) >= MANY_BYTES and not piece.open
            return rows.many(piece) if is_long else parse_lines(piece, rows.row)

        return parse


class AccessRows(RequestRows):
    """Makes rows of the lines of one source."""

    def row(self, line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        """The row of a line, the reason why it is no request, or None for an empty line."""
        raw = decoded(line).strip("\ufeff\r")
        return self.made(raw, raw, offset, ended) if raw.strip() else None

    def many(self, piece: Piece) -> Parsed:
        """The rows of whole lines: first those of regular lines, then the others."""
        lines, alike = regular(piece.data)
        left = np.ones(len(lines.starts), bool)
        batches = []
        for found in alike:
            left[found.lines] = False
            batch = self._batch(found, lines.starts[found.lines] + piece.offset)
            batches.append((self.layout, batch))
        return parse_rest(piece, lines, batches, left, self.row)

    def _batch(self, found: Regular, offsets: npt.NDArray[np.int64]) -> pa.RecordBatch:
        numbers = pa.array(offsets)
        beside = {"event_id": identities(self.lineage, numbers), "log_offset": numbers}
        columns = {**found.columns, **beside}
        return column_batch(self.layout, columns, self.blank, len(numbers))
