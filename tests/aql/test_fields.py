"""QRadar's tables as they are declared, and the views that fill them with events."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from vedette.aql.binding.fields import ADDRESSES, STAR
from vedette.plan.expressions import Column, Expression, Fields
from vedette.plan.meaning import express
from vedette.plan.types import Type
from vedette.tables.catalog import builtin_table, event_tables, view_sources
from vedette.tables.schema import Table, ViewSource


def table(name: str) -> Table:
    found = builtin_table(name)
    assert found is not None
    return found


def value(source: ViewSource, notation: str) -> Expression:
    """What a view's notation is over its event table."""
    types = event_tables()[source.event_table]
    fields = Fields()
    return express(notation, lambda name: (Column(fields.new(name, types[name])),))


@pytest.mark.parametrize("source", view_sources("events"), ids=lambda s: s.event_table)
def test_a_view_gives_each_field_its_type(source: ViewSource) -> None:
    columns = table("events").columns
    for column, notation in source.columns.items():
        assert (column, value(source, notation).type) == (column, columns[column])
    assert {"$time", "$event_id", "starttime", "payload"} <= source.columns.keys()


def test_every_event_table_shows_itself_as_events() -> None:
    assert {s.event_table for s in view_sources("events")} == set(event_tables())


def test_every_shared_column_is_filled_somewhere() -> None:
    text = files("vedette.tables").joinpath("views/qradar.toml").read_text(encoding="utf-8")
    shared = tomllib.loads(text)["events"]["shared"]
    filled = {column for source in view_sources("events") for column in source.columns}
    assert shared.keys() <= filled


def test_addresses_and_the_star_are_fields() -> None:
    events = table("events").columns
    assert all(events[name] is Type.STRING for name in ADDRESSES)
    assert set(STAR["events"]) <= events.keys()


@pytest.mark.shared("reference")
@pytest.mark.parametrize(
    ("name", "key"), [("events", "events_builtin_lab_7.6.0"), ("flows", "flows_stix_shifter")]
)
def test_the_fields_are_those_of_a_real_qradar(shared: Path, name: str, key: str) -> None:
    known = json.loads((shared / "reference/qradar/known-names.json").read_text())[key]
    assert set(known) <= table(name).columns.keys()
