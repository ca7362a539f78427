"""What datetimes, dynamic values and regular expressions cost in the ways they could be held.

    .venv/bin/python benchmarks/representations.py [times] [dynamic] [regex]

Prints Markdown: exactness first, then CPU time as multiples of a hand-written DuckDB baseline of
the same run. The figures of docs/decisions.md are what this prints. Takes about a minute a part.
"""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

import duckdb

import dynamic_values
import regular_expressions
import times
from measure import say

PARTS = {"times": times.run, "dynamic": dynamic_values.run, "regex": regular_expressions.run}


def main(words: list[str]) -> int:
    """Run the named parts, or all; the result is an exit code."""
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        sys.stderr.write(f"no part '{unknown[0]}': {', '.join(PARTS)}\n")
        return 2
    say(f"DuckDB {duckdb.__version__}, Python {platform.python_version()}, 2 threads")
    for name in words or PARTS:
        with tempfile.TemporaryDirectory(prefix="vedette-benchmark-") as folder:
            PARTS[name](Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
