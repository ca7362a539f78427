"""DuckDB macros that the statements call, one module a domain: what takes more than a template.

Takes nothing, gives the statements that a session runs once before it is locked. A tick is 100 ns.
"""

from __future__ import annotations

import re
from functools import cache

from vedette.engines.duckdb.macros import addresses, arrays, dynamic, elements, numbers, time

MACROS: dict[str, str] = {
    head: body
    for module in (numbers, dynamic, arrays, elements, time, addresses)
    for head, body in module.MACROS.items()
}
"""Each macro's body by its name and parameters."""


_HEADS = {head.split("(", 1)[0]: head for head in MACROS}
_CALLED = re.compile(r"\b(\w+)\(")


@cache
def _inside(name: str) -> tuple[str, ...]:
    """The macros that a macro calls itself."""
    return _named(MACROS[_HEADS[name]])


def _named(sql: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in _CALLED.findall(sql) if n in _HEADS))


def called(*texts: str) -> dict[str, str]:
    """The statement that makes each macro that the texts call, each behind those that it calls.

    By the macro's name; a session makes a macro when the first statement needs it, for all of them
    take longer to make than most queries to run.
    """
    made: dict[str, str] = {}

    def make(name: str) -> None:
        for inside in _inside(name):
            if inside not in made:
                make(inside)
        made[name] = f"CREATE MACRO {_HEADS[name]} AS {MACROS[_HEADS[name]]}"

    for text in texts:
        for name in _named(text):
            if name not in made:
                make(name)
    return made


def statements() -> list[str]:
    """The statements that make all macros, each behind those that it calls."""
    return list(called(*(f"{name}(" for name in _HEADS)).values())
