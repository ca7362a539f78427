"""Asking KQL without logs: queries that write their own rows, and the tables that goldens name."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vedette.kql import Given, bind
from vedette.plan.check import check
from vedette.plan.relations import Plan
from vedette.plan.types import ticks_of
from vedette.syntax import Findings, Source, render
from vedette.tables.catalog import Catalog
from vedette.workspace import Workspace

NOW = dt.datetime(2026, 11, 21, 12, 0, 0, tzinfo=dt.UTC)
TABLES = {
    "T": {
        "a": "int", "b": "long", "c": "real", "s": "string", "t": "datetime", "u": "timespan",
        "v": "bool", "d": "dynamic", "m": "decimal", "g": "guid",
    },
    "U": {"a": "int", "s": "string", "x": "long", "t": "datetime"},
}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--record``, which writes golden answers anew: ``pytest tests/kql --record``."""
    parser.addoption("--record", action="store_true", help="write the golden answers of KQL anew")


@pytest.fixture(scope="session")
def record(request: pytest.FixtureRequest) -> bool:
    """Whether golden answers are written instead of compared."""
    asked = request.config.getoption("--record", default=False)
    return bool(asked) or bool(os.environ.get("VEDETTE_WRITE_GOLDEN"))


def compared(got: str, file: Path, record: bool) -> None:
    """Hold *got* against a golden file, or write it there."""
    if record:
        file.write_text(got, encoding="utf-8")
    assert got == file.read_text(encoding="utf-8")


def catalog() -> Catalog:
    """The built-in tables, and T and U."""
    made = Catalog()
    for name, columns in TABLES.items():
        made.declare(name, columns)
    return made


@dataclass(frozen=True)
class Bound:
    """A query bound: its plan, and what was found in its text."""

    plan: Plan
    findings: Findings

    @property
    def codes(self) -> list[str]:
        """The codes of its problems, in the order of the text."""
        return [p.code for p in self.findings.ordered()]

    @property
    def kinds(self) -> set[str]:
        """The kinds of its problems."""
        return {p.kind for p in self.findings.problems}

    @property
    def shown(self) -> str:
        """Its problems as people see them."""
        return "".join(f"{render(p, self.findings.source)}\n" for p in self.findings.ordered())


def bound(
    text: str, strict: bool = False, output: str | None = None, workspace: Workspace | None = None
) -> Bound:
    """Bind a text over the tables of :func:`catalog`; a plan without errors is checked.

    *workspace* is what columns that hang on data are looked for in.
    """
    given = Given(look=lambda p: workspace.run_plan(p).rows()) if workspace else Given()
    findings = Findings(Source(text), strict)
    plan = bind(findings.source, catalog(), ticks_of(NOW), findings, output, given)
    if not findings.failed:
        check(plan)
    return Bound(plan, findings)


@pytest.fixture(scope="session")
def workspace() -> Iterator[Workspace]:
    """An empty workspace with T and U."""
    with Workspace() as made:
        for name, columns in TABLES.items():
            made.declare(name, columns)
        yield made


@pytest.fixture
def rows(workspace: Workspace) -> Any:
    """Run a query and give its rows."""

    def run(text: str) -> list[tuple[Any, ...]]:
        return workspace.query(text, now=NOW).rows()

    return run
