"""One statement over many windows gives the very rows that one statement a window gives."""

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import DAY, HOUR, at, event

from vedette.detections.model import Language
from vedette.hunt.evaluate import Rows, Task, at_once, evaluate, window_by_window
from vedette.hunt.windows import slide
from vedette.plan.passes.each_window import NotAtOnce
from vedette.plan.passes.relative_to_clock import ClockBound
from vedette.syntax import Source
from vedette.workspace import Workspace

PROCESSES = "DeviceProcessEvents | where Timestamp > ago(4h)"


def events() -> list[dict[str, Any]]:
    """Some hundred processes of three machines in bursts over two days, some at odd ticks."""
    chance = random.Random(7)
    start = at("2020-01-01T00:00:00")
    rows = []
    for number in range(150):
        moment = start + chance.choice([0, 1, 30]) * HOUR + chance.random() * 9 * HOUR
        row = event(number, None, host=f"ws{chance.randrange(3)}", user=chance.choice("ab"))
        row["time"] = moment.replace(microsecond=0 if chance.random() < 0.5 else 999_999)
        row |= {"action": "ProcessCreated", "process_name": chance.choice(["nmap", "cmd", "sh"])}
        rows.append(row)
    return rows


def task(
    workspace: Workspace,
    text: str,
    language: Language,
    lookback: dt.timedelta = 4 * HOUR,
    step: dt.timedelta = HOUR,
) -> Task:
    volumes = workspace.volume("process_event", HOUR)
    stretches = [(v.first, v.last) for v in volumes if v.first and v.last]
    windows = slide(stretches, lookback, step)
    return Task(
        workspace=workspace,
        source=Source(text),
        compile=lambda clock: workspace.compile(text, language, clock),
        plan=lambda clock: workspace.plan(text, language, clock),
        windows=windows.evaluated,
        lookback=lookback,
        step=step,
        rows=150,
        is_sparse=bool(windows.unreached),
        most=1_000,
    )


def content(parts: Iterable[tuple[int, Rows]]) -> set[tuple[str, frozenset[str]]]:
    """Each row with the events behind it."""
    return {
        (repr(row), frozenset(identities))
        for _, (result, behind) in parts
        for row, identities in zip(result.rows(), behind, strict=True)
    }


