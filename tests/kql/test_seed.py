"""The Sentinel query that Vedette started from, as it was published."""

from pathlib import Path

import pytest
from tests.kql.conftest import bound

from vedette.plan.relations import Plan, Relation, Scan
from vedette.plan.rewrite import relations
from vedette.plan.types import TICKS_PER_DAY


@pytest.fixture
def query(shared: Path) -> str:
    """The query's text, as it stands in the document."""
    files = sorted((shared / "seeds").glob("003_*.txt"))
    if not files:
        pytest.skip("the shared material has no Sentinel document")
    document = files[0].read_text(encoding="utf-8")
    start = document.index("// T1591.002")
    return document[start : document.index("medium severity low confidence")]


def scanned(plan: Plan) -> Scan:
    found: list[Relation] = [r for r in relations(plan.root) if isinstance(r, Scan)]
    assert len(found) == 1
    assert isinstance(found[0], Scan)
    return found[0]


def test_its_first_branch_is_its_result(query: str) -> None:
    got = bound(query)
    assert [(r.name, r.line, r.column) for r in got.findings.repairs] == [
        ("case-doubled-default", 16, 27)
    ]
    assert [p.code for p in got.findings.problems] == ["VD101"]
    assert scanned(got.plan).table == "DeviceProcessEvents"
    assert [f.name for f in got.plan.root.fields][-2:] == ["DetectionBranch", "ToolIdentified"]
    assert got.plan.lookback_ticks == TICKS_PER_DAY


def test_its_second_branch_can_be_asked_for(query: str) -> None:
    got = bound(query, output="WebScraping")
    scan = scanned(got.plan)
    assert scan.table == "CommonSecurityLog"
    assert set(scan.columns) == {
        "RequestClientApplication", "RequestURL", "SourceIP", "TimeGenerated",
    }  # fmt: skip
    assert [f.name for f in got.plan.root.fields] == [
        "Timestamp", "SourceIP", "RequestCount", "UniqueURLs", "SampledURLs", "UserAgents",
        "DetectionBranch",
    ]  # fmt: skip
    assert got.codes == []
    assert got.plan.lookback_ticks == TICKS_PER_DAY


def test_its_union_fix_makes_both_branches_the_result(query: str) -> None:
    (advice,) = bound(query).findings.problems
    assert advice.fix is not None
    span = advice.fix.span
    got = bound(query[: span.start] + advice.fix.text + query[span.end :])
    assert got.codes == []
    tables = {r.table for r in relations(got.plan.root) if isinstance(r, Scan)}
    assert tables == {"DeviceProcessEvents", "CommonSecurityLog"}


def test_strictly_it_is_refused_where_the_vendor_refuses_it(query: str) -> None:
    got = bound(query, strict=True)
    (error,) = [p for p in got.findings.problems if p.severity == "error"]
    assert (error.code, error.kind, error.line, error.column) == ("KS121", "type", 16, 27)
    assert got.findings.source.at(error.span) == "case"
    assert error.fix is not None
    span = error.fix.span
    mended = query[: span.start] + error.fix.text + query[span.end :]
    assert [p.code for p in bound(mended, strict=True).findings.problems] == ["VD101"]
