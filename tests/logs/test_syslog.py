"""What stands around a message, and what becomes of plain messages."""

import random
from typing import Any

import pytest

from vedette.logs.base import Origin
from vedette.logs.messages import MessageRows, kind_of_line
from vedette.logs.syslog import Envelope, Header
from vedette.logs.times import iso_ticks

TEN = "2026-11-21T10:00:00"
R = "192.0.2.7"
NEWEST = iso_ticks("2026-11-22T03:00:00Z") or 0


def split(line: str) -> tuple[Header, str]:
    found = Envelope(NEWEST).split(line)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "time", "host", "application", "process", "message"),
    [
        (
            "<34>Oct 11 22:14:15 web1 su: 'su root' failed",
            "2026-10-11T22:14:15",
            "web1",
            "su",
            None,
            "'su root' failed",
        ),
        (
            "Nov 21 10:00:00 web1 sshd[12]: Failed: x",
            "2026-11-21T10:00:00",
            "web1",
            "sshd",
            "12",
            "Failed: x",
        ),
        (
            "Nov  1 10:00:00 web1 postfix/smtpd[9]: connect",
            "2026-11-01T10:00:00",
            "web1",
            "postfix/smtpd",
            "9",
            "connect",
        ),
        ("Nov 21 10:00:00 sshd[12]: no host", "2026-11-21T10:00:00", None, "sshd", "12", "no host"),
        (
            "Nov 21 10:00:00 web1 last message repeated",
            "2026-11-21T10:00:00",
            "web1",
            None,
            None,
            "last message repeated",
        ),
        ("Nov 21 10:00:00 WEB app: x", "2026-11-21T10:00:00", "WEB", "app", None, "x"),
        ("Nov 21 10:00:00 EST web1 app: x", "2026-11-21T15:00:00", "web1", "app", None, "x"),
        ("Nov 21 2020 10:00:00 web1 app: x", "2020-11-21T10:00:00", "web1", "app", None, "x"),
        ("Oct 30, 2021 10:34:23 web1 app: x", "2021-10-30T10:34:23", "web1", "app", None, "x"),
        (
            "2026-11-21T10:00:00.5+01:00 web1 app: x",
            "2026-11-21T09:00:00.5",
            "web1",
            "app",
            None,
            "x",
        ),
        (
            "<166>Nov 21 2026 10:00:04 fw1 : %ASA-6-302013: Built",
            "2026-11-21T10:00:04",
            "fw1",
            "%ASA-6-302013",
            None,
            "Built",
        ),
        (
            "<166>Nov 21 10:00:04 fw1: %ASA-6-302013: Built",
            "2026-11-21T10:00:04",
            "fw1",
            "%ASA-6-302013",
            None,
            "Built",
        ),
        (
            "<189>42: *Nov 21 10:00:05.123 UTC: %SYS-5-X: y",
            "2026-11-21T10:00:05.123",
            None,
            "%SYS-5-X",
            None,
            "y",
        ),
        (
            "83 <30>Nov 21 10:00:06 web1 a[1]: counted",
            "2026-11-21T10:00:06",
            "web1",
            "a",
            "1",
            "counted",
        ),
        (
            "<13>1 2026-11-21T10:00:00Z web1 app 7 ID - x y",
            "2026-11-21T10:00:00",
            "web1",
            "app",
            "7",
            "x y",
        ),
        ("<13>1 - - - - - - bare", None, None, None, None, "bare"),
        ("<13>hello world", None, None, None, None, "hello world"),
        (
            "Mar  1 20:48:23 relay 77 <14>1 2021-03-01T20:48:23Z h lf - - - m",
            "2021-03-01T20:48:23",
            "h",
            "lf",
            None,
            "m",
        ),
    ],
)
def test_a_header(
    line: str, time: str | None, host: str | None, application: str | None, process: str | None,
    message: str,
) -> None:  # fmt: skip
    header, rest = split(line)
    assert header.time == (iso_ticks(time) if time else None)
    found = (header.host, header.application, header.process, rest)
    assert found == (host, application, process, message)


