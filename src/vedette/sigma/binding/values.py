"""Sigma's values as tests of a field: takes a field's meaning and a value, gives a condition.

Conditions are two-valued in effect: what is null counts as false (``conditions`` negates nothing
else). Text is compared without case unless ``cased`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
    TimestampPart,
)

from vedette.plan.build import apply, boolean, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.networks import in_any_network
from vedette.plan.types import Type
from vedette.sigma import codes
from vedette.sigma.binding import patterns
from vedette.sigma.binding.fields import Event, Meaning, is_text
from vedette.syntax import Span

_COMPARISONS = {
    CompareOperators.LT: "less",
    CompareOperators.LTE: "less_or_equal",
    CompareOperators.GT: "greater",
    CompareOperators.GTE: "greater_or_equal",
    CompareOperators.NEQ: "not_equals",
}
_PARTS_OF_TIME = {
    TimestampPart.MINUTE: "minute",
    TimestampPart.HOUR: "hour",
    TimestampPart.DAY: "day",
    TimestampPart.WEEK: "week_of_year",
    TimestampPart.MONTH: "month",
    TimestampPart.YEAR: "year",
}
_MISSING = ("", "-")
_GIVE_VALUES = "give them with --sigma-values FILE or --parameter NAME=VALUE, or by a pipeline"
_WHOLE_LIMIT = 2**63
_MANY_NETWORKS = 16


class Refused(Exception):
    """A value that cannot be looked for; says the code and kind of problem, why, and what to do."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Keep what is to be said."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Subject:
    """A field in one event table, and the event IDs that this table's events may have."""

    event: Event
    name: str
    meaning: Meaning
    codes: frozenset[int]
    never: frozenset[int]
    span: Span


def test(subject: Subject, value: SigmaType, spelled: str | None = None) -> Expression:
    """Whether a field has a value; *spelled* is how a number was written. Raises Refused."""
    match value:
        case SigmaExpansion():
            return either([test(subject, one) for one in value.values])
        case SigmaString():
            return _string(subject, parts_of(value), isinstance(value, SigmaCasedString))
        case SigmaTimestampPart():
            return _part_of_time(subject, value)
        case SigmaNumber():
            return _number(subject, value.number, spelled)
        case SigmaBool():
            written = "true" if value.boolean else "false"
            return _string(subject, [patterns.Literal(written)], False)
        case SigmaNull():
            return subject.meaning.absent
        case SigmaExists():
            return _exists(subject, value.exists)
        case SigmaRegularExpression():
            return _regular(subject.meaning.known, value, subject.span)
        case SigmaCIDRExpression():
            return _network(subject, value)
        case SigmaCompareExpression():
            return _compared(subject, value)
        case SigmaFieldReference():
            return _reference(subject, value)
    raise Refused(codes.UNSUPPORTED, f"{subject.name}: {type(value).__name__} is not supported")


def keyword(event: Event, value: SigmaType, span: Span) -> Expression:
    """Whether a record holds a value anywhere. Raises Refused."""
    record = event.keywords(span)
    match value:
        case SigmaExpansion():
            return either([keyword(event, one, span) for one in value.values])
        case SigmaString():
            parts = patterns.joined([patterns.ANY, *parts_of(value), patterns.ANY])
            return patterns.test(record, parts, isinstance(value, SigmaCasedString), span)
        case SigmaNumber():
            return apply("text_contains", record, text(str(value.number), span), span=span)
        case SigmaRegularExpression():
            return _regular(record, value, span)
    raise Refused(
        codes.UNSUPPORTED, f"{_said(value)} without a field is not supported",
        "name the field that holds the value, or write a text in quotes",
    )  # fmt: skip


def _said(value: SigmaType) -> str:
    """What kind of value it is, in Sigma's words."""
    if isinstance(value, SigmaNull):
        return "null"
    if isinstance(value, SigmaBool):
        return "true" if value.boolean else "false"
    return type(value).__name__.removeprefix("Sigma")


def either(conditions: Sequence[Expression]) -> Expression:
    """At least one of the conditions; those that are constants are worked out."""
    kept = [c for c in conditions if not _is(c, False)]
    if any(_is(c, True) for c in kept):
        return boolean(True)
    if not kept:
        return boolean(False)
    return kept[0] if len(kept) == 1 else apply("or", *kept)


def both(conditions: Sequence[Expression]) -> Expression:
    """All of the conditions; those that are constants are worked out."""
    kept = [c for c in conditions if not _is(c, True)]
    if any(_is(c, False) for c in kept):
        return boolean(False)
    if not kept:
        return boolean(True)
    return kept[0] if len(kept) == 1 else apply("and", *kept)


def neither(condition: Expression) -> Expression:
    """Plain negation: what is not true, null included."""
    if _is(condition, True) or _is(condition, False):
        return boolean(_is(condition, False))
    return apply("not", apply("is_true", condition))


def _is(condition: Expression, value: bool) -> bool:
    return isinstance(condition, Literal) and condition.value is value


def parts_of(value: SigmaString) -> list[patterns.Part]:
    """A string's literal texts and wildcards. Raises Refused for a placeholder."""
    found: list[patterns.Part] = []
    for part in value.s:
        if isinstance(part, Placeholder):
            raise Refused(
                codes.PLACEHOLDER, f"The placeholder %{part.name}% has no values",
                _GIVE_VALUES,
            )  # fmt: skip
        if isinstance(part, SpecialChars):
            is_any = part is SpecialChars.WILDCARD_MULTI
            found.append(patterns.ANY if is_any else patterns.ONE)
        else:
            found.append(patterns.Literal(part))
    return patterns.joined(found)


