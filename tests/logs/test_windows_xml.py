"""Windows events in XML: the columns that JSON gives, documents of any shape, refusals."""

import json
import zipfile
from pathlib import Path
from typing import Any

import evtx
import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.columns import filled
from vedette.logs.windows import WindowsRows
from vedette.logs.windows_xml import MAX_DEPTH, MAX_ELEMENTS, event_of

NAMESPACE = "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"
OURS = frozenset(("log_format", "event_data", "raw"))


def event(data: str, number: int = 7, more: str = "") -> str:
    return (
        f"<Event {NAMESPACE}><System><Provider Name='Microsoft-Windows-Sysmon'/>"
        f"<EventID>{number}</EventID><TimeCreated SystemTime='2026-11-21T10:00:00.1234567Z'/>"
        "<EventRecordID>9</EventRecordID><Execution ProcessID='4' ThreadID='5'/>"
        "<Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>ws01</Computer>"
        f"<Security UserID='S-1-5-18'/></System><EventData>{data}</EventData>{more}</Event>"
    )


def fields(text: str) -> Any:
    record = event_of(text)
    assert isinstance(record, dict), record
    return record["Event"]["EventData"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("<Data Name='A'>1 &amp; &lt;2&gt; &#65;</Data>", {"A": "1 & <2> A"}),
        ("<Data Name='A'/><Data Name=\"B\"> x </Data>", {"A": "", "B": " x "}),
        ("<Data>one</Data><Data>two</Data>", {"Data": {"#text": ["one", "two"]}}),
        ("<Data Name='A'><![CDATA[<Event >]]></Data>", {"A": "<Event >"}),
        ("<Data Name='A'>a\x01b\ufffec</Data>", {"A": "a\ufffdb\ufffdc"}),
        ("<Data Name='A'>caf\u00e9 \U0001f600</Data>", {"A": "caf\u00e9 \U0001f600"}),
        ("<Data Name='Data'>x</Data><Data>y</Data>", {"Data": "x", "Data_1": "y"}),
        ("<x>1</x><x>2</x><x>3</x>", {"x": "1", "x_1": "2", "x_2": "3"}),
        ("", {}),
    ],
)
def test_fields(data: str, found: dict[str, Any]) -> None:
    assert fields(event(data)) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Event><System/>", "an event without its end"),
        ("<Event><a></Event>", "no XML: mismatched tag, line 1"),
        ("<Event>&x;</Event>", "no XML: undefined entity, line 1"),
        ("<Event>x</Event>", "XML, but no Windows event"),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><Event>&b;</Event>",
            "XML that is refused: it declares a document type",
        ),
        (
            event("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH),
            f"XML that is refused: elements inside each other more than {MAX_DEPTH} deep",
        ),
        (
            event("<a/>" * MAX_ELEMENTS),
            f"XML that is refused: more than {MAX_ELEMENTS:,} elements",
        ),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    assert event_of(text) == reason


def test_documents_of_any_shape(read_bytes: Any) -> None:
    one, two = event("<Data Name='A'>1</Data>"), event("<Data Name='A'>2</Data>", 8)
    documents = [
        f"<?xml version='1.0'?>\n<Events>{one}{two}</Events>\n",
        f"{one}\n{two}\n",
        f"{one}{two}",
        f"<!-- a comment -->\n<Events xmlns='x'>\n\n{one}\r\n{two}\r\n</Events>",
        f"{one.replace('><', '>' + chr(10) + '  <')}\n{two}",
    ]
    for document in documents:
        for data in (document.encode(), ("\ufeff" + document).encode("utf-16-le")):
            read = read_bytes(data, "export.xml")
            assert read.format == "windows_xml"
            assert read.columns("event_code") == [7, 8]
            assert read.unreadable == []


def test_events_need_no_line_feeds(read_bytes: Any) -> None:
    text = (SAMPLES / "windows_xml" / "export.xml").read_bytes()
    assert len(read_bytes(text.replace(b"\n", b"\r"), "a.xml").rows) == len(
        read_bytes(text, "a.xml").rows
    )


def test_an_event_without_its_end_costs_itself_only(read_bytes: Any) -> None:
    one, two = event("<Data Name='A'>1</Data>"), event("<Data Name='A'>2</Data>", 8)
    read = read_bytes(f"{one}\n{one[:200]}\n{two}\nnonsense\n{one[:100]}")
    assert read.columns("event_code") == [7, 8]
    assert read.reasons == [
        "an event without its end", "not part of an event", "the last event has no end yet",
    ]  # fmt: skip
    assert read.position == len(f"{one}\n{one[:200]}\n{two}\n")


def test_a_log_that_grew_is_continued_behind_its_last_event(read_bytes: Any) -> None:
    one, two = event("<Data Name='A'>1</Data>"), event("<Data Name='A'>2</Data>", 8)
    first = read_bytes(one + two[:50])
    assert first.position == len(one)
    second = read_bytes(one + two, start=first.position)
    assert second.columns("event_code") == [8]
    assert second.row()["event_id"] == f"lineage-{len(one)}"


def test_sysmon_for_linux_in_syslog(read_bytes: Any) -> None:
    data = (
        "<Data Name='UtcTime'>2026-11-21 10:00:00.120</Data><Data Name='ProcessId'>22</Data>"
        "<Data Name='Image'>/usr/bin/id</Data><Data Name='CommandLine'>id &amp;&amp; w</Data>"
        "<Data Name='User'>ann</Data><Data Name='ParentImage'>/bin/sh</Data>"
    )
    text = event(data, 1).replace("Microsoft-Windows-Sysmon/", "Linux-Sysmon/")
    text = text.replace("Microsoft-Windows-Sysmon", "Linux-Sysmon")
    text = text.replace("<Computer>ws01</Computer>", "<Computer/>")
    read = read_bytes(f"Nov 21 10:00:00 web1 sysmon[511]: {text}\n")
    assert read.format == "syslog"
    ((table, row),) = read.rows
    assert table == "process_event"
    wanted = {
        "log_source_type": "Linux OS", "log_format": "windows_xml", "host": "web1",
        "process_path": "/usr/bin/id", "process_name": "id", "process_id": 22, "user": "ann",
        "command_line": "id && w", "parent_name": "sh", "provider": "Linux-Sysmon",
    }  # fmt: skip
    assert {column: row.get(column) for column in wanted} == wanted


def test_the_numbers_that_evtx_dump_writes_are_passed_over(read_bytes: Any) -> None:
    one = '<?xml version="1.0" encoding="utf-8"?>\n' + event("<Data Name='ProcessId'>5</Data>")
    read = read_bytes(f"Record 1\n{one}\nRecord 22\n{one}\nRecord x\n{one}\n", "e.xml")
    assert read.columns("process_id") == [5, 5, 5]
    assert [(u.reason, u.sample[:8]) for u in read.unreadable] == [
        ("not part of an event", b"Record x")
    ]


@pytest.mark.shared("data")
def test_real_events_have_the_columns_that_json_gives(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    compared = 0
    with zipfile.ZipFile(shared / "data/evtx-attack-samples.zip") as archive:
        names = [n for n in archive.namelist() if n.endswith(".evtx")][::12]
        for name in names:
            path.write_bytes(archive.read(name))
            as_json: list[Any] = list(evtx.PyEvtxParser(str(path)).records_json())
            as_xml: list[Any] = list(evtx.PyEvtxParser(str(path)).records())
            for one, other in zip(as_json, as_xml, strict=True):
                xml = event_of(other["data"][other["data"].index("<Event") :])
                assert isinstance(xml, dict)
                assert _columns(xml) == _columns(json.loads(one["data"]))
                compared += 1
    assert compared > 100


def _columns(record: dict[str, Any]) -> dict[str, Any]:
    made = WindowsRows("x", "l", "f").row(record, "", 0)
    assert made is not None
    layout, row = filled(made)
    return {
        column: value.replace("\r\n", "\n") if isinstance(value, str) else value
        for column, value in zip(layout.columns, row, strict=True)
        if column not in OURS
    }
