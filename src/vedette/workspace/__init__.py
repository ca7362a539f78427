"""The one seam between the rooms below and everything above.

Declares tables, ingests logs, compiles queries and runs them. Knows nothing of detections.
"""

from vedette.engines.base import Limits
from vedette.syntax.problem import QueryError
from vedette.workspace.result import Compilation, Result, ResultColumn
from vedette.workspace.workspace import Workspace

__all__ = ["Compilation", "Limits", "QueryError", "Result", "ResultColumn", "Workspace"]
