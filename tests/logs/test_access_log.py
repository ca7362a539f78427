"""Lines of web access logs, as servers write them and as attackers do."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.logs.readers.access_log import AccessLogReader, AccessRows
from vedette.logs.times import iso_ticks

COMMON = '203.0.113.9 - - [17/May/2015:10:05:03 +0200] "GET /contact?x=1&y=%20 HTTP/1.1" 200 512'
COMBINED = f'{COMMON} "https://www.example.org/" "Mozilla/5.0 (X11; \\"quoted\\")"'


def test_a_combined_line(read_bytes: Any) -> None:
    read = read_bytes(COMBINED + "\n", "access.log")
    row = read.row()
    assert row == {
        "event_id": "lineage-0",
        "time": iso_ticks("2015-05-17T08:05:03Z"),
        "log_format": "access_log",
        "log_source_type": "Apache HTTP Server",
        "log_file": row["log_file"],
        "log_offset": 0,
        "source_ip": "203.0.113.9",
        "method": "GET",
        "url": "/contact?x=1&y=%20",
        "url_path": "/contact",
        "url_query": "x=1&y=%20",
        "protocol_version": "HTTP/1.1",
        "status": 200,
        "bytes_sent": 512,
        "referrer": "https://www.example.org/",
        "user_agent": 'Mozilla/5.0 (X11; "quoted")',
        "raw": COMBINED,
        "observer": "server",
    }
    assert row["log_file"].endswith("access.log")


def test_what_else_a_line_may_hold(read_bytes: Any) -> None:
    lines = [
        COMMON,
        f"www.example.org:8443 {COMBINED}",
        COMBINED + ' "198.51.100.7" 0.123',
        '::1 ident frank doe [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-"',
        '192.0.2.1 - - [17/May/2015:10:05:03 +0000] "\\x16\\x03\\x01" 400 0 "-" "-"',
        '192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET http://a.example:80/p?q HTTP/1.0" 200 1',
        '192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET http://a@b@c.example/ HTTP/1.0" 200 1',
        '192.0.2.1 - - [99/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "unclosed',
    ]
    read = read_bytes("\n".join(lines) + "\n")
    assert read.unreadable == []
    assert read.columns("raw") == lines
    hosts = [None, "www.example.org", None, None, None, "a.example", "c.example", None]
    assert read.columns("url_host") == hosts
    assert read.columns("destination_port") == [None, 8443, *[None] * 6]
    assert read.columns("method") == ["GET", "GET", "GET", None, None, "GET", "GET", "GET"]
    assert read.columns("url")[3:5] == [None, "\\x16\\x03\\x01"]
    assert read.columns("user")[3] == "frank doe"
    assert read.columns("client_identity")[3] == "ident"
    assert read.columns("bytes_sent")[3] is None
    assert read.columns("time")[7] is None
    assert read.columns("user_agent")[7] == "unclosed"


REQUEST = '"GET /a HTTP/1.1" 200 612 "-" "curl/7.58.0"'
MOMENT = "[20/Nov/2024:10:00:00 +0000]"
REST = f"{MOMENT} {REQUEST}"
PARTS: list[tuple[str, dict[str, Any]]] = [
    # users: what stands in a name is no moment, and escapes are undone
    (f"203.0.113.9 - a[b {REST}", {"user": "a[b"}),
    (f"203.0.113.9 - a [ {REST}", {"user": "a ["}),
    (f"203.0.113.9 - [x] {REST}", {"user": "[x]"}),
    (f"203.0.113.9 - {MOMENT} {REST}", {"user": MOMENT}),
    (f'203.0.113.9 - {MOMENT} \\"GET {REST}', {"user": f'{MOMENT} "GET'}),
    (f'203.0.113.9 - "" {REST}', {}),
    (f'203.0.113.9 - a\\"b {REST}', {"user": 'a"b'}),
    (f"203.0.113.9 - EXAMPLE\\\\joe {REST}", {"user": "joe", "user_domain": "EXAMPLE"}),
    (f"203.0.113.9 - EXAMPLE\\x5Cjoe {REST}", {"user": "joe", "user_domain": "EXAMPLE"}),
    (f"203.0.113.9 - a\\x22b {REST}", {"user": 'a"b'}),
    (f"203.0.113.9 - m\\xC3\\xBCller {REST}", {"user": "müller"}),
    (f"203.0.113.9 - EXAMPLE\\\\m\\xc3\\xbcller {REST}", {
        "user": "müller", "user_domain": "EXAMPLE"}),
    (f"203.0.113.9 - CN=Ann,OU=IT\\, Ops,O=x {REST}", {"user": "CN=Ann,OU=IT\\, Ops,O=x"}),
    (f"203.0.113.9 - frank\\ {REST}", {"user": "frank\\"}),
    # clients
    (f"203.0.113.9, 10.0.0.1 - - {REST}", {"forwarded_for": "203.0.113.9, 10.0.0.1"}),
    (f"unknown,203.0.113.9:5 - - {REST}", {
        "source_port": 5, "forwarded_for": "unknown,203.0.113.9:5"}),
    (f"203.0.113.9:54321 - frank doe {REST}", {"source_port": 54321, "user": "frank doe"}),
    (f"[2001:db8::1]:443 - - {REST}", {"source_ip": "2001:db8::1", "source_port": 443}),
    (f"::ffff:203.0.113.9 - - {REST}", {}),
    (f"fe80::1%eth0 id bob {REST}", {
        "source_ip": "fe80::1%eth0", "client_identity": "id", "user": "bob"}),
    (f"unix: - - {REST}", {"source_ip": None}),
    (f"- - - {REST}", {"source_ip": None}),
    (f"web01 - ann {REST}", {"source_ip": "web01", "user": "ann"}),
    (f"web01 id ann {REST}", {"source_ip": "web01", "client_identity": "id", "user": "ann"}),
    (f"a.example.net - frank doe {REST}", {"source_ip": "a.example.net", "user": "frank doe"}),
    (f"a.example.net id ann {REST}", {
        "source_ip": "a.example.net", "client_identity": "id", "user": "ann"}),
    # virtual hosts
    (f"- 203.0.113.9 - - {REST}", {}),
    (f"www.example.org:8443 203.0.113.9 - frank doe {REST}", {
        "url_host": "www.example.org", "destination_port": 8443, "user": "frank doe"}),
    (f"www.example.org:99999 203.0.113.9 - [x {REST}", {
        "url_host": "www.example.org", "user": "[x"}),
    (f"www.example.org a.example.net - - {REST}", {
        "url_host": "www.example.org", "source_ip": "a.example.net"}),
    # forwarded for, behind the agent
    (f'203.0.113.9 - - {REST} "198.51.100.7"', {"forwarded_for": "198.51.100.7"}),
    (f'203.0.113.9 - - {REST} "198.51.100.7, 2001:db8::1, unknown" 0.1', {
        "forwarded_for": "198.51.100.7, 2001:db8::1, unknown"}),
    (f'203.0.113.9 - - {REST} "-"', {}),
    (f'203.0.113.9 - - {REST} "10.0.0.5:8080"', {}),
    (f'203.0.113.9 - - {REST} "www.example.org"', {}),
    # what a container's runtime writes
    (f"2024-11-20T10:00:00.123456789Z stdout F 203.0.113.9 - - {REST}", {}),
    (f"2024-11-20T11:00:00.1+01:00 203.0.113.9 - - {REST}", {}),
    # moments
    (f"203.0.113.9 - - [2024-11-20T11:00:00+01:00] {REQUEST}", {}),
    (f"203.0.113.9 - - [1732096800.000] {REQUEST}", {}),
    (f"203.0.113.9 - - [20/Nov/2024 10:00:00] {REQUEST}", {}),
]  # fmt: skip


def test_lines_may_begin_with_a_nul(read_bytes: Any) -> None:
    read = read_bytes(f"\x00203.0.113.9 - ann {REST}\n" * 3)
    assert (read.format, read.columns("user")) == ("access_log", ["ann"] * 3)


@pytest.mark.parametrize(("line", "parts"), PARTS)
def test_parts_of_a_line(read_bytes: Any, line: str, parts: dict[str, Any]) -> None:
    read = read_bytes(f"{line}\n")
    assert (read.format, read.row()["raw"]) == ("access_log", line)
    usual: dict[str, Any] = dict.fromkeys(_VARIED) | {"source_ip": "203.0.113.9"}
    usual |= {"time": iso_ticks("2024-11-20T10:00:00Z"), "user_agent": "curl/7.58.0"}
    assert {name: read.row().get(name) for name in usual} == usual | parts


_VARIED = (
    "host", "source_port", "destination_port", "user", "user_domain", "client_identity",
    "url_host", "forwarded_for",
)  # fmt: skip


@pytest.mark.parametrize(
    "before",
    [
        "<190>Nov 20 10:00:00 web01 nginx: ", "Nov 20 10:00:00 web01 nginx: ",
        "<190>1 2024-11-20T10:00:00Z web01 nginx - - - ", "2024-11-20T10:00:00Z web01 nginx: ",
        "2024-11-20 10:00:00 ", "10:00:00 ", "1732096800 ", "1732096800.123 ", "web01 nginx: ",
        "192.0.2.5 nginx: ", "192.0.2.5 Nov 20 10:00:00 web01 nginx: ", "web01 | ", "web01  | ",
        "192.0.2.5 <190>Nov 20 10:00:00 web01 nginx: ", "pod-a nginx ", "pod.example.org nginx ",
        "2024-11-20T10:00:00.1Z stdout P ", '192.0.2.5 - "198.51.100.7" - ',
    ],
)  # fmt: skip
def test_what_a_collector_writes_is_no_client(before: str) -> None:
    line = f"{before}203.0.113.9 - - {REST}".encode()
    assert AccessRows("lineage", "a.log").row(line, 0, True) == "not a line of an access log"
    assert AccessLogReader().sniff(line + b"\n" + line + b"\n", "access.log") == 0


def test_lines_of_squid_are_told() -> None:
    line = f"203.0.113.9 - - {REST} TCP_MISS:HIER_DIRECT".encode()
    assert AccessRows("lineage", "a.log").row(line, 0, True) == "a line of Squid's access.log"


@pytest.mark.parametrize("front", ["", "203.0.113.9 - ", "a.example 203.0.113.9 - ", "a.example "])
@pytest.mark.parametrize(
    "piece",
    [
        "[", "\\", '"', " ", "a", "1", "-", "a.", "a_", "a:", "- ", "::1, ", "192.0.2.1, ",
        f"{MOMENT} ", f'{MOMENT} ""', f'{MOMENT} \\""" "', f'{MOMENT} "a',
    ],
)  # fmt: skip
def test_a_line_of_one_piece_is_told_in_time(front: str, piece: str) -> None:
    line = front + piece * (100_000 // len(piece))
    assert isinstance(AccessRows("lineage", "a.log").row(line.encode(), 0, True), str | None)


def test_other_lines_are_told_with_their_place(read_bytes: Any) -> None:
    read = read_bytes(f"{COMBINED}\nnonsense\n\n{COMMON}\r\n")
    assert len(read.rows) == 2
    (piece,) = read.unreadable
    assert (piece.offset, piece.sample) == (len(COMBINED) + 1, b"nonsense")
    assert read.columns("raw")[1] == COMMON


def test_bytes_that_are_no_utf8_are_kept(read_bytes: Any) -> None:
    line = COMBINED.encode().replace(b"contact", b"caf\xe9")
    row = read_bytes(line + b"\n").row()
    assert row["url_path"] == "/café"
    assert row["raw"].encode("latin-1") == line


def test_markup_is_data(read_bytes: Any) -> None:
    line = COMBINED.replace("Mozilla/5.0", "<script>alert(1)</script>';--")
    assert read_bytes(line + "\n").row()["user_agent"].startswith("<script>alert(1)</script>';--")


@given(st.binary(max_size=300))
@example(b'a b c [17/May/2015:10:05:03 +0000] "' + b"\\" * 80)
@example(b'1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 999999999999999999999 "" ""')
def test_no_line_breaks_the_reading(line: bytes) -> None:
    rows = AccessRows("lineage", "a.log")
    for ended in (True, False):
        parsed = rows.row(line, 0, ended)
        assert parsed is None or isinstance(parsed, str | tuple)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\\\n\r'), max_size=60))
def test_a_user_agent_is_read_as_it_stands(agent: str) -> None:
    line = f'{COMMON} "-" "{agent}"'.encode()
    parsed = AccessRows("lineage", "a.log").row(line, 0, True)
    assert isinstance(parsed, tuple)
    layout, row = parsed
    assert row[layout.index["user_agent"]] == (None if agent in ("", "-") else agent)
