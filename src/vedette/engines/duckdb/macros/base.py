"""What macros are written with."""

from __future__ import annotations


def let(name: str, value: str, body: str) -> str:
    """The body with a name for a value: a macro copies its arguments, and copies of copies grow."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"
