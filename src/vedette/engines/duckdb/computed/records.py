"""Values out of records as products write them: LEEF and CEF by their keys, XML by a path.

Sources: IBM, "LEEF event components"; ArcSight, "Common Event Format". A record may stand behind a
syslog header; keys are matched case and all; a key that stands twice has its first value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.documents import xml_as_json
from vedette.plan.types import Type

_LEEF = re.compile(r"LEEF:([12])\.\d\|")
_CEF = re.compile(r"CEF:\d+\|")
_DELIMITER = re.compile(r"(?:0?[xX]([0-9a-fA-F]{2})|(.))\Z", re.DOTALL)
_KEY = re.compile(r"(?:\A|(?<=[ \t]))([\w.\-]+)=")
_ESCAPED = re.compile(r"\\([\\=|nr])")
_MARKUP = re.compile(r"<[A-Za-z?!]")  # not the priority of syslog
_PLAIN = {"n": "\n", "r": "\r"}
_STEP = re.compile(
    r"/(?:@([\w:.\-]+)\Z|([\w:.\-]+)(?:\[@([\w:.\-]+)=(?:'([^']*)'|\"([^\"]*)\")\])?)"
)


def leef_value(text: str, key: str) -> str | None:
    """The value of an attribute of a LEEF record; None where the text has no such record or key."""
    header = _LEEF.search(text)
    if header is None:
        return None
    parts = text[header.end() :].split("|", 4)
    if len(parts) < 5:
        return None
    rest, delimiter = parts[4], "\t"
    if header[1] == "2":
        told, bar, behind = rest.partition("|")
        match = _DELIMITER.match(told)
        if bar and (match or not told):
            rest = behind
            if match:
                delimiter = chr(int(match[1], 16)) if match[1] else match[2]
    for attribute in rest.split(delimiter):
        name, equals, value = attribute.partition("=")
        if equals and name.strip() == key:
            return value.rstrip("\r\n")
    return None


def cef_value(text: str, key: str) -> str | None:
    """The value of a key of a CEF record's extension; None where there is no such record or key."""
    header = _CEF.search(text)
    if header is None:
        return None
    bars = re.compile(r"\\.|\|").finditer(text, header.end())
    ends = [m.end() for m in bars if m[0] == "|"]
    if len(ends) < 6:
        return None
    extension = text[ends[5] :]
    keys = list(_KEY.finditer(extension))
    for found, following in zip(keys, [*keys[1:], None], strict=True):
        if found[1] == key:
            end = following.start() if following else len(extension)
            value = extension[found.end() : end].rstrip(" \t\r\n")
            return _ESCAPED.sub(lambda m: _PLAIN.get(m[1], m[1]), value)
    return None


@lru_cache(maxsize=256)
def xml_steps(path: str) -> tuple[tuple[str, str, str, str], ...] | None:
    """A path's steps as (attribute, element, wanted attribute, its value); None for no path."""
    found: list[tuple[str, str, str, str]] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        value = match[4] if match[4] is not None else match[5]
        found.append((match[1] or "", match[2] or "", match[3] or "", value or ""))
        at = match.end()
    return tuple(found) or None


def xml_value(text: str, path: str) -> str | None:
    """The text of the first element or attribute that a path leads to; None where it leads nowhere.

    A path is ``/Event/System/EventID``, ``/Event/System/Provider/@Name`` or
    ``/Event/EventData/Data[@Name='TargetUserName']``.
    """
    start, steps = _MARKUP.search(text), xml_steps(path)
    read = xml_as_json(text[start.start() :]) if start and steps else None
    if read is None or steps is None:
        return None
    reached: list[Any] = [json_values.read(read)]
    for attribute, element, wanted, value in steps:
        inside = [r for r in reached if isinstance(r, dict)]
        if attribute:
            reached = [r[f"@{attribute}"] for r in inside if f"@{attribute}" in r]
            continue
        reached = []
        for bag in inside:
            children = bag.get(element)
            for child in children if isinstance(children, list) else [children]:
                kept = not wanted or (isinstance(child, dict) and child.get(f"@{wanted}") == value)
                reached += [child] if kept and child is not None else []
    first = next(iter(reached), None)
    text_of = first.get("#text") if isinstance(first, dict) else first
    return text_of if isinstance(text_of, str) else None


_TEXTS = (Type.STRING, Type.STRING)
FUNCTIONS_OF_RECORDS: dict[str, Computed] = {
    "leef_value": Computed(_TEXTS, Type.STRING, leef_value),
    "cef_value": Computed(_TEXTS, Type.STRING, cef_value),
    "xml_value": Computed(_TEXTS, Type.STRING, xml_value),
}
