"""Internet addresses as text; null where the text is no address."""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("ipv4_is_private(address: string) -> bool", "in a private range of RFC 1918; with a prefix length, the whole network", Null.OWN),
    operation("ipv4_number(address: string) -> long", "the address as a number from 0 to 4294967295; null where it is no IPv4 address", Null.OWN),
    operation("ipv4_in_range(address: string, range: string) -> bool", "in the CIDR range; a range without prefix is one address", Null.OWN),
)  # fmt: skip
