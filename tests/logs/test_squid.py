"""Squid's logs: the native form with what administrators append, and the combined one."""

from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.readers.squid import SquidReader
from vedette.logs.times import iso_ticks

ROWS: list[dict[str, Any]] = [
    {
        "time": iso_ticks("2026-11-21T10:00:00.123Z"), "source_ip": "192.0.2.10", "user": "ann",
        "user_domain": "EXAMPLE", "method": "GET", "url_host": "files.example.net",
        "url": "http://files.example.net:8080/get/tool.exe?x=1", "url_path": "/get/tool.exe",
        "url_query": "x=1", "destination_ip": "198.51.100.7", "destination_port": 8080,
        "status": 200, "bytes_sent": 5120, "duration_milliseconds": 310, "observer": "proxy",
        "device_action": "TCP_MISS", "content_type": "application/octet-stream",
    },
    {
        "method": "CONNECT", "url_host": "bad.example.net", "destination_port": 443,
        "url_path": None, "destination_ip": None, "device_action": "TCP_DENIED", "status": 403,
    },
    {"destination_ip": "2001:db8::7", "url_host": "[2001:db8::7]", "content_type": None},
    {"url": "error:invalid-request", "url_host": None, "duration_milliseconds": None},
    {"url": "http://www.example.org/a b c", "user": None, "user_agent": "curl/8 (x86)",
     "destination_ip": None},
    {"user": "ann", "url_query": "q", "user_agent": None},
]  # fmt: skip


def test_native_lines(read_bytes: Any) -> None:
    read = read_bytes((SAMPLES / "squid/native.log").read_bytes(), "access.log")
    assert (read.format, read.unreadable, len(read.rows)) == ("squid", [], len(ROWS))
    for (table, row), expected in zip(read.rows, ROWS, strict=True):
        assert (table, row["log_source_type"]) == ("web_event", "Squid Web Proxy")
        assert {name: row.get(name) for name in expected} == expected


def test_combined_lines(read_bytes: Any) -> None:
    read = read_bytes((SAMPLES / "squid/combined.log").read_bytes(), "access.log")
    assert (read.format, read.unreadable) == ("squid", [])
    assert read.columns("log_format") == ["squid", "squid"]
    assert read.columns("device_action") == ["TCP_MISS", "TCP_DENIED"]
    assert read.columns("url_host") == ["www.example.org", "mail.example.net"]
    assert read.columns("url_path") == ["/a", None]
    assert read.columns("destination_port") == [8080, 443]
    assert read.columns("user_agent") == ["curl/8", "Mozilla/5.0 (X11)"]
    assert read.columns("observer") == ["proxy", "proxy"]


def test_common_lines(read_bytes: Any) -> None:
    read = read_bytes((SAMPLES / "squid/common.log").read_bytes(), "access.log")
    assert (read.format, read.unreadable) == ("squid", [])
    assert read.columns("device_action") == ["TCP_TUNNEL", "TCP_MISS", "TCP_DENIED"]
    assert read.columns("destination_host") == ["x.example", "www.example.org", "mail.example.com"]
    assert read.columns("destination_port") == [443, None, 993]
    assert read.columns("source_ip") == ["192.0.2.10", "192.0.2.11", "client.example.org"]
    assert read.columns("source_port") == [None, 54321, None]
    assert read.columns("user") == ["ann", None, "b[b"]
    assert read.columns("user_agent") == [None, None, None]
    assert None not in read.columns("time")


@pytest.mark.parametrize("count", [1, 300])
def test_a_peers_address_has_the_spelling_of_all(count: int, read_bytes: Any) -> None:
    line = "1795255205.003 20 192.0.2.14 TCP_MISS/200 10 GET http://a/ - HIER_DIRECT/{} text/html\n"
    read = read_bytes(line.format("2001:DB8:0:0:0:0:0:1") * count)
    assert set(read.columns("destination_ip")) == {"2001:db8::1"}
    read = read_bytes(line.format("::ffff:192.0.2.1") * count)
    assert set(read.columns("destination_ip")) == {"192.0.2.1"}


def test_other_lines_are_told(read_bytes: Any) -> None:
    good = "1795255205.003 20 192.0.2.14 TCP_HIT/200 10 GET http://a/ - HIER_NONE/- text/html"
    lines = [good, good.replace("HIER_NONE/-", "-"), "nonsense", good.replace("20 ", "x "), good]
    read = read_bytes("\n".join(lines) + "\n")
    assert len(read.rows) == 2
    assert [u.sample.decode() for u in read.unreadable] == lines[1:4]


@pytest.mark.parametrize(
    "text",
    [
        '192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n',
        '192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-" a:b\n',
        '<3>Nov 1 10:00:00 a b: 192.0.2.1 - - [1795255200] "GET / HTTP/1.1" 200 5 A_B:HIER_NONE\n',
        "1795255205.003 20 192.0.2.14 TCP_HIT 200\n", "",
    ],
)  # fmt: skip
def test_others_are_left_alone(text: str) -> None:
    assert SquidReader().sniff(text.encode(), "access.log") == 0


def test_blanks_without_end_are_read_in_time() -> None:
    line = b"1795255205.003 20 192.0.2.14 TCP_HIT/200 10 GET " + b" " * 200_000
    assert SquidReader().sniff(line + b"\n", "access.log") == 92
