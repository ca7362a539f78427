"""What Sigma's rules count on elsewhere: takes the rules of all files, gives each its whole text.

A correlation's text has the rules it asks behind its own, from whatever file; a rule's has the
filters that are for it. Rules that only correlations ask are no detections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from vedette.detections.model import Detection, Piece, PlacedProblem, Query
from vedette.sigma.reading.documents import Document, read_documents
from vedette.sigma.reading.named import (
    applies,
    asked_by,
    generates,
    log_source_of,
    names_of,
)
from vedette.syntax import Findings, Problem, Source, Span
from vedette.syntax.problem import Severity

ONLY_ASKED = "VD304"
AMBIGUOUS = "VD305"
MOST_ASKED = 500
_KEPT = ("id", "name", "title", "logsource", "correlation")
_BREAK = "\n---\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, a correlation or a filter: where it stands, what it says of others, its text."""

    source: Source
    span: Span
    pieces: tuple[Piece, ...]
    values: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Its title, or what else it may be called."""
        said = (self.values.get(key) for key in ("title", "name", "id"))
        return next((str(each) for each in said if each), self.source.name)

    @property
    def text(self) -> tuple[Piece, ...]:
        """Its own text, in pieces."""
        return self.pieces or (Piece(self.source.at(self.span), self.source, self.span.start),)


@dataclass(slots=True)
class RuleBook:
    """The rules, correlations and filters of all files read so far."""

    problems: list[PlacedProblem] = field(default_factory=list)
    _entries: dict[tuple[int, int], Entry] = field(default_factory=dict)
    _named: dict[str, list[Entry]] = field(default_factory=dict)
    _filters: list[Entry] = field(default_factory=list)
    _correlations: list[Entry] = field(default_factory=list)
    # Filters by what they ask of a log source, for thousands of rules may ask which are theirs.
    _by_source: dict[frozenset[tuple[str, str]], list[Entry]] = field(default_factory=dict)

    @property
    def filters(self) -> tuple[str, ...]:
        """The titles of the filters."""
        return tuple(entry.title for entry in self._filters)

    def learn(self, source: Source, document: Document, *, is_alone: bool) -> Entry | None:
        """Note what a document says; gives it unless it is a filter, which is no detection.

        One that *is_alone* in its file has the whole file as its text.
        """
        values = document.values
        span = Span(0, len(source.text)) if is_alone else document.span(document.root)
        pieces = _acted(source, document, span)
        if "filter" in values:
            self._learn_filter(source, document, Entry(source, span, pieces, values))
            return None
        entry = Entry(source, span, pieces, {k: values[k] for k in _KEPT if k in values})
        self._entries[(id(source), span.start)] = entry
        for name in names_of(values):
            self._named.setdefault(name, []).append(entry)
        if "correlation" in values:
            self._correlations.append(entry)
        return entry

    def _learn_filter(self, source: Source, document: Document, entry: Entry) -> None:
        from vedette.sigma.reading.filters import read_filter

        if any(f.source.name == source.name and f.span == entry.span for f in self._filters):
            return
        findings = Findings(source)
        read = read_filter(document, findings)
        self.problems += [PlacedProblem(p, source) for p in findings.ordered()]
        if read is not None:
            self._filters.append(entry)
            wanted = frozenset(log_source_of(entry.values).items())
            self._by_source.setdefault(wanted, []).append(entry)

    def finished(self, detections: Iterable[Detection]) -> Iterator[Detection]:
        """The detections with their whole texts, without rules that only correlations ask."""
        asked, only = self._asked()
        for detection in detections:
            entry = self._entry(detection)
            if entry is None:
                yield self._filtered(detection)
            elif id(entry) not in only:
                yield self._whole(detection, entry)
        for correlation, entries in asked:
            self._tell(correlation, [e for e in entries if id(e) in only])

    def _entry(self, detection: Detection) -> Entry | None:
        if detection.form != "rule" or not detection.queries:
            return None
        query = detection.queries[0]
        return self._entries.get((id(query.page), query.span.start))

    def _asked(self) -> tuple[list[tuple[Entry, list[Entry]]], set[int]]:
        """The rules that each correlation asks, and those of all that are no detections."""
        only: set[int] = set()
        asked: list[tuple[Entry, list[Entry]]] = []
        kept: set[int] = set()
        for correlation in self._correlations:
            below = [e for e in self._found(correlation, tell=True) if e is not correlation]
            asked.append((correlation, below))
            (kept if generates(correlation.values) else only).update(map(id, below))
        return asked, only - kept

    def _found(self, entry: Entry, *, tell: bool = False) -> Iterator[Entry]:
        """The rules that a correlation asks: those of its own file before others of the name."""
        for name in asked_by(entry.values):
            known = self._named.get(name, [])
            near = [e for e in known if e.source is entry.source] or known
            if tell and len(near) > 1:
                message = f"{len(near)} rules are called '{name}': '{near[0].title}' is asked"
                reason = ", ".join(f"{e.source.name}" for e in near[:3])
                self._say(entry, AMBIGUOUS, message, "warning", reason=reason)
            yield from near[:1]

    def _say(
        self, entry: Entry, code: str, message: str, severity: Severity, *, reason: str = "",
        hint: str = "",
    ) -> None:  # fmt: skip
        """Tell something about a rule, at its beginning."""
        line, column = entry.source.position(entry.span.start)
        span = Span(entry.span.start, entry.span.start)
        problem = Problem(code, "advice", severity, message, span, line, column, reason, hint)
        self.problems.append(PlacedProblem(problem, entry.source))

    def _tell(self, correlation: Entry, entries: list[Entry]) -> None:
        names = ", ".join(f"'{e.title}'" for e in entries[:5])
        more = f" and {len(entries) - 5} more" if len(entries) > 5 else ""
        if names:
            message = f"no detections, for only '{correlation.title}' asks them: {names}{more}"
            hint = "'generate: true' in the correlation makes them detections, too"
            self._say(correlation, ONLY_ASKED, message, "information", hint=hint)

    def _filtered(self, detection: Detection) -> Detection:
        """A detection of another form, whose rules have the filters that are for them, too."""
        if not self._filters or all(q.language != "sigma" for q in detection.queries):
            return detection
        return replace(detection, queries=tuple(map(self._with_filters, detection.queries)))

    def _with_filters(self, query: Query) -> Query:
        if query.language != "sigma":
            return query
        documents = read_documents(Findings(Source(query.text, query.page.name)), "detection")
        entries = [Entry(query.page, query.span, (), d.values) for d in documents]
        filters = list({id(f): f for e in entries for f in self._filters_of(e)}.values())
        if not filters:
            return query
        pieces = list(query.pieces or (Piece(query.text, query.page, query.span.start),))
        for one in filters:
            pieces += [Piece(_BREAK, one.source, one.span.start), *one.text]
        return replace(query, pieces=tuple(pieces), filters=tuple(f.title for f in filters))

    def _whole(self, detection: Detection, entry: Entry) -> Detection:
        """The detection with the text of everything that its rule counts on."""
        entries = self._below(entry)
        filters = list({id(f): f for e in entries for f in self._filters_of(e)}.values())
        if len(entries) == 1 and not filters:
            return detection
        pieces = list(entry.text)
        for other in (*entries[1:], *filters):
            pieces += [Piece(_BREAK, other.source, other.span.start), *other.text]
        titles = tuple(f.title for f in filters)
        query = replace(detection.queries[0], pieces=tuple(pieces), filters=titles)
        return replace(detection, queries=(query,))

    def _below(self, entry: Entry) -> list[Entry]:
        """A rule and all that it asks, whoever asks it, each once."""
        found = [entry]
        seen = {id(entry)}
        for each in found:
            for below in self._found(each):
                if id(below) not in seen and len(found) < MOST_ASKED:
                    seen.add(id(below))
                    found.append(below)
        return found

    def _filters_of(self, entry: Entry) -> Iterator[Entry]:
        if "correlation" in entry.values or not self._filters:
            return
        given = log_source_of(entry.values).items()
        for wanted, filters in self._by_source.items():
            if wanted <= given:
                yield from (f for f in filters if applies(f.values, entry.values))


def _acted(source: Source, document: Document, span: Span) -> tuple[Piece, ...]:
    """The text of a rule that others say something for, in pieces; none where none does."""
    if not document.roots:
        return ()
    own = Piece(source.at(span), source, span.start)
    first = document.roots[0]
    if first is document.root:  # a repetition: what it says is joined with the rule before it
        written = yaml.safe_dump(dict(document.values), sort_keys=False, allow_unicode=True)
        return (Piece(written, Source(written, source.name), 0),)
    above = document.span(first)
    pieces = Piece(source.at(above), source, above.start), Piece(_BREAK, source, above.end)
    return (*pieces, own)
