"""Correlations over logons: a correlation, and the moments at which it holds."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.syntax import QueryError, Source
from vedette.workspace import Workspace

# minute, event ID, account, address
LOGONS = [
    (0, 4625, "eve", "10.0.0.1"),
    (1, 4625, "eve", "10.0.0.2"),
    (2, 4625, "ada", "10.0.0.1"),
    (5, 4625, "eve", "10.0.0.1"),
    (6, 4624, "eve", "10.0.0.1"),
    (20, 4625, "eve", "10.0.0.3"),
]
RULES = """
title: failed
name: failed
logsource: {product: windows, service: security}
detection: {a: {EventID: 4625}, condition: a}
---
title: worked
name: worked
logsource: {product: windows, service: security}
detection: {a: {EventID: 4624}, condition: a}
---
title: correlation
correlation: {%s}
"""


@pytest.fixture(scope="module")
def logons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    log = tmp_path_factory.mktemp("logons") / "security.json"
    lines = [
        {
            "EventID": code, "Channel": "Security", "Hostname": "dc", "TargetUserName": account,
            "SourceName": "Microsoft-Windows-Security-Auditing", "IpAddress": address,
            "TimeCreated": f"2026-11-21T10:{minute:02}:00Z", "LogonType": minute,
        }
        for minute, code, account, address in LOGONS
    ]  # fmt: skip
    log.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    with Workspace() as workspace:
        assert workspace.ingest(log).stored == len(LOGONS)
        yield workspace


def moments(workspace: Workspace, correlation: str) -> list[tuple[int, float]]:
    """The minute and the count of each row."""
    result = workspace.query(RULES % correlation, "sigma")
    names = [c.name for c in result.columns]
    time, count = names.index("time"), names.index("count")
    return sorted((row[time].minute, row[count]) for row in result.rows())


BY_ACCOUNT = "rules: [failed], group-by: [TargetUserName], timespan: 5m"
EXAMPLES = [
    (f"type: event_count, {BY_ACCOUNT}, condition: {{gte: 3}}", [(5, 3)]),
    (f"type: event_count, {BY_ACCOUNT}, condition: {{gt: 1}}", [(1, 2), (5, 3)]),
    ("type: event_count, rules: failed, timespan: 5m, condition: {gte: 4}", [(5, 4)]),
    (
        f"type: value_count, {BY_ACCOUNT}, condition: {{gte: 2, field: IpAddress}}",
        [(1, 2), (5, 2)],
    ),
    (f"type: value_sum, {BY_ACCOUNT}, condition: {{gt: 5, field: LogonType}}", [(5, 6), (20, 20)]),
    (f"type: value_avg, {BY_ACCOUNT}, condition: {{gte: 2, field: LogonType}}", [
        (2, 2), (5, 2), (20, 20),
    ]),
    (
        "type: temporal, rules: [failed, worked], group-by: [TargetUserName], timespan: 5m",
        [(6, 2)],
    ),
    (
        ("type: temporal, rules: [failed, worked], group-by: [who], timespan: 5m, "
        "aliases: {who: {failed: TargetUserName, worked: TargetUserName}}"),
        [(6, 2)],
    ),
    (
        ("type: temporal, rules: [failed, worked], group-by: [who], timespan: 5m, "
        "aliases: {who: {failed: TargetUserName, worked: IpAddress}}"),
        [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("correlation", "expected"), EXAMPLES)
def test_a_correlation_holds(
    logons: Workspace, correlation: str, expected: list[tuple[int, float]]
) -> None:
    assert moments(logons, correlation) == expected


FAILED = "11111111-2222-4333-8444-555555555555"


def with_id(correlation: str) -> str:
    """A correlation whose rule `failed` has an id, too."""
    return (RULES % correlation).replace("name: failed\n", f"name: failed\nid: {FAILED}\n", 1)


ALIASED = "type: temporal, group-by: [who], timespan: 5m, aliases: {who: %s}, rules: %s"


@pytest.mark.parametrize(
    ("rules", "aliases"),
    [
        (f"[{FAILED}, worked]", "{failed: TargetUserName, worked: TargetUserName}"),
        ("[failed, worked]", f"{{{FAILED.upper()}: TargetUserName, worked: TargetUserName}}"),
    ],
)
def test_an_alias_names_a_rule_by_id_or_name(logons: Workspace, rules: str, aliases: str) -> None:
    result = logons.query(with_id(ALIASED % (aliases, rules)), "sigma")
    assert [(row[0].minute, row[1]) for row in result.rows()] == [(6, "eve")]
    assert result.problems == ()


def test_an_alias_that_says_nothing_is_told(logons: Workspace) -> None:
    lacks = ALIASED % ("{failed: TargetUserName}", "[failed, worked]")
    (problem,) = logons.compile(RULES % lacks, "sigma").problems
    assert "says nothing of worked" in problem.message
    idle = lacks.replace("[who]", "[whom]")
    (problem,) = logons.compile(RULES % idle, "sigma").problems
    assert "neither grouped by nor counted" in problem.message
    absent = ALIASED % ("{failed: TargetUserName, gone: IpAddress}", "[failed, worked]")
    with pytest.raises(QueryError, match="There is no rule 'gone' for the alias 'who'"):
        logons.compile(RULES % absent, "sigma")


def test_a_text_that_is_no_number_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "records.json"
    lines = [
        {"product": "github", "service": "audit", "time": f"2026-11-21T10:00:0{second}Z",
         "event_data": {"size": size}}
        for second, size in enumerate([50, "NaN", "inf", "-inf", "x", None, "70"])
    ]  # fmt: skip
    log.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    text = RULES.replace("windows, service: security", "github, service: audit", 1)
    text = text.replace("{EventID: 4625}", "{size|exists: true}")
    with Workspace() as workspace:
        workspace.ingest(log, table="other_event")
        for kind, found in (("sum", 120), ("avg", 60), ("median", 60)):
            asked = f"type: value_{kind}, rules: failed, timespan: 1m, "
            asked += "condition: {gt: 50, field: size}"
            result = workspace.query(text % asked, "sigma")
            assert [(row[0].second, row[2]) for row in result.rows()] == [(6, found)]


def test_a_rule_stands_once_whatever_it_is_called(logons: Workspace) -> None:
    twice = f"type: event_count, rules: [failed, {FAILED}], timespan: 1m, condition: {{gte: 1}}"
    with pytest.raises(QueryError, match="are one rule"):
        logons.compile(with_id(twice), "sigma")


ANSWERS = [
    (f"type: event_count, {BY_ACCOUNT}, condition: {{lt: 2}}", [(0, 1), (2, 1), (20, 1)]),
    (f"type: event_count, {BY_ACCOUNT}, condition: {{eq: 2}}", [(1, 2)]),
    (f"type: event_count, {BY_ACCOUNT}, condition: {{gte: 1, lt: 3, neq: 2}}", [
        (0, 1), (2, 1), (20, 1),
    ]),
    (f"type: value_median, {BY_ACCOUNT}, condition: {{gte: 1, field: LogonType}}", [
        (2, 2), (5, 1), (20, 20),
    ]),
    (
        (
            f"type: value_percentile, {BY_ACCOUNT}, condition: "
            "{gt: 2.5, field: LogonType, percentile: 75}"
        ),
        [(5, 3), (20, 20)],
    ),
    (
        f"type: value_count, {BY_ACCOUNT}, condition: {{gte: 3, field: [IpAddress, LogonType]}}",
        [(5, 3)],
    ),
    ("type: temporal_ordered, rules: [failed, worked], timespan: 1m", [(6, 2)]),
    ("type: temporal_ordered, rules: [worked, failed], timespan: 5m", []),
    ("type: temporal, timespan: 1m, condition: failed and not worked", [
        (0, 1), (1, 1), (2, 1), (5, 1), (20, 1),
    ]),
    ("type: temporal, timespan: 1m, condition: worked and failed", [(6, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("correlation", "expected"), ANSWERS)
def test_every_type_and_condition_is_answered(
    logons: Workspace, correlation: str, expected: list[tuple[int, float]]
) -> None:
    assert moments(logons, correlation) == expected


CHAIN = (
    RULES
    % (
        "type: event_count, rules: failed, group-by: [TargetUserName], timespan: 5m, "
        "condition: {gte: 3}"
    )
    + """name: many
