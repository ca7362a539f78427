"""The page of many_rules.py: takes what is asked for, measures it in processes, gives Markdown.

A part is written as soon as it is measured; what fails is said, and the rest goes on.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MOST_REPEATED = 500_000
"""Rows from which a hunt is measured once."""
AGREEING = 20_000
"""How many events the pass and SQLite are compared over, by all rules."""
ZIRCOLITE = 1.6e6
"""Events times rules a CPU second, shown where Zircolite is not given: it took 117 s of wall time,
on a machine with other work, over 100,000 events and its own 1,483 rules."""
NAMES = {
    "zircolite": "Zircolite {version}",
    "duckdb": "DuckDB, rule by rule",
    "sqlite": "SQLite, pySigma's backend",
    "polars": "polars, 200 expressions a select",
}


_HUNT = (
    "The whole of `hunt`: rules read, the pass, findings. Rules are *new* where nothing is kept of"
    " them, and *known* where a hunt before this one kept what they ask (`--cache`). Peak memory is"
    " that of the process and of those that help it, as if all had it at once. Generated events"
    " (`benchmarks/process_rows.py`): 6,000 programs by a steep law, command lines that hardly"
    " repeat, rows planted for every rule and near misses, absent values in every column."
    " Beyond SigmaHQ's own, rules are its rules with other file names. The rows that findings show"
    " are read when they are asked for: reading all of them afterwards is *shown* and no part of"
    " the hunt."
)
_PEERS = "; of the others only what their rules take counts, not reading rules or events."
_RECORDED = (
    " Zircolite was not run (`--zircolite`): its way is SQLite's, a statement of pySigma's backend"
    " a rule; its own row is a figure recorded before, on another day."
)
_SAME = "as many matches as DuckDB for every rule"
_RUN = (
    " Zircolite {version} is its own program, unchanged, over the events as JSON lines of a Windows"
    " log: what counts is its rules and writing what they find; with reading the events it took"
    " {whole:.1f} s of CPU. The largest hunt above, {events:,} events, is {times:.0f} times as"
    " fast an event and rule. Its later versions, which look for texts before they ask SQLite, were"
    " not run."
)


def measure(packages: Sequence[Path], script: str, *words: str) -> dict[str, Any]:
    """What a process measures, and the memory it took at most, in megabytes."""
    paths = [str(HERE), *map(str, packages), os.environ.get("PYTHONPATH", "")]
    told = subprocess.Popen(
        [sys.executable, str(HERE / script), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    )
    out = told.stdout.read() if told.stdout else ""
    _, status, usage = os.wait4(told.pid, 0)
    if status:
        raise RuntimeError(f"{script} {' '.join(words)} failed")
    found: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return found | {"megabytes": usage.ru_maxrss / 1024}


def median(runs: Sequence[dict[str, Any]], key: str) -> float:
    """The median of a number that several runs give."""
    return statistics.median(float(run[key]) for run in runs)


def row(*cells: object) -> str:
    """A row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def heading(*cells: str) -> list[str]:
    """The first two lines of a table."""
    return [row(*cells), row(*("---" for _ in cells))]


