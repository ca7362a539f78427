"""The lists of known crawlers that come with Vedette, anew: takes published files, writes them.

    .venv/bin/python tools/known_good.py FOLDER DAY

FOLDER has files as operators publish them (``vedette known-good sources``), fetched on DAY; what no
file is there for stays as it is. Look at the difference before it is committed.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path

from vedette.workspace.known_good import FOLDER, KEYS
from vedette.workspace.known_good.update import KnownGoodError, Rows, updated, write


def shipped(alias: str) -> Rows:
    """The rows that a list has now."""
    with (FOLDER / f"{alias}.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return tuple(map(tuple, rows))


def main(words: list[str]) -> int:
    """Write the lists, and tell what changed; the result is an exit code."""
    if len(words) != 2:
        sys.stderr.write(
            "name a folder of published files, and the day on which they were fetched\n"
        )
        return 3
    try:
        day = dt.date.fromisoformat(words[1])
        rows, changes = updated({alias: shipped(alias) for alias in KEYS}, [Path(words[0])], day)
    except (KnownGoodError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    for alias in KEYS:
        write(rows[alias], alias, FOLDER / f"{alias}.csv")
    for change in changes:
        sys.stdout.write(f"{change.publisher.file}: {change.before:,} rows, now {change.after:,}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
