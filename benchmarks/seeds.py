"""What the two branches of the seeds' Sentinel query cost, beside hand-written SQL and polars.

    .venv/bin/python benchmarks/seeds.py [ROWS …] [--turns N] [--folder KEPT]

Generates ROWS process and web events each (1,000,000 and 10,000,000 without an argument) in a lake,
runs the published text (read from ``shared`` beside the repository; a text of our own that asks
the same where that is absent), DuckDB's SQL written by hand over the very same files, and polars if
it is installed (``pip install polars``). All three must give the same rows. Prints CPU time, all
threads: medians of turns taken one after the other, and the median of the turns' ratios. 10,000,000
rows take two minutes to make and 1.5 GB; ``--folder`` keeps them for the next run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

import seed_rows
from measure import say, table
from vedette import Workspace
from vedette.workspace.manifest import Store

SHARED = Path(__file__).resolve().parents[2] / "shared"
NOW = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
TOOLS = (
    "theharvester", "recon-ng", "spiderfoot", "maltego", "dmitry", "datasploit", "linkedint",
    "crosslinked", "linkedin2username", "osrframework", "metagoofil", "foca", "inspy",
)  # fmt: skip
NAMED = {
    "theharvester": "theHarvester", "recon-ng": "Recon-ng", "spiderfoot": "SpiderFoot",
    "maltego": "Maltego", "crosslinked": "CrossLinked", "linkedin2username": "linkedin2username",
    "inspy": "InSpy",
}  # fmt: skip
PAGES = (
    "/partners", "/partnerships", "/vendors", "/suppliers", "/supply-chain", "/alliances",
    "/ecosystem", "/integrations", "/channel-partners", "/resellers", "/distributors", "/clients",
    "/customers", "/case-studies", "/about/team",
)  # fmt: skip
PREFIXES = ("/partner-", "/vendor-")
_TOOL = rf"(?i)(?:^|[^0-9A-Za-z])(?:{'|'.join(TOOLS)})(?:[^0-9A-Za-z]|$)"
_PAGE = rf"(?i)(?:(?:{'|'.join(PAGES)})(?:[^0-9A-Za-z]|$)|{'|'.join(PREFIXES)})"
_PRIVATE = r"^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\.)"
_TEN_MINUTES = 6_000_000_000

Rows = Callable[[], Sequence[tuple[Any, ...]]]


def main(words: list[str]) -> int:
    """Measure each number of rows; the result is an exit code."""
    parser = argparse.ArgumentParser(description="the seeds' branches beside hand-written SQL")
    parser.add_argument("rows", nargs="*", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where generated rows are kept")
    options = parser.parse_args(words)
    for rows in options.rows:
        with tempfile.TemporaryDirectory(prefix="vedette-benchmark-") as temporary:
            folder = (options.folder or Path(temporary)) / str(rows)
            _generated(folder, rows)
            _measure(folder, rows, options.turns)
    return 0


def _generated(folder: Path, rows: int) -> None:
    store = Store(folder)
    try:
        if store.counts().get("web_event") != rows:
            seed_rows.fill(store, rows)
    finally:
        store.close()


def _measure(folder: Path, rows: int, turns: int) -> None:
    lines = []
    with Workspace(folder) as workspace:
        for name, output, sql, lazy in (
            ("tools, 13 names", None, _tools_by_hand(folder), _tools_in_polars),
            ("pages, 10 minute bins", "WebScraping", _pages_by_hand(folder), _pages_in_polars),
        ):
            ways: dict[str, Rows] = {
                "vedette": _asked(workspace, output), "by hand": _by_hand(sql),
            }  # fmt: skip
            polars = _in_polars(lazy, folder)
            if polars is not None:
                ways["polars"] = polars
            lines.append([name, *_compared(ways, turns)])
    say(
        table(
            f"{rows:,} events of each kind, CPU seconds",
            ("branch", "rows found", "vedette", "by hand", "ratio", "polars", "vedette / polars"),
            lines,
        )
    )


def _compared(ways: dict[str, Rows], turns: int) -> list[str]:
    """The cells of a row: how many rows there are, costs, ratios."""
    found = {name: sorted(map(repr, rows())) for name, rows in ways.items()}
    for name, answer in found.items():
        if answer != found["by hand"]:
            pairs = zip(answer, found["by hand"], strict=False)
            first = next((p for p in pairs if p[0] != p[1]), "")
            raise SystemExit(f"{name} gives other rows than SQL by hand: {len(answer)}, {first}")
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, rows in ways.items():
            started = time.process_time()
            rows()
            seconds[name].append(time.process_time() - started)
    costs = {name: f"{statistics.median(s):.2f}" for name, s in seconds.items()}

    def ratio(other: str) -> str:
        pairs = zip(seconds["vedette"], seconds[other], strict=True)
        return f"{statistics.median(a / b for a, b in pairs):.2f}"

    cells = [str(len(found["by hand"])), costs["vedette"], costs["by hand"], ratio("by hand")]
    return [*cells, *((costs["polars"], ratio("polars")) if "polars" in ways else ("absent", ""))]


# --- vedette -------------------------------------------------------------------------------------


def _text() -> str:
    """The published text between its first comment and what follows its last operator."""
    for file in sorted((SHARED / "seeds").glob("*.txt")) if SHARED.exists() else ():
        page = file.read_text(encoding="utf-8")
        start, last = page.find("// T1591.002"), "| sort by Timestamp desc"
        if "let WebScraping" in page and start >= 0:
            return page[start : page.rindex(last) + len(last)]
    tools, pages = (", ".join(f'"{n}"' for n in names) for names in (TOOLS, PAGES + PREFIXES))
    cases = ", ".join(f'ProcessCommandLine has "{n}", "{shown}"' for n, shown in NAMED.items())
    return f"""let Runs = DeviceProcessEvents | where Timestamp > ago(24h)
