"""Suricata's EVE: an event of each type is a row of its table, DNS in every version's layout."""

import json
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.readers.suricata import SURICATA_READERS, dns_columns
from vedette.logs.times import iso_ticks

EVENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("alert", "device_event", {
        "action": "Alert", "device_class_id": "2400001", "event_name": 'ET HUNTING odd "agent"',
        "severity": "1", "device_action": "blocked", "source_bytes": 1500, "url": "/a.php?b=1",
    }),
    ("query", "dns_event", {"query_name": "www.example.org", "query_type": "A"}),
    ("version 1", "dns_event", {
        "query_name": "www.example.org", "query_results": "198.51.100.7",
        "response_code": "NOERROR", "source_ip": "192.0.2.10", "source_port": 40000,
        "destination_ip": "192.0.2.53", "destination_port": 53,
    }),
    ("version 2", "dns_event", {
        "query_results": "gone.example.org, 198.51.100.8", "response_code": "NXDOMAIN",
        "source_ip": "192.0.2.10",
    }),
    ("version 3", "dns_event", {"query_name": "v3.example.org", "query_type": "TXT"}),
    ("http", "web_event", {
        "method": "POST", "url": "/login?next=%2F", "url_path": "/login", "status": 302,
        "url_host": "www.example.org", "bytes_sent": 120, "observer": "sensor",
    }),
    ("flow", "network_event", {
        "started": iso_ticks("2026-11-21T09:59:00.000001Z"), "protocol": "tcp",
        "ended": iso_ticks("2026-11-21T09:59:30.5Z"), "application_protocol": "tls",
        "source_packets": 10, "destination_packets": 8, "source_bytes": 1500,
    }),
    ("netflow", "network_event", {"source_bytes": 180, "application_protocol": None}),
    ("tls", "device_event", {"destination_host": "www.example.org"}),
    ("fileinfo", "device_event", {"file_name": "tool.exe", "sha256": "ab" * 32}),
    ("smtp", "mail_event", {
        "sender_address": "pay@example.net", "recipient": "ann@example.org",
        "subject": "Invoice", "attachments": '[{"name":"invoice.zip"}]',
    }),
    ("ssh", "device_event", {"event_name": "OpenSSH_9", "application_protocol": "ssh"}),
    ("anomaly", "device_event", {"event_name": "decoder.ipv4.trunc_pkt", "protocol": "icmpv6"}),
    ("stats", "device_event", {"time": iso_ticks("2026-11-21T09:00:14Z"), "source_ip": None}),
    ("a type of its own", "device_event", {"device_class_id": "made_later"}),
]  # fmt: skip


def test_every_event_has_its_table(read_bytes: Any) -> None:
    data = (SAMPLES / "suricata/eve.json").read_bytes()
    read = read_bytes(data, "eve.json")
    assert (read.format, read.unreadable) == ("suricata", [])
    assert len(read.rows) == len(EVENTS)
    for (table, row), (what, expected_table, expected) in zip(read.rows, EVENTS, strict=True):
        assert (what, table) == (what, expected_table)
        assert (what, {name: row.get(name) for name in expected}) == (what, expected)
        assert row["log_source_type"] == "Suricata"
    lines = data.decode().splitlines()
    assert [json.loads(d) for d in read.columns("event_data")] == [json.loads(x) for x in lines]
    assert read.columns("raw") == lines


@pytest.mark.parametrize(
    ("dns", "name", "results"),
    [
        ({"rrname": "a", "rrtype": "A"}, "a", None),
        ({"queries": [{"rrname": "a"}, {"rrname": "b"}]}, "a", None),
        ({"queries": {"rrname": "a"}, "answers": {"rdata": "1"}}, "a", "1"),
        ({"rrname": "a", "answers": [{"rdata": "1"}, {"ttl": 1}, 7]}, "a", "1"),
        ({"rrname": "a", "grouped": {"A": ["1", "2"], "MX": [{"a": 1}]}}, "a", '1, 2, {"a":1}'),
        ({"rrname": "a", "grouped": "odd", "answers": "odd", "queries": "odd"}, "a", None),
        ({"rrname": "a", "rdata": "1", "answers": [{"rdata": "1"}]}, "a", "1"),
    ],
)
def test_layouts_of_dns(dns: dict[str, Any], name: str, results: str | None) -> None:
    columns = dns_columns({"dns": dns})
    assert (columns["query_name"], columns["query_results"]) == (name, results)


