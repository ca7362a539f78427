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
    from vedette.kql.binding.beside.given import Given
    from vedette.sigma.reading.beside import Beside


@dataclass(frozen=True, slots=True)
class Setting:
    """What binding a text needs beside it.

    ``now`` is the clock in ticks; ``output`` names a ``let`` table to give in place of the result
    (KQL); ``mappings`` says what QRadar names stand for that a stock QRadar lacks (AQL); ``given``
    says what a query may count on beside its text (KQL), ``beside`` what a rule may (Sigma).
    """

    catalog: Catalog
    now: int
    output: str | None
    mappings: Mappings | None
    given: Given | None = None
    beside: Beside | None = None


def _kql(source: Source, setting: Setting, findings: Findings) -> Plan:
    from vedette import kql

    given = setting.given or kql.Given()
    return kql.bind(source, setting.catalog, setting.now, findings, setting.output, given)


def _aql(source: Source, setting: Setting, findings: Findings) -> Plan:
    from vedette import aql
    from vedette.aql.properties import Mappings

    return aql.bind(
        source, setting.catalog, setting.now, findings, mappings=setting.mappings or Mappings()
    )


def _sigma(source: Source, setting: Setting, findings: Findings) -> Plan:
    from vedette import sigma

    return sigma.bind(source, findings, setting.beside)


LANGUAGES: dict[str, Callable[[Source, Setting, Findings], Plan]] = {
    "kql": _kql,
    "aql": _aql,
    "sigma": _sigma,
}
