"""What a user's own SQL may say: takes its text and the tables there are, gives what is refused.

DuckDB's own parser reads the text, and every node of its tree must be on a list of what is allowed:
one SELECT, over tables of the workspace, with functions that only compute (``sql_functions.txt``).
The locked session is a second wall behind this one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb

from vedette.engines.duckdb.macros import MACROS
from vedette.syntax.problem import did_you_mean

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset(
    {"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT"}
)
_EXPRESSIONS = frozenset({
    "CONSTANT", "COLUMN_REF", "FUNCTION", "COMPARISON", "CONJUNCTION", "CAST", "CASE", "OPERATOR",
    "SUBQUERY", "STAR", "WINDOW", "BETWEEN", "LAMBDA", "LAMBDA_REF", "COLLATE",
    "POSITIONAL_REFERENCE", "TYPE",
})  # fmt: skip
_MODIFIERS = frozenset({
    "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
})  # fmt: skip
_ORDERS = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
_TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of a text that is not allowed: what, from which character on, how many, and a hint."""

    message: str
    offset: int
    length: int = 0
    hint: str = ""


class SqlRefused(Exception):
    """A user's SQL may not run, or cannot be understood; ``refusals`` says why and where."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        """Keep every reason."""
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = tuple(refusals)


@cache
def allowed_functions() -> frozenset[str]:
    """The names of the functions that only compute, the session's own macros among them."""
    text = files("vedette.engines.duckdb").joinpath("sql_functions.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    own = (head.split("(", 1)[0] for head in MACROS)
    return frozenset((*(name for line in lines for name in line.split()), *own))


def refusals(text: str, tables: Collection[str]) -> list[Refusal]:
    """Everything in the text that is not allowed, in its order; none where it may run."""
    tree = _parsed(text)
    if tree["error"]:
        position = tree.get("position")
        offset = characters(text, int(position)) if position else 0
        if tree["error_type"] == "not implemented":
            message = "only a SELECT can be run, not a statement that changes or sets anything"
            return [Refusal(message, 0, len(text))]
        return [Refusal(str(tree["error_message"]), offset)]
    statements = tree.get("statements", [])
    if len(statements) != 1:
        return [Refusal(f"one SELECT can be run at a time, not {len(statements)}", 0, len(text))]
    found = list(_Guard(text, tables).query(statements[0]["node"], frozenset()))
    return sorted(found, key=lambda refusal: refusal.offset)


def _parsed(text: str) -> dict[str, Any]:
    with duckdb.connect(":memory:") as parser:
        (row,) = parser.execute(
            "SELECT json_serialize_sql(?, skip_default := true, skip_null := true,"
            " skip_empty := true)",
            [text],
        ).fetchall()
    tree: dict[str, Any] = json.loads(row[0])
    return tree


def characters(text: str, byte: int) -> int:
    """The character that a byte of the text's UTF-8 belongs to."""
    return len(text.encode("utf-8", "surrogatepass")[:byte].decode("utf-8", "ignore"))


class _Guard:
    """Walks a tree; ``known`` holds the names of the common table expressions in reach."""

    def __init__(self, text: str, tables: Collection[str]) -> None:
        self._text = text
        self._tables = {name.lower(): name for name in tables}

    def query(self, node: dict[str, Any], known: frozenset[str]) -> Iterator[Refusal]:
        """Refusals of a query node; each named part sees those before it and, recursive, itself."""
        if node.get("type") not in _QUERIES:
            yield self._refusal(node, f"{_spoken(node.get('type'))} is not allowed")
            return
        if "cte_name" in node:
            known |= {str(node["cte_name"]).lower()}
        for part in node.get("cte_map", {}).get("map", ()):
            yield from self.query(part["value"]["query_node"], known)
            known |= {str(part["key"]).lower()}
        rest = {key: value for key, value in node.items() if key not in ("cte_map", "type")}
        yield from self._inside(rest, known)

    def _any(self, node: Any, known: frozenset[str]) -> Iterator[Refusal]:
        if isinstance(node, list):
            for part in node:
                yield from self._any(part, known)
        elif isinstance(node, dict):
            yield from self._node(node, known)

    def _node(self, node: dict[str, Any], known: frozenset[str]) -> Iterator[Refusal]:
        kind, of = node.get("class"), node.get("type")
        if kind is not None:
            yield from self._expression(node, str(kind), known)
        elif not isinstance(of, str) or of in _MODIFIERS or of in _ORDERS:
            yield from self._inside(node, known)
        elif of in _QUERIES:
            yield from self.query(node, known)
        elif of in _SOURCES:
            yield from self._source(node, of, known)
        else:
            yield self._refusal(node, f"{_spoken(of)} is not allowed")

    def _inside(self, node: dict[str, Any], known: frozenset[str]) -> Iterator[Refusal]:
        for value in node.values():
            yield from self._any(value, known)

    def _expression(
        self, node: dict[str, Any], kind: str, known: frozenset[str]
    ) -> Iterator[Refusal]:
        if kind not in _EXPRESSIONS:
            yield self._refusal(node, f"{_spoken(kind)} is not allowed")
        elif kind in ("FUNCTION", "WINDOW"):
            name = str(node.get("function_name", "")).lower()
            qualified = len(node.get("qualified_name", {}).get("path", [name])) > 1
            if name not in allowed_functions() or qualified:
                hint = did_you_mean(name, allowed_functions())
                yield self._refusal(node, f"the function {name} is not allowed", hint)
        elif kind == "TYPE" and len(node.get("qualified_name", {}).get("path", [])) > 1:
            yield self._refusal(node, "a type of another schema is not allowed")
        yield from self._inside(node, known)

    def _source(self, node: dict[str, Any], of: str, known: frozenset[str]) -> Iterator[Refusal]:
        if of == "BASE_TABLE":
            name = str(node.get("table_name", ""))
            if node.get("schema_name") or node.get("catalog_name"):
                yield self._refusal(node, f"the table {name} is named with a schema or catalogue")
            elif name.lower() not in known and name.lower() not in self._tables:
                hint = did_you_mean(name, self._tables.values())
                yield self._refusal(node, f"there is no table {name} in this workspace", hint)
            if "at_clause" in node:
                yield self._refusal(node, "AT is not allowed")
        elif of == "TABLE_FUNCTION":
            function = node.get("function", {})
            name = str(function.get("function_name", "")).lower()
            if name not in _TABLE_FUNCTIONS or function.get("class") != "FUNCTION":
                hint = f"table functions are {', '.join(sorted(_TABLE_FUNCTIONS))}"
                yield self._refusal(node, f"the table function {name} is not allowed", hint)
            yield from self._any(function.get("arguments", []), known)
            return
        yield from self._inside(node, known)

    def _refusal(self, node: dict[str, Any], message: str, hint: str = "") -> Refusal:
        at = node.get("query_location")
        start = characters(self._text, at) if isinstance(at, int) and at < 2**62 else 0
        length = node.get("query_location_length", 0)
        return Refusal(message, start, length if isinstance(length, int) else 0, hint)


def _spoken(kind: object) -> str:
    return {"SHOW_REF": "DESCRIBE or SHOW"}.get(str(kind), str(kind).replace("_", " "))
