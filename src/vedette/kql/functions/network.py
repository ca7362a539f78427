"""Internet addresses as text."""

from vedette.plan.library import function

FUNCTIONS = (
    function("ipv4_is_private(address: string) -> bool", "ipv4_is_private(address)", ("ipv4_is_private('192.168.1.1')", "true"), ("ipv4_is_private('10.1.2.3/24')", "true"), ("ipv4_is_private('202.1.2.3')", "false"), ("ipv4_is_private('127.0.0.1')", "false")),
    function("ipv4_is_in_range(address: string, range: string) -> bool", "ipv4_in_range(address, range)", ("ipv4_is_in_range('192.168.1.6', '192.168.1.0/24')", "true"), ("ipv4_is_in_range('192.168.2.1', '192.168.1.0/24')", "false")),
)  # fmt: skip
