"""Zeek's logs: takes lines of tab-separated values with their header, or of JSON, gives a row each.

Which log a record belongs to says the header's ``#path``, the record's ``_path``, else the file's
name or the fields that only one log has. Source: Zeek's ASCII and JSON log writers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row, Text
from vedette.logs.batches import arrow_array
from vedette.logs.columnar.fields import FieldLines, json_objects
from vedette.logs.columnar.records import Records, with_texts
from vedette.logs.columnar.spans import Places
from vedette.logs.columnar.texts import Values, listed
from vedette.logs.conversions import instant
from vedette.logs.json_documents import first_line_values
from vedette.logs.json_values import parse_json
from vedette.logs.lines import decoded, head_text
from vedette.logs.parts import Part
from vedette.logs.readers.field_lines import parse_field_lines
from vedette.logs.readers.json_lines import Wanted, many_parser
from vedette.logs.readers.json_records import JsonRecords, Rows
from vedette.logs.readers.lines import FEWEST, MANY_BYTES, LinesReader
from vedette.logs.records import RecordRows, flat
from vedette.logs.zeek import Header
from vedette.logs.zeek_names import dotted, in_seconds, many_dotted, many_seconds, scoped
from vedette.plan.types import TICKS_PER_SECOND, UNIX_EPOCH_TICKS

_HEADER = frozenset({
    "separator", "set_separator", "empty_field", "unset_field", "path", "open", "close", "fields",
    "types",
})  # fmt: skip
_FILE = re.compile(r"([A-Za-z][A-Za-z0-9]*(?:_[a-z]+)*)(?:[._ -].*)?", re.DOTALL)
_END = 2**31 - 1
_TICKS = TICKS_PER_SECOND // 10**6
_MAX_SECONDS = 10**10

_BY_FIELD = {
    "conn_state": "conn", "qtype_name": "dns", "rcode_name": "dns", "qclass_name": "dns",
    "mailfrom": "smtp", "rcptto": "smtp", "helo": "smtp", "last_reply": "smtp",
    "is_webmail": "smtp", "request_from": "sip", "request_to": "sip", "response_from": "sip",
    "response_to": "sip", "request_path": "sip", "response_path": "sip", "call_id": "sip",
    "sig_id": "signatures", "event_msg": "signatures", "sub_msg": "signatures",
    "request_body_len": "http", "response_body_len": "http", "resp_mime_types": "http",
    "orig_mime_types": "http", "resp_fuids": "http", "orig_fuids": "http", "info_code": "http",
    "next_protocol": "ssl", "cert_chain_fuids": "ssl", "cert_chain_fps": "ssl",
    "certificate.serial": "x509", "seen_bytes": "files", "note": "notice", "auth_attempts": "ssh",
    "hassh": "ssh", "kex_alg": "ssh", "request_type": "kerberos", "server_nb_computer_name": "ntlm",
    "share_type": "smb_mapping", "named_pipe": "dce_rpc", "security_protocol": "rdp",
    "seen.indicator": "intel", "assigned_addr": "dhcp", "msg_types": "dhcp", "reply_code": "ftp",
    "tunnel_type": "tunnel",
}  # fmt: skip
"""Fields that one log alone has, for records that name neither their log nor lie in its file.

The first that a record has tells: SIP's has lengths of bodies as HTTP's, signatures' a note.
"""
_DOUBTFUL = 60
_OWN = frozenset({"uid", "fuid", "certificate.serial", "actions", "suppress_for"})
"""Of records without a connection's ends, one of these beside them tells Zeek's from others."""


class ZeekReader(LinesReader):
    """Reads Zeek's logs in both forms."""

    name = "zeek"
    directive = b"#"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of Zeek's header, and of JSON records of connections that one of its logs has."""
        text = head_text(head)
        if text.startswith((b"#separator ", b"#fields\t", b"#path\t")):
            return 95
        sure = next((sure for one in first_line_values(text) if (sure := _sure_of(one))), 0)
        return _if_certain(sure, name)

    def parser(self, origin: Origin) -> PieceParser:
        """Many lines together, of either form."""
        rows = ZeekRows(origin)
        of_json = many_parser(rows.row, rows.many())

        def parse(piece: Piece) -> Parsed:
            if piece.open or len(piece.data) < MANY_BYTES or piece.data[:1] == b"{":
                return of_json(piece)
            for directive in piece.context.splitlines():
                rows.row(directive, 0, True)
            return parse_field_lines(piece, b"\t", rows)

        return parse


