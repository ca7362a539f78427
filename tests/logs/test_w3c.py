"""W3C extended logs: of each product a row, headers that change, values with blanks."""

import json
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.base import Origin
from vedette.logs.readers.w3c import W3cReader, W3cRows
from vedette.logs.times import iso_ticks


def sample(read_bytes: Any, name: str) -> Any:
    read = read_bytes((SAMPLES / "w3c" / name).read_bytes(), name)
    assert (read.format, read.unreadable) == ("w3c", [])
    return read


ROWS: list[tuple[str, int, str, dict[str, Any]]] = [
    ("u_ex261121.log", 0, "web_event", {
        "host": "WEB01", "user": "ann", "user_domain": "EXAMPLE", "url_path": "/owa/auth.owa",
        "url": "/owa/auth.owa?a=1+2&b=%20", "url_query": "a=1+2&b=%20", "destination_port": 443,
        "user_agent": 'Mozilla/5.0 (X11; "odd")', "referrer": "https://www.example.org/a+b",
        "bytes_sent": 5120, "bytes_received": 640, "duration_milliseconds": 31, "status": 200,
        "forwarded_for": "198.51.100.7", "observer": "server", "device_product": "IIS",
        "log_source_type": "Microsoft IIS", "time": iso_ticks("2026-11-21T09:59:58Z"),
    }),
    ("u_ex261121.log", 1, "web_event", {
        "url": "/a+b.aspx", "url_query": None, "user": None, "user_agent": None,
        "bytes_sent": None, "duration_milliseconds": 0, "source_ip": "2001:db8::9",
    }),
    ("u_ex261121.log", 2, "web_event", {"url": "/short", "host": None, "status": 304}),
    ("proxysg.log", 0, "web_event", {
        "url": "http://files.example.net:8080/get/tool.exe?x=1&y=%22", "observer": "proxy",
        "url_host": "files.example.net", "url_path": "/get/tool.exe", "url_query": "x=1&y=%22",
        "user_agent": 'Mozilla/5.0 (X11; Linux) "quoted"', "device_action": "OBSERVED",
        "event_name": "Technology/Internet;News", "application_protocol": "http",
        "log_source_type": "Blue Coat SG Appliance", "destination_port": 8080,
    }),
    ("proxysg.log", 1, "web_event", {
        "method": "CONNECT", "url_host": "bad.example.net", "device_action": "DENIED",
        "status": 403, "user_agent": "curl/8",
    }),
    ("cloudfront.log", 0, "web_event", {
        "user_agent": "Mozilla/5.0 (Linux)", "url": "/view/my/file.html?id=7",
        "url_host": "cdn.example.org", "duration_milliseconds": 4, "host": "FRA2",
        "log_source_type": "Amazon CloudFront",
    }),
    ("cloudfront.log", 1, "web_event", {
        "user_agent": "Mozilla/5.0 (Linux)", "duration_milliseconds": 1250,
        "forwarded_for": "198.51.100.1",
    }),
    ("tmg_web.log", 0, "web_event", {
        "url_host": "www.example.org", "url_path": "/a", "user_agent":
        "Mozilla/4.0 (compatible; MSIE 8.0)", "method": "GET", "observer": "proxy",
    }),
    ("tmg.log", 0, "network_event", {
        "source_ip": "192.0.2.10", "source_port": 50000, "destination_port": 3389,
        "device_action": "Denied", "protocol": "tcp", "user": "ann", "host": "GATE",
    }),
    ("tmg.log", 1, "network_event", {"source_ip": "2001:db8::1", "source_port": 53}),
    ("pfirewall.log", 0, "network_event", {
        "initiated": True, "local_ip": "192.0.2.10", "remote_port": 443, "protocol": "tcp",
        "device_action": "ALLOW", "process_id": 1234, "device_product": "Windows Firewall",
    }),
    ("pfirewall.log", 1, "network_event", {
        "initiated": False, "local_port": 137, "remote_ip": "203.0.113.9", "source_bytes": 78,
    }),
    ("pfirewall.log", 2, "network_event", {"initiated": None, "source_port": None}),
    ("httperr1.log", 0, "web_event", {
        "device_product": "HTTP.sys", "url": "/%c0%ae/../x", "event_name": "URL", "status": 400,
    }),
    ("httperr1.log", 1, "web_event", {"event_name": "Timer_ConnectionIdle", "url": None}),
    ("ftp.log", 0, "device_event", {"event_name": "STOR", "file_name": "a+b.zip", "user": "ann"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "place", "table", "expected"), ROWS)
def test_a_line(
    read_bytes: Any, name: str, place: int, table: str, expected: dict[str, Any]
) -> None:
    found, row = sample(read_bytes, name).rows[place]
    assert found == table
    assert {column: row.get(column) for column in expected} == expected


def test_the_record_has_its_own_names_and_texts(read_bytes: Any) -> None:
    row = sample(read_bytes, "u_ex261121.log").rows[0][1]
    own = json.loads(row["event_data"])
    assert own["cs(User-Agent)"] == 'Mozilla/5.0+(X11;+"odd")'
    assert (own["cs(Cookie)"], own["sc-substatus"]) == ("id=1;+x=2", "0")
    assert own["X-Forwarded-For"] == "198.51.100.7"


def test_a_day_that_only_the_header_has(read_bytes: Any) -> None:
    times = ["2026-11-21T23:49:59Z", "2026-11-21T23:59:59Z", "2026-11-22T00:00:03Z"]
    assert sample(read_bytes, "nodate.log").columns("time") == [iso_ticks(t) for t in times]


@pytest.mark.parametrize(
    ("header", "line", "time"),
    [
        ("#Date: 12-Jan-2026 00:00:00\n#Fields: time c-ip", "01:02:03 192.0.2.1",
         "2026-01-12T01:02:03Z"),
        ("#Fields: time c-ip", "01:02:03 192.0.2.1", None),
        ("#Date: never\n#Fields: time c-ip", "01:02:03 192.0.2.1", None),
        ("#Fields: x-timestamp-unix c-ip", "1763719200.5 192.0.2.1", "2025-11-21T10:00:00.5Z"),
        ("#Fields: localtime c-ip", '"[21/Nov/2026:10:00:00 +0100]" 192.0.2.1',
         "2026-11-21T09:00:00Z"),
        ("#Fields: date time c-ip", "2026-99-21 10:00:00 192.0.2.1", None),
        ("#Fields: date time c-ip", "2026.11.21 10:00:00 192.0.2.1", "2026-11-21T10:00:00Z"),
    ],
)  # fmt: skip
def test_other_clocks(read_bytes: Any, header: str, line: str, time: str | None) -> None:
    row = read_bytes(f"#Version: 1.0\n{header}\n{line}\n").row()
    assert row.get("time") == (iso_ticks(time) if time else None)
    assert row["source_ip"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("www.example.org:8443", "www.example.org"), ("www.example.org:", "www.example.org"),
        ("www.example.org", "www.example.org"), ("[2001:db8::1]:443", "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"), (":80", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["cs-host", "x-host-header", "cs(Host)"])
def test_a_host_has_no_port(read_bytes: Any, field: str, written: str, host: str | None) -> None:
    fields = f"date time c-ip cs-uri-stem {field} sc-win32-status"
    line = f"2026-11-21 10:00:00 192.0.2.1 /a {written} 0\n"
    for count in (1, 1000):
        row = read_bytes(f"#Fields: {fields}\n{line * count}").rows[0][1]
        assert (row.get("url_host"), row.get("destination_host")) == (host, host)
        assert json.loads(row["event_data"])[field] == written


def test_a_port_is_once_in_an_address(read_bytes: Any) -> None:
    fields = "date time cs-uri-scheme cs-host cs-uri-port cs-uri-path"
    text = f"#Software: SGOS\n#Fields: {fields}\n2026-11-21 10:00:00 http a.example:81 81 /b\n"
    assert read_bytes(text).row()["url"] == "http://a.example:81/b"
    text = text.replace(" cs-uri-port", "").replace(" 81 /b", " /b")
    assert read_bytes(text).row()["url"] == "http://a.example:81/b"


def test_lists_of_addresses_are_decoded(read_bytes: Any) -> None:
    line = "2026-11-21 10:00:00 203.0.113.9,+10.0.0.1 0\n"
    text = f"#Fields: date time X-Forwarded-For sc-win32-status\n{line}"
    assert read_bytes(text).row()["forwarded_for"] == "203.0.113.9, 10.0.0.1"
    cloud = text.replace("sc-win32-status", "x-edge-location").replace(",+", ",%20")
    assert read_bytes(cloud).row()["forwarded_for"] == "203.0.113.9, 10.0.0.1"


def test_what_is_no_record_is_told(read_bytes: Any) -> None:
    lines = [
        "#Fields: date time cs-uri-stem", "2026-11-21 10:00:00 /a",
        "2026-11-21 10:00:00", "2026-11-21 10:00:00 /a b", "#2026-11-21 10:00:00 /a",
        "#Remark: of nobody", "\0\0\0\0",
    ]  # fmt: skip
    read = read_bytes("#Version: 1.0\n" + "\r\n".join(lines) + "\r\n")
    assert read.columns("url") == ["/a"]
    told = [u.sample.decode().rstrip() for u in read.unreadable]
    assert told == lines[2:5]
    assert "has 2 values; the header names 3 fields" in read.reasons[0]
    early = W3cRows(Origin("a.log", "lineage")).row(b"2026-11-21 10:00:00 /a", 0, True)
    assert early == "no line with #Fields stands before it"


@pytest.mark.parametrize("piece", ['"', '""', '" ', '"" ', " ", "\t", 'a"', "\\x"])
def test_a_line_of_one_piece_is_told_in_time(read_bytes: Any, piece: str) -> None:
    text = (
        f"#Software: SGOS\n#Fields: date time cs-uri\n2026-11-21 10:00:00 /a\n{piece * 200_000}b\n"
    )
    read = read_bytes(text)
    assert read.columns("url")[0] == "/a"
    assert len(read.rows) + len(read.unreadable) == 2


def test_a_log_that_grew_keeps_its_header(read_bytes: Any) -> None:
    data = (SAMPLES / "w3c/u_ex261121.log").read_text(encoding="utf-8")
    second = data.index("2026-11-21 10:00:01")
    whole = read_bytes(data)
    tail = read_bytes(data, start=second)
    assert tail.rows == whole.rows[1:]


@pytest.mark.parametrize(
    "text",
    [
        "#Software: Microsoft Exchange Server\n#Fields: date-time,client-ip,server-ip\n1,2,3\n",
        "#separator \\x09\n#fields\tts\tuid\n", "# a comment\nx\n", "a\n#Fields: date time\n", "",
    ],
)  # fmt: skip
def test_others_are_left_alone(text: str) -> None:
    assert W3cReader().sniff(text.encode(), "a.log") == 0
