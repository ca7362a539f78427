"""Squid's access.log: takes lines of the native, common and combined forms, gives a row each.

Source: Squid's documentation of its log formats, and of its result and hierarchy codes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.access_log import FRONT, QUOTED, client_parts
from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row
from vedette.logs.columnar.fields import FieldLines, json_objects
from vedette.logs.columnar.records import Records
from vedette.logs.columnar.requests import authorities, each, target_columns
from vedette.logs.columnar.spans import Places, as_mask, named
from vedette.logs.columnar.texts import Values
from vedette.logs.conversions import address
from vedette.logs.lines import decoded, head_text
from vedette.logs.parts import Part
from vedette.logs.readers.field_lines import parse_field_lines
from vedette.logs.readers.lines import FEWEST, MANY_BYTES, LinesReader, parse_lines
from vedette.logs.records import RecordRows
from vedette.logs.web import authority_parts, request_parts, target_parts

_FRONT = re.compile(
    r" *(?P<time>\d{8,11}\.\d{1,6}) +(?P<elapsed>-?\d+) (?P<client>\S+) "
    r"(?P<code>[A-Z][A-Z0-9_]*)/(?P<status>\d{3}) (?P<bytes>\d+|-) (?P<method>\S+) (?P<rest>.+)",
    re.DOTALL,
)
_PEER = re.compile(r"([A-Z][A-Z0-9_]*)/(\S+)")
_COMBINED = re.compile(
    FRONT + r" (?P<status>\d{3}) (?P<bytes>\d{1,18}|-) "
    + "(?:" + QUOTED.replace("(", "(?P<referrer>", 1) + '" '
    + QUOTED.replace("(", "(?P<agent>", 1) + '" )?'
    + r"(?P<code>[A-Z]+_[A-Z_]+|NONE):(?P<hierarchy>[A-Z][A-Z0-9_]*)(?: (?P<more>.*))?",
    re.DOTALL | re.ASCII,
)  # fmt: skip
_AGENT = re.compile(r"User-Agent: (.*?)(?:%0d%0a|\\r\\n|\]|$)", re.IGNORECASE)
_NOT_SQUID = "not a line of Squid's access.log"


class SquidReader(LinesReader):
    """Reads Squid's logs of requests."""

    name = "squid"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where most of the first lines are Squid's: native, or with its codes at the end."""
        lines = [line for line in head_text(head).split(b"\n")[:20] if line.strip()]
        if len(lines) > 1 and not head.endswith(b"\n"):
            lines.pop()
        read = sum(_is_squid(decoded(line)) for line in lines)
        return 92 if lines and read * 2 >= len(lines) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """Many lines together."""
        rows = SquidRows(origin)

        def parse(piece: Piece) -> Parsed:
            if piece.open or len(piece.data) < MANY_BYTES:
                return parse_lines(piece, rows.row)
            return parse_field_lines(piece, b" ", rows, padded=True)

        return parse


def _is_squid(line: str) -> bool:
    return _FRONT.match(line) is not None or _COMBINED.fullmatch(line.rstrip("\r")) is not None


