"""A program that dies: it reads, follows, merges and drops, each time ended at another moment.

Arguments: a folder to work in, what to do (a name of ``WORKS``), how many times, the seed, and
``call`` to die at a call that touches the disk or ``kill`` to be killed at any moment. Writes one
JSON object a time: the workspace as it was found then, its rows, the distinct ones and its files,
and the same after the work was done to its end.

Each run is a child process of this one, which itself never starts a thread: forking is safe.
"""

import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from vedette.logs import formats
from vedette.tables.catalog import Catalog
from vedette.workspace import compaction, lake, manifest_schema
from vedette.workspace import ingest as ingest_module
from vedette.workspace.compaction import compact
from vedette.workspace.follow import Follower
from vedette.workspace.ingest import ingest
from vedette.workspace.manifest import Store
from vedette.workspace.retention import drop

assert formats.READERS  # imported here, so that no child pays for it

DAYS = 4
REQUESTS = 40


def line(day: int, number: int) -> str:
    """A request of a day of May 2015."""
    return (
        f"203.0.113.{number} - - [{day:02}/May/2015:10:00:{number:02} +0000]"
        f' "GET /{day}-{number} HTTP/1.1" 200 5\n'
    )


def write_logs(folder: Path) -> int:
    """Access logs of four days, Windows events, a mail, some of it unreadable; how many records."""
    folder.mkdir()
    for day in range(1, DAYS + 1):
        text = "".join(line(day, n) for n in range(REQUESTS)) + "broken\n"
        (folder / f"{day}.log.gz").write_bytes(gzip.compress(text.encode()))
    events = [
        {"EventID": 1, "UtcTime": f"2026-03-0{n % 3 + 1} 10:00:00.000", "Image": f"C:\\{n}.exe"}
        for n in range(60)
    ]
    (folder / "events.json").write_text("".join(json.dumps(e) + "\n" for e in events))
    (folder / "one.eml").write_text(
        "From: a@b.example\nSubject: s\nDate: 1 Jan 2020 00:00 +0000\n\n"
    )
    return DAYS * REQUESTS + 60 + 1


# --- how it dies --------------------------------------------------------------------------------


@dataclass
class Deaths:
    """Counts what touches the disk, and ends the process at one of these calls or by an alarm.

    The alarm runs within armed blocks only. To block its signal elsewhere would not do: a thread
    that was started within a block goes on with the signal open, and the process with it.
    """

    at: int = 0
    calls: int = 0
    armed: bool = False
    left: float = 0
    """Seconds of armed time until the alarm; 0 for none."""
    seconds: float = 0
    """Armed time that has passed."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        """One call more, of any thread."""
        with self._lock:
            if self.armed:
                self.calls += 1
                if self.calls == self.at:
                    os._exit(9)

    @contextmanager
    def arm(self) -> Iterator[None]:
        """Count, and let an alarm end the process, within the block only."""
        self.armed = True
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, self.left)
        yield
        self.left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        self.seconds += time.monotonic() - began
        self.armed = False

    def watch(self) -> None:
        """Count every statement and commit, and every file made, written, moved or removed."""
        deaths = self

        class Connection(sqlite3.Connection):
            def execute(self, *arguments: Any) -> sqlite3.Cursor:
                deaths.count()
                return super().execute(*arguments)

            def executemany(self, *arguments: Any) -> sqlite3.Cursor:
                deaths.count()
                return super().executemany(*arguments)

            def commit(self) -> None:
                deaths.count()
                super().commit()
                deaths.count()

        connect = sqlite3.connect
        sqlite3.connect = lambda *words, **more: connect(*words, **more, factory=Connection)  # type: ignore[assignment]
        for owner, names in (
            (os, ("fsync", "open", "close", "rename")),
            (Path, ("unlink", "rename", "touch", "mkdir", "rmdir", "open")),
            (lake, ("_write", "_span")), (pq, ("write_table",)), (manifest_schema, ("connect",)),
        ):  # fmt: skip
            for name in names:
                setattr(owner, name, self.counted(getattr(owner, name)))

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, counted before and after."""

        def counting(*arguments: Any, **more: Any) -> Any:
            self.count()
            result = call(*arguments, **more)
            self.count()
            return result

        return counting


