"""Bare query files: takes one ``.kql`` or ``.aql`` file, gives a detection with that one query.

The title is the first comment above the query, or the file's name. A line ``// technique: T1591``
or any ATT&CK id in that comment says the technique.
"""

from __future__ import annotations

import re
from pathlib import Path

from vedette.detections.model import Detection, Language, Missing, Query
from vedette.detections.pages.facts import technique_in
from vedette.detections.text import slug
from vedette.syntax import Source, Span

SUFFIXES: dict[str, Language] = {".kql": "kql", ".aql": "aql"}

# The platform that a bare query is for: Defender's tables are in Sentinel too.
_PLATFORMS: dict[Language, str] = {"kql": "sentinel", "aql": "qradar"}
_MARKS: dict[Language, str] = {"kql": "//", "aql": "--"}
_FIELDS = (
    "description", "techniques", "tactics", "severity", "confidence", "status", "tables",
    "schedule", "entities", "false_positives", "tests", "references",
)  # fmt: skip


def read_query_file(source: Source, path: Path) -> Detection | None:
    """The detection of a query file, or None where the file holds nothing but white space.

    A table, a severity and all else that a bare query does not say are listed as missing.
    """
    if not source.text.strip():
        return None
    language = SUFFIXES[path.suffix.lower()]
    comment = _leading_comment(source.text, _MARKS[language])
    title = comment[0] if comment else re.sub(r"[_\s-]+", " ", path.stem).strip() or path.stem
    technique = technique_in(" ".join(comment)) or technique_in(path.stem)
    absent = "a file that holds only a query does not say"
    fields = [f for f in _FIELDS if f != "techniques" or technique is None]
    return Detection(
        id=slug(path.stem),
        title=title,
        origin=path,
        form="query",
        techniques=(technique,) if technique else (),
        queries=(Query(_PLATFORMS[language], language, source, Span(0, len(source.text))),),
        missing=tuple(Missing(name, absent) for name in fields),
    )


def _leading_comment(text: str, mark: str) -> list[str]:
    """The words of the comment lines above the query, empty ones and rules of dashes left out."""
    found: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        if bare and not bare.startswith(mark):
            break
        words = bare.removeprefix(mark).strip(" /-=*#\t")
        if words:
            found.append(words)
    return found
