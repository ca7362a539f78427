"""How fast logs become Parquet in a workspace, beside a bare reader of the same format.

    .venv/bin/python benchmarks/ingest.py [--megabytes N] [--turns N] [--only NAME] [--large]

For each format the same files are read by a bare reader, which keeps nothing, and ingested end to
end, in turns; the share is the ratio of the median rates, wall clock, all cores. On a machine that
does other work too, look at the CPU seconds of both, which it moves less. Peak memory is that of
the ingesting process and those that help it together, looked at every 20 ms (shared pages count
once: PSS) in a turn of its own that is not timed: looking takes a good part of a core. Event logs
come from ``shared`` beside the repository and are left out where it is absent, Windows' JSON then
is made as all other logs are.
``--large`` ingests 5 GB of JSON lines once instead (5 GB on the disk).
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
import orjson
from evtx import PyEvtxParser

import log_lines
from measure import say, table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ACCESS = re.compile(
    r'(\S+) (\S+) (\S+) \[([^\]]+)\] "([^"]*)" (\d{3}) (\S+)(?: "([^"]*)" "([^"]*)")?'
)
CEF_FIELD = re.compile(r"(\w+)=(.*?)(?=\s+\w+=|$)")
EVENTS = {
    "EventTime": "datetime", "Hostname": "string", "EventID": "int", "Channel": "string",
    "SourceName": "string", "RecordNumber": "long", "Message": "string", "UtcTime": "datetime",
    "Image": "string", "CommandLine": "string", "User": "string", "ProcessId": "dynamic",
}  # fmt: skip
REQUESTS = {
    "time_iso8601": "datetime", "remote_addr": "string", "remote_user": "string",
    "request": "string", "request_method": "string", "request_uri": "string", "status": "int",
    "body_bytes_sent": "long", "request_time": "real", "http_referrer": "string",
    "http_user_agent": "string", "host": "string",
}  # fmt: skip

Bare = Callable[[Sequence[Path]], int]


# --- bare readers ---------------------------------------------------------------------------------


def bare_json(paths: Sequence[Path]) -> int:
    """A ``json.loads`` a line."""
    count = 0
    for path in paths:
        with path.open("rb") as file:
            for line in file:
                orjson.loads(line)
                count += 1
    return count


def duckdb_json(paths: Sequence[Path], sample: int) -> int:
    """DuckDB's own reader, on all cores, into one Parquet file; types by so many lines, -1 all."""
    with tempfile.TemporaryDirectory(prefix="vedette-benchmark-") as folder:
        database = duckdb.connect()
        options = (
            "format = 'newline_delimited', maximum_depth = 1, map_inference_threshold = -1,"
            " field_appearance_threshold = 0, maximum_object_size = 67108864,"
            f" sample_size = {sample}"
        )
        names = [str(path) for path in paths]
        try:
            written = database.execute(
                f"COPY (FROM read_json({names}, {options}))"
                f" TO '{folder}/a.parquet' (COMPRESSION zstd)"
            ).fetchone()
        finally:
            database.close()
    return int(written[0]) if written else 0


def json_readers(path: Path) -> dict[str, tuple[Bare, str]]:
    """The bare readers of JSON lines; DuckDB with its usual sample, or all lines where it fails."""
    sample, said = 20_480, ""
    try:
        duckdb_json([path], sample)
    except duckdb.Error:
        sample, said = -1, ", all lines looked at"
    return {
        "orjson.loads a line": (bare_json, "60 %"),
        f"DuckDB read_json to Parquet{said}": (partial(duckdb_json, sample=sample), "60 %"),
    }


def bare_evtx(paths: Sequence[Path]) -> int:
    """The library's records, each as Python values."""
    count = 0
    for path in paths:
        for record in PyEvtxParser(str(path)).records_json():
            if record is not None:
                orjson.loads(record["data"])
                count += 1
    return count


def bare_access(paths: Sequence[Path]) -> int:
    """One match with groups a line."""
    count = 0
    for path in paths:
        with path.open(encoding="latin-1") as file:
            for line in file:
                match = ACCESS.match(line)
                if match is not None:
                    match.groups()
                    count += 1
    return count


