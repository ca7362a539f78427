"""Tests of one column's value: takes a test, gives how to make it in Python, exactly as the engine.

Most tests look at a text for constant needles; what else there is, the engine tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import ge, gt, le, lt, methodcaller
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.engines.duckdb.computed.terms import has_term
from vedette.hunt.one_pass.requirements import Options
from vedette.hunt.one_pass.wildcards import matcher, parts_of_like, parts_of_stars
from vedette.plan.expressions import Apply, Column, Expression, Literal
from vedette.plan.folding import fold
from vedette.plan.types import Type

WHOLE = frozenset({Type.INT, Type.LONG, Type.DATETIME, Type.TIMESPAN})
_TOLD = frozenset({"text_contains", "text_contains_any"})
_ORDERS = {"less": lt, "less_or_equal": le, "greater": gt, "greater_or_equal": ge}


@dataclass(frozen=True, slots=True)
class ValueTest:
    """A test of a column's values that are not null, and what it says of null.

    Where ``is_folded`` is set, it takes texts that are folded. ``texts`` are sets of which one text
    each stands in every value that passes; ``is_told`` says that a value of ASCII alone passes
    where one of the first set does. ``of_many``, where there is one, tests many values at once,
    nulls as null.
    """

    column: str
    holds: Callable[[Any], bool]
    is_folded: bool
    of_null: bool = False
    of_many: Callable[[pa.Array], pa.Array] | None = None
    texts: tuple[frozenset[str], ...] = ()
    is_told: bool = False


def value_test(expression: Expression) -> ValueTest | None:
    """How to make a test in Python; None for one that is not of one column and constants."""
    if isinstance(expression, Column):
        return ValueTest(expression.field.name, bool, False)
    if not isinstance(expression, Apply) or not expression.arguments:
        return None
    subject, *needles = _subject_first(expression)
    is_filled = isinstance(subject, Apply) and subject.operation == "or_empty"
    column = subject.arguments[0] if is_filled and isinstance(subject, Apply) else subject
    if not isinstance(column, Column):
        return None
    if expression.operation == "is_null":
        is_null = None if is_filled else pc.is_null
        return ValueTest(column.field.name, _never, False, not is_filled, is_null)
    constants = [n.value for n in needles if isinstance(n, Literal)]
    if len(constants) < len(needles) or None in constants:
        return None
    found = _holds(expression.operation, column.type, needles, constants)
    if found is None:
        return None
    holds, is_folded = found
    of_null = bool(is_filled and holds(""))
    of_many = _of_many(expression.operation, column.type, constants)
    return ValueTest(column.field.name, holds, is_folded, of_null, of_many)


def with_texts(test: ValueTest, expression: Expression, options: Options) -> ValueTest:
    """A test with the sets of texts of which its values have one each."""
    texts = tuple(frozenset(text.literal for text in some) for some in options)
    is_told = False
    if isinstance(expression, Apply) and expression.operation in _TOLD and texts:
        needles = [str(n.value) for n in expression.arguments[1:] if isinstance(n, Literal)]
        is_told = all(needle.isascii() for needle in needles)
        is_told = is_told and texts[0] == {needle.lower() for needle in needles}
    return replace(test, texts=texts, is_told=is_told)


def _subject_first(node: Apply) -> Sequence[Expression]:
    """The arguments, the constant of an equality last."""
    arguments = node.arguments
    if node.operation == "equals" and isinstance(arguments[0], Literal):
        return arguments[::-1]
    return arguments


def _never(_: object) -> bool:
    return False


def _holds(
    operation: str, type: Type, needles: Sequence[Expression], values: list[Any]
) -> tuple[Callable[[Any], bool], bool] | None:
    if operation in ("equals", "is_in"):
        alike = type in WHOLE | {Type.STRING, Type.BOOL} and all(_alike(type, n) for n in needles)
        return (frozenset(values).__contains__, False) if alike and values else None
    if operation in _ORDERS:
        compared = _ORDERS[operation]
        known = type in WHOLE and _alike(type, needles[0])
        return (lambda value: compared(value, values[0]), False) if known else None
    if type is not Type.STRING or not all(isinstance(v, str) for v in values):
        return None
    is_cased = operation.endswith("_cs") or operation in ("text_like", "text_is_empty")
    test = _of_text(
        operation.removesuffix("_cs"), values if is_cased else [fold(v) for v in values]
    )
    return None if test is None else (test, not is_cased)


def _alike(type: Type, needle: Expression) -> bool:
    """Whether a constant is compared with the column's values as Python compares them."""
    if type in (Type.INT, Type.LONG):
        return needle.type in (Type.INT, Type.LONG)
    return needle.type is type


def _of_text(operation: str, needles: list[str]) -> Callable[[str], bool] | None:
    """The test of a text, needles and text both folded or neither."""
    needle = needles[0] if needles else ""
    match operation:
        case "text_equals_ignore_case" | "text_is_in_ignore_case":
            return frozenset(needles).__contains__
        case "text_contains":
            return methodcaller("__contains__", needle)
        case "text_contains_any":
            return partial(_has_any, needles)
        case "text_starts_with":
            return methodcaller("startswith", needle)
        case "text_ends_with":
            return methodcaller("endswith", needle)
        case "text_is_empty":
            return lambda text: text == ""
        case "text_like" | "text_like_ignore_case":
            return matcher(parts_of_like(needle))
        case "text_is_like":
            return matcher(parts_of_stars(needle))
        case "text_has_term":
            return lambda text: has_term(text, needle, True, True)
        case "text_has_prefix":
            return lambda text: has_term(text, needle, True, False)
        case "text_has_suffix":
            return lambda text: has_term(text, needle, False, True)
        case "text_has_any_term":
            return lambda text: text != "" and any(has_term(text, n, True, True) for n in needles)
        case "text_has_all_terms":
            asked = [n for n in needles if n]
            return lambda text: text != "" and all(has_term(text, n, True, True) for n in asked)
    return None


def _has_any(needles: Sequence[str], text: str) -> bool:
    for needle in needles:  # noqa: SIM110 - a generator takes twice the time
        if needle in text:
            return True
    return False


def _of_many(
    operation: str, type: Type, values: list[Any]
) -> Callable[[pa.Array], pa.Array] | None:
    """The test of many values at once, where Arrow has one that is fast; texts are folded for it
    where the test is without case."""
    if type is not Type.STRING or not all(isinstance(v, str) for v in values):
        return None
    is_cased = operation.endswith("_cs") or operation in ("equals", "is_in")
    needles = values if is_cased else [fold(v) for v in values]
    match operation.removesuffix("_cs"):
        case "text_starts_with" | "text_ends_with":
            name = operation.removesuffix("_cs").removeprefix("text_")
            options = pc.MatchSubstringOptions(needles[0])
            return partial(
                _called, "starts_with" if name == "starts_with" else "ends_with", options
            )
        case "equals" | "is_in" | "text_equals_ignore_case" | "text_is_in_ignore_case":
            return partial(_any_equal, needles)
    return None


def _called(name: str, options: pc.FunctionOptions, values: pa.Array) -> pa.Array:
    return pc.call_function(name, [values], options)


def _any_equal(needles: Sequence[str], values: pa.Array) -> pa.Array:
    held = (pc.equal(values, pa.scalar(needle, values.type)) for needle in needles)
    return reduce(pc.or_, held)
