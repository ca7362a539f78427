"""Zeek's logs: headers that change, escapes, sets, JSON with and without the log's name."""

import json
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.readers.zeek import ZeekReader, path_of
from vedette.logs.times import iso_ticks
from vedette.logs.zeek import unescaped

HEADER = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"


def sample(read_bytes: Any, name: str) -> Any:
    return read_bytes((SAMPLES / "zeek" / name).read_bytes(), name)


def test_connections_under_two_headers(read_bytes: Any) -> None:
    read = sample(read_bytes, "conn.log")
    assert read.unreadable == []
    assert [table for table, _ in read.rows] == ["network_event"] * 4
    first = read.rows[0][1]
    assert first["time"] == first["started"] == iso_ticks("2025-11-21T10:00:00.123456Z")
    assert first["ended"] == iso_ticks("2025-11-21T10:00:12.623457Z")
    assert (first["source_ip"], first["source_port"]) == ("192.0.2.10", 50123)
    assert (first["destination_ip"], first["destination_port"]) == ("198.51.100.7", 443)
    assert (first["protocol"], first["application_protocol"]) == ("tcp", "ssl")
    assert (first["source_bytes"], first["destination_bytes"]) == (1200, 34567)
    assert (first["source_packets"], first["destination_packets"]) == (20, 31)
    assert (first["device_class_id"], first["event_name"]) == ("conn", "SF")
    assert read.columns("ended")[1] is None
    own = [json.loads(data) for data in read.columns("event_data")]
    assert [o.get("tunnel_parents") for o in own] == [[], None, ["CpAr1", "CpAr2"], None]
    assert [o.get("local_orig") for o in own] == [True, False, None, None]
    assert own[3]["note_text"] == "a\ttab, a \\ and café"
    assert own[0]["id.resp_p"] == 443
    assert own[0]["_path"] == "conn"


def test_requests(read_bytes: Any) -> None:
    first, second = (row for _, row in sample(read_bytes, "http.log").rows)
    assert (first["url_path"], first["url_query"]) == ("/login.php", "user=a&next=%2F")
    assert (first["status"], first["protocol_version"]) == (200, "HTTP/1.1")
    assert first["user_agent"] == 'curl/8 (x86; "odd")'
    assert (second["method"], second["url_host"], second["user"]) == (
        "CONNECT", "mail.example.net", "ann",
    )  # fmt: skip


def test_json_of_several_logs(read_bytes: Any) -> None:
    read = sample(read_bytes, "streamed.json")
    assert read.unreadable == []
    tables = ["dns_event", "mail_event", *["device_event"] * 4]
    assert [table for table, _ in read.rows] == tables
    dns, mail, notice, _, kerberos, script = (row for _, row in read.rows)
    assert (dns["query_name"], dns["query_type"]) == ("www.example.org", "A")
    assert (dns["response_code"], dns["query_results"]) == (
        "NOERROR", "edge.example.net, 198.51.100.7",
    )  # fmt: skip
    assert (mail["sender_address"], mail["sender_domain"]) == ("pay@Example.net", "example.net")
    assert (mail["recipient"], json.loads(mail["copy_recipients"])) == (
        "ann@example.org", ["bob@example.org"],
    )  # fmt: skip
    assert (notice["action"], notice["event_name"]) == ("Alert", "Scan::Port_Scan")
    assert (notice["source_ip"], notice["destination_port"]) == ("192.0.2.66", 22)
    assert (kerberos["user"], kerberos["source_ip"]) == ("ann", "192.0.2.10")
    assert json.loads(kerberos["event_data"])["id"]["orig_h"] == "192.0.2.10"
    assert script["device_class_id"] == "made_by_a_script"


