"""Calls that ask reference data and assets: takes a call and its arguments, gives an expression.

What a workspace does not have is empty, as on a deployment that put nothing in: a named repair, and
refused when strict.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from vedette.aql.binding.comparison import as_text
from vedette.aql.binding.context import Context
from vedette.aql.codes import WRONG_TYPE
from vedette.aql.functions import REFUSED, TOLD
from vedette.aql.reading.syntax_tree import Call
from vedette.plan.build import apply, boolean, null, text
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.networks import in_any_network
from vedette.plan.types import Type

_ASSET_COLUMNS = {"ASSETHOSTNAME": "hostname", "ASSETUSER": "user"}
_BETWEEN = "\x1f"
"""Stands between key and value of a map of sets where both are compared as one text."""

Data = TypeVar("Data")


def bind_reference(
    context: Context, call: Call, name: str, arguments: Sequence[Expression]
) -> Expression:
    """The core expression of a call of the function *name*; raises Refused."""
    data = context.mappings.reference
    if name == "REFERENCESETCONTAINS":
        if (networks := data.network_sets.get(_written(context, arguments[0]))) is not None:
            return in_any_network(as_text(arguments[1]), networks, call.span)
        values = _named(context, call, "set", data.sets, arguments[0])
        return _is_one_of(call, as_text(arguments[1]), values or ())
    if name == "REFERENCEMAP":
        pairs = _named(context, call, "map", data.maps, arguments[0])
        return _looked_up(call, arguments[1], pairs or {})
    if name == "REFERENCEMAPSETCONTAINS":
        lists = _named(context, call, "map of sets", data.maps_of_sets, arguments[0]) or {}
        joined = (f"{key}{_BETWEEN}{value}" for key, many in lists.items() for value in many)
        key, value = as_text(arguments[1]), as_text(arguments[2])
        both = apply("text_concat", key, text(_BETWEEN), value, span=call.span)
        return _is_one_of(call, both, joined)
    if name == "REFERENCETABLE":
        rows = _named(context, call, "table", data.tables, arguments[0])
        return _column(context, call, rows or {}, arguments[1], arguments[2])
    if name in TOLD:
        return _told(context, call, name, arguments)
    return _asset(context, call, name, arguments)


def is_told(context: Context, name: str) -> bool:
    """Whether the workspace has the file that a function of TOLD reads."""
    data, file = context.mappings.reference, TOLD[name]
    return bool(data.networks) if file == "networks" else Path(file).name in data.names


def _told(context: Context, call: Call, name: str, arguments: Sequence[Expression]) -> Expression:
    data = context.mappings.reference
    if not is_told(context, name):
        hint = f"tell it in the workspace's reference/{TOLD[name]}.csv"
        raise context.unsupported(f"the function {name}", call.name_span, REFUSED[name], hint)
    if TOLD[name] == "networks":
        branches: list[Expression] = []
        for network in data.networks:
            inside = apply("ipv4_in_range", arguments[0], text(network.range), span=call.span)
            shown = network.name if name == "NETWORKNAME" else network.full_name
            branches += [inside, text(shown, call.span)]
        return apply("case", *branches, null(Type.STRING, call.span), span=call.span)
    key = arguments[0]
    if name == "LOGSOURCEGROUPNAME":
        if not isinstance(key, Column) or key.field.name != "devicegrouplist":
            message = f"{name} takes devicegrouplist"
            raise context.refuse(WRONG_TYPE, "type", message, call.span)
        key = context.column("$log_source_name", call.span)
    return _looked_up(call, key, data.names[Path(TOLD[name]).name])


def _asset(context: Context, call: Call, name: str, arguments: Sequence[Expression]) -> Expression:
    assets = context.mappings.reference.assets
    if assets is None and context.once("assets"):
        message = f"the workspace has no assets, so {name} gives null (reference/assets.csv)"
        context.repair("no-reference-data", message, call.name_span, "the workspace has no assets")
    if name == "ASSETPROPERTY":
        return _column(context, call, assets or {}, arguments[0], arguments[1])
    column = text(_ASSET_COLUMNS[name], call.span)
    return _column(context, call, assets or {}, column, arguments[0])


def _named(
    context: Context, call: Call, kind: str, known: Mapping[str, Data], name: Expression
) -> Data | None:
    """The reference data of a name; None, with a repair, where the workspace has none."""
    wanted = _written(context, name)
    if wanted not in known and context.once(f"reference {kind}:{wanted}"):
        folder = {"set": "sets", "map": "maps", "table": "tables"}.get(kind, "map-of-sets")
        there = f"the workspace has no reference {kind} '{wanted}'"
        message = f"{there}: it is read as empty (reference/{folder}/{wanted}.csv)"
        context.repair("no-reference-data", message, call.span, there)
    return known.get(wanted)


def _written(context: Context, name: Expression) -> str:
    if isinstance(name, Literal) and isinstance(name.value, str):
        return name.value
    message = "a name of reference data is a text in the query"
    raise context.refuse(WRONG_TYPE, "type", message, name.span)


def _is_one_of(call: Call, value: Expression, items: Iterable[str]) -> Expression:
    literals = [text(item, call.span) for item in items]
    if not literals:
        return boolean(False, call.span)
    return apply("is_in_or_false", value, *literals, span=call.span)


def _column(
    context: Context,
    call: Call,
    rows: Mapping[str, Mapping[str, str]],
    column: Expression,
    key: Expression,
) -> Expression:
    wanted = _written(context, column).lower()
    pairs = {k: row[wanted] for k, row in rows.items() if row.get(wanted)}
    return _looked_up(call, key, pairs)


def _looked_up(call: Call, key: Expression, pairs: Mapping[str, str]) -> Expression:
    if not pairs:
        return null(Type.STRING, call.span)
    bag = Literal(json.dumps(dict(pairs), ensure_ascii=False), Type.DYNAMIC, call.span)
    found = apply("value_at", bag, as_text(key), span=call.span)
    value = apply("text_of", found, span=call.span)
    missing = apply("is_null", found, span=call.span)
    return apply("case", missing, null(Type.STRING, call.span), value, span=call.span)
