"""Internet addresses as text."""

from vedette.plan.library import function

FUNCTIONS = (
    function("ipv4_is_private(address: string) -> bool", "ipv4_is_private(address)", ("ipv4_is_private('192.168.1.1')", "true"), ("ipv4_is_private('10.1.2.3/24')", "true"), ("ipv4_is_private('202.1.2.3')", "false"), ("ipv4_is_private('127.0.0.1')", "false")),
    function("ipv4_is_in_range(address: string, range: string) -> bool", "ipv4_in_range(address, range)", ("ipv4_is_in_range('192.168.1.6', '192.168.1.0/24')", "true"), ("ipv4_is_in_range('192.168.2.1', '192.168.1.0/24')", "false")),
    function("ipv4_compare(left: string, right: string, prefix: long?) -> long", "ipv4_compare(left, right, prefix)", ("ipv4_compare('10.0.0.1', '10.0.0.1')", "0"), ("ipv4_compare('10.0.0.1', '10.0.0.2')", "-1"), ("ipv4_compare('10.0.1.9/24', '10.0.0.1')", "1"), ("ipv4_compare('10.0.0.1', '10.0.0.9', 24)", "0"), ("ipv4_compare('10.0.0.1', 'x')", "long(null)"), prefix="32"),
    function("ipv4_is_match(left: string, right: string, prefix: long?) -> bool", "equals(ipv4_compare(left, right, prefix), 0)", ("ipv4_is_match('10.0.0.7', '10.0.0.0/24')", "true"), ("ipv4_is_match('10.0.0.7', '10.0.1.7')", "false"), ("ipv4_is_match('10.0.0.7', '10.9.9.9', 8)", "true"), ("ipv4_is_match('10.0.0', '10.0.0.1')", "bool(null)"), prefix="32"),
    function("parse_ipv4(address: string) -> long", "ipv4_masked(address, 32)", ("parse_ipv4('10.0.0.7')", "167772167"), ("parse_ipv4('10.0.0.7/24')", "167772160"), ("parse_ipv4('10.0.0.300')", "long(null)"), ("parse_ipv4('')", "long(null)")),
    function("parse_ipv4_mask(address: string, prefix: long) -> long", "ipv4_masked(address, prefix)", ("parse_ipv4_mask('10.0.0.7', 24)", "167772160"), ("parse_ipv4_mask('10.0.0.7', 33)", "long(null)")),
    function("ipv4_netmask_suffix(address: string) -> long", "ipv4_prefix_length(address)", ("ipv4_netmask_suffix('10.0.0.7/12')", "12"), ("ipv4_netmask_suffix('10.0.0.7')", "32"), ("ipv4_netmask_suffix('x')", "long(null)")),
    function("has_ipv4(text: string, address: string) -> bool", "ipv4_is_in_text(text, address)", ("has_ipv4('from 10.0.0.7, port 22', '10.0.0.7')", "true"), ("has_ipv4('from 110.0.0.7', '10.0.0.7')", "false"), ("has_ipv4('from 10.0.0.300', '10.0.0.300')", "false"), ("has_ipv4('', '10.0.0.7')", "false")),
    function("has_ipv4_prefix(text: string, prefix: string) -> bool", "ipv4_prefix_is_in_text(text, prefix)", ("has_ipv4_prefix('from 10.0.0.7', '10.0.')", "true"), ("has_ipv4_prefix('from 10.0.0.7', '10.0')", "false"), ("has_ipv4_prefix('from 10.0.0.7', '10.0.0.7')", "true"), ("has_ipv4_prefix('from 10.0.0.300', '10.0.')", "false"), ("has_ipv4_prefix('version 10.0.2', '10.0.')", "false")),
    function("parse_ipv6(address: string) -> string", "or_empty(ipv6_text(address, 128))", ("parse_ipv6('fe80::7')", "'fe80:0000:0000:0000:0000:0000:0000:0007'"), ("parse_ipv6('10.0.0.7/24')", "'0000:0000:0000:0000:0000:ffff:0a00:0000'"), ("parse_ipv6('x')", "''")),
    function("parse_ipv6_mask(address: string, prefix: long) -> string", "or_empty(ipv6_text(address, prefix))", ("parse_ipv6_mask('fe80::7', 124)", "'fe80:0000:0000:0000:0000:0000:0000:0000'")),
    function("ipv6_compare(left: string, right: string, prefix: long?) -> long", "ipv6_compare(left, right, prefix)", ("ipv6_compare('fe80::7', 'fe80::8')", "-1"), ("ipv6_compare('fe80::7', 'fe80::8', 120)", "0"), prefix="128"),
    function("ipv6_is_match(left: string, right: string, prefix: long?) -> bool", "equals(ipv6_compare(left, right, prefix), 0)", ("ipv6_is_match('fe80::7/120', 'fe80::8')", "true"), ("ipv6_is_match('fe80::7', 'x')", "bool(null)"), prefix="128"),
    function("ipv6_is_in_range(address: string, range: string) -> bool", "ipv6_in_range(address, range)", ("ipv6_is_in_range('fe80::7', 'fe80::/64')", "true"), ("ipv6_is_in_range('fe81::7', 'fe80::/64')", "false")),
    function("ipv4_range_to_cidr_list(first: string, last: string) -> dynamic", "ipv4_networks(first, last)", ("ipv4_range_to_cidr_list('10.0.0.0', '10.0.0.5')", 'dynamic(["10.0.0.0/30","10.0.0.4/31"])')),
)  # fmt: skip
