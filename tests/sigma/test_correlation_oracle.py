"""Correlations over seeded random events, against the same worked out one by one in Python."""

import datetime as dt
import json
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vedette.workspace import Workspace

START = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
CODES = {"failed": 4625, "worked": 4624, "left": 4634}
NUMBERS = ("value_sum", "value_avg", "value_median", "value_percentile")


@dataclass(frozen=True)
class Event:
    """A logon: seconds after the start, rule, account, address, number; None where it lacks one."""

    second: int
    rule: str
    account: str | None
    address: str | None
    number: int | None


def events_of(seed: int, count: int = 120) -> list[Event]:
    chance = random.Random(seed)
    return [
        Event(
            chance.randrange(count * 4),
            chance.choice([*CODES]),
            chance.choice(["ada", "bob", "eve", None]),
            chance.choice(["10.0.0.1", "10.0.0.2", "10.0.0.3", None]),
            chance.choice([None, *range(9)]),
        )
        for _ in range(count)
    ]


def record(event: Event) -> str:
    written = {
        "EventID": CODES[event.rule], "Channel": "Security", "Hostname": "dc",
        "SourceName": "Microsoft-Windows-Security-Auditing",
        "TimeCreated": (START + dt.timedelta(seconds=event.second)).isoformat(),
        "TargetUserName": event.account, "IpAddress": event.address, "LogonType": event.number,
    }  # fmt: skip
    return json.dumps({key: value for key, value in written.items() if value is not None})


Row = tuple[int, str | None, int, float]
"""Second, account where the correlation groups by it, first second within reach, count."""


def holds(value: float | None, condition: dict[str, float]) -> bool:
    if value is None:
        return False
    passed = {
        "gt": lambda n: value > n, "gte": lambda n: value >= n, "lt": lambda n: value < n,
        "lte": lambda n: value <= n, "eq": lambda n: value == n, "neq": lambda n: value != n,
    }  # fmt: skip
    return all(passed[name](number) for name, number in condition.items())


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def counted(kind: str, near: list[Event]) -> float | None:
    if kind == "event_count":
        return len(near)
    if kind == "temporal":
        return len({e.rule for e in near})
    if kind == "value_count":
        return len({e.address for e in near if e.address is not None})
    if kind == "pair_count":
        pairs = {(e.address, e.number) for e in near}
        return len({p for p in pairs if None not in p})
    numbers = [e.number for e in near if e.number is not None]
    if not numbers:
        return None
    if kind == "value_sum":
        return sum(numbers)
    if kind == "value_avg":
        return statistics.fmean(numbers)
    return percentile(numbers, 0.5 if kind == "value_median" else 0.9)


def in_order(near: list[Event], rules: Sequence[str]) -> bool:
    reached = -1
    for rule in rules:
        later = [e.second for e in near if e.rule == rule and e.second >= reached]
        if not later:
            return False
        reached = min(later)
    return True


def expected(events: list[Event], asked: dict[str, Any]) -> list[Row]:
    """What the correlation should find, by looking at each moment on its own."""
    rows: list[Row] = []
    chosen = [e for e in events if e.rule in asked["rules"]]
    groups = sorted({e.account for e in chosen if e.account}) if asked["by"] else [None]
    for group in groups:
        own = [e for e in chosen if group is None or e.account == group]
        for moment in sorted({e.second for e in own}):
            near = [e for e in own if moment - asked["span"] <= e.second <= moment]
            present = {e.rule for e in near}
            value: float | None
            if asked["kind"] == "temporal_ordered":
                value = len(asked["rules"])
                found = in_order(near, asked["rules"])
            elif isinstance(asked["condition"], str):
                value = len(present)
                found = TREES[asked["condition"]](*(name in present for name in CODES))
            else:
                value = counted(asked["kind"], near)
                found = holds(value, asked["condition"])
            if found and value is not None:
                rows.append((moment, group, min(e.second for e in near), round(value, 6)))
    return sorted(rows, key=repr)


