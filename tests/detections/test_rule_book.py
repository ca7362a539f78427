"""Sigma rules that count on other files: filters, correlations, documents that act on others."""

from pathlib import Path

import pytest

from vedette.detections.check import check_queries
from vedette.detections.find import load
from vedette.detections.model import Loaded
from vedette.workspace import Workspace

RULE = """title: {name} title
name: {name}
id: 00000000-0000-4000-8000-00000000000{number}
logsource: {{product: windows, service: security}}
detection: {{a: {{EventID: {number}}}, condition: a}}
"""
CORRELATION = """title: chain
name: chain
correlation: {{type: temporal, rules: [{rules}], timespan: 5m{more}}}
"""
FILTER = """title: {title}
logsource: {{product: windows}}
filter: {{rules: {rules}, a: {{SubjectUserName|contains: svc}}, condition: not a}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    for number, name in enumerate(("one", "two", "three"), start=1):
        (tmp_path / "deep" / f"{name}.yml").write_text(RULE.format(name=name, number=number))
    return tmp_path


def titles(loaded: Loaded) -> list[str]:
    return [d.title for d in loaded.detections]


def messages(loaded: Loaded) -> list[str]:
    return [f"{p.problem.severity} {p.problem.code}: {p.problem.message}" for p in loaded.problems]


def verdicts(loaded: Loaded) -> dict[str, list[str]]:
    with Workspace() as workspace:
        return {
            v.detection.title: [f"{p.line}:{p.column} {p.severity} {p.message}" for p in v.problems]
            for v in check_queries(loaded.detections, workspace)
        }


def test_a_correlation_asks_rules_of_other_files(folder: Path) -> None:
    text = CORRELATION.format(rules="one, 00000000-0000-4000-8000-000000000002", more="")
    (folder / "chain.yml").write_text(text)
    loaded = load([folder])
    assert titles(loaded) == ["chain", "three title"]
    assert messages(loaded) == [
        "information VD304: no detections, for only 'chain' asks them: 'one title', 'two title'"
    ]
    query = loaded.detections[0].queries[0]
    assert query.text.count("---") == 2
    assert query.line == 1
    assert verdicts(loaded) == {"chain": [], "three title": []}


def test_with_generate_the_rules_are_detections_too(folder: Path) -> None:
    text = CORRELATION.format(rules="one, two", more=", generate: true")
    (folder / "chain.yml").write_text(text)
    loaded = load([folder])
    assert titles(loaded) == ["chain", "one title", "three title", "two title"]
    assert loaded.problems == ()


def test_a_problem_in_another_file_is_told_with_its_place(folder: Path) -> None:
    (folder / "chain.yml").write_text(CORRELATION.format(rules="one, two", more=""))
    wrong = folder / "deep" / "two.yml"
    wrong.write_text(wrong.read_text().replace("EventID", "EventID|wrong"))
    told = verdicts(load([folder]))["chain"]
    assert told == [f"1:1 error {wrong}:5:17: EventID|wrong: Unknown modifier 'wrong'"]
    missing = CORRELATION.format(rules="one, four", more="")
    (folder / "chain.yml").write_text(missing)
    (told_here,) = verdicts(load([folder]))["chain"]
    assert told_here == "3:31 error There is no rule 'four' beside the correlation"


def test_names_that_stand_twice_are_told(folder: Path) -> None:
    other = RULE.format(name="one", number=4)
    (folder / "other.yml").write_text(other)
    (folder / "chain.yml").write_text(CORRELATION.format(rules="one, two", more=""))
    loaded = load([folder])
    told = "2 rules are called 'one': 'one title' is asked"
    assert [p.problem.message for p in loaded.problems if p.problem.code == "VD305"] == [told]
    text = CORRELATION.format(rules="one, two", more="") + "---\n" + other
    (folder / "chain.yml").write_text(text)
    (folder / "other.yml").unlink()
    loaded = load([folder])
    assert [p.problem.code for p in loaded.problems] == ["VD304"]
    assert "EventID: 4" in loaded.detections[0].queries[0].text


def test_filters_of_a_folder_are_for_the_rules_they_name(folder: Path) -> None:
    (folder / "filters.yml").write_text(
        FILTER.format(title="ours", rules="[one, three]")
        + "---\n"
        + FILTER.format(title="theirs", rules="any").replace("windows", "linux")
    )
    (folder / "chain.yml").write_text(CORRELATION.format(rules="one, two", more=""))
    loaded = load([folder])
    filters = {d.title: d.queries[0].filters for d in loaded.detections}
    assert filters == {"chain": ("ours",), "three title": ("ours",)}
    told = verdicts(loaded)
    assert told["three title"] == ["1:1 information The filter 'ours' is applied to the rule"]
    assert loaded.errors == []


def test_filters_are_given_beside_the_detections(folder: Path, tmp_path: Path) -> None:
    apart = tmp_path / "apart"
    apart.mkdir()
    (apart / "f.yml").write_text(FILTER.format(title="ours", rules="one"))
    loaded = load([folder / "deep"], [apart / "f.yml"])
    assert {d.title: d.queries[0].filters for d in loaded.detections}["one title"] == ("ours",)
    assert len(load([folder / "deep"], [apart]).detections) == 3
    loaded = load([folder / "deep"], [folder / "deep" / "one.yml"])
    assert messages(loaded) == ["error VD320: holds no Sigma filter that can be read"]
    assert len(loaded.detections) == 3


def test_a_wrong_filter_is_told_at_its_place(folder: Path) -> None:
    (folder / "f.yml").write_text(
        FILTER.format(title="ours", rules="any").replace("condition", "c")
    )
    (error,) = load([folder]).errors
    assert (error.problem.code, error.problem.line) == ("VD408", 3)
    assert "exactly one condition" in error.problem.message


def test_rules_of_a_file_with_actions_stand_for_themselves(tmp_path: Path) -> None:
    text = """action: global
title: common
logsource: {product: windows, service: security}
---
id: 00000000-0000-4000-8000-000000000001
detection: {a: {EventID: 1}, condition: a}
---
action: repeat
id: 00000000-0000-4000-8000-000000000002
detection: {a: {EventID|wrong: 2}}
"""
    (tmp_path / "rules.yml").write_text(text)
    loaded = load([tmp_path])
    assert [d.id[-1] for d in loaded.detections] == ["1", "2"]
    first, second = (d.queries[0] for d in loaded.detections)
    assert (first.line, second.line) == (5, 8)
    with Workspace() as workspace:
        found = list(check_queries(loaded.detections, workspace))
    assert [v.refused for v in found] == [False, True]
    assert "Unknown modifier 'wrong'" in found[1].problems[0].message
    assert found[1].problems[0].line == 8


def test_rules_of_packages_have_filters_too(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "detection.yaml").write_text("title: p\ntechniques: [T1591.002]\nseverity: low\n")
    (package / "sigma.yml").write_text(RULE.format(name="one", number=1))
    (package / "sentinel.kql").write_text("DeviceProcessEvents")
    (tmp_path / "f.yml").write_text(FILTER.format(title="ours", rules="any"))
    loaded = load([tmp_path])
    filters = {q.language: q.filters for q in loaded.detections[0].queries}
    assert filters == {"kql": (), "sigma": ("ours",)}
    assert loaded.errors == []
