"""What the seeds' QRadar query costs beside hand-written SQL.

    .venv/bin/python benchmarks/qradar_seed.py [ROWS …] [--turns N] [--folder KEPT]

Over the rows of ``benchmarks/seeds.py``, all of them Sysmon's process creations: the published text
(read from ``shared`` beside the repository; one of our own that asks the same where that is absent)
and DuckDB's SQL written by hand over the very same files. Both must give the same rows. Prints CPU
time, all threads: medians of turns taken one after the other, and the median of the turns' ratios.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seed_rows
from measure import say, table
from seeds import NOW, SHARED, _by_hand, _compared, _files, _generated
from vedette import Workspace
from vedette.plan.types import UNIX_EPOCH_TICKS

IN_PATH = (
    "nmap", "masscan", "nikto", "shodan", "theharvester", "recon-ng", "maltego", "spiderfoot",
)  # fmt: skip
IN_COMMAND = ("dnsenum", "whois ", "-sV ")
SCORES = (
    (80, ("nmap", "masscan"), ()),
    (75, ("shodan", "theharvester"), ()),
    (70, ("recon-ng", "maltego"), ()),
    (60, (), ("whois", "dnsenum")),
)
KINDS = (
    ("nmap", "Network Scanner"),
    ("theharvester", "OSINT Harvester"),
    ("maltego", "Link Analysis Tool"),
)


def main(words: list[str]) -> int:
    """Measure each number of rows; the result is an exit code."""
    parser = argparse.ArgumentParser(description="the seeds' QRadar query beside hand-written SQL")
    parser.add_argument("rows", nargs="*", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where generated rows are kept")
    options = parser.parse_args(words)
    lines = []
    for rows in options.rows:
        with tempfile.TemporaryDirectory(prefix="vedette-benchmark-") as temporary:
            folder = (options.folder or Path(temporary)) / str(rows)
            _generated(folder, rows)
            lines.append([f"{rows:,}", *_measure(folder, options.turns)])
    columns = ("events of each kind", "rows found", "vedette", "by hand", "ratio")
    say(table("the QRadar page's query, CPU seconds", columns, lines))
    return 0


def _measure(folder: Path, turns: int) -> list[str]:
    with Workspace(folder) as workspace:
        text = _text()

        def asked() -> Sequence[tuple[Any, ...]]:
            return workspace.query(text, "aql", now=NOW).rows()

        return _compared({"vedette": asked, "by hand": _by_hand(_sql(folder))}, turns)[:4]


def _text() -> str:
    """The published text from its SELECT to its time window."""
    for file in sorted((SHARED / "seeds").glob("*.txt")) if SHARED.exists() else ():
        page = file.read_text(encoding="utf-8")
        start, last = page.find("SELECT\nDATEFORMAT"), "LAST 24 HOURS"
        if start >= 0 and last in page:
            return page[start : page.index(last) + len(last)]
    return f"""SELECT DATEFORMAT(devicetime,'yyyy-MM-dd HH:mm:ss') AS EventTime, sourceip AS HostIP,
username, "Image" AS ProcessImage, "CommandLine",
{_cases('"Image"', '"CommandLine"')}
FROM events WHERE eventid = 1 AND ({_conditions('"Image"', '"CommandLine"')})
AND LOGSOURCETYPENAME(devicetype) ILIKE '%sysmon%' ORDER BY RiskScore DESC LAST 24 HOURS"""


def _conditions(path: str, command: str) -> str:
    tests = [f"{path} ILIKE '%{word}%'" for word in IN_PATH]
    return " OR ".join([*tests, *(f"{command} ILIKE '%{word}%'" for word in IN_COMMAND)])


def _cases(path: str, command: str) -> str:
    scores = ""
    for score, in_path, in_command in SCORES:
        tests = [f"{path} ILIKE '%{word}%'" for word in in_path]
        tests += [f"{command} ILIKE '%{word}%'" for word in in_command]
        scores += f" WHEN {' OR '.join(tests)} THEN {score}"
    kinds = " ".join(f"WHEN {path} ILIKE '%{word}%' THEN '{kind}'" for word, kind in KINDS)
    return (
        f"CASE{scores} ELSE 40 END AS RiskScore,"
        f" CASE {kinds} ELSE 'Reconnaissance Tool' END AS ToolCategory"
    )


def _sql(folder: Path) -> str:
    moment = f"make_timestamp((time - {UNIX_EPOCH_TICKS}) // 10)"
    return f"""SELECT strftime({moment}, '%Y-%m-%d %H:%M:%S'), source_ip, "user", process_path,
  command_line, {_cases("process_path", "command_line")}
FROM '{_files(folder, "process_event")}'
WHERE time >= {seed_rows.START} AND time <= {seed_rows.END} AND event_code = 1
  AND ({_conditions("process_path", "command_line")})
  AND provider IN ('Microsoft-Windows-Sysmon', 'Linux-Sysmon')
ORDER BY RiskScore DESC, time DESC"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