def test_a_file_is_named_for_its_log(read_bytes: Any) -> None:
    read = sample(read_bytes, "ssl.2026-11-21-10.log")
    assert read.columns("device_class_id") == ["ssl", "ssl"]
    assert read.columns("destination_host") == ["www.example.org", None]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("conn.log", "conn"), ("conn.2026-11-21-10-00-00-11-00-00.log.gz", "conn"),
        ("logs/2026-11-21/smb_files.10:00:00-11:00:00.log", "smb_files"),
        ("logs.zip/dns_20261121_10:00.log", "dns"), ("known_hosts.log", "known_hosts"),
        ("C:\\zeek\\x509.log", "x509"), ("connections.log", None), ("my.conn.log", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_log_that_a_name_says(name: str, path: str | None) -> None:
    assert path_of(name) == path


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"conn_state": "SF"}, "conn"), ({"qtype_name": "A", "query": "x"}, "dns"),
        ({"trans_depth": 1, "status_code": 200}, None), ({"auth_attempts": 1}, "ssh"),
        ({"trans_depth": 1, "status_code": 200, "request_body_len": 0}, "http"),
        ({"trans_depth": 1, "mailfrom": "a@example.net", "subject": "b"}, "smtp"),
        ({"trans_depth": 0, "status_code": 200, "request_from": "<sip:a@example.net>",
          "request_body_len": 0, "response_body_len": 0}, "sip"),
        ({"note": "Signatures::Odd", "sig_id": "a", "event_msg": "b"}, "signatures"),
        ({"request_type": "AS"}, "kerberos"), ({"answer": 1}, None),
    ],
)  # fmt: skip
def test_the_log_that_fields_say(read_bytes: Any, record: dict[str, Any], path: str | None) -> None:
    ends = {"id.orig_h": "192.0.2.1", "id.resp_h": "192.0.2.2"}
    row = read_bytes(json.dumps({"ts": 1.5, "uid": "C1"} | ends | record), "export.json").row()
    assert json.loads(row["event_data"]).get("_path") == path


def test_names_with_lines_between_are_those_with_dots(read_bytes: Any) -> None:
    record = {
        "ts": 1763719200.5, "uid": "C1", "id_orig_h": "192.0.2.1", "id_orig_p": 40000,
        "id_resp_h": "192.0.2.2", "id_resp_p": 443, "conn_state": "SF",
    }  # fmt: skip
    header = HEADER + "#path\tconn\n#fields\t" + "\t".join(record) + "\n"
    header += "#types\ttime\tstring\taddr\tport\taddr\tport\tstring\n"
    for text in (json.dumps(record) + "\n", header + "\t".join(map(str, record.values())) + "\n"):
        row = read_bytes(text, "a.log").row()
        assert (row["source_ip"], row["source_port"]) == ("192.0.2.1", 40000)
        assert (row["destination_ip"], row["destination_port"]) == ("192.0.2.2", 443)
        own = {name.replace("id_", "id."): value for name, value in record.items()}
        assert json.loads(row["event_data"]) == own | {"_path": "conn"}
    certificate = {"ts": 1.5, "fuid": "F1", "certificate_subject": "CN=a"}
    row = read_bytes(json.dumps(certificate) + "\n", "x509.log").row()
    assert row["event_name"] == "CN=a"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"), ("::ffff:x", "::ffff:x"),
        ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"), ("FE80:0:0::1%eth0", "fe80::1%eth0"),
        ("::ffff:192.0.2.1:80", "192.0.2.1:80"), ("aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"),
    ],
)  # fmt: skip
def test_an_address_of_version_4_written_as_6(written: str, address: str, read_bytes: Any) -> None:
    record = {"ts": 1.5, "uid": "C1", "id.orig_h": written, "id.resp_h": "192.0.2.2"}
    assert read_bytes(json.dumps(record) + "\n", "conn.log").row()["source_ip"] == address


