"""Rules ready to be bound: takes a text's documents, gives each rule as it is to be looked for.

A rule is read, the filters that are for it are added, pipelines rewrite it, and placeholders get
their values, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sigma.correlations import SigmaCorrelationRule, SigmaRuleReference

from vedette.sigma import codes
from vedette.sigma.binding.conditions import Unbound
from vedette.sigma.reading.beside import Beside
from vedette.sigma.reading.documents import Document, read_documents
from vedette.sigma.reading.named import names_of
from vedette.sigma.reading.named import reference as reference_of
from vedette.sigma.reading.rules import Rule, read_rule
from vedette.syntax import Findings, Source
from vedette.syntax.problem import did_you_mean

if TYPE_CHECKING:
    from vedette.sigma.reading.filters import Filter

MOST_RULES = 500
"""How many rules one text may ask of."""


class Prepared:
    """The documents of one text: its rules by name, its filters, and what stands beside it."""

    def __init__(self, documents: Sequence[Document], beside: Beside, findings: Findings) -> None:
        """Read the filters among the documents; raises Unbound where one is wrong."""
        self.findings = findings
        self._beside = beside
        self.rules = [d for d in documents if "filter" not in d.values]
        written = [d for d in documents if "filter" in d.values]
        self._filters: list[Filter] = []
        if written:
            from vedette.sigma.reading.filters import read_filter, tell_idle

            self._filters = [f for d in written if (f := read_filter(d, findings)) is not None]
            if len(self._filters) < len(written):
                raise Unbound("a filter")
            tell_idle(self._filters, [d.values for d in self.rules], findings)
        self._named = {n: d for d in reversed(self.rules) for n in names_of(d.values)}
        standing = beside.filters
        if standing is not None and not standing.rules.isdisjoint(self._named):
            self._filters += _standing(standing.text())

    def named(self, name: str) -> Document | None:
        """The rule or correlation of an id or a name, or None."""
        return self._named.get(reference_of(name))

    def hint(self, name: str) -> str:
        """What to do about a name that no document has."""
        near = did_you_mean(name, self._named)
        return near or "put it into the same text or folder, and give it this name or id"

    def rule(self, document: Document) -> Rule:
        """The rule of a document; raises Unbound."""
        read = read_rule(document, self.findings)
        if read is None:
            raise Unbound("the rule has a problem")
        rule = Rule(document, read)
        if self._filters:
            from vedette.sigma.reading.filters import filtered

            rule = filtered(rule, self._filters, self.findings)
            if self.findings.failed:
                raise Unbound("the filters are too long")
        if self._beside.pipelines is not None:
            self.rewrite(document, rule.sigma)
            rule = replace(rule, is_changed=True)
        if self._beside.values:
            self._fill(rule)
        return rule

    def rewrite(self, document: Document, sigma: Any) -> None:
        """Let the pipelines rewrite a rule or correlation; raises Unbound."""
        if self._beside.pipelines is None:
            return
        from vedette.sigma.reading.pipelines import Rewritten

        try:
            self._beside.pipelines.apply(sigma)
        except Rewritten as refused:
            message = f"A pipeline refuses the rule: {refused}"
            place = document.key("title")
            self.findings.add(codes.PIPELINE, "unsupported", message, place)
            raise Unbound(message) from refused

    def rewrite_correlation(
        self, document: Document, sigma: SigmaCorrelationRule, asked: Sequence[str]
    ) -> None:
        """Let the pipelines rewrite a correlation of rules; raises Unbound."""
        if self._beside.pipelines is None:
            return
        for name in asked:  # what pipelines ask of log sources is asked of the rules
            below = self.named(name)
            read = read_rule(below, Findings(self.findings.source)) if below is not None else None
            if read is not None:
                reference = SigmaRuleReference(name)
                reference.rule = read
                sigma.referenced_rules.append(reference)
        self.rewrite(document, sigma)

    def _fill(self, rule: Rule) -> None:
        """Put values in the place of placeholders; raises Unbound."""
        from vedette.sigma.reading.placeholders import MOST_VALUES, TooMany, expanded

        try:
            expanded(rule, self._beside.values)
        except TooMany as error:
            message = f"The placeholders stand for more than {MOST_VALUES:,} values"
            place = rule.document.key("detection")
            self.findings.add(codes.PLACEHOLDER, "limit", message, place)
            raise Unbound(message) from error


@lru_cache(maxsize=4)
def _standing(text: str) -> tuple[Filter, ...]:
    """The filters of a text; raises Unbound where one is wrong."""
    from vedette.sigma.reading.filters import read_filter

    if not text:
        return ()
    findings = Findings(Source(text, "standing filters"))
    read = [read_filter(document, findings) for document in read_documents(findings)]
    if findings.failed:
        raise Unbound("a standing filter")
    return tuple(each for each in read if each is not None)
