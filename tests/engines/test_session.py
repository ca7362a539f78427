"""The engine: stored tables under their names, limits, interrupts, several threads."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.plan.building import Planner

from vedette.engines.base import Compiled, Limits, RunFailed, Stored
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.engines.duckdb.views import distinct_names
from vedette.plan.types import Type

ENDLESS = Compiled(
    "SELECT count(*) AS n FROM range(3000000000) a, range(1000) b WHERE a.range + b.range = 7",
    (("n", Type.LONG),),
)
HUNGRY = Compiled(
    "SELECT md5(range::VARCHAR) AS h FROM range(20000000) GROUP BY h ORDER BY h",
    (("h", Type.STRING),),
)
ONE = Compiled("SELECT 1::BIGINT AS n", (("n", Type.LONG),))
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a Parquet file and give its path."""

    def file(name: str, **columns: pa.Array) -> str:
        pq.write_table(pa.table(list(columns.values()), names=list(columns)), tmp_path / name)
        return str(tmp_path / name)

    return file


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(directories=(tmp_path,))
    yield engine
    engine.close()


def rows(engine: DuckDBEngine, table: str, **columns: str) -> list[dict[str, object]]:
    compiled = engine.compile(Planner().scan(table, **columns).plan)
    found: list[dict[str, object]] = engine.run(compiled, Limits(seconds=60)).to_pylist()
    return found


def test_files_with_other_columns_are_one_table(lake: DuckDBEngine, write: Write) -> None:
    first = write("a.parquet", a=pa.array([1]), b=pa.array(["x"]))
    second = write("b.parquet", b=pa.array(["y"]), c=pa.array([2.5]))
    columns = {"a": Type.LONG, "b": Type.STRING, "c": Type.REAL, "d": Type.DATETIME}
    lake.attach({"t": Stored((first, second), columns)})
    assert rows(lake, "t", a="long", b="string", c="real", d="datetime") == [
        {"a": 1, "b": "x", "c": None, "d": None},
        {"a": None, "b": "y", "c": 2.5, "d": None},
    ]


def test_a_table_without_files_is_empty(lake: DuckDBEngine) -> None:
    lake.attach({"t": Stored((), {"a": Type.LONG})})
    assert rows(lake, "t", a="long") == []


def test_what_is_stored_otherwise_is_cast(lake: DuckDBEngine, write: Write) -> None:
    text = "01234567-89ab-cdef-0123-456789abcdef"
    file = write("a.parquet", d=pa.array(["1.5"]), g=pa.array([text]), i=pa.array([7], pa.int8()))
    columns = {"d": Type.DECIMAL, "g": Type.GUID, "i": Type.LONG}
    lake.attach({"t": Stored((file,), columns)})
    assert rows(lake, "t", d="decimal", g="guid", i="long") == [
        {"d": Decimal("1.5"), "g": text, "i": 7}
    ]


def test_names_are_only_names(lake: DuckDBEngine, write: Write) -> None:
    table, column = 'x"; DROP TABLE y; --\n  z', 'a"b\n  c; SELECT'
    file = write("a.parquet", **{column: pa.array([1])})
    lake.attach({table: Stored((file,), {column: Type.LONG})})
    assert rows(lake, table, **{column: "long"}) == [{column: 1}]


def test_names_that_differ_in_case_are_different(lake: DuckDBEngine, write: Write) -> None:
    both = write("a.parquet", IPAddress=pa.array([1]), IpAddress=pa.array([2]))
    other = write("b.parquet", IpAddress=pa.array([3]), ipaddress=pa.array([4]))
    columns = {"IPAddress": Type.LONG, "IpAddress": Type.LONG, "ipaddress": Type.LONG}
    lake.attach({"T": Stored((both, other), columns), "t": Stored((other,), {"x": Type.LONG})})
    assert rows(lake, "T", ipaddress="long", IPAddress="long", IpAddress="long") == [
        {"ipaddress": None, "IPAddress": 1, "IpAddress": 2},
        {"ipaddress": 4, "IPAddress": None, "IpAddress": 3},
    ]
    assert rows(lake, "t", x="long") == [{"x": None}]


def test_spellings_that_differ_in_more_than_case() -> None:
    spelled = distinct_names(["a", "A", "A#2", "b"])
    assert spelled == {"a": "a", "A": "A#2", "A#2": "A#2#2", "b": "b"}


