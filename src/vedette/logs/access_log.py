"""Lines of web access logs: takes a line's text, gives the row of its request.

Read are Apache's and nginx's common and combined forms, also behind the moment that a container's
runtime writes. The client is an address, addresses that a request was forwarded for, or a host's
name, so that what a collector puts before a line is none.
Source: Apache's mod_log_config, nginx's ngx_http_log_module, Kubernetes' CRI log format.
"""

from __future__ import annotations

import re
from typing import Any

from vedette.logs.base import Layout, Row, event_layout
from vedette.logs.conversions import address, port, stamp, text
from vedette.logs.lines import decoded
from vedette.logs.times import access_ticks
from vedette.logs.web import named, request_parts, target_parts

LOG_FORMAT = "access_log"
LOG_SOURCE_TYPE = "Apache HTTP Server"

_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_V6 = (
    r"(?=[0-9A-Fa-f:.]{0,45}::|(?:[0-9A-Fa-f]{1,4}:){6})"  # a time of day has fewer colons
    r"[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9_.-]{1,64})?"
)
_ADDRESS = rf"(?:{_V4}(?::\d{{1,5}})?|\[{_V6}\](?::\d{{1,5}})?|{_V6})"
_LISTED = rf"(?:{_ADDRESS}|unknown|-)"
_MOMENT = r'\[[^\]\["]{10,40}\] "'
_NO_MOMENT = rf"(?!{_MOMENT})"
_DOTTED = r"(?!\d{4}-\d\d-\d\d)(?=[0-9._-]*[A-Za-z])[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)++\.?"
_CONTAINERS = r"(?:\d{4}-\d\d-\d\dT[0-9:.]{8,18}(?:Z|[+-]\d\d:\d\d) (?:std(?:out|err) F )?)?"
_HOST = (
    # A virtual host stands before an address, which tells it from a client with a longer line.
    rf"(?:(?P<host>(?!\d{{4}}-\d\d-\d\d)(?=[0-9.-]*[A-Za-z_]|-[ :]|{_V4}[ :])[A-Za-z0-9._-]+"
    rf"|\[[0-9A-Fa-f:.]+\])(?::(?P<host_port>\d{{1,5}}))? "
    rf"(?={_ADDRESS},? \S+ {_NO_MOMENT}|(?:{_DOTTED}|localhost) - {_NO_MOMENT}))?"
)
_CLIENT = (
    rf"(?P<client>{_LISTED}(?:, ?{_LISTED})*(?= )|unix:"
    # What a name may be, and a collector's own words too, has to go on like an access log.
    rf"|(?:{_DOTTED}|(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]++)(?= - | [^\s:|]+ \S+ \[))"
)
# Behind a relay's address syslog's own header is no identity.
_IDENTITY = r"(?P<identity>(?!<\d|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} {1,2}\d\d? \d\d:|\S*:\s)\S+)"
# In a user's name quotes are escaped; what looks like a moment is none without a quote behind it.
_USER = r'(?P<user>""|(?:\\.|[^"\\])*?)'
QUOTED = r'"([^"\\]*(?:\\.[^"\\]*)*)'
"""A field in quotes, without the closing one."""

FRONT = (
    rf'{_CLIENT} {_IDENTITY} {_USER} ?\[(?P<time>[^\]\["]{{10,40}})\] '
    + QUOTED.replace("(", "(?P<request>", 1)
    + '"'
)
"""What all forms begin with: client, identity, user, time and request."""

_LINE = re.compile(
    _CONTAINERS + _HOST + FRONT
    + r" (?P<status>\d{3}|-) (?P<bytes>\d{1,18}|-)"
    + r"(?: " + QUOTED.replace("(", "(?P<referrer>", 1)
    + r'"(?: ' + QUOTED.replace("(", "(?P<agent>", 1)
    + rf'(?P<end>"(?: "(?P<forwarded>(?:{_V4}|{_V6})(?:, ?(?:{_V4}|{_V6}|unknown))*)"(?= |$))?|$)'
    + r")?)?(?P<rest>.*)",
    re.DOTALL | re.ASCII,
)  # fmt: skip
_ENDPOINT = re.compile(rf"({_V4}|\[[^\]]+\]):(\d+)", re.ASCII)
_ESCAPED = re.compile(r'((?:\\x[0-9A-Fa-f]{2})+)|\\(["\\bfnrtv])')
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OF_DOMAIN = re.compile(r"([\w.-]+)\\([^\\]+)")
_OF_SQUID = re.compile(r" (?:[A-Z]+_[A-Z_]+|NONE):[A-Z][A-Z0-9_]*(?: |$)")
_NOBODY = ("-", "unknown", "unix:")


