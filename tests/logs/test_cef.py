"""CEF as devices write it, with its escapes and without them."""

import json
import random
from typing import Any

import pytest

from vedette.logs.cef import _KEY, CefRecord, read_cef, read_extension
from vedette.logs.times import iso_ticks

HEAD = "CEF:0|Example|Sensor|1.0|7|name|5|"
INCAPSULA = (
    "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0|request=a.example/p qstr=q\\=1 cn1=200 "
    "sourceServiceName=a.example xff=192.0.2.7 requestClientApplication=curl"
)
FORTIGATE = (
    "CEF:0|Fortinet|Fortigate|7|13|x|3|src=192.0.2.1 dst=192.0.2.2 in=1 out=2 "
    "requestContext=Malicious Websites request=/ FTNTFGTagent=wget"
)
F5 = (
    "CEF:0|F5|ASM|16|2|x|5|request=/x cn1Label=response_code cn1=404 cs5=192.0.2.9 "
    "cs5Label=x_forwarded_for_header_value cs3Label=full_request "
)


@pytest.mark.parametrize(
    ("extension", "fields"),
    [
        (
            r"src=192.0.2.1 msg=a value with blanks act=Block",
            {"src": "192.0.2.1", "msg": "a value with blanks", "act": "Block"},
        ),
        (r"msg=a\=b c\\d\nx\ry", {"msg": "a=b c\\d\nx\ry"}),
        (
            r"msg=looks like\=a key src\=no dst=192.0.2.2",
            {"msg": "looks like=a key src=no", "dst": "192.0.2.2"},
        ),
        (r"request=/x?a=b&c=d&e==f suser=ann", {"request": "/x?a=b&c=d&e==f", "suser": "ann"}),
        (r"cs1Label=Policy cs1= cs2=", {"cs1Label": "Policy", "cs1": "", "cs2": ""}),
        (r"ad.key[0]=1 a-b=2 _c=3 9d=4", {"ad.key[0]": "1", "a-b": "2", "_c": "3", "9d": "4"}),
        (
            r"msg=two  blanks  inside   src=192.0.2.1  ",
            {"msg": "two  blanks  inside", "src": "192.0.2.1"},
        ),
        ("msg=a\tb=c", {"msg": "a", "b": "c"}),
        (
            r"filePath=C:\Windows\notepad.exe p=\\srv\share q=C:\\n",
            {"filePath": r"C:\Windows\notepad.exe", "p": r"\\srv\share", "q": "C:\\n"},
        ),
        (r"no key here", {}),
        (r"", {}),
        (r"a=1 a=2", {"a": "2"}),
        (r"msg=\|pipe| and \\| end\\", {"msg": "|pipe| and \\| end\\"}),
        ("msg=sn\u00f6 \u96ea\u202e", {"msg": "sn\u00f6 \u96ea\u202e"}),
    ],
)
def test_an_extension(extension: str, fields: dict[str, str]) -> None:
    assert read_extension(extension) == fields


@pytest.mark.parametrize(
    ("message", "header"),
    [
        (r"CEF:0|A|B|1|2|n|5|x=1", ("A", "B", "1", "2", "n", "5")),
        (r"CEF: 0|A|B|1|2|n|5|x=1", ("A", "B", "1", "2", "n", "5")),
        (r"CEF:1|A|B|1|2|n|High|x=1", ("A", "B", "1", "2", "n", "High")),
        (r"CEF:0|A\|C|B\\|1|2|n=m|5|x=1", ("A|C", "B\\", "1", "2", "n=m", "5")),
        (r"CEF:0|A|B|1|2|n||x=1", ("A", "B", "1", "2", "n", "")),
        (r"CEF:0|A|B|1|2|n|x=1", ("A", "B", "1", "2", "n", "")),
    ],
)
def test_a_header(message: str, header: tuple[str, ...]) -> None:
    record = read_cef(message)
    assert isinstance(record, CefRecord)
    assert record[:6] == header
    assert record.fields == {"x": "1"}


def test_what_is_no_header_is_told() -> None:
    assert read_cef("CEF:x|A|B|1|2|n|5|") == "no version behind CEF:"
    assert read_cef("CEF:0|A|B|1") == "a CEF header has seven parts, with a pipe behind each"
    no_extension = read_cef("CEF:0|A|B|1|2|n|7")
    assert isinstance(no_extension, CefRecord)
    assert (no_extension.severity, no_extension.fields) == ("7", {})


