"""A program that dies: ingest logs into fresh workspaces, each time ended at another random call.

Arguments: a folder to work in, the folder of logs, how many times, the seed. Writes one JSON object
a time: at which call it died, how many rows were visible then and after a second run, how many of
them distinct, how many Parquet files lay in the lake and how many were listed.

Each run is a child process of this one, which itself never starts a thread: forking is safe.
"""

import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from vedette.logs import formats
from vedette.tables.catalog import Catalog
from vedette.workspace import ingest as ingest_module
from vedette.workspace.manifest import Store

assert formats.READERS  # imported here, so that no child pays for it


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


def run(workspace: Path, logs: Path, dies_at: int = 0) -> int:
    """Ingest; the number of Python and C calls that it took. Ends the process at call *dies_at*."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == dies_at:
            os._exit(9)

    ingest_module.BUFFER_BYTES = 60_000
    ingest_module.BATCH_BYTES = 120_000
    sys.setprofile(count)
    store = Store(workspace)
    ingest_module.ingest(store, Catalog(), [logs])
    store.close()
    sys.setprofile(None)
    return calls


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


def main() -> None:
    """Die often, and tell what was left each time."""
    folder, logs, times, seed = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])
    calls = in_child(lambda: run(folder / "whole", logs))
    tell({"calls": calls, "after": in_child(lambda: look(folder / "whole"))})
    chance = random.Random(seed)
    for number in range(times):
        workspace = folder / str(number)
        dies_at = chance.randrange(1, calls)
        if in_child(lambda: run(workspace, logs, dies_at)) is not None:  # noqa: B023 - used at once
            sys.exit(f"it lived beyond call {dies_at}")
        visible = in_child(lambda: look(workspace))  # noqa: B023
        in_child(lambda: run(workspace, logs))  # noqa: B023
        after = in_child(lambda: look(workspace))  # noqa: B023
        tell({"died": dies_at, "visible": visible, "after": after})


def tell(found: dict[str, Any]) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