def bare_cef(paths: Sequence[Path]) -> int:
    """The usual pattern for keys and values over the extension, into a dictionary."""
    count = 0
    for path in paths:
        with path.open(encoding="utf-8") as file:
            for line in file:
                dict(CEF_FIELD.findall(line.rstrip("\n").split("|", 7)[7]))
                count += 1
    return count


def bare_fields(paths: Sequence[Path]) -> int:
    """A split a line, its fields into a dictionary by the header's names."""
    count = 0
    for path in paths:
        names: list[str] = []
        separator = " "
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("#"):
                    if line.lower().startswith("#fields"):
                        separator = "\t" if "\t" in line else " "
                        names = line.split(separator)[1:]
                    continue
                dict(zip(names, line.rstrip("\n").split(separator), strict=True))
                count += 1
    return count


# --- ingesting ------------------------------------------------------------------------------------

_PROGRAM = """
import json, sys, time
from vedette.tables.catalog import Catalog
from vedette.workspace.ingest import ingest
from vedette.workspace.manifest import Store
folder, columns, *paths = json.loads(sys.argv[1])
catalog, store = Catalog(), Store(__import__("pathlib").Path(folder))
if columns:
    catalog.declare("Declared", columns)
started = time.perf_counter()
report = ingest(store, catalog, paths, "Declared" if columns else None)
seconds = time.perf_counter() - started
stored = sum(f.stat().st_size for f in store.lake.rglob("*.parquet"))
print(json.dumps([seconds, report.stored, report.quarantined, stored]))
"""


@dataclass(slots=True)
class Ingested:
    """One ingest: its seconds, rows, bytes of Parquet and of memory at most, CPU seconds."""

    seconds: float
    rows: int
    quarantined: int
    stored: int
    peak: int
    cpu: float


def ingest(
    paths: Sequence[Path], columns: Mapping[str, str] | None, folder: Path, *, watched: bool
) -> Ingested:
    """Ingest files into a fresh workspace, in a process of its own; its memory if it is watched.

    With *columns*, into a table of these.
    """
    with tempfile.TemporaryDirectory(prefix="vedette-benchmark-", dir=folder) as workspace:
        words = [workspace, columns, *map(str, paths)]
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, json.dumps(words)], stdout=subprocess.PIPE
        )
        watch = _Memory(process.pid)
        if watched:
            watch.start()
        before = _cpu_of_children()
        out, _ = process.communicate()
        if watched:
            watch.ended.set()
            watch.join()
    if process.returncode:
        raise SystemExit(f"the ingest of {paths[0]} failed")
    seconds, rows, quarantined, stored = json.loads(out)
    return Ingested(seconds, rows, quarantined, stored, watch.peak, _cpu_of_children() - before)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Memory(threading.Thread):
    """Looks at the memory of a process and its children until it is told to end."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.ended = threading.Event()
        self._process = process

    def run(self) -> None:
        """Look every 20 ms."""
        while not self.ended.wait(0.02):
            self.peak = max(self.peak, sum(map(_memory, [self._process, *self._children()])))

    def _children(self) -> list[int]:
        try:
            task = Path(f"/proc/{self._process}/task/{self._process}/children").read_text()
        except OSError:
            return []
        return [int(word) for word in task.split()]


def _memory(process: int) -> int:
    """The process's share of memory in bytes; 0 where the system does not tell, or it ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


# --- formats --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of log: its files, the bare readers it is held against, the share that is due."""

    name: str
    files: Sequence[Path]
    bare: dict[str, tuple[Bare, str]]
    columns: Mapping[str, str] | None = None


