"""What mappings call on addresses of requests, of ends of connections and of mail.

Takes a field as a record has it, gives a column's value, or None; conversions.py has the others.
"""

from __future__ import annotations

import re
from typing import Any

from vedette.logs.conversions import Convert, address, first_of, plain, text
from vedette.logs.json_values import json_text
from vedette.logs.mailboxes import Mailbox, first_mailbox, mailboxes
from vedette.logs.web import Parts, authority_parts, target_parts

_MAX_MAILBOX = 1000
_MAX_MAILBOXES = 1000
_BARE_HOST = re.compile(
    r"((?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+([A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,59})"
    r"|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?=[/?]|\Z)"
)
_OF_FILES = frozenset((
    "asp", "aspx", "bat", "bin", "bmp", "cfg", "cgi", "class", "css", "csv", "dll", "doc",
    "docm", "docx", "eot", "exe", "gif", "gz", "hta", "htm", "html", "ico", "img", "ini", "iso",
    "jar", "jpeg", "jpg", "js", "json", "jsp", "jspx", "lnk", "log", "msi", "ocx", "pdf", "php",
    "png", "pps", "ppt", "pptx", "rar", "rtf", "scr", "svg", "swf", "sys", "tar", "tgz", "tmp",
    "ttf", "txt", "vbs", "wasm", "webp", "woff", "wsf", "xls", "xlsm", "xlsx", "xml", "zip",
))  # fmt: skip
"""What files' names end in, and no name of a host, zip but for few."""
_OFTEN_FILES = frozenset(("sh", "py"))
"""What scripts' names end in, and few hosts': a host has more before it, or something behind."""


def end_address(value: Any) -> str | None:
    """The address of an end written as address:port; the text itself where it has no port."""
    written = text(value)
    if written is None:
        return None
    return address((authority_parts(written)[0] or written).strip("[]"))


def end_port(value: Any) -> int | None:
    """The port of an end written as address:port."""
    written = text(value)
    return None if written is None else authority_parts(written)[1]


def url_host(value: Any) -> str | None:
    """The host that a request's target names; None for a path alone."""
    written = text(value)
    return None if written is None else authority_parts(written)[0]


def url_port(value: Any) -> int | None:
    """The port that a request's target names."""
    written = text(value)
    return None if written is None else authority_parts(written)[1]


def url_path(value: Any) -> str | None:
    """A request target's path."""
    return target_parts(text(value))[1]


def url_query(value: Any) -> str | None:
    """A request target's query, behind the question mark."""
    return target_parts(text(value))[2]


def bare_target_host(value: Any) -> str | None:
    """The host of a target that may begin with it, such as www.example.org/path."""
    return _bare_target_parts(text(value))[0]


def bare_target_path(value: Any) -> str | None:
    """The path of a target that may begin with its host."""
    return _bare_target_parts(text(value))[1]


def bare_target_query(value: Any) -> str | None:
    """The query of a target that may begin with its host."""
    return _bare_target_parts(text(value))[2]


def _bare_target_parts(written: str | None) -> Parts:
    """Host, path and query; what is named as files are is no host."""
    found = _BARE_HOST.match(written) if written is not None else None
    if written is None or found is None or _is_file(found, written):
        return target_parts(written)
    path, mark, query = written[found.end() :].partition("?")
    return found[1], path or None, query if mark else None


def _is_file(found: re.Match[str], written: str) -> bool:
    end = (found[2] or "").lower()
    if end in _OFTEN_FILES:
        return (
            found[1].count(".") == 1 and found[0] == found[1] and written[found.end() :][:1] != "/"
        )
    return end in _OF_FILES


def http_version(value: Any) -> str | None:
    """HTTP's version with its name, such as HTTP/1.1, also where the number alone stands."""
    written = text(value)
    return f"HTTP/{written}" if written is not None and written[:1].isdigit() else written


def mail_address(value: Any) -> str | None:
    """The address of a mailbox such as "Ann <ann@example.org>"; of several, the first."""
    box = _mailbox(value)
    return box.address or None if box is not None else None


def mail_name(value: Any) -> str | None:
    """The display name of a mailbox."""
    box = _mailbox(value)
    return box.name or None if box is not None else None


def mail_domain(value: Any) -> str | None:
    """The domain of a mailbox's address, in lower case; None where the address has none."""
    _, mark, domain = (mail_address(value) or "").rpartition("@")
    return domain.lower() or None if mark else None


def mail_addresses(value: Any) -> str | None:
    """A dynamic array of the addresses of mailboxes."""
    values = (value if isinstance(value, list) else [value])[:_MAX_MAILBOXES]
    written = [plain(one)[:_MAX_MAILBOX] for one in values if one is not None]
    addresses = [box.address for text in written for box in mailboxes(text)]
    return json_text(addresses) if addresses else None


def _mailbox(value: Any) -> Mailbox | None:
    first = first_of(value)
    return None if first is None else first_mailbox(plain(first)[:_MAX_MAILBOX])


CONVERSIONS_OF_ADDRESSES: dict[str, Convert] = {
    "end_address": end_address,
    "end_port": end_port,
    "url_host": url_host,
    "url_port": url_port,
    "url_path": url_path,
    "url_query": url_query,
    "bare_target_host": bare_target_host,
    "bare_target_path": bare_target_path,
    "bare_target_query": bare_target_query,
    "http_version": http_version,
    "mail_address": mail_address,
    "mail_name": mail_name,
    "mail_domain": mail_domain,
    "mail_addresses": mail_addresses,
}
