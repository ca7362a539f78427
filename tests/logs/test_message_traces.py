"""Messages as Exchange, Proofpoint and Mimecast log them, and the tables that show them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.logs.readers.mimecast import pairs
from vedette.logs.times import iso_ticks
from vedette.workspace import Workspace

SAMPLES = Path(__file__).parent / "samples"
HEADER = "#Software: Microsoft Exchange Server\r\n#Log-type: Message Tracking Log\r\n"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_a_tracking_log(read_bytes: Any) -> None:
    read = read_bytes(sample("exchange_tracking/MSGTRK.LOG"), "MSGTRK.LOG")
    assert (read.format, read.reasons) == ("exchange_tracking", [])
    assert read.columns("delivery_action") == [None, "Delivered", "Blocked"]
    row = read.rows[1][1]
    wanted = {
        "time": iso_ticks("2026-03-11T05:16:41.123Z"), "host": "MBX1", "sender_ip": "203.0.113.7",
        "sender_address": "eve@a.example", "envelope_sender": "bounce@a.example",
        "recipient": "ann@example.org", "subject": 'Invoice, "final"', "size": 2048,
        "direction": "Inbound", "message": "DELIVER", "message_id": "<m1@a.example>",
        "network_message_id": "0b9a1c2e-0000-4000-8000-000000000001",
    }  # fmt: skip
    assert {name: row.get(name) for name in wanted} == wanted
    assert json.loads(row["recipients"]) == ["ann@example.org", "bob@example.org"]


def test_fields_may_change_inside_a_tracking_log(read_bytes: Any) -> None:
    text = (
        HEADER + "#Fields: date-time,internal-message-id,event-id,message-subject\r\n"
        "2026-03-11T05:16:41Z,1,DELIVER,one\r\n2026-03-11T05:16:42Z,2,DELIVER\r\n"
        "#Fields: date-time,event-id\r\n2026-03-11T05:16:43Z,FAIL\r\n"
    )
    read = read_bytes(text, "a.log")
    assert read.columns("delivery_action") == ["Delivered", "Blocked"]
    assert read.reasons == ["3 values; the #Fields line names 4"]
    start = text.index("2026-03-11T05:16:43Z")
    later = read_bytes(text, "a.log", start=start)
    assert later.columns("delivery_action") == ["Blocked"]


def test_a_message_trace(read_bytes: Any) -> None:
    read = read_bytes(sample("message_trace/trace.csv"), "trace.csv")
    assert read.columns("delivery_action") == ["Delivered", "Blocked", "Junked"]
    # The second record's day is over 12 nowhere, but AM stands in capitals.
    assert read.columns("time")[0] == iso_ticks("2026-03-10T05:16:41Z")
    trace = read_bytes(sample("message_trace/trace.json"), "trace.json")
    assert trace.columns("recipient") == ["ann@example.org"] * 3
    assert trace.columns("network_message_id") == ["t0", "t1", "t2"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"Received": "/Date(1773206201000)/", "SenderAddress": "a@b.example", "Status": "Failed",
          "RecipientAddress": "c@d.example"},
         {"time": iso_ticks("2026-03-11T05:16:41Z"), "delivery_action": "Blocked"}),
        ({"origin_timestamp_utc": "2026-03-11T05:16:41.5Z", "sender_address": "a@b.example",
          "recipient_status": "c@d.example##Receive, Deliver;e@f.example##Fail",
          "message_subject": "s", "directionality": "Originating"},
         {"time": iso_ticks("2026-03-11T05:16:41.5Z"), "delivery_action": "Delivered",
          "recipient": "c@d.example", "recipients": '["c@d.example","e@f.example"]',
          "direction": "Outbound", "subject": "s"}),
        ({"id": "t1", "receivedDateTime": "2026-03-11T05:16:41Z", "senderAddress": "a@b.example",
          "recipientAddress": "c@d.example", "status": "quarantined", "fromIP": "203.0.113.7"},
         {"time": iso_ticks("2026-03-11T05:16:41Z"), "delivery_action": "Blocked",
          "network_message_id": "t1", "sender_ip": "203.0.113.7"}),
        ({"origin_timestamp_utc": "2026-03-11T05:16:41Z", "sender_address": "a@b.example",
          "recipient_status": "c@d.example##Receive, Deliver, Quarantine", "directionality": 1},
         {"delivery_action": "Blocked", "direction": "Inbound"}),
        ({"origin_timestamp_utc": "2026-03-11T05:16:41Z", "sender_address": "a@b.example",
          "recipient_status": "c@d.example##Receive, Filtered as spam", "directionality": "2"},
         {"delivery_action": "Junked", "direction": "Outbound"}),
        ({"Received": "2026-03-11T05:16:41Z", "SenderAddress": "", "Status": "GettingStatus",
          "RecipientAddress": "c@d.example"},
         {"delivery_action": "GettingStatus", "sender_address": None}),
    ],
)  # fmt: skip
def test_traces_of_every_sort(
    record: dict[str, Any], expected: dict[str, Any], read_bytes: Any
) -> None:
    row = read_bytes(json.dumps(record) + "\n", "a.json").row()
    assert {name: row.get(name) for name in expected} == expected


TRACE = "Received,SenderAddress,RecipientAddress,Subject,Status"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_trace_with_the_type_that_powershell_writes_first(encoding: str, read_bytes: Any) -> None:
    text = (
        f"#TYPE Selected.MessageTrace\r\n{TRACE}\r\n"
        "2026-03-11T05:16:41Z,a@b.example,c@d.example,one,Failed\r\n"
    )
    read = read_bytes(text.encode(encoding), "trace.csv")
    assert (read.format, read.reasons) == ("message_trace", [])
    assert read.columns("delivery_action") == ["Blocked"]
    opening = "2026-03-12T05:16:41Z,a@b.example,c@d.example,two,Failed\r\n"
    more = read_bytes((text + opening).encode(encoding), "more.csv")
    assert more.columns("subject") == ["one", "two"]


def test_the_extended_report(read_bytes: Any) -> None:
    names = (
        "date_time_utc,client_ip,server_ip,server_hostname,source,event_id,message_id,"
        "network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,"
        "message_subject,sender_address,return_path,directionality,original_client_ip,custom_data"
    )
    line = (
        "2026-03-11T05:16:4{0}.000Z,10.0.0.1,10.0.0.2,MBX1,SMTP,{1},<m1@a.example>,n1,"
        "ann@example.org;bob@example.org,,2048,2,subject,eve@a.example,bounce@a.example,Incoming,"
        "203.0.113.7,S:a=b"
    )
    events = ("RECEIVE", "DELIVER", "FAIL")
    text = "\n".join([names, *(line.format(n, event) for n, event in enumerate(events))]) + "\n"
    read = read_bytes(text.encode("utf-16"), "report.csv")
    assert (read.format, read.reasons) == ("message_trace", [])
    assert read.columns("delivery_action") == [None, "Delivered", "Blocked"]
    row = read.rows[1][1]
    wanted = {
        "time": iso_ticks("2026-03-11T05:16:41Z"), "host": "MBX1", "sender_ip": "203.0.113.7",
        "sender_address": "eve@a.example", "envelope_sender": "bounce@a.example",
        "recipient": "ann@example.org", "subject": "subject", "size": 2048,
        "direction": "Inbound", "message": "DELIVER", "network_message_id": "n1",
        "user": "ann@example.org",
        "recipient_count": 2, "recipients": '["ann@example.org","bob@example.org"]',
        "recipient_domain": "example.org",
    }  # fmt: skip
    assert {name: row.get(name) for name in wanted} == wanted


def test_proofpoint_s_lists_say_what_became_of_a_message(read_bytes: Any) -> None:
    read = read_bytes(sample("proofpoint/all.json"), "all.json")
    assert (read.format, read.reasons) == ("proofpoint", [])
    assert [table for table, _ in read.rows] == ["device_event", *["mail_event"] * 3]
    click, delivered, blocked, _ = (row for _, row in read.rows)
    assert (click["device_action"], click["url"]) == ("permitted", "http://a.example/login")
    assert (delivered["delivery_action"], blocked["delivery_action"]) == ("Delivered", "Blocked")
    assert delivered["threat_types"] == "Phish, Malware"
    assert delivered["sender_name"] == "Eve"
    assert json.loads(delivered["urls"]) == ["a.example/login"]
    assert [one["name"] for one in json.loads(delivered["attachments"])] == ["invoice.pdf"]


def test_proofpoint_s_records_by_themselves(read_bytes: Any) -> None:
    read = read_bytes(sample("proofpoint/lines.jsonl"), "lines.jsonl")
    assert read.columns("delivery_action") == ["Blocked", "Blocked", None]
    assert read.columns("device_action") == [None, None, "blocked"]
    bare = json.loads(sample("proofpoint/all.json"))["messagesBlocked"][0]
    row = read_bytes(json.dumps(bare) + "\n", "a.json").row()
    assert "delivery_action" not in row


def test_mimecast_s_lines(read_bytes: Any) -> None:
    read = read_bytes(sample("mimecast/receipt.log"), "receipt.log")
    assert read.format == "mimecast"
    assert read.columns("delivery_action") == [None, "Blocked", None]
    row = read.rows[0][1]
    assert row["time"] == iso_ticks("2026-03-11T04:16:40Z")
    assert (row["subject"], row["direction"]) == ("a | b and c=d", "Inbound")
    assert (row["recipient"], row["sender_address"]) == ("ann@example.org", "eve@a.example")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a=1|b=|c=x|y", {"a": "1", "b": "", "c": "x|y"}),
        ("|||", {}),
        ("a=b=c|1=2", {"a": "b=c|1=2"}),
        ("IP=1|Subject=x|IP=2|y|Act=Acc", {"IP": "1", "Subject": "x|IP=2|y", "Act": "Acc"}),
        ("Subject=x|Rcpt=a|Act=Acc|Rcpt=b|Act=Rej",
         {"Subject": "x|Rcpt=a|Act=Acc", "Rcpt": "b", "Act": "Rej"}),
        ("Subject=x|Subject=y", {"Subject": "x|Subject=y"}),
        ("a=1|b=2|a=3", {"a": "1", "b": "2|a=3"}),
    ],
)  # fmt: skip
def test_pairs(line: str, found: dict[str, str]) -> None:
    assert pairs(line) == found


def test_mimecast_s_names_for_recipients_and_ways(read_bytes: Any) -> None:
    head = "datetime=2026-03-11T05:16:41+0000|aCode=c1|acc=C1|IP=203.0.113.7|"
    lines = (
        "Recipient=ann@example.org|Route=Inbound|Virus=test",
        "recipient=ann@example.org|route=inbound|fileName=a.pdf",
        "Rcpt=ann@example.org|Dir=Inbound|Subject=a|IP=192.0.2.1|url=http://a.example/",
    )
    read = read_bytes("".join(f"{head}{line}\n" for line in lines), "av.log")
    assert [table for table, _ in read.rows] == ["mail_event"] * 3
    for column, value in {
        "recipient": "ann@example.org", "user": "ann@example.org", "direction": "Inbound",
        "recipient_domain": "example.org", "sender_ip": "203.0.113.7",
        "recipients": '["ann@example.org"]',
    }.items():  # fmt: skip
        assert read.columns(column) == [value] * 3
    assert read.rows[2][1]["subject"] == "a|IP=192.0.2.1"


@pytest.mark.parametrize(
    "record",
    [
        {"acc": "C1", "datetime": "2026-03-11T05:16:41+0000", "aCode": "c1",
         "headerFrom": "boss@example.org <eve@a.example>"},
        {"accountId": "C1", "timestamp": 1773206201000, "processingId": "p1",
         "senderHeader": "boss@example.org <eve@a.example>"},
        {"GUID": "g1", "messageTime": "2026-03-11T05:16:41Z", "threatsInfoMap": [],
         "headerFrom": "boss@example.org <eve@a.example>"},
    ],
)  # fmt: skip
def test_a_name_that_is_an_address_is_no_sender(record: dict[str, Any], read_bytes: Any) -> None:
    row = read_bytes(json.dumps(record) + "\n", "a.json").row()
    assert (row["sender_address"], row["sender_domain"]) == ("eve@a.example", "a.example")


def test_mimecast_s_clicks_and_json(read_bytes: Any) -> None:
    line = (
        "datetime=2026-03-11T05:16:41+0000|acc=C1|reason=malicious|url=http://a.example/x?y=z|"
        "route=inbound|sourceIp=192.0.2.5|sender=eve@a.example|recipient=ann@example.org|"
        "urlCategory=Phishing|senderDomain=a.example\n"
    )
    read = read_bytes(line, "ttp.log")
    assert [table for table, _ in read.rows] == ["device_event"]
    assert (read.row()["url"], read.row()["user"]) == ("http://a.example/x?y=z", "ann@example.org")
    batch = read_bytes(sample("mimecast/batch.json"), "batch.json")
    assert batch.columns("delivery_action") == ["Delivered", "Blocked", "Blocked"]
    assert batch.columns("sender_address") == ["eve@a.example"] * 3
    assert batch.columns("attachment_count") == [1, 1, 1]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("traces")
    with Workspace(folder / "workspace") as made:
        for name in ("exchange_tracking", "message_trace", "proofpoint", "mimecast", "mail"):
            made.ingest(SAMPLES / name)
        yield made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("EmailEvents | summarize Count = count() by DeliveryAction | sort by DeliveryAction asc",
         [("Blocked", 9), ("Delivered", 8), ("Junked", 1)]),
        ("EmailUrlInfo | where Url startswith 'a.example' | distinct UrlDomain", [("a.example",)]),
        (("EmailAttachmentInfo | where FileExtension == 'pdf' and FileName == 'invoice.pdf'"
         " | summarize count() by SHA256 | project strlen(SHA256), count_"), [(64, 5)]),
        ("UrlClickEvents | sort by ActionType asc | project ActionType, Url, AccountUpn",
         [("ClickAllowed", "http://a.example/login", "ann@example.org"),
          ("ClickBlocked", "http://a.example/login", "ann@example.org")]),
        (("EmailEvents | where ThreatTypes has 'Phish' | join kind=inner EmailUrlInfo on"
         " NetworkMessageId | distinct NetworkMessageId | count"), [(5,)]),
    ],
)  # fmt: skip
def test_defender_s_tables(workspace: Workspace, query: str, expected: list[Any]) -> None:
    assert workspace.query(query).rows() == expected
