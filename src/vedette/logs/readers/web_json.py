"""Web servers' access logs as JSON: takes an object a line, gives a row a request.

Servers name the fields as their administrators wrote them: an object is a request where it has a
client, a target and a status under names that are in use. What nginx writes with escape=default, or
for a variable without value, is no JSON; it is mended before it is read.
Source: nginx's log_format, Caddy's and Traefik's documentation of their access logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout, Origin, PieceParser, Row, Text
from vedette.logs.columnar.records import Records
from vedette.logs.columnar.requests import each, first, hosts, requests, target_columns
from vedette.logs.columnar.spans import Mask, Places, as_mask, null_where
from vedette.logs.columnar.texts import Values
from vedette.logs.conversions import text
from vedette.logs.json_documents import opens_array
from vedette.logs.json_values import parse_json
from vedette.logs.lines import decoded, head_text
from vedette.logs.parts import Part, over
from vedette.logs.readers.json_lines import Wanted, many_parser
from vedette.logs.readers.json_records import JsonRecords, Rows
from vedette.logs.readers.lines import Line, LinesReader
from vedette.logs.records import RecordRows, flat
from vedette.logs.web import host_part, request_parts, target_parts

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
_NOTHING = ("-", "")
_NOT_A_REQUEST = "not a request: it has no client and status under names that are known"


class WebJsonReader(LinesReader):
    """Reads access logs in JSON."""

    name = "web_json"

    def sniff(self, head: bytes, name: str) -> int:
        """Fairly sure where one of the first lines is a request, or nginx's status."""
        text = head_text(head).lstrip()
        if opens_array(text.partition(b"\n")[0].rstrip()):
            return 0
        lines = [line for line in text.split(b"\n")[:20] if line.lstrip()[:1] == b"{"]
        parsed = [one[0] for one in map(_parsed, lines) if not isinstance(one, str)]
        return 84 if any(isinstance(r, dict) and is_request(_named(r)) for r in parsed) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """Many lines together."""
        rows = RecordRows(self.name, origin.lineage, origin.name)
        return many_parser(_line_parser(rows), _ManyRequests(rows))


