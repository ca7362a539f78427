"""The schemas for editors are made of what the readers take, and are current."""

import runpy
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools/package_schemas.py"))


def test_the_schemas_are_current(tool: dict[str, Any], root: Path) -> None:
    there = {p.name: p.read_text("utf-8") for p in (root / "docs/schemas").glob("*.json")}
    assert there == tool["written"](), "run make package-schemas"


def test_the_schemas_know_every_key_that_is_read(tool: dict[str, Any]) -> None:
    from vedette.detections.packages import cases, read

    schemas = tool["schemas"]()
    assert tuple(schemas["detection.schema.json"]["properties"]) == read.KEYS
    assert tuple(schemas["test.schema.json"]["properties"]) == cases.TEST_KEYS