class SquidRows:
    """Makes rows of the lines of one source."""

    def __init__(self, origin: Origin) -> None:
        """Every row says which file it came from."""
        self._rows = RecordRows(SquidReader.name, origin.lineage, origin.name)
        self._many = self._rows.many()

    def parts(self, lines: FieldLines, numbers: Places, before: int) -> tuple[list[Part], Places]:
        """The rows of lines in the native form without more behind it, and those that are left."""
        regular, columns = lines.regular(numbers, len(_NATIVE))
        if not len(regular):
            return [], numbers
        found = dict(zip(_NATIVE, columns, strict=True))
        found["time"] = pc.ascii_rtrim(found["time"], " ")
        good = np.ones(len(regular), bool)
        for name, form in _FORMS:
            good &= as_mask(pc.match_substring_regex(found[name], form))
        regular = regular[good]
        if len(regular) < FEWEST:
            return [], numbers
        if not good.all():
            found = {name: column.filter(pa.array(good)) for name, column in found.items()}
        for name in ("code/status", "hierarchy/peer"):
            first, _, second = name.partition("/")
            parts = pc.extract_regex(found.pop(name), f"(?s)^(?P<{first}>[^/]+)/(?P<{second}>.+)$")
            found |= {first: parts.field(0), second: parts.field(1)}
        own = {name: named(found[name]) for name in _OWN}
        data = json_objects({name: (texts, True) for name, texts in own.items()})
        fields = {name: texts for name, texts in own.items() if texts.null_count < len(texts)}
        offsets = (lines.lines.starts[regular] + before).tolist()
        made = _columns(own)
        if "user" in fields:
            fields["user"] = each(fields["user"], unquote)
        records = Records(tuple(_OWN), fields, offsets, lines.texts(regular), data)
        return self._many.parts(records, made), np.setdiff1d(numbers, regular)

    def row(self, line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        """The row of a line, the reason why it is none, or None for an empty line."""
        text = decoded(line).strip("\ufeff\r")
        if not text.strip():
            return None
        front = _FRONT.fullmatch(text)
        if front is None:
            return self._combined(text, offset)
        words = front["rest"].split(" ")
        # An address may hold blanks: the peer is the first of its shape behind it and the user.
        places = (i for i, word in enumerate(words) if i > 1 and _PEER.fullmatch(word))
        place = next(places, None)
        if place is None:
            return _NOT_SQUID
        own = {name: front[name] for name in ("time", "elapsed", "client", "code", "status")}
        own |= {"bytes": front["bytes"], "method": front["method"]}
        own["url"] = " ".join(words[: place - 1])
        own["user"] = words[place - 1]
        own["hierarchy"], _, own["peer"] = words[place].partition("/")
        own["type"] = words[place + 1] if len(words) > place + 1 else "-"
        if len(words) > place + 2:
            own["more"] = " ".join(words[place + 2 :])
        return self._made(own, text, offset)

    def _combined(self, text: str, offset: int) -> tuple[Layout, Row] | str:
        found = _COMBINED.fullmatch(text)
        if found is None:
            return _NOT_SQUID
        own = {name: value or "-" for name, value in found.groupdict().items()}
        own.pop("identity")
        method, url, version = request_parts(own.pop("request"))
        own |= {"method": method or "-", "url": url or "-", "version": version or "-"}
        client, number, behind = client_parts(own["client"])
        return self._made(
            own, text, offset, source_ip=client, source_port=number, forwarded_for=behind
        )

    def _made(
        self, written: dict[str, str], text: str, offset: int, **columns: Any
    ) -> tuple[Layout, Row]:
        own = {name: value for name, value in written.items() if value not in ("-", "")}
        url = own.get("url")
        host, port = authority_parts(url) if url is not None else (None, None)
        path, query = target_parts(url)[1:]
        sent = _AGENT.search(own.get("more", ""))
        peer = own.get("peer", "")
        is_origin = "DIRECT" in own.get("hierarchy", "")
        record = own | {"user": unquote(own["user"])} if "user" in own else own
        return self._rows.row(
            record,
            text,
            offset,
            own=own,
            url_host=host,
            url_path=path,
            url_query=query,
            destination_host=host,
            destination_port=port,
            destination_ip=_ip(peer) if is_origin else None,
            user_agent=unquote(sent[1]) if sent is not None else own.get("agent"),
            **columns,
        )


_NATIVE = (
    "time", "elapsed", "client", "code/status", "bytes", "method", "url", "user", "hierarchy/peer",
    "type",
)  # fmt: skip
_OWN = (
    "time", "elapsed", "client", "code", "status", "bytes", "method", "url", "user", "hierarchy",
    "peer", "type",
)  # fmt: skip
_FORMS = (
    ("time", r"\A[0-9]{8,11}\.[0-9]{1,6}\z"), ("elapsed", r"\A-?[0-9]+\z"),
    ("client", r"\A[^ ]+\z"), ("code/status", r"\A[A-Z][A-Z0-9_]*/[0-9]{3}\z"),
    ("bytes", r"\A(?:[0-9]+|-)\z"), ("method", r"\A[^ ]+\z"), ("url", r"\A[^ ]+\z"),
    ("user", r"\A[^ ]+\z"), ("hierarchy/peer", r"\A[A-Z][A-Z0-9_]*/[^ ]+\z"),
    ("type", r"\A[^ ]*\z"),
)  # fmt: skip


def _columns(own: Mapping[str, pa.Array]) -> dict[str, Values]:
    """What ``_made`` works out, of many lines without more behind them."""
    host, port = authorities(own["url"])
    _, path, query = target_columns(own["url"])
    is_origin = pc.match_substring(own["hierarchy"], "DIRECT")
    origin = each(own["peer"], _ip)
    return {
        "url_host": host,
        "url_path": path,
        "url_query": query,
        "destination_host": host,
        "destination_port": port,
        "destination_ip": pc.if_else(is_origin.fill_null(False), origin, None),
    }


@lru_cache(4096)
def _ip(text: str) -> str | None:
    """An address as all columns have it; None for a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    return address(text)
