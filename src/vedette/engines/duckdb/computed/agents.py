"""What user agents are: takes a text that a client calls itself by, gives browser, system, device.

Source: Kusto's ``parse_user_agent``; the patterns are those of the uap-core project, which tell the
browsers of its page's examples. They are matched in linear time, whatever the text.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

if TYPE_CHECKING:
    from ua_parser import Parser

_PARTS = {
    "browser": ("Browser", "user_agent", ("major", "minor", "patch")),
    "os": ("OperatingSystem", "os", ("major", "minor", "patch", "patch_minor")),
    "device": ("Device", "device", ("brand", "model")),
}
"""What can be asked for: its name in the answer and in the library, and what is told beside it."""
_CALLED = {
    "major": "MajorVersion", "minor": "MinorVersion", "patch": "Patch",
    "patch_minor": "PatchMinor", "brand": "Brand", "model": "Model",
}  # fmt: skip
_KEPT = 1_000
"""How long a text may be, in characters, whose answer is kept."""


@cache
def _parser() -> Parser:
    try:
        from ua_parser import Parser
        from ua_parser.loaders import load_builtins
        from ua_parser.regex import Resolver
    except ImportError:
        wanted = "parse_user_agent() needs the package ua-parser"
        raise ValueError(f"{wanted}: install vedette with its extra 'agents'") from None
    return Parser(Resolver(load_builtins()))


def user_agent_parts(text: str, wanted: str) -> str | None:
    """A bag with a part for each of the words *wanted*; ``Other`` is a family that is not known."""
    return _again(text, wanted) if len(text) <= _KEPT else _told(text, wanted)


def _told(text: str, wanted: str) -> str | None:
    known = _parser().parse(text)
    words = wanted.split(",")
    parts: dict[str, Any] = {}
    for word, (name, attribute, details) in _PARTS.items():
        if word in words:
            found = getattr(known, attribute)
            told = {_CALLED[d]: (found and getattr(found, d)) or "" for d in details}
            parts[name] = {"Family": found.family if found else "Other", **told}
    return json_values.write(parts)


_again = lru_cache(maxsize=10_000)(_told)

FUNCTIONS_OF_AGENTS: dict[str, Computed] = {
    "user_agent_parts": Computed((Type.STRING, Type.STRING), Type.DYNAMIC, user_agent_parts),
}