| where FileName has_any ({tools}) or ProcessCommandLine has_any ({tools})
| project Timestamp, DeviceName, AccountName, FileName, ProcessCommandLine,
    InitiatingProcessFileName, InitiatingProcessCommandLine, Branch = "OSINT_Tool_Execution",
    Tool = case({cases}, FileName);
let WebScraping = CommonSecurityLog | where TimeGenerated > ago(24h)
| where isnotempty(SourceIP) and RequestURL has_any ({pages}) and not(ipv4_is_private(SourceIP))
| summarize Count = count(), Urls = dcount(RequestURL), Some = make_set(RequestURL, 5),
    Agents = make_set(RequestClientApplication, 3) by SourceIP, bin(TimeGenerated, 10m)
| where Count > 30 or Urls > 10
| project TimeGenerated, SourceIP, Count, Urls, Some, Agents, Branch = "Partner_Page_Scraping";
Runs | sort by Timestamp desc"""


def _asked(workspace: Workspace, output: str | None) -> Rows:
    text, shown = _text(), 0 if output is None else 1

    def rows() -> list[tuple[Any, ...]]:
        result = workspace.query(text, now=NOW, output=output)
        # Which of the addresses in a set are kept is open: their number is not.
        return [
            (ticks, *(len(v) if isinstance(v, list) else v for v in row[1:6]), *row[6:][shown:])
            for ticks, row in zip(result.ticks(0), result.iterate(), strict=True)
        ]

    return rows


# --- DuckDB by hand ------------------------------------------------------------------------------


def _files(folder: Path, kind: str) -> str:
    return str(folder / "lake" / kind / "*" / "*.parquet")


def _tools_by_hand(folder: Path) -> str:
    cases = " ".join(
        f"WHEN regexp_matches(command_line, '(?i)(?:^|[^0-9A-Za-z]){n}(?:[^0-9A-Za-z]|$)')"
        f" THEN '{shown}'"
        for n, shown in NAMED.items()
    )
    return f"""SELECT time, host, "user", process_name, command_line, parent_name,
  parent_command_line, 'OSINT_Tool_Execution', CASE {cases} ELSE process_name END
FROM '{_files(folder, "process_event")}'
WHERE time > {seed_rows.START}
  AND (regexp_matches(process_name, '{_TOOL}') OR regexp_matches(command_line, '{_TOOL}'))
ORDER BY time DESC"""


def _pages_by_hand(folder: Path) -> str:
    moment = f"time // {_TEN_MINUTES} * {_TEN_MINUTES}"
    return f"""SELECT {moment} AS bin, source_ip, count(*) AS requests,
  count(DISTINCT url) AS urls, len(list(DISTINCT url)[:5]),
  len(list(DISTINCT user_agent)[:3])
FROM '{_files(folder, "web_event")}'
WHERE time > {seed_rows.START} AND source_ip <> '' AND regexp_matches(url, '{_PAGE}')
  AND NOT regexp_matches(source_ip, '{_PRIVATE}')
GROUP BY ALL HAVING requests > 30 OR urls > 10"""  # fmt: skip


def _by_hand(sql: str) -> Rows:
    database = duckdb.connect()
    database.execute("SET parquet_metadata_cache = true")
    return lambda: database.execute(sql).fetchall()


# --- polars ---------------------------------------------------------------------------------------


def _in_polars(lazy: Callable[[Any, Path], Any], folder: Path) -> Rows | None:
    try:
        polars = importlib.import_module("polars")
    except ImportError:
        return None
    return lambda: list(lazy(polars, folder).collect(engine="streaming").rows())


def _tools_in_polars(pl: Any, folder: Path) -> Any:
    line = pl.col("command_line")
    named = pl.col("process_name")
    for name, shown in reversed(NAMED.items()):
        found = line.str.contains(f"(?i)(?:^|[^0-9A-Za-z]){name}(?:[^0-9A-Za-z]|$)")
        named = pl.when(found).then(pl.lit(shown)).otherwise(named)
    hit = pl.col("process_name").str.contains(_TOOL) | line.str.contains(_TOOL)
    return (
        pl.scan_parquet(_files(folder, "process_event"))
        .filter((pl.col("time") > seed_rows.START) & hit)
        .select(
            "time", "host", "user", "process_name", "command_line", "parent_name",
            "parent_command_line", pl.lit("OSINT_Tool_Execution").alias("branch"),
            named.alias("tool"),
        )
        .sort("time", descending=True)
    )  # fmt: skip


def _pages_in_polars(pl: Any, folder: Path) -> Any:
    url, address = pl.col("url"), pl.col("source_ip")
    kept = (pl.col("time") > seed_rows.START) & (address != "") & url.str.contains(_PAGE)
    return (
        pl.scan_parquet(_files(folder, "web_event"))
        .filter(kept & ~address.str.contains(_PRIVATE))
        .group_by((pl.col("time") // _TEN_MINUTES * _TEN_MINUTES).alias("bin"), "source_ip")
        .agg(
            pl.len().alias("requests"),
            url.n_unique().alias("urls"),
            url.unique().head(5).len().alias("some"),
            pl.col("user_agent").unique().head(3).len().alias("agents"),
        )
        .filter((pl.col("requests") > 30) | (pl.col("urls") > 10))
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
