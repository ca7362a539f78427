"""Many lines of CEF at once give what each line by itself gives."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vedette.logs.base import Origin, Parsed, Piece
from vedette.logs.columnar import cef
from vedette.logs.columns import batches_of
from vedette.logs.messages import MessageRows
from vedette.logs.readers.cef import CefRows
from vedette.logs.readers.lines import parse_lines
from vedette.logs.times import iso_ticks

ORIGIN = Origin("a.log", "lineage", written=iso_ticks("2026-11-22T00:00:00Z") or 0)
SAMPLES = Path(__file__).parent / "samples" / "cef"
CHARACTERS = [
    *(bytes([one]) for one in b" |=\\\"'\t\r\x00\x7f-:n,0a@/?#"), b"  ", b"\\=", b"\\n", b" a=",
    b"\xc3\xa9", b"\xc2\xa0", b"\xff", b"\xef\xbb\xbf", b"CEF:0|", b"#015",
]  # fmt: skip
PREFIXES = [
    "", "<134>Jun  1 00:00:0{n} fw{n} ", "<14>1 2026-11-21T10:00:03Z edr agent - - - ",
    "Nov 21 10:00:02 bigip ASM:", "2026-11-21 10:00:0{n} relay ", "192.0.2.{n} relay ",
    "<5>1 2026-11-21T10:00:0{n}Z vault ", "Nov 21 10:00:0{n} relay Nov 21 10:00:00 fw{n} ",
    "Nov 21 10:00:02 fw{n} CEF: ",
]  # fmt: skip
HEADS = [
    "CEF:0|Example|Sensor|1.0|{n}|A name|5|", "CEF: 0|Fortinet|Fortigate|7|13|x|3|",
    "CEF:1|Palo Alto Networks|PAN-OS|10.2|end|TRAFFIC|Very-High|", "CEF:0|||||||",
    "CEF:0|Cisco|Email Security|14|a|quote \"{n}\"|0|", "CEF:0|Incapsula|SIEM|1|1|N|0|",
    "CEF:0|Infoblox|NIOS|8|é|ü|7|", "CEF:0|Zscaler|NSS|5|x|x|3|",
    "CEF:0|Palo Alto Networks|LF|2.0|TRAFFIC|end|3|", "CEF:0|F5|ASM|16|{n}|x|5|",
]  # fmt: skip
EXTENSIONS = [
    "rt={time} src={ip} dst={ip} spt={number} dpt={number} proto={word} suser={user} in={number}",
    "src={ip} request={target} requestMethod={word} out={number} msg={text} outcome={number}",
    "act={word} cs1Label={label} cs1={text} cn1Label={label} cn1={number} src={ip} end={time}",
    "app={app} suser={user} duser={user} msg={text} dvchost={word} rt={time} src={ip}",
    "isLoginEvent={truth} isLogoutEvent={truth} duser={user} start={time} end={time}",
    "dnsQuery={word}. app={app} src={ip} dst={ip} destinationDnsDomain={word} dtz={zone} rt={time}",
    "filePath={path} fileHash={word} fname={path} deviceProcessName={path} dvcpid={number}",
    "referrer={target} referer={text} requestContext={text} httpReferer={word} site={word}",
    "a=1 b={text} a={text}", "some words k={text} ad.key[0]={text} ='x={word}", "{text}", "",
    "deviceCustomString1Label={label} requestClientApplication={text} userAgent={text} x={word}",
    "endTime={time} sourceAddress={ip} sourceHostName={word} FTNTFGTeventtime={time} suser={none}",
    "src={ip} sip={ip} spt={number} cpt={number} request={target} in={number} out={number}#015",
    "cs1Label={label} cs1={none} cn1={number} request={target} suser={none} xff={none} rt={time}",
    "cs5Label=full_request cs5=GET /x HTTP/1.1\\r\\nHost: a.example\\r\\nUser-Agent: {word}",
]  # fmt: skip
VALUES = {
    "time": ["1795255200123", "1795255200", "Nov 21 2026 10:00:00", "Nov 21 10:00:0{n}", "", "no",
             "Nov 21 2026 10:00:00.5 EST", "2026-11-21T10:00:00Z", "Feb 29 10:00:00",
             "1795255200.123", "1795255200123456", "1795255200123456789", " 1795255200123",
             "Sat Nov 21 10:00:00 UTC 2026", "Nov 21 2026 10:00:00 GMT+01:00", "9" * 19],
    "ip": ["192.0.2.{n}", "::ffff:192.0.2.{n}", "-", "", "2001:DB8:0:0::{n}", "host"],
    "number": ["{n}", "0", "65535", "65536", "-1", "", "-", "007", "0x1f", "1_0", "+5", " 7", "1.5",
               "99999999999", "9999999999999999999", "9" * 30, "²"],
    "word": ["tcp", "6", "-", "", "GET", "x{n}", "é", "a'b", "0123456789abcdef" * 4, "true"],
    "user": ["ann", "EX\\\\ann", "EX\\bob", "a{n}@example.org", "", "-", "Ann <a@example.org>, b"],
    "text": ["a value", "two  blanks", "a\\=b", "c\\nd \\r", "\\\\srv\\x", 'a "b"', "", "-", "x ",
             "|pipe", "no key=1 'k=2", "snö 雪\u202e", "x\u00a0", "a=b=c", "end\\", "\x7f", "\\|",
             "x#015"],
    "target": ["/a?b=1", "/", "https://www.example.org/p/{n}?q=\\=", "http://a.example",
               "https://u@a.example:80/x", "a.example/p?q", "-", "", "http:///x", "ftp://a/b?",
               "www.example.org/a?b", '"www.example.org/a"', "www.example.org:80", "a.php?x",
               "192.0.2.1",
               "/?", "https://a.example/?", "a.example:443", "https://[2001:db8::1]/x", "HTTP://A/b#c?d"],
    "none": ["N/A", "None", '"N/A"', '"a b"', '"', '""', '"a" "b"', "NA", "x{n}", "é", '"é\\='],
    "label": ["User-Agent", "Policy", "response_code", "DNS Query", "", "Source IPv6 Address"],
    "app": ["SMTP", "http", "HTTPS", "web-browsing", "", "\u212a"],
    "truth": ["true", "TRUE", "false", ""],
    "zone": ["+02:00", "UTC", "GMT-01:00", "x", ""],
    "path": ["C:\\Windows\\a.exe", "C:\\\\a\\\\b.exe", "/usr/bin/x", "", "\\n"],
}  # fmt: skip


def a_line(chance: random.Random, head: str, extension: str) -> str:
    """A line of this head and these keys, with values by chance."""
    made = chance.choice(PREFIXES) + head + extension
    for name, values in VALUES.items():
        while f"{{{name}}}" in made:
            # One value in four is odd: most lines shall be regular.
            value = values[0] if chance.randrange(4) else chance.choice(values)
            made = made.replace(f"{{{name}}}", value, 1)
    return made.replace("{n}", str(chance.randrange(8)))


def both(text: bytes) -> tuple[Parsed, Parsed]:
    """What is made of lines at once and one by one, after proving that it is the same."""
    piece = Piece(text, 7, 7 + len(text), b"")
    at_once = CefRows(ORIGIN).many(piece)
    singly = parse_lines(piece, MessageRows(ORIGIN).row)
    assert sorted(at_once.unreadable, key=lambda one: one.offset) == singly.unreadable
    assert by_identity(at_once) == by_identity(singly)
    return at_once, singly


def by_identity(parsed: Parsed) -> dict[str, tuple[str, dict[str, Any]]]:
    batches = [*parsed.batches, *batches_of(parsed.rows)]
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for layout, batch in batches:
        batch.validate(full=True)
        assert batch.schema.names == list(layout.columns)
        found |= {row["event_id"]: (layout.table, row) for row in batch.to_pylist()}
    assert len(found) == sum(batch.num_rows for _, batch in batches)
    return found


def of_batches(parsed: Parsed) -> Counter[str]:
    """How many rows of each table were made at once."""
    return Counter({layout.table: 0 for layout, _ in parsed.batches}) + Counter(
        layout.table for layout, batch in parsed.batches for _ in range(batch.num_rows)
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read lines together from two on."""
    monkeypatch.setattr(cef, "FEWEST", 2)


