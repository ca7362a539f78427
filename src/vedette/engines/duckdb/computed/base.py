"""How a function in Python is given to DuckDB: what it takes and gives, and one row's value.

DuckDB hands over some 2,000 rows at a time; values that come again in them are worked out once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vedette.engines.duckdb.writing import ARROW_TYPES, TYPE_NAMES
from vedette.plan.types import Type

MOST_CHARACTERS = 1 << 28
"""How many characters the values of one batch of rows may take together."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A function over one row's values: *takes* and *gives* are plan types, ``[T]`` a list of T.

    Values are as DuckDB stores them: ticks, JSON text. Where *takes_null* is unset, a null argument
    gives null without a call. What it raises ends the run; a ValueError's text is what users read.
    Where *remembers* is set, a batch's equal rows are worked out once: not worth it for what takes
    less time than its row takes to hash.
    """

    takes: tuple[Type | list[Type], ...]
    gives: Type
    value: Callable[..., Any]
    takes_null: bool = False
    remembers: bool = True

    @property
    def parameters(self) -> list[Any]:
        """The parameters' types as DuckDB names them."""
        return [
            f"{TYPE_NAMES[t[0]]}[]" if isinstance(t, list) else TYPE_NAMES[t] for t in self.takes
        ]

    @property
    def as_function(self) -> Callable[..., pa.Array]:
        """``over`` with as many parameters as DuckDB, which counts them, is told of."""

        def over(*columns: pa.Array) -> pa.Array:
            with np.errstate(all="ignore"):  # an infinity is a value, nothing to warn of
                return self.over(*columns)

        kind = inspect.Parameter.POSITIONAL_ONLY
        parameters = [inspect.Parameter(f"column{i}", kind) for i in range(len(self.takes))]
        over.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return over

    def over(self, *columns: pa.Array) -> pa.Array:
        """The values of a batch of rows."""
        known: dict[tuple[Any, ...], Any] = {}
        found: list[Any] = []
        is_list = any(isinstance(t, list) for t in self.takes)
        is_text = self.gives in (Type.STRING, Type.DYNAMIC)
        length = 0
        for row in zip(*(column.to_pylist() for column in columns), strict=True):
            if not self.takes_null and None in row:
                found.append(None)
            elif is_list or not self.remembers:
                found.append(self._of(row))
            else:
                if row not in known:
                    known[row] = self._of(row)
                found.append(known[row])
            if is_text and found[-1] is not None:
                length += len(found[-1])
                if length > MOST_CHARACTERS:
                    count = f"{MOST_CHARACTERS:,} characters"
                    raise ValueError(f"a function makes more than {count} of 2,000 rows")
        return pa.array(found, ARROW_TYPES[self.gives])

    def _of(self, row: tuple[Any, ...]) -> Any:
        try:
            return self.value(*row)
        except OverflowError as error:
            message = "a number grows beyond the largest that there is; leave its row out"
            raise ValueError(message) from error
