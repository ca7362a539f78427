"""Texts that a test cannot do without: takes a test, gives what stands in a column where it holds.

Texts are folded as a scan folds (``plan.folding.scan_fold``). A test of what lies inside of JSON
requires its text of the JSON's own text, but only of characters that JSON writes in one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vedette.hunt.one_pass.regular import least_length as length_of_match
from vedette.hunt.one_pass.regular import required_texts
from vedette.hunt.one_pass.wildcards import literals_of, parts_of_like, parts_of_stars
from vedette.plan.expressions import Apply, Column, Expression, Literal
from vedette.plan.folding import scan_fold
from vedette.plan.types import Type

LONGEST = 64
"""How many bytes of a text are looked for."""


@dataclass(frozen=True, slots=True)
class Text:
    """A folded text that stands in a column's value, or in the JSON that the value is."""

    column: str
    literal: str
    in_json: bool = False


Options = list[frozenset[Text]]
"""Sets of texts: where the test holds, one text of each set stands in its column."""

_SHOWN = frozenset({"plain_text_of", "text_of"})
_JSON_WRITES = frozenset('"\\/:,[]{}')
_LONG = 200
"""From how many characters on the length of a value is looked at."""
_LONGEST_NUMBER = 330
_OF_NUMBERS = frozenset("0123456789.+-eE")


def required(expression: Expression) -> Options:
    """What stands in a column where the test holds; empty where nothing is known."""
    if not isinstance(expression, Apply) or not expression.arguments:
        return []
    arguments = expression.arguments
    if expression.operation == "equals" and isinstance(arguments[0], Literal):
        arguments = arguments[::-1]
    if expression.operation == "bag_has_key":
        return _of_keys(arguments[0], arguments[1:])
    place = _place(arguments[0])
    values = [a.value for a in arguments[1:] if isinstance(a, Literal)]
    if place is None or len(values) < len(arguments) - 1:
        return []
    texts = [v for v in values if isinstance(v, str)]
    if len(texts) < len(values) or not texts:
        return []
    column, in_json = place
    found: Options = []
    for option in _needed(expression.operation.removesuffix("_cs"), texts):
        looked_for = [_scannable(text, in_json) for text in option]
        if all(looked_for):
            found.append(frozenset(Text(column, text, in_json) for text in looked_for))
    return found + _keys_of(arguments[0])


def stands_where_not_null(expression: Expression) -> Options:
    """For a test whether something is null: what stands in a column wherever it is not."""
    if isinstance(expression, Apply) and expression.operation == "is_null":
        return _keys_of(expression.arguments[0])
    return []


@dataclass(frozen=True, slots=True)
class Length:
    """How many bytes the text of a column has at least."""

    column: str
    least: int


def least_length(expression: Expression) -> Length | None:
    """How long a column's text is at least where a pattern is found; None where that says little.

    A number in JSON may be shown longer than it is written, though by no more than
    ``_LONGEST_NUMBER``.
    """
    if not isinstance(expression, Apply) or expression.operation != "text_matches":
        return None
    place, pattern = _place(expression.arguments[0]), expression.arguments[1]
    if place is None or not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        return None
    least = length_of_match(pattern.value) - (_LONGEST_NUMBER if place[1] else 0)
    return Length(place[0], least) if least >= _LONG else None


def _place(subject: Expression) -> tuple[str, bool] | None:
    """The column in whose text a test of the subject looks, and whether that is JSON."""
    while isinstance(subject, Apply) and subject.operation in ("or_empty", "text_lower"):
        subject = subject.arguments[0]
    if isinstance(subject, Column):
        return (subject.field.name, False) if subject.type is Type.STRING else None
    if isinstance(subject, Apply) and subject.operation in _SHOWN:
        inside = subject.arguments[0]
        if isinstance(inside, Column) and inside.type is Type.STRING:
            return inside.field.name, False
        return _json_column(inside)
    if isinstance(subject, Apply) and subject.operation == "texts_inside":
        return _json_column(subject.arguments[0])
    return None


def _keys_of(subject: Expression) -> Options:
    """The names of properties that stand in JSON where there is a text behind them."""
    if isinstance(subject, Apply) and subject.operation == "plain_text_of":
        inside = subject.arguments[0]
        if isinstance(inside, Apply) and inside.operation == "value_at":
            return _of_keys(inside.arguments[0], inside.arguments[1:])
    return []


def _of_keys(value: Expression, keys: Sequence[Expression]) -> Options:
    if not isinstance(value, Column) or value.type is not Type.DYNAMIC:
        return []
    names = [key.value for key in keys if isinstance(key, Literal)]
    plain = [n for n in names if isinstance(n, str) and n.isascii() and n.isidentifier()]
    texts = (Text(value.field.name, _scannable(name, in_json=True), True) for name in plain)
    return [frozenset({text}) for text in texts if text.literal]


def _json_column(value: Expression) -> tuple[str, bool] | None:
    while isinstance(value, Apply) and value.operation == "value_at":
        value = value.arguments[0]
    is_column = isinstance(value, Column) and value.type in (Type.DYNAMIC, Type.STRING)
    return (value.field.name, True) if is_column and isinstance(value, Column) else None


def _needed(operation: str, needles: list[str]) -> list[Iterable[str]]:
    """Sets of texts of which one each stands in a text that passes."""
    match operation:
        case (
            "equals" | "is_in" | "text_equals_ignore_case" | "text_is_in_ignore_case"
            | "text_contains" | "text_contains_any" | "text_starts_with" | "text_ends_with"
            | "text_has_term" | "text_has_prefix" | "text_has_suffix" | "text_has_any_term"
        ):  # fmt: skip
            return [needles]
        case "text_has_all_terms":
            return [[needle] for needle in needles if needle]
        case "text_like" | "text_like_ignore_case":
            return [[text] for text in literals_of(parts_of_like(needles[0]))]
        case "text_is_like":
            return [[text] for text in literals_of(parts_of_stars(needles[0]))]
        case "text_matches" | "text_matches_whole":
            return list(required_texts(needles[0]))
    return []


def _scannable(text: str, in_json: bool) -> str:
    """The part of a text to look for; empty where there is none."""
    pieces = _pieces(text, in_json)
    longest = max((scan_fold(piece) for piece in pieces), key=len, default="")
    while len(longest.encode()) > LONGEST:
        longest = longest[: len(longest) * 3 // 4]
    return longest


def _pieces(text: str, in_json: bool) -> list[str]:
    pieces = [""]
    for character in text:
        if character == "\0" or (in_json and (character in _JSON_WRITES or character < " ")):
            pieces.append("")
        else:
            pieces[-1] += character
    return [p for p in pieces if not in_json or set(p) - _OF_NUMBERS]