def _string(subject: Subject, parts: list[patterns.Part], cased: bool) -> Expression:
    meaning, span = subject.meaning, subject.span
    takes_missing = any(patterns.matches_short(parts, value) for value in _MISSING)
    found = patterns.test(
        _as_text(meaning.known if takes_missing else meaning.text), parts, cased, span
    )
    if not takes_missing or not any(patterns.is_exactly(parts, value) for value in _MISSING):
        return found
    if not meaning.is_own:  # the log writes no value so, and the column has null for it
        return either([found, meaning.absent])
    if not parts and meaning.empty is not None:  # an empty element is null in an event's data
        return either([found, both([meaning.absent, meaning.empty])])
    return found


def _as_text(value: Expression) -> Expression:
    return value if is_text(value) else apply("plain_text_of", value)


def _number(subject: Subject, number: float, spelled: str | None) -> Expression:
    column, span = subject.meaning.number, subject.span
    if subject.name == "EventID" and isinstance(number, int):
        if number in subject.never or (subject.codes and number not in subject.codes):
            return boolean(False)
        if subject.codes == {number}:
            return boolean(True)
    if column is not None:
        return apply("equals", column, _constant(number, span), span=span)
    writings = dict.fromkeys([str(number), *([spelled] if spelled else [])])
    known = _as_text(subject.meaning.known)
    return either(
        [apply("text_equals_ignore_case", known, text(w, span), span=span) for w in writings]
    )


def _constant(number: float, span: Span) -> Literal:
    if isinstance(number, int) and abs(number) < _WHOLE_LIMIT:
        return Literal(number, Type.LONG, span)
    return Literal(float(number), Type.REAL, span)


def _exists(subject: Subject, wanted: bool) -> Expression:
    there = neither(subject.meaning.absent)
    if subject.meaning.named is not None:
        there = either([there, subject.meaning.named])
    return there if wanted else neither(there)


def _regular(subject: Expression, value: SigmaRegularExpression, span: Span) -> Expression:
    if value.contains_placeholder():
        raise Refused(
            codes.PLACEHOLDER, "The regular expression has a placeholder without values",
            _GIVE_VALUES,
        )  # fmt: skip
    letters = {flag: value.sigma_to_re_flag[flag] for flag in value.flags}
    on = "".join(sorted(letters.values()))
    off = "".join(letter for letter in "ims" if letter not in on)
    flags = f"(?{on}{'-' + off if off else ''})"
    pattern = text(flags + str(value.regexp), span)
    return apply("text_matches", _as_text(subject), pattern, span=span)


def _network(subject: Subject, value: SigmaCIDRExpression) -> Expression:
    operation = "ipv4_in_range" if value.network.version == 4 else "ipv6_in_range"
    address = _as_text(subject.meaning.text)
    wanted = text(str(value.network), subject.span)
    found = apply(operation, address, wanted, span=subject.span)
    if value.network.version == 4:
        return found
    colon = apply("text_contains_cs", address, text(":", subject.span), span=subject.span)
    return both([colon, found])


def many_networks(subject: Subject, values: Sequence[SigmaType]) -> Expression | None:
    """One condition for a long list of networks; None for a short one, or one of other values."""
    if len(values) < _MANY_NETWORKS:
        return None
    networks = [str(v.network) for v in values if isinstance(v, SigmaCIDRExpression)]
    if len(networks) < len(values):
        return None
    return in_any_network(_as_text(subject.meaning.text), networks, subject.span)


def _as_number(meaning: Meaning, span: Span) -> Expression:
    if meaning.number is not None:
        return meaning.number
    return apply("to_real", _as_text(meaning.known), span=span)


def _compared(subject: Subject, value: SigmaCompareExpression) -> Expression:
    number = value.number
    left = _as_number(subject.meaning, subject.span)
    if isinstance(number, SigmaTimestampPart):  # pySigma's part of a moment is a number, too
        left = _part_of(subject, number)
    right = _constant(number.number, subject.span)
    found = apply(_COMPARISONS[value.op], left, right, span=subject.span)
    return both([found, is_finite(left)]) if left.type is Type.REAL else found


def is_finite(number: Expression) -> Expression:
    """Whether a real can be compared: what ``inf`` and ``NaN`` say is no number."""
    return apply("less", apply("absolute", number), apply("to_real", text("inf")))


def _reference(subject: Subject, value: SigmaFieldReference) -> Expression:
    left = _as_text(subject.meaning.known)
    right = _as_text(subject.event.meaning(value.field, subject.span).known)
    operation = "text_equals_ignore_case"
    if value.starts_with and value.ends_with:
        operation = "text_contains"
    elif value.starts_with:
        operation = "text_starts_with"
    elif value.ends_with:
        operation = "text_ends_with"
    return apply(operation, left, right, span=subject.span)


def _part_of_time(subject: Subject, value: SigmaTimestampPart) -> Expression:
    part = _part_of(subject, value)
    return apply("equals", part, _constant(value.number, subject.span), span=subject.span)


def _part_of(subject: Subject, value: SigmaTimestampPart) -> Expression:
    span = subject.span
    moment = apply("to_datetime", _as_text(subject.meaning.known), span=span)
    return apply("time_part", moment, text(_PARTS_OF_TIME[value.timestamp_part], span), span=span)
