"""The documentation names every repair, every piece of advice and every function."""

import re
from pathlib import Path

from vedette.aql import codes
from vedette.aql.functions import AGGREGATES, LOOKUPS, REFERENCES, SCALARS

GOLDEN = Path(__file__).parent / "plans"


def headings(file: Path) -> list[str]:
    return re.findall(r"^### (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def named_repairs(root: Path) -> set[str]:
    """The names of repairs in the source of the language."""
    found = set()
    for file in (root / "src/vedette/aql").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'repair\(\s*(?:findings, )?"([a-z-]+)"', text))
    return found


def test_every_repair_has_a_heading_and_a_golden_query(root: Path) -> None:
    repairs = named_repairs(root)
    assert len(repairs) > 10
    assert set(headings(root / "docs/aql.md")) == repairs
    shown = "".join(f.read_text(encoding="utf-8") for f in GOLDEN.glob("*/plan.txt"))
    assert repairs == set(re.findall(r"^repair ([a-z-]+) ", shown, flags=re.MULTILINE))


def test_every_advice_has_a_heading_and_a_golden_query(root: Path) -> None:
    advice = {
        value for name, value in vars(codes).items() if re.fullmatch(r"VD2[12]\d", str(value))
    }
    documented = {h.split(":")[0] for h in headings(root / "docs/advice.md")}
    assert documented >= advice
    shown = "".join(f.read_text(encoding="utf-8") for f in GOLDEN.glob("*/plan.txt"))
    assert advice == set(re.findall(r"^advice (\w+) ", shown, flags=re.MULTILINE))


def test_every_function_stands_in_the_table(root: Path) -> None:
    text = (root / "docs/aql.md").read_text(encoding="utf-8")
    kinds = (
        (SCALARS, "calculation"),
        (AGGREGATES, "aggregation"),
        (LOOKUPS, "retrieval"),
        (REFERENCES, "reference data"),
    )
    for library, kind in kinds:
        for row in library:
            assert f"| `{row.signature.text}` | {kind} |" in text
