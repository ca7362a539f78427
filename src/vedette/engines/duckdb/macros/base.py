"""What macros are written with."""

from __future__ import annotations

import re

_COPYING = re.compile(
    r"\blambda\b|\bipv4_|\btext_of_(?:real|decimal|datetime|timespan)\("
    r"|\b(?:bool|int|long|real|decimal|datetime|timespan|number)_of_(?:text|json|real)\("
    r"|\bdatetime_of_long\("
)
"""Macros that copy their argument often: inside each other, they grow without a name between."""


def let(name: str, value: str, body: str) -> str:
    """The body with a name for a value: a macro copies its arguments, and copies of copies grow."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def held(value: str, macro: str) -> str:
    """A macro over a value, which is named first where copies of it are dear."""
    return let("v", value, f"{macro}(v)") if is_dear(value) else f"{macro}({value})"


def is_dear(value: str) -> bool:
    """Whether the SQL of a value holds names or macros, so that copies of it grow."""
    return _COPYING.search(value) is not None
