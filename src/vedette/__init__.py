"""Vedette runs detections as they are written, over your own logs, inside one process.

Gives the public names ``Workspace``, ``Limits``, ``QueryError`` and ``Problem``; each is loaded on
first use, so that ``import vedette`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vedette.syntax import Problem as Problem
    from vedette.workspace import Limits as Limits
    from vedette.workspace import QueryError as QueryError
    from vedette.workspace import Workspace as Workspace

__version__ = "0.1.0"

_HOMES = {
    "Limits": "vedette.workspace",
    "Problem": "vedette.syntax",
    "QueryError": "vedette.workspace",
    "Workspace": "vedette.workspace",
}

__all__ = ["Limits", "Problem", "QueryError", "Workspace", "__version__"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vedette' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
