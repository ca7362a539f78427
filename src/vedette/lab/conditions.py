"""A condition taken apart: takes an expression, gives its parts and how people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vedette.plan.build import apply, text
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal
from vedette.plan.relations import Filter, Project, Window
from vedette.plan.types import Type, datetime_of
from vedette.plan.value_text import cell_text

WIDEST = 120
"""How many characters of a text are shown."""
_THRESHOLDS = {
    "greater": ("more than", True), "greater_or_equal": ("at least", True),
    "less": ("less than", False), "less_or_equal": ("at most", False),
}  # fmt: skip

_WORDS = {
    "equals": "is", "equals_or_false": "is", "text_equals_ignore_case": "is",
    "is_in": "is one of", "is_in_or_false": "is one of", "text_is_in_ignore_case": "is one of",
    "greater": "is more than", "greater_or_equal": "is at least",
    "less": "is less than", "less_or_equal": "is at most",
    "text_contains": "contains", "text_starts_with": "begins with", "text_ends_with": "ends with",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison of a value with a constant: what comes nearest to it."""

    best: Expression
    words: str
    limit: Literal

    def said(self, best: Any) -> str:
        """In words: ``28, more than 30 needed``."""
        needed = literal_text(self.limit)
        if best is None:
            return f"no value, {self.words} {needed} needed"
        shown = int(best) if isinstance(best, float) and best.is_integer() else best
        return f"{cell_text(shown)}, {self.words} {needed} needed"


def cut(words: str) -> str:
    """A text, shortened where it is wider than is shown."""
    return words if len(words) <= WIDEST else words[: WIDEST - 1] + "…"


def threshold_of(part: Expression) -> Threshold | None:
    """The part as a comparison with a constant; None where it is none."""
    while isinstance(part, Apply) and part.operation == "is_true":
        part = part.arguments[0]
    if not (isinstance(part, Apply) and part.operation in _THRESHOLDS):
        return None
    left, right = part.arguments
    if not isinstance(right, Literal) or isinstance(left, Literal):
        return None
    words, greatest = _THRESHOLDS[part.operation]
    return Threshold(apply("maximum_of" if greatest else "minimum_of", left), words, right)


def literal_text(literal: Literal) -> str:
    """A constant as people read it."""
    if literal.type is Type.DATETIME and isinstance(literal.value, int):
        return f"{datetime_of(literal.value):%Y-%m-%d %H:%M:%S}"
    return cell_text(literal.value)


def joined(condition: Expression, word: str) -> list[Expression]:
    """What a condition joins with ``and`` or ``or``; itself where it joins nothing."""
    if isinstance(condition, Apply) and condition.operation == word:
        return [part for one in condition.arguments for part in joined(one, word)]
    if isinstance(condition, Apply) and condition.operation == "is_true":
        return joined(condition.arguments[0], word)
    return [condition]


def is_joined(condition: Expression) -> bool:
    """Whether a condition is made of others."""
    return isinstance(condition, Apply) and condition.operation in ("and", "or", "not", "is_true")


def negated(condition: Expression) -> Expression | None:
    """What must not hold, where a condition is one other's contrary; None where it is not."""
    if not (isinstance(condition, Apply) and condition.operation == "not"):
        return None
    inner = condition.arguments[0]
    while isinstance(inner, Apply) and inner.operation == "is_true":
        inner = inner.arguments[0]
    return None if is_joined(inner) else inner


def held_at_a_moment(rows: Filter) -> Filter | None:
    """What a correlation asks of a moment, where rows are those that are near to one."""
    match negated(rows.condition), rows.input:
        case (
            Apply("is_null", (Column(soon),)),
            Window(Project() as all_rows, ((made, Apply("least_ahead", (Column(when), *_))),)),
        ) if made == soon:
            for field, value in all_rows.assignments:
                match value:
                    case Apply("case", (holds, _, Literal(None))) if field == when:
                        return Filter(all_rows.input, holds)
    return None


def parts_of(condition: Expression, depth: int, word: str) -> Iterator[tuple[Expression, int, str]]:
    """The parts of a condition, each with how deep it stands and the word that joins it."""
    for joint in ("and", "or"):
        parts = joined(condition, joint)
        if len(parts) > 1:
            if joint == "or" or depth:
                yield condition, depth, word
                depth += 1
            for part in parts:
                yield from parts_of(part, depth, joint)
            return
    inner = condition
    while isinstance(inner, Apply) and inner.operation in ("not", "is_true"):
        inner = inner.arguments[0]
    if inner is not condition and len(joined(inner, "and")) + len(joined(inner, "or")) > 2:
        yield condition, depth, word
        yield from parts_of(inner, depth + 1, "not")
        return
    yield condition, depth, word


def all_but(must: Sequence[Expression], part: Expression) -> Expression | None:
    """All that must hold except one part; None where that is not among them."""
    others = [one for one in must if one is not part]
    if len(others) == len(must):
        return None
    return others[0] if len(others) == 1 else apply("and", *others)


def has_value(field: Field) -> Expression:
    """The condition that a field is neither null nor empty."""
    column = Column(field)
    known = apply("not", apply("is_null", column))
    if field.type is not Type.STRING:
        return known
    return apply("and", known, apply("not", apply("equals", column, text(""))))


def shown_as(expression: Expression) -> str:
    """An expression as people read it, where the query's text has no place for it."""
    match expression:
        case Column():
            return expression.field.name.lstrip("$")
        case Literal():
            return literal_text(expression)
        case Apply("is_true" | "or_empty" | "text_of" | "plain_text_of", (inner,)):
            return shown_as(inner)
        case Apply("value_at", (bag, *keys)) if keys:
            return ".".join(map(shown_as, (bag, *keys)))
        case Apply("and" | "or" | "not" as word):
            return {"and": "all of these", "or": "any of these", "not": "none of these"}[word]
        case Apply(operation, (left, *right)) if operation in _WORDS and right:
            return f"{shown_as(left)} {_WORDS[operation]} {', '.join(map(shown_as, right))}"
        case Apply():
            return f"{expression.operation}({', '.join(map(shown_as, expression.arguments))})"
