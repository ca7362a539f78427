"""Values of Windows events without their names: takes them in order, gives the fields they are.

fluent-bit has an event's values as a list, ``StringInserts``. Their names follow from the
provider's manifest; ``mappings/windows_inserts.toml`` has the order for events whose versions
differ in the number of their values. Where it is not certain, nothing is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from vedette.logs.mapping import mapping_file

INSERTS = "StringInserts"


def insert_fields(provider: Any, code: Any, values: Any) -> dict[str, Any] | None:
    """The fields of an event's values; None where their order is not certain."""
    if not isinstance(values, list) or not isinstance(provider, str):
        return None
    names = _templates().get((provider.lower(), str(code), len(values)))
    if names is None:
        return None
    fields = dict(zip(names, values, strict=True))
    for name, form in _forms().items():
        value = fields.get(name, "")
        if not isinstance(value, str) or (value and form.fullmatch(value) is None):
            return None
    return fields


@cache
def _templates() -> Mapping[tuple[str, str, int], Sequence[str]]:
    return {
        (one["provider"].lower(), str(code), count): one["names"][:count]
        for one in mapping_file("windows_inserts.toml")["templates"]
        for code in one["codes"]
        for count in one["counts"]
    }


@cache
def _forms() -> Mapping[str, re.Pattern[str]]:
    return {
        name: re.compile(form, re.DOTALL)
        for name, form in mapping_file("windows_inserts.toml")["forms"].items()
    }