@pytest.mark.parametrize("ts", [1763719200123, 1763719200123.0])
def test_times_in_milliseconds(ts: float, read_bytes: Any) -> None:
    ends = {"id.orig_h": "192.0.2.1", "id.resp_h": "192.0.2.2"}
    record = {"ts": ts, "uid": "C1", **ends, "duration": 1.5, "conn_state": "SF"}
    row = read_bytes(json.dumps(record) + "\n", "conn.log").row()
    assert row["time"] == row["started"] == iso_ticks("2025-11-21T10:00:00.123Z")
    assert row["ended"] == iso_ticks("2025-11-21T10:00:01.623Z")
    assert json.loads(row["event_data"])["ts"] == ts


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain", "plain"), ("a\\x09b", "a\tb"), ("\\xc3\\xa9", "é"), ("\\xe9", "é"),
        ("\\\\xe9", "\\xe9"), ("\\\\\\\\host\\\\share", "\\\\host\\share"), ("\\x2d", "-"),
        ("\\x", "\\x"), ("a\\", "a\\"), ("\\xf0\\x9f\\x98\\x80\\\\", "😀\\"),
    ],
)  # fmt: skip
def test_escapes(written: str, text: str) -> None:
    assert unescaped(written) == text


def test_other_separators_and_odd_values(read_bytes: Any) -> None:
    text = (
        "#separator \\x7c\n#set_separator|;\n#empty_field|EMPTY\n#unset_field|NONE\n#path|odd\n"
        "#fields|ts|text|names|number|share\n#types|time|string|set[string]|count|double\n"
        "1763719200.5|EMPTY|a\\x3bb;NONE|NONE|1e3\n"
        "not a moment|-|EMPTY|99999999999999999999999999|nan\n"
    )
    read = read_bytes(text, "odd.log")
    assert read.columns("time") == [iso_ticks("2025-11-21T10:00:00.5Z"), None]
    one, two = (json.loads(data) for data in read.columns("event_data"))
    assert one == {"ts": 1763719200.5, "text": "", "names": ["a;b", None], "share": 1000.0,
                   "_path": "odd"}  # fmt: skip
    assert two == {"ts": "not a moment", "text": "-", "names": [], "share": "nan",
                   "number": "99999999999999999999999999", "_path": "odd"}  # fmt: skip


def test_what_is_no_record_is_told(read_bytes: Any) -> None:
    lines = [
        "1763719200.0\tearly", "#fields\tts\tuid", "#remark\tof nobody", "1763719200.0\tC1",
        "1763719200.0\tC1\tmore", "{broken", '{"answer": 42}', "[]", "#close\t2026",
    ]  # fmt: skip
    read = read_bytes(HEADER + "\n".join(lines) + "\n", "a.log")
    assert len(read.rows) == 1
    assert [u.sample.decode() for u in read.unreadable] == [
        lines[0], lines[2], lines[4], lines[5], lines[6], lines[7],
    ]  # fmt: skip
    assert "the header names 2 fields" in read.reasons[2]


def test_a_log_that_grew_keeps_its_header(read_bytes: Any) -> None:
    text = HEADER + "#path\tdns\n#fields\tts\tquery\n1763719200.0\tone\n"
    grown = text + "1763719201.0\ttwo\n#fields\tts\trtt\tquery\n1763719202.0\t0.1\tthree\n"
    read = read_bytes(grown, "dns.log", start=len(text))
    assert read.columns("query_name") == ["two", "three"]
    behind = len(grown) - len("1763719202.0\t0.1\tthree\n")
    assert read_bytes(grown, "dns.log", start=behind).columns("query_name") == ["three"]


@pytest.mark.parametrize(
    "text",
    [
        '{"ts": 1763719200.1, "level": "info", "msg": "handled request", "status": 200}\n',
        '{"ts": 1763719200.1, "note": "a", "msg": "b"}\n', '{"uid": "C1", "conn_state": "SF"}\n',
        "#Fields: date time c-ip\n", "# a comment\n", "",
    ],
)  # fmt: skip
def test_others_are_left_alone(text: str) -> None:
    assert ZeekReader().sniff(text.encode(), "a.log") == 0
