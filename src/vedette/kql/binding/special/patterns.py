"""Functions of text whose arguments must be known when the query is read: patterns, lists, counts.

Takes a call, gives its core expression; a pattern is carried over to RE2 by ``regular``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.regular import translation as regular
from vedette.kql.binding.text_tests import as_text, carried_over, searched
from vedette.kql.reading.syntax_tree import Call, Node, TypeOf
from vedette.plan.build import apply, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type, type_named
from vedette.plan.value_text import read_json
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]

_CONVERSIONS = {
    Type.BOOL: "to_bool", Type.REAL: "to_real", Type.DECIMAL: "to_decimal",
    Type.DATETIME: "to_datetime", Type.TIMESPAN: "to_timespan", Type.GUID: "to_guid",
    Type.INT: "to_int", Type.LONG: "to_long", Type.DYNAMIC: "read_json",
}  # fmt: skip

_REFERENCE = re.compile(r"\\(?P<group>[0-9])|\\\\|(?P<other>\\)|(?P<dollar>\$[0-9A-Za-z_{$])")


def _counted(binder: Binder, node: Call, least: int, most: int) -> None:
    if not least <= len(node.arguments) <= most:
        raise wrong_count(binder, node, least, most)


def _subject(binder: Binder, node: Node, context: Context) -> Expression:
    value = arguments(binder, [node], context)[0]
    subject = as_text(value)
    if subject is None:
        message = f"The expression must have the type string, not {value.type}"
        raise binder.fail("KS141", "type", message, node.span)
    return subject


def _known_text(binder: Binder, node: Node, context: Context, what: str) -> Literal:
    value = _subject(binder, node, context)
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        raise binder.later(f"{what} that is not a constant", node.span)
    return value


def _known_number(binder: Binder, node: Node, context: Context, what: str) -> int:
    value = arguments(binder, [node], context)[0]
    if value.type not in (Type.INT, Type.LONG):
        message = f"The expression must have the type long, not {value.type}"
        raise binder.fail("KS141", "type", message, node.span)
    if not isinstance(value, Literal) or not isinstance(value.value, int):
        raise binder.later(f"{what} that is not a constant", node.span)
    return value.value


def _pattern(binder: Binder, node: Node, context: Context) -> str:
    given = _known_text(binder, node, context, "a regular expression")
    return carried_over(binder, str(given.value), node.span)


def _extract(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 3, 4)
    pattern = _pattern(binder, node.arguments[0], context)
    group = _known_number(binder, node.arguments[1], context, "a capture group")
    subject = searched(_subject(binder, node.arguments[2], context), pattern)
    groups = regular.groups(pattern)
    if group < 0:
        raise binder.later("a capture group below 0", node.arguments[1].span)
    number = Literal(group, Type.LONG, node.arguments[1].span)
    found: Expression = text("", node.span)
    if group <= min(groups, 9):
        found = apply("text_extract", subject, text(pattern), number, span=node.span)
    elif group <= groups:
        count = Literal(groups, Type.LONG)
        found = apply("text_captured", subject, text(pattern), number, count, span=node.span)
    return _converted(binder, node.arguments[3], found) if len(node.arguments) == 4 else found


def _extract_all(binder: Binder, node: Call, context: Context) -> Expression:
    """All matches' groups, or of those groups that a list names by number or name."""
    _counted(binder, node, 2, 3)
    pattern = _pattern(binder, node.arguments[0], context)
    subject = searched(_subject(binder, node.arguments[-1], context), pattern)
    groups = regular.groups(pattern)
    wanted = list(range(1, groups + 1)) or [0]
    if len(node.arguments) == 3:
        wanted = _groups(binder, node.arguments[1], context, pattern)
    if not groups:
        message = "The regular expression must have one capturing group at least"
        raise binder.fail("KS134", "type", message, node.arguments[0].span)
    if max(wanted) > 9:
        raise binder.later("extract_all() of a group beyond the ninth", node.arguments[0].span)
    if regular.may_be_empty(pattern):
        reason = "it may match nothing at all, and which such matches are given is not known"
        raise binder.later("this regular expression", node.arguments[0].span, reason)
    numbers = [Literal(n, Type.LONG) for n in wanted]
    return apply("text_extract_all", subject, text(pattern), *numbers, span=node.span)


def _groups(binder: Binder, node: Node, context: Context, pattern: str) -> list[int]:
    """The numbers of the groups in a constant list of numbers and names."""
    given = arguments(binder, [node], context)[0]
    if given.type is not Type.DYNAMIC:
        message = f"The expression must have the type dynamic, not {given.type}"
        raise binder.fail("KS141", "type", message, node.span)
    if not isinstance(given, Literal) or not isinstance(given.value, str):
        raise binder.later("a list of groups that is not a constant", node.span)
    names = regular.group_names(pattern)
    items = read_json(given.value)
    found = [names.get(i, 0) if isinstance(i, str) else i for i in items or ()]
    if not found or not all(
        isinstance(n, int) and 1 <= n <= regular.groups(pattern) for n in found
    ):
        reason = "it must list numbers or names of the regular expression's groups"
        raise binder.later("this list of groups", node.span, reason)
    return found


