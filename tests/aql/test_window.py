"""Which events a query's time window takes."""

import datetime as dt

import pytest
from tests.aql.conftest import NOW, SYSMON, Ask

from vedette.aql import bind
from vedette.plan.types import TICKS_PER_SECOND, ticks_of
from vedette.syntax import Findings, QueryError, Source
from vedette.tables.catalog import Catalog

MILLISECONDS = int(NOW.timestamp() * 1000)


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a store with an event now, and 1, 5, 60 and 1,440 minutes ago, named by that."""
    ask = Ask(tmp_path_factory.mktemp("minutes"))
    ages = (0, 1, 5, 60, 1440)
    ask.store("process_event", *({**SYSMON, "user": str(m), "ago": m * 60} for m in ages))
    return ask


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("", "0 1 5"),
        ("LAST 1 MINUTES", "0 1"),
        ("last 1 hours", "0 1 5 60"),
        ("LAST 2 DAYS", "0 1 5 60 1440"),
        ("LAST 99999999 DAYS", "0 1 5 60 1440"),
        ("LAST 1 HOUR", "0 1 5 60"),
        ("START '2026-11-21 11:55' STOP '2026-11-21 11:59'", "1 5"),
        ("START '2026-11-21 11:55:01' STOP '2026-11-21 11:58:59'", ""),
        ("START '2026/11/21 11:55:00' STOP '2026/11/21-11:59:00'", "1 5"),
        ("START '2026:11:21-11:55:00' STOP '2026:11:21-11:59:00Z'", "1 5"),
        ("START '2026 11 21 9:00:00'", "0 1 5 60"),
        ("START '2026-11-21 11:58:59.999' STOP '2026-11-21 11:59:00.000'", "1"),
        (f"START {MILLISECONDS - 300_000} STOP {MILLISECONDS - 60_000}", "1 5"),
        (f"START {MILLISECONDS - 299_999} STOP {MILLISECONDS - 60_001}", ""),
        ("START PARSEDATETIME('1 hour ago') STOP PARSEDATETIME('1 minute ago')", "1 5 60"),
        ("START PARSEDATETIME('2 weeks ago') STOP NOW()", "0 1 5 60 1440"),
        ("START PARSEDATETIME('2026/11/21 11:55:00') STOP PARSEDATETIME('now')", "0 1 5"),
        ("START PARSEDATETIME('20 days ago')", "0 1 5 60 1440"),
    ],
)
def test_a_window_takes(minutes: Ask, clause: str, found: str) -> None:
    answer = minutes(f"SELECT username FROM events {clause}")
    assert " ".join(str(row[0]) for row in answer.rows) == found


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ("LAST 5 SECONDS", "LAST takes MINUTES, HOURS or DAYS, not SECONDS"),
        ("LAST 5", "expected MINUTES, HOURS or DAYS, found the end of the query"),
        ("LAST HOURS", "expected how many MINUTES, HOURS or DAYS, found 'HOURS'"),
        ("STOP '2026-11-21 11:59'", "STOP needs START before it"),
        ("START '2026-11-21'", "START and STOP take a moment"),
        ("START '2026-13-21 10:00'", "START and STOP take a moment"),
        ("START '2026-11-21 11:59' STOP '2026-11-21 11:55'", "START lies behind STOP"),
        ("START '2027-01-01 00:00'", "START lies in the future"),
        ("START PARSEDATETIME('yesterday')", "PARSEDATETIME does not read 'yesterday'"),
        ("START 99999999999999999", "START and STOP take a moment"),
        ("START 1795262000 STOP 1795262390", "1795262000 milliseconds are a moment of 1970"),
        ("LAST 1 HOURS START '2026-11-21 11:59'", "START beside LAST: a query has one time window"),
    ],
)
def test_a_window_that_is_none_is_refused(clause: str, message: str) -> None:
    findings = Findings(Source(f"SELECT username FROM events {clause}"))
    with pytest.raises(QueryError) as refused:
        bind(findings.source, Catalog(), ticks_of(NOW), findings)
    assert message in [p.message for p in refused.value.problems]


@pytest.mark.parametrize(
    ("clause", "seconds"),
    [
        ("LAST 24 HOURS", 86_400),
        ("", 300),
        ("START '2026-11-21 11:00'", 3600),
        ("START '2026-11-21 10:00' STOP '2026-11-21 11:00'", 7200),
        ("START '2026-11-21 12:00' STOP '2026-11-21 13:00'", None),
    ],
)
def test_a_plan_says_how_far_it_looks_back(clause: str, seconds: int | None) -> None:
    findings = Findings(Source(f"SELECT username FROM events {clause}"))
    plan = bind(findings.source, Catalog(), ticks_of(NOW), findings)
    assert plan.lookback_ticks == (None if seconds is None else seconds * TICKS_PER_SECOND)


def test_an_event_after_now_is_not_yet_there(ask: Ask) -> None:
    ask.store("process_event", {**SYSMON, "ago": -1})
    assert ask("SELECT username FROM events LAST 1 HOURS").rows == []
    later = (NOW + dt.timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    query = f"SELECT username FROM events START '2026-11-21 11:00' STOP '{later}'"
    assert len(ask(query).rows) == 1
