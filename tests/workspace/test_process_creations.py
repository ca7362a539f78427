"""A process creation is one event whatever asks: KQL, AQL and the EVTX library count the same."""

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evtx import PyEvtxParser

from vedette import Workspace
from vedette.syntax import Source

pytestmark = pytest.mark.shared("data")
CREATIONS = {("Microsoft-Windows-Sysmon", 1), ("Microsoft-Windows-Security-Auditing", 4688)}
KQL = "DeviceProcessEvents | project Timestamp, ProcessCommandLine"
AQL = """SELECT starttime, "Process CommandLine" FROM events
    WHERE category = 8110 START '1990-01-01 00:00'"""
BY_NUMBER = """SELECT starttime FROM events
    WHERE "Event ID" IN (1, 4688) AND "Process Path" IS NOT NULL AND qidEventId IS NOT NULL
    START '1990-01-01 00:00'"""


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "data" / "evtx-attack-samples.zip"


@pytest.fixture(scope="module")
def workspace(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace(tmp_path_factory.mktemp("samples")) as opened:
        opened.ingest(samples)
        yield opened


def identities(workspace: Workspace, text: str, language: str) -> Counter[str]:
    """The identities of the events behind a query's rows."""
    compilation = workspace.compile(text, language)
    _, events = workspace.trace(compilation, Source(text), None)
    return Counter(identity for row in events for identity in row)


def counted_by_the_library(samples: Path) -> int:
    """Process creations in the archive's files, a file with another's content left out."""
    count, seen = 0, set()
    with zipfile.ZipFile(samples) as archive:
        for name in archive.namelist():
            content = archive.read(name) if name.endswith(".evtx") else b""
            digest = hashlib.sha256(content).digest()
            if not content or digest in seen:
                continue
            seen.add(digest)
            records: Iterator[Any] = iter(PyEvtxParser(io.BytesIO(content)).records_json())
            for record in records:
                system = json.loads(record["data"])["Event"]["System"]
                number = system["EventID"]
                number = number["#text"] if isinstance(number, dict) else number
                provider = system["Provider"]["#attributes"]["Name"]
                count += (provider, int(number)) in CREATIONS
    return count


def test_each_is_found_once_by_kql_by_aql_and_by_the_library(
    workspace: Workspace, samples: Path
) -> None:
    by_kql, by_aql = identities(workspace, KQL, "kql"), identities(workspace, AQL, "aql")
    assert by_kql == by_aql
    assert set(by_kql.values()) == {1}
    assert len(by_kql) == counted_by_the_library(samples) > 500


def test_a_query_by_numbers_finds_those_that_have_a_path(workspace: Workspace) -> None:
    found = identities(workspace, BY_NUMBER, "aql")
    assert found
    assert found.keys() <= identities(workspace, KQL, "kql").keys()