def _index_of_pattern(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 5)
    subject = _subject(binder, node.arguments[0], context)
    pattern = _pattern(binder, node.arguments[1], context)
    defaults = (("a start", 0), ("a length", -1), ("an occurrence", 1))
    for place, (what, default) in zip(node.arguments[2:], defaults, strict=False):
        if _known_number(binder, place, context, what) != default:
            raise binder.later(f"indexof_regex() with {what}", place.span)
    whole = searched(subject, pattern)
    return apply("text_position_of_pattern", whole, text(pattern), span=node.span)


def _quoted(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, 1)
    value = _subject(binder, node.arguments[0], context)
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        raise binder.later("regex_quote() of what is not a constant", node.arguments[0].span)
    written = re.sub(r"([][\\.+*?()|{}^$#&~-])", r"\\\1", value.value)
    return text(written, node.span)


def _converted(binder: Binder, node: Node, found: Expression) -> Expression:
    names = node.types if isinstance(node, TypeOf) else ()
    type = type_named(names[0]) if len(names) == 1 else None
    if type is None:
        message = "A type literal is expected, such as typeof(long)"
        raise binder.fail("KS141", "type", message, node.span)
    return read_as(binder, found, type, node.span)


def read_as(binder: Binder, found: Expression, type: Type, span: Span) -> Expression:
    """A text that was found, read as a value of a type; null where it is none."""
    if type is Type.STRING:
        return found
    operation = _CONVERSIONS.get(type)
    if operation is None:
        raise binder.later(f"a found text as {type}", span)
    if type in (Type.INT, Type.LONG):
        found = apply("text_trim", found, span=found.span)
    return apply(operation, found, span=found.span)


def _replaced(order: tuple[int, int, int]) -> Rule:
    """A replacement; *order* says where text, pattern and rewrite stand."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        _counted(binder, node, 3, 3)
        source, lookup, rewrite = (node.arguments[i] for i in order)
        subject = _subject(binder, source, context)
        pattern = _pattern(binder, lookup, context)
        subject = searched(subject, pattern)
        written = _rewrite(binder, rewrite, context, regular.groups(pattern))
        return apply("text_replace_pattern", subject, text(pattern), text(written), span=node.span)

    return rule


def _rewrite(binder: Binder, node: Node, context: Context, groups: int) -> str:
    written = str(_known_text(binder, node, context, "a rewrite").value)
    for match in _REFERENCE.finditer(written):
        if match["other"] or match["dollar"]:
            reason = (
                f"'{written[match.start() : match.start() + 2]}' refers to no group as \\1 does"
            )
            raise binder.later("this rewrite", node.span, reason)
        if match["group"] and int(match["group"]) > groups:
            reason = f"the regular expression has no group {match['group']}"
            raise binder.later("this rewrite", node.span, reason)
    return written


def _trimmed(start: bool, end: bool) -> Rule:
    """One match of the pattern taken off the text's ends."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        _counted(binder, node, 2, 2)
        pattern = _pattern(binder, node.arguments[0], context)
        value = searched(_subject(binder, node.arguments[1], context), pattern)
        if start:
            leading = text(rf"\A(?:{pattern})")
            value = apply("text_replace_pattern", value, leading, text(""), span=node.span)
        if end:
            trailing = text(rf"(?:{pattern})\z")
            value = apply("text_replace_pattern", value, trailing, text(""), span=node.span)
        return value

    return rule


def _index_of(binder: Binder, node: Call, context: Context) -> Expression:
    """Where a text first stands in another, from a place on and within a length."""
    _counted(binder, node, 2, 5)
    whole, needle = (
        plain(v) if v.type is Type.STRING else apply("text_of", v, span=v.span)
        for v in arguments(binder, node.arguments[:2], context)
    )
    names = ("a start", "a length", "an occurrence")
    limits = node.arguments[2:]
    known = [_known_number(binder, n, context, w) for n, w in zip(limits, names, strict=False)]
    start, length, occurrence = (*known, *(0, -1, 1)[len(known) :])
    if start < 0:
        reason = "its documentation gives it two meanings"
        raise binder.later("indexof() from a negative start", limits[0].span, reason)
    if occurrence != 1:
        raise binder.later("indexof() with a later occurrence", limits[2].span)
    if length < -1:
        return Literal(None, Type.LONG, node.span)
    if start == 0 and length == -1:
        return apply("text_position", whole, needle, span=node.span)
    if not isinstance(needle, Literal) or not needle.value:
        raise binder.later("indexof() from a start of what may be empty", node.arguments[1].span)
    first = Literal(start, Type.LONG, limits[0].span)
    rest = Literal(length if length >= 0 else 2**31, Type.LONG)
    found = apply("text_position", apply("text_slice", whole, first, rest), needle, span=node.span)
    none = Literal(-1, Type.LONG)
    absent = apply("less", found, Literal(0, Type.LONG))
    return apply("case", absent, none, apply("add", found, first), span=node.span)


