"""Looks for texts that crash: takes seconds and a seed, gives findings.

    .venv/bin/python -m tests.kql.fuzz --seconds 3600 [--seed N] [--seeds FILE-OR-FOLDER …]

Half of the texts are grown from a small grammar over a declared table and the functions that there
are, half are texts of our own tests (and those of ``--seeds``: a text a file, or a ``query`` a line
of JSON) with tokens taken out, doubled, swapped or replaced. Of each text it is asked that nothing
but a QueryError leaves ``compile``, that this takes no longer than 10 seconds of the processor, and
that a statement which was compiled runs. The exit code is 1 where something was found.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.kql.growing import COLUMNS, Grown

from vedette import QueryError, Workspace
from vedette.kql import functions
from vedette.kql.reading.tokens import all_tokens
from vedette.workspace import Limits

HERE = Path(__file__).resolve().parent
MOST_SECONDS = 10
_SIGNS = "()[]{}*+?|\\^$.-:,;<>=!~@#%&/'\" 019aTZx_\t\n\0\u0130\u200b\ud7ff\U0001f600"


@dataclass(frozen=True, slots=True)
class Finding:
    """A text, and what went wrong with it."""

    what: str
    text: str
    trace: str


class Late(BaseException):
    """The time is over; no handler of an Exception may keep it."""


def changed(text: str, others: Sequence[str], numbers: random.Random) -> str:
    """The text with some of its tokens taken out, doubled, swapped or replaced."""
    tokens = [t.text for t in all_tokens(text)] or [""]
    for _ in range(numbers.randrange(1, 5)):
        place = numbers.randrange(len(tokens))
        match numbers.randrange(6):
            case 0:
                tokens[place] = ""
            case 1:
                tokens[place] += tokens[place]
            case 2:
                other = numbers.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case 3:
                given = [t.text for t in all_tokens(numbers.choice(others))] or [""]
                tokens[place] = numbers.choice(given)
            case 4:
                tokens[place] = _bent(tokens[place], numbers)
            case _:
                tokens[place] = chr(numbers.choice((0, 10, 34, 39, 40, 92, 124, 0x130, 0x1F600)))
    return "".join(tokens)


def _bent(token: str, numbers: random.Random) -> str:
    """The token with one of its characters taken out, doubled or replaced."""
    place = numbers.randrange(len(token) + 1)
    head, here, tail = token[:place], token[place : place + 1], token[place + 1 :]
    return head + numbers.choice(("", here * 2, numbers.choice(_SIGNS))) + tail


def own_texts() -> list[str]:
    """The queries that our own tests and functions' examples are made of."""
    texts = [f.read_text(encoding="utf-8") for f in sorted(HERE.glob("*/**/*.kql"))]
    for library in (functions.LIBRARY, functions.AGGREGATES):
        texts += [f"print x = {e.call}" for row in library for e in row.examples]
    return texts


def given_texts(paths: Sequence[Path]) -> Iterator[str]:
    """The texts of files: a text each, or a query a line of JSON."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix == ".jsonl":
                lines = file.read_text(encoding="utf-8").splitlines()
                yield from (json.loads(line)["query"] for line in lines)
            elif file.is_file():
                yield file.read_text(encoding="utf-8", errors="replace")


def look(seconds: float, seed: int, texts: Sequence[str], most: int = 10**9) -> list[Finding]:
    """What is found in this time, and in at most *most* texts; the same failure is told once."""
    numbers = random.Random(seed)
    grown, found = Grown(numbers), dict[str, Finding]()
    deadline, count, ran = time.monotonic() + seconds, 0, 0
    with Workspace(limits=Limits(seconds=MOST_SECONDS, memory_bytes=2**30)) as workspace:
        workspace.declare("Events", COLUMNS)
        while time.monotonic() < deadline and count < most:
            is_grown = not texts or numbers.randrange(2) == 0
            text = grown.text() if is_grown else changed(numbers.choice(texts), texts, numbers)
            finding = tried(workspace, text)
            count += 1
            ran += finding is None
            if isinstance(finding, Finding) and finding.what not in found:
                found[finding.what] = finding
                sys.stderr.write(f"{finding.what}\n{finding.text}\n{finding.trace}\n")
    sys.stderr.write(f"{count} texts, {ran} ran, seed {seed}, {len(found)} findings\n")
    return list(found.values())


def tried(workspace: Workspace, text: str) -> Finding | bool | None:
    """None where the text ran, False where it was refused, else what went wrong."""
    alarmed = hasattr(signal, "setitimer")
    if alarmed:
        _alarm(MOST_SECONDS)
    try:
        try:
            workspace.compile(text)
        except QueryError:
            return False
        workspace.query(text).rows()
    except QueryError as failure:
        return _of_run(failure, text)
    except Late:
        return Finding("takes too long", text, "")
    except Exception as crash:  # noqa: BLE001 - whatever it is, it is a finding
        last = traceback.extract_tb(crash.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        message = f"{type(crash).__name__} at {place}: {str(crash)[:80]}"
        return Finding(message, text, traceback.format_exc(limit=-4))
    finally:
        if alarmed:
            _alarm(0)
    return None


_SAID = "Python exception occurred while executing the UDF: ValueError"
_PYTHONS_OWN = re.compile(  # a ValueError that no function raises on purpose
    r"invalid literal|unpack|math domain|could not convert|out of range|not in list|not found"
    r"|cannot convert|null character|fromisoformat|not in range|Exceeds the limit|unknown url type"
)
# A run may meet values for which Kusto's answer is not known, or that the engine cannot hold.
_TOLD = re.compile("not documented|documents no|is not supported yet|not fit in DECIMAL")


def _of_run(failure: QueryError, text: str) -> Finding | bool:
    """A run may end by a limit or by what a function says of a constant, by nothing else."""
    message = failure.problems[0].message
    run = failure.__cause__
    if failure.problems[0].code == "VD021" or _TOLD.search(message):
        return False
    said = str(run.__cause__ if run else "")
    if _SAID in said and _PYTHONS_OWN.search(said) is None:
        return False
    return Finding(f"the run fails: {message[:90]}", text, message)


def _alarm(seconds: float) -> None:
    """Ring after so many seconds of the processor's time, or a minute's worth on a busy machine."""
    for timer, sign, most in (
        (signal.ITIMER_PROF, signal.SIGPROF, seconds),
        (signal.ITIMER_REAL, signal.SIGALRM, 6 * seconds),
    ):
        signal.signal(sign, _late)
        signal.setitimer(timer, most)


def _late(signal_number: int, frame: FrameType | None) -> None:
    raise Late


def main(words: Sequence[str]) -> int:
    """Look for crashes; the result is an exit code."""
    parser = argparse.ArgumentParser(description="looks for texts that crash")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=Path, nargs="*", default=[], help="further texts")
    options = parser.parse_args(words)
    texts = [*own_texts(), *given_texts(options.seeds)]
    return 1 if look(options.seconds, options.seed, texts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
