"""Records with named fields as rows: takes a record, gives the row of its event table.

What a record's fields mean stands in ``mappings/FORMAT.toml`` (logs/mapping.py reads it). Names of
fields that nest are joined by dots: ``flat`` makes such a record of a JSON object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vedette.logs.base import Made, Text
from vedette.logs.columnar.records import ManyRecords
from vedette.logs.columns import Kind
from vedette.logs.json_values import json_bytes
from vedette.logs.mapping import Filler, format_choice

MAX_DEPTH = 16


class RecordRows:
    """Makes rows of the records of one source."""

    def __init__(
        self, log_format: str, lineage: str, log_file: str, mapping: str | None = None
    ) -> None:
        """Every row says which format and file it came from; *mapping* names another's file."""
        self._choice = format_choice(mapping or log_format)
        self._lineage = lineage
        self._constants = {"log_format": log_format, "log_file": log_file}
        self._kinds: dict[tuple[int, tuple[str, ...]], Kind] = {}

    @property
    def fields(self) -> frozenset[str]:
        """The fields of records that count."""
        return self._choice.fields

    def many(self) -> ManyRecords:
        """What makes the same rows of many records at once."""
        return ManyRecords(self._choice, self._lineage, self._constants)

    def row(
        self,
        record: Mapping[str, Any],
        raw: Text,
        offset: int,
        place: str = "",
        own: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> Made:
        """The row of a record, filled when many are.

        *place* is what tells it apart within its source, the offset where empty; *own* is what is
        kept as the record's own data, the record where None; *columns* are values that the mapping
        cannot know, such as a time of day whose date stands elsewhere: they replace what it gives.
        """
        filler = self._choice.pick(record)
        names = tuple(columns)
        kind = self._kinds.get((id(filler), names))
        if kind is None:
            kind = self._kinds[id(filler), names] = self._kind(filler, names)
        data = record if own is None else own
        identity = f"{self._lineage}-{place or offset}"
        written = json_bytes(data) if data else None
        return kind.late(record, written, identity, offset, raw, *columns.values())

    def _kind(self, filler: Filler, names: tuple[str, ...]) -> Kind:
        index = filler.layout.index
        blank = filler.blank.copy()
        for column, value in self._constants.items():
            blank[index[column]] = value
        ours = ("event_data", "event_id", "log_offset", "raw")
        places = tuple(index.get(column, -1) for column in (*ours, *names))
        return Kind(filler.with_blank(blank), places)


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with nested objects' fields beside its own, their names joined by dots.

    Arrays stay as they are; so does what lies deeper than 16 objects.
    """
    found: dict[str, Any] = {}
    _flatten(record, "", 0, found)
    return found


def _flatten(record: Mapping[str, Any], prefix: str, depth: int, found: dict[str, Any]) -> None:
    for name, value in record.items():
        if type(value) is dict and depth < MAX_DEPTH:
            _flatten(value, f"{prefix}{name}.", depth + 1, found)
        else:
            found[prefix + name] = value
