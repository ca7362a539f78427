"""Costs and tables: takes statements that answer one question each, gives ratios and Markdown.

A cost is the CPU time of the whole process, all threads, so that other work on the machine moves it
little; candidates take turns, and the median of their turns counts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

TURNS = 3
NOT_RUN = "cannot"


@dataclass(frozen=True, slots=True)
class Cost:
    """Median CPU seconds, and what the statement answered."""

    seconds: float
    answer: object


def connection() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory on two threads, with the macros that the engine's sessions have."""
    from vedette.engines.duckdb import macros

    database = duckdb.connect()
    database.execute("SET threads = 2")
    database.execute("SET TimeZone = 'UTC'")
    for statement in macros.statements():
        database.execute(statement)
    return database


def costs(
    database: duckdb.DuckDBPyConnection, statements: Mapping[str, str], turns: int = TURNS
) -> dict[str, Cost]:
    """The cost of each statement by its name, taken in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in statements}
    answers: dict[str, object] = {}
    for _ in range(turns):
        for name, sql in statements.items():
            started = time.process_time()
            row = database.execute(sql).fetchone()
            seconds[name].append(time.process_time() - started)
            answers[name] = None if row is None else row[0]
    return {name: Cost(statistics.median(s), answers[name]) for name, s in seconds.items()}


def ratios(measured: Mapping[str, Cost], baseline: str, agreeing: bool = True) -> dict[str, str]:
    """Each cost as a multiple of the baseline's; a different answer is marked with a star."""
    base = measured[baseline]
    written = {}
    for name, cost in measured.items():
        differs = "*" if agreeing and cost.answer != base.answer else ""
        written[name] = f"{cost.seconds / base.seconds:.2f}{differs}"
    return written


def value_of(database: duckdb.DuckDBPyConnection, sql: str) -> object:
    """The first value that a statement gives, or its error's first line."""
    try:
        row = database.execute(sql).fetchone()
    except (duckdb.Error, ValueError, OverflowError) as error:
        return f"error: {str(error).splitlines()[0][:70]}"
    return None if row is None else row[0]


def holds(database: duckdb.DuckDBPyConnection, sql: str, expected: object) -> str:
    """``yes`` where the statement gives what is expected, else ``no`` and what it gives."""
    found = value_of(database, sql)
    return "yes" if found == expected else f"no: {shown(found)}"


def shown(value: object) -> str:
    """A value as a cell of a table."""
    return f"`{value}`".replace("|", "\\|").replace("\n", " ")


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table under a title."""
    lines = [f"\n### {title}\n", "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def say(text: str) -> None:
    """Write a part of the report, and show it at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def by_operation(
    candidates: Sequence[str], rows: Mapping[str, Callable[[], Mapping[str, str]]]
) -> list[list[str]]:
    """The rows of a table: an operation, and its ratio for each candidate."""
    written = []
    for operation, measured in rows.items():
        found = measured()
        written.append([operation, *(found.get(c, NOT_RUN) for c in candidates)])
    return written
