"""Documents that act on others (``action``): takes a text's documents, gives its rules.

``global`` says something for every rule behind it, until ``reset`` or another ``global``;
``repeat`` is the rule before it once more, with what it says otherwise. So pySigma reads them, and
old files of rules have them; the specification no longer does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vedette.sigma import codes
from vedette.syntax import Findings

if TYPE_CHECKING:
    from vedette.sigma.reading.documents import Document

ACTIONS = ("global", "reset", "repeat")
MOST_DOCUMENTS = 200
"""How many documents a text with actions may have: each is joined with all that others say."""


def acted(documents: Sequence[Document], findings: Findings) -> list[Document]:
    """The documents with what others say for them, without those that only say it."""
    if not any("action" in document.values for document in documents):
        return list(documents)
    if len(documents) > MOST_DOCUMENTS:
        message = f"A text with 'action' has more than {MOST_DOCUMENTS} documents"
        place = documents[MOST_DOCUMENTS].key()
        findings.add(codes.NO_RULE, "limit", message, place, hint="split it into files")
        return []
    acting = _Acting(findings)
    return [made for document in documents if (made := acting.take(document)) is not None]


class _Acting:
    """Reads documents in their order, and keeps what earlier ones say for later ones."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._everywhere: Document | None = None
        self._last: Document | None = None

    def take(self, document: Document) -> Document | None:
        """The rule that a document stands for, or None."""
        match document.values.get("action"):
            case None if "correlation" in document.values or "filter" in document.values:
                return document
            case None:
                if self._everywhere is not None:
                    document = _joined(document, self._everywhere, self._everywhere, document)
                self._last = document
                return document
            case "global":
                self._everywhere = self._last = document
                return None
            case "reset":
                self._everywhere = None
                return None
            case "repeat" if self._last is not None:
                self._last = _joined(self._last, document, document, self._last)
                return replace(self._last, root=document.root)
            case "repeat":
                message = "There is no rule to repeat before this document"
                self._fail("source", message, document, "put it behind a rule")
            case other:
                self._fail("name", f"'{other}' is no action", document, f"{', '.join(ACTIONS)}")
        return None

    def _fail(self, kind: Any, message: str, document: Document, hint: str) -> None:
        place = document.key("action")
        self._findings.add(codes.NO_RULE, kind, message, place, hint=hint)


def _joined(under: Document, over: Document, first: Document, second: Document) -> Document:
    """What *under* says, but what *over* says too as that says it; places in *first*, *second*."""
    values = _updated(under.values, over.values)
    values.pop("action", None)
    roots = (*(first.roots or (first.root,)), *(second.roots or (second.root,)))
    return replace(under, values=values, roots=roots)


def _updated(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        is_both = isinstance(value, dict) and isinstance(below, dict)
        found[key] = _updated(below, value) if is_both else value  # type: ignore[arg-type]
    return found
