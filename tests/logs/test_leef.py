"""LEEF 1.0 and 2.0: delimiters, moments by Java's patterns, what an event becomes."""

from typing import Any

import pytest

from vedette.logs.leef import LeefRecord, java_moment, read_leef
from vedette.logs.times import iso_ticks


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("LEEF:1.0|A|B|1|E|src=192.0.2.1\turl=http://x/?a=b\tcat=x", {"url": "http://x/?a=b"}),
        ("LEEF:1.0|A|B|1|E|a=1\tmsg=one\ttwo\tb=2", {"msg": "one\ttwo", "b": "2"}),
        ("LEEF:1.0|A|B|1|E|a=1#011b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|E|^|a=1^b=x y^c=", {"a": "1", "b": "x y", "c": ""}),
        ("LEEF:2.0|A|B|1|E|0x5E|a=1^b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|E|x7C|a=1|b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|E|\\t|a=1\tb=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|E||a=1\tb=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|E|a=1\tb=2|3", {"a": "1", "b": "2|3"}),
        ("LEEF:1.0|A|B|1|E|", {}),
        ("LEEF:1.0|A|B|1|E|a=1<009>b=2", {"a": "1", "b": "2"}),
        # Tabs that became blanks.
        (
            "LEEF:1.0|A|B|1|E|src=192.0.2.1 dst=::1 devTime=Nov 21 2026 10:00  usrName=Ann B",
            {
                "src": "192.0.2.1",
                "dst": "::1",
                "usrName": "Ann B",
                "devTime": "Nov 21 2026 10:00",
            },
        ),
        ("LEEF:1.0|A|B|1|E|msg=a user=b of it", {"msg": "a user=b of it"}),
        ("LEEF:1.0|A|B|1|E|msg=for b src=192.0.2.1", {"msg": "for b src=192.0.2.1"}),
        ("LEEF:2.0|A|B|1|E|x09|src=a dst=b", {"src": "a dst=b"}),
        ("LEEF:1.0|A|B|1|E|src=192.0.2.1 ", {"src": "192.0.2.1"}),
        ("LEEF:2.0|A|B|1|E|^|msg=a src=b^b=2", {"msg": "a src=b", "b": "2"}),
    ],
)
def test_attributes(message: str, fields: dict[str, str]) -> None:
    record = read_leef(message)
    assert isinstance(record, LeefRecord)
    assert record[:4] == ("A", "B", "1", "E")
    assert fields.items() <= record.fields.items()


def test_what_is_no_header_is_told() -> None:
    assert read_leef("LEEF:3.0|A|B|1|E|") == "no version 1 or 2 behind LEEF:"
    assert read_leef("LEEF:1.0|A|B") == "a LEEF header has five parts, with a pipe behind each"


@pytest.mark.parametrize(
    "attributes",
    [
        "src=192.0.2.1 dst=192.0.2.2 ours=x usrName=ann",
        "src=192.0.2.1 msg=denied dst=192.0.2.2 for src=192.0.2.3",
        "some words src=192.0.2.1 dst=192.0.2.2", "src=192.0.2.1 did it dst=192.0.2.2",
        "src=192.0.2.1 usrName=ann dst=192.0.2.2",
        "src=192.0.2.1 ours=x", "dst=192.0.2.1 (a host)",
    ],
)  # fmt: skip
def test_lost_tabs_that_cannot_be_told_are_refused(attributes: str) -> None:
    reason = "its tabs are lost, and where its attributes end cannot be told"
    assert read_leef(f"LEEF:1.0|A|B|1|E|{attributes}") == reason
    assert isinstance(read_leef(f"LEEF:2.0|A|B|1|E|^|{attributes}"), LeefRecord)


