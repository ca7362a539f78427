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
from contextlib import suppress
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
"""Sigma's names of the columns; accounts are made of several."""


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
    statements = _statements(rules)
    taken = table_of(folder, rows)
    database = _database(taken)
    found: dict[str, list[Any]] = {}
    started = time.process_time()
    for file in rules:
        with suppress(sqlite3.Error, re.error):
            found[file.name] = database.execute(statements[file.name]).fetchall()
    spent = time.process_time() - started
    matches = {f.name: len(of_source(f, found[f.name])) for f in rules if f.name in found}
    return {"cpu": spent, "matches": matches}


def agreement(folder: Path, rows: int, rules: list[Path]) -> dict[str, Any]:
    """On which rules the pass and SQLite find other events, of all that both can run."""
    import hyperscan  # noqa: F401 - before the peers' packages are looked at

    from many_rules import formulas_of
    from vedette.hunt.one_pass.chunks import chunk_of
    from vedette.hunt.one_pass.matching import match
    from vedette.hunt.one_pass.program import Program
    from vedette.tables.catalog import event_tables
    from vedette.workspace import Workspace

    taken = table_of(folder, rows)
    program = Program(event_tables()["process_event"], formulas_of(rules))
    with Workspace() as workspace:
        found = match(program, chunk_of(taken, program.read, ()), workspace.evaluate)
    statements, database = _statements(rules), _database(taken)
    differ: dict[str, list[int]] = {}
    unasked = []
    for number, file in enumerate(rules):
        try:
            told = database.execute(statements[file.name]).fetchall()
        except (sqlite3.Error, re.error) as error:
            unasked.append(f"{file.name}: {error}")
            continue
        theirs = {row[0] for row in of_source(file, told)}
        ours = set(found[number].tolist()) if number in found else set()
        if ours != theirs:
            differ[file.name] = [len(ours - theirs), len(theirs - ours)]
    matches = sum(map(len, found.values()))
    return {"rules": len(rules) - len(unasked), "matches": matches, "differ": differ,
            "unasked": unasked}  # fmt: skip


def _statements(rules: list[Path]) -> dict[str, str]:
    """The backend's statement for each rule that it takes."""
    converted = converted_by_sqlite(rules, "default")
    return {name: text.replace("<TABLE_NAME>", "logs") for name, text in converted.items()}


def converted_by_sqlite(rules: list[Path], form: str) -> dict[str, Any]:
    """What pySigma's SQLite backend makes of each rule that it takes, in one of its forms."""
    from sigma.backends.sqlite import sqliteBackend  # type: ignore[import-not-found]
    from sigma.collection import SigmaCollection

    backend = sqliteBackend()
    converted: dict[str, Any] = {}
    for file in rules:
        try:
            rule = SigmaCollection.from_yaml(file.read_text(encoding="utf-8")).rules[0]
            converted[file.name] = backend.convert_rule(rule, form)[0]
        except Exception as error:  # noqa: BLE001 - whatever the peer refuses is counted
            sys.stderr.write(f"{file.name}: {error}" + "\n")
    return converted


def columns_of(taken: pa.Table) -> dict[str, list[Any]]:
    """The rows under Sigma's names: their number and provider first."""
    columns: dict[str, list[Any]] = {"number": list(range(taken.num_rows))}
    columns["Provider_Name"] = taken.column("provider").to_pylist()
    columns |= {name: taken.column(column).to_pylist() for column, name in FIELDS.items()}
    data = [json.loads(text) if text else {} for text in taken.column("event_data").to_pylist()]
    accounts = zip(
        data, taken.column("user_domain").to_pylist(), taken.column("user").to_pylist(), strict=True
    )
    columns["User"] = [
        one.get("User") or (None if domain is None or user is None else f"{domain}\\{user}")
        for one, domain, user in accounts
    ]
    columns["ParentUser"] = [one.get("ParentUser") for one in data]
    columns["Channel"] = taken.column("channel").to_pylist()
    columns["EventID"] = taken.column("event_code").to_pylist()
    return columns | {
        name: [None] * taken.num_rows for name in ("Hashes", "LogonId", "FileVersion")
    }


def _database(taken: pa.Table) -> sqlite3.Connection:
    """The rows in memory."""
    columns = columns_of(taken)
    database = sqlite3.connect(":memory:")
    database.execute(
        f"create table logs ({', '.join(f'{n} text collate nocase' for n in columns)})"
    )
    database.executemany(
        f"insert into logs values ({', '.join('?' * len(columns))})",
        zip(*columns.values(), strict=True),
    )
    database.create_function(
        "regexp", 2, lambda p, v: v is not None and re.search(p, v) is not None
    )
    return database


def of_source(file: Path, rows: list[Any]) -> list[tuple[int, ...]]:
    """The rows of the rule's log source, which a backend's statement does not ask for."""
    other = {"linux": ("Linux-Sysmon",), "macos": ("Mac OS",)}
    product = next((part for part in other if part in file.parts), "windows")
    foreign = {name for names in other.values() for name in names}
    return [
        (int(number), *rest)
        for number, provider, *rest in rows
        if (provider in other[product] if product in other else provider not in foreign)
    ]


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


def zircolite(folder: Path, rows: int, rules: list[Path]) -> dict[str, Any]:
    """Zircolite's own program."""
    from zircolite_peer import zircolite as run

    return run(folder, rows, rules)


WAYS: dict[str, Callable[[Path, int, list[Path]], dict[str, Any]]] = {
    "sqlite": sqlite, "duckdb": duckdb, "polars": polars, "zircolite": zircolite,
    "agreement": agreement,
}  # fmt: skip


if __name__ == "__main__":
    from many_rules import CLOCK

    way, where, count, listed = sys.argv[1:5]
    files = [Path(line) for line in Path(listed).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write(json.dumps(WAYS[way](Path(where), int(count), files)) + "\n")
