"""Windows events in XML: takes the text of one event, gives the record as JSON exports nest it.

As wevtutil, Get-WinEvent and the viewer export them, and as Sysmon for Linux writes them to syslog.
The parser knows no entities but XML's own five, loads nothing, and is bounded in depth and in how
many elements it takes. Source: Microsoft's event schema.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

MAX_DEPTH = 32
MAX_ELEMENTS = 10_000
_END = "</Event>"
_CONTAINERS = frozenset(("Event", "System", "EventData", "UserData", "RenderingInfo"))
_BAD_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class _Refused(Exception):
    """The document is more than an event is."""


def event_of(text: str) -> dict[str, Any] | str:
    """The record of an event: ``{"Event": {"System": …, "EventData": …}}``, or why it is none.

    What follows the end of the event is not read.
    """
    end = text.rfind(_END)
    if end < 0:
        return "an event without its end"
    document = text[: end + len(_END)]
    if _BAD_CHARACTERS.search(document):  # XML has no way to write them, exports do it still
        document = _BAD_CHARACTERS.sub("\ufffd", document)
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(document.encode(), True)
    except expat.ExpatError as error:
        return f"no XML: {expat.ErrorString(error.code)}, line {error.lineno}"
    except _Refused as error:
        return f"XML that is refused: {error}"
    root = builder.root
    if not isinstance(root, dict) or not isinstance(root.get("System"), dict):
        return "XML, but no Windows event"
    return {"Event": root}


def _no_doctype(*_: object) -> None:
    raise _Refused("it declares a document type")


class _Builder:
    """Makes JSON's values of elements, with attributes under ``#attributes``."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[tuple[str, dict[str, str], dict[str, Any], list[str]]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            raise _Refused(f"elements inside each other more than {MAX_DEPTH} deep")
        if self._count > MAX_ELEMENTS:
            raise _Refused(f"more than {MAX_ELEMENTS:,} elements")
        self._open.append((name.rpartition(":")[2], attributes, {}, []))

    def text(self, text: str) -> None:
        self._open[-1][3].append(text)

    def end(self, _: str) -> None:
        name, attributes, children, texts = self._open.pop()
        value = _value(name, attributes, children, "".join(texts))
        if not self._open:
            self.root = value
            return
        parent_name, siblings = self._open[-1][0], self._open[-1][2]
        if name == "Data" and parent_name == "EventData":
            _add_data(siblings, attributes.get("Name"), value)
        else:
            _add(siblings, name, value)


def _value(name: str, attributes: dict[str, str], children: dict[str, Any], text: str) -> Any:
    """What an element is in JSON: its text, its children, its attributes beside either."""
    kept = {k: v for k, v in attributes.items() if not k.startswith("xmlns")}
    if name == "Data" and not children:
        return text
    if children or name in _CONTAINERS:
        return {**children, "#attributes": kept} if kept else children
    if not kept:
        return text or None
    return {"#attributes": kept, "#text": text} if text.strip() else {"#attributes": kept}


def _add_data(siblings: dict[str, Any], name: str | None, text: str) -> None:
    """A named field, or one of the texts of an event that names none."""
    if name:
        siblings[name] = text
    else:
        siblings.setdefault("Data", {"#text": []})["#text"].append(text)


def _add(siblings: dict[str, Any], name: str, value: Any) -> None:
    if name not in siblings:
        siblings[name] = value
        return
    number = 1  # the exports' way to write a name that stands twice
    while f"{name}_{number}" in siblings:
        number += 1
    siblings[f"{name}_{number}"] = value