class _Records:
    """What tells a record of Zeek's, and makes rows of them, where they stand in documents."""

    name = "zeek"
    inside: frozenset[bytes] = frozenset()

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of what only Zeek writes."""
        return _sure_of(record)

    def rows(self, origin: Origin) -> _RowsInDocuments:
        """What makes rows of a source's records."""
        return _RowsInDocuments(ZeekRows(origin))


class _RowsInDocuments(Rows):
    """Makes rows of the records of one source's documents."""

    def __init__(self, rows: ZeekRows) -> None:
        self._rows = rows

    def row(
        self, record: dict[str, Any], raw: Text, offset: int, name: str
    ) -> tuple[Layout, Row] | str:
        """The row of a record, or why there is none."""
        return self._rows.of_record(record, raw, offset)

    def many(self) -> _ManyRecords:
        """What makes the same rows of many records."""
        return self._rows.many()


class ZeekRecords(JsonRecords):
    """Reads Zeek's records in arrays and other documents, as exports have them."""

    def __init__(self) -> None:
        """Read what Zeek's own writers give in lines."""
        super().__init__(_Records())

    def sniff(self, head: bytes, name: str) -> int:
        """As sure as of lines, a little less; of other records with a moment by the file's name."""
        return _if_certain(super().sniff(head, name), name)


ZEEK_READERS = (ZeekReader(), ZeekRecords())
"""The readers of Zeek's logs."""


def _if_certain(sure: int, name: str) -> int:
    """How sure it is; not at all where that is doubtful and the file's name is none of Zeek's."""
    return sure if sure > _DOUBTFUL or path_of(name) is not None else 0


def _sure_of(record: object) -> int:
    """How sure it is that a value of JSON is Zeek's; doubtful of any with a moment as Zeek's."""
    if not isinstance(record, dict) or "ts" not in record:
        return 0
    return 92 if _is_zeek(record) else _DOUBTFUL


def _is_zeek(record: Mapping[str, Any]) -> bool:
    if isinstance(record.get("_path"), str):
        return True
    nested = record.get("id")
    if "id.orig_h" in record or "id_orig_h" in record:
        return True
    if isinstance(nested, dict) and "orig_h" in nested:
        return True
    return _by_fields(record) is not None and not _OWN.isdisjoint(record)


