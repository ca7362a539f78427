"""Bags inside dynamic values, and what bags of many rows have in common: JSON texts in and out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from vedette.engines.duckdb.computed.arrays import array_in
from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import MARK, read, write
from vedette.plan.types import Type

_STEP = re.compile(r"\.([^.\[\]]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def bag_in(text: str | None) -> dict[str, Any] | None:
    """The pairs of a JSON object; None of anything else."""
    value = None if text is None else read(text)
    return value if isinstance(value, dict) else None


def steps(key: str) -> list[str]:
    """The keys that lead to a value: of a path behind ``$``, else the key itself."""
    if not key.startswith("$"):
        return [key]
    found: list[str] = []
    place = 1
    while place < len(key):
        step = _STEP.match(key, place)
        if step is None:
            return [key]
        found.append(next(g for g in step.groups() if g is not None))
        place = step.end()
    return found or [key]


def _holder(bag: dict[str, Any], path: Sequence[str]) -> dict[str, Any] | None:
    """The bag that has the last key of a path; None where there is none."""
    inside: Any = bag
    for step in path[:-1]:
        inside = inside.get(step) if isinstance(inside, dict) else None
    return inside if isinstance(inside, dict) and path[-1] in inside else None


def _of_pairs(keys: Sequence[str | None], values: Sequence[str | None]) -> str:
    pairs: dict[str, str] = {}
    for key, value in zip(keys, values, strict=True):
        pairs.setdefault(key or "", value or "null")
    return f"{{{','.join(f'{write(k)}:{v}' for k, v in pairs.items())}}}"


def _merge(texts: Sequence[str | None]) -> str | None:
    bags = [bag for text in texts if (bag := bag_in(text)) is not None]
    return write(_merged(bags, None)) if bags else None


def _merged(bags: Sequence[dict[str, Any]], most: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for bag in bags:
        for key, value in bag.items():
            if key not in found and (most is None or len(found) < most):
                found[key] = value
    return found


def _merge_rows(texts: Sequence[str | None], most: int | None) -> str | None:
    bags = [bag for text in texts if (bag := bag_in(text)) is not None]
    return write(_merged(bags, most))


def _has_key(text: str, key: str) -> bool | None:
    bag = bag_in(text)
    return None if bag is None else _holder(bag, steps(key)) is not None


def _remove_keys(text: str | None, keys: str | None) -> str | None:
    bag, given = bag_in(text), array_in(keys)
    if bag is None:
        return None
    for key in given or ():
        path = steps(key) if isinstance(key, str) else [""]
        holder = _holder(bag, path) if isinstance(key, str) else None
        if holder is not None:
            del holder[path[-1]]
    return write(bag)


def _set_key(text: str | None, key: str | None, value: str | None) -> str | None:
    bag = bag_in(text)
    if bag is None or key is None:
        return None
    path = steps(key)
    inside = bag
    for step in path[:-1]:
        inside = inside.setdefault(step, {})
        if not isinstance(inside, dict):
            raise ValueError(f"bag_set_key() does not reach {key}: what {step} holds is no bag")
    inside[path[-1]] = None if value is None else read(value)
    return write(bag)


def _zip(keys: str | None, values: str | None) -> str | None:
    names, elements = array_in(keys), array_in(values) or []
    if names is None:
        return None
    bag: dict[str, Any] = {}
    for index, name in enumerate(names):
        if isinstance(name, str):
            bag.setdefault(name, elements[index] if index < len(elements) else None)
    return write(bag)


def _paths(text: str) -> str | None:
    bag = bag_in(text)
    if bag is None:
        return None
    found: dict[str, None] = {}
    pending: list[tuple[str, Any]] = [("", bag)]
    while pending:
        path, value = pending.pop()
        if path:
            found[path] = None
        if isinstance(value, dict):
            pending.extend(reversed([(f"{path}['{k}']", v) for k, v in value.items()]))
        elif isinstance(value, list):
            pending.extend(reversed([(f"{path}[0]", v) for v in value]))
    return write(list(found))


def _pairs(text: str, without: str) -> str | None:
    bag, left_out = read(text), read(without)
    if not isinstance(bag, dict) or not isinstance(left_out, list):
        return None
    hidden = {key for key in left_out if isinstance(key, str)}
    pairs = (f"{key}={_plain(value)}" for key, value in bag.items() if key not in hidden)
    return ";".join(pairs) or None


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else write(value) or ""


# --- schemas --------------------------------------------------------------------------------------


class _Schema:
    """The kinds that values at one place have, and what is inside them."""

    def __init__(self) -> None:
        self.kinds: dict[str, None] = {}
        self.inside: dict[str, _Schema] = {}

    def add(self, value: Any) -> None:
        if isinstance(value, dict):
            self.kinds.setdefault("")
            for key, part in value.items():
                self.inside.setdefault(key, _Schema()).add(part)
        elif isinstance(value, list):
            self.kinds.setdefault("")
            for part in value:
                self.inside.setdefault("`indexer`", _Schema()).add(part)
        else:
            self.kinds.setdefault(_kind(value))

    def written(self) -> Any:
        below = {key: schema.written() for key, schema in self.inside.items()}
        kinds = [kind or below for kind in self.kinds]
        return kinds[0] if len(kinds) == 1 else kinds


def _kind(value: Any) -> str:
    if value is None:
        raise ValueError("buildschema() of a null inside a value is not supported yet")
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str) and value.startswith(MARK):
        return "datetime" if "T" in value else "timespan"
    return {int: "long", float: "double"}.get(type(value), "string")


def _schema(texts: Sequence[str]) -> str | None:
    schema = _Schema()
    for text in texts:
        schema.add(read(text))
    return write(schema.written() or None)


D, S = Type.DYNAMIC, Type.STRING
FUNCTIONS_OF_BAGS: dict[str, Computed] = {
    "bag_of": Computed(([S], [D]), D, _of_pairs),
    "bag_has_key": Computed((D, S), Type.BOOL, _has_key),
    "bag_merge": Computed(([D],), D, _merge),
    "bag_remove_keys": Computed((D, D), D, _remove_keys, takes_null=True),
    "bag_set_key": Computed((D, S, D), D, _set_key, takes_null=True),
    "bag_zip": Computed((D, D), D, _zip, takes_null=True),
    "bag_pairs": Computed((D, D), S, _pairs),
    "bag_paths": Computed((D,), D, _paths),
    "merge_bags": Computed(([D], Type.LONG), D, _merge_rows, takes_null=True),
    "schema_of": Computed(([D],), D, _schema),
}
