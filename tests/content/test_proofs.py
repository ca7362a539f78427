"""Every shipped detection fires on its attack tests on every platform, and on no quiet case."""

import pytest

from vedette.detections.find import shipped
from vedette.lab import prove

DETECTIONS = {detection.id: detection for detection in shipped().detections}
PUBLISHED = {f"T1591.002-{n}" for n in range(1, 6)} | {f"T1591.003-{n}" for n in range(1, 5)}


@pytest.mark.parametrize("id", DETECTIONS)
def test_a_shipped_detection_does_what_it_claims(id: str) -> None:
    proof = prove([DETECTIONS[id]])
    assert [(c.case.label, c.platform, c.word, c.reason) for c in proof.differences] == []
    assert {cell.platform for cell in proof.cells} == {"sentinel", "qradar", "sigma"}


def test_all_nine_published_tests_are_there() -> None:
    labels = {d.label_of(test) for d in DETECTIONS.values() for test in d.tests}
    assert labels >= PUBLISHED


def test_no_test_is_excused() -> None:
    assert [d.id for d in DETECTIONS.values() for test in d.tests if test.silent] == []