def test_the_quick_way_to_cut_is_the_pattern() -> None:
    numbers = random.Random("cef")
    parts = ["a", "\\", "b\\=", " ", "=", "  ", "k=", " k=", "|", '"', "x.y[0]=", " =", "\u00a0"]
    for _ in range(20_000):
        text = "".join(numbers.choice(parts) for _ in range(numbers.randrange(12)))
        pieces = _KEY.split(text)
        by_pattern = {k: v.rstrip() for k, v in zip(pieces[1::2], pieces[2::2], strict=True)}
        assert (
            read_extension(text.replace("\\", "/")).keys()
            == read_extension(text.replace("\\", "/") + "\t").keys()
        ), text
        if "\\" not in text:
            found = {k: v.rstrip() for k, v in read_extension(text).items()}
            assert found == by_pattern, text


@pytest.mark.parametrize(
    ("extension", "table"),
    [
        ("request=/x src=192.0.2.1 dst=192.0.2.2", "web_event"),
        ("requestMethod=GET src=192.0.2.1", "web_event"),
        ("cs4Label=User-Agent cs4=curl/8 src=192.0.2.1", "web_event"),
        ("cs4Label=DNS Query cs4=a.example. app=DNS", "dns_event"),
        ("app=SMTP suser=a@example.org duser=b@example.org", "mail_event"),
        ("src=192.0.2.1 dst=192.0.2.2 app=HTTP", "network_event"),
        ("src=192.0.2.1 app=https", "web_event"),
        ("src=192.0.2.1", "device_event"),
        ("", "device_event"),
    ],
)
def test_what_an_event_is_follows_from_what_it_has(
    extension: str, table: str, read_bytes: Any
) -> None:
    ((found, row),) = read_bytes(HEAD + extension + "\n").rows
    assert found == table
    assert row["log_source_type"] == "Universal CEF"


def test_a_request(read_bytes: Any) -> None:
    line = (
        "<134>Nov 21 10:00:00 waf1 CEF:0|Imperva Inc.|SecureSphere|13|SQLi|An attack|High|"
        r"act=Block src=::ffff:203.0.113.9 spt=51234 dst=10.0.0.5 dpt=443 rt=1795255200123 "
        r"requestMethod=GET request=https://www.example.org/a?id\=1 in=512 out=2048 outcome=403 "
        r"requestClientApplication=sqlmap/1.8 (x) requestContext=https://ref.example/ suser=EX\\ann"
    )
    row = read_bytes(line + "\n").row()
    wanted = {
        "time": iso_ticks("2026-11-21T10:00:00.123Z"), "host": "waf1", "method": "GET",
        "source_ip": "203.0.113.9", "source_port": 51234, "destination_port": 443,
        "url": "https://www.example.org/a?id=1", "url_host": "www.example.org", "url_path": "/a",
        "url_query": "id=1", "status": 403, "user_agent": "sqlmap/1.8 (x)", "user": "ann",
        "referrer": "https://ref.example/", "bytes_received": 512, "bytes_sent": 2048,
        "user_domain": "EX", "device_action": "Block", "severity": "High",
        "device_class_id": "SQLi", "event_name": "An attack", "device_vendor": "Imperva Inc.",
        "log_source_type": "Imperva SecureSphere", "raw": line,
    }  # fmt: skip
    assert {column: row.get(column) for column in wanted} == wanted
    assert json.loads(row["event_data"])["suser"] == "EX\\ann"


def test_vendors_write_things_elsewhere(read_bytes: Any) -> None:
    lines = [
        F5 + r"cs3=GET /x HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Nikto\r\n",
        INCAPSULA,
        FORTIGATE,
        "CEF:0|Zscaler|NSSWeblog|5|x|x|3|request=a.example/ outcome=302 act=Allowed",
    ]
    read = read_bytes("\n".join(lines) + "\n")
    assert read.columns("status") == [404, 200, None, 302]
    assert read.columns("user_agent") == ["Nikto", "curl", "wget", None]
    assert read.columns("url_host") == ["a.example", "a.example", None, "a.example"]
    assert read.columns("url_query") == [None, "q=1", None, None]
    assert read.columns("forwarded_for") == ["192.0.2.9", "192.0.2.7", None, None]
    assert read.columns("referrer") == [None] * 4
    assert (read.columns("bytes_received")[2], read.columns("bytes_sent")[2]) == (2, 1)
    assert read.columns("observer") == [None, None, None, "proxy"]
    assert read.columns("log_source_type") == [
        "F5 Networks BIG-IP ASM", "Imperva Incapsula", "Fortinet FortiGate Security Gateway",
        "Zscaler Nss",
    ]  # fmt: skip


