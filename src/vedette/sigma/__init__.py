"""Sigma: from the text of a rule, or of a correlation with its rules, to a plan.

Takes rule text; gives a plan over the event tables, or problems with their places. Rules are read
with pySigma, which is loaded when the first rule is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vedette.plan.relations import Plan
    from vedette.sigma.reading.beside import Beside
    from vedette.syntax import Findings, Source

__all__ = ["bind"]


def bind(source: Source, findings: Findings, beside: Beside | None = None) -> Plan:
    """The plan of a rule; what is wrong with it is recorded in *findings*.

    *beside* has values of placeholders and pipelines. Where a problem is an error, the plan given
    is no result.
    """
    from vedette.sigma.binding.rules import bind as bound

    return bound(source, findings, beside)
