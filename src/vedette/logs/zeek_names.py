"""What options of Zeek's writers change: names of fields in fields, and the unit of times.

Takes records, or many of them as columns, gives them as Zeek writes without those options. Source:
Zeek's log framework (``Log::default_scope_sep``, ``LogAscii::json_timestamps``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.batches import arrow_array
from vedette.logs.columnar.records import Records, values_of
from vedette.logs.columnar.spans import Places, as_mask
from vedette.logs.columnar.texts import Values, listed

_MILLISECONDS = range(10**11, 10**15)


def scoped(fields: Iterable[str]) -> Mapping[str, str]:
    """Fields of records in records, under the names that writers with ``_`` between give them."""
    return {name.replace(".", "_"): name for name in fields if "." in name}


def dotted(record: Mapping[str, Any], scoped: Mapping[str, str]) -> dict[str, Any]:
    """A record with such fields under Zeek's own names, but for what is there already."""
    return {
        (name if (own := scoped.get(name, name)) in record else own): value
        for name, value in record.items()
    }


def many_dotted(records: Records, written: Mapping[str, str]) -> tuple[Records, Places]:
    """The same of many, and the places of those that have such a name in an object too."""
    own = arrow_array(records.own, pa.string())
    once = np.ones(len(records), bool)
    for name, own_name in written.items():
        key = f'"{name}":'
        once &= as_mask(pc.equal(pc.count_substring(own, key), 1))
        own = pc.replace_substring(own, key, f'"{own_name}":')
    names = tuple(written.get(name, name) for name in records.names)
    fields = {written.get(name, name): values for name, values in records.fields.items()}
    found = replace(records, names=names, fields=fields, own=own)
    return (found if once.all() else found.taken(np.flatnonzero(once))), np.flatnonzero(~once)


def in_seconds(began: Any) -> Any:
    """A moment as it is written; one in milliseconds as seconds, which are a text."""
    if type(began) not in (int, float) or not _MILLISECONDS[0] <= began <= _MILLISECONDS[-1]:
        return began
    whole, rest = divmod(int(began), 1000)
    return f"{whole}.{rest:03}"


def many_seconds(began: Values) -> Values:
    """The same of many."""
    if isinstance(began, pa.Array):
        is_number = pa.types.is_floating(began.type) or pa.types.is_integer(began.type)
        if not is_number or not pc.any(pc.greater_equal(began, _MILLISECONDS[0])).as_py():
            return began
    made: Values | None = values_of([in_seconds(value) for value in listed(began)])
    return began if made is None else made
