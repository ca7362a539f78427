"""JSON schemas of a package's files, for editors: takes the readers' tables, gives docs/schemas.

.venv/bin/python tools/package_schemas.py          writes the schemas
.venv/bin/python tools/package_schemas.py --check  tells whether they are current
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from vedette.detections.attack import TACTICS
from vedette.detections.model import Confidence, Severity
from vedette.detections.packages import cases, read

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"
Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {"type": "array", "items": TEXT}
PERIOD: Schema = {"type": "string", "pattern": "^[1-9][0-9]{0,4}[mhd]$"}
TECHNIQUE: Schema = {"type": "string", "pattern": r"^T[0-9]{4}(\.[0-9]{3})?$"}
NUMBER: Schema = {"type": "integer", "minimum": 1}


def schemas() -> dict[str, Schema]:
    """Each file's schema by its name."""
    return {
        "detection.schema.json": _detection(),
        "test.schema.json": _test(),
        "quiet.schema.json": _quiet(),
        "tuning.schema.json": _tuning(),
    }


def _object(properties: Schema, required: list[str]) -> Schema:
    return {
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": False,
    }  # fmt: skip


def _words(values: Any) -> Schema:
    return {"enum": [str(value) for value in values]}


def _detection() -> Schema:
    test = _object({"number": NUMBER, "title": TEXT, "expected_signal": TEXT}, ["number", "title"])
    properties: Schema = {
        "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,119}$"},
        "title": TEXT, "description": TEXT, "notes": TEXT,
        "status": _words(read.STATUSES),
        "techniques": {"type": "array", "items": TECHNIQUE, "minItems": 1},
        "tactics": {"type": "array", "items": _words(TACTICS), "minItems": 1},
        "severity": _words(Severity), "confidence": _words(Confidence),
        "tables": TEXTS, "data_sources": TEXTS, "false_positives": TEXTS, "references": TEXTS,
        "schedule": _object({"lookback": PERIOD, "step": PERIOD}, []),
        "entities": {"type": "object", "additionalProperties": _words(read.ENTITY_TYPES)},
        "tests": {"type": "array", "items": test},
    }  # fmt: skip
    return _object({key: properties[key] for key in read.KEYS}, list(read.REQUIRED))


def _test() -> Schema:
    executor = _object(
        {
            "name": _words(cases.EXECUTORS), "command": TEXT, "cleanup_command": TEXT,
            "steps": TEXT, "elevation_required": {"type": "boolean"},
        },
        ["name"],
    )  # fmt: skip
    argument = _object({"description": TEXT, "type": TEXT, "default": {"type": "string"}}, [])
    properties: Schema = {
        "title": TEXT, "number": NUMBER, "technique": TECHNIQUE, "description": TEXT,
        "supported_platforms": TEXTS, "expected_signal": TEXT, "executor": executor,
        "input_arguments": {"type": "object", "additionalProperties": argument},
        "silent": {"type": "object", "additionalProperties": TEXT},
    }  # fmt: skip
    return _object({key: properties[key] for key in cases.TEST_KEYS}, ["title", "number"])


def _quiet() -> Schema:
    log: Schema = {
        "archive": {"type": "string", "pattern": "^[^/\\\\]+$"}, "member": TEXT,
        "lines": {"type": "string", "pattern": "^[0-9]{1,9}-[0-9]{1,9}$"},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }  # fmt: skip
    real = _object({key: log[key] for key in cases.REAL_LOG_KEYS}, ["archive", "sha256"])
    properties: Schema = {"title": TEXT, "source": TEXT, "real_log": real}
    return _object({key: properties[key] for key in cases.QUIET_KEYS}, ["title", "source"])


def _tuning() -> Schema:
    entry = _object(
        {
            "column": TEXT, "values": {**TEXTS, "minItems": 1}, "reason": TEXT, "owner": TEXT,
            "expires": {"type": "string", "format": "date"},
        },
        ["column", "values", "reason", "owner", "expires"],
    )  # fmt: skip
    return _object({"allow": {"type": "array", "items": entry}}, [])


def written() -> dict[str, str]:
    """Each file's text by its name."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: json.dumps(head | s, indent=2) + "\n" for name, s in schemas().items()}


def main(words: list[str]) -> int:
    """Write the schemas, or tell whether they are current; the result is an exit code."""
    if "--check" in words:
        there = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.json")}
        return 0 if there == written() else 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in written().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