@pytest.mark.parametrize(("device", "fields", "source", "destination"), [
    ("Example|Sensor", "in=700 out=5000", 700, 5000),
    ("Fortinet|Fortigate", "in=5000 out=700", 700, 5000),
    ("Fortinet|Fortigate", "in=5000", None, 5000),
    ("Palo Alto Networks|PAN-OS", "in=700 out=5000", 700, 5000),
    ("Palo Alto Networks|LF", "in=5000 out=700", 700, 5000),
    ("Zscaler|NSSFWlog", "in=5000 out=700", 700, 5000),
    ("Zscaler|NSSFWlog", "out=700", 700, None),
])  # fmt: skip
def test_who_sent_how_much(
    device: str, fields: str, source: int | None, destination: int | None, read_bytes: Any
) -> None:
    head = f"CEF:0|{device}|1|end|TRAFFIC|1|src=192.0.2.1 dst=198.51.100.2 "
    read = read_bytes(f"{head}{fields}\n{head}{fields} request=/\n")
    assert read.columns("source_bytes") == [source] * 2
    assert read.columns("destination_bytes") == [destination] * 2
    assert read.columns("bytes_received") == [None, source]
    assert read.columns("bytes_sent") == [None, destination]


def test_a_server_is_no_source(read_bytes: Any) -> None:
    head = "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0|"
    read = read_bytes(
        f"{head}src=192.0.2.12 sip=198.51.100.35 spt=80 cpt=61003 requestmethod=GET request=/\n"
        f"{head}src=192.0.2.12 spt=443 request=/\n"
    )
    assert read.columns("source_port") == [61003, None]
    assert read.columns("destination_ip") == ["198.51.100.35", None]
    assert read.columns("destination_port") == [80, 443]
    assert read.columns("method") == ["GET", None]


@pytest.mark.parametrize(("target", "host", "path", "query"), [
    ("www.example.com/a/b?q\\=1", "www.example.com", "/a/b", "q=1"),
    ("www.example.com:8080/a", "www.example.com", "/a", None),
    ("www.example.com?q", "www.example.com", None, "q"),
    ("example.com", "example.com", None, None),
    ("example.com:443", "example.com", None, None),
    ("192.0.2.1/x.php", "192.0.2.1", "/x.php", None),
    ("xn--bcher-kva.example/", "xn--bcher-kva.example", "/", None),
    ("https://www.example.com/a?b", "www.example.com", "/a", "b"),
    ("/www.example.com/a", None, "/www.example.com/a", None),
    ("index.php?id\\=1", None, "index.php", "id=1"),
    ("script.sh", None, "script.sh", None), ("a.py?b", None, "a.py", "b"),
    ("get.example.sh", "get.example.sh", None, None), ("example.sh/a", "example.sh", "/a", None),
    ("setup.EXE", None, "setup.EXE", None),
    ("localhost/a", None, "localhost/a", None),
    ("a/b.example/c", None, "a/b.example/c", None),
    ("1.5/a", None, "1.5/a", None),
])  # fmt: skip
def test_a_target_without_scheme(
    target: str, host: str | None, path: str | None, query: str | None, read_bytes: Any
) -> None:
    row = read_bytes(f"{HEAD}request={target}\n").row()
    assert [row.get(part) for part in ("url_host", "url_path", "url_query")] == [host, path, query]


def test_quotes_that_stand_around_a_value(read_bytes: Any) -> None:
    fields = 'request="www.example.com/a" requestClientApplication="a" or "b" suser="ex\\\\ann"\n'
    line = "CEF:0|{}|1|url|THREAT|1|" + fields
    read = read_bytes(line.format("Palo Alto Networks|PAN-OS") + line.format("Example|Sensor"))
    assert read.columns("url") == ["www.example.com/a", '"www.example.com/a"']
    assert read.columns("url_host") == ["www.example.com", None]
    assert read.columns("user_agent") == ['"a" or "b"'] * 2
    assert read.columns("user") == ["ann", 'ann"']
    assert json.loads(read.rows[0][1]["event_data"])["request"] == '"www.example.com/a"'


def test_words_for_none(read_bytes: Any) -> None:
    fields = "request=/ suser=N/A xff=N/A cs5Label=user-agent cs5=N/A"
    read = read_bytes(f"CEF:0|F5|ASM|16|2|x|5|{fields}\n{HEAD}{fields}\n")
    assert read.columns("user") == [None, "N/A"]
    assert read.columns("forwarded_for") == [None, "N/A"]
    assert read.columns("user_agent") == [None, "N/A"]
    assert json.loads(read.rows[0][1]["event_data"])["suser"] == "N/A"


def test_an_escaped_carriage_return_ends_a_line(read_bytes: Any) -> None:
    read = read_bytes(f"{HEAD}src=192.0.2.1 suser=ann#015\n{HEAD}suser=#015b#015\r\n")
    assert read.columns("user") == ["ann", "#015b"]
    assert read.rows[0][1]["raw"].endswith("suser=ann#015")


