"""``_GetWatchlist`` and ``_GetWatchlistAlias``: takes an alias, gives the rows of the watchlist.

Source: Sentinel's documentation of watchlists.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import wrong_count
from vedette.kql.binding.beside.given import Watchlist
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.reading.syntax_tree import Call, Node
from vedette.plan.expressions import Literal
from vedette.plan.relations import Values
from vedette.plan.types import Type
from vedette.syntax.problem import did_you_mean

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

FUNCTION = "_GetWatchlist"
ALIASES = "_GetWatchlistAlias"

SWITCHES = frozenset({"ASimDisabledParsers", "ASimSourceType"})
"""Watchlists that ASIM's parsers ask which of them are off; nobody has to keep them."""

_FIRST = (
    ("_DTItemId", Type.STRING), ("LastUpdatedTimeUTC", Type.DATETIME), ("SearchKey", Type.STRING),
)  # fmt: skip
_WITHOUT = (*_FIRST, ("WatchlistItem", Type.DYNAMIC))


def bind(binder: Binder, node: Call, scope: Scope) -> Rows:
    """The rows of a watchlist; with a list of keys, those whose ``SearchKey`` is among them."""
    if not 1 <= len(node.arguments) <= 2:
        raise wrong_count(binder, node, 1, 2)
    alias = str(binder.constant(node.arguments[0], scope, Type.STRING, "an alias").value)
    keys = _keys(binder, node.arguments[1], scope) if len(node.arguments) == 2 else set()
    try:
        found = binder.given.watchlist(alias)
    except ValueError as unreadable:
        message = f"The watchlist '{alias}' cannot be read"
        span = node.arguments[0].span
        raise binder.fail("VD002", "source", message, span, reason=str(unreadable)) from None
    if found is not None:
        return _rows(binder, found, keys)
    if alias in SWITCHES:
        return Rows(Values(tuple(binder.fields.new(n, t) for n, t in _WITHOUT), ()))
    message = f"The workspace has no watchlist '{alias}'"
    hint = did_you_mean(alias, binder.given.aliases())
    hint = hint or f"add it: vedette watchlist add {alias} FILE.csv, or Workspace.add_watchlist"
    raise binder.fail("VD002", "source", message, node.arguments[0].span, hint=hint)


def aliases(binder: Binder) -> Rows:
    """The aliases of all watchlists."""
    field = binder.fields.new("WatchlistAlias", Type.STRING)
    rows = tuple((Literal(alias, Type.STRING),) for alias in binder.given.aliases())
    return Rows(Values((field,), rows))


def _keys(binder: Binder, node: Node, scope: Scope) -> set[str]:
    """The constant strings of a list."""
    value = binder.constant(node, scope, Type.DYNAMIC, "a list of keys").value
    try:
        keys = json.loads(str(value))
    except ValueError:
        keys = None
    if not isinstance(keys, list):
        raise binder.fail("KS134", "type", "The value must be a list of keys", node.span)
    return {key if isinstance(key, str) else json.dumps(key) for key in keys}


def _rows(binder: Binder, watchlist: Watchlist, keys: set[str]) -> Rows:
    fields = [binder.fields.new(n, t) for n, t in _FIRST]
    fields += [binder.fields.new(n, Type.STRING) for n in watchlist.columns]
    place = watchlist.columns.index(watchlist.key)
    updated = Literal(watchlist.updated, Type.DATETIME)
    made = []
    for identity, row in zip(watchlist.identities, watchlist.rows, strict=True):
        if not keys or row[place] in keys:
            cells = (Literal(cell, Type.STRING) for cell in row)
            first = Literal(identity, Type.STRING), updated, Literal(row[place], Type.STRING)
            made.append((*first, *cells))
    return Rows(Values(tuple(fields), tuple(made)))
