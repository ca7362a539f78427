"""Repairs of a text's form: what published queries write that AQL has otherwise, or not at all."""

from __future__ import annotations

from vedette.aql.codes import NOT_AQL
from vedette.aql.reading.grammar import ORDER, comments
from vedette.aql.reading.syntax_tree import Query
from vedette.syntax.problem import Findings
from vedette.syntax.source import Source, Span


def repair_text(query: Query, source: Source, findings: Findings) -> None:
    """Record the repairs of a text's form, or the errors that they are when strict."""
    _clause_order(query, findings)
    for token in comments(source):
        message = "comments are left out"
        _repair(findings, "comment", message, token.span, "AQL's manual has no comments")
    end = len(source.text.rstrip())
    if source.text[:end].endswith(";"):
        span = Span(end - 1, end)
        message = "the semicolon at the end is left out"
        _repair(findings, "trailing-semicolon", message, span, "AQL has no ';'")


def _clause_order(query: Query, findings: Findings) -> None:
    before = ""
    for name, span in query.clauses:
        if before and ORDER.index(name) < ORDER.index(before):
            message = f"{name} stands behind {before}; it is read as if it stood before it"
            strictly = f"{name} must stand before {before}"
            _repair(findings, "clause-order", message, span, strictly)
        else:
            before = name


def _repair(findings: Findings, name: str, message: str, span: Span, strictly: str) -> None:
    if findings.strict:
        findings.add(NOT_AQL, "syntax", strictly, span)
    else:
        findings.repair(name, message, span)
