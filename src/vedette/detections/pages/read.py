"""Published pages: takes the text of one, gives the detection that it describes.

Read are pages in the form of detection catalogues (title, ATT&CK, query, data sources, false
positives, tests, references) and of ATT&CK itself (front matter, then markdown). What a page does
not give is listed in the detection's ``missing``, with the reason.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from vedette.detections.attack import tactic_name
from vedette.detections.model import (
    PLATFORMS,
    Confidence,
    Detection,
    DetectionTest,
    Missing,
    PlacedProblem,
    Query,
    Severity,
)
from vedette.detections.packages.yaml_values import ValueReader
from vedette.detections.pages import facts, lists
from vedette.detections.pages.lines import Line, Section, lines_between, read_page
from vedette.detections.pages.queries import Found, find_query
from vedette.detections.text import slug
from vedette.syntax import NOWHERE, Findings, Source, Span
from vedette.syntax.yaml_nodes import YamlPart
from vedette.tables.catalog import Catalog

_SPOKEN_OF = re.compile(r"\bagainst (\d+)\b|\b(\d+) (?:adversary techniques|tests)\b")
_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE
)

# How a section is called where a page has none of it.
_CALLED = {
    "data_sources": "Data Sources",
    "tables": "Required Tables",
    "false_positives": "False Positives",
    "tests": "Testing Methodology",
    "references": "References",
}


def is_page(source: Source) -> bool:
    """Whether a text is a page that is read: by its front matter, or two of its sections."""
    if "attack-pattern--" in source.text[:2000] or "mitre_attack_url" in source.text[:2000]:
        return _FRONT_MATTER.match(source.text) is not None
    names = {section.name for section in read_page(source).sections}
    return len(names & {"attack", "query", "tests", "tables", "false_positives"}) >= 2


def read_detection(source: Source, path: Path) -> tuple[Detection, list[PlacedProblem]]:
    """The detection that a page describes, and what a reader must know of its query.

    Raises nothing: whatever is not found is listed in the detection's ``missing``.
    """
    reading = _Reading(source, path)
    detection = reading.detection()
    return detection, [PlacedProblem(p, source) for p in reading.findings.ordered()]


class _Reading:
    """One page while it is read: its sections, and what was not found in them."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source = source
        self.path = path
        self.findings = Findings(source)
        self.missing: list[Missing] = []
        self.front = self._front_matter()
        match = _FRONT_MATTER.match(source.text)
        self.page = read_page(source, match.end() if match else 0)
        self.after_queries: list[Line] = []
        self.unread: list[Line] = []

    def lack(self, field: str, reason: str) -> None:
        self.missing.append(Missing(field, reason))

    def detection(self) -> Detection:
        title, name, description = self._lead()
        techniques, tactics, address = self._attack()
        queries = self._queries(title)
        severity, confidence = self._rating()
        platform = queries[0].platform if queries else ""
        tests = self._tests()
        detection = Detection(
            id=slug(*techniques[:1], name, platform),
            title=title,
            origin=self.path,
            form="page",
            description=description,
            techniques=techniques,
            tactics=tactics,
            severity=severity,
            confidence=confidence,
            queries=queries,
            tables=self._tables(),
            data_sources=self._data_sources(),
            false_positives=self._false_positives(),
            tests=tests,
            references=self._references(address),
            notes=self._notes(),
        )
        self.lack("schedule", "pages of this form state none; a query's own time window holds")
        self.lack("entities", "pages of this form name none")
        self.lack("status", "pages of this form state none")
        return replace(detection, missing=tuple(self.missing))

    # --- what heads a page --------------------------------------------------------------------

    def _front_matter(self) -> dict[str, tuple[str, ...]]:
        match = _FRONT_MATTER.match(self.source.text)
        if match is None:
            return {}
        part = YamlPart(self.findings, Span(*match.span("yaml")))
        root, reader = part.root(), ValueReader(part)
        if root is None:
            return {}
        entries = reader.free_entries(root, "front matter")
        read: dict[str, tuple[str, ...]] = {}
        for key, (_, node) in entries.items():
            if key in ("name", "title", "mitre_attack_url"):
                text = reader.text(node)
                read[key] = (text,) if text else ()
            elif key in ("tactics", "platforms"):
                read[key] = reader.texts(node) or ()
        return read

    def _lead(self) -> tuple[str, str, str | None]:
        """The title, the name of what is detected, and the description."""
        lead = self.page.sections[0].lines
        described = self.page.section("description")
        description = lists.paragraphs(described.lines) if described else None
        named = self.front.get("name") or self.front.get("title")
        if named:
            title = name = named[0]
        else:
            found = facts.title_line(lead)
            line, name = found or (None, self.path.stem)
            title = line.bare if line else self.path.stem
            if line is None:
                self.lack(
                    "title", "nothing stands above the first section: the file's name is taken"
                )
            elif description is None:
                below = [one for one in lead if one.start > line.start]
                description = lists.paragraphs(below)
        if description is None:
            self.lack("description", "no text stands between the title and the first section")
        return title, name, description

    def _attack(self) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
        """The techniques, the tactics and the address of the technique's own page."""
        section = self.page.section("attack")
        told = dict(facts.attack_facts(section.lines)) if section else {}
        for address in self.front.get("mitre_attack_url", ()):
            told["address"] = address
        first = self.page.sections[0]
        texts = [told.get(k, "") for k in ("sub_technique", "technique", "address")]
        texts.append(self.source.text[first.start : first.end])
        found = (facts.technique_in(text) for text in texts)
        technique = next((id for id in found if id), None)
        if technique is None:
            self.lack("techniques", "the page names no ATT&CK technique")
        named = self.front.get("tactics") or (told.get("tactic", ""),)
        tactics = tuple(t for t in map(tactic_name, named) if t)
        if not tactics:
            said = ", ".join(n for n in named if n)
            reason = f"ATT&CK has no tactic '{said}'" if said else "the page names no tactic"
            self.lack("tactics", reason)
        return (technique,) if technique else (), tactics, told.get("address")

    # --- queries ------------------------------------------------------------------------------

    def _queries(self, title: str) -> tuple[Query, ...]:
        queries: list[Query] = []
        reasons: list[str] = []
        for section in self.page.all("query"):
            found = self._query(section, title)
            if isinstance(found, str):
                reasons.append(found)
                self.unread += section.lines
            elif any(q.platform == found.platform for q in queries):
                message = f"a second query for {found.platform} is left out"
                hint = "save it in a file of its own"
                self.findings.advise("VD323", message, found.span, hint=hint)
            else:
                queries.append(found)
        if not queries:
            reason = "; ".join(reasons) or "the page has no section with a query"
            self.lack("queries", f"no query found: {reason}")
            first = self.page.section("query")
            place = first.heading.span if first and first.heading else NOWHERE
            self.findings.advise("VD321", f"no query found: {reason}", place)
        return tuple(queries)

    def _query(self, section: Section, title: str) -> Query | str:
        """The query of a section, or why there is none."""
        heading = section.heading
        lead = self.page.sections[0]
        around = [heading.bare if heading else "", *(one.bare for one in section.filled[:2])]
        texts = [*around, title, self.source.text[lead.start : lead.end]]
        where = f"the section on line {self.page.line_of(heading.start if heading else 0)}"
        other = next((o for o in map(facts.other_platform_in, [around[0], title]) if o), None)
        platform = facts.platform_in(texts)
        if other is not None or platform is None:
            said = f"is for {other}" if other else "names no platform"
            return f"{where} {said}; queries are read for {', '.join(PLATFORMS)}"
        language = PLATFORMS[platform]
        found = find_query(self.source, section.lines, section.end, language)
        if found is None:
            return f"{where} holds nothing that reads as {language.upper()}"
        self._tell_broken(found, language)
        rest = lines_between(self.source, found.span.end, section.end)
        self.after_queries += [line for line in rest if not line.bare.startswith(("```", "~~~"))]
        return Query(platform, language, self.source, found.span)

    def _tell_broken(self, found: Found, language: str) -> None:
        if found.broken is None:
            return
        start, end = found.span.start, self.page.line_of(found.span.end)
        place = Span(start + found.broken.span.start, start + found.broken.span.end)
        message = f"the query does not read as {language.upper()}: {found.broken.message}"
        reason = f"it was taken as it is published, to line {end}"
        self.findings.advise("VD322", message, place, reason=reason)

    def _rating(self) -> tuple[Severity | None, Confidence | None]:
        sections = [s for s in self.page.sections if s.name not in ("query", "tests")]
        lines = [line for section in sections for line in section.lines]
        lines += [*self.after_queries, *self.unread]
        ratings = [r for r in map(facts.rating, lines) if r]
        severity = next((r.severity for r in ratings if r.severity), None)
        confidence = next((r.confidence for r in ratings if r.confidence), None)
        if severity is None:
            self.lack("severity", "no line of the page states a severity")
        if confidence is None:
            self.lack("confidence", "no line of the page states a confidence")
        return severity, confidence

    def _notes(self) -> str | None:
        guidance = self.page.section("guidance")
        lines = [line for line in self.after_queries if facts.rating(line) is None]
        lines += guidance.lines if guidance else ()
        notes = lists.paragraphs(lines)
        if notes is None:
            self.lack("notes", "no text stands behind a query")
        elif notes[-1] not in ".!?:;)\"'”’…":
            last = next(line for line in reversed(lines) if line.bare)
            number = self.page.line_of(last.start)
            self.lack("notes", f"the text breaks off in the middle of a sentence, on line {number}")
        return notes

    # --- lists --------------------------------------------------------------------------------

    def _filled(self, name: str) -> Section | None:
        """The section of this name, or None where it is absent or empty, which is told."""
        section = self.page.section(name)
        if section is None:
            self.lack(name, f"the page has no section '{_CALLED[name]}'")
            return None
        if not section.filled:
            number = self.page.line_of(section.heading.start) if section.heading else 1
            heading = section.heading.bare if section.heading else name
            self.lack(name, f"the section '{heading}' on line {number} is empty")
            return None
        return section

    def _tables(self) -> tuple[str, ...]:
        section = self._filled("tables")
        if section is None:
            return ()
        found: list[str] = []
        for text in lists.items(section.lines):
            names = lists.split_tables(text, _is_table)
            if names is None:
                self.lack("tables", f"'{text}' is no row of known tables")
            found += names or ()
        return tuple(dict.fromkeys(found))

    def _data_sources(self) -> tuple[str, ...]:
        section = self._filled("data_sources")
        if section is None:
            return ()
        if any(line.bullet for line in section.filled):
            return lists.items(section.lines)
        rows = (lists.split_glued(line.bare, _is_table) for line in section.filled)
        return tuple(dict.fromkeys(entry for row in rows for entry in row))

    def _false_positives(self) -> tuple[str, ...]:
        section = self._filled("false_positives")
        return lists.items(section.lines) if section else ()

    def _tests(self) -> tuple[DetectionTest, ...]:
        section = self._filled("tests")
        if section is None:
            return ()
        tests = lists.tests(section.lines)
        said = _SPOKEN_OF.search(self.source.text[section.start : section.end])
        spoken_of = int(said[1] or said[2]) if said else len(tests)
        if not tests or spoken_of != len(tests):
            self.lack("tests", f"the page speaks of {spoken_of} tests, and gives {len(tests)}")
        for test in tests:
            if test.expected_signal is None:
                self.lack("tests", f"test {test.number} states no expected signal")
        return tests

    def _references(self, address: str | None) -> tuple[str, ...]:
        section = self._filled("references")
        listed = lists.references(section.lines) if section else ()
        count = section.match["count"] if section and section.match else None
        if count is not None and int(count) != len(listed):
            self.lack("references", f"the page counts {count} references, and gives {len(listed)}")
        return tuple(dict.fromkeys([*([address] if address else []), *listed]))


def _is_table(name: str) -> bool:
    return Catalog().table(name) is not None
