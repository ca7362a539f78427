"""Memory is kept while any ingest of the process reads much, and as it was behind the last."""

from contextlib import ExitStack

import pyarrow as pa
import pytest

from vedette.workspace.memory import memory_kept


def pool() -> str:
    name: str = pa.default_memory_pool().backend_name
    return name


def test_overlapping_blocks_leave_the_pool_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr("vedette.workspace.memory._tell", lambda options: told.append(True))
    before = pool()
    first, second = ExitStack(), ExitStack()
    first.enter_context(memory_kept())
    second.enter_context(memory_kept())
    first.close()
    assert (pool(), len(told)) == ("system", 1)  # the second one still reads
    second.close()
    assert (pool(), len(told)) == (before, 2)


def test_a_block_that_fails_leaves_the_pool_as_it_was() -> None:
    before = pool()
    with pytest.raises(RuntimeError), memory_kept():
        raise RuntimeError
    assert pool() == before