def is_request(line: str) -> bool:
    """Whether a line is one of an access log."""
    match = _LINE.fullmatch(line)
    return match is not None and _OF_SQUID.match(match["rest"]) is None


class RequestRows:
    """Makes rows of the lines of one source."""

    def __init__(self, lineage: str, log_file: str) -> None:
        """Every row says which file it came from."""
        self.lineage = lineage
        self.layout = event_layout("web_event")
        self._places = tuple(self.layout.index[c] for c in _COLUMNS)
        self.blank = self.layout.empty_row()
        for column, value in (
            ("log_format", LOG_FORMAT), ("log_source_type", LOG_SOURCE_TYPE),
            ("log_file", log_file), ("observer", "server"),
        ):  # fmt: skip
            self.blank[self.layout.index[column]] = value

    def made(
        self, line: str, raw: str, offset: int, ended: bool = True, host: str | None = None
    ) -> tuple[Layout, Row] | str:
        """The row of a line that *host* sent, of a record as received, or why it is no request."""
        match = _LINE.fullmatch(line)
        if match is None:
            return "not a line of an access log"
        (site, site_port, client, identity, user, moment, request, status, size, referrer, agent,
         end, forwarded, rest) = match.groups()  # fmt: skip
        if end == "" and not ended:
            return "its last field has no closing quote"
        if rest and _OF_SQUID.match(rest):
            return "a line of Squid's access.log"
        method, url, version = request_parts(_unquoted(request))
        url_host, path, query = target_parts(url)
        source, source_port, behind = client_parts(client)
        name, realm = user_parts(user)
        values: tuple[Any, ...] = (
            _time(moment), f"{self.lineage}-{offset}", offset, host,
            source, source_port, port(site_port) if site_port else None, name, realm, raw,
            method, url, named(site) or url_host, path, query, version,
            int(status) if status != "-" else None, int(size) if size != "-" else None,
            named(_unquoted(agent)), named(_unquoted(referrer)), named(identity),
            forwarded or behind,
        )  # fmt: skip
        row = self.blank.copy()
        for place, value in zip(self._places, values, strict=True):
            row[place] = value
        return self.layout, row


_COLUMNS = (
    "time", "event_id", "log_offset", "host", "source_ip", "source_port", "destination_port",
    "user", "user_domain", "raw", "method", "url", "url_host", "url_path", "url_query",
    "protocol_version", "status", "bytes_sent", "user_agent", "referrer", "client_identity",
    "forwarded_for",
)  # fmt: skip


def _time(written: str) -> int | None:
    """Ticks of a moment in an access log's form, in ISO form, or since 1970."""
    ticks = access_ticks(written)
    if ticks is None:  # Python's http.server writes a blank before the hour
        ticks = stamp(written) or access_ticks(written.replace(" ", ":", 1))
    return ticks


def client_parts(written: str) -> tuple[str | None, int | None, str | None]:
    """A client's address or name and its port; of many that it was forwarded for the first one.

    These are the third part, as written.
    """
    if "," not in written and ":" not in written:
        return None if written in _NOBODY else written, None, None
    listed = [one.strip() for one in written.split(",")]
    client = next((one for one in listed if one not in _NOBODY), None)
    if client is None:
        return None, None, None
    endpoint = _ENDPOINT.fullmatch(client)
    bare, number = endpoint.groups() if endpoint is not None else (client, None)
    behind = written if len(listed) > 1 else None
    return address(bare.strip("[]")), port(number) if number else None, behind


def user_parts(written: str) -> tuple[str | None, str | None]:
    """A user's account and domain, without the escapes that servers write in names."""
    if "\\" not in written:
        return None if written in ("", "-", '""') else written, None
    name = _ESCAPED.sub(_meant, written).rstrip(" ")
    parted = _OF_DOMAIN.fullmatch(name)
    return (parted[2], parted[1]) if parted is not None else (text(name), None)


def _meant(found: re.Match[str]) -> str:
    """What an escape stands for: bytes that are no plain ASCII are UTF-8."""
    if found[1]:
        return decoded(bytes.fromhex(found[1].replace("\\x", "")))
    return _MEANT.get(found[2], found[2])


def _unquoted(quoted: str | None) -> str | None:
    """A quoted field with its escaped quotes undone."""
    return quoted.replace('\\"', '"') if quoted and "\\" in quoted else quoted
