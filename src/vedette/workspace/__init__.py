"""The one seam between the rooms below and everything above.

Declares tables, ingests logs, compiles queries and runs them. Knows nothing of detections. Each
public name is loaded on first use: a process that only reads logs needs no engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vedette.engines.base import Limits as Limits
    from vedette.syntax.problem import QueryError as QueryError
    from vedette.workspace.result import Compilation as Compilation
    from vedette.workspace.result import Result as Result
    from vedette.workspace.result import ResultColumn as ResultColumn
    from vedette.workspace.workspace import Workspace as Workspace

_HOMES = {
    "Compilation": "vedette.workspace.result",
    "Limits": "vedette.engines.base",
    "QueryError": "vedette.syntax.problem",
    "Result": "vedette.workspace.result",
    "ResultColumn": "vedette.workspace.result",
    "Workspace": "vedette.workspace.workspace",
}

__all__ = ["Compilation", "Limits", "QueryError", "Result", "ResultColumn", "Workspace"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vedette.workspace' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
