"""SESSION BY: which events are in one session (IBM: "Transactional query refinements").

An event is written as the second it happened, the user and the event's number: 1 begins, 2 ends.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.aql.conftest import SYSMON, Ask

SESSION = "SESSION BY starttime username"


def sessions(folder: Path, events: str, clause: str) -> str:
    """The number of each event's session, in the order that the events are written in."""
    ask = Ask(folder)
    rows = [event.split(":") for event in events.split()]
    ask.store(
        "process_event",
        *(
            {**SYSMON, "ago": 200 - int(second), "user": user, "event_code": int(code)}
            for second, user, code in rows
        ),
    )
    query = f"SELECT sessionId, starttime FROM events {clause} ORDER BY starttime, username"
    return " ".join("-" if n is None else str(n) for n, _ in ask(query).rows)


@pytest.mark.parametrize(
    ("clause", "events", "numbers"),
    [
        # A session begins where BEGIN is true or the event before ended one.
        ("BEGIN eventid = 1", "0:a:1 1:a:3 2:a:1 3:a:3", "1 1 2 2"),
        ("BEGIN eventid = 1", "0:a:3 1:a:3 2:a:1", "1 1 2"),
        ("BEGIN eventid = 1 END eventid = 2", "0:a:1 1:a:2 2:a:3 3:a:1", "1 1 2 3"),
        ("", "0:a:1 1:a:2 2:b:1", "1 1 2"),
        # Its expressions tell sessions apart.
        ("BEGIN eventid = 1", "0:a:1 1:b:1 2:a:3 3:b:3 4:a:1", "1 2 1 2 3"),
        # EXPLICIT BEGIN begins one only where it is true.
        ("EXPLICIT BEGIN eventid = 1", "0:a:3 1:a:1 2:a:3 3:a:1", "- 1 1 2"),
        ("EXPLICIT BEGIN eventid = 1 END eventid = 2", "0:a:1 1:a:2 2:a:3 3:a:1", "1 1 - 2"),
        # EXPLICIT END ends one only where it is true: several that begin are one session.
        ("BEGIN eventid = 1 EXPLICIT END eventid = 2", "0:a:1 1:a:1 2:a:2 3:a:1", "1 1 1 2"),
        ("EXPLICIT BEGIN eventid = 1 EXPLICIT END eventid = 2",
         "0:a:3 1:a:1 2:a:1 3:a:2 4:a:3 5:a:1", "- 1 1 1 - 2"),
        # TIMEOUT is since the event before, TIMEWINDOW since the first.
        ("BEGIN eventid = 1 TIMEOUT 10000", "0:a:1 9:a:3 18:a:3 28:a:3", "1 1 1 2"),
        ("BEGIN eventid = 1 END eventid = 2 TIMEWINDOW 10 SECONDS", "0:a:1 9:a:3 18:a:3 27:a:3",
         "1 1 2 2"),
        ("EXPLICIT BEGIN eventid = 1 TIMEOUT 5000 TIMEWINDOW 1 MINUTES",
         "0:a:1 4:a:3 9:a:3 10:a:1 14:a:3", "1 1 - 2 2"),
        ("EXPLICIT BEGIN eventid = 1 TIMEOUT 5000", "0:a:1 1:b:3 2:b:1 3:a:3", "1 - 2 1"),
    ],
)  # fmt: skip
def test_sessions_are_numbered(tmp_path: Path, clause: str, events: str, numbers: str) -> None:
    assert sessions(tmp_path, events, f"{SESSION} {clause}") == numbers


def test_sessions_can_be_grouped_by(tmp_path: Path) -> None:
    ask = Ask(tmp_path)
    ask.store("process_event", *({**SYSMON, "user": u, "ago": 60 - i} for i, u in enumerate("aab")))
    query = f"""SELECT sessionid, username, COUNT(*) AS n FROM events WHERE username IS NOT NULL
        {SESSION} BEGIN username = 'x' GROUP BY sessionId ORDER BY n DESC"""
    found = ask(query)
    assert found.columns == ["sessionid", "FIRST_username", "n"]
    assert found.rows == [(1, "a", 2.0), (2, "b", 1.0)]


def test_a_query_over_sessions_has_their_numbers(tmp_path: Path) -> None:
    ask = Ask(tmp_path)
    ask.store("process_event", *({**SYSMON, "user": u} for u in "aab"))
    inner = f"SELECT sessionId AS s, devicetype FROM events {SESSION} BEGIN FALSE"
    query = (
        f"SELECT MAX(s) AS most, LOGSOURCETYPENAME(devicetype) FROM ({inner}) GROUP BY devicetype"
    )
    assert ask(query).rows == [(2.0, "Microsoft Windows Security Event Log")]


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ("SESSION BY username BEGIN TRUE", 'Wrong argument type: "String". "Long" is required.'),
        ("SESSION BY starttime BEGIN username",
         'Wrong argument type: "String". "Boolean" is required.'),
        ("SESSION BY starttime EXPLICIT TIMEOUT 5", "expected BEGIN or END, found 'TIMEOUT'"),
        ("SESSION BY starttime TIMEWINDOW 5",
         "expected SECONDS, MINUTES, HOURS or DAYS, found the end of the query"),
        ("SESSION BY starttime BEGIN TRUE BEGIN TRUE", "expected one BEGIN only, found 'BEGIN'"),
        ("SESSION BY starttime username TIMEOUT 1.5",
         "expected a whole number below 1,000,000,000, found '1.5'"),
        ("WHERE sessionId = 1 SESSION BY starttime",
         'Field "sessionId" does not exist in catalog "events"'),
    ],
)  # fmt: skip
def test_a_clause_that_is_none_is_refused(
    refusal: Callable[..., list[tuple[str, str]]], clause: str, message: str
) -> None:
    assert message in [m for _, m in refusal(f"SELECT sessionId FROM events {clause}")]


def test_without_the_clause_there_is_no_session(
    refusal: Callable[..., list[tuple[str, str]]],
) -> None:
    assert [code for code, _ in refusal("SELECT sessionId FROM events")] == ["2000"]
