"""What macros are written with."""

from __future__ import annotations


def let(name: str, value: str, body: str) -> str:
    """The body with a name for a value: a macro copies its arguments, and copies of copies grow."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def held(value: str, macro: str) -> str:
    """A macro over a value, which is named first where it holds names itself: copies are dear."""
    return let("v", value, f"{macro}(v)") if "lambda" in value else f"{macro}({value})"
