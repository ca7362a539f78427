"""Several processes find what one finds; what lets too much through is let go alone."""

import os
import signal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.engines.base import Limits, Stored
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.hunt.one_pass import looks, survivors, workers
from vedette.hunt.one_pass.chunks import Chunk, Place, places_of
from vedette.hunt.one_pass.matching import match
from vedette.hunt.one_pass.parts import Part, Wanted
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.survivors import Survivors
from vedette.plan import formulas
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.formulas import Formula, every, negation
from vedette.plan.types import Type
from vedette.workspace.worker import send
from vedette.workspace.workers import WorkerError, started

TYPES = {
    "event_id": Type.STRING, "line": Type.STRING, "kind": Type.STRING, "data": Type.DYNAMIC,
}  # fmt: skip
GROUP = 400


def column(name: str) -> Column:
    return Column(Field([*TYPES].index(name) + 1, name, TYPES[name]))


def holds(operation: str, subject: Expression, *needles: str) -> Formula:
    return formulas.Test(apply(operation, subject, *map(text, needles)))


LINE, KIND = column("line"), column("kind")
BEHIND = apply("plain_text_of", apply("value_at", column("data"), text("Name")))
FORMULAS = [
    holds("text_contains", LINE, "needle"),
    holds("text_contains_any", LINE, "needle", "k\u0131"),
    every([holds("text_ends_with", KIND, "a"), negation(holds("text_contains", LINE, "1"))]),
    holds("text_matches", LINE, "(?i)ne+dle\\s\\d0"),
    holds("text_matches", LINE, ".{300,}"),
    formulas.Test(apply("is_null", KIND)),
    every([formulas.Test(apply("is_null", BEHIND)), holds("text_starts_with", LINE, "needle 1")]),
    holds("text_contains", BEHIND, "x"),
    holds("text_contains", LINE, "nothing has this"),
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Rows in many groups, some of them beyond ASCII."""
    folder = tmp_path_factory.mktemp("rows")
    count = GROUP * 9
    lines = [("NEEDLE", "\u212aI", "ki", "other")[n % 4] + f" {n}" for n in range(count)]
    lines[7], lines[GROUP + 8] = "x" * 299, "x" * 300
    rows = pa.table(
        {
            "event_id": [str(n) for n in range(count)],
            "line": [None if n % 11 == 0 else line for n, line in enumerate(lines)],
            "kind": [None if n % 13 == 0 else "abc"[n % 3] for n in range(count)],
            "data": [['{"Name": "xy"}', '{"Other": 1}', None][n % 3] for n in range(count)],
        }
    )
    pq.write_table(rows, folder / "rows.parquet", row_group_size=GROUP)
    return Stored((str(folder / "rows.parquet"),), TYPES)


def looked_at(stored: Stored, limits: Limits) -> dict[int, list[str]]:
    """The identities of the rows of each formula."""
    program = Program(TYPES, FORMULAS)
    wanted = Wanted(TYPES, dict.fromkeys(range(len(FORMULAS)), ("event_id", "kind")))
    engine = DuckDBEngine()
    kept = Survivors("rows", stored.columns, survivors.MOST_BYTES)
    places = list(places_of(stored.files, program.read))
    found = looks.looks(program, places, wanted, lambda e, r: engine.evaluate(e, r, limits), limits)
    numbers = []
    for number, part in found:
        numbers.append(number)
        kept.add(number, part.rows, part.places)
    assert sorted(numbers) == list(range(9))
    engine.close()
    folder = Path(stored.files[0]).parent
    told, all_rows = {}, kept.settled()
    for number in range(len(FORMULAS)):
        files = all_rows.write(number, ("event_id", "kind"), folder).files
        told[number] = pq.read_table(files[0]).column("event_id").to_pylist() if files else []
    return told


def test_processes_together_find_what_one_finds(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vedette.hunt.one_pass.chunks.ROWS", GROUP)
    monkeypatch.setattr(workers, "available", lambda: 3)
    alone = looked_at(stored, Limits(threads=1))
    assert looked_at(stored, Limits()) == alone
    rows = pq.read_table(stored.files[0])
    engine = DuckDBEngine()
    for number, formula in enumerate(FORMULAS):
        program = Program(TYPES, [formula])
        chunk = Chunk(rows.select(list(program.read)))
        found = match(program, chunk, lambda e, r: engine.evaluate(e, r, Limits()))
        assert alone[number] == [str(n) for n in found.get(0, [])], formula
    engine.close()
    assert [len(alone[n]) > 0 for n in range(len(FORMULAS))] == [True] * 8 + [False]


def test_a_process_that_dies_ends_the_pass(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying(workers.Workers):
        def begin(self, *words: object) -> None:
            for process in self._processes:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            super().begin(*words)  # type: ignore[arg-type]

    monkeypatch.setattr("vedette.hunt.one_pass.chunks.ROWS", GROUP)
    monkeypatch.setattr(workers, "available", lambda: 2)
    monkeypatch.setattr(looks, "Workers", Dying)
    with pytest.raises(WorkerError, match="ended before its time"):
        looked_at(stored, Limits())


def test_what_helps_ends_without_a_word_when_nobody_reads_its_answers(
    stored: Stored, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = Wanted(TYPES, dict.fromkeys(range(len(FORMULAS)), ("event_id",)))
    task = workers.Task(TYPES, FORMULAS, {}, frozenset(), wanted, Limits(threads=1))
    process = started("vedette.hunt.one_pass.worker")
    jobs, answers = process.stdin, process.stdout
    assert jobs is not None
    assert answers is not None
    answers.close()
    send(jobs, task)
    send(jobs, Place(((stored.files[0], 0),)))
    assert process.wait(60) == 0
    jobs.close()
    assert capfd.readouterr() == ("", "")


def test_an_error_there_is_raised_here(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "available", lambda: 2)
    program = Program(TYPES, FORMULAS)
    wanted = Wanted(TYPES, dict.fromkeys(range(len(FORMULAS)), ("event_id",)))
    places = [Place(((stored.files[0], 0),)), *[Place((("absent.parquet", 0),))] * 5]
    engine = DuckDBEngine()
    with pytest.raises(FileNotFoundError):
        list(looks.looks(program, places, wanted, lambda e, r: engine.evaluate(e, r, Limits()),
                         Limits()))  # fmt: skip
    engine.close()


def part(rows: list[int], places: dict[int, list[int]]) -> Part:
    table = pa.table({"event_id": pa.array(map(str, rows)).dictionary_encode()})
    numbered = {n: np.array(of, np.int32) for n, of in places.items()}
    return Part(table, numbered, frozenset())


def test_what_lets_most_rows_through_is_let_go_and_leaves_the_others(tmp_path: Path) -> None:
    types = {"event_id": Type.STRING}
    later = part([7, 8, 9], {1: [0, 1, 2], 3: [1]})
    first = part([1, 2, 3, 4], {1: [0, 1, 2, 3], 2: [1, 3]})
    roomy = Survivors("rows", types, 10_000)
    for number, one in enumerate((first, later)):
        roomy.add(number, one.rows, one.places)
    assert (roomy.dropped, roomy.rows(1)) == ({}, 7)
    kept = Survivors("rows", types, roomy.bytes - 1)
    kept.add(1, later.rows, later.places)
    kept.add(0, first.rows, first.places)
    assert kept.dropped == {1: 7} and kept.rows(1) == 0
    assert kept.bytes < roomy.bytes

    kept.add(2, later.rows, later.places)
    every = kept.settled()

    def of(number: int) -> list[str]:
        (file,) = every.write(number, ("event_id",), tmp_path).files
        return [str(i) for i in pq.read_table(file).column("event_id").to_pylist()]

    assert (of(2), of(3)) == (["2", "4"], ["8", "8"])
    assert every.write(1, ("event_id",), tmp_path).files == ()
    tight = Survivors("rows", types, 1)
    tight.add(0, first.rows, first.places)
    assert set(tight.dropped) == {1, 2} and tight.bytes == 0
