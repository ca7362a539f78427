"""Web requests as logs write them: takes request lines and targets, gives their parts.

Source: RFC 9112 (request line, forms of the target), RFC 3986 (parts of an address).
"""

from __future__ import annotations

import re

_REQUEST = re.compile(
    r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (\S.*?)(?: (HTTP/\d(?:\.\d)?))?", re.DOTALL
)
_TARGET_HOST = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?"
)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^/?#:@\s]+):(\d{1,5})")
_OF_ADDRESS = frozenset("0123456789abcdefABCDEF.:")

Parts = tuple[str | None, str | None, str | None]


def request_parts(line: str | None) -> Parts:
    """Method, target and version of a request line; what is none is the target as it stands."""
    match = _REQUEST.fullmatch(line) if line else None
    if match is None or (match[3] is None and not match[2].startswith(("/", "*", "http"))):
        return None, named(line), None
    return match[1], named(match[2]), match[3]


def target_parts(url: str | None) -> Parts:
    """Host, path and query of a request target; the host only where the target names it."""
    if url is None:
        return None, None, None
    if url.startswith("/"):
        path, mark, query = url.partition("?")
        return None, path, query if mark else None
    authority = _AUTHORITY.fullmatch(url)
    if authority is not None:
        return authority[1], None, None
    host = _TARGET_HOST.match(url)
    rest = url[host.end() :] if host else url
    path, mark, query = rest.partition("?")
    return (host[1] or None) if host else None, path or None, query if mark else None


def authority_parts(url: str) -> tuple[str | None, int | None]:
    """Host and port that a target names: those of an absolute address, or CONNECT's host:port."""
    match = _TARGET_HOST.match(url) or _AUTHORITY.fullmatch(url)
    if match is None:
        return None, None
    port = int(match[2]) if match[2] else None
    return match[1] or None, port if port is not None and port <= 65_535 else None


def host_part(written: str) -> str | None:
    """The host of what may have a port behind it; an address of version 6 may lack its brackets."""
    if written.count(":") > 1 and _OF_ADDRESS.issuperset(written):
        return written
    return authority_parts(f"http://{written}")[0]


def named(field: str | None) -> str | None:
    """The field; None for nothing or a lone hyphen, which logs write for it."""
    return None if field in (None, "", "-") else field
