"""Custom properties that a workspace defines: takes ``properties.toml``, gives their expressions.

Each ``[[property]]`` has a ``name`` and one expression over an event's payload: ``regex`` (with
``group``, else 1), ``json`` (``/"user"/"name"``, ``/"list"[0]``), ``leef`` or ``cef`` (a key), or
``xml`` (``/Event/System/EventID``). ``log_source_types`` limits it to events of these types. A name
that stands several times has several expressions: the first that gives a value counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedette.aql.binding.patterns import Untranslatable, groups_of, to_re2

FORMS = ("regex", "json", "leef", "cef", "xml")
_KEYS = {"name", "log_source_types", "group", *FORMS}
_JSON_STEP = re.compile(r'/"((?:[^"\\]|\\.)*)"|\[(\d{1,9})\]')
_XML = re.compile(r"(?:/[\w:.\-]+(?:\[@[\w:.\-]+=(?:'[^']*'|\"[^\"]*\")\])?)+(?:/@[\w:.\-]+)?")


@dataclass(frozen=True, slots=True)
class CustomProperty:
    """One expression of a property: ``form`` is one of FORMS, ``text`` what it looks for.

    A regular expression is in RE2's syntax and gives its ``group``; ``steps`` are those of JSON.
    """

    name: str
    log_source_types: tuple[str, ...]
    form: str
    text: str
    group: int = 0
    steps: tuple[str | int, ...] = ()


def read_properties(file: Path, types: Collection[str]) -> tuple[CustomProperty, ...]:
    """The properties of a file, none where it is not there; *types* are log source types' names.

    Raises ValueError, naming file and property, for what cannot be read.
    """
    if not file.is_file():
        return ()
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error
    rows = told.get("property")
    if set(told) - {"property"} or not isinstance(rows, list):
        raise ValueError(f"{file}: it has [[property]] tables and nothing else")
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(_property(row, types))
        except ValueError as error:
            raise ValueError(f"{file}: property {number}: {error}") from error
    return tuple(found)


def _property(row: Mapping[str, Any], types: Collection[str]) -> CustomProperty:
    unknown = set(row) - _KEYS
    if unknown:
        raise ValueError(f"there is no key '{min(unknown)}'")
    name = row.get("name")
    if not isinstance(name, str) or not name.strip() or name.startswith("$"):
        raise ValueError("it has no name")
    limits = row.get("log_source_types", [])
    if not isinstance(limits, list) or not all(isinstance(t, str) for t in limits):
        raise ValueError("log_source_types is a list of names")
    stranger = next((t for t in limits if t not in types), None)
    if stranger is not None:
        raise ValueError(f"no log source type is named '{stranger}'")
    forms = [form for form in FORMS if form in row]
    if len(forms) != 1 or not isinstance(row[forms[0]], str) or not row[forms[0]]:
        raise ValueError(f"it has one of {', '.join(FORMS)}, a text")
    return _expression(name, tuple(limits), forms[0], row[forms[0]], row.get("group"))


def _expression(
    name: str, types: tuple[str, ...], form: str, text: str, group: object
) -> CustomProperty:
    if form == "regex":
        return _regular(name, types, text, 1 if group is None else group)
    if group is not None:
        raise ValueError("group goes with regex")
    if form == "xml" and not _XML.fullmatch(text):
        raise ValueError(f"'{text}' is no path such as /Event/System/EventID")
    steps: list[str | int] = []
    if form == "json":
        at = 0
        for match in _JSON_STEP.finditer(text):
            if match.start() != at:
                break
            at = match.end()
            key = match[1]
            steps.append(int(match[2]) if key is None else re.sub(r"\\(.)", r"\1", key))
        if at != len(text):
            raise ValueError(f"""'{text}' is no path such as /"user"/"name" or /"list"[0]""")
    return CustomProperty(name, types, form, text, 0, tuple(steps))


def _regular(name: str, types: tuple[str, ...], text: str, group: object) -> CustomProperty:
    if not isinstance(group, int) or not 0 <= group <= min(groups_of(text), 9):
        raise ValueError(f"the expression has no group {group}")
    try:
        expression = to_re2(text)
    except Untranslatable as lack:
        told = f"{lack} in a regular expression (at character {lack.position + 1})"
        raise ValueError(f"{told} is not supported") from lack
    return CustomProperty(name, types, "regex", expression, group)
