"""Functions that take a pattern written in the query: takes a call, gives a core expression.

IBM's page gives the pattern before the text: REPLACEALL(expression, text, replacement) and
PARSETIMESTAMP(pattern, text). Other sources have them the other way round; as the pattern must be
written in the query, most such calls are refused and say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vedette.aql.binding.context import Context
from vedette.aql.binding.patterns import Untranslatable, groups_of, to_re2
from vedette.aql.codes import WRONG_TYPE
from vedette.aql.reading.syntax_tree import Call
from vedette.plan.build import apply, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type

READABLE = frozenset("GyMLdEaHkKhmsSzZX")
"""The letters of SimpleDateFormat that PARSETIMESTAMP reads; those of weeks are refused."""

LETTERS = READABLE | frozenset("YwWDFu")
"""All letters of SimpleDateFormat; Java throws where any other stands outside quotes."""


def bind_patterned(
    context: Context, call: Call, name: str, arguments: Sequence[Expression]
) -> Expression:
    """The core expression of REPLACEALL, REPLACEFIRST or PARSETIMESTAMP; raises Refused."""
    pattern = arguments[0]
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        message = f"the first argument of {name} is a pattern, which is written in the query"
        hint = "the text that it is applied to comes second"
        raise context.refuse(WRONG_TYPE, "type", message, pattern.span, hint=hint)
    if name == "PARSETIMESTAMP":
        return _timestamp(context, call, pattern.value, arguments)
    try:
        expression = to_re2(pattern.value)
    except Untranslatable as lack:
        what = f"{lack} in a regular expression (at character {lack.position + 1})"
        raise context.unsupported(what, pattern.span) from None
    rewrite = text(_rewrite(context, arguments[2], pattern.value), arguments[2].span)
    operation = "text_replace_pattern" if name == "REPLACEALL" else "text_replace_first"
    found = text(expression, pattern.span)
    return apply(operation, arguments[1], found, rewrite, span=call.span)


def letters_of(context: Context, function: str, at: Expression, pattern: str) -> list[str]:
    """The letters of a pattern of times outside its quotes; raises Refused where Java throws."""
    if pattern.count("'") % 2:
        message = f"the pattern of {function} has an open quote"
        hint = "a text stands between two quotes, a quote itself is two of them"
        raise context.refuse(WRONG_TYPE, "type", message, at.span, hint=hint)
    letters = re.findall(r"[A-Za-z]", "".join(pattern.split("'")[::2]))
    wrong = next((letter for letter in letters if letter not in LETTERS), None)
    if wrong is not None:
        message = f"{wrong} is no letter of the patterns that {function} takes"
        hint = f"a text in a pattern stands between quotes, each written twice: ''{wrong}''"
        raise context.refuse(WRONG_TYPE, "type", message, at.span, hint=hint)
    return letters


def _timestamp(
    context: Context, call: Call, pattern: str, arguments: Sequence[Expression]
) -> Expression:
    letters = letters_of(context, call.name.upper(), arguments[0], pattern)
    unread = next((letter for letter in letters if letter not in READABLE), None)
    if unread is not None:
        what = f"the letter {unread} in a pattern of PARSETIMESTAMP"
        hint = f"letters that are read are {' '.join(sorted(READABLE, key=str.lower))}"
        raise context.unsupported(what, arguments[0].span, hint=hint)
    clock = Literal(context.now, Type.DATETIME, call.span)
    moment = apply("time_parse_java", arguments[1], arguments[0], clock, span=call.span)
    return apply("time_to_unix_milliseconds", moment, span=call.span)


def _rewrite(context: Context, replacement: Expression, pattern: str) -> str:
    r"""Java's replacement in RE2's notation: ``$1`` is ``\1``, a backslash takes the next as is."""
    if not isinstance(replacement, Literal) or not isinstance(replacement.value, str):
        what = "a replacement that is not written in the query"
        raise context.unsupported(what, replacement.span)
    written, groups = replacement.value, groups_of(pattern)
    parts: list[str] = []
    at = 0
    while at < len(written):
        group = re.compile(r"\$(\d)").match(written, at)
        if group is not None and int(group[1]) <= groups:
            parts.append(f"\\{group[1]}")
            at += 2
        elif written[at] == "$" or (written[at] == "\\" and at + 1 == len(written)):
            message = f"'{written[at : at + 2]}' in a replacement names no group"
            hint = "write \\$ for the sign itself"
            raise context.refuse(WRONG_TYPE, "type", message, replacement.span, hint=hint)
        else:
            at += written[at] == "\\"
            parts.append(written[at].replace("\\", "\\\\"))
            at += 1
    return "".join(parts)