def test_mail_in_names_written_in_full(read_bytes: Any) -> None:
    row = read_bytes(
        "CEF:0|Cisco|C100V Email Security Virtual Appliance|13.0.0-1|ESA_EVENT|x|5|"
        "endTime=Tue Aug 13 15:15:48 2019 startTime=Tue Aug 13 15:15:45 2019 suser=a@example.org "
        "sourceAddress=198.51.100.1 sourceHostName=mx.example.org duser=b@example.com\n"
    ).row()
    wanted = {
        "time": iso_ticks("2019-08-13T15:15:48Z"), "source_ip": "198.51.100.1",
        "sender_ip": "198.51.100.1", "sender_address": "a@example.org",
    }  # fmt: skip
    assert {column: row.get(column) for column in wanted} == wanted


def test_a_devices_own_moment_comes_first(read_bytes: Any) -> None:
    head = "Dec 27 11:07:55 fw1 CEF: 0|Fortinet|Fortigate|v7|00013|x|3|"
    read = read_bytes(
        f"{head}FTNTFGTeventtime=1545937675\n{head}FTNTFGTeventtime=1545937675123456789 rt=1\n"
        f"{head}FTNTFGTeventtime=x rt=1545937675000\n"
    )
    ends = ("", ".1234567", "")
    assert read.columns("time") == [iso_ticks(f"2018-12-27T19:07:55{end}Z") for end in ends]
    assert all("year assumed" not in row["event_data"] for _, row in read.rows)


@pytest.mark.parametrize(("fields", "time"), [
    ("rt=1795255200123", "2026-11-21T10:00:00.123Z"),
    ("rt=1795255200.123", "2026-11-21T10:00:00.123Z"),
    ("rt=1795255200123.5", "2026-11-21T10:00:00.1235Z"),
    ("rt=1795255200123456", "2026-11-21T10:00:00.123456Z"),
    ("rt=1795255200123456789", "2026-11-21T10:00:00.1234567Z"),
    ("rt= 1795255200123", "2026-11-21T10:00:00.123Z"),
    ("rt=20261121100000", "2020-01-02T03:04:05Z"),
    ("rt=Nov 21 2026 10:00:00 GMT+00:00", "2026-11-21T10:00:00Z"),
    ("rt=Nov 21 2026 10:00:00 GMT-05:30", "2026-11-21T15:30:00Z"),
    ("rt=Sat Nov 21 10:00:00 UTC 2026", "2026-11-21T10:00:00Z"),
    ("rt=Sat, Nov 21 10:00:00 2026", "2026-11-21T10:00:00Z"),
    ("rt=Sat Nov 21 10:00:00 XYZ 2026", "2020-01-02T03:04:05Z"),
    ("dtz=GMT+02:00 rt=Sat Nov 21 10:00:00 2026", "2026-11-21T08:00:00Z"),
    ("rt=Nov 21 2026 10:00:00", "2026-11-21T10:00:00Z"),
    ("rt=Nov 21 2026 10:00:00.5 EST", "2026-11-21T15:00:00.5Z"),
    ("dtz=+02:00 rt=Nov 21 2026 10:00:00", "2026-11-21T08:00:00Z"),
    ("dtz=+02:00 rt=Sat Nov 21 10:00:00 UTC 2026", "2026-11-21T10:00:00Z"),
    ("rt=nonsense end=1795255200123 start=1", "2026-11-21T10:00:00.123Z"),
    ("start=Nov 21 2026 10:00:01", "2026-11-21T10:00:01Z"),
    ("msg=none", "2020-01-02T03:04:05Z"),
])  # fmt: skip
def test_when_it_happened(fields: str, time: str, read_bytes: Any) -> None:
    row = read_bytes(f"Jan  2 2020 03:04:05 host {HEAD}{fields}\n").row()
    assert row["time"] == iso_ticks(time)


def test_hashes_by_their_lengths(read_bytes: Any) -> None:
    sha = "0123456789abcdef" * 4
    row = read_bytes(f"{HEAD}filePath=C:\\\\a\\\\b.exe fileHash={sha} duser=EX\\\\bob\n").row()
    assert (row["sha256"], row.get("md5"), row.get("sha1")) == (sha, None, None)
    assert (row["file_name"], row["target_user"]) == ("b.exe", "bob")


def test_relays_of_their_own_way(read_bytes: Any) -> None:
    read = read_bytes(f"192.0.2.1 relay {HEAD}src=1\nx=1 y=2 {HEAD}src=1\n{HEAD}src=192.0.2.1\n")
    assert len(read.rows) == 2
    assert len(read.unreadable) == 1
