"""How long it takes to read and compile published queries.

    .venv/bin/python benchmarks/compiling.py [--every N] [--profile]

The queries and the tables they name are read from ``shared`` beside the repository. Prints CPU
milliseconds a query (median, 95th and 99th percentile), split into reading, binding and writing the
statement, and what opening a workspace costs. Caches between queries are not used.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import json
import pstats
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import vedette
from measure import say, table

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "conformance" / "kql_corpus.jsonl.gz"
SCHEMAS = SHARED / "reference" / "sentinel" / "table-schemas.json"


def main(words: list[str]) -> int:
    """Measure; the result is an exit code."""
    parser = argparse.ArgumentParser(description="the cost of compiling published queries")
    parser.add_argument("--every", type=int, default=1, help="take every Nth query only")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    options = parser.parse_args(words)
    if not CORPUS.exists():
        sys.stderr.write("the corpus is not beside the repository\n")
        return 2
    workspace, opening = _workspace()
    queries = list(_queries())[:: options.every]
    profile = cProfile.Profile()
    if options.profile:
        profile.enable()
    _compile(workspace, queries, opening)
    if options.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
    return 0


def _queries() -> Iterator[str]:
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for line in lines:
            case: dict[str, Any] = json.loads(line)
            if case["parses"]:
                yield case["query"]


def _workspace() -> tuple[vedette.Workspace, list[list[object]]]:
    """A workspace with the corpus's tables, and what its steps cost."""
    steps: list[list[object]] = []
    started = time.process_time()

    def done(what: str) -> None:
        nonlocal started
        steps.append([what, f"{1000 * (time.process_time() - started):.1f}"])
        started = time.process_time()

    workspace = vedette.Workspace()
    done("a workspace")
    schemas = json.loads(SCHEMAS.read_text(encoding="utf-8"))
    started = time.process_time()
    for name, columns in schemas.items():
        workspace.declare(name, dict(columns))
    done(f"{len(schemas)} tables declared")
    compiled = workspace.compile("print 1")
    done("the first query compiled")
    workspace.query("print 1")
    done("the first query run")
    workspace.query("print 2")
    done("the second query run")
    assert compiled.columns
    return workspace, steps


def _compile(workspace: vedette.Workspace, queries: list[str], opening: list[list[object]]) -> None:
    answered: list[float] = []
    refused: list[float] = []
    slowest: list[tuple[float, int, str]] = []
    for text in queries:
        started = time.process_time()
        try:
            workspace.compile(text)
            kept = answered
        except vedette.QueryError:
            kept = refused
        spent = 1000 * (time.process_time() - started)
        kept.append(spent)
        slowest.append((spent, len(text), " ".join(text.split())[:60]))
    rows = [
        _row(what, times)
        for what, times in (("compiled", answered), ("refused", refused))
        if len(times) > 1
    ]
    rows.append(_row("all", answered + refused))
    heads = ("", "queries", "median", "95th", "99th", "most")
    say(table("CPU milliseconds a query", heads, rows))
    say(table("Opening, CPU milliseconds", ("step", "ms"), opening))
    say(
        table(
            "The slowest",
            ("ms", "characters", "begins"),
            [[f"{ms:.0f}", length, text] for ms, length, text in sorted(slowest, reverse=True)[:8]],
        )
    )


def _row(what: str, times: list[float]) -> list[object]:
    parts = statistics.quantiles(times, n=100)
    return [what, len(times), *(f"{v:.1f}" for v in (parts[49], parts[94], parts[98], max(times)))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
