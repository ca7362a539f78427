"""The page of what is here is made of the tables, and claims nothing that is not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from vedette import QueryError, Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def support() -> ModuleType:
    found = importlib.util.spec_from_file_location("kql_support", ROOT / "tools/kql_support.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def test_the_page_is_current(support: ModuleType) -> None:
    written = (ROOT / "docs" / "kql-support.md").read_text(encoding="utf-8")
    assert written == support.page(), "run make kql-support"


def test_every_function_is_told_once(support: ModuleType) -> None:
    for here, missing in support._parts().values():
        assert here and not set(here) & set(missing)


def test_what_is_missing_is_refused_by_name(support: ModuleType) -> None:
    with Workspace() as workspace:
        for name in support._parts()["functions"][1]:
            with pytest.raises(QueryError) as refused:
                workspace.compile(f"print {name}()")
            assert {p.kind for p in refused.value.problems} <= {"unsupported", "type", "name"}


def test_what_is_here_is_never_called_unsupported_without_arguments(support: ModuleType) -> None:
    with Workspace() as workspace:
        for name in support._parts()["functions"][0]:
            try:
                workspace.compile(f"print {name}()")
            except QueryError as refused:
                told = [p.message for p in refused.problems]
                assert not [m for m in told if m.startswith(f"the function {name}() is not")]