def test_attaching_replaces_what_was_there(lake: DuckDBEngine, write: Write) -> None:
    old, new = write("a.parquet", a=pa.array([1])), write("b.parquet", a=pa.array([2]))
    lake.attach({"t": Stored((old,), {"a": Type.LONG}), "u": Stored((old,), {"a": Type.LONG})})
    assert rows(lake, "t", a="long") == [{"a": 1}]
    lake.attach({"t": Stored((old, new), {"a": Type.LONG})})
    assert rows(lake, "t", a="long") == [{"a": 1}, {"a": 2}]
    with pytest.raises(RunFailed, match="u does not exist"):
        rows(lake, "u", a="long")


def test_a_damaged_file_is_named(lake: DuckDBEngine, tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"not parquet")
    with pytest.raises(RunFailed, match=r"bad\.parquet"):
        lake.attach({"t": Stored((str(tmp_path / "bad.parquet"),), {"a": Type.LONG})})
        rows(lake, "t", a="long")


def test_a_file_outside_the_directories_is_not_read(
    lake: DuckDBEngine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "a.parquet"
    pq.write_table(pa.table({"a": [1]}), outside)
    with pytest.raises(RunFailed, match="disabled by configuration"):
        lake.attach({"t": Stored((str(outside),), {"a": Type.LONG})})
        rows(lake, "t", a="long")


def test_a_run_past_its_time_is_ended(engine: DuckDBEngine) -> None:
    with pytest.raises(RunFailed, match=r"longer than 0\.2 seconds") as caught:
        engine.run(ENDLESS, Limits(seconds=0.2))
    assert caught.value.limit == "time"
    assert engine.run(ONE, Limits(seconds=30)).to_pylist() == [{"n": 1}]


def test_a_run_past_its_memory_is_ended(engine: DuckDBEngine) -> None:
    with pytest.raises(RunFailed) as caught:
        engine.run(HUNGRY, Limits(seconds=60, memory_bytes=50_000_000, threads=1))
    assert caught.value.limit == "memory"
    assert engine.run(ONE, Limits(seconds=30)).num_rows == 1


def test_an_overflow_fails_in_words(engine: DuckDBEngine) -> None:
    most = Planner().values(a=[2**63 - 1]).extend(b="add(a, 1)")
    with pytest.raises(RunFailed, match="Overflow in addition") as caught:
        engine.run(engine.compile(most.plan), Limits())
    assert caught.value.limit is None


def test_threads_share_an_engine(engine: DuckDBEngine) -> None:
    def run(i: int) -> object:
        compiled = Compiled(f"SELECT {i}::BIGINT AS n", (("n", Type.LONG),))
        limits = Limits(seconds=30, threads=1 if i % 2 else None)
        return engine.run(compiled, limits).to_pylist()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(40))) == [[{"n": i}] for i in range(40)]


def test_one_runs_limit_ends_no_other(engine: DuckDBEngine) -> None:
    def late() -> str | None:
        try:
            engine.run(ENDLESS, Limits(seconds=0.3))
        except RunFailed as failure:
            return failure.limit
        return "none"

    count = Compiled("SELECT count(*) AS n FROM range(1000)", (("n", Type.LONG),))
    with ThreadPoolExecutor(3) as pool:
        ended = [pool.submit(late) for _ in range(2)]
        found = [engine.run(count, Limits(seconds=30)).to_pylist() for _ in range(20)]
        assert [f.result() for f in ended] == ["time", "time"]
    assert found == [[{"n": 1000}]] * 20


def _out_of_patience(*_: object) -> None:
    raise TimeoutError


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
@pytest.mark.parametrize(
    ("number", "handler", "raised"),
    [
        (signal.SIGINT, signal.default_int_handler, KeyboardInterrupt),
        (signal.SIGTERM, _out_of_patience, TimeoutError),
    ],
    ids=["keyboard", "handler"],
)
def test_what_a_signal_raises_ends_a_run(
    engine: DuckDBEngine, number: int, handler: Any, raised: type[BaseException]
) -> None:
    # a run in the background of a shell, as CI's may be, starts with the interrupt ignored
    before = signal.signal(number, handler)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    timer.start()
    try:
        with pytest.raises(raised):
            engine.run(ENDLESS, Limits(seconds=60))
    finally:
        timer.join()
        signal.signal(number, before)
    assert engine.run(ONE, Limits(seconds=30)).num_rows == 1
