"""Internet addresses in DuckDB's SQL, by macros over the address's number."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from functools import lru_cache

from vedette.engines.duckdb.macros.base import is_dear, let
from vedette.engines.sql import Call, Lowering


def _macro(name: str) -> Callable[[Call], str]:
    """A macro; it copies its arguments, so what holds such a macro itself is named first."""

    def row(call: Call) -> str:
        given = call.arguments
        if not any(map(is_dear, given)):
            return f"{name}({', '.join(given)})"
        named = ", ".join(f"a{i} := {argument}" for i, argument in enumerate(given))
        values = ", ".join(f"v.a{i}" for i in range(len(given)))
        return let("v", f"struct_pack({named})", f"{name}({values})")

    return row


def _ipv4_in_any(call: Call) -> str:
    """One comparison of the address's number with a list a length of prefix."""
    written = call.constant_text(1)
    if written is None:
        address, ranges = call.arguments
        found = f"CASE WHEN ipv4_number(a) IS NOT NULL THEN py_ipv6_in_any(a, {ranges}) END"
        return let("a", address, found)
    found = f"CASE WHEN n IS NOT NULL THEN {_in_networks(written)} END"
    return let("n", f"ipv4_number({call.arguments[0]})", found)


@lru_cache(maxsize=16)
def _in_networks(ranges: str) -> str:
    """The condition that the number n lies in one of the ranges."""
    networks = [ipaddress.IPv4Network(each, strict=False) for each in json.loads(ranges)]
    groups: dict[int, list[str]] = {}
    for network in ipaddress.collapse_addresses(networks):
        size = network.num_addresses
        groups.setdefault(size, []).append(str(int(network.network_address) // size))
    tests = (f"n // {size} IN ({', '.join(group)})" for size, group in groups.items())
    return " OR ".join(tests) or "false"


ROWS: dict[str, Lowering] = {
    "ipv4_is_private": _macro("ipv4_is_private"),
    "ipv4_number": _macro("ipv4_number"),
    "ipv4_in_range": _macro("ipv4_in_range"),
    "ipv4_prefix_length": lambda call: f"CAST({_macro('ipv4_own_prefix')(call)} AS BIGINT)",
    "ipv4_masked": _macro("ipv4_masked"),
    "ipv4_compare": _macro("ipv4_compare"),
    "ipv6_text": "py_ipv6_text({0}, {1})",
    "ipv6_compare": "py_ipv6_compared({0}, {1}, {2})",
    "ipv6_in_range": "(py_ipv6_compared({0}, {1}, 128) = 0)",
    "ipv4_in_any": _ipv4_in_any,
    "ipv6_in_any": "py_ipv6_in_any({0}, {1})",
    "place_of_address": "py_place_of_address({0}, {1})",
    "ipv4_networks": "py_networks_between({0}, {1})",
    "ipv4_text": _macro("ipv4_text"),
    "ipv4_is_in_text": _macro("ipv4_is_in_text"),
    "ipv4_prefix_is_in_text": _macro("ipv4_prefix_is_in_text"),
}