@dataclass(slots=True)
class Times:
    """What the turns took."""

    ingested: list[Ingested] = field(default_factory=list)
    bare: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def measured(task: Task, turns: int, folder: Path) -> list[list[str]]:
    """The rows of the table for one kind of log, a row a bare reader."""
    times = Times()
    for _ in range(turns):
        for name, (read, _) in task.bare.items():
            started, used = time.perf_counter(), time.process_time()
            times.counts[name] = read(task.files)
            times.bare.setdefault(name, []).append(time.perf_counter() - started)
            times.cpu.setdefault(name, []).append(time.process_time() - used)
        done = ingest(task.files, task.columns, folder, watched=False)
        times.ingested.append(done)
    last = times.ingested[-1]
    peak = ingest(task.files, task.columns, folder, watched=True).peak
    rate = last.rows / statistics.median(one.seconds for one in times.ingested)
    size = sum(path.stat().st_size for path in task.files)
    cpu = statistics.median(one.cpu for one in times.ingested)
    rows = []
    for name, (_, due) in task.bare.items():
        bare = times.counts[name] / statistics.median(times.bare[name])
        rows.append(
            [
                task.name, f"{last.rows:,} in {size / 1e6:.0f} MB", f"{rate / 1000:.1f} k", name,
                f"{bare / 1000:.1f} k", f"{rate / bare:.0%}", due,
                f"{cpu:.2f} / {statistics.median(times.cpu[name]):.2f}",
                f"{peak / 1e6:.0f} MB",
                f"{last.stored / 1e6:.1f} MB",
            ]
        )  # fmt: skip
    return rows


def tasks(folder: Path, megabytes: int, only: str) -> list[Task]:
    """The kinds of logs whose names begin so, their files made."""
    makers: dict[str, Callable[[], Task]] = {
        "evtx": lambda: _evtx(folder, megabytes),
        "evtx-files": lambda: _evtx_files(folder),
        "windows-json": lambda: _windows(folder, megabytes),
        "table-events": lambda: _table(folder, megabytes, "events", log_lines.windows_line, EVENTS),
        "table-requests": lambda: _table(
            folder, megabytes, "requests", log_lines.nginx_line, REQUESTS
        ),
        "access": lambda: _access(folder, megabytes),
        "cef": lambda: _cef(folder, megabytes),
        **{name: partial(_mapped_json, folder, megabytes, *one) for name, one in _MAPPED.items()},
        "iis": lambda: _iis(folder, megabytes),
        "zeek-tsv": lambda: _zeek(folder, megabytes),
    }
    absent = {"evtx", "evtx-files"} if not DATA.exists() else set()
    if absent:
        say("no shared data beside the repository: event logs are left out")
    return [make() for name, make in makers.items() if name.startswith(only) and name not in absent]


def _evtx(folder: Path, megabytes: int) -> Task:
    path = folder / "joined.evtx"
    small = folder / "small"
    small.mkdir(exist_ok=True)
    files = log_lines.evtx_files(DATA / "evtx-attack-samples.zip", small)
    # One log tells of a few days; the samples together of hundreds.
    largest = sorted(files, key=lambda file: file.stat().st_size)[-3:]
    log_lines.joined_evtx(largest, path, megabytes)
    return Task("EVTX, one file", [path], {"evtx + orjson.loads": (bare_evtx, "45 %")})


def _evtx_files(folder: Path) -> Task:
    small = folder / "many"
    small.mkdir(exist_ok=True)
    files = log_lines.evtx_files(DATA / "evtx-attack-samples.zip", small)
    name = f"EVTX, {len(files)} files"
    return Task(name, files, {"evtx + orjson.loads": (bare_evtx, "45 %")})


def _windows(folder: Path, megabytes: int) -> Task:
    path = folder / "windows.json"
    if DATA.exists():
        log_lines.real_windows_lines(DATA / "otrf-security-datasets.zip", path, megabytes)
    else:
        log_lines.write_lines(path, log_lines.windows_line, megabytes)
    return Task("Windows JSON lines", [path], json_readers(path))


def _table(
    folder: Path, megabytes: int, what: str, make: log_lines.LineMaker, columns: Mapping[str, str]
) -> Task:
    path = folder / f"{what}.jsonl"
    log_lines.write_lines(path, make, megabytes)
    return Task(f"JSON lines into a table, {what}", [path], json_readers(path), columns)


