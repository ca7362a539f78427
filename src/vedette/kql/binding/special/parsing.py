"""Functions of texts that look at their arguments, and those refused for what they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.beside.places import place_of
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import make, plain, widen
from vedette.kql.binding.membership import elements
from vedette.kql.binding.text_tests import as_text
from vedette.kql.reading.syntax_tree import Call, Star
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Literal
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
    value, *modulus = arguments(binder, node.arguments, context)
    if value.type is Type.STRING:
        hashed: Expression = apply("text_hash", plain(value), span=node.span)
    elif value.type is Type.DATETIME:
        hashed = apply("time_hash", value, span=node.span)
    else:
        construct = f"{node.function.text}() of a {value.type}"
        reason = "only of which bytes a string or a datetime is made is known; hash its tostring()"
        raise binder.later(construct, node.arguments[0].span, reason)
    if not modulus:
        return hashed
    return _remainder(binder, node, hashed, modulus[0])


def _remainder(binder: Binder, node: Call, hashed: Expression, modulus: Expression) -> Expression:
    """The hash modulo a constant."""
    place = node.arguments[1].span
    if modulus.type not in (Type.INT, Type.LONG):
        message = f"The expression value must be an integer, not {modulus.type}"
        raise binder.fail("KS134", "type", message, place)
    known = modulus.value if isinstance(modulus, Literal) else None
    if not isinstance(known, int) or known <= 0:
        construct = f"{node.function.text}() with a modulus that is no positive constant"
        reason = "what it gives then is not documented"
        raise binder.later(construct, place, reason)
    return apply("remainder_of_hash", hashed, widen(modulus, Type.LONG), span=node.span)


_SIZES = {
    Type.INT: 4, Type.LONG: 8, Type.REAL: 8, Type.DATETIME: 8, Type.TIMESPAN: 8, Type.GUID: 16,
}  # fmt: skip
"""How many bytes a value of a type is wide."""


def _data_size(binder: Binder, node: Call, context: Context) -> Expression:
    """How many bytes the columns take: a string as many as it has, a number its width."""
    if not node.arguments:
        raise wrong_count(binder, node, 1, None)
    total: Expression = Literal(0, Type.LONG, node.span)
    for value in _measured(binder, node, context):
        if value.type is Type.STRING:
            size: Expression = apply("text_size", plain(value), span=value.span)
        elif value.type in _SIZES:
            size = Literal(_SIZES[value.type], Type.LONG, node.span)
        else:
            construct = f"estimate_data_size() of a {value.type}"
            reason = "how wide Kusto holds it is not documented"
            raise binder.later(construct, node.span, reason)
        total = make("add", total, size, span=node.span)
    return total


def _measured(binder: Binder, node: Call, context: Context) -> list[Expression]:
    if not any(isinstance(a, Star) for a in node.arguments):
        return arguments(binder, node.arguments, context)
    if context.rows is None or len(node.arguments) > 1:
        raise binder.fail("KS191", "type", "The * syntax is not allowed here", node.span)
    if context.rows.open:
        raise Unbound
    return [Column(field, node.span) for field in context.rows.relation.fields]


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
    if not isinstance(given, Literal):
        return apply("text_has_which_element", subject, given, span=node.span)
    found: list[Expression] = []
    for index, item in enumerate(elements(binder, given)):
        term = item if item.type is Type.STRING else apply("text_of", item, span=item.span)
        has = apply("text_has_term", subject, term, span=item.span)
        found += [has, Literal(index, Type.LONG, item.span)]
    absent = Literal(-1, Type.LONG, node.span)
    return apply("case", *found, absent, span=node.span) if found else absent


def _user_agent(binder: Binder, node: Call, context: Context) -> Expression:
    """What a user agent says of browser, system and device, as many as are asked for."""
    if len(node.arguments) != 2:
        raise wrong_count(binder, node, 2, 2)
    value, asked = arguments(binder, node.arguments, context)
    subject, place = as_text(value), node.arguments[1].span
    if subject is None:
        message = "The expression must have the type string"
        raise binder.fail("KS141", "type", message, node.arguments[0].span)
    is_list = isinstance(asked, Literal) and asked.type is Type.DYNAMIC
    words = elements(binder, asked) if is_list else [asked]
    wanted = [str(word.value) if isinstance(word, Literal) else "" for word in words]
    if not wanted or not all(word in ("browser", "os", "device") for word in wanted):
        reason = 'write "browser", "os" or "device", or a dynamic array of them, as a constant'
        raise binder.later("parse_user_agent() of other parts", place, reason)
    parts = Literal(",".join(wanted), Type.STRING, place)
    return apply("user_agent_parts", plain(subject), parts, span=node.span)


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
    "estimate_data_size": _data_size,
    "hash_combine": _refused(_HASHES),
    "hash_many": _refused(_HASHES),
    "zlib_compress_to_base64_string": _refused(_COMPRESSED),
    "gzip_compress_to_base64_string": _refused(_COMPRESSED),
    "parse_user_agent": _user_agent,
    "parse_version": _refused(
        "its numbers have up to 32 digits, more than a decimal has here; split() the version"
    ),
    "geo_info_from_ip_address": place_of,
}
