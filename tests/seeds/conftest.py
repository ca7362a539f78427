"""The four documents the project started from, and the telemetry that their tests leave."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette import Workspace
from vedette.detections.find import load
from vedette.detections.model import Query

AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
"""What "T" stands for in the expected telemetry."""

NOW = AT + dt.timedelta(hours=1)


def at_time(value: Any) -> Any:
    """The telemetry with the test's time in place of "T"."""
    if isinstance(value, dict):
        return {k: at_time(v) for k, v in value.items()}
    if isinstance(value, list):
        return [at_time(v) for v in value]
    if isinstance(value, str):
        moment = AT.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return moment if value == "T" else value.replace("[T]", f"[{AT:%d/%b/%Y:%H:%M:%S +0000}]")
    return value


@pytest.fixture(scope="session")
def telemetry(shared: Path) -> dict[str, dict[str, Any]]:
    """What each of the nine tests is expected to leave, by the test's name."""
    text = (shared / "reference/domain/expected-telemetry.json").read_text()
    expected: dict[str, dict[str, Any]] = at_time(json.loads(text))
    return expected


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """An empty workspace."""
    with Workspace() as opened:
        yield opened


@pytest.fixture(scope="session")
def sentinel(shared: Path) -> Query:
    """The Sentinel page's query."""
    return only_query(next((shared / "seeds").glob("003_*.txt")))


@pytest.fixture(scope="session", params=["000_*.txt", "001_*.txt"])
def qradar(shared: Path, request: pytest.FixtureRequest) -> Query:
    """Each QRadar page's query."""
    return only_query(next((shared / "seeds").glob(request.param)))


def only_query(page: Path) -> Query:
    """The one query of a page."""
    (detection,) = load([page]).detections
    (query,) = detection.queries
    return query


def store(workspace: Workspace, folder: Path, records: list[Any], table: str | None = None) -> None:
    """Ingest records as a file of JSON lines; every one must be stored."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"records-{len(list(folder.iterdir()))}.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    report = workspace.ingest(file, table=table)
    assert (report.stored, report.quarantined) == (len(records), 0)