# --- what it does -------------------------------------------------------------------------------


@dataclass
class Work:
    """One kind of work in one folder."""

    folder: Path
    deaths: Deaths = field(default_factory=Deaths)
    workers: int | None = 1

    @property
    def workspace(self) -> Path:
        """The workspace's folder."""
        return self.folder / "workspace"

    @property
    def logs(self) -> Path:
        """The logs' folder."""
        return self.folder / "logs"

    def prepare(self) -> None:
        """Make what the work begins with."""
        self.folder.mkdir()
        write_logs(self.logs)

    def run(self) -> None:
        """Do the work; it is done to its end when this was called after any death."""
        store = Store(self.workspace)
        with self.deaths.arm():
            ingest(store, Catalog(), [self.logs], jobs=self.workers)
        store.close()

    def expected(self) -> int:
        """How many rows there are in the end."""
        return DAYS * REQUESTS + 61


class Following(Work):
    """Logs grow and are rotated between two looks."""

    STEPS = 12

    def prepare(self) -> None:
        self.folder.mkdir()
        self.logs.mkdir()

    def run(self) -> None:
        store = Store(self.workspace)
        following = Follower(store, Catalog(), [self.logs], interval=0, quiet=1000)
        done = self.folder / "steps"
        first = int(done.read_text()) if done.exists() else 0
        for step in range(first, self.STEPS):
            self.write(step)
            done.write_text(str(step + 1))
            with self.deaths.arm():
                following.look()
        for _ in range(3):
            following.look()
        store.close()

    def write(self, step: int) -> None:
        """What happens before a look: lines are written, whole and half, and logs rotated."""
        log = self.logs / "x.log"
        day = step % DAYS + 1
        kept = [line(day, step * 2 % 60), line(day, (step * 2 + 1) % 60)]
        half = len(kept[1]) // 2
        with log.open("a") as file:
            before = self.folder / "half"
            file.write(before.read_text() if before.exists() else "")
            file.write(kept[0] + kept[1][:half])
            before.write_text(kept[1][half:])
        if step % 6 == 5:
            with log.open("a") as file:
                file.write(before.read_text())
            before.unlink()
            if step % 12 == 5:
                log.rename(self.logs / f"x.log.{step}")
            else:
                shutil.copyfile(log, self.logs / f"x.log.{step}")
                os.truncate(log, 0)
        if step % 6 == 1 and step > 6:
            rotated = self.logs / f"x.log.{step - 2}"
            (self.logs / f"{rotated.name}.gz").write_bytes(gzip.compress(rotated.read_bytes()))
            rotated.unlink()

    def expected(self) -> int:
        return self.STEPS * 2


class Merging(Work):
    """Many small files become few."""

    def prepare(self) -> None:
        super().prepare()
        store = Store(self.workspace)
        for log in sorted(self.logs.iterdir()):
            for _ in range(2):
                ingest(store, Catalog(), [log])
        log = self.logs / "grown.log"
        for day in range(1, DAYS + 1):
            with log.open("a") as file:
                file.write("".join(line(n % DAYS + 1, day) for n in range(DAYS)))
            ingest(store, Catalog(), [log])
        store.close()

    def run(self) -> None:
        store = Store(self.workspace)
        with self.deaths.arm():
            compact(store)
        store.stored()
        store.remove_replaced()
        store.close()

    def expected(self) -> int:
        return DAYS * REQUESTS + 61 + DAYS * DAYS


