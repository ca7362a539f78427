"""Queries beside what they become: plans with their repairs, and problems as they are shown.

``plans/NAME/query.aql`` stands beside ``plan.txt``, ``problems/NAME/query.aql`` beside
``problems.txt``; a folder's name that ends in ``-strict`` is read strictly. With the environment
variable ``VEDETTE_WRITE_GOLDEN`` the answers are written anew.
"""

import os
from pathlib import Path

import pytest
from tests.aql.conftest import NOW

from vedette.aql import bind
from vedette.plan.check import check
from vedette.plan.show import show
from vedette.plan.types import ticks_of
from vedette.syntax import Findings, QueryError, Source, render
from vedette.tables.catalog import Catalog

HERE = Path(__file__).parent


def folders(kind: str) -> list[Path]:
    found = sorted((HERE / kind).iterdir())
    assert found
    return found


def compared(got: str, file: Path) -> None:
    if os.environ.get("VEDETTE_WRITE_GOLDEN"):
        file.write_text(got, encoding="utf-8")
    assert got == file.read_text(encoding="utf-8")


def read(folder: Path) -> Findings:
    text = (folder / "query.aql").read_text(encoding="utf-8").rstrip("\n")
    return Findings(Source(text), strict=folder.name.endswith("-strict"))


@pytest.mark.parametrize("folder", folders("plans"), ids=lambda f: f.name)
def test_a_query_becomes_its_plan(folder: Path) -> None:
    findings = read(folder)
    plan = bind(findings.source, Catalog(), ticks_of(NOW), findings)
    check(plan)
    lines = [show(plan)]
    lines += [f"repair {r.name} {r.line}:{r.column}: {r.message}\n" for r in findings.repairs]
    lines += [f"advice {p.code} {p.line}:{p.column}: {p.message}\n" for p in findings.ordered()]
    compared("".join(lines), folder / "plan.txt")


@pytest.mark.parametrize("folder", folders("problems"), ids=lambda f: f.name)
def test_a_query_is_refused_with_its_problems(folder: Path) -> None:
    findings = read(folder)
    with pytest.raises(QueryError) as refused:
        bind(findings.source, Catalog(), ticks_of(NOW), findings)
    shown = [f"{p.kind}\n{render(p, findings.source)}\n" for p in refused.value.problems]
    compared("".join(shown), folder / "problems.txt")
