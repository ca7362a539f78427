"""No shipped query fires on the parts of real logs that its package names."""

from dataclasses import replace
from pathlib import Path

import pytest

from vedette.detections.find import shipped
from vedette.lab import prove

DETECTIONS = {detection.id: detection for detection in shipped().detections}


@pytest.mark.parametrize("id", DETECTIONS)
def test_two_quiet_cases_at_least_are_of_real_logs(id: str) -> None:
    assert len([case for case in DETECTIONS[id].quiet if case.real is not None]) >= 2


@pytest.mark.shared("data")
def test_nothing_fires_on_real_logs(shared: Path) -> None:
    real = [
        replace(d, tests=(), quiet=tuple(case for case in d.quiet if case.real is not None))
        for d in DETECTIONS.values()
    ]
    proof = prove(real, real_logs=shared / "data")
    told = [(c.detection.id, c.case.label, c.platform, c.word, c.reason) for c in proof.differences]
    assert told == []
    assert len(proof.cells) == 3 * sum(len(d.quiet) for d in real)
