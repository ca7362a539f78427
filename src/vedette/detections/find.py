"""Detections wherever they are: takes paths, gives every detection there and what is wrong.

Packages (folders with a ``detection.yaml``), bare queries (``.kql``, ``.aql``), Sigma rules and
Sentinel's analytics rules (``.yml``, ``.yaml``, ``.json``) and published pages (``.txt``, ``.md``)
are read; folders are searched to their depths, hidden ones and links left out.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from vedette.detections.analytics.read import SUFFIXES as ANALYTICS_SUFFIXES
from vedette.detections.analytics.read import is_analytics, is_analytics_json, read_analytics
from vedette.detections.files import SUFFIXES, read_query_file
from vedette.detections.model import Detection, Loaded, PlacedProblem
from vedette.detections.packages.read import DESCRIPTION, is_package, read_package
from vedette.detections.pages.read import is_page, read_detection
from vedette.detections.rule_book import RuleBook
from vedette.detections.rules import SUFFIXES as RULE_SUFFIXES
from vedette.detections.rules import is_meant_as_rule, is_rule, read_filters, read_rules
from vedette.detections.shipped import shipped_content
from vedette.detections.text import Unreadable, about_file, read_text
from vedette.syntax import Source
from vedette.workspace.collecting import without_collecting

PAGE_SUFFIXES = frozenset({".txt", ".md", ".markdown"})
WEB_PAGE_SUFFIXES = frozenset({".htm", ".html", ".mhtml"})
MOST_FILES = 50_000

# Papers of a repository, which speak of detections and are none.
PAPERS = ("readme", "changelog", "license", "contributing", "notice", "authors")

_READ = (
    f"a folder with {DESCRIPTION}, .kql, .aql, Sigma and Sentinel's analytics rules as .yml or "
    ".yaml, and pages as .txt or .md"
)
_FORMS = frozenset(SUFFIXES) | PAGE_SUFFIXES | RULE_SUFFIXES | ANALYTICS_SUFFIXES


def load(paths: Iterable[str | Path], filters: Iterable[str | Path] = ()) -> Loaded:
    """The detections of *paths* in their order, each file once, and every problem found.

    *filters* are further files of Sigma filters, or folders of them. A path that is absent, a file
    that cannot be read, and a folder in which nothing can be read are errors among the problems;
    nothing is raised. Two detections of one id get numbers.
    """
    loading = _Loading()
    with without_collecting():
        for path in filters:
            loading.take_filters(Path(path))
        for path in paths:
            loading.take(Path(path))
        detections = loading.numbered()
    return Loaded(detections, tuple(loading.problems))


def shipped(filters: Iterable[str | Path] = ()) -> Loaded:
    """The detections that come with Vedette; *filters* are files of Sigma filters for them."""
    return load([shipped_content()], filters)


def _is_analytics(suffix: str, source: Source) -> bool:
    if suffix in ANALYTICS_SUFFIXES:
        return is_analytics_json(source)
    return suffix in RULE_SUFFIXES and is_analytics(source)


@dataclass(slots=True)
class _Loading:
    """What was read so far."""

    detections: list[Detection] = field(default_factory=list)
    problems: list[PlacedProblem] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    book: RuleBook = field(default_factory=RuleBook)

    def take_filters(self, path: Path) -> None:
        """Read a file or folder for the Sigma filters in it."""
        files = [path]
        if path.is_dir():
            files = [p for p in self._walk(path) if p.suffix.lower() in RULE_SUFFIXES]
        known = len(self.book.filters)
        for file in files:
            try:
                source = read_text(file)
            except Unreadable as unreadable:
                self.problems.append(unreadable.problem)
                continue
            is_all, problems = read_filters(source, self.book)
            self.problems += problems
            if is_all:
                self.seen.add(file.resolve())
        if len(self.book.filters) == known:
            message = "holds no Sigma filter that can be read"
            hint = "a filter has the keys logsource and filter"
            self.problems.append(about_file(path, "VD320", message, hint=hint))

    def take(self, path: Path) -> None:
        """Read a path that a user named."""
        if path.is_dir():
            if is_package(path):
                self._package(path)
            else:
                self._folder(path)
        elif path.name == DESCRIPTION:
            self._package(path.parent)
        elif path.exists():
            self._named_file(path)
        else:
            self.problems.append(about_file(path, "VD300", "there is no such file or folder"))

    def _named_file(self, path: Path) -> None:
        suffix = path.suffix.lower()
        if suffix in _FORMS:
            if not self._file(path) and not self._meant_as_rule(path):
                message = "is no page of a detection: it has neither a query nor ATT&CK's facts"
                hint = "save a query on its own as .kql or .aql"
                if suffix in RULE_SUFFIXES:
                    message = "is no Sigma rule and no analytics rule: it has no detection or query"
                    hint = f"read are {_READ}"
                self.problems.append(about_file(path, "VD320", message, hint=hint))
            return
        message = f"files of the form '{suffix or path.name}' are not read as detections"
        hint = f"read are {_READ}"
        if suffix in WEB_PAGE_SUFFIXES:
            message = "web pages are not read"
            hint = "copy the page's text into a .txt file"
        self.problems.append(about_file(path, "VD302", message, kind="unsupported", hint=hint))

    def _meant_as_rule(self, path: Path) -> bool:
        """Whether a file that a user named lacks a part of a Sigma rule; what it lacks is told."""
        if path.suffix.lower() not in RULE_SUFFIXES or not is_meant_as_rule(read_text(path)):
            return False
        found, problems = read_rules(read_text(path), path, self.book)
        self.detections += found
        self.problems += problems
        return bool(found or problems)

    def _folder(self, folder: Path) -> None:
        readable = 0
        others: Counter[str] = Counter()
        for count, path in enumerate(self._walk(folder)):
            if count >= MOST_FILES:
                message = f"holds more than {MOST_FILES:,} files; the rest was not looked at"
                self.problems.append(about_file(folder, "VD301", message, kind="limit"))
                break
            if path.is_dir():
                self._package(path)
                readable += 1
            elif not path.stem.lower().startswith(PAPERS):
                is_read = self._file(path)
                readable += is_read
                others[path.suffix.lower() or path.name] += not is_read
        told = ", ".join(f"{n} {suffix}" for suffix, n in others.most_common(8) if n)
        if not readable:
            message = "nothing in this folder can be read as a detection"
            found = f"it holds {told}" if told else "it is empty"
            hint = f"read are {_READ}"
            problem = about_file(folder, "VD301", message, reason=found, hint=hint)
            self.problems.append(problem)
        elif told:
            message = f"not read as detections: {told}"
            self.problems.append(about_file(folder, "VD302", message, severity="information"))

    def _package(self, folder: Path) -> None:
        if self._is_new(folder):
            detection, problems = read_package(folder)
            self.problems += problems
            self.detections += [detection] if detection else []

    def _file(self, path: Path) -> bool:
        """Whether a file has a form that is read; if so it is read, unless it was before."""
        suffix = path.suffix.lower()
        if suffix not in _FORMS:
            return False
        if path.resolve() in self.seen:
            return True
        try:
            source = read_text(path)
        except Unreadable as unreadable:
            self.problems.append(unreadable.problem)
            return True
        if suffix in PAGE_SUFFIXES and not is_page(source):
            return False
        analytics = _is_analytics(suffix, source)
        if suffix in RULE_SUFFIXES | ANALYTICS_SUFFIXES and not analytics and not is_rule(source):
            return False
        self.seen.add(path.resolve())
        if analytics:
            found_rules, problems = read_analytics(source, path)
            self.detections += found_rules
            self.problems += problems
            return True
        if suffix in RULE_SUFFIXES:
            rules, problems = read_rules(source, path, self.book)
            self.detections += rules
            self.problems += problems
            return True
        if suffix in PAGE_SUFFIXES:
            detection, problems = read_detection(source, path)
            self.problems += problems
            self.detections.append(detection)
            return True
        found = read_query_file(source, path)
        if found is None:
            self.problems.append(about_file(path, "VD315", "holds no query: it is empty"))
        else:
            self.detections.append(found)
        return True

    def _is_new(self, path: Path) -> bool:
        place = path.resolve()
        new = place not in self.seen
        self.seen.add(place)
        return new

    def _walk(self, folder: Path) -> Iterator[Path]:
        """The packages and files below a folder, sorted; what is in a package is the package's."""
        for place, folders, files in os.walk(folder, onerror=self._closed):
            here = Path(place)
            if here != folder and is_package(here):
                folders.clear()
                yield here
                continue
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (here / name for name in sorted(files) if not name.startswith("."))

    def _closed(self, error: OSError) -> None:
        path = Path(str(error.filename))
        reason = error.strerror or str(error)
        self.problems.append(about_file(path, "VD300", f"cannot be read: {reason}"))

    def numbered(self) -> tuple[Detection, ...]:
        """The detections, those whose id is taken already with a number behind it, and told so."""
        taken: dict[str, Detection] = {}
        for detection in self.book.finished(self.detections):
            id, number = detection.id, 1
            while id in taken:
                number += 1
                id = f"{detection.id}-{number}"
            if number > 1:
                message = f"the id '{detection.id}' is taken: this detection is '{id}'"
                reason = f"{taken[detection.id].origin} has it"
                self.problems.append(
                    about_file(
                        detection.origin, "VD303", message, severity="warning", reason=reason
                    )
                )
            taken[id] = replace(detection, id=id)
        self.problems += self.book.problems
        return tuple(taken.values())
