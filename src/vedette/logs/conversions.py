"""What mappings call on a field: takes a value as a record has it, gives a column's, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any

from vedette.logs.json_values import json_text
from vedette.logs.times import access_ticks, epoch_ticks, iso_ticks

Convert = Callable[[Any], Any]
_MAX_EPOCH_DIGITS = 20
_LONGEST_ADDRESS = 100
"""Of version 6, with its zone; what is longer is none, and is not kept to be found again."""
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_OF_ADDRESS = frozenset("0123456789abcdefABCDEF.:%")
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "IPv6-ICMP": "icmpv6"}
_TOKENS = {
    "%%1936": "TokenElevationTypeDefault",
    "%%1937": "TokenElevationTypeFull",
    "%%1938": "TokenElevationTypeLimited",
}
_INTEGRITY = {
    "S-1-16-0": "Untrusted",
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
}


def text(value: Any) -> str | None:
    """A field as text; None for an empty one and for ``-``, which Windows writes for no value."""
    if type(value) is not str:
        value = plain(value)
    return None if value == "" or value == "-" else value


def kept(value: Any) -> str | None:
    """A field as text, a lone ``-`` too; None for an empty one."""
    return (value if type(value) is str else plain(value)) or None


def plain(value: Any) -> str:
    """Any JSON value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json_text(value)


def last(value: Any) -> str | None:
    """The last part of a path of either system."""
    path = text(value)
    if path is None:
        return None
    path = path[path.rfind("\\") + 1 :]
    return path[path.rfind("/") + 1 :] or None


def above(value: Any) -> str | None:
    """A registry path without its last part."""
    path = text(value)
    return path if path is None else path.rpartition("\\")[0] or None


def below(value: Any) -> str | None:
    """The last part of a registry path."""
    path = text(value)
    return path if path is None else path.rpartition("\\")[2] or None


def whole(value: Any, limit: int = 2**63) -> int | None:
    """A whole number, decimal or hexadecimal behind 0x; None outside the column's range."""
    if type(value) is not int:
        written = value if type(value) is str else plain(value)
        try:
            value = int(written, 16 if written[:2] in ("0x", "0X") else 10)
        except ValueError:
            return None
        if "_" in written:  # Python's own notation
            return None
    number: int = value
    return number if -limit <= number < limit else None


def natural(value: Any) -> int | None:
    """A whole number that is not negative."""
    number = whole(value)
    return number if number is not None and number >= 0 else None


def port(value: Any) -> int | None:
    """A port number."""
    number = whole(value)
    return number if number is not None and 0 <= number <= 65_535 else None


def truth(value: Any) -> bool | None:
    """True or false, however it is written."""
    return {"true": True, "1": True, "false": False, "0": False}.get(plain(value).lower())


def moment(value: Any) -> int | None:
    """Ticks of a moment in ISO form."""
    return iso_ticks(value) if isinstance(value, str) else None


def account(value: Any) -> str | None:
    """The account of DOMAIN\\account."""
    name = text(value)
    return name if name is None else text(name.rpartition("\\")[2])


def domain(value: Any) -> str | None:
    """The domain of DOMAIN\\account."""
    name = text(value)
    return name if name is None else text(name.rpartition("\\")[0])


def principal(value: Any) -> str | None:
    """The account of a Kerberos principal such as ann/EXAMPLE.ORG or ann@EXAMPLE.ORG."""
    name = text(value)
    return name if name is None else text(re.split("[/@]", name, maxsplit=1)[0])


def guid(value: Any) -> str | None:
    """A GUID in braces, as Sysmon writes it; some exports drop them."""
    written = text(value)
    return f"{{{written}}}" if written is not None and _GUID.fullmatch(written) else written


def address(value: Any) -> str | None:
    """An address; version 6 in its short form, and without a prefix where it is version 4."""
    written = text(value)
    if written is None or ":" not in written or len(written) > _LONGEST_ADDRESS:
        return written
    return short_address(written)


@lru_cache(4096)
def short_address(written: str) -> str:
    """An address of version 6 in one spelling (RFC 5952): of what logs write, all name the same.

    What is none stays as it is, but for the prefix of version 4.
    """
    try:
        found = IPv6Address(written)
    except ValueError:
        is_prefixed = written[:7].lower() == "::ffff:" and "." in written
        return written[7:] if is_prefixed else written
    return str(found.ipv4_mapped or found)


def numeric_address(value: Any) -> str | None:
    """An address without brackets and port; None for a name, which some services write there."""
    written = text(value)
    if written is None:
        return None
    if written[0] == "[":
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    is_address = (written[:1].isdigit() and written.count(".") == 3) or ":" in written
    return address(written) if is_address and not set(written) - _OF_ADDRESS else None


def address_port(value: Any) -> int | None:
    """The port behind an address, as in 192.0.2.1:443 and [2001:db8::1]:443."""
    written = text(value)
    if written is None or (written[0] != "[" and written.count(":") != 1):
        return None
    return port(written.rpartition(":")[2]) if not written.endswith("]") else None


def version_4(value: Any) -> str | None:
    """An address of version 4."""
    written = address(value)
    return None if written is None or ":" in written else written


def version_6(value: Any) -> str | None:
    """An address of version 6."""
    written = address(value)
    return None if written is None or ":" not in written else written


def protocol(value: Any) -> str | None:
    """tcp, udp, icmp, icmpv6, or the number."""
    written = text(value)
    return written if written is None else _PROTOCOLS.get(written, written.lower())


def sid(value: Any) -> str | None:
    """A SID; None for the null SID."""
    written = text(value)
    return None if written == "S-1-0-0" else written


def integrity(value: Any) -> str | None:
    """The integrity level of 4688's label in Sysmon's words."""
    written = text(value)
    return written if written is None else _INTEGRITY.get(written, written)


