"""Our packages see nearly every form in which a tool leaves traces, on each platform."""

import runpy
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools/evasions.py"))


def test_nine_of_ten_forms_are_seen_on_each_platform(tool: dict[str, Any]) -> None:
    rows = tool["tried"]([])
    for platform in tool["PLATFORMS"]:
        seen = [row for row in rows if row.is_seen_on(platform)]
        assert len(seen) >= 0.9 * len(rows), platform
    unexplained = [r.form for r in rows if not r.why and not r.is_seen_on("sentinel")]
    assert unexplained == []


def test_visitors_are_seen_or_it_is_said_why(tool: dict[str, Any]) -> None:
    rows = tool["visited"]([])
    for platform in tool["PLATFORMS"]:
        unexplained = [row.form for row in rows if not row.why and not row.is_seen_on(platform)]
        assert unexplained == [], platform


@pytest.mark.shared("seeds")
def test_the_page_is_current(tool: dict[str, Any], shared: Path, root: Path) -> None:
    made = tool["page"](sorted((shared / "seeds").glob("*.txt")))
    assert made == (root / "docs/evasions.md").read_text("utf-8"), "run make evasions"
