"""Nothing of the language is here without an example: each name stands in a query that is tested.

Functions that are rows have theirs beside them; all else is looked for in the goldens' queries and
in this folder's tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from vedette.kql import functions
from vedette.kql.binding.special import aggregates, rules
from vedette.kql.operators import OPERATORS, SOURCES, refused
from vedette.kql.operators.counting import PICKS
from vedette.kql.plugins import PLUGINS

FOLDER = Path(__file__).parent


@cache
def shown() -> str:
    """Every golden query and every test but this one."""
    files = [*FOLDER.glob("golden/*/query.kql"), *FOLDER.glob("test_*.py")]
    texts = [f.read_text(encoding="utf-8") for f in files if f != Path(__file__)]
    rows = (e for library in (functions.LIBRARY, functions.AGGREGATES) for r in library
            for e in r.examples)  # fmt: skip
    return "\n".join([*texts, *(f"{e.call} {e.value}" for e in rows)])


def without_a_call(names: Iterable[str]) -> list[str]:
    called = set(re.findall(r"([\w-]+)\(", shown()))
    return sorted(set(names) - called)


def without_a_word(names: Iterable[str]) -> list[str]:
    words = set(re.findall(r"[\w-]+", shown()))
    return sorted(set(names) - words)


def test_every_function_of_a_rule_is_called() -> None:
    refused = {n for n, rule in rules.RULES.items() if "_refused" in rule.__qualname__}
    assert without_a_call(set(rules.RULES) - refused) == []


def test_every_row_of_a_function_has_examples() -> None:
    assert [row.name for row in functions.LIBRARY if not row.examples] == []
    aliases = (a for row in functions.LIBRARY for a in row.aliases)
    assert without_a_call(aliases) == []


def test_every_aggregate_is_called() -> None:
    rows = functions.AGGREGATES.names
    assert without_a_call((*rows, *aggregates.RULES, *PICKS)) == []


def test_every_plugin_is_called() -> None:
    assert without_a_call(PLUGINS) == []


def test_every_operator_stands_in_a_query() -> None:
    unbound = {*refused.READERS, *refused.SOURCE_READERS}
    assert without_a_word({*OPERATORS, *SOURCES} - unbound) == []
