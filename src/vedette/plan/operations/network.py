"""Internet addresses as text; null where the text is no address."""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("ipv4_is_private(address: string) -> bool", "in a private range of RFC 1918; with a prefix length, the whole network", Null.OWN),
    operation("ipv4_number(address: string) -> long", "the address as a number from 0 to 4294967295; null where it is no IPv4 address", Null.OWN),
    operation("ipv4_in_range(address: string, range: string) -> bool", "in the CIDR range; a range without prefix is one address", Null.OWN),
    operation("ipv4_prefix_length(address: string) -> long", "the prefix length behind the address, 32 without one; null where it is no IPv4 address", Null.OWN),
    operation("ipv4_masked(address: string, prefix: long) -> long", "the number of the network that the shorter of the address's own prefix and this one leaves; null where one cannot be read", Null.OWN),
    operation("ipv4_compare(left: string, right: string, prefix: long) -> long", "-1, 0 or 1 as the left network is below, equal or above the right, both by the shortest of the three prefixes; null where one cannot be read", Null.OWN),
    operation("ipv4_text(number: long) -> string", "the address with this number; null where it is not from 0 to 4294967295", Null.OWN),
    operation("ipv4_is_in_text(text: string, address: string) -> bool", "the address stands in the text with no letter or digit beside it; false where it is no IPv4 address"),
    operation("ipv4_prefix_is_in_text(text: string, prefix: string) -> bool", "an IPv4 address that begins with the prefix stands in the text with no letter or digit beside it; a prefix is a whole address or ends in a dot, any other gives false"),
    operation("ipv6_text(address: string, prefix: long) -> string", "an IPv6 or IPv4 address as eight groups of hexadecimal digits, masked by the shorter of its own prefix and this one, of 128 bits; empty where one cannot be read"),
    operation("ipv6_compare(left: string, right: string, prefix: long) -> long", "ipv4_compare for addresses of IPv6 or IPv4, the prefix of 128 bits", Null.OWN),
    operation("ipv6_in_range(address: string, range: string) -> bool", "an IPv6 or IPv4 address is in the CIDR range; null where one cannot be read", Null.OWN),
    operation("ipv4_in_any(address: string, ranges: dynamic) -> bool", "in one of the CIDR ranges of a constant array of texts; null where the address is no IPv4 address", Null.OWN),
    operation("ipv6_in_any(address: string, ranges: dynamic) -> bool", "ipv6_in_range for one of the CIDR ranges of the array; null where one cannot be read", Null.OWN),
    operation("ipv4_networks(first: string, last: string) -> dynamic", "the networks that make up a range of IPv4 addresses, an array of texts; null where it is no range", Null.OWN),
    operation("place_of_address(file: string, address: string) -> dynamic", "where an IPv4 or IPv6 address is, as the MaxMind database in the file has it: a bag of country, state, city, latitude and longitude without what it has not; null where it has nothing, or the text is no address"),
)  # fmt: skip