def _access(folder: Path, megabytes: int) -> Task:
    path = folder / "access.log"
    log_lines.write_lines(path, log_lines.access_line, megabytes)
    return Task("access log", [path], {"re with groups a line": (bare_access, "60 %")})


def _cef(folder: Path, megabytes: int) -> Task:
    path = folder / "cef.log"
    log_lines.write_lines(path, log_lines.cef_line, megabytes)
    return Task("CEF", [path], {"key=value pattern a line": (bare_cef, "300 %")})


_MAPPED: dict[str, tuple[str, str, log_lines.LineMaker]] = {
    "nginx-json": ("nginx access log in JSON", "access.json", log_lines.nginx_line),
    "zeek-json": ("Zeek connections in JSON", "conn.json", log_lines.zeek_json_line),
    "suricata": ("Suricata EVE", "eve.json", log_lines.suricata_line),
    "defender": (
        "Defender export, a row a line",
        "DeviceProcessEvents.json",
        log_lines.defender_line,
    ),
    "cloudtrail": ("CloudTrail, a record a line", "trail.json", log_lines.cloudtrail_line),
}


def _mapped_json(
    folder: Path, megabytes: int, name: str, file: str, make: log_lines.LineMaker
) -> Task:
    path = folder / file
    log_lines.write_lines(path, make, megabytes)
    return Task(name, [path], json_readers(path))


def _iis(folder: Path, megabytes: int) -> Task:
    path = folder / "u_ex260601.log"
    log_lines.write_lines(path, log_lines.iis_line, megabytes, log_lines.IIS_HEADER)
    return Task("IIS", [path], {"split into a dictionary a line": (bare_fields, "60 %")})


def _zeek(folder: Path, megabytes: int) -> Task:
    path = folder / "conn.log"
    log_lines.write_lines(path, log_lines.zeek_line, megabytes, log_lines.ZEEK_HEADER)
    bare: dict[str, tuple[Bare, str]] = {"split into a dictionary a line": (bare_fields, "")}
    return Task("Zeek connections", [path], bare)


def large(folder: Path, megabytes: int) -> None:
    """Ingest one large file once."""
    path = folder / "large.json"
    say(f"making {megabytes:,} MB")
    count = log_lines.write_lines(path, log_lines.windows_line, megabytes)
    done = ingest([path], None, folder, watched=True)
    if done.rows != count:
        raise SystemExit(f"{done.rows:,} of {count:,} records are stored")
    size = path.stat().st_size
    line = [
        f"{size / 1e9:.2f} GB", f"{count:,}", f"{done.seconds:.0f} s",
        f"{count / done.seconds / 1000:.1f} k", f"{size / done.seconds / 1e6:.0f} MB",
        f"{done.peak / 1e6:.0f} MB", f"{done.stored / 1e6:.0f} MB",
    ]  # fmt: skip
    heads = ("file", "records", "time", "records a s", "bytes a s", "peak memory", "Parquet")
    say(table("One large file of JSON lines", heads, [line]))


def main(words: list[str]) -> int:
    """Measure; the result is an exit code."""
    parser = argparse.ArgumentParser(description="ingest beside bare readers")
    parser.add_argument("--megabytes", type=int, help="size of each log made (500; --large: 5000)")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", default="", help="kinds whose names begin so")
    parser.add_argument("--large", action="store_true", help="one large file instead")
    parser.add_argument("--folder", type=Path, help="where files are made (and removed)")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="vedette-benchmark-", dir=options.folder) as temporary:
        folder = Path(temporary)
        if options.large:
            large(folder, options.megabytes or 5000)
            return 0
        rows = []
        for task in tasks(folder, options.megabytes or 500, options.only):
            rows += measured(task, options.turns, folder)
            say(" ".join(rows[-1]))
    heads = (
        "log", "records", "ingested a s", "bare reader", "read a s", "share", "due",
        "CPU seconds, both", "peak memory", "Parquet",
    )  # fmt: skip
    say(table(f"Ingest and bare readers, wall clock, median of {options.turns}", heads, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