def _count_of(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 3)
    subject = _subject(binder, node.arguments[0], context)
    kind = "normal"
    if len(node.arguments) == 3:
        kind = str(_known_text(binder, node.arguments[2], context, "a kind").value)
        if kind not in ("normal", "regex"):
            message = "Valid values are: 'normal', 'regex'"
            raise binder.fail("KS135", "type", message, node.arguments[2].span)
    place = node.arguments[1]
    if kind == "regex":
        pattern = _pattern(binder, place, context)
        if regular.may_be_empty(pattern):
            reason = "it may match nothing at all, and how such matches count is not known"
            raise binder.later("this regular expression", place.span, reason)
        whole = searched(subject, pattern)
        return apply("text_count_pattern", whole, text(pattern), span=node.span)
    needle = _known_text(binder, place, context, "a search text")
    if not needle.value:
        raise binder.later("countof() of an empty text", place.span)
    return apply("text_count", subject, needle, span=node.span)


def _translate(binder: Binder, node: Call, context: Context) -> Expression:
    """Each character of a list replaced; the other list's last stands for those it lacks."""
    _counted(binder, node, 3, 3)
    old, new = (
        str(_known_text(binder, n, context, "a list of characters").value)
        for n in node.arguments[:2]
    )
    subject = _subject(binder, node.arguments[2], context)
    if len(set(old)) < len(old):
        raise binder.later("translate() of a character listed twice", node.arguments[0].span)
    if new:
        new = new.ljust(len(old), new[-1])[: len(old)]
    return apply("text_translate", subject, text(old), text(new), span=node.span)


def _repeated(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 2, 3)
    values = arguments(binder, (node.arguments[0], *node.arguments[2:]), context)
    value, *delimiter = (
        plain(v) if v.type is Type.STRING else apply("text_of", v, span=v.span) for v in values
    )
    times = _known_number(binder, node.arguments[1], context, "a multiplier")
    if not 1 <= times <= 1024:
        reason = "Kusto repeats a text up to 1,024 times"
        raise binder.later("this multiplier", node.arguments[1].span, reason)
    if not delimiter:
        return apply("text_repeat", value, Literal(times, Type.LONG), span=node.span)
    piece = apply("text_concat", delimiter[0], value, span=node.span)
    others = apply("text_repeat", piece, Literal(times - 1, Type.LONG), span=node.span)
    return apply("text_concat", value, others, span=node.span)


def _hash(operation: str) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        _counted(binder, node, 1, 1)
        value = arguments(binder, node.arguments, context)[0]
        if value.type is Type.STRING:
            value = plain(value)
        elif value.type is Type.DATETIME:
            value = apply("text_of", value, span=value.span)
        else:
            raise binder.later(f"{node.function.text}() of a {value.type}", node.arguments[0].span)
        return apply(operation, value, span=node.span)

    return rule


def _hexadecimal(binder: Binder, node: Call, context: Context) -> Expression:
    _counted(binder, node, 1, 2)
    value = arguments(binder, node.arguments[:1], context)[0]
    if value.type not in (Type.INT, Type.LONG):
        message = f"The expression must have the type long, not {value.type}"
        raise binder.fail("KS141", "type", message, node.arguments[0].span)
    least = 1
    if len(node.arguments) == 2:
        least = _known_number(binder, node.arguments[1], context, "a length")
        if least < 1:
            raise binder.later("tohex() with a length below 1", node.arguments[1].span)
    digits = 8 if value.type is Type.INT else 16
    written = apply("hex_of", widen(value, Type.LONG), span=node.span)
    if digits == 8:
        # A negative number is written in the bits of its own type: eight digits of the sixteen.
        length = apply("subtract", apply("text_length", written), Literal(8, Type.LONG))
        start = apply("case", apply("less", length, Literal(0, Type.LONG)),
                      Literal(0, Type.LONG), length)  # fmt: skip
        written = apply("text_slice", written, start, Literal(8, Type.LONG), span=node.span)
    if least > 1:
        zeros = apply("text_slice", text("0" * min(least, 16)), apply("text_length", written),
                      Literal(16, Type.LONG))  # fmt: skip
        written = apply("text_concat", zeros, written, span=node.span)
    return apply("or_empty", written, span=node.span)


RULES: dict[str, Rule] = {
    "extract": _extract,
    "extract_all": _extract_all,
    "extractall": _extract_all,
    "indexof_regex": _index_of_pattern,
    "regex_quote": _quoted,
    "replace_regex": _replaced((0, 1, 2)),
    "replace": _replaced((2, 0, 1)),
    "trim": _trimmed(start=True, end=True),
    "trim_start": _trimmed(start=True, end=False),
    "trim_end": _trimmed(start=False, end=True),
    "countof": _count_of,
    "indexof": _index_of,
    "translate": _translate,
    "strrep": _repeated,
    "hash_md5": _hash("text_md5"),
    "hash_sha1": _hash("text_sha1"),
    "hash_sha256": _hash("text_sha256"),
    "tohex": _hexadecimal,
}
