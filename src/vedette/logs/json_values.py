"""JSON values: takes a line, gives the value that it holds; takes a value, gives its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson

from vedette.logs.base import Text
from vedette.logs.lines import decoded

_BLANK = " \t\r\n\ufeff"


def parse_json(line: bytes) -> tuple[Any, Text] | str:
    """The one value that a line holds and the line as text, or the reason why there is none."""
    try:
        return orjson.loads(line), line.strip()
    except orjson.JSONDecodeError as error:
        reason = f"no JSON: {error}"
    # The standard library also takes halves of surrogate pairs, and text that is not UTF-8.
    text = decoded(line).strip(_BLANK)
    try:
        return json.loads(text), text
    except (ValueError, RecursionError):
        return reason


def json_text(value: Any, default: Callable[[Any], Any] = str) -> str:
    """A value as JSON text; halves of surrogate pairs become question marks.

    *default* makes JSON of what is none. Raises ValueError where a value cannot be written.
    """
    try:
        return orjson.dumps(value, default=default).decode()
    except TypeError:  # numbers over 64 bits and lone surrogates raise it too
        return _any_text(value, default)


def _any_text(value: Any, default: Callable[[Any], Any]) -> str:
    try:
        text = json.dumps(value, default=default, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        text = _deep_text(value, default)
    except TypeError as error:
        raise ValueError("no JSON") from error
    return text.encode("utf-8", "replace").decode()


def _deep_text(value: Any, default: Callable[[Any], Any]) -> str:
    """The same of what nests deeper than the libraries go."""
    written: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if type(one) is _Mark:
            written.append(one)
        elif isinstance(one, dict):
            waiting.append(_Mark("}"))
            for number, (name, inner) in reversed(list(enumerate(one.items()))):
                key = json.dumps(str(name), ensure_ascii=False)
                waiting += [inner, _Mark(f"{',' if number else ''}{key}:")]
            waiting.append(_Mark("{"))
        elif isinstance(one, list):
            waiting.append(_Mark("]"))
            for number, inner in reversed(list(enumerate(one))):
                waiting += [inner, _Mark("," if number else "")]
            waiting.append(_Mark("["))
        else:
            written.append(json.dumps(one, default=default, ensure_ascii=False))
    return "".join(written)


class _Mark(str):
    """What stands between values."""

    __slots__ = ()


def json_bytes(value: Any) -> Text:
    """A value as JSON text, in UTF-8 where that is quicker."""
    try:
        # A copy: the library's own bytes lie in a larger block, whose rest costs more than this.
        return b"%b" % orjson.dumps(value)
    except TypeError:
        return json_text(value)
