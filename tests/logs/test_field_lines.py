"""Lines of fields read together give what each line by itself gives."""

import random
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES, mutated
from tests.logs.test_json_lines import rows_of

from vedette.logs.base import Origin, Piece
from vedette.logs.readers import squid, w3c, zeek
from vedette.logs.readers.lines import LinesReader
from vedette.logs.readers.squid import SquidReader
from vedette.logs.readers.w3c import W3cReader
from vedette.logs.readers.zeek import ZeekReader

IIS = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
IIS_FIELDS = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent)"
    " cs(Referer) cs-host sc-status sc-substatus sc-win32-status time-taken"
)
IIS_LINE = (
    "2026-02-20 01:02:03 192.0.2.1 GET /a x=1 443 - 198.51.100.7 Mozilla/5.0+(X11;+a) -"
    " www.example.org 200 0 0 17"
)
VALUES: dict[str, list[str]] = {
    "date": ["-", "2026/02/20", "2026-02-30", "x"], "time": ["-", "01:02:03.125", "25:00:00", ""],
    "cs-uri-stem": ["-", "/é", "/a+b", "http://h.example/p?q", "*", "/a\\b", '/"a"', "/a\tb"],
    "cs-uri-query": ["?x", "??x", "?", "-", "a?b", ""], "cs-username": ["A\\b+c", "a+b", "x@y"],
    "c-ip": ["::ffff:192.0.2.9", "-", "2001:DB8:0::1"],
    "sc-status": ["404", "-", "x", "99999999999"],
    "cs(User-Agent)": ["-", "a b", "\x7f", "curl/8"],
    "cs-host": ["-", "h:8443", "[2001:db8::1]:443", "2001:db8::1", ":80", "h:", "h.example."],
    "X-Forwarded-For": ["-", "192.0.2.9,+198.51.100.9"], "x-host-header": ["v:80", "-", ":1"],
    "s-sitename": ["W3SVC1", "MSFTPSVC1", "SMTPSVC1"], "x-session": ["-", "s"],
    "time-taken": ["-1", "0x1f", ""], "cs-uri-scheme": ["https", "-"],
}  # fmt: skip


def w3c_lines(chance: random.Random, odd: float) -> bytes:
    """Logs of IIS behind each other, some with other fields, and lines as others write them."""
    text = []
    for part in range(6):
        names = IIS_FIELDS.split()
        if part % 3 == 1:
            names = [name for name in names if chance.random() > odd]
        if part == 4:
            names += ["s-sitename", "x-session", "cs-uri-scheme"][: chance.randrange(4)]
        if part == 2:
            names += ["X-Forwarded-For", "x-host-header"]
        text.append(IIS if part % 2 == 0 else "#Software: other\n")
        text.append("#Date: 2026-02-20 01:00:00\n#Fields: " + " ".join(names) + "\n")
        usual = dict(zip(IIS_FIELDS.split(), IIS_LINE.split(), strict=True))
        for _ in range(100):
            values = [
                chance.choice(VALUES[name])
                if name in VALUES and chance.random() < odd
                else usual.get(name, "-")
                for name in names
            ]
            if chance.random() < odd / 4:
                values.append("more")
            text.append(" ".join(values) + chance.choice(("\n", "\r\n")))
    if odd:
        text.insert(chance.randrange(len(text)), "\0\0#Date: 2026-02-21\n")
        text.insert(chance.randrange(len(text)), "\n \n#no directive\n")
    return "".join(text).encode()


ZEEK_TYPES = {
    "ts": "time", "uid": "string", "id.orig_h": "addr", "id.orig_p": "port", "id.resp_h": "addr",
    "id.resp_p": "port", "proto": "enum", "service": "string", "duration": "interval",
    "orig_bytes": "count", "resp_bytes": "count", "conn_state": "string", "local_orig": "bool",
    "tunnel_parents": "set[string]",
}  # fmt: skip
ZEEK_VALUES: dict[str, list[str]] = {
    "ts": ["1771549323", "1771549323.1234567", "-", "x", "0.00001", "1e9", "99999999999.5", "-1.5"],
    "duration": ["-", "0.000000", "1e-7", "-3.5", "5", "007.50", "1234567890123456.5"],
    "orig_bytes": ["-", "007", "0", "99999999999999999999", "-5", "x", "5.0"],
    "id.orig_p": ["-", "65536", "0"],
    "service": ["(empty)", "-", "ssl,http", "\\x41b", "a\"b", "é"],
    "proto": ["6", "(empty)", "UDP"], "local_orig": ["T", "F", "-", "t"],
    "tunnel_parents": ["(empty)", "C1,C2", "-"],
    "id.resp_h": ["2001:db8::1", "-", "::ffff:192.0.2.9", "::FFFF:c000:209", "::ffff:x"],
    "conn_state": ["", " ", "SF"],
}  # fmt: skip