---
title: outer
correlation:
  type: temporal_ordered
  rules: [many, worked]
  group-by: [%s]
  timespan: 10m
"""
)


def test_a_correlation_asks_correlations(logons: Workspace) -> None:
    result = logons.query(CHAIN % "TargetUserName", "sigma")
    assert [(row[0].minute, row[1]) for row in result.rows()] == [(6, "eve")]
    with pytest.raises(QueryError) as refused:
        logons.compile(CHAIN % "IpAddress", "sigma")
    problem = refused.value.problems[0]
    assert "'IpAddress' is no field of the correlation 'many'" in problem.message
    assert (problem.code, problem.line) == ("VD407", 20)


def test_correlations_lie_only_so_deep(logons: Workspace) -> None:
    text = RULES.split("---\ntitle: correlation")[0]
    for level in range(13):
        below = f"c{level - 1}" if level else "failed"
        text += (
            f"---\ntitle: c\nname: c{level}\ncorrelation: "
            f"{{type: event_count, rules: {below}, timespan: 1m, condition: {{gte: 1}}}}\n"
        )
        if level == 9:
            assert len(logons.query(text, "sigma")) == 5
    with pytest.raises(QueryError, match="more than 10 levels deep"):
        logons.compile(text, "sigma")
    with pytest.raises(QueryError, match="in a circle"):
        logons.compile(text.replace("rules: failed", "rules: c12"), "sigma")


def test_moments_without_events_are_spoken_of(logons: Workspace) -> None:
    correlation = f"type: event_count, {BY_ACCOUNT}, condition: {{lt: 3}}"
    problems = logons.compile(RULES % correlation, "sigma").problems
    assert [(p.code, p.severity) for p in problems] == [("VD412", "information")]


def test_the_events_behind_all_rows_are_those_counted(logons: Workspace) -> None:
    text = RULES % f"type: event_count, {BY_ACCOUNT}, condition: {{gte: 2}}"
    compilation = logons.compile(text, "sigma")
    _, identities = logons.trace(compilation, Source(text, "rule"), None)
    together = [one for row in identities for one in row]
    assert len(together) == len(set(together)) == 3


REFUSALS = [
    (f"type: event_count, {BY_ACCOUNT}, condition: {{lt: 1}}", "at no moment of an event"),
    (f"type: event_count, {BY_ACCOUNT}, condition: {{gt: 3, lt: 4}}", "at no moment"),
    ("type: temporal, timespan: 5m, condition: not failed", "at no moment"),
    ("type: temporal, rules: [failed, worked], timespan: 5m, condition: {gt: 2}", "at no moment"),
    (
        "type: temporal_ordered, rules: [failed, worked], timespan: 5m, condition: {gte: 1}",
        "Some of the rules in an order",
    ),
    ("type: temporal_ordered, timespan: 5m, condition: failed or worked", "have no order"),
    (
        f"type: event_count, rules: [failed, failed], {BY_ACCOUNT[17:]}, condition: {{gt: 1}}",
        "twice",
    ),
    (f"type: value_percentile, {BY_ACCOUNT}, condition: {{gt: 3, field: x}}", "0 to 100"),
    (f"type: value_sum, {BY_ACCOUNT}, condition: {{gt: 3, field: [x, y]}}", "several fields"),
    ("type: temporal, rules: [failed, other], timespan: 5m", "no rule 'other'"),
    (f"type: event_count, {BY_ACCOUNT}", "without condition"),
    (f"type: event_count, {BY_ACCOUNT}, condition: {{gt: 1{'0' * 400}}}", "beyond 64 bits"),
    ("type: event_count, rules: [failed], timespan: soon, condition: {gt: 1}", "'soon' is invalid"),
]


@pytest.mark.parametrize(("correlation", "message"), REFUSALS)
def test_what_is_not_exact_is_refused(logons: Workspace, correlation: str, message: str) -> None:
    with pytest.raises(QueryError) as refused:
        logons.compile(RULES % correlation, "sigma")
    problem = refused.value.problems[0]
    assert (problem.code, problem.line) == ("VD407", 13)
    assert message in problem.message


def test_rules_side_by_side_are_asked_one_by_one(logons: Workspace) -> None:
    with pytest.raises(QueryError, match="A text asks one rule"):
        logons.compile(RULES.split("---\ntitle: correlation")[0], "sigma")


def test_a_file_of_rules_is_several_detections(tmp_path: Path) -> None:
    from vedette.detections.find import load

    (tmp_path / "rules.yml").write_text(RULES.split("---\ntitle: correlation")[0])
    (tmp_path / "notes.yml").write_text("a: 1\n")
    loaded = load([tmp_path])
    assert [d.title for d in loaded.detections] == ["failed", "worked"]
    assert "worked" in loaded.detections[1].queries[0].text
    assert "failed" not in loaded.detections[1].queries[0].text
    assert loaded.errors == []


@pytest.mark.parametrize("one_pass", [False, True])
def test_a_hunt_follows_correlations_through_files(
    logons: Workspace, tmp_path: Path, one_pass: bool
) -> None:
    from vedette.detections.find import load
    from vedette.hunt import hunt

    failed, worked, correlation = (RULES % "").split("---\n")
    (tmp_path / "failed.yml").write_text(failed)
    (tmp_path / "worked.yml").write_text(worked)
    asked = f"{{type: event_count, {BY_ACCOUNT}, condition: {{gte: 3}}}}"
    text = correlation.replace("{}", asked)
    (tmp_path / "many.yml").write_text(text)
    loaded = load([tmp_path])
    report = hunt(logons, loaded, one_pass=one_pass)
    found = {(f.title, f.entity, f.count) for f in report.findings}
    assert found == {("correlation", "eve", 3), ("worked", "dc", 1)}
    assert next(f.entity_type for f in report.findings if f.entity == "eve") == "Account"
    (tmp_path / "filter.yml").write_text(
        "title: f\nlogsource: {product: windows}\n"
        "filter: {rules: [failed], a: {IpAddress: 10.0.0.2}, condition: not a}\n"
    )
    report = hunt(logons, load([tmp_path]), one_pass=one_pass)
    assert {f.title for f in report.findings} == {"worked"}
