"""A short run of the fuzzer, the same each time; ``fuzz.py`` runs for as long as one likes."""

from __future__ import annotations

import random

import pytest
from tests.kql.fuzz import Finding, changed, look, own_texts, tried
from tests.kql.growing import Grown

from vedette import Workspace


@pytest.mark.parametrize("seed", [11, 12])
def test_a_short_run_finds_nothing(seed: int) -> None:
    assert look(seconds=60, seed=seed, texts=own_texts(), most=150) == []


def test_texts_are_the_same_for_a_seed() -> None:
    one, other = (Grown(random.Random(5)) for _ in range(2))
    assert [one.text() for _ in range(5)] == [other.text() for _ in range(5)]
    texts = own_texts()
    made = [changed(texts[0], texts, random.Random(5)) for _ in range(2)]
    assert made[0] == made[1]


def test_a_crash_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyError("c7")

    with Workspace() as workspace:
        assert tried(workspace, "print 1") is None
        assert tried(workspace, "print nothing_of_that_name") is False
        monkeypatch.setattr(Workspace, "compile", crash)
        found = tried(workspace, "print 1")
    assert isinstance(found, Finding) and "KeyError" in found.what
