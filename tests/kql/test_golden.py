"""Queries beside what they become: the plan, what was repaired and advised, and the rows.

``golden/CASE/query.kql`` stands beside ``plan.txt`` and ``rows.csv``, ``problems/CASE/query.kql``
beside ``problems.txt``; a case whose name ends in ``-strict`` is read strictly. With ``--record``
the answers are written anew.
"""

import csv
import io
from pathlib import Path

import pytest
from tests.kql.conftest import NOW, bound, compared

from vedette.plan.show import show
from vedette.workspace import Workspace

HERE = Path(__file__).parent


def folders(kind: str) -> list[Path]:
    found = sorted((HERE / kind).iterdir())
    assert found
    return found


def text_of(folder: Path) -> str:
    return (folder / "query.kql").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("folder", folders("golden"), ids=lambda f: f.name)
def test_a_query_becomes_its_plan(folder: Path, workspace: Workspace, record: bool) -> None:
    got = bound(text_of(folder), workspace=workspace)
    assert not got.findings.failed, got.shown
    lines = [show(got.plan), f"lookback {got.plan.lookback_ticks}\n"]
    lines += [f"repair {r.name} {r.line}:{r.column}: {r.message}\n" for r in got.findings.repairs]
    lines += [f"advice {p.code} {p.line}:{p.column}: {p.message}\n" for p in got.findings.ordered()]
    compared("".join(lines), folder / "plan.txt", record)


@pytest.mark.parametrize("folder", folders("golden"), ids=lambda f: f.name)
def test_a_query_gives_its_rows(folder: Path, workspace: Workspace, record: bool) -> None:
    result = workspace.query(text_of(folder), now=NOW)
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(f"{c.name}:{c.type}" for c in result.columns)
    rows = [["" if v is None else repr(v) for v in row] for row in result.rows()]
    lines.writerows(rows if "| sort" in text_of(folder) else sorted(rows))
    compared(written.getvalue(), folder / "rows.csv", record)


@pytest.mark.parametrize("folder", folders("problems"), ids=lambda f: f.name)
def test_a_query_is_refused_with_its_problems(folder: Path, record: bool) -> None:
    got = bound(text_of(folder), strict=folder.name.endswith("-strict"))
    assert got.findings.failed
    shown = [f"{p.kind}\n" for p in got.findings.ordered()]
    blocks = got.shown.split("\nquery:")
    assert len(blocks) == len(shown)
    compared(
        "kinds: " + " ".join(k.strip() for k in shown) + "\n" + got.shown,
        folder / "problems.txt",
        record,
    )
