"""Internet addresses in Python: IPv6, IPv4 as part of it, and ranges as lists of networks."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

_ALL = 2**128 - 1
_LONGEST_LENGTH = 9  # digits: Python reads no number of thousands of them
_MAPPED = 0xFFFF << 32


@lru_cache(maxsize=4096)
def _address(text: str) -> tuple[int, int] | None:
    """An address as a number of 128 bits, and its prefix length; None where it is none."""
    address, slash, length = text.partition("/")
    if "%" in address:
        return None
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return None
    number, shift = int(read), 0
    dotted = "." in address
    if read.version == 4 or (dotted and number >> 32 == 0):
        number |= _MAPPED  # ::1.2.3.4 is read as ::ffff:1.2.3.4
    if dotted:
        shift = 96
    if not slash:
        return number, 128
    if not length.isascii() or not length.isdigit() or len(length) > _LONGEST_LENGTH:
        return None
    if int(length) + shift > 128:
        return None
    return number, int(length) + shift


def _masked(number: int, prefix: int) -> int:
    return number & (_ALL << (128 - prefix)) & _ALL


def ipv6_text(address: str, prefix: int) -> str:
    """The whole address in hexadecimal, masked by the shorter prefix; empty where it is none."""
    read = _address(address)
    if read is None or not 0 <= prefix <= 128:
        return ""
    digits = f"{_masked(read[0], min(read[1], prefix)):032x}"
    return ":".join(digits[i : i + 4] for i in range(0, 32, 4))


def ipv6_compared(left: str, right: str, prefix: int) -> int | None:
    """-1, 0 or 1 as the left network is below, equal to or above the right."""
    one, other = _address(left), _address(right)
    if one is None or other is None or not 0 <= prefix <= 128:
        return None
    shortest = min(one[1], other[1], prefix)
    first, second = _masked(one[0], shortest), _masked(other[0], shortest)
    return (first > second) - (first < second)


@lru_cache(maxsize=64)
def _networks(ranges: str) -> dict[int, frozenset[int]] | None:
    """The first numbers of the networks by the length of their prefixes; None where one is none."""
    found: dict[int, set[int]] = {}
    for each in json_values.read(ranges):
        read = _address(each) if isinstance(each, str) else None
        if read is None:
            return None
        found.setdefault(read[1], set()).add(_masked(*read))
    return {prefix: frozenset(numbers) for prefix, numbers in found.items()}


def ipv6_in_any(address: str, ranges: str) -> bool | None:
    """Whether an address is in one of the ranges of a list; null where one cannot be read."""
    read, networks = _address(address), _networks(ranges)
    if read is None or networks is None:
        return None
    number, own = read
    return any(
        _masked(number, prefix) in numbers
        if prefix <= own
        else _masked(number, own) in {_masked(each, own) for each in numbers}
        for prefix, numbers in networks.items()
    )


def networks_between(first: str, last: str) -> str | None:
    """The networks that a range of IPv4 addresses is made of; null where it is no range."""
    try:
        ends = ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
        networks = ipaddress.summarize_address_range(*ends)
        return json_values.write([str(network) for network in networks])
    except ValueError:
        return None


FUNCTIONS_OF_NETWORK: dict[str, Computed] = {
    "ipv6_text": Computed((Type.STRING, Type.LONG), Type.STRING, ipv6_text),
    "ipv6_compared": Computed((Type.STRING, Type.STRING, Type.LONG), Type.LONG, ipv6_compared),
    "ipv6_in_any": Computed((Type.STRING, Type.DYNAMIC), Type.BOOL, ipv6_in_any),
    "networks_between": Computed((Type.STRING, Type.STRING), Type.DYNAMIC, networks_between),
}
