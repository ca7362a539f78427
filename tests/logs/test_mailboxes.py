"""Mailboxes of address headers, as written by rule, by habit and by those who deceive."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.address_conversions import (
    mail_address,
    mail_addresses,
    mail_domain,
    mail_name,
)
from vedette.logs.mailboxes import Mailbox, first_mailbox, mailboxes

EVE = "eve@a.example"


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        (f"boss@example.org <{EVE}>", "boss@example.org", EVE),
        (f"'boss@example.org' <{EVE}>", "'boss@example.org'", EVE),
        (f'"boss@example.org" <{EVE}>', "boss@example.org", EVE),
        (f'"boss@example.org", Ann <{EVE}>', "boss@example.org, Ann", EVE),
        (f"=?utf-8?Q?boss@example.org?= <{EVE}>", "=?utf-8?Q?boss@example.org?=", EVE),
        (f"=?utf-8?q?boss@b.example,_x?= <{EVE}>", "=?utf-8?q?boss@b.example,_x?=", EVE),
        (f"Boss <boss@example.org> <{EVE}>", "Boss <boss@example.org>", EVE),
        (f"(boss@example.org) {EVE}", "boss@example.org", EVE),
        (f'"boss@example.org" {EVE}', "boss@example.org", EVE),
        ('<"boss@example.org>"@a.example>', "", '"boss@example.org>"@a.example'),
        (f"Doe, Eve, Dr. <{EVE}>", "Doe, Eve, Dr.", EVE),
        (f"Doe, {EVE}", "", EVE),
        (f'"Doe, \\"E\\"" <{EVE}>', 'Doe, "E"', EVE),
        (f'"Eve  Doe" <{EVE}>', "Eve  Doe", EVE),
        (f"Doe (a (b, c) d) <{EVE}>", "Doe (a (b, c) d)", EVE),
        (f"[EXT: x, y] Eve <{EVE}>", "[EXT: x, y] Eve", EVE),
        (f"{EVE} (Eve)", "Eve", EVE),
        (f"Eve {EVE}", "Eve", EVE),
        ("eve @ a.example", "", EVE),
        ("eve(of)@a.example", "of", EVE),
        ("'eve@a.example'", "", EVE),
        ('"e v"@a.example', "", '"e v"@a.example'),
        ("eve@[IPv6:2001:db8::1]", "", "eve@[IPv6:2001:db8::1]"),
        ("<@b.example,@c.example:eve@a.example>", "", EVE),
        (f"Eve <{EVE}", "Eve", EVE),
        (f'5" disk <{EVE}>', '5" disk', EVE),
        (f"Team: {EVE}, ann@example.org;", "", EVE),
        ("root", "", "root"),
        (f"Eve [mailto:{EVE}]", "Eve", EVE),
        (f"Eve [MAILTO:{EVE}] <boss@example.org>", f"Eve [MAILTO:{EVE}]", "boss@example.org"),
        (f"[{EVE}]", "", EVE),
        (f"Eve <mailto:{EVE}>", "Eve", EVE),
        (f"[Team] {EVE}", "[Team]", EVE),
        ("=?utf-8?q?eve@a.example?=", "=?utf-8?q?eve@a.example?=", ""),
    ],
)
def test_whose_a_header_is(text: str, name: str, address: str) -> None:
    assert first_mailbox(text) == Mailbox(name, address)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@x.example <a@x.example>, b@x.example", ["a@x.example", "b@x.example"]),
        ("Doe, Jane <a@x.example>, Roe, R. <b@x.example>", ["a@x.example", "b@x.example"]),
        ("<a@x.example> <b@x.example>", ["a@x.example", "b@x.example"]),
        ("<a@x.example, b@x.example>", ["a@x.example", "b@x.example"]),
        ("a@x.example; b@x.example;", ["a@x.example", "b@x.example"]),
        ("Team: a@x.example, b@x.example;, c@x.example",
         ["a@x.example", "b@x.example", "c@x.example"]),
        ("root, b@x.example", ["root", "b@x.example"]),
        ("undisclosed-recipients:;", []),
        (",, ,", []),
        ("<>", []),
        ("", []),
    ],
)  # fmt: skip
def test_to_whom_a_header_says(text: str, addresses: list[str]) -> None:
    assert [box.address for box in mailboxes(text)] == addresses


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), max_size=20)
ADDRESSES = st.from_regex(r"[a-z0-9.+_-]{1,9}@[a-z0-9-]{1,9}\.example", fullmatch=True)


@given(st.lists(st.tuples(NAMES, ADDRESSES), min_size=1, max_size=5))
def test_quoted_names_hide_nothing(pairs: list[tuple[str, str]]) -> None:
    quoted = ((name.replace("\\", "\\\\").replace('"', '\\"'), box) for name, box in pairs)
    found = mailboxes(", ".join(f'"{name}" <{address}>' for name, address in quoted))
    assert found == [Mailbox(name.strip(), address) for name, address in pairs]


@given(st.text(st.sampled_from("ab@. '-_!=?Q,"), max_size=30), ADDRESSES)
def test_a_name_is_never_the_address(name: str, address: str) -> None:
    assert mailboxes(f"{name.replace(',', '')} <{address}>")[0].address == address
    assert mailboxes(f"{name} <{address}>")[-1].address == address


@given(st.text(st.sampled_from("a@ \"\\(<>[],;:=?Qé'"), max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    first = first_mailbox(text)
    assert all(box.address for box in mailboxes(text))
    assert first is not None or not mailboxes(text)


@pytest.mark.parametrize(
    "unit", ["(", '"', "<", "[", "=?", "\\", '<"', '<\\"', "(\\", "a, ", "a:b,", "@ ", " ", ", <"]
)
def test_long_hostile_headers_are_read(unit: str) -> None:
    text = unit * 10_000
    first_mailbox(text)
    assert all(box.address for box in mailboxes(f"{text}, <{EVE}>"))


def test_what_mappings_call() -> None:
    written = f"boss@example.org <{EVE}>"
    assert (mail_address(written), mail_name(written)) == (EVE, "boss@example.org")
    assert (mail_domain(written), mail_domain("root"), mail_domain(None)) == (
        "a.example", None, None,
    )  # fmt: skip
    assert json.loads(mail_addresses([written, "Doe, Ann <ann@example.org>"]) or "") == [
        EVE, "ann@example.org",
    ]  # fmt: skip
