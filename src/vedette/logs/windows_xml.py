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


class _Element:
    """An element whose end has not come: its parts, and how often names stood in it again."""

    __slots__ = ("again", "attributes", "children", "name", "texts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: dict[str, Any] = {}
        self.texts: list[str] = []
        self.again: dict[str, int] = {}

    def add(self, name: str, value: Any) -> None:
        """Put an element in; a name that stands again gets a number, as in the JSON exports."""
        if name in self.children:
            number = self.again[name] = self.again.get(name, 0) + 1
            name = f"{name}_{number}"
        self.children[name] = value

    def add_data(self, name: str | None, text: Any) -> None:
        """Put a named field in, or one of the texts of an event that names none."""
        held = self.children.get("Data")
        if name:
            self.children[name] = text
        elif isinstance(held, dict):
            held["#text"].append(text)
        elif held is None:
            self.children["Data"] = {"#text": [text]}
        else:  # a field has that name
            self.add("Data", text)


class _Builder:
    """Makes JSON's values of elements, with attributes under ``#attributes``."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[_Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            raise _Refused(f"elements inside each other more than {MAX_DEPTH} deep")
        if self._count > MAX_ELEMENTS:
            raise _Refused(f"more than {MAX_ELEMENTS:,} elements")
        self._open.append(_Element(name.rpartition(":")[2], attributes))

    def text(self, text: str) -> None:
        self._open[-1].texts.append(text)

    def end(self, _: str) -> None:
        element = self._open.pop()
        value = _value(element)
        if not self._open:
            self.root = value
            return
        above = self._open[-1]
        if element.name == "Data" and above.name == "EventData":
            above.add_data(element.attributes.get("Name"), value)
        else:
            above.add(element.name, value)


def _value(element: _Element) -> Any:
    """What an element is in JSON: its text, its children, its attributes beside either."""
    kept = {k: v for k, v in element.attributes.items() if not k.startswith("xmlns")}
    name, children, text = element.name, element.children, "".join(element.texts)
    if name == "Data" and not children:
        return text
    if children or name in _CONTAINERS:
        return {**children, "#attributes": kept} if kept else children
    if not kept:
        return text or None
    return {"#attributes": kept, "#text": text} if text.strip() else {"#attributes": kept}