@pytest.mark.parametrize(
    ("line", "time", "host", "message"),
    [
        # The new form without its names, and an older tag behind the new moment.
        ("<14>1 2026-11-21T10:00:00Z web1 two words", TEN, "web1", "two words"),
        ("<14>1 2026-11-21T10:00:00Z - words", TEN, None, "words"),
        ("1 2026-11-21T10:00:00Z web1 a - - - m", TEN, "web1", "m"),
        ("<14>1 2026-11-21T10:00:00Z web1 a[1]: m of it all", TEN, "web1", "m of it all"),
        ("<14>1 2026-11-21T10:00:00Z web1 a x.1 - no data", TEN, "web1", "no data"),
        # A year in other places, a weekday, offsets from GMT.
        ("<165>Aug 24 05:34:00 CST 1987 web1 a[10]: m", "1987-08-24T11:34:00", "web1", "m"),
        ("Sat Nov 21 10:00:00 2026 web1 a: m", TEN, "web1", "m"),
        ("Nov 21 2026 10:00:00 GMT+01:00 web1 a: m", "2026-11-21T09:00:00", "web1", "m"),
        ("Nov 21 2026 10:00:00 UTC-1:30 web1 a: m", "2026-11-21T11:30:00", "web1", "m"),
        # What is a moment is no host.
        ("Nov 21 10:00:00 2026-11-21T10:00:00Z x", TEN, None, "2026-11-21T10:00:00Z x"),
        ("Nov 21 10:00:00 web1 45: m", TEN, "web1", "45: m"),
        ("Nov 21 10:00:01 r <14>2026-11-21T10:00:00Z web1 a: m", TEN, "web1", "m"),
        ("Nov 21 10:00:00 r <14>1 - web1 a - - - m", TEN, "web1", "m"),
    ],
)  # fmt: skip
def test_parts_that_are_missing_or_elsewhere(
    line: str, time: str, host: str | None, message: str
) -> None:
    header, rest = split(line)
    assert (header.time, header.host, rest) == (iso_ticks(time), host, message)
    assert header.application in (None, "a")


@pytest.mark.parametrize(
    ("prefix", "time", "host"),
    [
        ("<189>: 2025 Aug 13 22:08:06 UTC: ", "2025-08-13T22:08:06", None),
        ("<189>sw1.x: 2025 Aug 13 22:08:06 UTC: ", "2025-08-13T22:08:06", "sw1.x"),
        ("2023 Mar  1 18:46:11 n9k-1 ", "2023-03-01T18:46:11", "n9k-1"),
        ("Aug 13 22:08:07 192.0.2.7 : 2025 Aug 13 22:08:06 UTC: ", "2025-08-13T22:08:06", R),
        ("<189>45: router1: *Mar  1 2026 18:46:11.123 UTC: ", "2026-03-01T18:46:11.123", "router1"),
        ("<189>123: 000122: *Mar  1 2026 18:46:11 UTC: ", "2026-03-01T18:46:11", None),
        ("<189>123: router1: 000122: .Mar  1 2026 18:46:11: ", "2026-03-01T18:46:11", "router1"),
        ("<189>123: router1: ", None, "router1"),
        ("<189>123: ", None, None),
        ("<189>123: 1d02h: ", None, None),
        ("<189>123: router1: 00:01:23: ", None, "router1"),
        ("Mar  1 18:46:12 192.0.2.7 45: Mar  1 18:46:11.5 UTC: ", "2026-03-01T18:46:11.5", R),
        ("Mar  1 18:46:12 192.0.2.7 45: r1: Mar  1 18:46:11: ", "2026-03-01T18:46:11", "r1"),
        ("Mar  1 18:46:12 192.0.2.7 45: *Mar  1 00:00:42: ", "2026-03-01T18:46:12", R),
        ("Mar  1 18:46:12 192.0.2.7 45: ", "2026-03-01T18:46:12", R),
        ("Mar  1 18:46:12 45: Mar  1 18:46:11: ", "2026-03-01T18:46:11", None),
        ("Mar  1 18:46:12 r <189>45: *Mar  1 18:46:11: ", "2026-03-01T18:46:12", "r"),
        ("<166>:Mar 01 2026 18:46:11 UTC: ", "2026-03-01T18:46:11", None),
        ("Mar  1 18:46:12 192.0.2.7 Mar  1 2026 18:46:11 fw9 : ", "2026-03-01T18:46:11", "fw9"),
        ("Mar  1 18:46:12 r 2026-03-01T18:46:11Z fw9 : ", "2026-03-01T18:46:11", "fw9"),
        ("<166>1 2026-03-01T18:46:11Z fw9 : ", "2026-03-01T18:46:11", "fw9"),
        ("<166>1 2026-03-01T18:46:11Z fw9 - - - - ", "2026-03-01T18:46:11", "fw9"),
    ],
)  # fmt: skip
def test_what_cisco_writes_before_a_message_id(
    prefix: str, time: str | None, host: str | None
) -> None:
    header, message = split(prefix + "%SYS-5-CONFIG_I: Configured")
    assert header.time == (iso_ticks(time) if time else None)
    assert (header.host, header.application, message) == (host, "%SYS-5-CONFIG_I", "Configured")


