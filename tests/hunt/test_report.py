"""The report's page: what it tells, and that nothing in logs or rules can act on its reader."""

import datetime as dt
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import at, detection, event

from vedette.detections.model import Allowance, Detection, Severity
from vedette.hunt import HuntReport, hunt
from vedette.hunt.as_json import report_object
from vedette.hunt.report import report_page
from vedette.hunt.report.shown import Budget, link, shown

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script src=//evil.example/x.js></script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "\x00\x1b[31mred\u202etxt.exe\u2066",
    "&lt;b&gt;",
)
TEXT = 'SELECT sourceip, "User Agent" AS agent, url FROM events LAST 1 DAYS'


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def visits() -> list[dict[str, Any]]:
    return [
        event(n, "2026-03-01T10:00:00", source_ip="198.51.100.7", user_agent=agent, url=agent)
        | {"raw": agent, "log_file": f"access{agent}.log", "log_offset": n}
        for n, agent in enumerate(HOSTILE)
    ]


def hostile_detection() -> Detection:
    return detection(
        'SELECT sourceip, url AS "</code><script>x</script>" FROM events LAST 1 DAYS',
        title="<script>title</script>",
        description="</p><script>d</script>\nsecond line",
        false_positives=("<script>f</script>",),
        references=("javascript:alert(1)", "https://attack.mitre.org/<script>"),
        notes="<script>n</script>",
        techniques=("T1591.002",),
    )


@pytest.fixture
def report(make_workspace: Make) -> HuntReport:
    return hunt(make_workspace(web_event=visits()), [hostile_detection()])


def page_of(report: HuntReport) -> str:
    return report_page(report, at("2026-03-02T00:00:00"))


def test_no_element_of_the_page_can_act(report: HuntReport) -> None:
    page = Parsed(page_of(report))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "b"}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not [name for name in names if name.startswith("on")]
    addresses = [
        a.get("href") or a.get("src") for _, a in page.elements if {"href", "src"} & set(a)
    ]
    assert all(str(a).startswith(("#", "https://")) for a in addresses)
    policies = [a["content"] for tag, a in page.elements if a.get("http-equiv")]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]


def test_hostile_values_are_shown_as_they_are_written(report: HuntReport) -> None:
    text = Parsed(page_of(report)).text
    for value in HOSTILE[:4]:
        assert value in text
    assert r"\x00\x1b[31mred\u202etxt.exe\u2066" in text
    assert "<script>title</script>" in text
    assert not re.search("[\x00\x1b\u202e\u2066]", text)


def test_only_addresses_of_the_web_become_links(report: HuntReport) -> None:
    links = [a["href"] for tag, a in Parsed(page_of(report)).elements if tag == "a"]
    assert "https://attack.mitre.org/techniques/T1591/002/" in links
    assert not [one for one in links if one and "javascript" in one]
    assert link("https://example.org/a?b=c") == "https://example.org/a?b=c"
    for refused in (
        "javascript:x",
        "data:text/html,x",
        "//example.org",
        "https://x\u202e.org",
        "http://[",
    ):
        assert link(refused) is None


def test_the_page_tells_findings_evidence_query_and_windows(report: HuntReport) -> None:
    page = page_of(report)
    text = " ".join(Parsed(page).text.split())
    assert "finding about 1 entity" in text
    assert "198.51.100.7" in text
    assert "1 window evaluated; looks back 1 day, every 1 day" in text
    assert "T1591.002 Business Relationships" in text
    assert "Everything could run." in text
    assert "web_event" in text
    assert page.count("<rect") == 2  # the events behind findings, and the events stored
    assert "6 events in findings of medium severity" in page


def test_what_could_not_run_is_no_clean_result(make_workspace: Make) -> None:
    refused = detection("SELECT no_such_field FROM events LAST 1 DAYS", title="Refused")
    report = hunt(make_workspace(web_event=visits()), [refused])
    text = " ".join(Parsed(page_of(report)).text.split())
    assert "Nothing could run, so nothing is known." in text
    assert "Refused" in text
    assert "no_such_field" in text


