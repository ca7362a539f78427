"""What the report's page shows of hostile values: takes values, gives text that is safe to look at.

Escaping HTML is the template's; here control and direction characters become visible, long values
are cut with their length said, and evidence ends when the page has enough of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from vedette.plan.value_text import cell_text
from vedette.syntax.visible import visible

MOST_CELL = 400
MOST_RECORD = 2_000
MOST_PROSE = 4_000
MOST_QUERY_LINES = 600
MOST_EVIDENCE = 4_000_000


def shown(value: object, most: int = MOST_CELL) -> str:
    """A value as one line of text of about *most* characters; what is cut off is said."""
    text = cell_text(value)
    cut = visible(text[:most])
    return cut if len(text) <= most else f"{cut}… ({len(text):,} characters in all)"


def prose(text: str | None) -> str:
    """A text of several lines, its line ends kept."""
    lines = (text or "").expandtabs(4).splitlines()
    return "\n".join(shown(line, MOST_PROSE) for line in lines)[: 2 * MOST_PROSE]


def link(address: str) -> str | None:
    """The address where it is one of the web, else None: nothing else becomes a link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    plain = address.isprintable() and visible(address) == address
    return address if parts.scheme in ("http", "https") and parts.netloc and plain else None


@dataclass(slots=True)
class Budget:
    """How many characters of evidence the page still takes."""

    left: int = MOST_EVIDENCE

    def takes(self, texts: list[str]) -> bool:
        """Whether these texts still find a place; if so it is theirs."""
        size = sum(map(len, texts))
        if size > self.left:
            return False
        self.left -= size
        return True