ENDS = {
    "src_ip": "198.51.100.34", "src_port": 80, "dest_ip": "192.0.2.5", "dest_port": 50000,
}  # fmt: skip
OPENED = {"src_ip": "192.0.2.5", "src_port": 50000}
BYTES = {"bytes_toserver": 489, "bytes_toclient": 1000489}


@pytest.mark.parametrize(
    ("kind", "more", "hosts", "sizes"),
    [
        ("alert", {"flow": {**BYTES, **OPENED}}, ("h", None), (1000489, 489)),
        ("alert", {"flow": BYTES, "direction": "to_client"}, ("h", None), (1000489, 489)),
        ("alert", {"flow": {**BYTES, "src_ip": "198.51.100.34"}}, (None, "h"), (489, 1000489)),
        ("alert", {"flow": BYTES, "direction": "to_server"}, (None, "h"), (489, 1000489)),
        ("alert", {"flow": BYTES}, (None, None), (None, None)),
        ("alert", {"flow": {**BYTES, "pkts_toserver": 5, "pkts_toclient": 900}},
         (None, None), (None, None)),
        ("alert", {"flow": {**BYTES, "pkts_toserver": 1, "pkts_toclient": 0}},
         (None, "h"), (489, 1000489)),
        ("alert", {"flow": {**BYTES, "pkts_toserver": 0, "pkts_toclient": 1}},
         ("h", None), (1000489, 489)),
        ("alert", {"flow": {**BYTES, "pkts_toserver": 0, "pkts_toclient": 0}},
         (None, None), (None, None)),
        ("fileinfo", {"flow": OPENED}, ("h", None), (None, None)),
        ("fileinfo", {"direction": "to_server"}, (None, "h"), (None, None)),
        ("fileinfo", {}, (None, None), (None, None)),
        ("alert", {"dest_ip": "198.51.100.34", "flow": {**BYTES, "src_ip": "198.51.100.34",
                   "src_port": 50000}}, ("h", None), (1000489, 489)),
    ],
)  # fmt: skip
def test_bytes_and_hosts_are_those_of_their_end(
    kind: str, more: dict[str, Any], hosts: Any, sizes: Any, read_bytes: Any
) -> None:
    event = {
        "timestamp": "2026-11-21T10:00:00+0000", "flow_id": 1, "event_type": kind, **ENDS,
        "http": {"hostname": "h", "url": "/a"}, "sent by": "server", **more,
    }  # fmt: skip
    row = read_bytes(json.dumps(event) + "\n", "eve.json").row()
    assert row["source_ip"] == "198.51.100.34"
    assert (row.get("source_host"), row.get("destination_host")) == hosts
    assert (row.get("source_bytes"), row.get("destination_bytes")) == sizes


def test_addresses_are_written_as_others_write_them(read_bytes: Any) -> None:
    full = "2001:0db8:0000:0000:0000:0000:0000:0001"
    event = {
        "timestamp": "2026-11-21T10:00:00+0000", "event_type": "flow", "src_ip": full,
        "dest_ip": "0000:0000:0000:0000:0000:ffff:c633:6407", "src_port": 9, "dest_port": 53,
    }  # fmt: skip
    answer = {**event, "event_type": "dns", "dns": {"type": "answer", "rrname": "a"}}
    answer |= {"src_port": 53, "dest_port": 9}
    read = read_bytes("".join(json.dumps(e) + "\n" for e in (event, answer)), "eve.json")
    assert read.columns("source_ip") == ["2001:db8::1", "198.51.100.7"]
    assert read.columns("destination_ip") == ["198.51.100.7", "2001:db8::1"]
    assert json.loads(read.columns("event_data")[0])["src_ip"] == full


def test_what_is_no_event_is_told(read_bytes: Any) -> None:
    good = '{"timestamp":"2026-11-21T10:00:00+0000","flow_id":1,"event_type":"dns","dns":5}'
    lines = [good, "[]", "{", '{"timestamp":"x"}', '{"event_type":5}', good]
    read = read_bytes("\n".join(lines) + "\n", "eve.json")
    assert len(read.rows) == 2
    assert [u.sample.decode() for u in read.unreadable] == lines[1:-1]


@pytest.mark.parametrize(
    "line",
    [
        '{"event_type":"alert"}', '{"timestamp":1,"event_type":"login","user":"a"}',
        '{"timestamp":1,"event_type":5,"src_ip":"192.0.2.1"}', "[1]", "{}", "",
    ],
)  # fmt: skip
def test_others_are_left_alone(line: str) -> None:
    assert SURICATA_READERS[0].sniff(line.encode() + b"\n", "eve.json") == 0