class ZeekRows:
    """Makes rows of the lines of one source."""

    def __init__(self, origin: Origin) -> None:
        """Begin without a header: the file's first lines have it."""
        self._rows = RecordRows(ZeekReader.name, origin.lineage, origin.name)
        self._many = self._rows.many()
        self._named = path_of(origin.name)
        self._scoped = scoped(self._rows.fields)
        self._header = Header(scoped=self._scoped)

    def many(self) -> _ManyRecords:
        """What makes the same rows of many records of JSON."""
        return _ManyRecords(self._rows, self._named, self._scoped)

    def parts(self, lines: FieldLines, numbers: Places, before: int) -> tuple[list[Part], Places]:
        """The rows of regular lines under the present header, and the lines that are left."""
        header = self._header
        path = header.path or self._named
        if path is None or not path.isidentifier() or not header.is_usual:
            return [], numbers
        regular, columns = lines.regular(numbers, len(header.names))
        if len(regular) < FEWEST:
            return [], numbers
        try:
            read = header.many(columns)
        except TypeError:  # a number over 64 bits
            return [], numbers
        paths = pa.repeat(path, len(regular))
        fields = {**{name: one.values for name, one in read.items()}, "_path": paths}
        members = {name: (one.written, one.is_quoted) for name, one in read.items()}
        data = json_objects({**members, "_path": (paths, True)})
        offsets = (lines.lines.starts[regular] + before).tolist()
        records = Records(header.names, fields, offsets, lines.texts(regular), data)
        made = self._many.parts(records, {"ended": _many_ended(records)})
        return made, np.setdiff1d(numbers, regular)

    def row(self, line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        """The row of a line, the reason why it is none, or None for a line of the header."""
        text = decoded(line).strip("\ufeff\r\n")
        if not text.strip():
            return None
        if text.startswith("#"):
            return self._directive(text)
        if text.startswith("{"):
            return self._json(line, offset)
        header = self._header
        if not header.columns:
            return "no line with #fields stands before it"
        record = header.record(text)
        if isinstance(record, str):
            return record
        path = header.path or self._named or _by_fields(record)
        if path is not None:
            record["_path"] = path
        return self._made(record, record, text, offset)

    def _directive(self, text: str) -> str | None:
        name = text[1:].split(self._header.separator, 1)[0].split(" ", 1)[0]
        if name not in _HEADER:
            return "not a line of Zeek's header"
        self._header = self._header.told(text)
        return None

    def _json(self, line: bytes, offset: int) -> tuple[Layout, Row] | str:
        parsed = parse_json(line)
        if isinstance(parsed, str):
            return parsed
        own, raw = parsed
        return self.of_record(own, raw, offset) if isinstance(own, dict) else "not a record of Zeek"

    def of_record(self, own: dict[str, Any], raw: Text, offset: int) -> tuple[Layout, Row] | str:
        """The row of a record of JSON, or why there is none."""
        if not self._scoped.keys().isdisjoint(own):
            own = dotted(own, self._scoped)
        record = flat(own) if dict in map(type, own.values()) else own
        began = record.get("ts")
        if (seconds := in_seconds(began)) is not began:
            record = {**record, "ts": seconds}
        path = own.get("_path")
        if not isinstance(path, str) or not path:
            path = self._named or _by_fields(record)
            if path is None and "ts" not in own:
                return "not a record of Zeek: it has no ts"
            if path is not None:
                own["_path"] = record["_path"] = path
        return self._made(record, own, raw, offset)

    def _made(
        self, record: dict[str, Any], own: Mapping[str, Any], raw: Text, offset: int
    ) -> tuple[Layout, Row]:
        if record.get("_path") == "conn":
            return self._rows.row(record, raw, offset, own=own, ended=_ended(record))
        return self._rows.row(record, raw, offset, own=own)


class _ManyRecords:
    """Makes parts of tables of many records of JSON."""

    def __init__(self, rows: RecordRows, named: str | None, scoped: Mapping[str, str]) -> None:
        own = frozenset({"_path", "ts", "duration", *scoped})
        self.wanted = Wanted(rows.fields | _BY_FIELD.keys() | own, looked_at=own)
        self._many = rows.many()
        self._named = named
        self._scoped = scoped

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of records whose log is known; all others are left."""
        written = {name: self._scoped[name] for name in records.names if name in self._scoped}
        if written:
            if not set(written.values()).isdisjoint(records.names):
                return [], range(len(records))
            fit, nested = many_dotted(records, written)
            made, left = self._of_log(fit) if len(fit) else ([], ())
            rows = np.setdiff1d(np.arange(len(records)), nested)
            return made, [*nested.tolist(), *rows[list(left)].tolist()]
        return self._of_log(records)

    def _of_log(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        if "ts" in records.fields:
            began = many_seconds(records.fields["ts"])
            records = records.with_fields({**records.fields, "ts": began})
        if "_path" not in records.names:
            path = self._named or _by_fields(dict.fromkeys(records.names))
            if path is None:
                return [], range(len(records))
            records = _of_path(records, path)
        fit, left = with_texts(records, ("_path",))
        if not len(fit):
            return [], left
        return self._many.parts(fit, {"ended": _many_ended(fit)}), left


def _of_path(records: Records, path: str) -> Records:
    """Records that do not say themselves of which log they are."""
    said = f'"_path":{orjson.dumps(path).decode()}}}'
    own = arrow_array(records.own, pa.string())
    longer = pc.binary_replace_slice(own, -1, _END, "," + said)
    own = pc.if_else(pc.equal(own, "{}"), "{" + said, longer)
    fields = {**records.fields, "_path": pa.repeat(path, len(records))}
    return replace(records, fields=fields, own=own)


def _many_ended(records: Records) -> Values:
    """When connections ended; null for what is none."""
    nothing = pa.nulls(len(records))
    began, lasted = (records.fields.get(name, nothing) for name in ("ts", "duration"))
    are_connections = pc.equal(records.fields["_path"], "conn")
    are_floats = all(isinstance(v, pa.Array) and v.type == pa.float64() for v in (began, lasted))
    if are_floats and pc.all(_is_within(began)).as_py():
        usual = _is_within(lasted)
        parts = pc.round(pc.multiply(pc.add(began, lasted), 1e6), round_mode="half_to_even")
        parts = pc.if_else(pc.and_(usual, are_connections), parts, None).cast(pa.int64())
        return pc.add(pc.multiply(parts, _TICKS), UNIX_EPOCH_TICKS)
    each = zip(listed(began), listed(lasted), are_connections.to_pylist(), strict=True)
    return pa.array(
        [_ended({"ts": b, "duration": d}) if is_one else None for b, d, is_one in each], pa.int64()
    )


def _is_within(seconds: pa.Array) -> pa.Array:
    return pc.and_(pc.greater_equal(seconds, 0), pc.less(seconds, _MAX_SECONDS))


def path_of(name: str) -> str | None:
    """The log that a file is named for, such as conn.2026-11-21.log.gz; None for another name."""
    match = _FILE.fullmatch(re.split(r"[/\\]", name)[-1])
    words = match[1].lower().split("_") if match is not None else []
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    return next((name for name in names if name in _PATHS), None)


_PATHS = frozenset({
    "analyzer", "capture_loss", "cluster", "conn", "dce_rpc", "dhcp", "dnp3", "dns", "dpd", "files",
    "ftp", "http", "intel", "irc", "kerberos", "known_certs", "known_hosts", "known_services",
    "ldap", "ldap_search", "modbus", "mqtt_connect", "mqtt_publish", "mqtt_subscribe", "mysql",
    "notice", "notice_alarm", "ntlm", "ntp", "ocsp", "packet_filter", "pe", "postgresql", "quic",
    "radius", "rdp", "redis", "reporter", "rfb", "signatures", "sip", "smb_cmd", "smb_files",
    "smb_mapping", "smtp", "snmp", "socks", "software", "ssh", "ssl", "stats", "syslog",
    "telemetry", "traceroute", "tunnel", "weird", "websocket", "x509",
})  # fmt: skip


def _by_fields(record: Mapping[str, Any]) -> str | None:
    return next((path for field, path in _BY_FIELD.items() if field in record), None)


def _ended(record: Mapping[str, Any]) -> int | None:
    """When a connection ended, to the microsecond."""
    lasted = record.get("duration")
    if not isinstance(lasted, (int, float)) or not 0 <= lasted < _MAX_SECONDS:
        return None
    began = record.get("ts")
    if type(began) is float and 0 <= began < _MAX_SECONDS:
        return UNIX_EPOCH_TICKS + round((began + lasted) * 10**6) * _TICKS
    started = instant(began)
    return None if started is None else started + round(lasted * 10**6) * _TICKS
