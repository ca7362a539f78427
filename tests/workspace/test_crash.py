"""Work that dies at any moment leaves each record once, and a second run completes it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("crashing.py")
MEMORY = Path("/dev/shm")
DEATHS = [
    ("ingest", "call", 35, 7), ("ingest", "call", 35, 8), ("follow", "call", 35, 7),
    ("follow", "call", 35, 8), ("compact", "call", 40, 7), ("drop", "call", 20, 7),
    ("ingest", "kill", 4, 7), ("follow", "kill", 10, 7), ("compact", "kill", 6, 7),
]  # fmt: skip
"""What is done, how it dies, how often, and the seed: 200 deaths at calls, 20 at any moment."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: what a process leaves is the same, and it is fast."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="vedette-") as made:
        yield Path(made)


@pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")
@pytest.mark.parametrize(("work", "way", "times", "seed"), DEATHS)
def test_a_death_at_any_moment_loses_and_doubles_nothing(
    work: str, way: str, times: int, seed: int, folder: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), work, str(times), str(seed), way],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    whole, *deaths = map(json.loads, done.stdout.splitlines())
    assert whole["after"]["rows"] == whole["expected"]
    assert whole["after"]["set_aside"] == (0 if work == "follow" else 4)
    assert len(deaths) == times
    lived = sum(death["lived"] for death in deaths)
    assert lived <= times // 2, "an alarm may come late, not as a rule"
    for death in deaths:
        visible, after = death["visible"], death["after"]
        assert visible["rows"] == visible["distinct"] == visible["counted"], death
        same = ("rows", "distinct", "counted", "set_aside")
        assert {k: after[k] for k in same} == {k: whole["after"][k] for k in same}, death
        if (work, way) != ("ingest", "kill"):  # what reads for a process outlives it by a moment
            assert visible["files"] == visible["listed"], death
            assert after["files"] == after["listed"], death
    seen = {death["visible"]["rows"] for death in deaths}
    if work == "compact":
        assert seen == {whole["expected"]}, "a record was gone, or there twice"
        assert way == "kill" or len({death["visible"]["files"] for death in deaths}) > 2
    elif work == "drop":
        assert len(seen | {whole["expected"]}) <= 2, "some were dropped and others not"
    elif way == "call":
        assert len(seen) > 2, "no death fell between two batches"
