"""Lists in a page: takes a section's lines, gives items, tests, references, and what was glued.

The layout that kept entries apart may be gone: ``DeviceProcessEventsCommonSecurityLog`` is two
tables, ``Test 1Web Scraping`` is test 1. Tables are parted by the catalogue of known tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from vedette.detections.model import DetectionTest
from vedette.detections.pages.lines import Line

_TEST = re.compile(r"(?:atomic )?test\s*#?(?P<digits>\d+)(?P<rest>.*)", re.IGNORECASE)
_SIGNAL = re.compile(r"expected (?:signal|telemetry|result)s?\s*:\s*(?P<text>.*)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_SEAM = re.compile(r"(?:(?<=[a-z0-9)])|(?<=_CL))(?=[A-Z])")
_CUSTOM_TABLE = re.compile(r"[A-Z]\w*_CL")

# Words of the field with a capital inside, at which nothing was glued.
INNER_CAPITALS = frozenset(
    {
        "AuditD", "BitLocker", "BitSight", "CloudFlare", "CloudTrail", "CloudWatch", "CrowdStrike",
        "CyberArk", "DevOps", "FireEye", "FortiGate", "FortiWeb", "GitHub", "GitLab", "GuardDuty",
        "IoT", "LinkedIn", "McAfee", "NetFlow", "NetScaler", "OAuth", "OneDrive", "PowerShell",
        "QRadar", "SecureSphere", "SentinelOne", "ServiceNow", "SharePoint", "SonicWall", "WinRM",
    }
)  # fmt: skip


def items(lines: Iterable[Line]) -> tuple[str, ...]:
    """The entries of a list: its bullets with what is wrapped below them, or each line of it."""
    filled = [line for line in lines if line.bare]
    if not any(line.bullet for line in filled):
        return tuple(line.bare for line in filled)
    found: list[str] = []
    depth = 0
    for line in filled:
        if line.bullet:
            found.append(line.bare)
            depth = line.marked
        elif found and line.indent >= depth:
            found[-1] = f"{found[-1]} {line.bare}"
    return tuple(found)


def paragraphs(lines: Iterable[Line]) -> str | None:
    """The lines as paragraphs, parted where the page has empty lines; None where all are empty."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.bare:
            blocks[-1].append(line.bare)
        elif blocks[-1]:
            blocks.append([])
    return "\n\n".join(" ".join(block) for block in blocks if block) or None


def tests(lines: Iterable[Line]) -> tuple[DetectionTest, ...]:
    """The numbered tests, each with its title and the signal that it expects."""
    found: list[DetectionTest] = []
    signal: list[str] | None = None

    def close() -> None:
        if found and signal:
            last = found[-1]
            found[-1] = DetectionTest(last.number, last.title, " ".join(signal))

    for line in lines:
        head, expected = _TEST.fullmatch(line.bare), _SIGNAL.fullmatch(line.bare)
        if head is not None:
            close()
            number, rest = _numbered(head["digits"], len(found) + 1)
            title = (rest + head["rest"]).strip(" \t:.*–—-")
            found.append(DetectionTest(number, title, None))
            signal = None
        elif expected is not None and found:
            signal = [expected["text"]] if expected["text"] else []
        elif signal is not None and line.bare:
            signal.append(line.bare)
    close()
    return tuple(found)


def _numbered(digits: str, expected: int) -> tuple[int, str]:
    """The number that *digits* start with, and the digits that belong to the title behind it."""
    next_number = str(expected)
    if digits.startswith(next_number) and digits != next_number:
        return expected, digits[len(next_number) :]
    return int(digits), ""


def references(lines: Iterable[Line]) -> tuple[str, ...]:
    """The addresses in a section, each once."""
    found = [_address(match[0]) for line in lines for match in _ADDRESS.finditer(line.text)]
    return tuple(dict.fromkeys(found))


def _address(text: str) -> str:
    """An address without the punctuation and the closing brackets of the text around it."""
    while text[-1] in ".,;:!'*)]":
        closes = {")": "(", "]": "["}.get(text[-1])
        if closes and text.count(text[-1]) <= text.count(closes):
            break
        text = text[:-1]
    return text


def split_tables(text: str, is_known: Callable[[str], bool]) -> tuple[str, ...] | None:
    """The tables whose names *text* holds, glued or parted; None where it is no row of tables."""
    found: list[str] = []
    for word in re.split(r"[\s,;/|·]+", text.strip()):
        names = _known_row(word, is_known)
        if names is None:
            return None
        found += names
    return tuple(dict.fromkeys(found))


def _known_row(word: str, is_known: Callable[[str], bool]) -> tuple[str, ...] | None:
    """The names that *word* is made of: as much of it as can be in known names, and as few names.

    Names of custom tables (``…_CL``) make up the rest.
    """
    best: list[tuple[int, tuple[str, ...]] | None] = [(0, ())] + [None] * len(word)
    seams = [0, *(match.start() for match in _SEAM.finditer(word)), len(word)]
    for end in seams[1:]:
        rows = []
        for start in seams[: seams.index(end)]:
            before, name = best[start], word[start:end]
            known = is_known(name)
            if before is not None and (known or _CUSTOM_TABLE.fullmatch(name)):
                rows.append((before[0] + (0 if known else len(name)), (*before[1], name)))
        best[end] = min(rows, key=lambda row: (row[0], len(row[1])), default=None)
    last = best[len(word)]
    return last[1] if last else None


def split_glued(text: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """The entries of a row that lost its separators: parted where a word's inside turns capital.

    Names of tables and INNER_CAPITALS stay whole.
    """
    entries: list[str] = []
    for words in re.split(r"\s*[,;|·]\s*|\s{2,}", text.strip()):
        entry: list[str] = []
        for word in words.split():
            first, *others = _unglued(word, is_known)
            entry.append(first)
            for other in others:
                entries.append(" ".join(entry))
                entry = [other]
        if entry:
            entries.append(" ".join(entry))
    return tuple(dict.fromkeys(entries))


def _unglued(word: str, is_known: Callable[[str], bool]) -> list[str]:
    pieces = _SEAM.split(word)
    joined = [pieces[0]]
    for index, piece in enumerate(pieces[1:], 1):
        whole = joined[-1] + piece
        longer = [
            whole + "".join(pieces[index + 1 : end]) for end in range(index + 1, len(pieces) + 1)
        ]
        if any(is_known(name) or name in INNER_CAPITALS for name in longer):
            joined[-1] = whole
        else:
            joined.append(piece)
    return joined
