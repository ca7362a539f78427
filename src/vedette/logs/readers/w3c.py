"""W3C extended logs: takes lines under ``#Fields``, gives a row each: of IIS, proxies, firewalls.

Which product wrote them say ``#Software`` and the fields. Source: W3C's working draft of the
extended log file format; IIS, ProxySG, CloudFront, TMG and Windows Firewall on their fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row
from vedette.logs.columnar.fields import FieldLines, json_objects
from vedette.logs.columnar.iso_times import usual_iso
from vedette.logs.columnar.records import Records
from vedette.logs.columnar.requests import hosts, target_columns
from vedette.logs.columnar.spans import Places, named
from vedette.logs.columnar.texts import Values
from vedette.logs.lines import decoded, head_text
from vedette.logs.parts import Part
from vedette.logs.readers.field_lines import parse_field_lines
from vedette.logs.readers.lines import FEWEST, MANY_BYTES, LinesReader, parse_lines
from vedette.logs.records import RecordRows
from vedette.logs.times import access_ticks, epoch_ticks, iso_ticks
from vedette.logs.web import host_part, target_parts
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

_DIRECTIVE = re.compile(r"#([A-Za-z][A-Za-z-]*(?: [A-Za-z]+)?):[ \t]*(.*)", re.DOTALL)
_FIELDS = re.compile(rb"^#Fields:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_VALUE = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"|(\S+)')
_WRITTEN_OUT = re.compile(r"(\d\d?)-([A-Za-z]{3})-(\d{4}) (\d\d:\d\d:\d\d)")
_EARLIER = 3600 * TICKS_PER_SECOND

_BY_SOFTWARE = (
    ("iis", ("internet information services", "iis advanced logging")),
    ("http_sys", ("microsoft http",)),
    ("bluecoat", ("sgos", "blue coat", "bluecoat", "proxysg")),
    ("tmg", ("internet security and acceleration", "threat management gateway", "forefront")),
    ("windows_firewall", ("windows firewall", "internet connection firewall")),
)  # fmt: skip
_BY_FIELDS = (
    ("cloudfront", ("x-edge-location",)), ("windows_firewall", ("tcpflags", "src-ip")),
    ("http_sys", ("s-queuename",)), ("iis", ("sc-win32-status",)), ("iis", ("s-sitename",)),
    ("bluecoat", ("sc-filter-result",)), ("bluecoat", ("s-action", "cs-uri-scheme")),
    ("tmg", ("s-object-source",)), ("tmg", ("ip protocol", "source network")),
)  # fmt: skip
_FORWARDED = frozenset({"cs-x-forwarded-for", "x-forwarded-for"})
_PLUS = frozenset({"cs-user-agent", "cs-cookie", "cs-username"}) | _FORWARDED
"""Where IIS wrote a plus for each blank; a target has no blanks, so its plus is its own."""
_ENCODED = frozenset({"cs-user-agent", "cs-referer", "cs-cookie"}) | _FORWARDED
_HOSTS = ("x-host-header", "cs-host", "r-host")
"""Where a port may stand behind the host, which a client chooses."""
_WHOLE = ("cs-uri", "c-uri", "cs-url")
_MOMENTS = (
    "x-timestamp-unix",
    "x-timestamp",
    "timestamp",
    "gmttime",
    "localtime",
    "beginrequest-utc",
)


class W3cReader(LinesReader):
    """Reads W3C extended logs."""

    name = "w3c"
    directive = b"#"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of lines of a header of which one names fields, unless commas part these."""
        text = head_text(head).lstrip(b"\r\n\0")
        found = _FIELDS.search(text)
        if found is None or (b"," in found[1] and len(found[1].split()) == 1):
            return 0
        before = text[: found.start()].split(b"\n")
        return 93 if all(line[:1] == b"#" for line in before if line.strip()) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """Many lines together."""
        return W3cRows(origin).parse


@dataclass(frozen=True, slots=True)
class Header:
    """What the directives so far say: the fields' names, and what mappings call each."""

    software: str = ""
    own: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    day: int | None = None
    clock: int = 0
    kind: str = "other"

    def told(self, name: str, value: str) -> Header:
        """The header with one more directive."""
        match name.lower():
            case "software":
                return replace(self, software=value.lower())._sorted()
            case "fields":
                parts = value.split("\t") if "\t" in value else value.split()
                own = tuple(part.strip() for part in parts if part.strip())
                called = {name: canonical(name) for name in own}
                return replace(self, own=own, called=called)._sorted()
            case "date" | "start-date":
                ticks = _header_moment(value)
                if ticks is not None:
                    clock = ticks % TICKS_PER_DAY
                    return replace(self, day=ticks - clock, clock=clock)
        return self

    def _sorted(self) -> Header:
        """The header with the product that writes so."""
        said = (kind for kind, words in _BY_SOFTWARE if any(w in self.software for w in words))
        names = frozenset(self.called.values())
        shown = (kind for kind, needed in _BY_FIELDS if names.issuperset(needed))
        return replace(self, kind=next(said, None) or next(shown, "other"))

    def values(self, line: str) -> list[str] | str:
        """A line's values, or why they do not go with the fields."""
        count = len(self.own)
        quoted = '"' in line and self.kind not in ("iis", "cloudfront")
        values = _quoted(line) if quoted else []
        for separator in ("\t", " "):
            if len(values) != count and separator in line:
                values = line.split(separator)
                if len(values) == count + 1 and not values[-1].strip():
                    values.pop()
        if len(values) != count and '"' in line and not quoted:
            values = _quoted(line)
        if len(values) != count:
            values = line.split()
        if len(values) == count:
            return values
        return f"has {len(values):,} values; the header names {count:,} fields"


