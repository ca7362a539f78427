"""LEEF, QRadar's log event extended format: takes a message, gives its header and attributes.

Version 1.0 separates attributes by tabs, 2.0 by the character that its header names: itself, or its
number as 0x5E, x5E; where it names none, by tabs. Source: IBM's LEEF guide.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_VERSION = re.compile(r"LEEF: ?([12])(?:\.\d+)?$")
_NUMBER = re.compile(r"0?[xX]([0-9A-Fa-f]{1,4})")
_PATTERN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LONG_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_PIECES = {
    "yyyy": r"(?P<year>\d{4})", "MM": r"(?P<month>\d\d)", "M": r"(?P<month>\d\d?)",
    "MMM": r"(?P<name>[A-Za-z]{3})", "MMMM": r"(?P<name>[A-Za-z]{3,9})", "dd": r"(?P<day>\d\d)",
    "d": r"(?P<day>\d\d?)", "HH": r"(?P<hour>\d\d)", "H": r"(?P<hour>\d\d?)",
    "hh": r"(?P<half>\d\d)", "h": r"(?P<half>\d\d?)", "a": r"(?P<noon>AM|PM|am|pm)",
    "mm": r"(?P<minute>\d\d)", "m": r"(?P<minute>\d\d?)", "ss": r"(?P<second>\d\d)",
    "s": r"(?P<second>\d\d?)", "SSS": r"(?P<thousandths>\d{3})", "E": r"[A-Za-z]{3}",
    "EEE": r"[A-Za-z]{3}", "EEEE": r"[A-Za-z]{6,9}", "z": r"(?P<zone>UTC|GMT|Z)",
    "Z": r"(?P<zone>[+-]\d{4})", "X": r"(?P<zone>Z|[+-]\d\d)", "XX": r"(?P<zone>Z|[+-]\d{4})",
    "XXX": r"(?P<zone>Z|[+-]\d\d:\d\d)",
}  # fmt: skip


class LeefRecord(NamedTuple):
    """A message's parts: the header's four, and the attributes by their keys."""

    vendor: str
    product: str
    version: str
    event_id: str
    fields: dict[str, str]


def read_leef(message: str) -> LeefRecord | str:
    """The parts of a message that begins with ``LEEF:``, or why it has none."""
    parts = message.split("|", 5)
    version = _VERSION.match(parts[0])
    if version is None:
        return "no version 1 or 2 behind LEEF:"
    if len(parts) < 6:
        return "a LEEF header has five parts, with a pipe behind each"
    vendor, product, release, event = parts[1:5]
    attributes, delimiter = parts[5], "\t"
    if version[1] == "2":
        named, pipe, rest = attributes.partition("|")
        character = _delimiter(named) if pipe else None
        if character is not None:
            delimiter, attributes = character, rest
    if delimiter == "\t" and "\t" not in attributes and "#011" in attributes:
        attributes = attributes.replace("#011", "\t")  # rsyslog's way to write a tab
    return LeefRecord(vendor, product, release, event, _fields(attributes, delimiter))


def _delimiter(written: str) -> str | None:
    """The character that a header names; None where the attributes have begun already."""
    if written.strip() in ("", r"\t"):
        return "\t"
    if len(written) == 1:
        return written
    number = _NUMBER.fullmatch(written)
    return chr(int(number[1], 16)) if number is not None else None


def _fields(attributes: str, delimiter: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    key, pieces = "", [""]
    for attribute in attributes.split(delimiter):
        name, equals, value = attribute.partition("=")
        if equals and name.strip():
            if key:
                fields[key] = delimiter.join(pieces).rstrip(" \r\n")
            key, pieces = name.strip(), [value]
        else:  # the delimiter inside a value
            pieces.append(attribute)
    if key:
        fields[key] = delimiter.join(pieces).rstrip(" \r\n" + delimiter)
    return fields


def java_moment(text: str, pattern: str) -> str | None:
    """A moment written by a pattern of Java's SimpleDateFormat, in ISO form; None where not sure.

    Patterns with letters whose meaning hangs on a locale or on today (two-digit years, week
    numbers, zones by other names than UTC, fractions of another length than three) are not read.
    """
    compiled = _compiled(pattern)
    found = compiled.fullmatch(text.strip()) if compiled is not None else None
    if found is None:
        return None
    parts = found.groupdict()
    month = _month(parts)
    hour = _hour(parts)
    if month is None or hour is None or not parts.get("year") or not parts.get("day"):
        return None
    zone = parts.get("zone") or "Z"
    date = f"{parts['year']}-{month:02}-{int(parts['day']):02}"
    clock = f"{hour:02}:{parts.get('minute') or '0':0>2}:{parts.get('second') or '0':0>2}"
    return f"{date}T{clock}.{parts.get('thousandths') or '0'}{'Z' if zone[0].isalpha() else zone}"


def _month(parts: dict[str, str | None]) -> int | None:
    number, name = parts.get("month"), parts.get("name")
    if number:
        return int(number)
    for months in (_MONTHS, _LONG_MONTHS):
        if name and name.capitalize() in months:
            return months.index(name.capitalize()) + 1
    return None


def _hour(parts: dict[str, str | None]) -> int | None:
    half, noon = parts.get("half"), parts.get("noon")
    if half is None:
        return int(parts.get("hour") or 0)
    if noon is None or not 1 <= int(half) <= 12:
        return None
    return int(half) % 12 + (12 if noon.lower() == "pm" else 0)


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    if len(pattern) > 100:
        return None
    written, place, seen = "", 0, set()
    for found in _PATTERN.finditer(pattern):
        if found.start() != place:
            return None  # a quote without its end
        place = found.end()
        if found[1] is not None:
            written += re.escape(found[1].replace("''", "'") or "'")
        elif found[2] is None:
            written += re.escape(found[0])
        else:
            piece = _PIECES.get(found[0])
            if piece is None or found[2] in seen:
                return None
            seen.add(found[2])
            written += piece
    if place != len(pattern):
        return None
    return re.compile(written, re.IGNORECASE)
