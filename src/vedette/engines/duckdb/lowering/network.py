"""Internet addresses in DuckDB's SQL, by macros over the address's number."""

from __future__ import annotations

from vedette.engines.sql import Lowering

ROWS: dict[str, Lowering] = {
    "ipv4_is_private": "ipv4_is_private({0})",
    "ipv4_number": "ipv4_number({0})",
    "ipv4_in_range": "ipv4_in_range({0}, {1})",
    "ipv4_prefix_length": "CAST(ipv4_own_prefix({0}) AS BIGINT)",
    "ipv4_masked": "ipv4_masked({0}, {1})",
    "ipv4_compare": "ipv4_compare({0}, {1}, {2})",
    "ipv6_text": "py_ipv6_text({0}, {1})",
    "ipv6_compare": "py_ipv6_compared({0}, {1}, {2})",
    "ipv6_in_range": "(py_ipv6_compared({0}, {1}, 128) = 0)",
    "place_of_address": "py_place_of_address({0}, {1})",
    "ipv4_networks": "py_networks_between({0}, {1})",
    "ipv4_text": "ipv4_text({0})",
    "ipv4_is_in_text": "ipv4_is_in_text({0}, {1})",
    "ipv4_prefix_is_in_text": "ipv4_prefix_is_in_text({0}, {1})",
}
