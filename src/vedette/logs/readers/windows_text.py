"""Windows events as text, as WinCollect and Snare send them (logs/windows_text.py)."""

from __future__ import annotations

from vedette.logs.base import Origin
from vedette.logs.messages import MessageRows, score_of_lines
from vedette.logs.readers.lines import Line, LinesReader


class WindowsTextReader(LinesReader):
    """Reads lines of WinCollect and Snare."""

    name = "windows_text"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line that is of such a format is one of these."""
        return score_of_lines(head, self.name)

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        return MessageRows(origin).row
