"""Functions of internet addresses that take several ranges, or an address as text or number.

Takes a call, gives its core expression. A list of ranges is read with the query, so a range that is
none is found there.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.text_tests import as_text
from vedette.kql.reading.syntax_tree import Call, Node
from vedette.plan.build import apply, boolean, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_MANY = 16
"""Ranges that are compared one by one."""
_IN_MANY = {"ipv4_in_range": "ipv4_in_any", "ipv6_in_range": "ipv6_in_any"}

Rule = Callable[["Binder", Call, Context], Expression]


def _mistyped(binder: Binder, node: Node, value: Expression, wanted: str) -> Exception:
    message = f"The expression must have the type {wanted}, not {value.type}"
    return binder.fail("KS141", "type", message, node.span)


def _is_range(value: str) -> bool:
    address, _, prefix = value.partition("/")
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return "/" not in value or _is_length(prefix, 32)


def _is_length(prefix: str, most: int) -> bool:
    """Whether a prefix says how many bits count; a number of thousands of digits is not read."""
    return prefix.isascii() and prefix.isdigit() and len(prefix) < 10 and int(prefix) <= most


def _is_ipv6_range(value: str) -> bool:
    address, slash, prefix = value.partition("/")
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    most = 32 if read.version == 4 else 128
    return not slash or _is_length(prefix, most)


def _any_of(operation: str, ranges: Callable[[str], bool] | None = None) -> Rule:
    """Whether the operation holds for the first argument and one of the others."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        if len(node.arguments) < 2:
            raise wrong_count(binder, node, 2, None)
        first, *others = arguments(binder, node.arguments, context)
        subject = as_text(first)
        if subject is None:
            raise _mistyped(binder, node.arguments[0], first, "string")
        items = [i for v, n in zip(others, node.arguments[1:], strict=True)
                 for i in _items(binder, v, n)]  # fmt: skip
        for item in items if ranges is not None else ():
            if isinstance(item, Literal) and ranges is not None and not ranges(str(item.value)):
                reason = "what one range among others that cannot be read gives is not known"
                raise binder.later(
                    f"'{item.value}', which is no range of addresses,", item.span, reason
                )
        known = [str(item.value) for item in items if isinstance(item, Literal)]
        if ranges is not None and len(known) == len(items) > _MANY:
            listed = Literal(json.dumps(known), Type.DYNAMIC, node.span)
            return apply(_IN_MANY[operation], subject, listed, span=node.span)
        tests = [apply(operation, subject, item, span=node.span) for item in items]
        if not tests:
            return boolean(False, node.span)
        return tests[0] if len(tests) == 1 else apply("or", *tests, span=node.span)

    return rule


def _items(binder: Binder, value: Expression, node: Node) -> list[Expression]:
    from vedette.kql.binding.membership import elements

    found = elements(binder, value) if value.type is Type.DYNAMIC else [value]
    for item in found:
        if item.type is not Type.STRING:
            raise _mistyped(binder, node, item, "string")
    return [plain(i) for i in found]


def _formatted(masked: bool) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        least = 2 if masked else 1
        if not least <= len(node.arguments) <= 2:
            raise wrong_count(binder, node, least, 2)
        address, *given = arguments(binder, node.arguments, context)
        if address.type in (Type.INT, Type.LONG):
            address = apply("ipv4_text", widen(address, Type.LONG), span=address.span)
        elif address.type is not Type.STRING:
            raise _mistyped(binder, node.arguments[0], address, "string")
        prefix: Expression = Literal(32, Type.LONG, node.span)
        if given:
            if given[0].type not in (Type.INT, Type.LONG):
                raise _mistyped(binder, node.arguments[1], given[0], "long")
            prefix = widen(given[0], Type.LONG)
        network = apply("ipv4_masked", address, prefix, span=node.span)
        written = apply("ipv4_text", network, span=node.span)
        if masked:
            length = apply("least_of", prefix, apply("ipv4_prefix_length", address))
            written = apply("text_concat", written, text("/"), apply("text_of", length))
        return apply("or_empty", written, span=node.span)

    return rule


RULES: dict[str, Rule] = {
    "ipv4_is_in_any_range": _any_of("ipv4_in_range", _is_range),
    "ipv6_is_in_any_range": _any_of("ipv6_in_range", _is_ipv6_range),
    "has_any_ipv4": _any_of("ipv4_is_in_text"),
    "has_any_ipv4_prefix": _any_of("ipv4_prefix_is_in_text"),
    "format_ipv4": _formatted(masked=False),
    "format_ipv4_mask": _formatted(masked=True),
}
