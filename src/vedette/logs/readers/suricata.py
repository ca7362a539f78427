"""Suricata's EVE log: takes JSON, gives a row an event.

Source: Suricata's documentation of the EVE JSON output; names of DNS in its versions 1, 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout, Origin, Row, Text
from vedette.logs.columnar.records import Records, values_of, with_texts
from vedette.logs.columnar.spans import as_mask
from vedette.logs.columnar.texts import Values, listed
from vedette.logs.conversions import address, port, text
from vedette.logs.parts import Part
from vedette.logs.readers.json_lines import Wanted
from vedette.logs.readers.json_records import JsonLines, JsonRecords, Rows
from vedette.logs.records import RecordRows, flat

_ANSWERS = frozenset({"answer", "response"})
_DNS_PORT = 53
_SENT = frozenset({"alert", "fileinfo"})
_SENT_BY = "sent by"
_ENDS = (
    "direction", "src_ip", "src_port", "dest_ip", "dest_port", "flow.src_ip", "flow.src_port",
    "flow.pkts_toserver", "flow.pkts_toclient",
)  # fmt: skip
_DIRECTIONS = {"to_server": "client", "to_client": "server"}


class _Events:
    """What tells an event of EVE, and makes rows of them."""

    name = "suricata"
    inside: frozenset[bytes] = frozenset()

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of an object with an event type, a timestamp, and a flow or what has none."""
        return 92 if _is_event(record) else 0

    def rows(self, origin: Origin) -> _EventRows:
        """What makes rows of a source's events."""
        return _EventRows(RecordRows(self.name, origin.lineage, origin.name))


class _EventRows(Rows):
    """Makes rows of one source's events."""

    def __init__(self, rows: RecordRows) -> None:
        self._rows = rows

    def row(
        self, record: dict[str, Any], raw: Text, offset: int, name: str = ""
    ) -> tuple[Layout, Row] | str:
        """The row of an event, or why there is none."""
        kind = record.get("event_type")
        if not isinstance(kind, str):
            return "not an event of Suricata: it has no event_type"
        columns = dns_columns(record) if kind == "dns" else {}
        fields = flat(record)
        fields[_SENT_BY] = sent_by(*map(fields.get, _ENDS)) if kind in _SENT else None
        return self._rows.row(fields, raw, offset, own=record, **columns)

    def many(self) -> _ManyEvents:
        """What makes the same rows of many events."""
        return _ManyEvents(self._rows)


SURICATA_READERS = (JsonLines(_Events()), JsonRecords(_Events()))
"""The readers of EVE: an event a line, and in arrays as exports have it."""


class _ManyEvents:
    """Makes parts of tables of many events."""

    def __init__(self, rows: RecordRows) -> None:
        self.wanted = Wanted(rows.fields - {_SENT_BY} | {"event_type", *_ENDS})
        self._many = rows.many()

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of events; what is none is left."""
        fit, left = with_texts(records, ("event_type",))
        if not len(fit):
            return [], left
        found = fit.with_fields({**fit.fields, **_many_sent_by(fit)})
        return self._many.parts(found, _many_dns_columns(fit)), left


def _many_dns_columns(records: Records) -> dict[str, Values]:
    """What is asked and answered; null in events of other kinds."""
    is_dns = as_mask(pc.equal(records.fields["event_type"], "dns"))
    if not is_dns.any():
        return {}
    pairs = zip(listed(records.own), is_dns.tolist(), strict=True)
    found = [dns_columns(orjson.loads(own)) if is_one else {} for own, is_one in pairs]
    names = dict.fromkeys(name for columns in found for name in columns)
    return {name: [columns.get(name) for columns in found] for name in names}


def _many_sent_by(records: Records) -> dict[str, Values]:
    """Who sent what alerts and files are about, if that is known of any."""
    kinds = records.fields["event_type"]
    if not pc.any(pc.is_in(kinds, pa.array(sorted(_SENT)))).as_py():
        return {}
    nothing = pa.nulls(len(records))
    ends = zip(*(listed(records.fields.get(name, nothing)) for name in _ENDS), strict=True)
    each = zip(listed(kinds), ends, strict=True)
    found = values_of([sent_by(*of_one) if kind in _SENT else None for kind, of_one in each])
    return {} if found is None else {_SENT_BY: found}


def sent_by(
    direction: Any,
    source: Any,
    port: Any,
    destination: Any,
    to_port: Any,
    client: Any,
    of: Any,
    of_client: Any,
    of_server: Any,
) -> str | None:
    """Whether a packet is the flow's client's or server's, by its ends and the client's.

    None where nothing tells: where both have sent packets, in versions before 7.

    Source: Suricata's documentation of EVE's alerts: the flow has the ends of its first packet.
    """
    if source == destination:  # of one machine
        source, destination, client = port, to_port, of
    if client is not None and source != destination and client in (source, destination):
        return "client" if client == source else "server"
    if isinstance(direction, str) and direction in _DIRECTIONS:
        return _DIRECTIONS[direction]
    are_known = type(of_client) is type(of_server) is int
    if are_known and 0 in (of_client, of_server) and of_client != of_server:  # one sent all
        return "server" if of_client == 0 else "client"
    return None


def _is_event(record: Any) -> bool:
    if not isinstance(record, dict) or "timestamp" not in record:
        return False
    kind = record.get("event_type")
    if not isinstance(kind, str):
        return False
    return not {"flow_id", "src_ip"}.isdisjoint(record) or isinstance(record.get(kind), dict)


def dns_columns(event: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked and answered, in any version's layout; the source is who asked.

    Older versions write an answer's own addresses: where it comes from port 53, they are turned.
    """
    dns = event.get("dns")
    if not isinstance(dns, dict):
        return {}
    answers = list(_answers(dns))
    asked = next((q for q in _objects(dns.get("queries")) if "rrname" in q), dns)
    columns: dict[str, Any] = {
        "query_name": _text(asked.get("rrname")),
        "query_type": _text(asked.get("rrtype")),
        "query_results": ", ".join(dict.fromkeys(answers)) or None,
    }
    from_port, to_port = port(event.get("src_port")), port(event.get("dest_port"))
    if _text(dns.get("type")) in _ANSWERS and from_port == _DNS_PORT != to_port:
        source, destination = _address(event.get("dest_ip")), _address(event.get("src_ip"))
        columns |= {"source_ip": source, "source_port": to_port}
        columns |= {"destination_ip": destination, "destination_port": from_port}
    return columns


def _answers(dns: Mapping[str, Any]) -> Iterator[str]:
    """The data of answers: one beside the name (version 1), in a list, or grouped by type."""
    found = [_text(dns.get("rdata"))]
    found += [_text(answer.get("rdata")) for answer in _objects(dns.get("answers"))]
    grouped = dns.get("grouped")
    if isinstance(grouped, dict):
        for values in grouped.values():
            found += [_text(value) for value in (values if isinstance(values, list) else [values])]
    yield from (one for one in found if one is not None)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; version 1 and 3 write a single one in some places."""
    values = value if isinstance(value, list) else [value]
    yield from (one for one in values if isinstance(one, dict))


def _address(value: Any) -> str | None:
    return None if value is None else address(value)


def _text(value: Any) -> str | None:
    return None if value is None else text(value)
