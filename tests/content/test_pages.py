"""The pack's pages are made of the packages, and are current."""

import runpy
from pathlib import Path


def test_the_packs_pages_are_current(root: Path) -> None:
    made = runpy.run_path(str(root / "tools/pack_pages.py"))["pages"]()
    there = {p.name: p.read_text("utf-8") for p in (root / "docs/pack").glob("*.md")}
    assert there == made, "run make pack-pages"
