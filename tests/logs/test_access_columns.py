"""Many lines of an access log at once give what each line by itself gives."""

import random
from typing import Any

import pytest

from vedette.logs.base import Layout, Parsed, Piece, Row
from vedette.logs.batches import record_batch
from vedette.logs.readers.access_log import AccessRows
from vedette.logs.readers.lines import parse_lines

CHARACTERS = b'" []-+/:?.,<%\\0159ax\r\t\xc3\xa9{\x00\x7f'
REGULAR = [
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8"',
    '2001:DB8:0:0:0:0:0:7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    'fe80::1 id bob [29/Feb/2016:23:59:59 -0130] "post / HTTP/2.0" 302 - "http://a/?" ""',
    'host.example - bob [01/jan/0002:00:00:00 +1400] "GET /?? HTTP/1.0" 999 0 "a b" "c"',
    '203.0.113.9 - - [31/Dec/9998:23:59:59 +0000] "GET /x HTTP/1.1" 200 007',
    '203.0.113.9 - al [31/Dec/1969:23:59:59 +0000] "DELETE //?a?b HTTP/3" 404 999999999999999999',
    '203.0.113.9 - b[b [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "a b" "192.0.2.7"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "" "1.2.3.4,5.6.7.8"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-" ""',
    '1:2:3:4:5:6:7:8 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1',
]
ODD = [
    "", "nothing",
    'www.example.com:80 203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1',
    '203.0.113.9 - - [29/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:24:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:23:59:60 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET http://h/p HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "CONNECT h:443 HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /a b HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" - 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "a" 0.1 "x" "y"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "a\\"b"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "open',
    '203.0.113.9:5 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '::ffff:192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '192.0.2.1, 203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '192.0.2.1,203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    'www.example.com 203.0.113.9 - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    'www.example.com id ann [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    'web01 - ann [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    'web01 nginx: - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '192.0.2.1 nginx: - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '<190>Nov 20 - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '192.0.2.1 2015-05-17 - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "192.0.2.7:80"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "::1, unknown"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "1.2.3.4" "x"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 TCP_HIT:HIER_NONE',
    '203.0.113.9 - - [2015-05-17T10:05:03+00:00] "GET / HTTP/1.1" 200 1 "-" "-"',
    '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /é HTTP/1.1" 200 1 "-" "-"',
]  # fmt: skip


def both(text: bytes) -> tuple[Parsed, Parsed]:
    """What is made of lines at once and one by one, after proving that it is the same."""
    piece = Piece(text, 7, 7 + len(text), b"")
    rows = AccessRows("lineage", "a.log")
    at_once, singly = rows.many(piece), parse_lines(piece, rows.row)
    assert at_once.unreadable == singly.unreadable
    assert by_identity(at_once) == by_identity(singly)
    return at_once, singly


def by_identity(parsed: Parsed) -> dict[str, dict[str, Any]]:
    rows = [row for _, batch in parsed.batches for row in batch.to_pylist()]
    if parsed.rows:
        rows += as_stored(parsed.rows)
    found = {row["event_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def as_stored(rows: list[tuple[Layout, Row]]) -> list[dict[str, Any]]:
    stored: list[dict[str, Any]] = record_batch(rows[0][0], [row for _, row in rows]).to_pylist()
    return stored


def test_regular_lines_are_read_at_once() -> None:
    at_once, singly = both("\n".join([*REGULAR, ""]).encode())
    assert at_once.rows == []
    assert len(singly.rows) == len(REGULAR)


def test_odd_lines_are_left_to_the_reading_of_one(shared_lines: list[bytes]) -> None:
    at_once, singly = both(b"\n".join(shared_lines))
    assert len(at_once.rows) == len(singly.rows) - len(REGULAR)


@pytest.fixture
def shared_lines() -> list[bytes]:
    lines = [line.encode() for line in REGULAR + ODD]
    random.Random(1).shuffle(lines)
    return lines


def test_mutated_lines_are_the_same(shared_lines: list[bytes]) -> None:
    chance = random.Random(8)
    for _ in range(60):
        lines = [mutated(chance.choice(shared_lines), chance) for _ in range(170)]
        both(b"\n".join(lines) + b"\n" * chance.randrange(2))


def mutated(line: bytes, chance: random.Random) -> bytes:
    """The line with up to three characters changed, put in or left out."""
    text = bytearray(line)
    for _ in range(chance.randrange(4) if text else 0):
        place = chance.randrange(len(text)) if text else 0
        how = chance.randrange(3)
        if how == 0 or not text:
            text.insert(place, chance.choice(CHARACTERS))
        elif how == 1:
            text[place] = chance.choice(CHARACTERS)
        else:
            del text[place]
    return bytes(text)
