"""The query languages by name: takes a text and a language, gives a bound plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.plan.relations import Plan
from vedette.syntax import Findings, Source
from vedette.tables.catalog import Catalog

if TYPE_CHECKING:
    from vedette.aql.properties import Mappings


@dataclass(frozen=True, slots=True)
class Setting:
    """What binding a text needs beside it.

    ``now`` is the clock in ticks; ``output`` names a ``let`` table to give in place of the result
    (KQL); ``mappings`` says what QRadar names stand for that a stock QRadar lacks (AQL).
    """

    catalog: Catalog
    now: int
    output: str | None
    mappings: Mappings | None


def _kql(source: Source, setting: Setting, findings: Findings) -> Plan:
    from vedette import kql

    return kql.bind(source, setting.catalog, setting.now, findings, output=setting.output)


def _aql(source: Source, setting: Setting, findings: Findings) -> Plan:
    from vedette import aql
    from vedette.aql.properties import Mappings

    return aql.bind(
        source, setting.catalog, setting.now, findings, mappings=setting.mappings or Mappings()
    )


LANGUAGES: dict[str, Callable[[Source, Setting, Findings], Plan]] = {"kql": _kql, "aql": _aql}
