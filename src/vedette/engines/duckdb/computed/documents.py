"""Structured texts in Python: XML, addresses of pages, paths, command lines and CSV as JSON."""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

_MOST_XML = 1_048_576
_DEEPEST_XML = 200


class _Unreadable(Exception):
    """The text is not XML, or more than is read."""


class _Elements:
    """Elements as they are read: a stack of open ones, each with attributes, texts and children."""

    def __init__(self) -> None:
        """Start before the root."""
        self.root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._skips = 0

    def start(self, name: str, attributes: list[str]) -> None:
        """An element begins; attributes come as names and values in turn."""
        if len(self._open) >= _DEEPEST_XML:
            raise _Unreadable
        self._text_ends()
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        self._open.append((name, {f"@{key}": value for key, value in pairs}, []))

    def end(self, name: str) -> None:
        """An element ends: a text alone is its value, nothing at all is null."""
        self._text_ends()
        _, found, _ = self._open.pop()
        value: Any = found or None
        if list(found) == ["#text"]:
            value = found["#text"]
        _add(self._open[-1][1] if self._open else self.root, name, value)

    def text(self, text: str) -> None:
        """A piece of text."""
        if self._open and not self._skips:
            self._open[-1][2].append(text)

    def skip(self, by: int) -> None:
        """A section whose text is no text node begins or ends."""
        self._skips += by

    def _text_ends(self) -> None:
        if self._open:
            _, found, pieces = self._open[-1]
            whole = "".join(pieces).strip()
            pieces.clear()
            if whole:
                _add(found, "#text", whole)


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    """What comes again under one name makes an array."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _refuse(*declared: object) -> None:
    raise _Unreadable


def xml_as_json(text: str) -> str | None:
    """The JSON of an XML text; null where it is none, too long, too deep or declares entities."""
    source = text.strip().encode("utf-8", "replace")
    if not source or len(source) > _MOST_XML:
        return None
    parser = expat.ParserCreate("utf-8")
    elements = _Elements()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    parser.CharacterDataHandler = elements.text
    parser.StartCdataSectionHandler = lambda: elements.skip(1)
    parser.EndCdataSectionHandler = lambda: elements.skip(-1)
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(source, True)
    except (expat.ExpatError, _Unreadable):
        return None
    return json_values.write(elements.root)


_URL = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):(?=//))?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?",
    re.DOTALL,
)


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key:
            found.setdefault(key, value)
    return found


def url_parts(text: str) -> str | None:
    """The parts of a URL as a bag of texts; its query is a bag of its own."""
    match = _URL.fullmatch(text)
    if match is None:
        return None
    scheme, authority, path, query, fragment = (part or "" for part in match.groups())
    user, _, place = authority.rpartition("@")
    name, _, password = user.partition(":")
    host, port = place, ""
    numbered = re.fullmatch(r"(\[[^\]]*\]|[^:]*):([0-9]*)", place)
    if numbered is not None:
        host, port = numbered[1], numbered[2]
    return json_values.write(
        {
            "Scheme": scheme,
            "Host": host,
            "Port": port,
            "Path": path.removeprefix("/") if match[2] is not None else path,
            "Username": name,
            "Password": password,
            "Query Parameters": _parameters(query),
            "Fragment": fragment,
        }
    )


def url_query(text: str) -> str | None:
    """The parameters of a URL's query."""
    return json_values.write({"Query Parameters": _parameters(text.removeprefix("?"))})


def path_parts(text: str) -> str | None:
    """The parts of a file's path, with slashes of either kind."""
    scheme, _, rest = (
        text.rpartition("://") if re.match(r"[A-Za-z][\w+.-]*://", text) else ("", "", text)
    )
    cut = max(rest.rfind("/"), rest.rfind("\\"))
    directory, last = rest[: max(cut, 0)], rest[cut + 1 :]
    root = re.match(r"(?:[\\/]{2}[?.][\\/])?([A-Za-z]:)", rest)
    file, _, stream = last.partition(":")
    if not directory and re.fullmatch("[A-Za-z]", file) and stream:
        file, stream = "", ""
    return json_values.write(
        {
            "Scheme": scheme,
            "RootPath": root[1] if root else "",
            "DirectoryPath": directory,
            "DirectoryName": re.split(r"[\\/]", directory)[-1],
            "Filename": file,
            "Extension": file.rpartition(".")[2] if "." in file else "",
            "AlternateDataStreamName": stream,
        }
    )


def command_words(text: str) -> str | None:
    """The arguments of a Windows command line, as the system's own function divides them."""
    if not text:
        return None
    if text[0] == '"':
        first, _, rest = text[1:].partition('"')
    else:
        end = next((i for i, c in enumerate(text) if c in " \t"), len(text))
        first, rest = text[:end], text[end:]
    words, quotes, slashes = [first], 0, 0
    written: list[str] = []
    position, begun = len(rest) - len(rest.lstrip(" \t")), False
    while position < len(rest):
        character = rest[position]
        position += 1
        if character in " \t" and quotes == 0:
            if begun:
                words.append("".join(written))
                written, begun = [], False
            slashes = 0
            continue
        begun = True
        if character != '"':
            written.append(character)
            slashes = slashes + 1 if character == "\\" else 0
            continue
        del written[len(written) - (slashes + 1) // 2 :]
        if slashes % 2:
            written.append('"')
        else:
            quotes += 1
        slashes = 0
        while rest[position : position + 1] == '"':
            position += 1
            quotes += 1
            if quotes == 3:
                written.append('"')
                quotes = 0
        quotes = 0 if quotes == 2 else quotes
    if begun:
        words.append("".join(written))
    return json_values.write(words)


def csv_fields(text: str) -> str | None:
    """The fields of the first record: commas and line ends may stand in doubled quotes."""
    fields: list[str] = []
    position = 0
    while True:
        written: list[str] = []
        if text[position : position + 1] == '"':
            position += 1
            while True:
                end = text.find('"', position)
                end = len(text) if end < 0 else end
                written.append(text[position:end])
                position = end + 1
                if text[position : position + 1] != '"':
                    break
                written.append('"')
                position += 1
        end = position
        while end < len(text) and text[end] not in ",\r\n":
            end += 1
        fields.append("".join(written) + text[position:end])
        if text[end : end + 1] != ",":
            return json_values.write(fields)
        position = end + 1


FUNCTIONS_OF_DOCUMENTS: dict[str, Computed] = {
    name: Computed((Type.STRING,), Type.DYNAMIC, function)
    for name, function in {
        "xml_as_json": xml_as_json,
        "url_parts": url_parts,
        "url_query": url_query,
        "path_parts": path_parts,
        "command_words": command_words,
        "csv_fields": csv_fields,
    }.items()
}
