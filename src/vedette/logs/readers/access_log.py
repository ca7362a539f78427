"""Web access logs: takes Apache's and nginx's common and combined lines, gives a row a request.

Also read: a virtual host in front (vhost_combined), further fields behind (kept in raw), and a last
field whose quote never closes. Source: Apache's mod_log_config, nginx's ngx_http_log_module.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vedette.logs.base import (
    Layout,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Row,
    event_layout,
)
from vedette.logs.batches import column_batch, identities
from vedette.logs.columnar.access_log import Regular, regular
from vedette.logs.lines import decoded, head_text
from vedette.logs.readers.lines import MANY_BYTES, Line, LinesReader, parse_lines, parse_rest
from vedette.logs.times import access_ticks
from vedette.logs.web import named, request_parts, target_parts

LOG_SOURCE_TYPE = "Apache HTTP Server"

_QUOTED = r'"([^"\\]*(?:\\.[^"\\]*)*)'
_LINE = re.compile(
    # A virtual host stands before an address, which tells it from a client with a longer line.
    r"(?:(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<host_port>\d{1,5}))? "
    r"(?=[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]* \S+ \S+ \[))?"
    r"(?P<client>[^\s\"]+) (?P<identity>\S+) (?P<user>[^\[\"]*?) ?\[(?P<time>[^\]\"]{10,40})\] "
    + _QUOTED.replace("(", "(?P<request>", 1)
    + r'" (?P<status>\d{3}|-) (?P<bytes>\d{1,18}|-)'
    + r"(?: " + _QUOTED.replace("(", "(?P<referrer>", 1)
    + r'"(?: ' + _QUOTED.replace("(", "(?P<agent>", 1)
    + r'(?P<end>"|$))?)?(?P<rest>.*)',
    re.DOTALL,
)  # fmt: skip


class AccessLogReader(LinesReader):
    """Reads access logs."""

    name = "access_log"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where most of the first lines are requests."""
        lines = [line for line in head_text(head).split(b"\n")[:20] if line.strip()]
        if len(lines) > 1 and not head.endswith(b"\n"):
            lines.pop()
        read = sum(_LINE.fullmatch(decoded(line.rstrip(b"\r"))) is not None for line in lines)
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


class AccessRows:
    """Makes rows of the lines of one source."""

    def __init__(self, lineage: str, log_file: str) -> None:
        """Every row says which file it came from."""
        self._lineage = lineage
        self._layout = event_layout("web_event")
        self._places = tuple(self._layout.index[c] for c in _COLUMNS)
        self._blank = self._layout.empty_row()
        for column, value in (
            ("log_format", AccessLogReader.name), ("log_source_type", LOG_SOURCE_TYPE),
            ("log_file", log_file), ("observer", "server"),
        ):  # fmt: skip
            self._blank[self._layout.index[column]] = value

    def row(self, line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        """The row of a line, the reason why it is no request, or None for an empty line."""
        raw = decoded(line).strip("\ufeff\r")
        if not raw.strip():
            return None
        match = _LINE.fullmatch(raw)
        if match is None:
            return "not a line of an access log"
        (host, host_port, client, _, user, moment, request, status, size, referrer, agent, end,
         _) = match.groups()  # fmt: skip
        if end == "" and not ended:
            return "its last field has no closing quote"
        time = access_ticks(moment)
        method, url, version = request_parts(_unquoted(request))
        url_host, path, query = target_parts(url)
        identity = match["identity"]
        values = (
            time, f"{self._lineage}-{offset}", offset, client,
            int(host_port) if host_port else None,
            named(user), raw, method, url, host or url_host, path, query, version,
            int(status) if status != "-" else None, int(size) if size != "-" else None,
            named(_unquoted(agent)), named(_unquoted(referrer)), named(identity),
        )  # fmt: skip
        row = self._blank.copy()
        for place, value in zip(self._places, values, strict=True):
            row[place] = value
        return self._layout, row

    def many(self, piece: Piece) -> Parsed:
        """The rows of whole lines: first those of regular lines, then the others."""
        lines, alike = regular(piece.data)
        left = np.ones(len(lines.starts), bool)
        batches = []
        for found in alike:
            left[found.lines] = False
            batch = self._batch(found, lines.starts[found.lines] + piece.offset)
            batches.append((self._layout, batch))
        return parse_rest(piece, lines, batches, left, self.row)

    def _batch(self, found: Regular, offsets: npt.NDArray[np.int64]) -> pa.RecordBatch:
        numbers = pa.array(offsets)
        beside = {"event_id": identities(self._lineage, numbers), "log_offset": numbers}
        columns = {**found.columns, **beside}
        return column_batch(self._layout, columns, self._blank, len(numbers))


_COLUMNS = (
    "time", "event_id", "log_offset", "source_ip", "destination_port", "user", "raw", "method",
    "url", "url_host", "url_path", "url_query", "protocol_version", "status", "bytes_sent",
    "user_agent", "referrer", "client_identity",
)  # fmt: skip


def _unquoted(quoted: str | None) -> str | None:
    """A quoted field with its escaped quotes undone."""
    return quoted.replace('\\"', '"') if quoted and "\\" in quoted else quoted