@pytest.mark.parametrize(
    ("text", "pattern", "iso"),
    [
        ("Nov 21 2026 10:00:00", "MMM dd yyyy HH:mm:ss", "2026-11-21T10:00:00Z"),
        ("2026-11-21T10:00:00.123+0100", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2026-11-21T09:00:00.123Z"),
        ("2026-11-21 10:00+01:00", "yyyy-MM-dd HH:mmXXX", "2026-11-21T09:00:00Z"),
        ("21/11/2026 03:05:06 PM", "dd/MM/yyyy hh:mm:ss a", "2026-11-21T15:05:06Z"),
        ("21/11/2026 12:05:06 am", "dd/MM/yyyy hh:mm:ss a", "2026-11-21T00:05:06Z"),
        ("Sat Nov 21 10:00:00 UTC 2026", "EEE MMM dd HH:mm:ss z yyyy", "2026-11-21T10:00:00Z"),
        ("1 November 2026", "d MMMM yyyy", "2026-11-01T00:00:00Z"),
        ("2026.11.21 o'clock", "yyyy.MM.dd 'o''clock'", "2026-11-21T00:00:00Z"),
        ("Nov 21 2026 10:00:00 GMT+00:00", "MMM dd yyyy HH:mm:ss z", "2026-11-21T10:00:00Z"),
        ("Nov 21 2026 10:00:00 GMT+1:30", "MMM dd yyyy HH:mm:ss zzz", "2026-11-21T08:30:00Z"),
        ("Nov 21 2026 10:00:00 -0500", "MMM dd yyyy HH:mm:ss z", "2026-11-21T15:00:00Z"),
        ("Nov 21 2026 10:00:00 GMT-05:00", "MMM dd yyyy HH:mm:ss Z", "2026-11-21T15:00:00Z"),
        ("November 1 2026 9:00:00 UTC", "MMM dd yyyy HH:mm:ss zzzz", "2026-11-01T09:00:00Z"),
        ("20261121100000", "yyyyMMddHHmmss", "2026-11-21T10:00:00Z"),
        ("2026112110000", "yyyyMMddHHmmss", None),
        ("Nov 21 2026 10:00:00 GMT+25:00", "MMM dd yyyy HH:mm:ss z", None),
        ("26-11-21", "yy-MM-dd", None),
        ("Sat Nov 21 10:00:00 CEST 2026", "EEE MMM dd HH:mm:ss z yyyy", None),
        ("2026-11-21 10:00:00.123456", "yyyy-MM-dd HH:mm:ss.SSSSSS", None),
        ("2026-11-21", "yyyy-MM-dd'", None),
        ("2026-47", "yyyy-ww", None),
        ("21 11", "dd MM", None),
        ("2026-11-21 03:00", "yyyy-MM-dd hh:mm", None),
        ("2026 2026-11-21", "yyyy yyyy-MM-dd", None),
        ("nonsense", "yyyy-MM-dd", None),
    ],
)
def test_moments_by_javas_patterns(text: str, pattern: str, iso: str | None) -> None:
    written = java_moment(text, pattern)
    assert (iso_ticks(written) if written else None) == (iso_ticks(iso) if iso else None)


def test_a_request_and_its_envelope(read_bytes: Any) -> None:
    line = (
        "<13>Nov 21 2026 10:00:00 proxy1 LEEF:1.0|Example|Proxy|4.1|REQ|cat=web\tsev=3\t"
        "devTime=26/11/21\tdevTimeFormat=yy/MM/dd\tsrc=192.0.2.10\tdst=203.0.113.5\tdstPort=80\t"
        "usrName=EX\\ann\turl=http://www.example.org/a?b=c\tuserAgent=curl/8\tsrcBytes=5\tdstBytes=9"
    )
    ((table, row),) = read_bytes(line + "\n").rows
    assert table == "web_event"
    wanted = {
        "time": iso_ticks("2026-11-21T10:00:00Z"), "host": "proxy1", "source_ip": "192.0.2.10",
        "destination_port": 80, "user": "ann", "user_domain": "EX", "url_host": "www.example.org",
        "url_path": "/a", "url_query": "b=c", "user_agent": "curl/8", "severity": "3",
        "bytes_received": 5, "bytes_sent": 9, "device_class_id": "REQ", "device_product": "Proxy",
        "log_source_type": "Universal LEEF",
    }  # fmt: skip
    assert {column: row.get(column) for column in wanted} == wanted


WITH_A_SIGN_IN = (
    "src=192.0.2.1^userAgent=Mozilla/5.0", "method=password", "url=https://www.example.org/login",
    "src=192.0.2.1^dst=192.0.2.2", "app=smtp^sender=a@example.org^recipient=b@example.org",
)  # fmt: skip


def test_kinds(read_bytes: Any) -> None:
    head = "LEEF:2.0|A|B|1|E|^|"
    lines = [
        head + "src=192.0.2.1^dst=192.0.2.2^srcPort=1^dstPort=2^proto=17",
        head + "isLoginEvent=true^usrName=bob^devTime=1795255202",
        head + "isLogoutEvent=TRUE^usrName=bob",
        head + "cat=x^usrName=bob",
        *(head + "isLoginEvent=true^usrName=bob^" + more for more in WITH_A_SIGN_IN),
    ]
    read = read_bytes("\n".join(lines) + "\n")
    tables = [table for table, _ in read.rows[:4]]
    assert tables == ["network_event", "signin_event", "signin_event", "device_event"]
    assert {table for table, _ in read.rows[4:]} == {"signin_event"}
    assert read.columns("user_agent")[4] == "Mozilla/5.0"
    assert read.columns("protocol")[:4] == ["udp", None, None, None]
    assert read.columns("action")[:4] == [None, None, "Logoff", None]
    assert read.columns("time")[1] == iso_ticks("2026-11-21T10:00:02Z")
    assert '"Device Event Class ID":"E"' in read.columns("event_data")[1]


def test_a_target_without_scheme(read_bytes: Any) -> None:
    row = read_bytes("LEEF:2.0|A|B|1|E|^|url=www.example.org:80/a?b^src=192.0.2.1\n").row()
    assert (row["url_host"], row["url_path"], row["url_query"]) == ("www.example.org", "/a", "b")


def test_blanks_around_values_between_tabs_are_none_of_theirs(read_bytes: Any) -> None:
    row = read_bytes("LEEF:1.0|V|P|1|5|src= 192.0.2.1 \tdst= 198.51.100.7\tsrcPort= 5 \t\n").row()
    assert (row["source_ip"], row["destination_ip"]) == ("192.0.2.1", "198.51.100.7")
    assert row["source_port"] == 5