def test_a_percent_sign_is_no_message_id() -> None:
    header, message = split("<13>Nov 21 10:00:00 app: %s failed")
    assert (header.host, header.application, message) == (None, "app", "%s failed")
    header, message = split("<13>su: Nov 21 10:00:00 100% of it")
    assert (header.time, header.application) == (None, "su")


def test_priorities_have_names() -> None:
    assert split("<34>Oct 11 22:14:15 h su: x")[0][:2] == ("auth", "crit")
    assert split("<191>Oct 11 22:14:15 h su: x")[0][:2] == ("local7", "debug")
    assert split("<999>Oct 11 22:14:15 h su: x")[0][:2] == (None, None)


@pytest.mark.parametrize(("written", "year"), [
    ("Nov 21", 2026), ("Nov 22", 2026), ("Nov 23", 2026), ("Nov 24", 2025), ("Dec 31", 2025),
    ("Jan  1", 2026), ("Feb 29", 2024),
])  # fmt: skip
def test_a_year_is_the_newest_that_can_be(written: str, year: int) -> None:
    header, _ = split(f"{written} 01:00:00 web1 app: x")
    day = written.replace("  ", " ").split()
    month = "JanFebMarAprMayJunJulAugSepOctNovDec".index(day[0]) // 3 + 1
    assert header.time == iso_ticks(f"{year}-{month:02}-{int(day[1]):02}T01:00:00Z")
    assert header.year_assumed


def test_a_zone_without_one_meaning_gives_no_moment() -> None:
    header, message = split("<189>7: Nov 21 10:00:00 MEST: %SYS-5-X: y")
    assert (header.time, message) == (None, "y")
    assert split("Nov 31 10:00:00 h a: x")[0].time is None


def test_structured_data_keeps_its_escapes_apart() -> None:
    line = '<165>1 - h a - ID [x@1 q="a\\"b\\\\ \\] ]"][y z=""] \ufeffm [no data]'
    header, message = split(line)
    assert header.structured == {"x@1": {"q": 'a"b\\ ] ]'}, "y": {"z": ""}}
    assert (header.message_kind, message) == ("ID", "m [no data]")


@pytest.mark.parametrize(
    "line", ["random text", "", "key=value", "10:00:00 x", "Foo 11 10:00:00 h"]
)
def test_other_lines_have_no_header(line: str) -> None:
    assert Envelope(NEWEST).split(line) is None


def test_a_header_is_the_same_whatever_the_moment() -> None:
    chance = random.Random(4)
    parts = [
        "<134>", "<14>1 ", "12 ", "Nov 21 10:00:0{n} ", "Feb 29 1{n}:00:00 ", "2024 ", "word: ",
        "Jan 11 00:00:00 ", "Nov  {n} 25:00:00 ", "Nov  {n} 10:00:00.5 ", "Nov 21 10:00:00 EST ",
        "fw{n} ", "1 2026-11-21T10:00:0{n}Z ", "2026 Nov 21 10:00:0{n} UTC: %A-{n}-B: ", "4{n}: ",
        "Sat Nov 21 10:00:0{n} CST 2026 ", "*Nov 21 10:00:0{n}: %A-5-B: ", "app[{n}]: ",
        "2026-11-21T10:00:00Z ", "- ", "Nov 21 10:00:00: ", "x=1 ", ": ", "*", "",
    ]  # fmt: skip
    known = 0
    for written in (NEWEST, 0):
        for _ in range(4000):
            chosen = (chance.choice(parts) for _ in range(chance.randrange(1, 6)))
            prefix = "".join(chosen).replace("{n}", str(chance.randrange(1, 8)))
            rows = MessageRows(Origin("a.log", "lineage", written=written))
            by_itself = rows._around(prefix)
            assert rows.header(prefix) == by_itself, prefix
            known += by_itself is not None and by_itself.stamp is not None
    assert known > 1000