AT_ONCE = {
    "filter": f"{PROCESSES} | where FileName == 'nmap' | project Timestamp, DeviceName",
    "between": "DeviceProcessEvents | where Timestamp between (ago(4h) .. now())"
    " | project Timestamp, AccountName",
    "clock in a column": f"{PROCESSES} | project DeviceName, Age = now() - Timestamp",
    "a shorter span inside": f"{PROCESSES} | where Timestamp > ago(1h) or FileName == 'sh'"
    " | project Timestamp, FileName",
    "aggregate": f"{PROCESSES} | summarize n = count(), Last = max(Timestamp) by DeviceName",
    "aggregate over bins": f"{PROCESSES} | summarize n = dcount(FileName)"
    " by DeviceName, bin(Timestamp, 30m) | where n > 1",
    "distinct": f"{PROCESSES} | distinct DeviceName, AccountName",
    "inner join": f"{PROCESSES} | summarize n = count() by DeviceName | join kind=inner"
    f" ({PROCESSES} | where FileName == 'nmap' | summarize m = count() by DeviceName)"
    " on DeviceName | where n > 3 * m",
    "anti join": f"{PROCESSES} | where FileName == 'nmap' | join kind=leftanti"
    " (DeviceProcessEvents | where Timestamp > ago(1h) and FileName == 'sh') on DeviceName"
    " | project Timestamp, DeviceName",
    "left outer join": f"{PROCESSES} | where AccountName == 'a' | join kind=leftouter"
    " (DeviceProcessEvents | where Timestamp > ago(2h) and FileName == 'sh'"
    " | summarize n = count() by DeviceName) on DeviceName | project Timestamp, DeviceName, n",
    "left outer join and a time that may be missing": f"{PROCESSES} | where AccountName == 'a'"
    " | project DeviceName, First = Timestamp | join kind=leftouter (DeviceProcessEvents"
    " | where Timestamp > ago(30m) and FileName == 'sh' | project DeviceName, Timestamp)"
    " on DeviceName | where Timestamp > ago(4h) | project First, DeviceName, Timestamp",
    "new against old": "let old = DeviceProcessEvents"
    " | where Timestamp between (ago(4h) .. ago(1h)) | distinct DeviceName, FileName;"
    " DeviceProcessEvents | where Timestamp > ago(1h)"
    " | join kind=leftanti old on DeviceName, FileName | project Timestamp, DeviceName, FileName",
    "union": "union (DeviceProcessEvents | where Timestamp > ago(4h) and FileName == 'sh'"
    f" | project DeviceName), ({PROCESSES} | summarize count() by DeviceName | project DeviceName)",
    "union of events": "union DeviceProcessEvents, DeviceFileEvents | where Timestamp > ago(4h)"
    " | where DeviceName == 'ws1' | project Timestamp",
    "sorted": f"{PROCESSES} | summarize n = count() by DeviceName | sort by n desc",
    "an hour of the clock": f"{PROCESSES} | where hourofday(now()) > 12 | project DeviceName",
    "a named clock": f"let n = now(); {PROCESSES} | where hourofday(n) in (7, 8, 9, 10)"
    " | project DeviceName",
    "a day of the week": f"let n = now(); {PROCESSES} | where dayofweek(n) == 4d"
    " | project Timestamp",
    "elements": f"{PROCESSES} | extend words = dynamic(['nmap', 'sh', 'cmd'])"
    " | mv-expand with_itemindex=place words to typeof(string) | where words == FileName"
    " | summarize n = count(), most = max(place) by DeviceName, words",
    "elements of a row": f"{PROCESSES} | extend words = dynamic(['nmap', 'sh'])"
    " | mv-apply word = words to typeof(string) on (where word == FileName | project word)"
    " | project Timestamp, word",
    "lookup": "let known = datatable(FileName: string, Kind: string)"
    f"['nmap', 'scan', 'sh', 'shell']; {PROCESSES} | join kind=inner known on FileName"
    " | summarize n = count() by Kind",
    "series": "DeviceProcessEvents | make-series n = count() on Timestamp from ago(4h) to now()"
    " step 1h by DeviceName | extend (flag, score) = series_decompose_anomalies(n, 0.5, 0)",
    "series in a range": f"{PROCESSES} | make-series n = dcount(FileName),"
    " percentile(Timestamp, 50) default = datetime(null)"
    " on Timestamp in range(ago(3h), now(), 1h) by AccountName",
}
AT_ONCE_AQL = {
    "aql filter": "SELECT username, starttime FROM events WHERE username = 'a' LAST 4 HOURS",
    "aql aggregate": "SELECT username, COUNT(*) AS n, MIN(starttime) AS first FROM events"
    " GROUP BY username HAVING n > 4 ORDER BY n DESC LAST 4 HOURS",
}
APART = {
    "limit": f"{PROCESSES} | summarize n = count() by DeviceName | sort by n, DeviceName | take 1",
    "aggregate over everything": f"{PROCESSES} | where FileName == 'nmap' | summarize n = count()"
    " | where n < 3",
    "elements folded by row": f"{PROCESSES} | extend words = dynamic(['nmap', 'sh'])"
    " | mv-apply word = words to typeof(string) on (where word == FileName | summarize n = count())"
    " | where n > 0 | project Timestamp, n",
    "a month": "DeviceProcessEvents | where Timestamp > datetime_add('month', -1, now()) + 30d"
    " | project Timestamp, DeviceName",
    "a rounded clock": "DeviceProcessEvents | where Timestamp > startofday(now())"
    " | project Timestamp, DeviceName",
}
EVERY = [
    *(pytest.param(text, "kql", id=name) for name, text in AT_ONCE.items()),
    *(pytest.param(text, "aql", id=name) for name, text in AT_ONCE_AQL.items()),
]


@pytest.mark.parametrize("step", [1.5 * HOUR, 6 * HOUR])
@pytest.mark.parametrize(("text", "language"), EVERY)
def test_one_statement_gives_what_one_a_window_gives(
    make_workspace: Make, text: str, language: Language, step: dt.timedelta
) -> None:
    workspace = make_workspace(process_event=events())
    asked = task(workspace, text, language, step=step)
    expected = content(window_by_window(asked))
    assert expected
    assert content(at_once(asked)) == expected


@pytest.mark.parametrize("name", ["filter", "aggregate", "new against old"])
def test_parts_together_give_the_same(
    make_workspace: Make, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = task(make_workspace(process_event=events()), AT_ONCE[name], "kql")
    whole = list(at_once(asked))
    monkeypatch.setattr("vedette.hunt.evaluate.MOST_ROWS", 100)
    parts = list(at_once(asked))
    assert (len(whole), len(parts)) == (1, 5)
    assert content(parts) == content(whole)
    assert [done for done, _ in parts][-1] == len(asked.windows)


@pytest.mark.parametrize("name", APART)
def test_what_cannot_be_at_once_goes_window_by_window(make_workspace: Make, name: str) -> None:
    workspace = make_workspace(process_event=events())
    asked = task(workspace, APART[name], "kql")
    with pytest.raises((ClockBound, NotAtOnce)):
        list(at_once(asked))
    expected = content(window_by_window(asked))
    assert expected
    assert content(evaluate(asked)) == expected


def test_a_day_without_events_in_between_changes_nothing(make_workspace: Make) -> None:
    late = event(900, None, host="ws9", action="ProcessCreated", process_name="nmap")
    late["time"] = at("2020-01-01T00:00:00") + 900 * DAY
    workspace = make_workspace(process_event=[*events(), late])
    asked = task(workspace, AT_ONCE["aggregate"], "kql")
    assert content(at_once(asked)) == content(window_by_window(asked))
