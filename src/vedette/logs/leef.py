"""LEEF, QRadar's log event extended format: takes a message, gives its header and attributes.

Version 1.0 separates attributes by tabs, 2.0 by the character that its header names: itself, or its
number as 0x5E, x5E; where it names none, by tabs. Where a relay made blanks of tabs, the keys that
the guide defines end a value; a record with other words there, and an equals sign behind, is
refused. Source: IBM's LEEF guide.
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
_TABS = ("#011", "<009>")
"""How rsyslog and Kiwi write a tab."""
_KEYS = frozenset((
    "cat", "devTime", "devTimeFormat", "proto", "sev", "src", "dst", "srcPort", "dstPort",
    "srcPreNAT", "dstPreNAT", "srcPostNAT", "dstPostNAT", "usrName", "srcMAC", "dstMAC",
    "srcPreNATPort", "dstPreNATPort", "srcPostNATPort", "dstPostNATPort", "identSrc",
    "identHostName", "identNetBios", "identGrpName", "identMAC", "vSrc", "vSrcName", "accountName",
    "srcBytes", "dstBytes", "srcPackets", "dstPackets", "totalPackets", "role", "realm", "policy",
    "resource", "url", "groupID", "domain", "isLoginEvent", "isLogoutEvent", "identSecondlp",
    "calLanguage", "calCountryOrRegion", "msg",
))  # fmt: skip
"""The attributes that the guide defines, and the one for the text."""
_FREE = frozenset((
    "msg", "url", "usrName", "accountName", "resource", "policy", "realm", "role", "groupID",
    "domain", "identHostName", "identNetBios", "identGrpName", "vSrcName",
))  # fmt: skip
"""Those of them whose values are texts of any kind."""
_ADDRESSES = (
    "src",
    "dst",
    "srcPreNAT",
    "dstPreNAT",
    "srcPostNAT",
    "dstPostNAT",
    "identSrc",
    "vSrc",
)
_BEHIND_BLANK = re.compile(r"(?:^| )([^\s=]+)=")
_NO_TABS = "its tabs are lost, and where its attributes end cannot be told"
_OFFSET = re.compile(r"(?:GMT)?([+-])(\d\d?):?(\d\d)?", re.IGNORECASE)
# Java reads either kind of zone for either letter.
_ZONE = r"(?P<zone>GMT[+-]\d\d?:\d\d|UTC|GMT|Z|[+-]\d{4})"
_NAME = r"(?P<name>[A-Za-z]{3,9})"
_PIECES = {
    "yyyy": r"(?P<year>\d{4})", "MMM": _NAME, "MMMM": _NAME, "a": r"(?P<noon>AM|PM|am|pm)",
    "SSS": r"(?P<thousandths>\d{3})", "E": r"[A-Za-z]{3}", "EEE": r"[A-Za-z]{3}",
    "EEEE": r"[A-Za-z]{6,9}", "z": _ZONE, "zzz": _ZONE, "zzzz": _ZONE, "Z": _ZONE,
    "X": r"(?P<zone>Z|[+-]\d\d)", "XX": r"(?P<zone>Z|[+-]\d{4})",
    "XXX": r"(?P<zone>Z|[+-]\d\d:\d\d)",
}  # fmt: skip
_NUMBERS = {
    "M": "month", "d": "day", "H": "hour", "h": "half", "m": "minute", "s": "second",
}  # fmt: skip
_NUMERIC = (*_NUMBERS, "y", "S")


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
    attributes, delimiter, is_named = parts[5], "\t", False
    if version[1] == "2":
        named, pipe, rest = attributes.partition("|")
        character = _delimiter(named) if pipe else None
        if character is not None:
            delimiter, attributes, is_named = character, rest, bool(named.strip())
    if delimiter == "\t" and "\t" not in attributes:
        for written in _TABS:
            attributes = attributes.replace(written, "\t")
        if not is_named and "\t" not in attributes and " " in attributes:
            untabbed = _without_tabs(attributes)
            if untabbed is None:
                return _NO_TABS
            attributes = untabbed
    return LeefRecord(vendor, product, release, event, _fields(attributes, delimiter))


def _without_tabs(attributes: str) -> str | None:
    """Attributes with tabs before their keys where blanks stand; None where it is not sure."""
    found = list(_BEHIND_BLANK.finditer(attributes))
    keys = [one[1] for one in found]
    if not keys or found[0].start() > 0:
        return None if any(key in _KEYS for key in keys) else attributes
    if keys[0] in _FREE or keys[0] not in _KEYS:
        return attributes  # one attribute, whose text may look like more
    ends = [one.start() for one in found[1:]] + [len(attributes)]
    values = [attributes[one.end() : end].strip() for one, end in zip(found, ends, strict=True)]
    # A text that others choose could go on with any key.
    is_sure = (
        len(set(keys)) == len(keys) and _KEYS.issuperset(keys) and _FREE.isdisjoint(keys[:-1])
        and not any(" " in v for k, v in zip(keys, values, strict=True) if k in _ADDRESSES)
    )  # fmt: skip
    if is_sure:
        return "\t".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
    return None if len(keys) > 1 or keys[0] in _ADDRESSES else attributes


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
                fields[key] = delimiter.join(pieces).strip(" \r\n")
            key, pieces = name.strip(), [value]
        else:  # the delimiter inside a value
            pieces.append(attribute)
    if key:
        fields[key] = delimiter.join(pieces).rstrip(" \r\n" + delimiter).lstrip(" ")
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
    zone = _zone(parts.get("zone") or "Z")
    if zone is None:
        return None
    date = f"{parts['year']}-{month:02}-{int(parts['day']):02}"
    clock = f"{hour:02}:{parts.get('minute') or '0':0>2}:{parts.get('second') or '0':0>2}"
    return f"{date}T{clock}.{parts.get('thousandths') or '0'}{zone}"


def _zone(written: str) -> str | None:
    """A zone as ISO writes it; None for an offset that is none."""
    offset = _OFFSET.fullmatch(written)
    if offset is None:
        return "Z"
    sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
    return f"{sign}{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None


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
    pieces = list(_PATTERN.finditer(pattern))
    for number, found in enumerate(pieces):
        if found.start() != place:
            return None  # a quote without its end
        place = found.end()
        if found[1] is not None:
            written += re.escape(found[1].replace("''", "'") or "'")
        elif found[2] is None:
            written += re.escape(found[0])
        else:
            beside = (pieces[n][2] for n in (number - 1, number + 1) if 0 <= n < len(pieces))
            is_alone = not any(letter in _NUMERIC for letter in beside)
            piece = _PIECES.get(found[0]) or _number(found[0], is_alone)
            if piece is None or found[2] in seen:
                return None
            seen.add(found[2])
            written += piece
    if place != len(pattern):
        return None
    return re.compile(written, re.IGNORECASE)


def _number(letters: str, is_alone: bool) -> str | None:
    """What one or two letters of a number match: Java counts them only between other numbers."""
    name = _NUMBERS.get(letters[0])
    if name is None or len(letters) > 2:
        return None
    if is_alone:
        return rf" *(?P<{name}>\d\d?)"
    return rf"(?P<{name}>\d\d)" if len(letters) == 2 else rf"(?P<{name}>\d\d?)"
