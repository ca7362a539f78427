"""Access logs in JSON: each server's names, request lines and fields, what is no JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.conversions import stamp
from vedette.logs.formats import reader_of
from vedette.logs.readers.web_json import WebJsonReader
from vedette.logs.sources import Source, open_sources
from vedette.logs.times import iso_ticks

ROWS: list[tuple[str, int, dict[str, Any]]] = [
    ("nginx.json", 0, {
        "time": iso_ticks("2026-11-21T09:00:00Z"), "source_ip": "203.0.113.9", "user": "ann",
        "method": "GET", "url": "/a.php?b=1&c=%20", "protocol_version": "HTTP/2.0", "status": 200,
        "bytes_sent": 512, "bytes_received": 300, "duration_milliseconds": 123,
        "url_host": "www.example.org", "forwarded_for": "198.51.100.1, 198.51.100.2",
        "user_agent": 'Mozilla/5.0 (X11) "odd"', "log_source_type": "NGINX HTTP Server",
        "observer": "server",
    }),
    ("nginx.json", 1, {
        "time": iso_ticks("2026-11-21T10:00:01Z"), "method": "POST", "url_query": "next=/",
        "protocol_version": "HTTP/1.1", "status": 302, "user": None, "user_agent": None,
    }),
    ("nginx.json", 2, {
        "url": '/café?q="x\\', "status": 404, "duration_milliseconds": None,
        "user_agent": "a, b:-, \x1b[31m",
    }),
    ("nginx.json", 3, {"method": None, "url": "\x16\x03\x01", "status": 400}),
    ("caddy.json", 0, {
        "source_ip": "198.51.100.9", "source_port": 41342, "url_path": "/x",
        "url_host": "www.example.org", "user_agent": "curl/7.82.0", "bytes_sent": 10900,
        "duration_milliseconds": 1, "device_product": "Caddy",
        "content_type": "text/html; charset=utf-8",
    }),
    ("traefik.json", 0, {
        "time": iso_ticks("2026-11-21T10:00:00.1234567Z"), "source_ip": "203.0.113.9",
        "url": "/a?b", "method": "GET", "status": 404, "duration_milliseconds": 1,
        "user_agent": "curl/8", "user": None, "device_product": "Traefik",
    }),
    ("apache.json", 0, {
        "time": iso_ticks("2026-11-21T10:00:00Z"), "method": "GET", "url": "/a?b=1",
        "url_path": "/a", "user_agent": "curl/8", "referrer": None,
        "log_source_type": "Universal DSM",
    }),
    ("status.json", 0, {
        "time": iso_ticks("2026-11-21T10:00:00.25Z"), "host": "192.0.2.80",
        "device_product": "NGINX Plus",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("name", "place", "expected"), ROWS)
def test_a_line(read_bytes: Any, name: str, place: int, expected: dict[str, Any]) -> None:
    read = read_bytes((SAMPLES / "web_json" / name).read_bytes(), name)
    assert (read.format, read.unreadable) == ("web_json", [])
    table, row = read.rows[place]
    assert table == ("device_event" if name == "status.json" else "web_event")
    assert {column: row.get(column) for column in expected} == expected


def test_the_record_is_kept_as_it_came(read_bytes: Any) -> None:
    data = (SAMPLES / "web_json/nginx.json").read_text(encoding="utf-8")
    read = read_bytes(data)
    assert read.columns("raw") == data.splitlines()
    own = [json.loads(text) for text in read.columns("event_data")]
    assert own[0] == json.loads(data.splitlines()[0])
    assert (own[2]["upstream_response_time"], own[2]["request"]) == (
        None, 'GET /café?q="x\\ HTTP/1.1',
    )  # fmt: skip


def test_other_lines_are_told(read_bytes: Any) -> None:
    good = '{"remote_addr":"192.0.2.1","request":"GET / HTTP/1.1","status":200}'
    lines = [good, "{}", "[]", '{"remote_addr":"192.0.2.1","status":', "{\\x", "text", good]
    read = read_bytes("\n".join(lines) + "\n")
    assert len(read.rows) == 2
    assert [u.sample.decode() for u in read.unreadable] == lines[1:-1]


@pytest.mark.parametrize("piece", ['\\"', "\\", '"', ":", ": ", ":-", "\\x", "{", " "])
def test_a_line_that_cannot_be_mended_is_told_in_time(read_bytes: Any, piece: str) -> None:
    good = '{"remote_addr":"192.0.2.1","request":"GET / HTTP/1.1","status":200}'
    read = read_bytes(good + '\n{"a":"' + piece * 200_000 + '\n{"a":' + piece * 200_000 + "\n")
    assert (len(read.rows), len(read.unreadable)) == (1, 2)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("1795255200", "2026-11-21T10:00:00Z"), (1795255200.25, "2026-11-21T10:00:00.25Z"),
        (1795255200250, "2026-11-21T10:00:00.25Z"),
        ("1795255200250123", "2026-11-21T10:00:00.250123Z"),
        (1795255200250123456, "2026-11-21T10:00:00.2501234Z"), ("2026-11-21T11:00:00+01:00",
         "2026-11-21T10:00:00Z"), ("[21/Nov/2026:10:00:00 +0000]", "2026-11-21T10:00:00Z"),
        ("soon", None), ("", None), ("1" * 60, None), (True, None), ([1], None),
    ],
)  # fmt: skip
def test_moments(written: Any, time: str | None) -> None:
    assert stamp(written) == (iso_ticks(time) if time else None)


@pytest.mark.parametrize(
    "line",
    [
        '{"ip":"192.0.2.1","status":"failed","path":"/a"}', '{"status":200,"url":"/a"}',
        '{"client":"a","response":"yes","request":"please"}', "[1]", "{", "",
        '{"userIdentity":{},"sourceIPAddress":"192.0.2.1","eventName":"x"}',
    ],
)  # fmt: skip
def test_others_are_left_alone(line: str) -> None:
    assert WebJsonReader().sniff(line.encode() + b"\n", "a.json") == 0


@pytest.mark.shared("data")
def test_the_status_of_a_server_is_kept(shared: Path) -> None:
    (source,) = open_sources(shared / "data/nginx-access-json.log.gz")
    assert isinstance(source, Source)
    reader = reader_of(source)
    assert reader is not None
    assert reader.name == "web_json"


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("www.example.org:8443", "www.example.org"), ("[2001:db8::1]:443", "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)  # fmt: skip
def test_a_host_has_no_port(read_bytes: Any, written: str, host: str) -> None:
    record = {"remote_addr": "192.0.2.1", "uri": "/", "status": 200, "http_host": written}
    line = json.dumps(record) + "\n"
    assert {row["url_host"] for _, row in read_bytes(line * 500).rows} == {host}
    assert read_bytes(line).row()["url_host"] == host


def test_a_log_whose_lines_end_in_commas_grows_as_one_of_lines(read_bytes: Any) -> None:
    line = b'{"msec":"1795255200.1","client_ip":"192.0.2.7","uri":"/%d","status":200},\n'
    log = b"".join(line % n for n in range(300))
    whole = read_bytes(log)
    assert (whole.format, whole.reasons, len(whole.rows)) == ("web_json", [], 300)
    tail = read_bytes(log, start=len(line % 0))
    assert tail.rows == whole.rows[1:]
    assert whole.columns("raw")[0].endswith("}")
