"""Events of devices, many at once: takes columns of their parts, gives batches.

What is made of an event is what ``DeviceRows.row`` makes of it (logs/devices.py), of events that
are alike: of one device, with the same fields in one order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout
from vedette.logs.batches import column_batch, identities
from vedette.logs.columnar.spans import Places, as_mask, taken, without_empty
from vedette.logs.columnar.texts import filled_columns
from vedette.logs.devices import (
    DECIDE_BY_VALUE,
    DECIDE_IN_OURS,
    HEADER,
    WITHOUT_HEADER,
    YEAR_ASSUMED,
    Device,
    DeviceRows,
    Names,
    Shape,
    kind_of,
    meant_by,
)
from vedette.logs.parts import over

_MOST_PARTS = 8
_WRITTEN_OTHERWISE = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))


@dataclass(frozen=True, slots=True)
class ManyEvents:
    """Events that are alike, a row each; ``offsets`` say where they stand in their source.

    Of the parts, ``times`` (ticks) and ``hosts`` may be null. ``is_plain`` says that JSON writes
    all texts as they are.
    """

    vendor: str
    product: str
    version: str
    class_ids: pa.Array
    names: pa.Array
    severities: pa.Array
    fields: Mapping[str, pa.Array]
    times: pa.Array
    hosts: pa.Array
    year_assumed: pa.Array
    raw: pa.Array
    offsets: pa.Array
    is_plain: bool


def device_batches(
    events: ManyEvents, rows: DeviceRows
) -> list[tuple[Layout, pa.RecordBatch]] | None:
    """The rows of events, *rows* being what makes single ones; None where each must be by itself.

    That is where a field holds a whole request, or labels differ much from event to event.
    """
    shape = rows.shape(events.vendor, events.product, events.version, events.fields)
    parts = list(_by_labels(events, [label for _, label in shape.labels]))
    if not parts:
        return None
    found = []
    for part in parts:
        meant = _meant(part.fields, shape.device)
        ours = _ours(meant, shape)
        if "full request" in ours:
            return None
        known = {n: over(one, meant.get(n)) for n, one in ours.items()}
        for kind, chosen in _by_kind(meant, ours, shape, rows.names):
            those, fields = part, {**meant, **known}
            if chosen is not None:
                those = taken(part, chosen)
                fields = {name: one.take(pa.array(chosen)) for name, one in fields.items()}
            found.append(_batch(those, fields, kind, shape, rows.lineage))
    return found


def _meant(fields: Mapping[str, pa.Array], device: Device) -> Mapping[str, pa.Array]:
    """What ``Device.meant`` makes of the fields."""
    if device.is_quoted:
        fields = {name: _unquoted(values) for name, values in fields.items()}
    if device.none:
        none = pa.array(sorted(device.none))
        are_none = {name: pc.is_in(values, none) for name, values in fields.items()}
        fields = {
            name: pc.if_else(are_none[name], "", values)
            if pc.any(are_none[name]).as_py()
            else values
            for name, values in fields.items()
        }
    return fields


def _unquoted(values: pa.Array) -> pa.Array:
    """What ``unquoted`` makes of values."""
    quoted = pc.match_substring_regex(values, r'\A"[^"]*"\z')
    if not pc.any(quoted).as_py():
        return values
    return pc.if_else(quoted, pc.utf8_slice_codeunits(values, 1, -1), values)


def _by_labels(events: ManyEvents, labels: Sequence[str]) -> Iterator[ManyEvents]:
    """The events apart by what their labels say; none where that is too many parts."""
    codes = np.zeros(len(events.raw), np.int64)
    for label in labels:
        coded = events.fields[label].dictionary_encode()
        if len(coded.dictionary) > _MOST_PARTS:
            return
        if len(coded.dictionary) > 1:
            codes = codes * len(coded.dictionary) + coded.indices.to_numpy()
            codes = np.unique(codes, return_inverse=True)[1]
    count = int(codes.max()) + 1
    if count == 1:
        yield events
    elif count <= _MOST_PARTS:
        yield from (taken(events, np.flatnonzero(codes == code)) for code in range(count))


def _ours(fields: Mapping[str, pa.Array], shape: Shape) -> dict[str, pa.Array]:
    """What events have for the names of our own; of alike labels."""
    found: dict[str, pa.Array] = {}
    named = [(ours, name) for ours, theirs in shape.found for name in theirs]
    for name, label in shape.labels:
        meant = meant_by(fields[label][0].as_py())
        if meant is not None:
            named.append((meant, name))
    for ours, name in named:
        values = without_empty(fields[name])
        found[ours] = over(found[ours], values) if ours in found else values
    return {ours: one for ours, one in found.items() if one.null_count < len(one)}


def _by_kind(
    fields: Mapping[str, pa.Array], ours: Mapping[str, pa.Array], shape: Shape, names: Names
) -> Iterator[tuple[str, Places | None]]:
    """The kinds of events, each with its rows; None for all of them."""
    if shape.device.kind is not None:
        yield shape.device.kind, None
        return
    codes = _deciding(fields, ours, names)
    _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
    deciding = {*_by_emptiness(names), names.application, *DECIDE_BY_VALUE}
    kinds = []
    for row in first.tolist():
        own = {name: fields[name][row].as_py() for name in deciding if name in fields}
        of_ours = {name: one[row].as_py() for name, one in ours.items() if one[row].is_valid}
        kinds.append(kind_of(own, of_ours, names))
    for kind in dict.fromkeys(kinds):
        chosen = np.array([one == kind for one in kinds])[numbers]
        yield kind, None if chosen.all() else np.flatnonzero(chosen)


def _by_emptiness(names: Names) -> Sequence[str]:
    return (names.url, names.source, names.destination, names.sender, names.recipient)


def _deciding(fields: Mapping[str, pa.Array], ours: Mapping[str, pa.Array], names: Names) -> Places:
    """A number a row, the same where all is the same that decides of which kind it is."""
    codes = np.zeros(len(next(iter(fields.values()))), np.int64)
    for name in _by_emptiness(names):
        if name in fields:
            codes = codes * 2 + as_mask(pc.equal(fields[name], ""))
    for name in DECIDE_IN_OURS:
        if name in ours:
            codes = codes * 2 + as_mask(ours[name].is_valid())
    for name in (names.application, *DECIDE_BY_VALUE):
        if name in fields:
            coded = fields[name].dictionary_encode()
            codes = codes * len(coded.dictionary) + coded.indices.to_numpy()
    return codes


def _batch(
    events: ManyEvents, fields: Mapping[str, pa.Array], kind: str, shape: Shape, lineage: str
) -> tuple[Layout, pa.RecordBatch]:
    filler = shape.filler(kind).filler
    index = filler.layout.index
    columns = filled_columns(filler, fields)
    own = {
        "time": events.times, "host": events.hosts, "event_data": _event_data(events, kind),
        "event_id": identities(lineage, events.offsets),
        "log_offset": events.offsets, "raw": events.raw,
        "device_class_id": without_empty(events.class_ids),
        "event_name": without_empty(events.names),
        "severity": without_empty(events.severities),
    }  # fmt: skip
    for name, array in own.items():
        if name in index:
            columns[name] = over(array, columns.get(name, filler.blank[index[name]]))
    return filler.layout, column_batch(filler.layout, columns, filler.blank, len(events.raw))


def _event_data(events: ManyEvents, kind: str) -> pa.Array:
    """The JSON of events' own fields."""
    texts: dict[str, pa.Array | str] = dict(events.fields)
    behind: list[pa.Array | str] = []
    if pc.any(events.year_assumed).as_py():
        assumed = f',"{YEAR_ASSUMED}":true'
        behind = [pc.if_else(events.year_assumed, assumed, "")]
    header: dict[str, pa.Array | str] = {}
    if kind in WITHOUT_HEADER:
        values = (events.version, events.class_ids, events.names, events.severities)
        header = dict(zip(HEADER, values, strict=True))
    parts = _members(texts, events.is_plain)
    parts = ["{", *parts[1:], *behind, *_members(header, events.is_plain), "}"]
    return pc.binary_join_element_wise(*_joined(parts), "")


def _members(texts: Mapping[str, pa.Array | str], is_plain: bool) -> list[pa.Array | str]:
    """The members of an object, a comma before each."""
    parts: list[pa.Array | str] = []
    for name, text in texts.items():
        key = orjson.dumps(name).decode()
        if isinstance(text, str):
            parts += [",", f"{key}:{orjson.dumps(text).decode()}"]
        else:
            parts += [",", f'{key}:"', text if is_plain else _escaped(text), '"']
    return parts


def _joined(parts: Sequence[pa.Array | str]) -> list[pa.Array | pa.Scalar]:
    """Parts with those that are texts in all rows put together where they meet."""
    found: list[pa.Array | str] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return [pa.scalar(part) if isinstance(part, str) else part for part in found]


def _escaped(texts: pa.Array) -> pa.Array:
    """Texts as JSON writes them between quotes."""
    for written, otherwise in _WRITTEN_OTHERWISE:
        texts = pc.replace_substring(texts, written, otherwise)
    return texts
