"""Rules beside the plans they become: ``golden/NAME.yml`` and ``golden/NAME.txt``.

With the environment variable VEDETTE_WRITE_GOLDEN the plans are written anew.
"""

import os
from pathlib import Path

import pytest

from vedette import sigma
from vedette.plan.check import check
from vedette.plan.show import show
from vedette.syntax import Findings, Source

FOLDER = Path(__file__).parent / "golden"
RULES = sorted(FOLDER.glob("*.yml"))


def test_there_are_rules() -> None:
    assert RULES


@pytest.mark.parametrize("file", RULES, ids=lambda f: f.stem)
def test_a_rule_becomes_its_plan(file: Path) -> None:
    findings = Findings(Source(file.read_text(encoding="utf-8"), file.name))
    plan = sigma.bind(findings.source, findings)
    assert not findings.failed, findings.problems
    check(plan)
    answer = file.with_suffix(".txt")
    if os.environ.get("VEDETTE_WRITE_GOLDEN"):
        answer.write_text(show(plan), encoding="utf-8")
    assert show(plan) == answer.read_text(encoding="utf-8")
