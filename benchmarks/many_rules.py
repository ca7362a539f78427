"""Many rules in one pass: takes a folder of Sigma rules, writes BENCHMARKS.md.

``many_rules.py RULES [--peers FOLDER] [--zircolite FOLDER] [--every N] [--logs FOLDER ...]
[--rows N ...] [--runs N]``. RULES is SigmaHQ's repository or a part of it; that of peers holds
polars and pySigma's SQLite backend where pip put them (``pip install --target FOLDER polars
pysigma-backend-sqlite``), that of Zircolite what `zircolite_peer` says.
Every measurement is a process of its own; CPU is that of all its threads.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from vedette.engines.base import Stored
from vedette.plan.formulas import Formula
from vedette.tables.catalog import event_tables
from vedette.workspace import Workspace
from vedette.workspace.workers import available

TABLE = "process_event"
CLOCK = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ROOT = Path(__file__).parents[1]


def formulas_of(files: Sequence[Path]) -> list[Formula]:
    """What each rule asks of a process event."""
    from vedette.hunt.one_pass.riders import Riders

    stored = {name: Stored((), columns) for name, columns in event_tables().items()}
    reader = Riders(stored)
    with Workspace() as workspace:
        texts = (file.read_text(encoding="utf-8") for file in files)
        bound = (workspace.plan(text, "sigma", CLOCK) for text in texts)
        plans = (workspace.stored_plan(plan, stored=stored) for plan in bound)
        return [reader.rider([(0, plan)]).asks[TABLE] for plan in plans]


@contextmanager
def workspace_over(folder: Path, rows: int) -> Iterator[Workspace]:
    """A workspace whose process events are the first rows of generated files."""
    from vedette.workspace.narrowed import narrowed

    files, count = [], 0
    for file in sorted(folder.glob("*.parquet")):
        length = pq.read_metadata(file).num_rows
        if count < rows < count + length:  # the rest of it is left out
            part = folder / f"first-{rows}" / file.name
            if not part.exists():
                part.parent.mkdir(exist_ok=True)
                pq.write_table(pq.read_table(file).slice(0, rows - count), part, compression="zstd")
            file = part
        if count < rows:
            files.append(str(file.absolute()))
            count += length
    with Workspace() as own, narrowed(own, folder) as put:
        yield put({TABLE: Stored(tuple(files), event_tables()[TABLE])})


# --- what one process measures ------------------------------------------------------------------


def measured(what: str, *words: str) -> dict[str, Any]:
    """Run a measurement in this process."""
    if what == "generate":
        from process_rows import write_rows

        folder, rows, listed = Path(words[0]), int(words[1]), _listed(words[2])
        return {"files": len(write_rows(folder, rows, formulas_of(listed)))}
    if what == "hunt":
        cache = Path(words[3]) if words[3:] else None
        return _hunted(Path(words[0]), int(words[1]), _listed(words[2]), cache)
    if what == "logs":
        return _over_logs(Path(words[0]), _listed(words[1]))
    return _batches(Path(words[0]), _listed(words[1]))


def _listed(file: str) -> list[Path]:
    return [Path(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]


def _spent() -> float:
    """CPU seconds of this process and of those that helped it and have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _hunted(folder: Path, rows: int, rules: Sequence[Path], cache: Path | None) -> dict[str, Any]:
    from vedette.detections.find import load
    from vedette.hunt import hunt, together
    from vedette.hunt.one_pass.ride import ride

    spent: list[tuple[float, float]] = []

    def timed(*words: Any, **named: Any) -> Any:
        began, cpu = time.perf_counter(), _spent()
        passed = ride(*words, **named)
        spent.append((time.perf_counter() - began, _spent() - cpu))
        return passed

    vars(together)["ride"] = timed
    started, cpu = time.perf_counter(), _spent()
    with workspace_over(folder, rows) as workspace:
        report = hunt(workspace, load(rules), evidence=0, one_pass=True, cache=cache)
    wall, cpu = time.perf_counter() - started, _spent() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    shown = sum(len(finding.rows) for finding in report.findings)
    return {
        "wall": wall, "cpu": cpu, "own_megabytes": peak,
        "shown": shown, "showing": time.process_time() - began,
        "pass_wall": sum(wall for wall, _ in spent), "pass": sum(cpu for _, cpu in spent),
        "events": sum(table.rows for table in report.data),
        "rules": len(report.runs), "alone": len(report.ran_alone),
        "firing": sum(bool(run.findings) for run in report.runs),
        "matches": sum(finding.count for finding in report.findings),
        "workers_megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        * (available() - 1),
    }  # fmt: skip


def _over_logs(folder: Path, rules: Sequence[Path]) -> dict[str, Any]:
    from vedette.detections.find import load
    from vedette.hunt import hunt

    with Workspace() as workspace:
        workspace.ingest(folder)
        events = sum(table.rows for table in workspace.status())
        loaded = load(rules)
        found: dict[str, Any] = {"events": events, "rules": len(loaded.detections)}
        for name, some, one_pass in (
            ("pass", loaded.detections, True),
            ("each", loaded.detections[::20], False),
        ):
            started, cpu = time.perf_counter(), _spent()
            report = hunt(workspace, some, evidence=0, one_pass=one_pass)
            found[name] = {
                "wall": time.perf_counter() - started, "cpu": _spent() - cpu,
                "runs": len(report.runs), "alone": len(report.ran_alone),
                "firing": sum(bool(run.findings) for run in report.runs),
            }  # fmt: skip
    return found


def _batches(folder: Path, rules: Sequence[Path]) -> dict[str, Any]:
    from vedette.detections.find import load
    from vedette.hunt.prepared import PreparedDetections

    rows = pq.ParquetFile(min(folder.glob("*.parquet"))).read()
    loaded = load(rules)
    with tempfile.TemporaryDirectory() as cache:
        cpu = time.process_time()
        with PreparedDetections(loaded, cache=Path(cache)) as first:
            first.match(TABLE, rows.slice(0, 5_000))
        bound = time.process_time() - cpu
        cpu = time.process_time()
        with PreparedDetections(loaded, cache=Path(cache)) as prepared:
            read = time.process_time() - cpu
            spent, found = [], 0
            for place in range(5_000, 105_000, 5_000):
                batch = rows.slice(place, 5_000).combine_chunks()
                cpu = time.process_time()
                found += sum(len(m.rows) for m in prepared.match(TABLE, batch))
                spent.append(time.process_time() - cpu)
    return {"bound": bound, "read": read, "batch": statistics.median(spent[2:]), "matches": found}


# --- the whole ----------------------------------------------------------------------------------


def main() -> None:
    """Measure, and write the page."""
    from rules_page import Page

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--zircolite", type=Path)
    parser.add_argument("--every", type=int, default=1, help="others run one rule in so many")
    parser.add_argument("--logs", type=Path, nargs="*", default=[])
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--counts", type=int, nargs="*", default=[10, 100, 1_000, 3_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "BENCHMARKS.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rules-") as name:
        page = Page(Path(name), given)
        page.measure()
        given.out.write_text(page.text(), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        sys.stdout.write(json.dumps(measured(*sys.argv[2:])) + "\n")
    else:
        main()
