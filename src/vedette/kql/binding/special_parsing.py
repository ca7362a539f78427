"""Functions of texts that look at their arguments, and those refused for what they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain
from vedette.kql.binding.membership import elements
from vedette.kql.binding.text_tests import as_text
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]


def _command_line(binder: Binder, node: Call, context: Context) -> Expression:
    if len(node.arguments) != 2:
        raise wrong_count(binder, node, 2, 2)
    line, parser = arguments(binder, node.arguments, context)
    if not isinstance(parser, Literal) or parser.value != "windows":
        reason = 'Kusto documents "windows" only'
        raise binder.later("this kind of command line", node.arguments[1].span, reason)
    subject = as_text(line)
    if subject is None:
        subject = apply("text_of", line, span=line.span)
    return apply("command_words", subject, span=node.span)


def _text_of_codepoints(binder: Binder, node: Call, context: Context) -> Expression:
    if not node.arguments:
        raise wrong_count(binder, node, 1, None)
    parts: list[Expression] = []
    for value, place in zip(
        arguments(binder, node.arguments, context), node.arguments, strict=True
    ):
        if value.type not in (Type.INT, Type.LONG, Type.DYNAMIC):
            message = f"The expression must have the type long or dynamic, not {value.type}"
            raise binder.fail("KS141", "type", message, place.span)
        is_array = value.type is Type.DYNAMIC
        parts.append(value if is_array else apply("to_dynamic", value, span=value.span))
    return apply("text_of_codepoints", *parts, span=node.span)


def _hash(binder: Binder, node: Call, context: Context) -> Expression:
    if not 1 <= len(node.arguments) <= 2:
        raise wrong_count(binder, node, 1, 2)
    if len(node.arguments) == 2:
        reason = "what the remainder of a negative hash is, is not documented"
        raise binder.later(f"{node.function.text}() with a modulus", node.arguments[1].span, reason)
    value = arguments(binder, node.arguments, context)[0]
    if value.type is Type.STRING:
        return apply("text_hash", plain(value), span=node.span)
    if value.type is Type.DATETIME:
        return apply("time_hash", value, span=node.span)
    reason = "only of which bytes a string or a datetime is made is known; hash its tostring()"
    raise binder.later(f"{node.function.text}() of a {value.type}", node.arguments[0].span, reason)


def _new_guid(binder: Binder, node: Call, context: Context) -> Expression:
    if node.arguments:
        raise wrong_count(binder, node, 0, 0)
    return apply("new_guid", span=node.span)


def _has_any_index(binder: Binder, node: Call, context: Context) -> Expression:
    """The place of the first of some terms that the text has."""
    if len(node.arguments) != 2:
        raise wrong_count(binder, node, 2, 2)
    value, given = arguments(binder, node.arguments, context)
    subject = as_text(value)
    if subject is None or given.type is not Type.DYNAMIC:
        wanted, place = ("string", 0) if subject is None else ("dynamic", 1)
        message = f"The expression must have the type {wanted}"
        raise binder.fail("KS141", "type", message, node.arguments[place].span)
    found: list[Expression] = []
    for index, item in enumerate(elements(binder, given)):
        term = item if item.type is Type.STRING else apply("text_of", item, span=item.span)
        has = apply("text_has_term", subject, term, span=item.span)
        found += [has, Literal(index, Type.LONG, item.span)]
    absent = Literal(-1, Type.LONG, node.span)
    return apply("case", *found, absent, span=node.span) if found else absent


def _refused(reason: str) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        raise binder.later(f"the function {node.function.text}()", node.function.span, reason)

    return rule


_COMPRESSED = "compressing the same text gives other bytes in each library"
_HASHES = "how hashes are combined is not documented; hash a strcat() of the values"

RULES: dict[str, Rule] = {
    "parse_command_line": _command_line,
    "unicode_codepoints_to_string": _text_of_codepoints,
    "make_string": _text_of_codepoints,
    "has_any_index": _has_any_index,
    "new_guid": _new_guid,
    "hash": _hash,
    "hash_xxhash64": _hash,
    "hash_combine": _refused(_HASHES),
    "hash_many": _refused(_HASHES),
    "zlib_compress_to_base64_string": _refused(_COMPRESSED),
    "gzip_compress_to_base64_string": _refused(_COMPRESSED),
    "parse_user_agent": _refused(
        "browsers and devices are told by a long list of other people's, which is not here;"
        " look for their names in the text"
    ),
    "parse_version": _refused(
        "its numbers have up to 32 digits, more than a decimal has here; split() the version"
    ),
    "geo_info_from_ip_address": _refused(
        "it needs a table of where addresses are, which is not here; look them up in one of yours"
    ),
}