def test_lines_of_one_device_are_read_at_once() -> None:
    chance = random.Random(2)
    lines = [a_line(chance, HEADS[0], EXTENSIONS[0]) for _ in range(300)]
    at_once, _ = both("\n".join(lines).encode())
    assert of_batches(at_once).total() > 250


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_each_kind_are_read_at_once(end: str, few: None) -> None:
    tables = {}
    for number in (0, 1, 2, 3, 4, 5):
        line = HEADS[0] + EXTENSIONS[number]
        for name, values in VALUES.items():
            line = line.replace(f"{{{name}}}", values[0])
        at_once, _ = both((end.join([line.replace("{n}", "7")] * 3) + end).encode())
        assert at_once.rows == []
        tables[number] = of_batches(at_once)
    assert [list(found) for found in tables.values()] == [
        ["network_event"], ["web_event"], ["web_event"], ["mail_event"], ["device_event"],
        ["dns_event"],
    ]  # fmt: skip


def test_escapes_and_quotes_are_read_at_once(few: None) -> None:
    extensions = [
        r"msg=a\=b c\nd\re \\ f suser=EX\\ann", 'msg=a "b" c suser=x', r'msg="a\=b\\" suser=\n"',
        r"msg=C:\new\table suser=EX\ann", "msg=blanks  behind   suser=x   ", "msg=snö  suser=x",
    ]  # fmt: skip
    lines = [HEADS[0] + extension for extension in extensions for _ in range(2)]
    at_once, _ = both("\n".join(lines).encode())
    assert len(at_once.rows) == 2  # the last two: blanks beside what is not ASCII


