"""Internet addresses as texts and numbers."""

from __future__ import annotations

from vedette.engines.duckdb.macros.base import let

_IPV4 = r"'(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}'"
_OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_PLAIN_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN = rf"'{_PLAIN_OCTET}(?:\.{_PLAIN_OCTET}){{3}}'"
_PRIVATE = r"'^(?:10|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))\.'"

MACROS: dict[str, str] = {
    # Internet addresses.
    "ipv4_number(s)": (  # cut once: four cuts, one an octet, take twice as long
        f"CASE WHEN regexp_full_match(s, {_IPV4}) THEN list_reduce("
        "TRY_CAST(string_split(s, '.') AS BIGINT[]),"
        " lambda number, octet: number * 256 + octet) END"
    ),
    "ipv4_prefix(s)": (
        "CASE WHEN NOT contains(s, '/') THEN 32"
        " WHEN regexp_full_match(s, '[^/]*/(3[0-2]|[12]?[0-9])')"
        " THEN TRY_CAST(split_part(s, '/', 2) AS INTEGER) END"
    ),
    "ipv4_network(n, prefix)": "n // CAST(power(2, 32 - prefix) AS BIGINT)",
    "ipv4_in_network(n, prefix, base, least)": (
        "prefix >= least AND ipv4_network(n, least) = ipv4_network(base, least)"
    ),
    "ipv4_is_private_number(n, prefix)": (
        "ipv4_in_network(n, prefix, 167772160, 8) OR ipv4_in_network(n, prefix, 2886729728, 12)"
        " OR ipv4_in_network(n, prefix, 3232235520, 16)"
    ),
    "ipv4_is_private(s)": (  # what nearly every address looks like is told from its text
        f"CASE WHEN regexp_full_match(s, {_PLAIN}) THEN regexp_matches(s, {_PRIVATE})"
        " ELSE ipv4_range_is_private(s) END"
    ),
    "ipv4_range_is_private(s)": let(
        "n",
        "ipv4_number(split_part(s, '/', 1))",
        let("p", "ipv4_prefix(s)", "ipv4_is_private_number(n, p)"),
    ),
    "ipv4_in_range(s, r)": (
        "ipv4_network(ipv4_number(s), ipv4_prefix(r))"
        " = ipv4_network(ipv4_number(split_part(r, '/', 1)), ipv4_prefix(r))"
    ),
    "ipv4_own_prefix(s)": (
        "CASE WHEN ipv4_number(split_part(s, '/', 1)) IS NOT NULL THEN ipv4_prefix(s) END"
    ),
    "ipv4_base(s, prefix)": (
        "ipv4_network(ipv4_number(split_part(s, '/', 1)), prefix)"
        " * CAST(power(2, 32 - prefix) AS BIGINT)"
    ),
    "ipv4_masked(s, prefix)": (
        "CASE WHEN prefix BETWEEN 0 AND 32 AND ipv4_own_prefix(s) IS NOT NULL"
        " THEN ipv4_base(s, least(ipv4_own_prefix(s), prefix)) END"
    ),
    "ipv4_compare(a, b, prefix)": (
        "CASE WHEN prefix BETWEEN 0 AND 32 AND ipv4_own_prefix(a) IS NOT NULL"
        " AND ipv4_own_prefix(b) IS NOT NULL THEN CAST(sign("
        "ipv4_base(a, least(ipv4_own_prefix(a), ipv4_own_prefix(b), prefix))"
        " - ipv4_base(b, least(ipv4_own_prefix(a), ipv4_own_prefix(b), prefix))) AS BIGINT) END"
    ),
    "ipv4_text(n)": (
        "CASE WHEN n BETWEEN 0 AND 4294967295 THEN (n // 16777216) || '.' || (n // 65536 % 256)"
        " || '.' || (n // 256 % 256) || '.' || (n % 256) END"
    ),
    "ipv4_pattern(p)": (
        # What stands in a CASE that is not taken is read too: nothing but an address may come here.
        "'(^|[^\\p{L}\\p{N}])' || replace(regexp_replace(p, '[^0-9.]', '', 'g'), '.', '\\.')"
        f" || CASE WHEN ends_with(p, '.') THEN '{_OCTET}' || repeat('\\.{_OCTET}',"
        " 3 - (length(p) - length(replace(p, '.', '')))) ELSE '' END || '($|[^\\p{L}\\p{N}])'"
    ),
    "ipv4_is_in_text(s, p)": (
        f"CASE WHEN regexp_full_match(p, {_IPV4}) THEN regexp_matches(s, ipv4_pattern(p))"
        " WHEN s IS NOT NULL AND p IS NOT NULL THEN false END"
    ),
    "ipv4_prefix_is_in_text(s, p)": (
        f"CASE WHEN regexp_full_match(p, '({_OCTET}\\.){{1,3}}|' || {_IPV4})"
        " THEN regexp_matches(s, ipv4_pattern(p))"
        " WHEN s IS NOT NULL AND p IS NOT NULL THEN false END"
    ),
}
