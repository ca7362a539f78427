"""The pass against each rule alone: takes Sigma rules and events, says where findings differ.

``equality.py RULES [--rows N] [--logs PATH ...]``. RULES is a folder of rules; of generated events
(``process_rows.py``, absent values in every column but the identity) those of process creation are
asked, of logs all. A hunt in one pass and one that runs each query alone are compared by rule: its
status, and of each finding the entity, the count, the first and the last moment, and the identities
of all events behind it. Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from many_rules import formulas_of, workspace_over
from process_rows import write_rows
from vedette.detections.find import load
from vedette.detections.model import Detection
from vedette.hunt import HuntReport, hunt
from vedette.workspace import Workspace

_AT_ONCE = 100
"""How many rules are run alone before it is said how far it is."""


def told(report: HuntReport) -> dict[int, Any]:
    """What a report says of each rule, by its place among them."""
    found: dict[int, Any] = {}
    for number, run in enumerate(report.runs):
        findings = [
            (f.entity_column, f.entity, f.count, f.first_seen, f.last_seen, f.event_times)
            for f in run.findings
        ]
        found[number] = run.status, sorted(findings, key=lambda f: (str(f[:2]), repr(f[2:5])))
    return found


def differing(workspace: Workspace, detections: Sequence[Detection]) -> list[str]:
    """The titles of the rules whose findings differ; tells how far it is."""
    started = time.process_time()
    report = hunt(workspace, detections, evidence=0, one_pass=True)
    together = told(report)
    say(
        f"one pass: {len(report.runs):,} rules, {sum(bool(r.findings) for r in report.runs):,}"
        f" fire, {sum(f.count for f in report.findings):,} matches, {len(report.ran_alone)} alone,"
        f" {time.process_time() - started:.0f} s of CPU"
    )
    statuses = sorted({status for status, _ in together.values()})
    say(", ".join(f"{s}: {sum(t[0] == s for t in together.values()):,}" for s in statuses))
    del report
    titles: list[str] = []
    for place in range(0, len(detections), _AT_ONCE):
        some = detections[place : place + _AT_ONCE]
        alone = told(hunt(workspace, some, evidence=0, one_pass=False))
        titles += [some[n].title for n, one in alone.items() if one != together[place + n]]
        say(
            f"{place + len(some):,} of {len(detections):,} rules alone: {len(titles)} differ,"
            f" {time.process_time() - started:.0f} s of CPU"
        )
    return titles


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Compare, and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", type=Path)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--logs", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    files = sorted(given.rules.rglob("*.yml"))
    titles: list[str] = []
    if given.rows:
        asked = [f for f in files if "process_creation" in f.parts]
        with tempfile.TemporaryDirectory(prefix="rows-") as name:
            write_rows(Path(name), given.rows, formulas_of(asked), seed=7)
            with workspace_over(Path(name), given.rows) as workspace:
                say(f"{given.rows:,} generated events, seed 7")
                titles += differing(workspace, load(asked).detections)
    for logs in given.logs:
        with Workspace() as workspace:
            workspace.ingest(logs)
            events = sum(table.rows for table in workspace.status())
            say(f"{logs.name}: {events:,} events")
            titles += differing(workspace, load(files).detections)
    say(f"differ: {', '.join(titles) or 'none'}")
    return 1 if titles else 0


if __name__ == "__main__":
    sys.exit(main())
