"""Reading inside dynamic values in DuckDB's SQL: a path of constants is one look into the text.

Neither of DuckDB's notations is safe for every name: ``$."*"`` is a wildcard even in quotes, and a
pointer ``/0`` finds elements as well as properties. So a name with ``*``, ``"`` or a backslash, and
the empty one, are pointers, which are no number; all others are quoted names.
"""

from __future__ import annotations

from vedette.engines.duckdb.lowering.terms import needle_of_row
from vedette.engines.duckdb.macros.base import held, let
from vedette.engines.duckdb.writing import text_literal
from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Apply
from vedette.plan.types import Type

_UNSAFE = frozenset('*"\\\0')
_READ = "value_at("


def _step(key: object) -> str | None:
    """A constant key as a step of a path, or None where it cannot be one."""
    if isinstance(key, int):
        return f"[{key}]"
    if isinstance(key, str) and key and not _UNSAFE.intersection(key):
        return f'."{key}"'
    return None


def _pointer(key: str) -> str:
    return text_literal("/" + key.replace("~", "~0").replace("/", "~1"))


def _value_at(call: Call) -> str:
    value, path = call.arguments[0], ""
    for index in range(1, len(call.arguments)):
        key = call.constant(index)
        step = _step(key)
        if step is not None:
            path += step
            continue
        if path:
            value, path = _at(value, text_literal(f"${path}")), ""
        if isinstance(key, str):
            value = _at(value, _pointer(key))
        elif call.nodes[index].type is Type.STRING:
            value = _at(value, f"path_of_key({call.arguments[index]})")
        else:
            value = _at(value, call.arguments[index])
    return _at(value, text_literal(f"${path}")) if path else value


def _at(value: str, path: str) -> str:
    return f"{_READ}{value}, {path})"


def text_at(sql: str) -> str:
    """The text of a value that ``value_at`` gives, in one look instead of two; null for null."""
    return f"text_at({sql.removeprefix(_READ)}"


def _read_json(call: Call) -> str:
    """A macro copies its argument: what is more than a column is named first."""
    if isinstance(call.nodes[0], Apply):
        return let("s", call.arguments[0], "read_json(s)")
    return f"read_json({call.arguments[0]})"


def _kind_of(call: Call) -> str:
    kind = call.nodes[0].type
    return held(call.arguments[0], "kind_of_json") if kind is Type.DYNAMIC else f"'{kind}'"


def _has_elements(whole: str) -> Lowering:
    """Each element is looked for as a term; a list without elements holds nothing."""

    def row(call: Call) -> str:
        text, elements = call.arguments
        held = let("v", f"{{'t': lower({text})}}", f"{whole}({_terms_in(elements)})")
        return f"({text} <> '' AND coalesce({held}, false))"

    return row


def _terms_in(elements: str) -> str:
    """Whether each element is a term of ``v.t``."""
    found = needle_of_row("v.t", "e", left=True, right=True, cased=False)
    return f"list_transform(texts_of_elements({elements}), lambda e: {found})"


def _which_element(call: Call) -> str:
    text, elements = call.arguments
    place = f"list_position({_terms_in(elements)}, true)"
    held = let("v", f"{{'t': lower({text})}}", place)
    return f"CAST(coalesce({held}, 0) - 1 AS BIGINT)"


ROWS: dict[str, Lowering] = {
    "value_at": _value_at,
    "read_json": _read_json,
    "kind_of": _kind_of,
    "sorted_json_of": "py_sorted_json({0})",
    "text_is_element": "coalesce(list_contains(texts_of_elements({1}), {0}), false)",
    "text_is_element_ignore_case": (
        "coalesce(list_contains(list_transform(texts_of_elements({1}), lambda e: lower(e)),"
        " lower({0})), false)"
    ),
    "text_has_any_element": _has_elements("list_bool_or"),
    "text_has_which_element": _which_element,
    "text_has_every_element": _has_elements("list_bool_and"),
    # A line of a log is no JSON: what cannot begin one is not read as such, which costs more.
    "texts_inside": (
        "CASE WHEN regexp_matches({0}, '"
        r"^[\t\n\r ]*([\[\x7b\x22]|[tfn0-9-][a-z0-9.E+-]*[\t\n\r ]*$)"
        "') THEN py_texts_inside({0}) ELSE CAST({0} AS VARCHAR) END"
    ),
    "whole_of": lambda call: held(call.arguments[0], "whole_of_json"),
    "value_by": "value_by({0}, {1})",
}
