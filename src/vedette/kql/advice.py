"""What runs, but not as its author meant: takes a bound text, records advice.

Each code has a heading in ``docs/advice.md``.
"""

from __future__ import annotations

import re

from vedette.kql.binding.scope import Scalar, Scope, Tabular
from vedette.kql.operators.unions import UnionRows
from vedette.kql.reading.syntax_tree import Name, Node, Pipeline, SourceOperator
from vedette.syntax.problem import Findings, Fix
from vedette.syntax.source import Span


def advise(findings: Findings, scope: Scope, result: Node | None) -> None:
    """Record what ``let`` defines and nothing uses."""
    for name, entry in scope.entries():
        if entry.used or (findings.failed and _named_again(findings, name)):
            continue
        if isinstance(entry, Tabular):
            findings.advise(
                "VD101",
                f"The rows of '{name}' are in no result: nothing uses or outputs them",
                entry.name.span,
                reason="a query gives the rows of its last statement only",
                hint=f"union '{name}' into the result, run it on its own, or delete it",
                fix=_united(findings, name, result),
            )
        elif isinstance(entry, Scalar):
            message = f"'{name}' is defined, but nothing uses it"
            fix = Fix(entry.span, "", f"delete the definition of '{name}'")
            findings.advise("VD102", message, entry.name.span, hint="delete it", fix=fix)


def _named_again(findings: Findings, name: str) -> bool:
    """Whether a name may be used where an error kept the text from being bound."""
    return len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", findings.source.text)) > 1


def _united(findings: Findings, name: str, result: Node | None) -> Fix | None:
    """The edit that unions the rows into the result."""
    source = result.source if isinstance(result, Pipeline) else result
    shown = name if name.isidentifier() else f"['{name}']"
    title = f"union '{name}' into the result"
    if isinstance(source, SourceOperator) and isinstance(source.operator, UnionRows):
        return Fix(Span(source.span.end, source.span.end), f", {shown}", title)
    if isinstance(source, Name):
        return Fix(source.span, f"union {findings.source.at(source.span)}, {shown}", title)
    return None
