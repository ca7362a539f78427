"""A saved function before its body is read: its name, its text and where that lies."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.syntax.source import Source


@dataclass(frozen=True, slots=True)
class SavedFunction:
    """A function of a workspace.

    ``definition`` has the form ``name (parameters) { body }`` and its file's name. A line of it is
    ``lines`` lines further down in the file, a column ``columns`` further to the right.
    """

    name: str
    definition: Source
    lines: int = 0
    columns: int = 0

    def place(self, line: int, column: int) -> str:
        """Where a line and column of the definition are in the file, as ``file:line:column``."""
        return f"{self.definition.name}:{max(1, line + self.lines)}:{column + self.columns}"
