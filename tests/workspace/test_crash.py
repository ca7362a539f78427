"""An ingest that dies at any point leaves whole batches, and a second run completes it."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("crashing.py")
TIMES = 50


def write_logs(folder: Path) -> None:
    """Access logs of four days, Windows events, a mail, some of it unreadable."""
    folder.mkdir()
    for day in range(1, 5):
        lines = [
            f'203.0.113.{n} - - [0{day}/May/2015:10:00:{n:02}  +0000] "GET /{n} HTTP/1.1" 200 5\n'
            for n in range(40)
        ]
        text = "".join(lines).replace("  +", " +") + "broken\n"
        (folder / f"{day}.log.gz").write_bytes(gzip.compress(text.encode()))
    events = [
        {"EventID": 1, "UtcTime": f"2026-03-0{n % 3 + 1} 10:00:00.000", "Image": f"C:\\{n}.exe"}
        for n in range(60)
    ]
    (folder / "events.json").write_text("".join(json.dumps(e) + "\n" for e in events))
    (folder / "one.eml").write_text(
        "From: a@b.example\nSubject: s\nDate: 1 Jan 2020 00:00 +0000\n\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")
def test_a_crash_at_any_point_loses_and_doubles_nothing(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), str(tmp_path / "logs"), str(TIMES), "7"],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    whole, *deaths = map(json.loads, done.stdout.splitlines())
    assert whole["after"]["rows"] == 4 * 40 + 60 + 1
    assert whole["after"]["set_aside"] == 4
    assert len(deaths) == TIMES
    for death in deaths:
        visible, after = death["visible"], death["after"]
        assert visible["rows"] == visible["distinct"] == visible["counted"], death
        assert visible["files"] == visible["listed"], death
        same = ("rows", "distinct", "counted", "set_aside")
        assert {k: after[k] for k in same} == {k: whole["after"][k] for k in same}, death
        assert after["files"] == after["listed"], death
    seen = {death["visible"]["rows"] for death in deaths}
    assert len(seen) > 2, "no death fell between two batches"
