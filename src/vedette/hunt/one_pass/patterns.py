"""Regular expressions without the engine: takes a test and texts, gives which of them pass.

Arrow and the engine both have RE2, of different ages: over ASCII they say the same.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from vedette.hunt.one_pass.values import Truths, beyond_ascii
from vedette.plan.expressions import Apply, Column, Expression, Literal
from vedette.plan.types import Type

_NEW_IN_RE2 = "(?<"
"""A group's name as newer versions read it, of which the engine says that it is no pattern."""


def pattern_of(test: Expression) -> tuple[str, str] | None:
    """The column that a test looks in, and the pattern that it looks for; None where only the
    engine can make it."""
    if not isinstance(test, Apply) or test.operation != "text_matches":
        return None
    subject, pattern = test.arguments
    if not isinstance(subject, Column) or subject.type is not Type.STRING:
        return None
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        return None
    is_known = pattern.value.isascii() and _NEW_IN_RE2 not in pattern.value
    return (subject.field.name, pattern.value) if is_known else None


def found_in(pattern: str, texts: pa.Array) -> Truths | None:
    """Which texts a pattern is found in; None where it takes the engine to say."""
    if beyond_ascii(texts) is not None:
        return None
    try:
        found = pc.match_substring_regex(texts, pattern)
    except pa.ArrowInvalid:
        return None
    truths: Truths = found.fill_null(False).to_numpy(zero_copy_only=False)
    return truths