def test_plain_messages_are_events_of_devices(read_bytes: Any) -> None:
    lines = [
        "<86>Nov 21 10:00:00 web1 sshd[12]: Accepted publickey for ann",
        "Nov 21 10:00:03 web1 /usr/sbin/cron[77]: (root) CMD (x)",
        "<166>Nov 21 2026 10:00:04 fw1 : %ASA-6-302013: Built",
        "nonsense without a header",
    ]
    read = read_bytes("\n".join(lines) + "\n")
    assert read.format == "syslog"
    assert [table for table, _ in read.rows] == ["device_event"] * 3
    assert read.columns("facility") == ["authpriv", None, "local4"]
    assert read.columns("priority") == ["info", None, "info"]
    assert read.columns("process_name") == ["sshd", "cron", "%ASA-6-302013"]
    assert read.columns("process_path") == [None, "/usr/sbin/cron", None]
    assert read.columns("process_id") == [12, 77, None]
    assert read.columns("log_source_type")[0] == "Linux OS"
    assert read.columns("log_source_type")[2] == "Cisco Adaptive Security Appliance (ASA)"
    assert read.columns("device_class_id")[2] == "ASA-6-302013"
    assert '"year assumed":true' in read.columns("event_data")[0]
    assert "year assumed" not in read.columns("event_data")[2]
    assert read.reasons == ["no header of syslog, and no message of a known format"]


def test_a_message_that_quotes_another_format_stays_what_it_is(read_bytes: Any) -> None:
    quoted = "Nov 21 10:00:00 web1 app[1]: the user sent CEF:0|A|B|1|2|3|4|src=192.0.2.1"
    row = read_bytes(f"Nov 21 10:00:00 web1 app[1]: first\n{quoted}\n").rows[1][1]
    assert row["log_format"] == "syslog"
    assert "CEF:0|A|B" in row["message"]


MARKED = "CEF:0|A|B|1|2|n|4|src=192.0.2.1"


@pytest.mark.parametrize(
    ("prefix", "time", "host"),
    [
        ("<5>1 2026-11-21T10:00:00Z vault ", TEN, "vault"),
        ("<5>1 2026-11-21T10:00:00.5Z 192.0.2.9 ", "2026-11-21T10:00:00.5", "192.0.2.9"),
        ("<5>1 2026-11-21T10:00:00Z - ", TEN, None),
        ("<5>1 2026-11-21T10:00:00Z ", TEN, None),
        ("<5>1 2026-11-21T10:00:00Z vault app ", TEN, "vault"),
        ("<5>1 2026-11-21T10:00:00Z vault app 12 - ", TEN, "vault"),
        ('<5>1 2026-11-21T10:00:00Z vault a 1 - [x@1 y="CEF:0|A|"] ', TEN, "vault"),
        ("1 2026-11-21T10:00:00Z vault ", TEN, "vault"),
        ("relay 1 2026-11-21T10:00:00Z vault a - - - ", TEN, "vault"),
        ("192.0.2.7 Nov 21 10:00:00 vault ", TEN, "vault"),
        ("Nov 21 10:00:01 relay 1 2026-11-21T10:00:00Z vault a - - - ", TEN, "vault"),
        ("Nov 21 10:00:01 relay Nov 21 10:00:00 vault ", TEN, "vault"),
        ("Nov 21 10:00:01 Nov 21 10:00:00 vault ", TEN, "vault"),
        ("2026-11-21T10:00:01Z relay 2026-11-21T10:00:00Z vault ", TEN, "vault"),
        ("<5>Nov 21 10:00:01 relay <5>2026-11-21T10:00:00Z vault ", TEN, "vault"),
        ("Nov 21 10:00:00 vault second local0.info ", TEN, "vault"),
        ("Nov 21 10:00:00 vault CEF: ", TEN, "vault"),
        ("Sat Nov 21 10:00:00 2026: ", TEN, None),
        ("a relay of its own ", None, None),
    ],
)  # fmt: skip
def test_what_may_stand_before_a_mark(
    prefix: str, time: str | None, host: str | None, read_bytes: Any
) -> None:
    for message, kind in ((MARKED, "cef"), ("LEEF:1.0|A|B|1|2|src=192.0.2.1", "leef")):
        row = read_bytes(f"{prefix}{message}\n", "2026.log").row()
        found = (row["log_format"], row.get("host"), row["source_ip"], row["device_vendor"])
        assert found == (kind, host, "192.0.2.1", "A")
        assert row.get("time") == (iso_ticks(time) if time else None)
    if prefix.startswith("<"):
        read = read_bytes(framed([prefix + MARKED] * 2))
        assert (read.format, read.columns("host")) == ("syslog_frames", [host] * 2)