def _quoted(line: str) -> list[str]:
    if "\t" in line:
        return [v[1:-1].replace('""', '"') if _is_quoted(v) else v for v in line.split("\t")]
    found = _VALUE.finditer(line)
    return [m[2] if m[1] is None else m[1].replace('""', '"') for m in found]


def _is_quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] == '"'


def canonical(name: str) -> str:
    """A field's name as mappings write it: cs(User-Agent) is cs-user-agent."""
    return name.lower().replace("(", "-").replace(")", "")


class W3cRows:
    """Makes rows of the lines of one source."""

    def __init__(self, origin: Origin) -> None:
        """Begin without a header: the file's first lines have it."""
        self._rows = RecordRows(W3cReader.name, origin.lineage, origin.name)
        self._many = self._rows.many()
        self._header = Header()

    def parse(self, piece: Piece) -> Parsed:
        """What the lines of a piece hold."""
        if piece.open or len(piece.data) < MANY_BYTES:
            return parse_lines(piece, self.row)
        for directive in piece.context.splitlines():
            self.row(directive, 0, True)
        return parse_field_lines(piece, b" ", self)

    def parts(self, lines: FieldLines, numbers: Places, before: int) -> tuple[list[Part], Places]:
        """The rows of regular lines under the present header, and the lines that are left."""
        header = self._header
        names = tuple(header.called.values())
        if header.kind not in _REGULAR or len(set(names)) < len(header.own):
            return [], numbers
        regular, columns = lines.regular(numbers, len(header.own))
        if len(regular) < FEWEST:
            return [], numbers
        own = {name: named(one) for name, one in zip(header.own, columns, strict=True)}
        fields = {header.called[name]: one for name, one in own.items()}
        there = {name: one for name, one in fields.items() if one.null_count < len(one)}
        _many_bare_hosts(there)
        made = _columns(there, header, len(regular))
        if made is None:
            return [], numbers
        _decode_many(there, header.kind)
        there["kind"] = pa.repeat(header.kind, len(regular))
        offsets = (lines.lines.starts[regular] + before).tolist()
        data = json_objects({name: (texts, True) for name, texts in own.items()})
        records = Records(names, there, offsets, lines.texts(regular), data)
        return self._many.parts(records, made), np.setdiff1d(numbers, regular)

    def row(self, line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        """The row of a line, the reason why it is none, or None for a directive."""
        # IIS takes space ahead: after a crash, nulls are left.
        text = decoded(line).strip("\ufeff\r\n\0")
        if not text.strip():
            return None
        if text.startswith("#"):
            directive = _DIRECTIVE.fullmatch(text)
            if directive is None:
                return "a line behind # that is no directive"
            self._header = self._header.told(directive[1], directive[2])
            return None
        header = self._header
        if not header.own:
            return "no line with #Fields stands before it"
        values = header.values(text)
        if isinstance(values, str):
            return values
        pairs = zip(header.own, values, strict=True)
        own = {name: value for name, value in pairs if value != "-" and value}
        record = dict(zip(map(header.called.__getitem__, own), own.values(), strict=True))
        _decode(record, header.kind)
        record["kind"] = _kind(record, header.kind)
        columns: dict[str, Any] = {"time": _time(record, header)}
        if header.kind != "windows_firewall":
            site = next((record[name] for name in _HOSTS if name in record), None)
            _bare_hosts(record)
            columns |= _target(record, site)
        return self._rows.row(record, text, offset, own=own, **columns)


_REGULAR = frozenset({"iis", "http_sys", "bluecoat", "other"})
"""The products whose lines may be read together."""

_ALONE = frozenset({"s-sitename", "x-session", "cs-uri-scheme"})
"""Fields of which a line may be something else, or its target in many parts."""


def _columns(
    fields: Mapping[str, pa.Array], header: Header, count: int
) -> dict[str, Values] | None:
    """Time and target of many lines; None where they are to be worked out one by one."""
    if not {"date", "time"} <= fields.keys() or not _ALONE.isdisjoint(fields):
        return None
    clocks = pc.binary_join_element_wise(fields["date"], fields["time"], " ")
    time = usual_iso(clocks)
    if time is None or time.null_count:
        return None
    host = _first(fields, _HOSTS, count)
    stem = _first(fields, ("cs-uri-stem", "cs-uri-path"), count)
    query = _first(fields, ("cs-uri-query",), count)
    query = pc.replace_substring_regex(query, r"\A\?", "")
    whole = _first(fields, _WHOLE, count)
    asked = pc.coalesce(pc.binary_join_element_wise(stem, query, "?"), stem)
    own_host, path, own_query = target_columns(url := pc.coalesce(whole, asked))
    return {
        "time": time,
        "url": url,
        "url_host": pc.coalesce(host, own_host),
        "url_path": path,
        "url_query": pc.coalesce(query, own_query),
    }


def _first(fields: Mapping[str, pa.Array], names: Sequence[str], count: int) -> pa.Array:
    found = [fields[name] for name in names if name in fields]
    return pc.coalesce(*found) if found else pa.nulls(count, pa.string())


def _bare_hosts(record: dict[str, str]) -> None:
    """Leave out the ports behind hosts."""
    for name in _HOSTS:
        if name in record:
            host = host_part(record.pop(name))
            if host is not None:
                record[name] = host


def _many_bare_hosts(fields: dict[str, pa.Array]) -> None:
    for name in _HOSTS:
        if name in fields:
            written = fields.pop(name)
            bare = hosts(written)
            if bare.null_count < len(bare):
                fields[name] = bare


def _decode_many(fields: dict[str, pa.Array], kind: str) -> None:
    for name in _PLUS & fields.keys() if kind == "iis" else ():
        fields[name] = pc.replace_substring(fields[name], "+", " ")


def _decode(record: dict[str, str], kind: str) -> None:
    if kind == "iis":
        for name in _PLUS:
            if name in record and "+" in record[name]:
                record[name] = record[name].replace("+", " ")
    elif kind == "cloudfront":
        for name in _ENCODED:
            if name in record and "%" in record[name]:
                once = unquote(record[name])
                # Logs of earlier years have the text encoded twice.
                record[name] = unquote(once) if "%25" in record[name] else once


def _kind(record: Mapping[str, str], kind: str) -> str:
    """IIS logs its FTP and SMTP services in the same form; TMG its firewall."""
    if kind == "iis":
        site = record.get("s-sitename", "").lower()
        if site.startswith("smtpsvc"):
            return "smtp"
        return "ftp" if "ftpsvc" in site or "x-session" in record else kind
    return "tmg_firewall" if kind == "tmg" and "ip protocol" in record else kind


def _time(record: Mapping[str, str], header: Header) -> int | None:
    """The moment; where lines have no date, it is the header's day, or the one behind it."""
    clock = record.get("time")
    if clock is not None:
        if "date" in record:
            date = record["date"]  # some write 2026.11.21 or 2026/11/21
            return iso_ticks(f"{date.replace('.', '-').replace('/', '-')} {clock}")
        since = iso_ticks(f"0001-01-01 {clock}")
        if header.day is None or since is None:
            return None
        # A line an hour before the header's own time was written behind midnight.
        later = TICKS_PER_DAY if since < header.clock - _EARLIER else 0
        return header.day + later + since
    for name in _MOMENTS:
        written = record.get(name)
        if written is not None:
            bare = written.strip("[]").removesuffix(" GMT").removesuffix(" UTC")
            ticks = epoch_ticks(bare, 1)
            return next((t for t in (ticks, access_ticks(bare), iso_ticks(bare)) if t), None)
    return None


def _header_moment(value: str) -> int | None:
    written = _WRITTEN_OUT.fullmatch(value.strip())
    if written is None:
        return iso_ticks(value)
    day, month, year, clock = written.groups()
    return access_ticks(f"{day}/{month}/{year}:{clock}")


def _target(record: Mapping[str, str], site: str | None) -> dict[str, str | None]:
    """What was asked for of a *site* as written, from however many fields it stands in."""
    host = next((record[name] for name in _HOSTS if name in record), None)
    stem = record.get("cs-uri-stem") or record.get("cs-uri-path")
    query = record.get("cs-uri-query")
    if query is not None:
        query = query.removeprefix("?")
    whole = next((record[name] for name in _WHOLE if name in record), None)
    if whole is None and stem is not None:
        whole = stem if query is None else f"{stem}?{query}"
        if "cs-uri-scheme" in record and host is not None and stem.startswith("/"):
            if "cs-uri-port" in record:
                site = f"{host}:{record['cs-uri-port']}"
            whole = f"{record['cs-uri-scheme']}://{site}{whole}"
    own_host, path, own_query = target_parts(whole)
    return {
        "url": whole,
        "url_host": host or own_host,
        "url_path": path,
        "url_query": query if query is not None else own_query,
    }
