"""Elements of a Windows event in JSON: takes them as exports spell them, gives texts and fields.

Attributes stand under ``#attributes``, beside an element (``NAME_attributes``) or with an ``@``
before their names; the data's elements by their names, or as objects with these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_APART = "_attributes"
_DATA = frozenset({"@Name", "Name", "#text", "#attributes"})
"""What a Data element may have."""


def with_attributes(system: Mapping[str, Any]) -> dict[str, Any]:
    """A System part with attributes where they belong, which evtx_dump can write apart."""
    joined = dict(system)
    for name, value in system.items():
        element = name.removesuffix(_APART)
        if element != name and isinstance(value, dict) and joined.get(element) is None:
            joined[element] = {"#attributes": value}
    return joined


def event_fields(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """EventData's fields, or those of the one element inside UserData."""
    data = event.get("EventData")
    if isinstance(data, list) and data:
        data = {"Data": data}
    if not isinstance(data, dict):
        user_data = event.get("UserData") or event.get("ProcessingErrorData")
        if isinstance(user_data, dict):
            inner = [v for k, v in user_data.items() if not _is_attributes(k, v)]
            data = inner[0] if len(inner) == 1 and isinstance(inner[0], dict) else user_data
        else:
            return {}
    named = _named(data["Data"]) if "Data" in data else None
    is_plain = not any(_is_attributes(k, v) for k, v in data.items())
    if is_plain and named is None and dict not in map(type, data.values()):
        return data
    fields = {k: text_of(v) for k, v in data.items() if not _is_attributes(k, v)}
    if named is not None:
        del fields["Data"]
        fields |= named
    return fields


def _is_attributes(name: str, value: Any) -> bool:
    return name == "#attributes" or name[:1] == "@" or (
        type(value) is dict and name.endswith(_APART)
    )  # fmt: skip


def _named(elements: Any) -> dict[str, Any] | None:
    """The fields of Data elements by their names; None where one has none."""
    found: dict[str, Any] = {}
    for element in elements if isinstance(elements, list) else [elements]:
        if type(element) is not dict or element.keys() - _DATA:
            return None
        name = attributes_of(element).get("Name")
        if not isinstance(name, str):
            return None
        found[name] = element.get("#text", "")
    return found or None


def attributes_of(element: Any) -> Mapping[str, Any]:
    """An element's attributes, as the JSON exports spell them."""
    if type(element) is not dict:
        return {}
    inner = element.get("#attributes")
    if type(inner) is dict:
        return inner
    return {k.lstrip("@"): v for k, v in element.items()}


def text_of(element: Any) -> Any:
    """An element's text, without its attributes."""
    if type(element) is dict and "#text" in element:
        return element["#text"]
    return "" if element is None else element
