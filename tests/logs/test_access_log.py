"""Lines of web access logs, as servers write them and as attackers do."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from vedette.logs.readers.access_log import AccessRows
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
        '192.0.2.1 - - [99/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "unclosed',
    ]
    read = read_bytes("\n".join(lines) + "\n")
    assert read.unreadable == []
    assert read.columns("raw") == lines
    hosts = [None, "www.example.org", None, None, None, "a.example", None]
    assert read.columns("url_host") == hosts
    assert read.columns("destination_port") == [None, 8443, *[None] * 5]
    assert read.columns("method") == ["GET", "GET", "GET", None, None, "GET", "GET"]
    assert read.columns("url")[3:5] == [None, "\\x16\\x03\\x01"]
    assert read.columns("user")[3] == "frank doe"
    assert read.columns("client_identity")[3] == "ident"
    assert read.columns("bytes_sent")[3] is None
    assert read.columns("time")[6] is None
    assert read.columns("user_agent")[6] == "unclosed"


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
