"""Text before meaning: sources and spans, problems and how they are shown, lexer, Pratt core."""

from vedette.syntax.problem import (
    Findings,
    Fix,
    Problem,
    QueryError,
    Repair,
    did_you_mean,
    one_line,
    render,
)
from vedette.syntax.source import NOWHERE, Source, Span

__all__ = [
    "NOWHERE",
    "Findings",
    "Fix",
    "Problem",
    "QueryError",
    "Repair",
    "Source",
    "Span",
    "did_you_mean",
    "one_line",
    "render",
]
