"""The documentation names every repair and every piece of advice, and each has a test."""

import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def source(root: Path) -> str:
    return "".join(f.read_text(encoding="utf-8") for f in (root / "src/vedette/kql").rglob("*.py"))


def headings(file: Path) -> set[str]:
    text = file.read_text(encoding="utf-8")
    return {h.split(":")[0] for h in re.findall(r"^###? (.+)$", text, flags=re.MULTILINE)}


def test_every_repair_has_a_heading_and_a_golden_query(root: Path) -> None:
    repairs = set(re.findall(r'\.repair\(\s*"([a-z-]+)"', source(root)))
    assert repairs
    assert headings(root / "docs/kql-repairs.md") == repairs
    shown = "".join(f.read_text(encoding="utf-8") for f in GOLDEN.glob("*/plan.txt"))
    assert repairs == set(re.findall(r"^repair ([a-z-]+) ", shown, flags=re.MULTILINE))


def test_every_advice_has_a_heading(root: Path) -> None:
    advice = set(re.findall(r'advise\(\s*"(\w+)"', source(root)))
    assert advice == {"KS205", "VD101", "VD102", "VD103", "VD104"}
    assert advice <= headings(root / "docs/advice.md")


def test_every_code_of_ours_is_listed(root: Path) -> None:
    codes = set(re.findall(r'"(VD0\d\d)"', source(root)))
    assert codes
    text = (root / "docs/kql.md").read_text(encoding="utf-8")
    assert codes == set(re.findall(r"^\| `(VD0\d\d)` \|", text, flags=re.MULTILINE))
