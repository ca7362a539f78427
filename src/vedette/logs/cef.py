"""CEF, the common event format: takes a message, gives its header's parts and its fields.

Escapes are undone: backslash before a pipe or itself in the header; before itself, an equals sign,
``n`` and ``r`` in the extension. Values may hold blanks: a key is what stands behind a blank and
before an equals sign that is not escaped. Source: ArcSight's CEF implementation standard, version
26.

Many devices write paths with single backslashes. A value with a backslash before any other letter
is such a one: in it only ``\\=`` and ``\\|`` are escapes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PART = r"([^|\\]*(?:\\.[^|\\]*)*)"
_HEADER = re.compile(r"CEF: ?(\d+)(?:\.\d+)?\|" + r"\|".join([_PART] * 5) + r"\|(.*)", re.DOTALL)
_VERSION = re.compile(r"CEF: ?\d+(?:\.\d+)?$")
_SEVERITY = re.compile(r"([^|\\=]{0,64})(?:\||$)")
_KEY = re.compile(r"(?:^|[ \t])([^\s=|\\\"']+)=")
_KEY_ALONE = re.compile(r"[^\s=|\\\"']+")
_MAX_KNOWN = 4096
_known_keys: set[str] = set()
_IN_HEADER = re.compile(r"\\([\\|])")
_IN_VALUE = re.compile(r"\\([\\=|nr])")
_LITERAL = re.compile(r"\\(?:[^\\=|nr]|$)")
_MEANT = {"n": "\n", "r": "\r"}


class CefRecord(NamedTuple):
    """A message's parts: the header's six, and the extension by its keys."""

    vendor: str
    product: str
    version: str
    class_id: str
    name: str
    severity: str
    fields: dict[str, str]


def read_cef(message: str) -> CefRecord | str:
    """The parts of a message that begins with ``CEF:``, or why it has none.

    A missing severity is an empty text. Of a key that stands twice, the last value counts.
    """
    parts = message.split("|", 7)
    if len(parts) == 8 and "\\" not in parts[1] + parts[2] + parts[3] + parts[4] + parts[5]:
        marker, vendor, product, version, code, name, severity, extension = parts
        if _VERSION.match(marker) is None:
            return "no version behind CEF:"
        if "=" not in severity and "\\" not in severity:
            fields = read_extension(extension)
            return CefRecord(vendor, product, version, code, name, severity, fields)
    found = _HEADER.match(message)
    if found is None:
        return "a CEF header has seven parts, with a pipe behind each"
    vendor, product, version, code, name = (
        _IN_HEADER.sub(r"\1", part) for part in found.groups()[1:6]
    )
    rest = found[7]
    grave = _SEVERITY.match(rest)
    # Where the severity is missing with its pipe, the extension follows the name.
    severity, extension = (grave[1], rest[grave.end() :]) if grave is not None else ("", rest)
    return CefRecord(vendor, product, version, code, name, severity, read_extension(extension))


def read_extension(extension: str) -> dict[str, str]:
    """The fields of an extension, values without escapes and without blanks at their end."""
    if "\t" in extension:
        parts = _KEY.split(extension)
        fields = dict(zip(parts[1::2], parts[2::2], strict=True))
    else:
        fields = _plain_fields(extension)
    if "  " in extension or extension[-1:].isspace():
        fields = {key: value.rstrip() for key, value in fields.items()}
    if "\\" in extension:
        for key, value in fields.items():
            if "\\" in value:
                fields[key] = unescaped(value)
    return fields


def _plain_fields(extension: str) -> dict[str, str]:
    """What the pattern for keys gives where there is no tab, in a fifth of the time."""
    pieces = extension.split("=")
    last = pieces.pop()
    fields: dict[str, str] = {}
    key = held = ""
    begins = True
    for piece in pieces:
        value, blank, name = piece.rpartition(" ")
        if (blank or begins) and (name in _known_keys or _is_key(name)):
            if key:
                fields[key] = held + value if held else value
            key, held = name, ""
        else:
            held += piece + "="
        begins = False
    if key:
        fields[key] = held + last if held else last
    return fields


def _is_key(name: str) -> bool:
    if _KEY_ALONE.fullmatch(name) is None:
        return False
    if len(_known_keys) < _MAX_KNOWN:
        _known_keys.add(name)
    return True


def unescaped(value: str) -> str:
    """A value without its escapes."""
    doubled = "\\\\" in value
    if _LITERAL.search(value.replace("\\\\", "") if doubled else value) is not None:
        return value.replace("\\=", "=").replace("\\|", "|")
    if doubled:
        return _IN_VALUE.sub(lambda found: _MEANT.get(found[1], found[1]), value)
    value = value.replace("\\=", "=").replace("\\|", "|")
    return value.replace("\\n", "\n").replace("\\r", "\r") if "\\" in value else value
