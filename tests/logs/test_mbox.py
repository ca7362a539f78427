"""Mailboxes of several messages, in all the forms that programs write, and folders of messages."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.base import Origin, Piece
from vedette.logs.readers.mbox import MboxReader, last_message
from vedette.workspace import Workspace

LINE = "From eve@a.example Wed Mar 11 05:16:41 2026\n"


def message(number: int, body: str = "text\n", line: str = LINE, headers: str = "") -> str:
    return f"{line}From: eve@a.example\nSubject: {number}\n{headers}\n{body}\n"


def subjects(read: Any) -> list[str]:
    found: list[str] = read.columns("subject")
    return found


def test_a_mailbox_is_taken_apart(read_bytes: Any) -> None:
    text = message(1) + message(2, "a\n\nb\n") + message(3)
    read = read_bytes(text, "inbox")
    assert (read.format, read.reasons) == ("mbox", [])
    assert subjects(read) == ["1", "2", "3"]
    offsets = [0, len(message(1)), len(message(1) + message(2, "a\n\nb\n"))]
    assert read.columns("log_offset") == offsets
    assert read.columns("event_id") == [f"lineage-{offset}" for offset in offsets]
    assert read.columns("raw") == [
        one[:-1] for one in (message(1), message(2, "a\n\nb\n"), message(3))
    ]
    assert read.columns("envelope_sender") == ["eve@a.example"] * 3
    assert read.columns("size")[0] == len(message(1)) - 1 - len(LINE)


@pytest.mark.parametrize(
    "line",
    [
        "From eve@a.example  Wed Mar 11 05:16:41 2026\n",
        "From - Wed Mar 11 05:16:41 2026\n",
        "From 1797@xxx Wed Mar 11 05:16:41 +0000 2026\n",
        "From MAILER-DAEMON Wed Mar  1 05:16 CET 2026 remote from b\n",
        'From "a b"@c.example Wed, 11 Mar 2026 05:16:41 +0100\n',
    ],
)
def test_lines_that_begin_a_message(line: str, read_bytes: Any) -> None:
    assert subjects(read_bytes(message(1, line=line) + message(2, line=line), "a")) == ["1", "2"]


@pytest.mark.parametrize(
    "body",
    [
        "text\nFrom eve@a.example Wed Mar 11 05:16:41 2026\nFrom: x\n",
        "\nFrom the start it was clear\nthat: this is text\n",
        "\nFrom eve@a.example Wed Mar 11 05:16:41 2026\nno header here\n",
        "\n>From eve@a.example Wed Mar 11 05:16:41 2026\nFrom: x\n",
    ],
)
def test_lines_of_a_body_that_begin_none(body: str, read_bytes: Any) -> None:
    read = read_bytes(message(1, body) + message(2), "a")
    assert subjects(read) == ["1", "2"]
    assert read.columns("raw")[0] == message(1, body)[:-1]


def test_quoted_lines_lose_one_mark_where_they_are_read(read_bytes: Any) -> None:
    body = ">From http://a.example/1\n>>From http://a.example/2\n> http://a.example/3\n"
    read = read_bytes(message(1, body) + message(2), "a")
    assert len(json.loads(read.columns("urls")[0])) == 3
    assert ">>From" in read.columns("raw")[0]


def test_a_body_of_a_told_length_may_hold_what_begins_a_message(read_bytes: Any) -> None:
    body = "x\n\n" + message(7)
    told = message(1, body, headers=f"Content-Length: {len(body)}\n")
    assert subjects(read_bytes(told + message(2), "a")) == ["1", "2"]
    assert subjects(read_bytes(told, "a")) == ["1"]
    wrong = message(1, body, headers="Content-Length: 3\n")
    assert subjects(read_bytes(wrong + message(2), "a")) == ["1", "7", "2"]
    for length in (9_999_999, 99_999_999):
        beyond = message(1, body, headers=f"Content-Length: {length}\n")
        assert subjects(read_bytes(beyond + message(2), "a")) == ["1", "7", "2"]


def test_a_false_length_hides_no_message(read_bytes: Any) -> None:
    held = message(1, headers="Content-Length: 999999999\n") + message(2) + message(3)
    assert last_message(held.encode(), False) == held.index(message(3))
    told = message(1, headers="Content-Length: 9999999\n") + message(2)
    assert last_message(told.encode(), False) == 0  # its end may come
    others = [message(n, ("x" * 75 + "\n") * 40_000) for n in range(2, 9)]
    for length in (10_000_000, 999_999_999):
        first = message(1, headers=f"Content-Length: {length}\n")
        read = read_bytes(first + "".join(others), "a")
        assert (subjects(read), read.reasons) == (list("12345678"), [])
        assert read.columns("size") == [len(one) - 1 - len(LINE) for one in (first, *others)]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + message(1) + message(2),
        message(1).replace("\n", "\n>From root Wed Mar 11 05:16:41 2026\n", 1) + message(2),
        (message(1) + message(2)).replace("\n", "\r\r\n"),
    ],
)
def test_what_editors_and_relays_add(text: str, read_bytes: Any) -> None:
    read = read_bytes(text, "a")
    assert (read.format, subjects(read), read.reasons) == ("mbox", ["1", "2"], [])
    assert read.columns("sender_address") == ["eve@a.example"] * 2


def test_line_ends_of_windows_and_no_line_end(read_bytes: Any) -> None:
    text = (message(1) + message(2)).replace("\n", "\r\n")
    assert subjects(read_bytes(text, "a")) == ["1", "2"]
    read = read_bytes(message(1) + message(2).rstrip("\n"), "b")
    assert subjects(read) == ["1", "2"]
    assert read.columns("raw")[1] == message(2).rstrip("\n")


def test_a_message_over_the_limit_costs_its_rest_only(read_bytes: Any, tmp_path: Path) -> None:
    body = ("x" * 75 + "\n") * 330_000
    read = read_bytes(message(1) + message(2, body) + message(3), "a")
    assert subjects(read) == ["1", "2", "3"]
    assert [reason.partition(":")[0] for reason in read.reasons] == [
        "no line From ADDRESS DATE begins it"
    ]


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_mailbox_that_grew_adds_its_new_messages(end: str, tmp_path: Path) -> None:
    box = tmp_path / "inbox"
    box.write_text((message(1) + message(2)).removesuffix("\n") + end)
    with Workspace(tmp_path / "workspace") as workspace:
        assert workspace.ingest(box).stored == 2
        with box.open("a") as file:
            file.write(("" if end else "\n") + message(3) + message(4))
        report = workspace.ingest(box)
        assert (report.stored, report.quarantined, report.skipped) == (2, 0, 2)
        rows = workspace.query(
            "mail_event | sort by log_offset asc | project subject, event_id"
        ).rows()
        assert [subject for subject, _ in rows] == ["1", "2", "3", "4"]
        places = [int(identity.rpartition("-")[2]) for _, identity in rows]
        ahead = len(LINE) + len("From: eve@a.example\n")
        assert places == [box.read_text().index(f"Subject: {n}") - ahead for n in range(1, 5)]
        whole = tmp_path / "whole"
        whole.write_bytes(box.read_bytes())
        assert workspace.ingest(whole).stored == 0


def test_a_maildir(tmp_path: Path) -> None:
    for name, number in (
        ("new/1773206201.M1P2.host", 1), ("cur/1773206202.M2P2.host,S=99:2,S", 2),
        ("tmp/1773206203.M3P2.host", 3),
    ):  # fmt: skip
        path = tmp_path / "mail" / name
        path.parent.mkdir(parents=True)
        path.write_text(
            f"From: a@b.example\nTo: c@d.example\nSubject: {number}\nDate: x\n\nhttp://x.example/\n"
        )
    with Workspace(tmp_path / "workspace") as workspace:
        report = workspace.ingest(tmp_path / "mail")
        assert (report.stored, report.skipped_files) == (2, 1)
        assert any("being delivered" in r for f in report.files for r in f.reasons)
        (tmp_path / "mail/new/1773206201.M1P2.host").rename(
            tmp_path / "mail/cur/1773206201.M1P2.host:2,S"
        )
        assert workspace.ingest(tmp_path / "mail").stored == 0
        assert workspace.query("mail_event | summarize by subject | count").rows() == [(2,)]
        urls = workspace.query("EmailUrlInfo | project Url, UrlDomain, UrlLocation").rows()
        assert urls == [("http://x.example/", "x.example", "Body")] * 2
        events = workspace.query("EmailEvents | distinct DeliveryAction").rows()
        assert events == [("Delivered",)]


def test_outlook_s_formats_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (tmp_path / "a.pst").write_bytes(b"!BDN" + b"\0" * 600)
    with Workspace(tmp_path / "workspace") as workspace:
        reasons = [f.reasons for f in workspace.ingest(tmp_path).files if f.path.endswith("t")]
    assert reasons == [["mail in Outlook's own format: export it as .eml or mbox"]]


@given(
    st.lists(st.sampled_from([LINE, "\n", "From: a\n", "From x\n", ">From y\n", "text\n", "\r\n"]))
)
def test_pieces_hold_the_messages_of_the_whole(parts: list[str]) -> None:
    data = (message(1) + "".join(parts)).encode()
    parse = MboxReader().parser(Origin("a", "l"))
    whole = parse(Piece(data, 0, len(data), b""))
    cut = last_message(data, False)
    apart = [parse(Piece(data[:cut], 0, cut, b"")), parse(Piece(data[cut:], cut, len(data), b""))]
    assert [row for p in apart for row in p.rows] == whole.rows
