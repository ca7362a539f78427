"""Writing a detection as a package of its own: takes a detection, gives a folder that reads as it.

What the detection does not have is left out; where a package needs it, reading says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from vedette.detections.model import Detection
from vedette.detections.packages.read import DESCRIPTION


class FolderTaken(FileExistsError):
    """The package's folder is there already; nothing is written over."""


def write_package(detection: Detection, parent: Path) -> Path:
    """The folder written for a detection beneath *parent*, named for its id.

    Raises FolderTaken, and OSError where nothing can be written.
    """
    folder = parent / detection.id
    parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir()
    except FileExistsError as error:
        raise FolderTaken(f"{folder} is there already") from error
    text = yaml.safe_dump(description(detection), sort_keys=False, allow_unicode=True, width=100)
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    for query in detection.queries:
        file = folder / f"{query.platform}.{query.language}"
        file.write_text(query.text.rstrip("\n") + "\n", encoding="utf-8", newline="")
    return folder


def description(detection: Detection) -> dict[str, Any]:
    """What stands in the package's ``detection.yaml``, in the order of its documentation."""
    given: dict[str, Any] = {
        "title": detection.title,
        "id": detection.id,
        "description": detection.description,
        "status": detection.status,
        "techniques": list(detection.techniques),
        "tactics": list(detection.tactics),
        "severity": str(detection.severity) if detection.severity else None,
        "confidence": str(detection.confidence) if detection.confidence else None,
        "tables": list(detection.tables),
        "data_sources": list(detection.data_sources),
        "entities": {entity.column: entity.type for entity in detection.entities},
        "false_positives": list(detection.false_positives),
        "tests": [_test(t.number, t.title, t.expected_signal) for t in detection.tests],
        "references": list(detection.references),
        "notes": detection.notes,
    }
    return {key: value for key, value in given.items() if value}


def _test(number: int, title: str, expected_signal: str | None) -> dict[str, Any]:
    test: dict[str, Any] = {"number": number, "title": title}
    return test | ({"expected_signal": expected_signal} if expected_signal else {})
