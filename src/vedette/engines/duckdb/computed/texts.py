"""Texts in Python: coded and decoded, hashed, many replacements at once."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus
from uuid import UUID

import xxhash

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

_MOST_BYTES = 16 * 1_048_576
_LONGEST_NAME = 4_096


def url_decoded(text: str) -> str:
    """The text with its percent codes and plus signs read."""
    return unquote_plus(text, errors="replace")


def url_encoded(text: str) -> str:
    """The text for a URL's query: small hexadecimal digits, a plus for a space."""
    written = quote_plus(text, safe="!*()").replace("~", "%7E")
    return re.sub("%..", lambda code: code[0].lower(), written)


def url_component(text: str) -> str:
    """The text as a part of a URL, with capital hexadecimal digits."""
    return quote(text, safe="")


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def base64_numbers(text: str) -> str | None:
    """The bytes that Base64 says, as an array of numbers; null where it is not Base64."""
    decoded = _decoded(text)
    return None if decoded is None else json_values.write(list(decoded))


def numbers_base64(numbers: str) -> str:
    """The Base64 of an array of bytes; empty where it is none."""
    given = json_values.read(numbers)
    if not isinstance(given, list):
        return ""
    if not all(type(n) is int and 0 <= n <= 255 for n in given):
        return ""
    return base64.b64encode(bytes(given)).decode()


def base64_guid(text: str) -> str | None:
    """The guid of sixteen bytes in Base64, its first three parts in reverse order."""
    decoded = _decoded(text)
    return str(UUID(bytes_le=decoded)) if decoded is not None and len(decoded) == 16 else None


def guid_base64(guid: Any) -> str:
    """The Base64 of a guid's bytes."""
    return base64.b64encode(UUID(str(guid)).bytes_le).decode()


def _inflated(text: str, window: int) -> str:
    decoded = _decoded(text)
    if decoded is None:
        return ""
    reader = zlib.decompressobj(window)
    try:
        whole = reader.decompress(decoded, _MOST_BYTES)
    except zlib.error:
        return ""
    if reader.unconsumed_tail:
        raise ValueError(f"a compressed text is longer than {_MOST_BYTES:,} bytes")
    if not reader.eof:
        return ""
    try:
        return whole.decode()
    except UnicodeDecodeError:
        return ""


def zlib_text(text: str) -> str:
    """The text that zlib compressed and Base64 wrote; empty where it is none."""
    return _inflated(text, zlib.MAX_WBITS)


def gzip_text(text: str) -> str:
    """The text that gzip compressed and Base64 wrote; empty where it is none."""
    return _inflated(text, zlib.MAX_WBITS | 16)


def codepoints(text: str) -> str | None:
    """The text's code points as an array of numbers."""
    return json_values.write([ord(c) for c in text])


def text_of_codepoints(numbers: list[str | None]) -> str:
    """The text of code points: each a JSON number or an array of such, others left out."""
    found: list[str] = []
    for given in numbers:
        value = None if given is None else json_values.read(given)
        for number in value if isinstance(value, list) else [value]:
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            if 0 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
                found.append(chr(number))
    return "".join(found)


def replaced(text: str, lookups: str, rewrites: str) -> str:
    """Each lookup replaced by the rewrite at its place; at one place of the text the first wins."""
    olds, news = json_values.read(lookups), json_values.read(rewrites)
    if not isinstance(olds, list) or not isinstance(news, list):
        return text
    table: dict[str, str] = {}
    for index, old in enumerate(olds):
        if isinstance(old, str) and old:
            new = news[index] if index < len(news) else None
            table.setdefault(old, new if isinstance(new, str) else old)
    if not table:
        return text
    found = _any_of(tuple(table)).sub(lambda match: table[match[0]], text)
    if len(found) > _MOST_BYTES:
        raise ValueError(f"a text grew beyond {_MOST_BYTES:,} characters")
    return found


@lru_cache(maxsize=64)
def _any_of(texts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, texts)))


def _xxhash64(data: bytes) -> int:
    """The XXH64 of bytes with seed 0, as a signed number."""
    return int.from_bytes(xxhash.xxh64_digest(data), "big", signed=True)


def hash_of_text(text: str) -> int:
    """The XXH64 of the text's bytes."""
    return _xxhash64(text.encode())


def hash_of_ticks(ticks: int) -> int:
    """The XXH64 of a datetime's ticks, as eight bytes, the lowest first."""
    return _xxhash64(struct.pack("<q", ticks))


def remainder_of_hash(hash: int, modulus: int) -> int:
    """The hash modulo a positive number, where signed and unsigned hashes agree on it."""
    if hash < 0 and modulus & (modulus - 1):
        told = f"what hash() gives for a modulus of {modulus} is known of positive hashes only"
        raise ValueError(f"{told}; take a power of two, or the remainder of hash() yourself")
    return hash % modulus


def _of_a_name(text: str) -> str:
    """The text; Punycode takes time by the square of its length, and names are short."""
    if len(text) > _LONGEST_NAME:
        raise ValueError(f"a text for Punycode is longer than {_LONGEST_NAME:,} characters")
    return text


def punycode_of(text: str) -> str:
    """The text in Punycode, without a prefix."""
    text = _of_a_name(text)
    return text.encode("punycode").decode("ascii")


def text_of_punycode(text: str) -> str:
    """The text that Punycode says; empty where it says none."""
    text = _of_a_name(text)
    try:
        return text.encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return ""


def domain_of_punycode(text: str) -> str:
    """A domain with each label that Punycode writes decoded."""
    labels = text.split(".")
    return ".".join(text_of_punycode(x[4:]) if x[:4].lower() == "xn--" else x for x in labels)


def punycode_of_domain(text: str) -> str:
    """A domain with each label beyond ASCII in Punycode; every kind of dot divides labels."""
    labels = re.split("[.\u3002\uff0e\uff61]", text)
    return ".".join(x if x.isascii() else f"xn--{punycode_of(x)}" for x in labels)


def _over_text(function: Any, gives: Type = Type.STRING) -> Computed:
    return Computed((Type.STRING,), gives, function)


FUNCTIONS_OF_TEXTS: dict[str, Computed] = {
    "url_decoded": _over_text(url_decoded),
    "url_encoded": _over_text(url_encoded),
    "url_component": _over_text(url_component),
    "base64_numbers": _over_text(base64_numbers, Type.DYNAMIC),
    "numbers_base64": Computed((Type.DYNAMIC,), Type.STRING, numbers_base64),
    "base64_guid": _over_text(base64_guid),
    "guid_base64": Computed((Type.STRING,), Type.STRING, guid_base64),
    "zlib_text": _over_text(zlib_text),
    "gzip_text": _over_text(gzip_text),
    "codepoints": _over_text(codepoints, Type.DYNAMIC),
    "text_of_codepoints": Computed(([Type.DYNAMIC],), Type.STRING, text_of_codepoints),
    "replaced": Computed((Type.STRING, Type.DYNAMIC, Type.DYNAMIC), Type.STRING, replaced),
    "hash_of_text": _over_text(hash_of_text, Type.LONG),
    "hash_of_ticks": Computed((Type.DATETIME,), Type.LONG, hash_of_ticks),
    "remainder_of_hash": Computed((Type.LONG, Type.LONG), Type.LONG, remainder_of_hash),
    "punycode_of": _over_text(punycode_of),
    "text_of_punycode": _over_text(text_of_punycode),
    "domain_of_punycode": _over_text(domain_of_punycode),
    "punycode_of_domain": _over_text(punycode_of_domain),
}