class Page:
    """Measures the parts one after the other and keeps what is to be said."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        """Take a folder for what is generated, and the words of the command."""
        self._folder = folder
        self._given = given
        self._all = sorted(given.rules.rglob("*.yml"))
        self._rules = [f for f in self._all if "process_creation" in f.parts]
        self._lines: list[str] = []
        self._largest = (0, 0.0)  # rows of the largest hunt, and its events times rules a second

    def text(self) -> str:
        """The page."""
        version = sys.version.split()[0]
        when = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
        load = os.getloadavg()[1]
        how = (
            f"`benchmarks/many_rules.py`, {when}, {os.cpu_count()} cores, Python {version}. Medians"
            f" of {self._given.runs} runs; above {MOST_REPEATED:,} rows, one. Each measurement is a"
            " process of its own, CPU is that of all its threads, peak its most memory."
        )
        alone = load <= (os.cpu_count() or 1) * 1.5
        busy = f"Other work took the machine meanwhile (load {load:.1f}): trust CPU and ratios."
        quiet = "The machine did nothing else." if alone else busy
        head = ["# Benchmarks: many rules in one pass", "", how, "", quiet, ""]
        return "\n".join([*head, *self._lines])

    def measure(self) -> None:
        """Measure all parts, the quickest first."""
        rows = max(self._given.rows)
        words = self._list("rules", self._rules)
        self._tell(f"generating {rows:,} rows")
        self._own("generate", str(self._folder / "rows"), str(rows), words)
        for part in (self._batches, self._hunts, self._peers, self._logs):
            try:
                part(words)
            except RuntimeError as error:
                self._tell(str(error))
                self._lines += [f"Not measured: {error}", ""]
            self._given.out.write_text(self.text(), encoding="utf-8")

    def _tell(self, text: str) -> None:
        sys.stderr.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {text}\n")
        sys.stderr.flush()

    def _own(self, *words: str) -> dict[str, Any]:
        return measure((), "many_rules.py", "--measure", *words)

    def _list(self, name: str, files: Sequence[Path]) -> str:
        listed = self._folder / f"{name}.txt"
        listed.write_text("\n".join(str(f.absolute()) for f in files), encoding="utf-8")
        return str(listed)

    def _batches(self, rules: str) -> None:
        folder = str(self._folder / "rows")
        runs = [self._own("batches", folder, rules) for _ in range(self._given.runs)]
        self._tell("batches measured")
        self._lines += [
            "## New events in small batches",
            "",
            f"{len(self._rules):,} rules ready (`PreparedDetections`), 5,000 new events at a time.",
            "",
            *heading("", "CPU"),
            row("reading and binding the rules, the first batch", f"{median(runs, 'bound'):.1f} s"),
            row("the same rules from their file", f"{median(runs, 'read'):.2f} s"),
            row("a batch of 5,000 events", f"{median(runs, 'batch') * 1000:.0f} ms"),
            "",
        ]

    def _hunts(self, rules: str) -> None:
        sizes, own = sorted(self._given.rows), len(self._rules)
        plan = [(sizes[0], own, "new"), *((rows, own, "known") for rows in sizes)]
        plan += [(sizes[0], count, "new") for count in self._given.counts]
        self._lines += [
            "## A hunt over process events",
            "",
            _HUNT,
            "",
            *heading("rows", "rules", "", "wall", "CPU", "of it the pass: wall", "CPU", "peak",
                     "events × rules / CPU s", "of the pass", "firing", "matches", "alone",
                     "shown: rows", "CPU"),
        ]  # fmt: skip
        kept = str(self._folder / "kept")
        self._own("hunt", str(self._folder / "rows"), str(sizes[0]), rules, kept)
        costs: dict[int, float] = {}
        for rows, count, state in plan:
            chosen = rules if count == own else self._list(f"rules-{count}", self._some(count))
            turns = 1 if rows > MOST_REPEATED else self._given.runs
            words = ["hunt", str(self._folder / "rows"), str(rows), chosen]
            words += [kept] if state == "known" else []
            runs = [self._own(*words) for _ in range(turns)]
            one, cpu, passed = runs[0], median(runs, "cpu"), median(runs, "pass")
            if state == "new" and count != own:
                costs[count] = cpu
            peak = median(runs, "own_megabytes") + median(runs, "workers_megabytes")
            work = one["events"] * count / 1e6
            self._largest = max(self._largest, (one["events"], work * 1e6 / cpu))
            self._lines.append(
                row(f"{one['events']:,}", f"{count:,}", state, f"{median(runs, 'wall'):.1f} s",
                    f"{cpu:.1f} s", f"{median(runs, 'pass_wall'):.1f} s", f"{passed:.1f} s",
                    f"{peak:,.0f} MB", f"{work / cpu:,.1f} M", f"{work / passed:,.1f} M",
                    one["firing"], f"{one['matches']:,}", one["alone"], f"{one['shown']:,}",
                    f"{median(runs, 'showing'):.1f} s")
            )  # fmt: skip
            self._tell(self._lines[-1])
        self._lines.append("")
        if 1_000 in costs and 3_000 in costs:
            ratio = costs[3_000] / costs[1_000]
            self._lines += [f"3,000 rules cost {ratio:.1f} times what 1,000 cost.", ""]

    def _some(self, count: int) -> list[Path]:
        """So many rules, spread over all; beyond them, the same with other names of programs."""
        if count <= len(self._rules):
            return [self._rules[len(self._rules) * n // count] for n in range(count)]
        made = list(self._rules)
        folder = self._folder / "more"
        folder.mkdir(exist_ok=True)
        for number in range(count - len(made)):
            source = self._rules[number % len(self._rules)]
            other = f"{number // len(self._rules)}v.exe"
            text = source.read_text(encoding="utf-8").replace(".exe", other)
            file = folder / f"{number}-{source.name}"
            file.write_text(text, encoding="utf-8")
            made.append(file)
        return made

    def _peers(self, rules: str) -> None:
        if self._given.peers is None:
            return
        rows = min(100_000, *self._given.rows)
        every = self._given.every
        some = self._list("some", self._rules[::every])
        own = self._own("hunt", str(self._folder / "rows"), str(rows), rules)
        work = own["events"] * own["rules"]
        hunted, passed = work / own["cpu"], work / own["pass"]

        def beside(name: str, count: str, cpu: str, pace: float) -> str:
            ratios = (f"{hunted / pace:.1f} ×", f"{passed / pace:.1f} ×")
            return row(name, count, cpu, f"{pace / 1e6:.2f} M", *ratios)

        count = f"{own['rules']:,}"
        table = [
            *heading("way", "rules", "CPU", "events × rules / CPU s", "a hunt is", "its pass is"),
            row("a hunt", count, f"{own['cpu']:.1f} s", f"{hunted / 1e6:.1f} M", 1, ""),
            row("its pass", count, f"{own['pass']:.1f} s", f"{passed / 1e6:.1f} M", "", 1),
        ]
        zircolite, note = self._given.zircolite, _RECORDED
        if zircolite is None:
            table.append(beside("Zircolite, as recorded", "1,483", "", ZIRCOLITE))
        packages = [self._given.peers, *([zircolite] if zircolite else [])]
        names: dict[str, str] = {}
        found: dict[str, dict[str, int]] = {}
        for way in NAMES if zircolite else [n for n in NAMES if n != "zircolite"]:
            words = (way, str(self._folder / "rows"), str(rows), some)
            told = measure(packages, "rule_peers.py", *words)
            names[way], found[way] = NAMES[way].format_map(told), told["matches"]
            pace = max(1.0, rows * len(found[way]) / told["cpu"])
            count, cpu = f"{len(found[way]):,}", f"{told['cpu']:.1f} s"
            table.append(beside(names[way], count, cpu, pace))
            self._tell(table[-1])
            if way == "zircolite":
                events, rate = self._largest
                note = _RUN.format_map(told | {"events": events, "times": rate / pace})
        part = f", the others with one rule in {every}" if every > 1 else ""
        text = f"{rows:,} of the same events{part}{_PEERS}{note}"
        self._lines += ["## Beside other ways", "", text, "", *table, ""]
        for way in [n for n in names if n != "duckdb"]:
            other = sorted(n for n, count in found[way].items() if found["duckdb"].get(n) != count)
            verdict = f"another number of matches for {', '.join(other)}" if other else _SAME
            self._lines += [f"{names[way]}: {verdict}.", ""]
        self._agreement(self._given.peers, min(AGREEING, rows))

    def _agreement(self, peers: Path, rows: int) -> None:
        """Whether the pass and SQLite find the same, event by event."""
        every, count = self._list("every", self._rules), str(rows)
        told = measure(
            (peers,),
            "rule_peers.py",
            "agreement",
            str(self._folder / "rows"),
            count,
            every,
        )
        differ = "; ".join(f"{n}: {a} and {b}" for n, (a, b) in told["differ"].items())
        text = (
            f"Event by event, the pass and SQLite find the same for {told['rules']:,} rules over"
            f" {rows:,} events ({told['matches']:,} matches)"
            f"{f'; they differ for {differ}' if differ else ', and differ for no rule'}."
        )
        if told["unasked"]:
            text += f" Not run by SQLite: {', '.join(told['unasked'])}."
        self._lines += [text, ""]
        self._tell(text)

    def _logs(self, _: str) -> None:
        if not self._given.logs:
            return
        rules = self._list("all", self._all)
        self._lines += [
            "## Over real logs, all rules",
            "",
            *heading("logs", "events", "rules", "wall", "CPU", "events × rules / CPU s", "firing",
                     "alone", "rate, each alone (every 20th rule)"),
        ]  # fmt: skip
        for logs in self._given.logs:
            told = self._own("logs", str(logs), rules)
            one, each = told["pass"], told["each"]
            paces = [told["events"] * r["runs"] / r["cpu"] / 1e6 for r in (one, each)]
            self._lines.append(
                row(logs.name, f"{told['events']:,}", f"{one['runs']:,}", f"{one['wall']:.1f} s",
                    f"{one['cpu']:.1f} s", f"{paces[0]:.1f} M", one["firing"], one["alone"],
                    f"{paces[1]:.1f} M")
            )  # fmt: skip
            self._tell(self._lines[-1])
        self._lines.append("")