@pytest.mark.parametrize("tag", ["SFIMS: %FTD-6-430003", "app: %LINK-3-UPDOWN"])
def test_a_tag_before_a_message_id_is_no_host(tag: str, read_bytes: Any) -> None:
    row = read_bytes(f"<113>Nov 21 10:00:00 fw1 {tag}: built\n").row()
    assert (row["host"], row["process_name"]) == ("fw1", tag.partition(":")[0])


@pytest.mark.parametrize(
    "prefix",
    [
        "Nov 21 10:00:00 web1 app[1]: the user sent ",
        "<14>1 2026-11-21T10:00:00Z web1 app 7 - - the user sent ",
        '<14>1 2026-11-21T10:00:00Z web1 app 7 - [x@1 y="',
        "<14>1 2026-11-21T10:00:00Z web1 the user sent ",
        "<14>1 2026-11-21T10:00:00Z web1 the user has sent ",
        "Nov 21 10:00:00 web1 app[1]: at Nov 21 10:00:00 it got ",
        "Nov 21 10:00:00 web1 app[1]: " + "word " * 30,
    ],
)
def test_what_somebody_quotes_is_no_event_of_a_device(prefix: str, read_bytes: Any) -> None:
    end = '"] text' if prefix.endswith('"') else ""
    row = read_bytes(f"{prefix}{MARKED}{end}\n").row()
    assert (row["log_format"], row["host"], row.get("device_vendor")) == ("syslog", "web1", None)


def test_a_mark_without_a_version_is_told(read_bytes: Any) -> None:
    read = read_bytes(f"{MARKED}\nNov 21 10:00:00 fw CEF:x|A|B|1|2|n|5|\n")
    assert (len(read.rows), read.reasons) == (1, ["no version behind CEF:"])


def test_other_programs_own_logs_are_not_syslog(read_bytes: Any) -> None:
    lines = ["Nov 21 10:00:00 web1 a: m", "Sat Nov 21 10:00:00 2026 Info: started"]
    read = read_bytes("\n".join(lines) + "\n")
    assert read.columns("message") == ["m"]
    assert read.reasons == ["no header of syslog, and no message of a known format"]
    assert kind_of_line(lines[1].encode()) is None
    assert kind_of_line(b"2023 Mar  1 18:46:11 started something") is None
    assert kind_of_line(b"2023 Mar  1 18:46:11 n9k-1 %SYS-5-X: y") == "syslog"


def test_hostile_lines_take_no_longer_than_their_length(read_bytes: Any) -> None:
    hostile = [
        "<1>1 " * 20_000, "1: " * 40_000, "CEF:" * 30_000, "CEF:0|" * 20_000,
        "Nov 21 10:00:00 " * 8_000, "x" * 100_000 + "CEF:0|",
        "<1>" + "a" * 100_000 + ": %", "%" * 100_000, "<1>: " + "%A-" * 40_000,
        "Nov 21 10:00:00 h " + "#015" * 30_000, "CEF:0|A|B|1|2|3|4|a=" + "#015" * 30_000 + "x",
    ]  # fmt: skip
    read = read_bytes("Nov 21 10:00:00 web1 a: m\n" + "\n".join(hostile) + "\n")
    assert len(read.rows) + len(read.unreadable) == len(hostile) + 1


def test_windows_events_behind_two_headers(read_bytes: Any) -> None:
    message = "AgentDevice=WindowsLog\tAgentLogFile=System\tSource=X\tEventID=7\tMessage=m"
    for prefix in ("Nov 21 10:00:00 r Nov 21 09:59:59 ws ", "<13>1 2026-11-21T10:00:00Z ws "):
        read = read_bytes(prefix + message + "\n" + prefix + message.replace("\t", " ") + "\n")
        assert read.columns("log_format") == ["windows_text"] * 2


def test_formats_side_by_side(read_bytes: Any) -> None:
    lines = [
        "Nov 21 10:00:00 web1 app[1]: plain",
        "Nov 21 10:00:00 fw CEF:0|A|B|1|2|3|4|src=192.0.2.1",
        "Nov 21 10:00:00 fw LEEF:1.0|A|B|1|2|src=192.0.2.1",
        (
            "Nov 21 10:00:00 ws MSWinEventLog\t1\tSecurity\t7\tSat Nov 21 10:00:01 2026\t4634\t"
            "Microsoft-Windows-Security-Auditing\tN/A\tN/A\tSuccess Audit\tws\tLogoff\t\tx\t7"
        ),
    ]
    read = read_bytes("\n".join(lines) + "\n")
    assert read.columns("log_format") == ["syslog", "cef", "leef", "windows_text"]
    assert read.unreadable == []


