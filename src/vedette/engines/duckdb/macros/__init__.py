"""DuckDB macros that the statements call, one module a domain: what takes more than a template.

Takes nothing, gives the statements that a session runs once before it is locked. A tick is 100 ns.
"""

from __future__ import annotations

import re

from vedette.engines.duckdb.macros import addresses, dynamic, elements, numbers, time

MACROS: dict[str, str] = {
    head: body
    for module in (numbers, dynamic, elements, time, addresses)
    for head, body in module.MACROS.items()
}
"""Each macro's body by its name and parameters."""


def statements() -> list[str]:
    """The statements that make the macros, each behind those that it calls."""
    bodies = {head.split("(", 1)[0]: (head, body) for head, body in MACROS.items()}
    made: dict[str, str] = {}

    def make(name: str) -> None:
        head, body = bodies[name]
        for called in re.findall(r"\b(\w+)\(", body):
            if called in bodies and called not in made:
                make(called)
        made[name] = f"CREATE MACRO {head} AS {body}"

    for name in bodies:
        make(name)
    return list(made.values())