def text_of(asked: dict[str, Any]) -> str:
    documents = [
        f"title: {name}\nname: {name}\nlogsource: {{product: windows, service: security}}\n"
        f"detection: {{a: {{EventID: {code}}}, condition: a}}\n"
        for name, code in CODES.items()
    ]
    kind, condition = asked["kind"], asked["condition"]
    if isinstance(condition, dict):
        condition = dict(condition)
        if kind == "value_count":
            condition["field"] = "IpAddress"
        elif kind == "pair_count":
            kind, condition["field"] = "value_count", ["IpAddress", "LogonType"]
        elif kind in NUMBERS:
            condition["field"] = "LogonType"
        if kind == "value_percentile":
            condition["percentile"] = 90
    correlation: dict[str, Any] = {
        "type": kind, "rules": asked["rules"], "timespan": f"{asked['span']}s",
    }  # fmt: skip
    if asked["by"]:
        correlation["group-by"] = ["TargetUserName"]
    if condition:
        correlation["condition"] = condition
    return "---\n".join([*documents, json.dumps({"title": "c", "correlation": correlation})])


def found(workspace: Workspace, asked: dict[str, Any]) -> list[Row]:
    result = workspace.query(text_of(asked), "sigma")
    names = [column.name for column in result.columns]

    def second(moment: dt.datetime) -> int:
        return int((moment - START).total_seconds())

    rows: list[Row] = []
    for row in result.rows():
        one = dict(zip(names, row, strict=True))
        account = one.get("TargetUserName")
        first, count = second(one["first_time"]), round(float(one["count"]), 6)
        rows.append((second(one["time"]), account, first, int(count) if count % 1 == 0 else count))
    return sorted(rows, key=repr)


def plain(rows: list[Row]) -> list[Row]:
    return [(a, b, c, int(d) if d % 1 == 0 else d) for a, b, c, d in rows]


COUNTED = ("event_count", "value_count", "pair_count", "temporal", *NUMBERS)
TREES: dict[str, Callable[[bool, bool, bool], bool]] = {
    "failed and worked": lambda failed, worked, left: failed and worked,
    "failed and not worked": lambda failed, worked, left: failed and not worked,
    "failed or left": lambda failed, worked, left: failed or left,
    "(failed or left) and worked": lambda failed, worked, left: (failed or left) and worked,
    "not failed and worked": lambda failed, worked, left: not failed and worked,
    "not (failed and worked)": lambda failed, worked, left: not (failed and worked),
    "failed and (not left or worked)": lambda failed, worked, left: failed and (not left or worked),
}


def asks(seed: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)
    for kind in COUNTED:
        rules = chance.sample([*CODES], chance.randint(1, 3) if kind != "temporal" else 3)
        operator = chance.choice(["gt", "gte", "lt", "lte", "eq", "neq"])
        condition: dict[str, float] = {operator: chance.randint(2, 6)}
        if kind == "temporal":  # three rules are never more than three
            condition = {operator: 2 if operator == "gt" else chance.randint(2, 3)}
        elif kind == "value_percentile":  # which is none of these by the last bit of a float
            condition[operator] += 0.05
        if chance.random() < 0.3 and kind != "temporal":
            condition = {"gte": 2, "lt": chance.randint(4, 9)}
        yield {"kind": kind, "rules": rules, "condition": condition}
    tree = chance.choice([*TREES])
    yield {"kind": "temporal", "rules": [n for n in CODES if n in tree], "condition": tree}
    rules = chance.sample([*CODES], chance.randint(2, 3))
    yield {"kind": "temporal_ordered", "rules": rules, "condition": None}


@pytest.mark.parametrize("seed", range(8))
def test_a_correlation_finds_what_each_moment_says(seed: int, tmp_path: Path) -> None:
    events = events_of(seed)
    log = tmp_path / "security.json"
    log.write_text("\n".join(map(record, events)) + "\n", encoding="utf-8")
    chance = random.Random(seed + 100)
    total = 0
    with Workspace() as workspace:
        assert workspace.ingest(log).stored == len(events)
        for asked in asks(seed):
            asked |= {"span": chance.choice([1, 5, 20, 60, 600]), "by": chance.random() < 0.6}
            wanted = plain(expected(events, asked))
            total += len(wanted)
            assert found(workspace, asked) == wanted, asked
    assert total
