"""Two versions of a detection are told apart by the events that they find."""

import json
from pathlib import Path

from click.testing import CliRunner
from tests.lab.conftest import AQL, KQL, process

from vedette import Workspace
from vedette.cli import main
from vedette.detections.find import load
from vedette.lab.compare import compare, versions

LINES = ("nmap 192.0.2.1", "nmap-update --long --options", "snmpmapper", "xnmapx")


def logs(folder: Path) -> Path:
    path = folder / "sysmon.jsonl"
    path.write_text("".join(process(line) for line in LINES))
    return path


def query(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_events_that_one_of_them_finds_are_listed_smallest_first(tmp_path: Path) -> None:
    pair = [query(tmp_path, "a.kql", KQL), query(tmp_path, "b.aql", AQL)]
    (first,), (second,) = (versions(d) for d in load(pair).detections)
    with Workspace() as workspace:
        workspace.ingest(logs(tmp_path))
        found = compare(workspace, first, second)
    assert (found.looked_at, found.both, found.first_count, found.second_count) == (4, 2, 0, 1)
    assert not found.agree
    assert found.smallest is not None
    assert found.smallest.values["command_line"] == "xnmapx"


def test_the_command_compares_a_package_with_itself(tmp_path: Path) -> None:
    a, b = query(tmp_path, "a.kql", KQL), query(tmp_path, "b.kql", KQL)
    words = ["compare", str(a), str(b), "--logs", str(logs(tmp_path)), "--format", "json"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0
    assert json.loads(told.stdout)["agree"] is True


def test_the_command_refuses_what_it_cannot_compare(tmp_path: Path) -> None:
    a = query(tmp_path, "a.kql", KQL)
    assert (
        CliRunner().invoke(main, ["compare", str(a), str(tmp_path / "absent.kql")]).exit_code == 3
    )
    assert CliRunner().invoke(main, ["compare", str(a), f"{a}@qradar"]).exit_code == 3
    assert (
        CliRunner().invoke(main, ["compare", str(a), str(a)]).exit_code == 3
    )  # neither has records
    broken = query(tmp_path, "broken.kql", "DeviceProcessEvents | frobnicate")
    assert (
        CliRunner()
        .invoke(main, ["compare", str(a), str(broken), "--logs", str(logs(tmp_path))])
        .exit_code
        == 2
    )


def test_a_finding_without_events_is_a_difference(tmp_path: Path) -> None:
    absent = "DeviceProcessEvents | where FileName == 'x' | summarize n = count() | where n == 0"
    a = query(tmp_path, "a.kql", absent)
    b = query(tmp_path, "b.kql", absent.replace("n == 0", "n < 0"))
    words = ["compare", str(a), str(b), "--logs", str(logs(tmp_path))]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 1
    assert "findings without events: 1 of the first, 0 of the second" in told.stderr
    assert CliRunner().invoke(main, [*words[:2], str(a), *words[3:]]).exit_code == 0
