"""Internet addresses in DuckDB's SQL, by macros over the address's number."""

from __future__ import annotations

from collections.abc import Callable

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
    "place_of_address": "py_place_of_address({0}, {1})",
    "ipv4_networks": "py_networks_between({0}, {1})",
    "ipv4_text": _macro("ipv4_text"),
    "ipv4_is_in_text": _macro("ipv4_is_in_text"),
    "ipv4_prefix_is_in_text": _macro("ipv4_prefix_is_in_text"),
}
