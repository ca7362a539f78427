"""LEEF, QRadar's log event extended format, with or without syslog around it (logs/leef.py)."""

from __future__ import annotations

from vedette.logs.base import Origin
from vedette.logs.messages import MessageRows, score_of_lines
from vedette.logs.readers.lines import Line, LinesReader


class LeefReader(LinesReader):
    """Reads lines with LEEF."""

    name = "leef"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line that is of such a format is one of LEEF."""
        return score_of_lines(head, self.name)

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        return MessageRows(origin).row
