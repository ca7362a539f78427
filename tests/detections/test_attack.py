"""The bundled part of ATT&CK."""

import json
from pathlib import Path

import pytest

from vedette.detections import attack


def test_the_bundle_is_the_whole_tactic() -> None:
    bundled = attack.techniques()
    assert len(bundled) == 45
    assert all(attack.TECHNIQUE_ID.fullmatch(id) for id in bundled)
    assert all(t.parent is None or t.parent in bundled for t in bundled.values())


def test_a_sub_technique_knows_its_name_parent_and_page() -> None:
    found = attack.technique("T1591.003")
    assert found is not None
    assert (found.name, found.version, found.parent) == ("Identify Business Tempo", "1.0", "T1591")
    assert found.url == "https://attack.mitre.org/techniques/T1591/003/"
    assert found.tactic == "reconnaissance"


@pytest.mark.parametrize(
    ("id", "unknown"),
    [("T1591.003", False), ("T1591.009", True), ("T1059.001", False), ("T1598", False)],
)
def test_only_ids_within_the_bundle_can_be_unknown(id: str, unknown: bool) -> None:
    assert attack.is_unknown(id) is unknown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Reconnaissance", "reconnaissance"),
        ("Command and Control", "command-and-control"),
        ("initial_access", "initial-access"),
        ("Reconnaisance", None),
    ],
)
def test_tactics_are_read_as_people_write_them(text: str, name: str | None) -> None:
    assert attack.tactic_name(text) == name


@pytest.mark.shared("reference/domain")
def test_the_bundle_agrees_with_the_reference(shared: Path) -> None:

    file = shared / "reference/domain/attack-reconnaissance-v18.1.json"
    known = json.loads(file.read_text("utf-8"))["techniques"]
    bundled = attack.techniques().values()
    assert {(t["id"], t["name"], t["version"]) for t in known} == {
        (t.id, t.name, t.version) for t in bundled
    }