@pytest.mark.parametrize("digits", ["1795255200", "1795255200123456", "1795255200123456789"])
def test_moments_by_their_digits_are_read_at_once(digits: str, few: None) -> None:
    line = f"CEF:0|Fortinet|Fortigate|7|13|x|3|FTNTFGTeventtime={digits} src=192.0.2.1"
    at_once, _ = both(f"{line}\n{line}\n".encode())
    assert of_batches(at_once).total() == 2


def test_escaped_carriage_returns_are_read_at_once(few: None) -> None:
    lines = [HEADS[0] + "src=192.0.2.1 msg=" + end for end in ("a#015", "#015", "b #015", "é#015")]
    at_once, _ = both("\r\n".join(lines * 2).encode())
    assert (of_batches(at_once).total(), len(at_once.rows)) == (6, 2)


def test_samples_are_the_same(few: None) -> None:
    for path in sorted(SAMPLES.iterdir()):
        both(path.read_bytes() * 3)


def test_generated_lines_are_the_same(few: None) -> None:
    chance = random.Random(5)
    together = 0
    for _ in range(60):
        shapes = [(chance.choice(HEADS), chance.choice(EXTENSIONS)) for _ in range(5)]
        lines = [a_line(chance, *chance.choice(shapes)) for _ in range(120)]
        at_once, _ = both("\n".join(lines).encode() + b"\n" * chance.randrange(2))
        together += of_batches(at_once).total()
    assert together > 3000


def test_mutated_lines_are_the_same(few: None) -> None:
    chance = random.Random(8)
    together = 0
    for _ in range(60):
        shapes = [(chance.choice(HEADS), chance.choice(EXTENSIONS)) for _ in range(4)]
        lines = [a_line(chance, *chance.choice(shapes)).encode() for _ in range(120)]
        text = b"\n".join(mutated(line, chance) for line in lines)
        at_once, _ = both(text)
        together += of_batches(at_once).total()
    assert together > 1500


def mutated(line: bytes, chance: random.Random) -> bytes:
    """The line with up to two characters changed, put in or left out."""
    text = bytearray(line)
    for _ in range(chance.choice((0, 0, 1, 2))):
        place = chance.randrange(len(text) + 1)
        how = chance.randrange(3)
        text[place : place + (how > 0)] = chance.choice(CHARACTERS) if how < 2 else b""
    return bytes(text)


def test_lines_that_are_not_utf_8_and_their_neighbours_are_the_same(few: None) -> None:
    line = HEADS[0] + "src=192.0.2.1 msg=a"
    text = f"{line}\n{line}\n{line}\n{line}\xff".encode("latin-1")
    at_once, _ = both(text)
    assert (of_batches(at_once).total(), len(at_once.rows)) == (3, 1)


def test_envelopes_with_parts_missing_are_read_at_once(few: None) -> None:
    line = HEADS[0] + "src=192.0.2.1 suser=ann"
    for prefix in PREFIXES:
        at_once, _ = both("\n".join([prefix + line] * 3).replace("{n}", "7").encode())
        assert of_batches(at_once).total() == 3, prefix
    quoted = "Nov 21 10:00:02 app[1]: somebody sent " + line
    at_once, _ = both("\n".join([quoted, line, line, line + "#015#012"]).encode())
    assert (at_once.batches, len(at_once.rows)) == ([], 4)
