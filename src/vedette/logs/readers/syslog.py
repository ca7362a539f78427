"""Syslog of both forms (RFC 3164, RFC 5424), whatever its messages are (logs/messages.py)."""

from __future__ import annotations

from vedette.logs.base import Origin
from vedette.logs.messages import MessageRows, score_of_lines
from vedette.logs.readers.lines import Line, LinesReader


class SyslogReader(LinesReader):
    """Reads lines of syslog."""

    name = "syslog"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line that is of such a format is one of syslog."""
        return score_of_lines(head, self.name)

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        return MessageRows(origin).row
