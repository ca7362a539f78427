"""Web servers' access logs as JSON: takes an object a line, gives a row a request.

Servers name the fields as their administrators wrote them: an object is a request where it has a
client, a target and a status under names that are in use. What nginx writes with escape=default, or
for a variable without value, is no JSON; it is mended before it is read.
Source: nginx's log_format, Caddy's and Traefik's documentation of their access logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vedette.logs.base import Layout, Origin, Row, Text
from vedette.logs.conversions import text
from vedette.logs.json_values import parse_json
from vedette.logs.lines import decoded, head_text
from vedette.logs.readers.lines import Line, LinesReader
from vedette.logs.records import RecordRows, flat
from vedette.logs.web import authority_parts, request_parts, target_parts

_CLIENTS = (
    "remote_addr", "remote_ip", "remoteip", "remote_host", "client_ip", "clientip", "client",
    "client_addr", "clienthost", "clientaddr", "request.remote_ip", "request.client_ip",
    "request.remote_addr", "src_ip", "source_ip", "c_ip", "c-ip", "ip", "x_real_ip",
    "realip_remote_addr", "http_x_forwarded_for",
)  # fmt: skip
_TARGETS = (
    "request", "request_uri", "uri", "url", "path", "request_path", "requestpath", "request.uri",
    "request_url", "http_request", "requesturi", "http_path", "document_uri", "raw_path",
)  # fmt: skip
_STATUSES = (
    "status", "status_code", "statuscode", "response", "response_code", "http_status",
    "http_status_code", "downstreamstatus", "originstatus", "response_status", "resp_status",
    "sc_status", "sc-status",
)  # fmt: skip
_METHODS = (
    "request_method", "method", "requestmethod", "request.method", "http_method", "verb",
    "cs-method",
)  # fmt: skip
_QUERIES = ("args", "query_string", "query", "request_query", "querystring", "http_query")
_HOSTS = (
    "http_host", "request.host", "requesthost", "requestaddr", "host", "server_name", "vhost",
    "virtual_host", "virtualhost", "domain", "cs-host", "hostname_requested",
)  # fmt: skip
_VERSIONS = (
    "server_protocol", "protocol", "request.proto", "requestprotocol", "http_version", "proto",
)  # fmt: skip
_NGINX = frozenset({
    "time_iso8601", "time_local", "body_bytes_sent", "http_user_agent", "http_referer",
    "remote_addr", "upstream_addr", "upstream_response_time", "request_length", "msec",
})  # fmt: skip
_HAPROXY = frozenset({"frontend_name", "backend_name", "fe_name", "be_name", "termination_state"})
_PATH_LIKE = re.compile(r"[A-Z]{3,10} \S|/|https?://|\*$|-$")
_STATUS_LIKE = re.compile(r"[0-5]\d\d|0|-")
# A string without its end goes to the line's: each byte is looked at once, whatever a line holds.
_MENDED = re.compile(
    rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)|(:)[ \t]*+-?[ \t]*+(?=[,}])', re.DOTALL
)
_HEXADECIMAL = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_NOT_A_REQUEST = "not a request: it has no client and status under names that are known"


class WebJsonReader(LinesReader):
    """Reads access logs in JSON."""

    name = "web_json"

    def sniff(self, head: bytes, name: str) -> int:
        """Fairly sure where one of the first lines is a request, or nginx's status."""
        lines = [line for line in head_text(head).split(b"\n")[:20] if line.lstrip()[:1] == b"{"]
        parsed = [one[0] for one in map(_parsed, lines) if not isinstance(one, str)]
        return 84 if any(isinstance(r, dict) and is_request(_named(r)) for r in parsed) else 0

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        rows = RecordRows(self.name, origin.lineage, origin.name)

        def parse(line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
            if not line.strip():
                return None
            parsed = _parsed(line)
            if isinstance(parsed, str):
                return parsed
            own, raw = parsed
            record = _named(own) if isinstance(own, dict) else {}
            shape = shape_of(tuple(record))
            if shape.kind is None:
                return _NOT_A_REQUEST
            is_status = shape.kind == "nginx_status"
            columns = {} if is_status else request_columns(record, shape)
            record["kind"] = shape.kind
            return rows.row(record, raw, offset, own=own, **columns)  # type: ignore[arg-type]

        return parse


def _parsed(line: bytes) -> tuple[Any, Text] | str:
    """The value of a line, mended where it is no JSON; its text is the line as it stands."""
    parsed = parse_json(line)
    if isinstance(parsed, str) and (mended := _MENDED.sub(_mend, line)) != line:
        again = parse_json(mended)
        if not isinstance(again, str):
            return again[0], decoded(line).strip()
    return parsed


def _mend(found: re.Match[bytes]) -> bytes:
    if found[2] is not None:
        return b":null"
    return b'"' + _HEXADECIMAL.sub(_byte, found[1]) + found[0][len(found[1]) + 1 :]


def _byte(found: re.Match[bytes]) -> bytes:
    """An escape of JSON as it is; a byte that nginx wrote in hexadecimal as that byte."""
    if found[1] is None:
        return found[0]
    byte = bytes([int(found[1], 16)])
    return byte if byte[0] > 31 and byte not in b'"\\' else b"\\u%04x" % byte[0]


def _named(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record's fields by lower names, without what stands for no value."""
    fields = flat(record).items()
    return {name.lower().lstrip("$"): value for name, value in fields if value not in ("-", "")}


@dataclass(frozen=True, slots=True)
class Shape:
    """What records with the same names are: the server, and the names of each part, best first."""

    kind: str | None
    targets: tuple[str, ...]
    statuses: tuple[str, ...]
    methods: tuple[str, ...]
    queries: tuple[str, ...]
    hosts: tuple[str, ...]
    versions: tuple[str, ...]


@lru_cache(1024)
def shape_of(names: tuple[str, ...]) -> Shape:
    """The shape of records with these names; one that is no request has no kind."""
    wanted = (_TARGETS, _STATUSES, _METHODS, _QUERIES, _HOSTS, _VERSIONS)
    parts = [tuple(name for name in each if name in names) for each in wanted]
    known = parts[1] and not set(_CLIENTS).isdisjoint(names)
    return Shape(_kind(frozenset(names)) if known else _status_kind(names), *parts)


def _status_kind(names: tuple[str, ...]) -> str | None:
    counts = any(name.startswith("connections.") for name in names)
    return "nginx_status" if counts and "nginx_version" in names else None


def _kind(names: frozenset[str]) -> str:
    if "request.uri" in names:
        return "caddy"
    if "downstreamstatus" in names:
        return "traefik"
    if not _HAPROXY.isdisjoint(names):
        return "haproxy"
    return "other" if _NGINX.isdisjoint(names) else "nginx"


def is_request(record: Mapping[str, Any]) -> bool:
    """Whether a record is a request, or nginx's status, beyond doubt."""
    shape = shape_of(tuple(record))
    target, status = _first(record, shape.targets) or "", _first(record, shape.statuses) or ""
    shaped = _PATH_LIKE.match(target) is not None and _STATUS_LIKE.fullmatch(status) is not None
    return shape.kind == "nginx_status" or (shape.kind is not None and shaped)


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of the names that has a text or number."""
    for name in names:
        value = record[name]
        if type(value) is str or type(value) is int or type(value) is float:
            written = text(value)
            if written is not None:
                return written
    return None


def request_columns(record: Mapping[str, Any], shape: Shape) -> dict[str, str | None]:
    """Method, target and its parts, whether they stand in one request line or in fields.

    The target may be absent: what a client sent was none, or it sent nothing.
    """
    target = _first(record, shape.targets)
    method, url, version = request_parts(target)
    if method is None:
        url = target
    query = _first(record, shape.queries)
    if url is not None and query is not None and "?" not in url:
        url = f"{url}?{query.removeprefix('?')}"
    own_host, path, own_query = target_parts(url)
    named = _first(record, shape.hosts)
    return {
        "method": method or _first(record, shape.methods),
        "url": url,
        "url_host": authority_parts(f"http://{named}")[0] if named is not None else own_host,
        "url_path": path,
        "url_query": own_query,
        "protocol_version": version or _version(_first(record, shape.versions)),
    }


def _version(written: str | None) -> str | None:
    if written is None:
        return None
    return f"HTTP/{written}" if written[:1].isdigit() else written
