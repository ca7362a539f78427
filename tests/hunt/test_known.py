"""What rules asked is kept from hunt to hunt, and changes no finding."""

from pathlib import Path
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.one_pass.test_ride import by_title, detections, plain, rows

from vedette.detections.find import load
from vedette.hunt import HuntReport, hunt
from vedette.hunt.kept import read_kept, write_kept
from vedette.hunt.known import KnownRules
from vedette.workspace import Workspace
from vedette.workspace.known_good import BY_ANYBODY, CRAWLERS

FILTERED_BY_NAME = f"""title: A page is asked for
name: {BY_ANYBODY[0]}
logsource: {{category: webserver}}
detection:
  page: {{cs-uri|contains: /partners}}
  condition: page
"""


@pytest.fixture
def workspace(make_workspace: Make) -> Workspace:
    return make_workspace(process_event=rows(30))


def hunted(workspace: Workspace, cache: Path | None) -> HuntReport:
    asked = [d for d in detections() if d.queries[0].language == "sigma" or d.title == "has"]
    return hunt(workspace, asked, one_pass=True, cache=cache)


def test_a_second_hunt_finds_the_same_without_reading_silent_rules(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = hunted(workspace, None)
    first = hunted(workspace, tmp_path / "cache")
    read: list[str] = []
    compile = Workspace.compile

    def noted(self: Workspace, text: str, language: str, *words: Any, **named: Any) -> Any:
        read.append(text)
        return compile(self, text, language, *words, **named)

    monkeypatch.setattr(Workspace, "compile", noted)
    second = hunted(workspace, tmp_path / "cache")
    assert plain(alone) == plain(first) == plain(second)
    assert by_title(alone) == by_title(second)
    silent = [run for run in second.runs if run.query and run.ran and not run.findings]
    unread = [r for r in silent if r.query and r.query.language == "sigma" and not r.problems]
    assert unread and not {r.query.text for r in unread if r.query} & set(read)
    assert {r.query.text for r in second.runs if r.query and r.query.language == "kql"} <= set(read)


def test_what_is_kept_is_for_these_tables_this_strictness_and_nothing_beside(
    workspace: Workspace, make_workspace: Make, tmp_path: Path
) -> None:
    hunted(workspace, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    query = detections()[0].queries[0]
    assert KnownRules(tmp_path / "cache", workspace, strict=False).find(query) is not None
    assert KnownRules(tmp_path / "cache", workspace, strict=True).find(query) is None
    assert KnownRules(None, workspace, strict=False).find(query) is None
    other = make_workspace(web_event=[])
    assert KnownRules(tmp_path / "cache", other, strict=False).find(query) is None
    workspace.add_placeholders({"name": "value"})
    assert KnownRules(tmp_path / "cache", workspace, strict=False).find(query) is None
    assert [*(tmp_path / "cache").iterdir()] == [file]


def test_what_another_program_kept_is_no_answer(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hunted(workspace, tmp_path / "cache")
    query = detections()[0].queries[0]
    monkeypatch.setattr("vedette.hunt.known.program", lambda: "the same version, changed")
    assert KnownRules(tmp_path / "cache", workspace, strict=False).find(query) is None


@pytest.mark.parametrize("wrong", ["cut", "no formula", "no rule", "other column", "other table"])
def test_what_is_not_whole_is_read_anew(workspace: Workspace, tmp_path: Path, wrong: str) -> None:
    wanted = hunted(workspace, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    kept = read_kept(file)
    assert kept is not None
    entry = {
        "no formula": {"tables": [], "asks": {"process_event": ["test"]}, "columns": {}},
        "no rule": {"asks": 7},
        "other column": {
            "tables": [], "is_silent": True, "asks": {"process_event": ["some"]},
            "columns": {"process_event": ["nothing"]},
        },
        "other table": {"tables": [], "asks": {"none": ["some"]}, "columns": {}},
    }.get(wrong)  # fmt: skip
    write_kept(file, {"rules": dict.fromkeys(kept["rules"], entry)})
    if wrong == "cut":
        file.write_bytes(file.read_bytes()[:-1])
        assert read_kept(file) is None
    assert plain(hunted(workspace, tmp_path / "cache")) == plain(wanted)
    assert read_kept(file) == kept


def test_a_rule_that_known_crawlers_are_let_through_by_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(
        "203.0.113.9 - - [01/Sep/2026:08:00:00 +0000] "
        '"GET /partners HTTP/1.1" 200 5 "-" "Harborbot"\n'
    )
    rule, crawlers = tmp_path / "rule.yml", tmp_path / "crawlers.csv"
    rule.write_text(FILTERED_BY_NAME)
    with Workspace() as workspace:
        workspace.ingest(tmp_path / "access.log")

        def found(network: str) -> int:
            crawlers.write_text(f"Network,Agent\n{network},Harborbot\n")
            workspace.add_watchlist(CRAWLERS, crawlers, "Network")
            asked = load([rule])
            return len(hunt(workspace, asked, one_pass=True, cache=tmp_path / "cache").findings)

        assert found("203.0.113.0/24") == 0
        assert found("198.51.100.0/24") == 1