def zeek_lines(chance: random.Random, odd: float) -> bytes:
    """A log of connections whose header is told several times, each with other fields."""
    usual = {
        "ts": "1771549323.125000", "uid": "C1", "id.orig_h": "192.0.2.1", "id.orig_p": "40000",
        "id.resp_h": "198.51.100.1", "id.resp_p": "443", "proto": "tcp", "service": "ssl",
        "duration": "2.500000", "orig_bytes": "17", "resp_bytes": "300", "conn_state": "SF",
        "local_orig": "T", "tunnel_parents": "-",
    }  # fmt: skip
    text = []
    for part in range(6):
        names = [name for name in usual if part % 3 != 1 or chance.random() > odd]
        path = chance.choice(("conn", "conn", "dns", "a b")) if odd > 0.01 else "conn"
        text.append(f"#separator \\x09\n#set_separator\t,\n#unset_field\t-\n#path\t{path}\n")
        scope = "id_" if part % 3 == 2 else "id."
        text.append("#fields\t" + "\t".join(n.replace("id.", scope) for n in names) + "\n")
        text.append("#types\t" + "\t".join(ZEEK_TYPES[name] for name in names) + "\n")
        for _ in range(100):
            values = [
                chance.choice(ZEEK_VALUES[name])
                if name in ZEEK_VALUES and chance.random() < odd
                else usual[name]
                for name in names
            ]
            if chance.random() < odd / 4:
                values.append("more")
            text.append("\t".join(values) + "\n")
    if odd:
        text.insert(chance.randrange(len(text)), '{"_path":"conn","ts":1771549323.5,"uid":"C2"}\n')
    return "".join([*text, "#close\t2026-02-20-01-02-03\n"]).encode()


SQUID_VALUES: list[list[str]] = [
    ["1771549323.125", "17715493231.5", "1771549323.1234567", "x", "1771549323", "0771549323.5"],
    ["    17", "-1", "  5 ", "123456789012345678901"],
    ["::ffff:192.0.2.9", "-", "client.example.org"], ["NONE/000", "TCP_HIT/99", "tcp/200", "A/200"],
    ["-", "99999999999999999999", "0"], ["CONNECT", "-", "GE T"],
    ["h.example:443", "http://h:8080/p?q", "https://h/", "-", "/bare?x", "http://u@h/a", "a b", "*",
     "http://[2001:db8::1]/", "error:invalid-request"],
    ["ann", "a%20b", "D%5Cann", "-", ""],
    ["DIRECT/203.0.113.9", "HIER_DIRECT/h.example", "NONE/-", "HIER_NONE/2001:db8::1", "x", "A/b/c",
     "FIRSTUP_PARENT/192.0.2.9"],
    ["-", "text/html;", "", "a b"],
]  # fmt: skip


def squid_lines(chance: random.Random, odd: float) -> bytes:
    """Lines of the native form, some with more behind them, and lines of the combined form."""
    usual = [
        "1771549323.125", "   317", "192.0.2.1", "TCP_MISS/200", "300", "GET",
        "http://www.example.org/a?b", "-", "HIER_DIRECT/203.0.113.9", "text/html",
    ]  # fmt: skip
    text = []
    for _ in range(600):
        pairs = zip(usual, SQUID_VALUES, strict=True)
        values = [chance.choice(others) if chance.random() < odd else one for one, others in pairs]
        if chance.random() < odd / 4:
            values.append("[User-Agent: curl/8\\r\\n]")
        text.append(" ".join(values) + chance.choice(("\n", "\n", "\r\n")))
    if odd:
        text.insert(chance.randrange(len(text)), "\n# no line\n")
    return "".join(text).encode()


CASES: list[tuple[LinesReader, Any, Any]] = [
    (W3cReader(), w3c, w3c_lines), (ZeekReader(), zeek, zeek_lines),
    (SquidReader(), squid, squid_lines),
]  # fmt: skip
IDS = [reader.name for reader, *_ in CASES]


def both(reader: LinesReader, module: Any, data: bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is found one way, which the other way equals; whether many were read together."""
    piece = Piece(data, 1000, 1000 + len(data), b"")
    origin = Origin("a.log", "lineage", data[:4096])
    monkeypatch.setattr(module, "MANY_BYTES", 0)
    parsed = reader.parser(origin)(piece)
    together = bool(parsed.batches)
    found = rows_of(parsed)
    monkeypatch.setattr(module, "MANY_BYTES", len(data) + 1)
    assert found == rows_of(reader.parser(origin)(piece))
    return together, found


@pytest.mark.parametrize("odd", [0.0, 0.002, 0.05, 0.5])
@pytest.mark.parametrize(("reader", "module", "made"), CASES, ids=IDS)
def test_lines_are_read_alike(
    reader: LinesReader, module: Any, made: Any, odd: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(f"{reader.name} {odd}")
    for _ in range(6):
        together, (rows, *_) = both(reader, module, made(chance, odd), monkeypatch)
        assert sum(map(len, rows.values())) > 100
        assert together or odd > 0.01


@pytest.mark.parametrize(("reader", "module", "made"), CASES, ids=IDS)
def test_damaged_lines_are_read_alike(
    reader: LinesReader, module: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(reader.name)
    data = made(chance, 0.001)
    for _ in range(40):
        both(reader, module, mutated(data, chance).data, monkeypatch)


@pytest.mark.parametrize(("reader", "module", "made"), CASES, ids=IDS)
def test_samples_are_read_alike(
    reader: LinesReader, module: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in sorted((SAMPLES / reader.name).iterdir()):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        both(reader, module, header + b"".join(lines * 80), monkeypatch)
