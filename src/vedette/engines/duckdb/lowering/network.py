"""Internet addresses in DuckDB's SQL, by macros over the address's number."""

from __future__ import annotations

from vedette.engines.sql import Lowering

ROWS: dict[str, Lowering] = {
    "ipv4_is_private": "ipv4_is_private({0})",
    "ipv4_number": "ipv4_number({0})",
    "ipv4_in_range": "ipv4_in_range({0}, {1})",
}
