"""The core operations: what languages are bound to and engines carry out.

Takes an operation's name, gives its signature, its null rule and its meaning. A language function
maps to these; an engine has one row for each. What an engine lacks it refuses by this name.
"""

from __future__ import annotations

from vedette.plan.operations import (
    aggregates,
    arrays,
    conversions,
    dynamic,
    elements,
    logic,
    network,
    numbers,
    parsing,
    series,
    sketches,
    statistics,
    text,
    time,
    windows,
)
from vedette.plan.operations.base import Null, Operation

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for module in (
        logic,
        numbers,
        text,
        time,
        conversions,
        dynamic,
        elements,
        arrays,
        network,
        parsing,
        series,
        sketches,
        statistics,
        aggregates,
        windows,
    )
    for operation in module.OPERATIONS
}

__all__ = ["OPERATIONS", "Null", "Operation"]
