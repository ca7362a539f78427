"""The documents that the project started from: what each gives, and what it does not."""

from pathlib import Path

import pytest

from vedette.detections.find import load
from vedette.detections.model import Confidence, Detection, Loaded, Severity

pytestmark = pytest.mark.shared("seeds")

SEEDS = {
    "tempo_qradar": "000_db509c3c60edd15a.txt",
    "relations_qradar": "001_7ded9056fa234030.txt",
    "tempo_attack": "002_02f60dc630f8b72a.txt",
    "relations_sentinel": "003_eed21916fa3b0508.txt",
}


def seed(shared: Path, name: str) -> tuple[Detection, Loaded]:
    loaded = load([shared / "seeds" / SEEDS[name]])
    (detection,) = loaded.detections
    return detection, loaded


def lacks(detection: Detection) -> set[str]:
    return {m.field for m in detection.missing}


@pytest.mark.parametrize(
    ("name", "technique", "title", "tests", "references"),
    [
        ("tempo_qradar", "T1591.003", "Detect Identify Business Tempo in IBM QRadar", 4, 9),
        ("relations_qradar", "T1591.002", "Detect Business Relationships in IBM QRadar", 5, 10),
    ],
)
def test_the_qradar_pages(
    shared: Path, name: str, technique: str, title: str, tests: int, references: int
) -> None:
    detection, loaded = seed(shared, name)
    assert loaded.problems == ()
    assert (detection.title, detection.techniques) == (title, (technique,))
    assert detection.tactics == ("reconnaissance",)
    (query,) = detection.queries
    assert (query.platform, query.language, query.line) == ("qradar", "aql", 13)
    # The prose behind it stands on the query's last line.
    assert len(query.text) == 1129
    assert query.text.startswith("SELECT\nDATEFORMAT(devicetime,")
    assert query.text.endswith("ORDER BY RiskScore DESC\nLAST 24 HOURS")
    assert detection.notes is not None
    assert detection.notes.startswith("QRadar AQL detection for ")
    assert [t.number for t in detection.tests] == list(range(1, tests + 1))
    assert all(t.expected_signal and t.title for t in detection.tests)
    assert len(detection.references) == references
    assert len(detection.false_positives) == 4
    assert (detection.severity, detection.confidence, detection.tables) == (None, None, ())
    assert lacks(detection) >= {"severity", "confidence", "tables", "data_sources", "notes"}
    assert detection.why_missing("tables") == "the section 'Required Tables' on line 42 is empty"
    assert "breaks off" in (detection.why_missing("notes") or "")


def test_both_qradar_pages_have_one_and_the_same_query(shared: Path) -> None:
    texts = {seed(shared, n)[0].queries[0].text for n in ("tempo_qradar", "relations_qradar")}
    assert len(texts) == 1


def test_the_sentinel_page(shared: Path) -> None:
    detection, loaded = seed(shared, "relations_sentinel")
    assert loaded.problems == ()
    assert detection.title == "Detect Business Relationships in Microsoft Sentinel"
    assert detection.techniques == ("T1591.002",)
    (query,) = detection.queries
    assert (query.platform, query.language, query.line) == ("sentinel", "kql", 22)
    lines = query.text.splitlines()
    assert lines[0].startswith("// T1591.002")
    assert lines[-2:] == ["OSINTToolExecution", "| sort by Timestamp desc"]
    assert len(lines) == 56
    assert (detection.severity, detection.confidence) == (Severity.MEDIUM, Confidence.LOW)
    assert detection.tables == ("DeviceProcessEvents", "CommonSecurityLog")
    assert detection.data_sources == (
        "Process: Process Creation",
        "Network Traffic: Network Traffic Content",
        "Application Log: Application Log Content",
        "Microsoft Defender for Endpoint",
        "WAF / Proxy Logs via CommonSecurityLog",
    )
    assert len(detection.false_positives) == 5
    assert detection.false_positives[-1].endswith("for continuous monitoring")
    titles = [t.title for t in detection.tests]
    assert len(titles) == 5
    assert titles[0] == "theHarvester Business Relationship Enumeration"
    assert titles[4] == "SpiderFoot OSINT Scan for Organizational Footprint"
    assert detection.notes is not None
    assert detection.notes.startswith("Detects business relationship reconnaissance")
    assert detection.references == ("https://attack.mitre.org/techniques/T1591/002/",)
    assert lacks(detection) == {"references", "schedule", "entities", "status"}


def test_the_page_of_attack_is_notes_without_a_query(shared: Path) -> None:
    detection, loaded = seed(shared, "tempo_attack")
    (problem,) = loaded.problems
    assert problem.problem.severity == "warning"
    assert problem.problem.message.startswith("no query found")
    assert detection.queries == ()
    assert (detection.title, detection.techniques) == ("Identify Business Tempo", ("T1591.003",))
    assert detection.description is not None
    assert detection.description.startswith("Adversaries may gather information")
    assert detection.notes is not None
    assert detection.notes.startswith("Much of this activity")
    assert "queries" in lacks(detection)
    assert len(detection.references) == 2


def test_the_folder_of_seeds_gives_four_detections(shared: Path) -> None:
    loaded = load([shared / "seeds"])
    assert [d.id for d in loaded.detections] == [
        "t1591.003-identify-business-tempo-qradar",
        "t1591.002-business-relationships-qradar",
        "t1591.003-identify-business-tempo",
        "t1591.002-business-relationships-sentinel",
    ]
    assert loaded.errors == []