def token(value: Any) -> str | None:
    """The kind of token of 4688 by its name."""
    written = text(value)
    return written if written is None else _TOKENS.get(written, written)


def hash_of(value: Any, kind: str) -> str | None:
    """One hash of Sysmon's list, ``MD5=…,SHA256=…``; None for one of zeros only."""
    if not isinstance(value, str):
        return None
    marker = kind + "="
    start = value.find(marker)
    if start < 0:
        return None
    start += len(marker)
    end = value.find(",", start)
    found = value[start:] if end < 0 else value[start:end]
    return found if found.strip("0") else None


def digest(value: Any, digits: int) -> str | None:
    """A hash in hexadecimal, where it has so many digits."""
    written = text(value)
    return written if written is not None and len(written) == digits and _is_hex(written) else None


def _is_hex(written: str) -> bool:
    return not written.strip("0123456789abcdefABCDEF")


def query_domain(value: Any) -> str | None:
    """A name that was asked for, without the dot that ends a whole one."""
    written = text(value)
    return written if written is None else written.rstrip(".") or "."


def lower(value: Any) -> str | None:
    """A field as text in lower case."""
    written = text(value)
    return written if written is None else written.lower()


def application(value: Any) -> str | None:
    """A protocol's name in lower case; None where a sensor writes that it found none."""
    found = lower(value)
    return None if found in ("failed", "unknown", "none") else found


def real(value: Any) -> float | None:
    """A number, also one written as text."""
    try:
        return float(plain(value))
    except ValueError:
        return None


def epoch(value: Any) -> int | None:
    """Ticks of seconds since 1970, with or without a fraction; exact where they are written out."""
    return epoch_ticks(plain(value), 1)


def epoch_milliseconds(value: Any) -> int | None:
    """Ticks of milliseconds since 1970."""
    return epoch_ticks(plain(value), 1000)


def instant(value: Any) -> int | None:
    """Ticks of a moment in ISO form, or of seconds since 1970."""
    written = repr(value) if type(value) is float else plain(value)
    ticks = epoch_ticks(written, 1)
    return iso_ticks(written) if ticks is None else ticks


def first_of(value: Any) -> str | None:
    """The first element of an array that has a text, or the text itself."""
    if not isinstance(value, list):
        return text(value)
    return next((found for one in value if one is not None and (found := text(one))), None)


def joined(value: Any) -> str | None:
    """The elements of an array as one text, with commas between; a text as it is."""
    if not isinstance(value, list):
        return text(value)
    return ", ".join(plain(one) for one in value if one is not None) or None


def texts(value: Any) -> str | None:
    """A dynamic array of the texts; a single text is an array of one."""
    found = value if isinstance(value, list) else [value]
    return json_text(found) if found and found != [""] else None


def names(value: Any) -> str | None:
    """A dynamic array of objects, each with one of the names."""
    found = value if isinstance(value, list) else [value]
    objects = [{"name": plain(one)} for one in found if one is not None]
    return json_text(objects) if objects else None


def count(value: Any) -> int | None:
    """How many elements an array has; a single value is one."""
    return len(value) if isinstance(value, list) else 1


def stamp(value: Any) -> int | None:
    """Ticks of a moment as web servers write it: in ISO form, an access log's, or since 1970.

    Numbers count seconds, or milliseconds, microseconds or nanoseconds where they are too large.
    """
    if not isinstance(value, (str, int, float)):
        return None
    written = plain(value).strip("[] ")
    seconds, _, fraction = written.partition(".")
    if seconds.isascii() and seconds.isdigit() and len(seconds) <= _MAX_EPOCH_DIGITS:
        finer = max(0, len(seconds) - 9) // 3 * 3
        cut = len(seconds) - finer
        return epoch_ticks(f"{seconds[:cut]}.{seconds[cut:]}{fraction}", 1)
    return iso_ticks(written) or access_ticks(written)


def nanoseconds(value: Any) -> int | None:
    """Whole milliseconds of a number of nanoseconds."""
    number = whole(value)
    return None if number is None or number < 0 else number // 10**6


def milliseconds(value: Any) -> int | None:
    """Whole milliseconds of a number of seconds."""
    seconds = real(value)
    return None if seconds is None or not 0 <= seconds < 10**12 else round(seconds * 1000)


def host_of(value: Any) -> str | None:
    """The host of an address such as https://host:443/path, which may be the host alone."""
    written = text(value)
    if written is None:
        return None
    rest = written.partition("://")[2] or written
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    name, _, number = host.rpartition(":")
    return (name if name and number.isdigit() and ":" not in name else host) or None


def listed(value: Any) -> str | None:
    """A dynamic array: the text's parts between commas, semicolons and blanks."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = [part for part in re.split(r"[;,\s]+", value) if part]
    return json_text(value if isinstance(value, list) else [value]) if value != [] else None


CONVERSIONS: dict[str, Convert] = {
    "last": last, "above": above, "below": below, "port": port, "truth": truth, "moment": moment,
    "account": account, "domain": domain, "guid": guid, "address": address, "protocol": protocol,
    "sid": sid, "lower": lower, "epoch": epoch, "epoch_milliseconds": epoch_milliseconds,
    "real": real, "token": token, "integrity": integrity, "kept": kept, "host_of": host_of,
    "listed": listed, "numeric_address": numeric_address, "address_port": address_port,
    "instant": instant, "first_of": first_of, "joined": joined, "texts": texts, "count": count,
    "names": names, "application": application,

    "stamp": stamp, "natural": natural, "nanoseconds": nanoseconds,
    "milliseconds": milliseconds,


    "query_domain": query_domain,
    "principal": principal, "version_4": version_4, "version_6": version_6,
}  # fmt: skip
