"""Queries out of a small grammar, over one declared table and the functions that there are.

Half of the calls have arguments of the types that their signature asks for, the others any.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from vedette.kql import functions
from vedette.kql.operators import OPERATORS
from vedette.plan.library import Function
from vedette.plan.types import Type

Drawn = TypeVar("Drawn")
COLUMNS = {
    "TimeGenerated": "datetime", "Name": "string", "Path": "string",
    "Count": "long", "Size": "int", "Share": "real", "Cost": "decimal",
    "Took": "timespan", "Found": "bool", "Id": "guid", "Details": "dynamic",
}  # fmt: skip
_LITERALS: dict[str, tuple[str, ...]] = {
    "bool": ("true", "bool(null)"),
    "int": ("int(5)", "int(-2147483648)", "int(null)"),
    "long": (
        "1", "-1", "0", "9223372036854775807", "(-9223372036854775807 - 1)", "long(null)", "(1)",
    ),
    "real": ("1.5", "1e308", "real(nan)", "-1e-320", "real(-inf)", "real(null)"),
    "decimal": ("decimal(1.1)", "decimal(99999999999999999999.9)", "decimal(null)"),
    "datetime": (
        "datetime(2026-06-01)", "datetime(null)", "now()", "ago(1d)", "datetime(0001-01-01)",
        "datetime(9999-12-31 23:59:59.9999999)",
    ),
    "timespan": ("1h", "7d", "timespan(null)", "timespan(-10675199.02:48:05)", "1tick"),
    "guid": ("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(null)"),
    "dynamic": (
        "dynamic([1, 'a', null])", "dynamic({'a': {'b': 1}})", "dynamic(null)", "dynamic([])",
        "dynamic({})", "dynamic([1, 2.5, 3])", "dynamic(['a', 'b'])", "dynamic([[1, 2], [3]])",
    ),
    "string": (
        "'a'", "''", "@'\\d+'", "'a,b'", "'10.0.0.1'", "'2026-06-01T00:00:00Z'",
        "'{\"a\": [1, 2]}'", "'\u0130\u017f\ufdd0'", "'\\u0000'", "'a=1;b=\\'2'", "'P1D'",
        f"'{'9' * 5000}'", f"'{'[' * 1100}'", f"'a{{{'9' * 5000}}}'", "'((a?){9}){1000}'",
        "'-9223372036854775808'", "'1e999'", "'{\"a\": 1e999}'", "'::ffff:1.2.3.4/129'",
        "'(?i)(a'", "'1.2.3.4/33'", "'xn--9'", "'%e9%'", "'aGk='", "'http://[::1]:99999/?a=b#c'",
    ),
}  # fmt: skip
_ROWS = 5
_ANY = tuple(literal for literals in _LITERALS.values() for literal in literals)
_INFIX = (
    "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "has", "!has",
    "contains",
    "startswith", "endswith", "=~", "!~", "has_cs", "hasprefix", "matches regex",
)  # fmt: skip


class Grown:
    """Texts out of a small grammar."""

    def __init__(self, numbers: random.Random) -> None:
        """Draw from *numbers*."""
        self._numbers = numbers
        self._by_result: dict[str, list[Function]] = {}
        for row in functions.LIBRARY:
            self._by_result.setdefault(str(row.signature.result), []).append(row)
        self._rows = [row for rows in self._by_result.values() for row in rows]
        self._folds = list(functions.AGGREGATES)
        self._functions = sorted(functions.LIBRARY.names) + sorted(functions.names_of("function"))
        self._aggregates = sorted(functions.names_of("aggregate"))

    def text(self) -> str:
        """A whole query."""
        lets = "".join(f"let v{i} = {self.value(2)};\n" for i in range(self._below(2)))
        return lets + self.pipeline(4)

    def pipeline(self, most: int) -> str:
        """A table and operators behind it."""
        sources = ("Events", self._table(), "print a = 1", "range x from 1 to 5 step 1")
        source = self._one(sources)
        steps = [self.operator() for _ in range(self._below(most + 1))]
        return "\n| ".join([source, *steps])

    def _table(self) -> str:
        """A few rows with the columns of the declared table."""
        columns = ", ".join(f"{name}: {type}" for name, type in COLUMNS.items())
        literals = {type: [v for v in _LITERALS[type] if "(" not in v[:1]] for type in _LITERALS}
        cells = (self._one(literals[t]) for _ in range(_ROWS) for t in COLUMNS.values())
        return f"datatable({columns})[{', '.join(cells)}]"

    def operator(self) -> str:
        """One operator, most of them well formed."""
        column, value, other = self._column(), self.value(3), self.value(2)
        rows = f"Events | where {other} | extend k = {column}"
        return self._one((
            f"where {value}", f"extend y = {value}", f"project {column}, z = {value}",
            f"summarize {self._aggregate()} by {column}", f"summarize {self._aggregate()}",
            f"summarize {self._aggregate()} by bin(TimeGenerated, 1h), b = {other}",
            f"sort by {value} asc", f"top 3 by {column}", f"take {self._below(9)}", "count",
            f"distinct {column}", f"mv-expand {column}", f"mv-expand e = {other} to typeof(string)",
            f"join kind=inner ({rows}) on {column}", f"union ({rows})",
            f"parse {column} with * 'a' p:long *", f"project-away {column}",
            f"lookup Events on {column}",
            f"make-series {self._aggregate()} on TimeGenerated from ago(2d) to now() step 1h",
            f"where {column} in ({value}, {other})", f"where {column} between ({value} .. {other})",
            f"where {column} has_any ({value}, {other})", "serialize r = row_number()",
            f"extend q = prev({column})", f"top-nested 2 of {column} by {self._aggregate()}",
            f"partition by {column} (take 1)", f"{self._one(sorted(OPERATORS))} {value}",
            f"search 'a' or {column} == {other}", f"sample-distinct 2 of {column}", "getschema",
        ))  # fmt: skip

    def value(self, depth: int) -> str:
        """A scalar expression."""
        kind = self._below(8) if depth else self._below(2)
        if kind == 0:
            return self._one(_ANY)
        if kind == 1:
            return self._column()
        if kind == 2:
            return f"({self.value(depth - 1)} {self._one(_INFIX)} {self.value(depth - 1)})"
        if kind == 3:
            steps = (".a", "[0]", "['a']", ".a.b", "[-1]")
            return f"Details{self._one(steps)}"
        if kind in (4, 5):
            return self._fitting(self._one(self._rows), depth - 1)
        parts = ", ".join(self.value(depth - 1) for _ in range(self._below(4)))
        return f"{self._one(self._functions)}({parts})"

    def typed(self, type: Type, depth: int) -> str:
        """An expression of a type, as a rule."""
        rows = self._by_result.get(str(type), [])
        kind = self._below(4 if depth and rows else 2)
        columns = [name for name, of in COLUMNS.items() if of == str(type)]
        if kind == 0 and columns:
            return self._one(columns)
        if kind < 2:
            return self._one(_LITERALS.get(str(type), _ANY))
        return self._fitting(self._one(rows), depth - 1)

    def _fitting(self, row: Function, depth: int) -> str:
        """A call whose arguments are of the types that its signature asks for."""
        parts: list[str] = []
        for parameter in row.signature.parameters:
            if parameter.optional and self._below(2):
                break
            types = sorted(parameter.types)
            count = self._below(4) if parameter.repeats else 1
            parts += [self.typed(self._one(types), depth) for _ in range(count)]
        return f"{row.name}({', '.join(parts)})"

    def _aggregate(self) -> str:
        if self._below(2):
            return self._fitting(self._one(self._folds), 1)
        parts = ", ".join(self.value(1) for _ in range(self._below(3)))
        return f"{self._one(self._aggregates)}({parts})"

    def _column(self) -> str:
        return self._one(tuple(COLUMNS))

    def _one(self, of: Sequence[Drawn]) -> Drawn:
        return of[self._below(len(of))]

    def _below(self, bound: int) -> int:
        return self._numbers.randrange(bound)
