"""Other ways to run many rules: takes rows and rules, gives CPU seconds and matches of each.

Each runs in a process of its own. What a way cannot run is left out, and said.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FIELDS = {
    "process_path": "Image", "command_line": "CommandLine", "parent_path": "ParentImage",
    "parent_command_line": "ParentCommandLine", "original_file_name": "OriginalFileName",
    "product": "Product", "company": "Company", "description": "Description",
    "integrity_level": "IntegrityLevel", "current_directory": "CurrentDirectory",
}  # fmt: skip
"""Sigma's names of the columns; the account is ``User``."""


def table_of(folder: Path, rows: int) -> pa.Table:
    """The first rows of the files."""
    parts, count = [], 0
    for file in sorted(folder.glob("*.parquet")):
        part = pq.read_table(file).slice(0, rows - count)
        parts.append(part)
        count += part.num_rows
        if count >= rows:
            break
    return pa.concat_tables(parts)


def sqlite(folder: Path, rows: int, rules: list[Path]) -> dict[str, Any]:
    """pySigma's SQLite backend, a statement a rule over one table, as Zircolite does it."""
    from sigma.backends.sqlite import sqliteBackend  # type: ignore[import-not-found]
    from sigma.collection import SigmaCollection

    backend = sqliteBackend()
    statements: dict[str, str] = {}
    for file in rules:
        try:
            found = backend.convert(SigmaCollection.from_yaml(file.read_text(encoding="utf-8")))
        except Exception as error:  # noqa: BLE001 - whatever the peer refuses is counted
            sys.stderr.write(f"{file.name}: {error}" + "\n")
            continue
        statements[file.name] = found[0].replace("<TABLE_NAME>", "logs")
    taken = table_of(folder, rows)
    database = sqlite3.connect(":memory:")
    names = [*FIELDS.values(), "User", "Hashes", "Channel", "EventID"]
    database.execute(f"create table logs ({', '.join(f'{n} text collate nocase' for n in names)})")
    columns = [taken.column(column).to_pylist() for column in FIELDS]
    columns += [
        taken.column("user").to_pylist(),
        [None] * rows,
        taken.column("channel").to_pylist(),
        [1] * rows,
    ]
    database.executemany(
        f"insert into logs values ({', '.join('?' * len(names))})", zip(*columns, strict=True)
    )
    database.create_function(
        "regexp", 2, lambda p, v: v is not None and re.search(p, v) is not None
    )
    matches: dict[str, int] = {}
    started = time.process_time()
    for name, statement in statements.items():
        try:
            matches[name] = len(database.execute(statement).fetchall())
        except (sqlite3.Error, re.error) as error:
            sys.stderr.write(f"{name}: {error}" + "\n")
    return {"cpu": time.process_time() - started, "matches": matches}


def duckdb(folder: Path, rows: int, rules: list[Path]) -> dict[str, Any]:
    """Our own statements, rule by rule."""
    from many_rules import workspace_over
    from vedette.plan.build import apply
    from vedette.plan.expressions import Fields
    from vedette.plan.relations import Aggregate, Plan
    from vedette.plan.types import Type

    matches: dict[str, int] = {}
    with workspace_over(folder, rows) as workspace:
        count = Fields().new("n", Type.LONG)
        bound = {}
        for file in rules:
            root = workspace.plan(file.read_text(encoding="utf-8"), "sigma", CLOCK).root
            bound[file.name] = Plan(Aggregate(root, (), ((count, apply("count_rows")),)))
        started = time.process_time()
        for name, plan in bound.items():
            matches[name] = int(workspace.run_plan(plan).rows()[0][0])
        return {"cpu": time.process_time() - started, "matches": matches}


def polars(folder: Path, rows: int, rules: list[Path]) -> dict[str, Any]:
    """polars, 200 expressions a select, of the rules that test columns only."""
    import polars as pl  # type: ignore[import-not-found]

    from many_rules import formulas_of
    from vedette.hunt.one_pass.program import Program
    from vedette.plan.folding import fold
    from vedette.plan.formulas import Every, Formula, Not, Test
    from vedette.tables.catalog import event_tables

    def expression(formula: Formula) -> Any:
        if isinstance(formula, Not):
            return ~expression(formula.part)
        if isinstance(formula, Test):
            return test(formula.expression)
        parts = [expression(part) for part in formula.parts]
        joined = pl.all_horizontal if isinstance(formula, Every) else pl.any_horizontal
        return joined(parts) if parts else pl.lit(isinstance(formula, Every))

    def test(node: Any) -> Any:
        name = node.arguments[0].field.name
        needles = [a.value for a in node.arguments[1:]]
        low = pl.col(name).str.to_lowercase()
        folded = [fold(n) if isinstance(n, str) else n for n in needles]
        made = {
            "text_contains": lambda: low.str.contains(folded[0], literal=True),
            "text_contains_any": lambda: low.str.contains_any(folded),
            "text_starts_with": lambda: low.str.starts_with(folded[0]),
            "text_ends_with": lambda: low.str.ends_with(folded[0]),
            "text_equals_ignore_case": lambda: low == folded[0],
            "text_is_in_ignore_case": lambda: low.is_in(folded),
            "equals": lambda: pl.col(name) == needles[0],
            "is_null": lambda: pl.col(name).is_null(),
        }
        return made[node.operation]().fill_null(node.operation == "is_null")

    taken = table_of(folder, rows)
    kept = {}
    for file, formula in zip(rules, formulas_of(rules), strict=True):
        asked = Program(event_tables()["process_event"], [formula])
        if not asked.read.keys() <= set(taken.column_names):
            continue
        try:
            if all(test.value is not None for test in asked.tests):
                kept[file.name] = expression(formula)
        except KeyError:
            continue
    frame = pl.from_arrow(taken)
    matches: dict[str, int] = {}
    started = time.process_time()
    names = list(kept)
    for place in range(0, len(names), 200):
        some = names[place : place + 200]
        told = frame.select([kept[name].sum().alias(name) for name in some])
        matches |= {name: int(told[name][0] or 0) for name in some}
    return {"cpu": time.process_time() - started, "matches": matches}


WAYS: dict[str, Callable[[Path, int, list[Path]], dict[str, Any]]] = {
    "sqlite": sqlite, "duckdb": duckdb, "polars": polars,
}  # fmt: skip


if __name__ == "__main__":
    from many_rules import CLOCK

    way, where, count, listed = sys.argv[1:5]
    files = [Path(line) for line in Path(listed).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write(json.dumps(WAYS[way](Path(where), int(count), files)) + "\n")
