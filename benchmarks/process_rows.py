"""Process events that look like a company's: takes a number of rows and rules, gives Parquet files.

Thousands of programs by a steep law, command lines that hardly repeat, rows that rules look for and
rows that miss by one condition, absent values in every column. The same seed gives the same rows.
"""

from __future__ import annotations

import datetime as dt
import random
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.engines.duckdb.writing import ARROW_TYPES
from vedette.plan.expressions import Apply, Column, Literal
from vedette.plan.formulas import Formula, Not, Test
from vedette.plan.types import ticks_of
from vedette.tables.catalog import event_tables

TABLE = "process_event"
PART = 122_880 * 4
GROUP = 122_880
START = ticks_of(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
_ATTACKS, _MISSES, _ABSENT = 0.0015, 0.006, 0.02
_TEXTS = (
    "process_path", "command_line", "parent_path", "parent_command_line", "original_file_name",
    "product", "company", "description", "integrity_level", "current_directory",
)  # fmt: skip
_SYSTEM = [
    "svchost", "conhost", "dllhost", "RuntimeBroker", "taskhostw", "SearchProtocolHost",
    "WmiPrvSE", "backgroundTaskHost", "cmd", "explorer", "services", "msiexec", "powershell",
    "rundll32", "reg", "net", "sc", "schtasks", "findstr", "curl", "whoami", "net1", "ipconfig",
    "regsvr32", "wevtutil", "tasklist", "certutil", "lsass", "csrss", "winlogon", "ping",
    "nslookup", "bitsadmin", "mshta", "wscript", "cscript", "netsh", "wmic", "vssadmin", "attrib",
    "icacls", "takeown", "xcopy", "robocopy", "timeout", "where", "sort", "find", "more", "tree",
    "systeminfo", "hostname", "arp", "route", "nltest", "dsquery", "gpresult", "quser", "query",
    "control", "mmc", "eventvwr", "taskkill", "shutdown", "logoff", "diskshadow", "bcdedit",
    "fsutil", "cipher", "expand", "extrac32", "makecab",
]  # fmt: skip
_FOLDERS = (
    "C:\\Windows\\System32", "C:\\Windows\\SysWOW64", "C:\\Program Files\\{v}\\{p}",
    "C:\\Program Files (x86)\\{v}\\{p}", "C:\\Users\\{u}\\AppData\\Local\\{v}\\{p}",
    "C:\\ProgramData\\{v}\\{p}\\bin", "/usr/bin", "/opt/{v}/{p}/bin",
)  # fmt: skip
_ARGUMENTS = (
    "--type=renderer --lang=en-US --client-id={n}",
    "/c \"D:\\jobs\\{w}.cmd {n} > C:\\logs\\{w}_{n}.log 2>&1\"",
    "-k netsvcs -p -s {w}", "--config C:\\ProgramData\\{w}\\agent.yml --session {h}",
    "-NoProfile -ExecutionPolicy Bypass -File C:\\ProgramData\\{w}\\run_{n}.ps1", "-Embedding",
    "/Processid:{{{h}}}", "query {w}", "use \\\\fs{n}.corp.example\\{w} /persistent:no", "/all",
    "status --porcelain=v2 -- C:\\src\\{w}\\{n}", "-jar C:\\apps\\{w}.jar --port {n} --id {h}",
    "https://api.{w}.example/v1/health?probe={n}", "add HKLM\\Software\\{w} /v Run{n} /d 1 /f",
    "/query /tn \\{w}\\{w}_{n} /fo LIST", "--queue {w} --id {h} --since 2026-06-01T{n}",
    "\"C:\\Users\\{w}\\Documents\\{w} {n}.xlsx\"", "-c core.quotepath=false log -n {n} {h}",
    "-ServerName:App.AppX{h}.mca", "{h} {n} {w}", "-i {n} -o C:\\Temp\\{w}.zip -x !{h}",
)  # fmt: skip


_EACH = 2_000  # texts of each kind of arguments
_USUAL = {
    "svchost": (2, "services"), "conhost": (-1, "cmd"), "dllhost": (6, "svchost"),
    "RuntimeBroker": (5, "svchost"), "taskhostw": (-1, "svchost"), "WmiPrvSE": (5, "svchost"),
    "backgroundTaskHost": (18, "svchost"), "cmd": (1, "explorer"), "explorer": (5, "explorer"),
    "services": (5, "winlogon"), "powershell": (4, "cmd"), "reg": (13, "cmd"), "net": (8, "cmd"),
    "sc": (7, "cmd"), "schtasks": (14, "cmd"), "ipconfig": (9, "cmd"), "curl": (12, "cmd"),
    "lsass": (5, "winlogon"), "whoami": (9, "powershell"), "SearchProtocolHost": (5, "services"),
}  # fmt: skip
"""What some programs are usually called with, by its place among the arguments, and by whom."""


@dataclass(frozen=True, slots=True)
class Words:
    """What rows are made of, each a column of texts to choose from."""

    paths: pa.Array
    names: pa.Array
    originals: pa.Array
    vendors: pa.Array
    descriptions: pa.Array
    users: pa.Array
    hosts: pa.Array
    arguments: pa.Array
    folders: pa.Array
    is_unix: npt.NDArray[np.bool_]
    usual_arguments: npt.NDArray[np.int64]
    usual_parents: npt.NDArray[np.int64]


def write_rows(folder: Path, rows: int, formulas: Sequence[Formula], seed: int = 1) -> list[str]:
    """Write the rows, and give the files in order."""
    files = []
    folder.mkdir(parents=True, exist_ok=True)
    words = _words(seed)
    planted = plants(formulas, seed)
    for number, table in enumerate(_parts(rows, words, planted, seed)):
        file = folder / f"{number:04}.parquet"
        coded = [c for c in table.column_names if c not in ("event_id", "event_data")]
        pq.write_table(
            table, file, row_group_size=GROUP, compression="zstd", store_schema=False,
            use_dictionary=coded,
        )  # fmt: skip
        files.append(str(file.absolute()))
    return files


def _words(seed: int, programs: int = 6_000) -> Words:
    chance = random.Random(seed)
    vendors = [_word(chance).title() for _ in range(400)]
    users = [_word(chance) for _ in range(3_000)]
    paths, names, made = [], [], []
    for number in range(programs):
        name = _SYSTEM[number] if number < len(_SYSTEM) else _word(chance)
        vendor = "Microsoft Corporation" if number < len(_SYSTEM) else chance.choice(vendors)
        pattern = _FOLDERS[0] if number < len(_SYSTEM) else chance.choice(_FOLDERS)
        folder = pattern.format(v=vendor, p=_word(chance).title(), u=chance.choice(users))
        is_unix = folder.startswith("/")
        names.append(name if is_unix else f"{name}.exe")
        paths.append(f"{folder}/{name}" if is_unix else f"{folder}\\{name}.exe")
        made.append(vendor)
    arguments = []
    for number in range(_EACH * len(_ARGUMENTS)):
        values = {
            "n": chance.randrange(10_000),
            "w": _word(chance),
            "h": f"{chance.getrandbits(64):x}",
        }
        arguments.append(_ARGUMENTS[number // _EACH].format(**values))
    kinds = [[chance.randrange(len(_ARGUMENTS)) for _ in range(3)] for _ in paths]
    parents = [[min(int(chance.paretovariate(0.4)), programs) - 1 for _ in range(3)] for _ in paths]
    for name, (kind, parent) in _USUAL.items():
        place = _SYSTEM.index(name)
        kinds[place], parents[place] = [kind] * 3, [_SYSTEM.index(parent)] * 3
    descriptions = [f"{name.split('.')[0].title()} {_word(chance)}" for name in names]
    folders = [p[: max(p.rfind("\\"), p.rfind("/")) + 1] for p in paths[:500]]
    hosts = [f"{_word(chance)[:6].upper()}-{n:04}" for n in range(4_000)]
    return Words(
        paths=pa.array(paths),
        names=pa.array(names),
        originals=pa.array(names),
        vendors=pa.array(made),
        descriptions=pa.array(descriptions),
        users=pa.array(users),
        hosts=pa.array(hosts),
        arguments=pa.array(arguments),
        folders=pa.array(folders),
        is_unix=np.array([path.startswith("/") for path in paths]),
        usual_arguments=np.array(kinds),
        usual_parents=np.array(parents),
    )


def _word(chance: random.Random) -> str:
    letters = "bcdfghjklmnprstvwz"
    return "".join(
        chance.choice(letters) + chance.choice("aeiou") for _ in range(chance.randint(2, 5))
    )


def _parts(
    rows: int, words: Words, planted: Sequence[Mapping[str, str]], seed: int
) -> Iterator[pa.Table]:
    for number, start in enumerate(range(0, rows, PART)):
        yield _part(start, min(PART, rows - start), words, planted, seed * 10_007 + number)


def _part(
    start: int, rows: int, words: Words, planted: Sequence[Mapping[str, str]], seed: int
) -> pa.Table:
    chance = np.random.default_rng(seed)
    program = _steep(chance, len(words.paths), rows)
    usual = words.usual_parents[program, chance.integers(0, 3, rows)]
    parent = np.where(chance.random(rows) < 0.97, usual, _steep(chance, len(words.paths), rows))
    numbers = np.arange(start, start + rows)
    text = pc.cast(pa.array(chance.integers(0, 1 << 40, rows)), pa.string())

    def line(of: npt.NDArray[np.int64], unique: float) -> pa.Array:
        kind = words.usual_arguments[of, chance.integers(0, 3, rows)] % len(_ARGUMENTS)
        told = words.arguments.take(pa.array(kind * _EACH + chance.integers(0, _EACH, rows)))
        tail = pc.if_else(pa.array(chance.random(rows) < unique), text, "")
        return pc.binary_join_element_wise(words.paths.take(pa.array(of)), told, tail, " ")

    user = words.users.take(pa.array(_steep(chance, len(words.users), rows)))
    is_system = pa.array(chance.random(rows) < 0.3)
    account = pc.if_else(
        is_system, "NT AUTHORITY\\SYSTEM", pc.binary_join_element_wise("CORP", user, "\\")
    )
    escaped = pc.replace_substring(account, "\\", "\\\\")
    data = pc.binary_join_element_wise(
        '{"RuleName":"-","User":"', escaped, '","ParentUser":"CORP\\\\x"}', ""
    )
    provider = pa.array(["Microsoft-Windows-Sysmon", "Linux-Sysmon", "Mac OS"])
    system = np.where(words.is_unix[program], chance.choice((1, 2), rows, p=(0.8, 0.2)), 0)
    columns: dict[str, pa.Array] = {
        "event_id": pc.binary_join_element_wise("e", pc.cast(pa.array(numbers), pa.string()), ""),
        "time": pa.array(START + numbers * 2_000_000),
        "host": words.hosts.take(pa.array(chance.integers(0, len(words.hosts), rows))),
        "user": user,
        "user_domain": pc.if_else(is_system, "NT AUTHORITY", "CORP"),
        "event_data": data,
        "provider": provider.take(pa.array(system)),
        "channel": pa.array(["Microsoft-Windows-Sysmon/Operational"] * rows),
        "event_code": pa.array(np.ones(rows, np.int32)),
        "process_path": words.paths.take(pa.array(program)),
        "process_name": words.names.take(pa.array(program)),
        "process_id": pa.array(chance.integers(4, 60_000, rows)),
        "command_line": line(program, 0.8),
        "original_file_name": words.originals.take(pa.array(program)),
        "company": words.vendors.take(pa.array(program)),
        "product": words.vendors.take(pa.array(program)),
        "description": words.descriptions.take(pa.array(program)),
        "current_directory": words.folders.take(pa.array(_steep(chance, len(words.folders), rows))),
        "integrity_level": pa.array(["Medium", "High", "System", "Low"]).take(
            pa.array(chance.choice(4, rows, p=(0.6, 0.1, 0.25, 0.05)))
        ),
        "parent_path": words.paths.take(pa.array(parent)),
        "parent_name": words.names.take(pa.array(parent)),
        "parent_command_line": line(parent, 0.2),
        "parent_id": pa.array(chance.integers(4, 60_000, rows)),
    }
    _plant(columns, planted, chance, rows)
    for name in columns:
        if name != "event_id":
            gone = pa.array(chance.random(rows) < _ABSENT)
            columns[name] = pc.if_else(gone, pa.scalar(None, columns[name].type), columns[name])
    types = event_tables()[TABLE]
    return pa.table({n: pc.cast(column, ARROW_TYPES[types[n]]) for n, column in columns.items()})


def _steep(
    chance: np.random.Generator, count: int, rows: int, law: float = 0.9
) -> npt.NDArray[np.int64]:
    """Places by a law as steep as that of programs: few are common, most are rare."""
    weights = 1 / np.arange(1, count + 1) ** law
    bounds = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(bounds, chance.random(rows)), count - 1)


# --- rows that rules look for -------------------------------------------------------------------


def plants(formulas: Sequence[Formula], seed: int) -> list[Mapping[str, str]]:
    """Values for some columns of a row, several for each rule, that it looks for or nearly so."""
    chance = random.Random(seed)
    made: list[Mapping[str, str]] = []
    for formula in formulas:
        for _ in range(3):
            values: dict[str, list[str]] = {}
            _collect(formula, values, chance)
            shown = {c: " ".join(v) if c.endswith("line") else v[-1] for c, v in values.items()}
            if shown:
                made.append(shown)
    return made


def _collect(formula: Formula, values: dict[str, list[str]], chance: random.Random) -> None:
    if isinstance(formula, Not):
        return
    if isinstance(formula, Test):
        node = formula.expression
        subject = node.arguments[0] if isinstance(node, Apply) and node.arguments else None
        if not isinstance(node, Apply) or not isinstance(subject, Column):
            return
        needles = [a.value for a in node.arguments[1:] if isinstance(a, Literal)]
        texts = [needle for needle in needles if isinstance(needle, str)]
        if texts and subject.field.name in _TEXTS and not node.operation.startswith("text_match"):
            found = chance.choice(texts).replace("*", "".join(chance.choices(string.digits, k=3)))
            if node.operation.startswith("text_ends") and found.startswith("\\"):
                found = f"C:\\Windows\\System32{found}"
            values.setdefault(subject.field.name, []).append(found)
        return
    is_some = type(formula).__name__ == "Some"
    parts = [chance.choice(formula.parts)] if is_some and formula.parts else formula.parts
    for part in parts:
        _collect(part, values, chance)


def _plant(
    columns: dict[str, pa.Array],
    planted: Sequence[Mapping[str, str]],
    chance: np.random.Generator,
    rows: int,
) -> None:
    """Put planted values in some rows; near misses lack one of them."""
    if not planted:
        return
    drawn = chance.random(rows)
    places = np.flatnonzero(drawn < _ATTACKS + _MISSES)
    chosen = chance.integers(0, len(planted), len(places))
    put: dict[str, tuple[list[int], list[str]]] = {}
    for place, which in zip(places.tolist(), chosen.tolist(), strict=True):
        row = dict(planted[which])
        if drawn[place] >= _ATTACKS and len(row) > 1:
            row.pop(sorted(row)[place % len(row)])
        for name, value in row.items():
            rows_of, values = put.setdefault(name, ([], []))
            rows_of.append(place)
            values.append(value)
    for name, (rows_of, values) in put.items():
        mask = np.zeros(rows, bool)
        mask[rows_of] = True
        columns[name] = pc.replace_with_mask(
            columns[name], pa.array(mask), pa.array(values, pa.string())
        )