def _line_parser(rows: RecordRows) -> Line:
    """A row a line."""

    def parse(line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        if not line.strip():
            return None
        parsed = _parsed(line)
        if isinstance(parsed, str):
            return parsed
        own, raw = parsed
        return row_of(own, raw, offset) if isinstance(own, dict) else _NOT_A_REQUEST

    row_of = _RequestRows(rows).row
    return parse


class _RequestRows(Rows):
    """Makes rows of one source's records."""

    def __init__(self, rows: RecordRows) -> None:
        self._rows = rows

    def row(
        self, own: dict[str, Any], raw: Text, offset: int, name: str = ""
    ) -> tuple[Layout, Row] | str:
        """The row of a record, or why there is none."""
        record = _named(own)
        shape = shape_of(tuple(record))
        if shape.kind is None:
            return _NOT_A_REQUEST
        is_status = shape.kind == "nginx_status"
        columns: dict[str, Any] = {} if is_status else dict(request_columns(record, shape))
        record["kind"] = shape.kind
        return self._rows.row(record, raw, offset, own=own, **columns)

    def many(self) -> _ManyRequests:
        """What makes the same rows of many records."""
        return _ManyRequests(self._rows)


class _Requests:
    """What tells a request, and makes rows of them, where they stand in documents."""

    name = "web_json"
    inside: frozenset[bytes] = frozenset()

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Fairly sure of a request, or nginx's status."""
        return 84 if is_request(_named(record)) else 0

    def rows(self, origin: Origin) -> _RequestRows:
        """What makes rows of a source's records."""
        return _RequestRows(RecordRows(self.name, origin.lineage, origin.name))


def _parsed(line: bytes) -> tuple[Any, Text] | str:
    """The value of a line, mended where it is no JSON; its text is the line as it stands.

    A log whose lines end in commas grows like any other: they are no document.
    """
    parsed = parse_json(line)
    if isinstance(parsed, str) and (record := line.rstrip()).endswith(b"},"):
        line = record[:-1]
        parsed = parse_json(line)
    if isinstance(parsed, str) and (mended := _MENDED.sub(_mend, line)) != line:
        again = parse_json(mended)
        if not isinstance(again, str):
            return again[0], decoded(line).strip()
    return parsed


WEB_JSON_READERS = (WebJsonReader(), JsonRecords(_Requests(), _parsed))
"""The readers of access logs in JSON: a request a line, and in arrays as exports have them."""


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
    return {_name(name): value for name, value in fields if value not in _NOTHING}


def _name(written: str) -> str:
    """A name as it counts; nginx's own has a dollar sign."""
    return written.lower().lstrip("$")


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
    url = _with_query(url, _first(record, shape.queries))
    own_host, path, own_query = target_parts(url)
    named = _first(record, shape.hosts)
    return {
        "method": method or _first(record, shape.methods),
        "url": url,
        "url_host": host_part(named) if named is not None else own_host,
        "url_path": path,
        "url_query": own_query,
        "protocol_version": version or _version(_first(record, shape.versions)),
    }


def _version(written: str | None) -> str | None:
    if written is None:
        return None
    return f"HTTP/{written}" if written[:1].isdigit() else written


_DECIDING = (
    frozenset({*_CLIENTS, *_STATUSES, "request.uri", "downstreamstatus"}) | _NGINX | _HAPROXY
)
"""The names that decide whether a record is a request, and of which server."""
_PARTS = frozenset({*_TARGETS, *_METHODS, *_QUERIES, *_HOSTS, *_VERSIONS})


class _ManyRequests:
    """Makes parts of tables of many requests."""

    def __init__(self, rows: RecordRows) -> None:
        self.wanted = Wanted(rows.fields | _DECIDING | _PARTS, _name)
        self._many = rows.many()

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of requests; what is none is left."""
        nothing = {name: _is_nothing(values) for name, values in records.fields.items()}
        named = records.with_fields(
            {name: _without(values, nothing[name]) for name, values in records.fields.items()}
        )
        found: list[Part] = []
        left: list[int] = []
        for kind, rows in _kinds(records, nothing):
            if kind is None:
                left += rows.tolist()
            else:
                those = named if len(rows) == len(records) else named.taken(rows)
                found += self._of_kind(kind, those)
        return found, left

    def _of_kind(self, kind: str, records: Records) -> list[Part]:
        columns = _many_columns(records.fields, shape_of(records.names), len(records))
        fields = {**records.fields, "kind": pa.repeat(kind, len(records))}
        return self._many.parts(records.with_fields(fields), columns)


def _is_nothing(values: Values) -> Mask:
    """Which values stand for none."""
    if isinstance(values, list):
        return np.array([value in _NOTHING for value in values])
    if not pa.types.is_string(values.type):
        return np.zeros(len(values), bool)
    return as_mask(pc.is_in(values, pa.array(_NOTHING)))


def _without(values: Values, nothing: Mask) -> Values:
    if isinstance(values, list):
        return [None if is_one else v for v, is_one in zip(values, nothing.tolist(), strict=True)]
    return null_where(values, nothing)


def _kinds(records: Records, nothing: Mapping[str, Mask]) -> Iterator[tuple[str | None, Places]]:
    """Whose requests records are, each with their places; None for those that are left."""
    mixed = [name for name in records.names if name in _DECIDING and nothing.get(name, _NO).any()]
    codes = np.zeros(len(records), np.int64)
    for name in mixed:
        codes = np.unique(codes * 2 + nothing[name], return_inverse=True)[1]
    rows_of: dict[str | None, list[Places]] = {}
    for code in range(int(codes.max()) + 1):
        rows = np.flatnonzero(codes == code)
        lacks = {name for name in mixed if nothing[name][rows[0]]}
        kind = shape_of(tuple(name for name in records.names if name not in lacks)).kind
        rows_of.setdefault(None if kind == "nginx_status" else kind, []).append(rows)
    for kind, parts in rows_of.items():
        yield kind, np.sort(np.concatenate(parts))


_NO = np.zeros(0, bool)


def _many_columns(fields: Mapping[str, Values], shape: Shape, count: int) -> dict[str, Values]:
    """What ``request_columns`` gives, for many."""
    target, query, named, own, other = (
        first(fields, names, count)
        for names in (shape.targets, shape.queries, shape.hosts, shape.methods, shape.versions)
    )
    method, url, version = requests(target)
    url = pc.if_else(method.is_valid(), url, target)
    if query.null_count < count:
        url = _with_queries(url, query)
    host, path, query = target_columns(url)
    return {
        "method": over(method, own),
        "url": url,
        "url_host": pc.if_else(named.is_valid(), hosts(named), host),
        "url_path": path,
        "url_query": query,
        "protocol_version": over(version, each(other, _version)),
    }


def _with_queries(urls: pa.Array, queries: pa.Array) -> pa.Array:
    """Targets with the queries that stand beside them."""
    pairs = zip(urls.to_pylist(), queries.to_pylist(), strict=True)
    return pa.array([_with_query(url, query) for url, query in pairs], pa.string())


def _with_query(url: str | None, query: str | None) -> str | None:
    if url is None or query is None or "?" in url:
        return url
    return f"{url}?{query.removeprefix('?')}"
