"""What an engine is: takes plans over stored tables, gives statements and the rows of their run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from vedette.plan.relations import Plan
from vedette.plan.types import Type
from vedette.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take: seconds of wall time, bytes of memory, threads; None is no limit."""

    seconds: float | None = None
    memory_bytes: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement in an engine's own language, and the name and type of each result column.

    One that is written ``by_user`` runs over the tables as the engine shows them to users.
    """

    sql: str
    columns: tuple[tuple[str, Type], ...]
    by_user: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored table as an engine reads it: its Parquet files and the columns they may have."""

    files: tuple[str, ...]
    columns: Mapping[str, Type]


class Unsupported(Exception):
    """The engine lacks an operation that a plan needs; names it and its place in the query."""

    def __init__(self, operation: str, span: Span, reason: str = "") -> None:
        """Remember what is lacking and where the query asks for it."""
        told = f"the engine cannot carry out {operation}: {reason}" if reason else ""
        super().__init__(told or f"the engine has no {operation}")
        self.operation = operation
        self.span = span
        self.reason = reason


class RunFailed(Exception):
    """A statement failed while it ran; ``limit`` names the limit it hit, if it was one."""

    def __init__(self, message: str, limit: str | None = None) -> None:
        """Keep the engine's message."""
        super().__init__(message)
        self.limit = limit


class Engine(Protocol):
    """An engine: compiles plans, knows stored tables, runs statements within limits."""

    def compile(self, plan: Plan) -> Compiled:
        """The statement for a plan; raises Unsupported."""
        ...

    def attach(self, tables: Mapping[str, Stored]) -> None:
        """Make these stored tables, and no others, readable by their names."""
        ...

    def run(self, compiled: Compiled, limits: Limits) -> pa.Table:
        """The rows, in the plan's types as the engine stores them; raises RunFailed."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...