MESSAGES = [
    "<34>Nov 21 10:00:00 web1 su: one",
    "<13>1 - web1 app - - - two\nlines",
    "<13>Nov 21 10:00:03 web1 app: caf\u00e9",
]


def framed(messages: list[str]) -> bytes:
    return b"".join(b"%d %b" % (len(m.encode()), m.encode()) for m in messages)


def test_frames_need_no_line_ends(read_bytes: Any) -> None:
    data = framed(MESSAGES)
    read = read_bytes(data)
    assert read.format == "syslog_frames"
    assert read.columns("message") == ["one", "two\nlines", "caf\u00e9"]
    assert read.unreadable == []
    lines = read_bytes("".join(f"{len(m)} {m}\n" for m in (MESSAGES[0], MESSAGES[0])))
    assert lines.format == "syslog"


def test_frames_go_on_where_they_were_left(read_bytes: Any) -> None:
    data = framed(MESSAGES)
    for place in range(len(framed(MESSAGES[:2])), len(data)):
        first = read_bytes(data[:place])
        second = read_bytes(data, start=first.position)
        read = first.columns("message") + second.columns("message")
        assert read == ["one", "two\nlines", "caf\u00e9"], place


def test_a_length_that_does_not_fit_costs_its_message_only(read_bytes: Any) -> None:
    wrong = framed(MESSAGES[:1]) + framed(MESSAGES[:1]).replace(b"32 ", b"45 ") + framed(MESSAGES)
    read = read_bytes(framed(MESSAGES[:2]) + b"junk" + wrong)
    assert read.columns("message").count("one") == 4
    assert read.columns("message")[1] == "two\nlinesjunk"  # its length may be the wrong one
    assert read_bytes(framed(MESSAGES[:2]) + b"12").columns("message") == ["one", "two\nlines"]


REQUEST = '203.0.113.9 - ann [21/Nov/2026:09:59:58 +0000] "GET /a HTTP/1.1" 200 612 "-" "curl/8"'


@pytest.mark.parametrize(
    ("front", "columns"),
    [
        ("<190>Nov 21 10:00:00 web01 nginx: ", {}), ("Nov 21 10:00:00 web01 httpd[7]: ", {}),
        ("<190>1 2026-11-21T10:00:00Z web01 nginx - - - ", {}),
        ("2026-11-21T10:00:00Z web01 nginx: www.example.org:80 ", {
            "url_host": "www.example.org", "destination_port": 80}),
        ("<190>Nov 21 10:00:00 nginx: ", {"host": None}),
    ],
)  # fmt: skip
def test_requests_that_web_servers_send(
    read_bytes: Any, front: str, columns: dict[str, Any]
) -> None:
    read = read_bytes(f"{front}{REQUEST}\n{front}no request\n")
    assert (read.format, read.unreadable) == ("syslog", [])
    assert [table for table, _ in read.rows] == ["web_event", "device_event"]
    expected: dict[str, Any] = {
        "time": iso_ticks("2026-11-21T09:59:58Z"), "host": "web01", "source_ip": "203.0.113.9",
        "user": "ann", "client_identity": None, "log_format": "access_log", "url_path": "/a",
        "user_agent": "curl/8", "raw": f"{front}{REQUEST}", "url_host": None,
    }  # fmt: skip
    row = read.rows[0][1]
    assert {c: row.get(c) for c in expected | columns} == expected | columns


@pytest.mark.parametrize(
    "message",
    [
        REQUEST + " TCP_MISS:HIER_DIRECT", "by client " + REQUEST, REQUEST.replace('" 200', '" x'),
        REQUEST.replace("203.0.113.9 - ann", "app worker"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_request(read_bytes: Any, message: str) -> None:
    read = read_bytes(f"<190>Nov 21 10:00:00 web01 app: {message}\n")
    (table, row), *_ = read.rows
    assert (table, row["message"]) == ("device_event", message)


def test_a_colon_behind_the_moment_is_no_host(read_bytes: Any) -> None:
    assert "host" not in read_bytes("<189>Nov 21 10:00:00 : it began\n").row()