def test_a_report_over_nothing_has_a_page(make_workspace: Make) -> None:
    text = Parsed(page_of(hunt(make_workspace(), []))).text
    assert "Nothing is stored." in text


def test_long_values_are_cut_with_their_length_said() -> None:
    assert shown("x" * 1_000) == "x" * 400 + "… (1,000 characters in all)"
    assert shown("x" * 400) == "x" * 400
    assert shown(["a\x00"]) == '["a\\u0000"]'
    assert shown(None) == ""


def test_the_page_stays_bounded(make_workspace: Make) -> None:
    many = [
        event(n, "2026-03-01T10:00:00", source_ip=f"10.{n // 250}.{n % 250}.1")
        | {"url": "/" + "a" * 5_000, "raw": "b" * 50_000}
        for n in range(900)
    ]
    report = hunt(make_workspace(web_event=many), [detection(TEXT)])
    assert len(report.findings) == 900
    page = page_of(report)
    assert len(page) < 6_000_000
    assert "400 more findings are not on this page" in page
    assert "characters in all" in page


def test_evidence_ends_when_the_page_has_enough() -> None:
    budget = Budget(left=10)
    assert budget.takes(["12345", "123"])
    assert not budget.takes(["123"])
    assert budget.takes(["12"])


def test_an_event_of_two_findings_is_drawn_once_at_its_gravest(make_workspace: Make) -> None:
    both = [
        detection(TEXT, id="low", title="Low", severity=Severity.LOW),
        detection(TEXT, id="high", title="High", severity=Severity.HIGH),
    ]
    page = page_of(hunt(make_workspace(web_event=visits()), both))
    assert "6 events in findings of high severity" in page
    assert "in findings of low severity" not in page


def test_the_report_is_plain_json(report: HuntReport) -> None:
    said = json.loads(json.dumps(report_object(report)))
    (finding,) = said["findings"]
    assert finding["severity"] == "medium"
    assert finding["entity"] == "198.51.100.7"
    assert finding["count"] == len(HOSTILE)
    assert finding["first_seen"] == "2026-03-01T10:00:00Z"
    assert [e["values"]["raw"] for e in finding["events"]] == list(HOSTILE)
    (run,) = said["ran"]
    assert run["windows"]["evaluated"] == 1
    assert run["lookback"] == "1.00:00:00"
    assert said["could_not_run"] == []
    assert said["data"][0]["rows"] == len(HOSTILE)


def test_the_page_says_when_it_was_written(report: HuntReport) -> None:
    assert "written 2026-03-02 00:00:00Z" in page_of(report)


def test_what_was_let_through_and_what_filters_did_is_told(make_workspace: Make) -> None:
    hostile = "<script>reason</script>"
    allowance = Allowance("sourceip", ("198.51.100.7",), hostile, "web team", dt.date(2027, 1, 31))
    tuned = replace(hostile_detection(), allowances=(allowance,))
    found = hunt(make_workspace(web_event=visits()), [tuned])
    (run,) = found.runs
    assert run.query is not None
    named = replace(run.query, filters=("<b>own scanners</b>",))
    told = replace(found, runs=(replace(run, query=named),))
    page = Parsed(page_of(told))
    assert not {"script", "b"} & {tag for tag, _ in page.elements}
    assert {"let-through", "filters"} <= {a.get("id") for _, a in page.elements}
    for text in (hostile, "web team", "2027-01-31", "<b>own scanners</b>", "No findings"):
        assert text in page.text


def test_without_tuning_the_page_says_nothing_of_it(report: HuntReport) -> None:
    ids = {attributes.get("id") for _, attributes in Parsed(page_of(report)).elements}
    assert not {"let-through", "filters"} & ids