class Dropping(Merging):
    """What happened before a moment goes, all of it or nothing."""

    def run(self) -> None:
        store = Store(self.workspace)
        with self.deaths.arm():
            drop(store, datetime(2015, 5, 2, 10, 0, 20, tzinfo=UTC))
        store.stored()
        store.remove_replaced()
        store.close()

    def expected(self) -> int:
        return Merging.expected(self) - (REQUESTS + DAYS) - (20 + DAYS)


WORKS = {"ingest": Work, "follow": Following, "compact": Merging, "drop": Dropping}


# --- telling ------------------------------------------------------------------------------------


def look(workspace: Path) -> dict[str, int]:
    """What is visible, and what lies in the lake."""
    store = Store(workspace)
    listed = [file for stored in store.stored().values() for file in stored.files]
    identities = [
        identity
        for file in listed
        for identity in pq.ParquetFile(file).read(["event_id"], use_threads=False)[0].to_pylist()
    ]
    found = {
        "rows": len(identities),
        "distinct": len(set(identities)),
        "counted": sum(store.counts().values()),
        "set_aside": store.quarantine_count(),
        "files": len(list(store.lake.rglob("*.parquet"))),
        "listed": len(listed),
    }
    store.close()
    return found


def in_child(work: Callable[[], Any]) -> Any:
    """What *work* gives, worked out in a child process; None where it dies."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(work()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else None


def whole(work: Work) -> dict[str, Any]:
    """Do the work once, undisturbed: its calls, its seconds, and what is there then."""
    work.deaths.watch()
    work.run()
    deaths = work.deaths
    return {"calls": deaths.calls, "seconds": deaths.seconds, "after": look(work.workspace)}


def dying(work: Work) -> int:
    """Do the work until it dies: at a call, or by an alarm, which nothing can catch.

    Gives how many calls it made where it lives.
    """
    work.deaths.watch()
    work.run()
    return work.deaths.calls


def dead_at_a_call(work: Work, template: Path, most: int, chance: random.Random) -> int:
    """Let the work die at one of its first calls, at *most*, in a copy of a folder; gives which.

    Threads that make a folder at the same time take more or fewer calls for it: one run can have
    more of them than another, which lives then, and is done again.
    """
    while True:
        shutil.copytree(template, work.folder)
        work.deaths.at = chance.randrange(1, most)
        made = in_child(lambda: dying(work))
        if made is None:
            return work.deaths.at
        assert made < work.deaths.at, "it lived through the call at which it dies"
        most = made
        shutil.rmtree(work.folder)


def completed(work: Work) -> dict[str, Any]:
    """What a death left, and what is there when the work is done to its end."""
    visible = look(work.workspace)
    work.run()
    return {"visible": visible, "after": look(work.workspace)}


def main() -> None:
    """Die often, and tell what was left each time."""
    folder, name, times, seed, way = Path(sys.argv[1]), *sys.argv[2:]
    ingest_module.BUFFER_BYTES = 60_000
    ingest_module.BATCH_BYTES = 120_000
    compaction.MANY = 3
    chance = random.Random(int(seed))
    kind, workers = WORKS[name], 2 if way == "kill" else 1
    template, undisturbed = kind(folder / "template"), kind(folder / "whole", workers=workers)
    in_child(template.prepare)
    shutil.copytree(template.folder, undisturbed.folder)
    told = in_child(lambda: whole(undisturbed))
    tell({**told, "expected": undisturbed.expected()})
    for number in range(int(times)):
        work = kind(folder / str(number), workers=workers)
        lived = False
        if way == "kill":
            shutil.copytree(template.folder, work.folder)
            died: float = chance.random() * told["seconds"]
            work.deaths.left = died
            lived = in_child(lambda: dying(work)) is not None  # noqa: B023 - used at once
            work.deaths.left = 0
        else:
            died = dead_at_a_call(work, template.folder, told["calls"], chance)
            work.deaths.at = 0
        tell({"died": died, "lived": lived, **in_child(lambda: completed(work))})  # noqa: B023
        shutil.rmtree(work.folder)


def tell(found: dict[str, Any]) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
