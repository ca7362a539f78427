"""Messages, well formed and hostile."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.readers.mail import MailReader, message_columns
from vedette.logs.times import iso_ticks

PLAIN = """\
From bounce@list.example  Thu Aug 22 12:36:23 2002
Return-Path: <bounce@list.example>
Delivered-To: jane@example.org
Received: from localhost (mx [127.0.0.1])
\tby example.org; Thu, 22 Aug 2002 13:00:00 +0100
Received: from mail.other.example (mail.other.example [93.184.216.34]) by mx.example.org
\twith SMTP id 1; Thu, 22 Aug 2002 12:46:39 +0100 (IST)
From: =?utf-8?q?J=C3=BCrgen?= <juergen@Lookalike.Example>
To: "Doe, Jane" <jane@example.org>, info@example.org
Cc: boss@example.org
Reply-To: x@y.example
Subject: =?iso-8859-1?q?Question_about_your_=F6ffnungszeiten?=
 and
 more
Date: Thu, 22 Aug 2002 12:46:18 +0100
Message-Id: <1@list.example>
X-Mailer: tool 1.0
List-Id: <list.example>

See http://example.com/a?b=1. And <https://example.com/x>, http://example.com/a?b=1!
"""


def test_a_message(read_bytes: Any) -> None:
    read = read_bytes(PLAIN, "00001.txt")
    assert [table for table, _ in read.rows] == ["mail_event"]
    row = read.row()
    expected = {
        "time": iso_ticks("2002-08-22T11:46:18Z"),
        "sender_address": "juergen@Lookalike.Example",
        "sender_domain": "lookalike.example",
        "sender_name": "Jürgen",
        "envelope_sender": "bounce@list.example",
        "envelope_sender_domain": "list.example",
        "reply_to": "x@y.example",
        "recipient": "jane@example.org",
        "recipient_domain": "example.org",
        "user": "jane@example.org",
        "recipient_count": 3,
        "subject": "Question about your öffnungszeiten and more",
        "message_id": "<1@list.example>",
        "date_header": "Thu, 22 Aug 2002 12:46:18 +0100",
        "direction": "Inbound",
        "sender_ip": "93.184.216.34",
        "source_ip": "93.184.216.34",
        "sender_ipv4": "93.184.216.34",
        "mailer": "tool 1.0",
        "mailing_list": "<list.example>",
        "content_type": "text/plain",
        "attachment_count": 0,
        "url_count": 2,
        "size": len(PLAIN.partition("\n")[2].encode()),
        "raw": PLAIN,
        "log_format": "mbox",
        "log_source_type": "Universal DSM",
        "event_id": "lineage-0",
    }
    assert {name: row.get(name) for name in expected} == expected
    assert json.loads(row["recipients"]) == ["jane@example.org", "info@example.org"]
    assert json.loads(row["copy_recipients"]) == ["boss@example.org"]
    assert json.loads(row["urls"]) == ["http://example.com/a?b=1", "https://example.com/x"]


def test_attachments() -> None:
    message = (
        b"From: a@b.example\r\nTo: c@d.example\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n'
        b'<a href="https://evil.example/p">x</a>\r\n--x\r\nContent-Type: application/pdf\r\n'
        b'Content-Disposition: attachment; filename="a\xe9.pdf"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--x--\r\n"
    )
    columns = message_columns(message)
    (attachment,) = json.loads(columns["attachments"])
    assert attachment["type"] == "application/pdf"
    assert attachment["size"] == 5
    assert attachment["sha256"].startswith("2cf24dba5fb0a30e26e83b2ac5b9e29e")
    assert columns["attachment_count"] == 1
    assert json.loads(columns["urls"]) == ["https://evil.example/p"]
    assert columns["direction"] is None


def _parts(*parts: str, outer: str = "multipart/mixed; boundary=x") -> bytes:
    body = "".join(f"--x\n{part}\n" for part in parts)
    return f"From: a@b.example\nContent-Type: {outer}\n\n{body}--x--\n".encode()


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("Content-Disposition: attachment; filename*=UTF-8''%D1%81%D1%87%D1%91%D1%82.exe\n\nx",
         ["\u0441\u0447\u0451\u0442.exe"]),
        ("Content-Disposition: attachment; filename*0*=UTF-8''%E2%82%AC%20; filename*1=b.pdf\n\nx",
         ["\u20ac b.pdf"]),
        ("Content-Disposition: attachment; filename=\u20ac.pdf\n\nx", ["\u20ac.pdf"]),
        ("Content-Type: application/zip\n\nx", [None]),
        ("Content-Type: image/png\nContent-ID: <1>\n\nx", []),
        ("Content-Type: image/png\nContent-Disposition: inline\n\nx", []),
        ("Content-Type: text/plain\n\nx", []),
        ("Content-Type: message/rfc822\n\nSubject: inner\n\nx", []),
        ("Content-Type: message/rfc822\n\nContent-Type: application/zip\n\nx", [None]),
        ("Content-Type: message/rfc822; name=a.eml\n\nSubject: inner\n\nx", ["a.eml"]),
        (("Content-Type: message/rfc822\nContent-Disposition: attachment\n\n"
         "Content-Type: application/zip; name=b.zip\n\nx"), [None, "b.zip"]),
    ],
)  # fmt: skip
def test_what_is_attached(part: str, names: list[str | None]) -> None:
    columns = message_columns(_parts("Content-Type: text/plain\n\nx", part))
    found = [one["name"] for one in json.loads(columns["attachments"] or "[]")]
    assert (found, columns["attachment_count"]) == (names, len(names))


def test_a_message_that_is_attached_is_hashed_as_written() -> None:
    inner = "Subject:inner\n\nhttp://a.example/x\n--y\n"
    head = "Content-Disposition: attachment\nContent-Type: message/rfc822"
    for text in (inner, inner.replace("\n", "\r\n")):
        columns = message_columns(_parts(f"{head}\n\n{text}"))
        (attachment,) = json.loads(columns["attachments"])
        assert attachment["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert json.loads(columns["urls"]) == ["http://a.example/x"]
    encoded = base64.b64encode(inner.encode()).decode()
    columns = message_columns(_parts(f"{head}\nContent-Transfer-Encoding: base64\n\n{encoded}"))
    (attachment,) = json.loads(columns["attachments"])
    assert attachment["sha256"] == hashlib.sha256(inner.encode()).hexdigest()
    assert json.loads(columns["urls"]) == ["http://a.example/x"]


@pytest.mark.parametrize(
    ("kind", "text", "urls"),
    [
        ("text/html", "<a href='http://a.example/?x=1&amp;y=2'>", ["http://a.example/?x=1&y=2"]),
        ("text/html", "<a href='http://a.example/?x=1&copy=2'>", ["http://a.example/?x=1&copy=2"]),
        ("text/html", "<a href='&#104;ttp://a.example/'>", ["http://a.example/"]),
        ("text/html", "&lt;http://a.example/&gt;", ["http://a.example/"]),
        ("text/plain", "http://a.example/?x=1&amp;y=2", ["http://a.example/?x=1&amp;y=2"]),
        ("multipart/mixed", "http://a.example/", ["http://a.example/"]),
    ],
)
def test_links(kind: str, text: str, urls: list[str]) -> None:
    columns = message_columns(f"From: a@b.example\nContent-Type: {kind}\n\n{text}\n".encode())
    assert json.loads(columns["urls"] or "[]") == urls


GOOD = "From: a@b.example\nSubject: s\nDate: Wed, 11 Mar 2026 05:16:41 +0000\n\nthe body\n"


@pytest.mark.parametrize(
    "message",
    [
        "\ufeff" + GOOD,
        ">From root Wed Mar 11 05:16:41 2026\n" + GOOD,
        GOOD.replace("Subject", ">From root Wed Mar 11 05:16:41 2026 remote from a\nSubject"),
        GOOD.replace("\n", "\r\r\n"),
        GOOD.replace("Subject", "this is no header\n nor this\nSubject"),
        GOOD.replace(": ", " : "),
        GOOD.replace("\n", "\r"),
    ],
)
def test_no_line_hides_the_headers_behind_it(message: str) -> None:
    columns = message_columns(message.encode())
    assert (columns["sender_address"], columns["subject"]) == ("a@b.example", "s")
    assert columns["time"] == iso_ticks("2026-03-11T05:16:41Z")


def test_a_body_without_the_empty_line_stays_a_body() -> None:
    columns = message_columns(b"Subject: s\nsee http://a.example/\nnote: this\n\nmore\n")
    assert json.loads(columns["urls"]) == ["http://a.example/"]
    parts = _parts("Content-Type: text/html\nFrom: x\n\nhttp://a.example/").replace(
        b"\n\n", b"\n", 1
    )
    assert json.loads(message_columns(parts)["urls"]) == ["http://a.example/"]


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Wed, 11 Mar 2026 05:16:41 GMT+0200", "2026-03-11T03:16:41Z"),
        ("Wed, 11 Mar 2026 05:16:41 UTC-2", "2026-03-11T07:16:41Z"),
        ("Wed Mar 11 2026 05:16:41 GMT+0200 (Summer Time)", "2026-03-11T03:16:41Z"),
        ("Wed, 11 Mar 2026 05:16:41 +05:30", "2026-03-10T23:46:41Z"),
        ("Wed, 11 Mar 2026 05:16:41 -0530 (x)", "2026-03-11T10:46:41Z"),
        ("Wed, 11 Mar 2026 05:16:41 GMT", "2026-03-11T05:16:41Z"),
        ("2026-03-11T05:16:41+02:00", "2026-03-11T03:16:41Z"),
        ("2026-03-11 05:16:41", "2026-03-11T05:16:41Z"),
    ],
)
def test_dates(date: str, time: str) -> None:
    assert message_columns(f"Date: {date}\n\n".encode())["time"] == iso_ticks(time)


@pytest.mark.parametrize(
    ("sender", "envelope"),
    [
        ("eve@a.example", "eve@a.example"), ("-", None), ("1600000000000000000@xxx", None),
        ("alice", None), ("???@???", None), ("MAILER-DAEMON", None),
    ],
)  # fmt: skip
def test_who_the_line_of_a_mailbox_names(sender: str, envelope: str | None) -> None:
    message = f"From {sender} Wed Mar 11 05:16:41 2026\nSubject: s\n\n".encode()
    assert message_columns(message)["envelope_sender"] == envelope


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Date: nonsense\nReceived: by x; Thu, 22 Aug 2002 12:46:39 +0100",
         {"time": iso_ticks("2002-08-22T11:46:39Z"), "date_header": "nonsense"}),
        ("Date: Thu, 99 Aug 2002 12:46:39 +0100", {"time": None}),
        ("Date: Thu, 22 Aug 99999999 12:46:39 +0100", {"time": None}),
        ("From: =?no-such-charset?q?abc?= <a@b.example>",
         {"sender_name": "abc", "sender_address": "a@b.example"}),
        ("From: =?utf-8?b?%%%?= <a@b.example>", {"sender_address": "a@b.example"}),
        ("Subject: caf\u00e9 in plain bytes", {"subject": "caf\u00e9 in plain bytes"}),
        ("Received: from a ([192.168.0.1]) by b\nReceived: from c ([10.0.0.1]) by d",
         {"sender_ip": None, "direction": None}),
        ("Received: from a ([IPv6:2606:2800:220:1::1]) by b",
         {"sender_ipv6": "2606:2800:220:1::1", "sender_ipv4": None, "direction": "Inbound"}),
        ("Received: from a by relay ([93.184.216.34])", {"sender_ip": None}),
        ("Subject: <script>alert(1)</script>'; DROP TABLE mail; --",
         {"subject": "<script>alert(1)</script>'; DROP TABLE mail; --"}),
        (("From: boss@example.org <eve@a.example>\n"
         "To: ann@example.org <ann@example.org>, b@c.example"),
         {"sender_address": "eve@a.example", "sender_name": "boss@example.org",
          "sender_domain": "a.example", "recipient_count": 2,
          "recipients": '["ann@example.org","b@c.example"]'}),
        ("From: =?utf-8?Q?boss@example.org?= <eve@a.example>",
         {"sender_address": "eve@a.example", "sender_name": "boss@example.org"}),
        ("From: Doe, Eve <eve@a.example>",
         {"sender_address": "eve@a.example", "sender_name": "Doe, Eve"}),
        ("To: undisclosed-recipients:;", {"recipient": None, "recipient_count": 0}),
    ],
)  # fmt: skip
def test_headers_of_every_sort(headers: str, expected: dict[str, Any]) -> None:
    columns = message_columns(f"{headers}\n\nbody\n".encode())
    assert {name: columns.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("[8.8.8.8] (unknown [93.184.216.34])", "93.184.216.34"),
        ("[8.8.8.8] (93.184.216.34)", "93.184.216.34"),
        ("[IPv6:2606:2800:220:1::1] (x.example [93.184.216.34]:2525)", "93.184.216.34"),
        ("[8.8.8.8] (relay [10.0.0.1])", None),
        ("[8.8.8.8] ([fe80::1%12])", None),
        ("[8.8.8.8] (helo.example [127.0.0.1]) (Authenticated sender: [8.8.4.4])", None),
        ("[93.184.216.34] (helo=[8.8.8.8])", "93.184.216.34"),
        ("[93.184.216.34] (port=4433 helo=mail.example)", "93.184.216.34"),
        ("x.example ([93.184.216.34] helo=[8.8.8.8])", "93.184.216.34"),
        ("unknown (HELO [8.8.8.8]) (93.184.216.34)", "93.184.216.34"),
        ("[8.8.8.8] (HELO [93.184.216.34])", "93.184.216.34"),
        ("[93.184.216.34] (account eve HELO [8.8.8.8])", "93.184.216.34"),
        ("x.example (EHLO x.example) (93.184.216.34)", "93.184.216.34"),
        ("x.example (x.example [93.184.216.34] (may be forged))", "93.184.216.34"),
        ("x.example ([93.184.216.34:4433])", "93.184.216.34"),
        ("x.example ([IPv6:::ffff:93.184.216.34])", "93.184.216.34"),
        ("x.example (2606:2800:220:1::1)", "2606:2800:220:1::1"),
        ("[93.184.216.34]", "93.184.216.34"),
        ("8.8.8.8 (unknown)", None),
    ],
)
def test_where_mail_came_from(client: str, address: str | None) -> None:
    columns = message_columns(f"Received: from {client} by mx.example.org; x\n\n".encode())
    assert columns["sender_ip"] == address
    hidden = b"Received: by mx.example.org ([8.8.8.8]) with SMTP\n\n"
    assert message_columns(hidden)["sender_ip"] is None


def test_parts_inside_each_other_without_end_leave_the_headers() -> None:
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000)
    )
    columns = message_columns(f"From: a@b.example\nSubject: deep\n{deep}".encode())
    assert columns["subject"] == "deep"


def test_brackets_without_end_cost_the_addresses_only() -> None:
    columns = message_columns(b"From: " + b"(" * 20_000 + b"\nSubject: s\n\n")
    assert columns["subject"] == "s"


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    assert "subject" in message_columns(data)
    assert "subject" in message_columns(b"From: a@b\nReceived: " + data + b"\nDate: " + data)


@pytest.mark.parametrize(
    ("head", "name", "known"),
    [
        (PLAIN, "a", True),
        ("Subject: x\n\n", "a.eml", True),
        ("Subject: x\n\n", "a.txt", False),
        ("title: x\nfrom: y\nstatus: stable\n", "rule.yml", False),
        ("# From here: to there\n", "README.md", False),
        ("", "a.txt", False),
    ],
)
def test_what_is_taken_for_mail(head: str, name: str, known: bool) -> None:
    assert bool(MailReader().sniff(head.encode(), name)) is known


def test_raw_is_cut_and_size_is_not(read_bytes: Any) -> None:
    text = PLAIN.partition("\n")[2]
    row = read_bytes(text + "x" * 2_000_000, "big.eml").row()
    assert len(row["raw"]) == 1024 * 1024
    assert row["size"] == len(text.encode()) + 2_000_000


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("=?utf-8?q?Eve_=3Ceve=40a=2Eexample=3E?=", "Eve", "eve@a.example"),
        ("=?utf-8?b?RXZlIDxldmVAYS5leGFtcGxlPg==?=", "Eve", "eve@a.example"),
        ("=?utf-8?q?Eve?=", "Eve", None),
        ("=?utf-8?q?=3Cann=40b=2Eexample=3E?= <eve@a.example>", "<ann@b.example>", "eve@a.example"),
        ("Eve [mailto:eve@a.example]", "Eve", "eve@a.example"),
    ],
)
def test_an_address_that_is_encoded_with_its_name(
    sender: str, name: str, address: str | None
) -> None:
    columns = message_columns(f"From: {sender}\nTo: {sender}\n\n".encode())
    assert (columns["sender_name"], columns["sender_address"]) == (name, address)
    assert columns["recipient"] == address


@pytest.mark.parametrize("unit", [";", ";a", "; a=b", '; "', "=?a?q?b ", "=?a?q? =", "(", "<"])
def test_headers_without_end_are_read_as_far_as_is_quick(unit: str) -> None:
    long = unit * (2_000_000 // len(unit))
    head = f"Subject: {long}\nContent-Type: text/html; charset=utf-8{long}\n"
    shown = f"Content-Disposition: attachment; filename=a.txt{long}\n\nhi\n"
    columns = message_columns((head + shown).encode())
    assert columns["subject"].startswith(unit.strip()[:1])
    assert columns["content_type"] == "text/html"
    assert columns["attachment_count"] == 1


def test_parameters_that_the_library_cannot_sort_cost_their_header_only() -> None:
    message = (
        "Content-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Disposition: attachment; a*=x; a*0*=y; filename=a\n\nhi\n"
        "--b\nContent-Disposition: attachment; filename=c.txt\n\nhi\n--b--\n"
    )
    columns = message_columns(message.encode())
    assert columns["attachment_count"] == 2
    assert '"c.txt"' in columns["attachments"]


def test_a_long_header_hides_no_parts() -> None:
    many = "".join(f"; a{n}=b" for n in range(1_000))
    for long in (many, f"{many * 50}; x"):
        message = (
            f"Content-Type: multipart/mixed{long}; boundary=part\n\n"
            "--part\nContent-Disposition: attachment; filename=c.txt\n\nhi\n--part--\n"
        )
        assert '"c.txt"' in message_columns(message.encode())["attachments"]
