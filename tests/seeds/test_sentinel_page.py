"""The Sentinel page as published: refused when strict, run with a named repair otherwise."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.seeds.conftest import NOW, store

from vedette import QueryError, Workspace
from vedette.cli import main
from vedette.detections.model import Query

FIRES = {
    "T1591.002-1 theHarvester",
    "T1591.002-2 recon-ng",
    "T1591.002-3 CrossLinked",
    "T1591.002-5 SpiderFoot",
}


def processes(telemetry: dict[str, dict[str, Any]], form: str) -> dict[str, list[Any]]:
    """The process records of the page's five tests in one form of telemetry."""
    return {
        name: [r for r in forms[form] if form == "DeviceProcessEvents" or r["EventID"] == 1]
        for name, forms in telemetry.items()
        if name.startswith("T1591.002")
    }


@pytest.mark.parametrize("form", ["DeviceProcessEvents", "Sysmon"])
def test_fires_on_four_of_its_five_tests(
    form: str, telemetry: dict[str, dict[str, Any]], sentinel: Query, tmp_path: Path
) -> None:
    fired = set()
    for name, records in processes(telemetry, form).items():
        with Workspace() as workspace:
            store(workspace, tmp_path / name, records, form if form != "Sysmon" else None)
            result = workspace.query(sentinel.text, now=NOW)
            assert [r.name for r in result.repairs] == ["case-doubled-default"]
            if len(result):
                fired.add(name)
    assert fired == FIRES


def test_strict_refuses_with_the_vendors_code_at_its_place(
    sentinel: Query, workspace: Workspace
) -> None:
    with pytest.raises(QueryError) as refused:
        workspace.compile(sentinel.text, strict=True)
    error = next(p for p in refused.value.problems if p.severity == "error")
    assert (error.code, error.kind) == ("KS121", "type")
    assert sentinel.text[error.span.start : error.span.end] == "case"
    # the vendor's own analyser, asked on the query with Unix line ends
    assert error.span.start == 880


def test_says_that_nothing_outputs_the_second_branch(sentinel: Query, workspace: Workspace) -> None:
    compiled = workspace.compile(sentinel.text)
    (advice,) = [p for p in compiled.problems if p.kind == "advice"]
    assert "WebScraping" in advice.message
    assert advice.fix is not None


def test_the_fix_outputs_both_branches(sentinel: Query, workspace: Workspace) -> None:
    (advice,) = workspace.compile(sentinel.text).problems
    assert advice.fix is not None
    span, new = advice.fix.span, advice.fix.text
    mended = sentinel.text[: span.start] + new + sentinel.text[span.end :]
    compiled = workspace.compile(mended)
    assert not compiled.problems
    assert {"ProcessCommandLine", "RequestCount"} <= {c.name for c in compiled.columns}


def test_its_second_branch_can_be_run(
    telemetry: dict[str, dict[str, Any]], sentinel: Query, workspace: Workspace, tmp_path: Path
) -> None:
    requests = telemetry["T1591.002-4 curl loop"]["web"]["CommonSecurityLog"]
    store(workspace, tmp_path, requests, "CommonSecurityLog")
    result = workspace.query(sentinel.text, now=NOW, output="WebScraping")
    names = [c.name for c in result.columns]
    assert names[:4] == ["Timestamp", "SourceIP", "RequestCount", "UniqueURLs"]
    (row,) = result.rows()
    found = dict(zip(names, row, strict=True))
    assert (found["RequestCount"], found["UniqueURLs"]) == (12, 12)
    assert len(found["SampledURLs"]) == 5


def test_check_command_shows_it_in_the_page(shared: Path) -> None:
    page = str(next((shared / "seeds").glob("003_*.txt")))
    strict = CliRunner().invoke(main, ["check", "--strict", page])
    assert strict.exit_code == 2
    line = Path(page).read_text().split("\n").index("| extend ToolIdentified = case(") + 1
    assert f"{page}:{line}:27: error KS121" in strict.stderr
    assert "WebScraping" in strict.stderr
    published = CliRunner().invoke(main, ["check", page])
    assert published.exit_code == 0
    assert "repaired (case-doubled-default)" in published.stderr
