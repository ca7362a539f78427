"""YAML with the place of every node: takes a part of a text, gives its node tree and their spans.

Files are other people's: a document may nest, grow and refer to itself only so far (aliases, which
let a few lines stand for billions of nodes, are refused outright), and no tag builds an object.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from vedette.syntax import Findings, Span

LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 20
MOST_NODES = 10_000

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge", "value")
)


_MOST_OPENED = 1_000
_DEEP = re.compile(r"^[ \-?:\t]{500}", re.MULTILINE)


class YamlPart:
    """The YAML document in one part of a text; every problem goes to *findings*."""

    def __init__(
        self, findings: Findings, part: Span | None = None, most_nodes: int = MOST_NODES
    ) -> None:
        """Take the part to read, by default the whole text, and how many values it may hold."""
        self.findings = findings
        self.most_nodes = most_nodes
        self.part = part or Span(0, len(findings.source.text))

    def root(self) -> yaml.Node | None:
        """The document's node tree, or None where it is empty or was refused."""
        found = self._composed(lambda text: [yaml.compose(text, Loader=LOADER)])
        return found[0] if found else None

    def roots(self) -> list[yaml.Node]:
        """The node trees of all documents that are not empty; none where one was refused."""
        found = self._composed(lambda text: list(yaml.compose_all(text, Loader=LOADER)))
        return [node for node in found if node is not None]

    def _composed(self, compose: Callable[[str], list[yaml.Node | None]]) -> list[yaml.Node | None]:
        text = self.findings.source.at(self.part)
        try:
            if not _is_flat(text):
                return compose(text) if self._is_tame(text) else []
            return self._composed_at_once(text, compose)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = self.place(mark.index if mark else 0)
            context = f" {error.context}" if error.context else ""
            self.findings.add("VD310", "syntax", f"not YAML: {error.problem}{context}", place)
        except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
            message = "not YAML: a control character that YAML forbids"
            index = error.start if isinstance(error, UnicodeEncodeError) else int(error.position)
            self.findings.add("VD310", "syntax", message, self.place(index))
        return []

    def _composed_at_once(
        self, text: str, compose: Callable[[str], list[yaml.Node | None]]
    ) -> list[yaml.Node | None]:
        """The trees of a text whose nodes are looked at once they are there, which is quicker."""
        try:
            found = compose(text)
        except yaml.MarkedYAMLError:
            if self._is_tame(text):  # what is beyond the bounds is told before what is wrong
                raise
            return []
        return found if self._are_tame(found) else []

    def place(self, index: int) -> Span:
        """The span of one character of the part, in the whole text."""
        start = min(self.part.start + index, self.part.end)
        return Span(start, min(start + 1, self.part.end))

    def span(self, node: yaml.Node) -> Span:
        """The span of a node in the whole text, without the white space behind it."""
        start, end = node.start_mark.index, node.end_mark.index
        text = self.findings.source.text
        covered = text[self.part.start + start : self.part.start + end].rstrip()
        return Span(self.part.start + start, self.part.start + start + max(1, len(covered)))

    def _are_tame(self, roots: list[yaml.Node | None]) -> bool:
        """Whether nodes may be used; where not, the events say what is wrong with which place.

        An alias stands for a node that is somewhere else, too: following it is what would grow.
        """
        seen: set[int] = set()
        level = [root for root in roots if root is not None]
        for _ in range(DEEPEST + 1):
            below: list[yaml.Node] = []
            for node in level:
                if id(node) in seen or node.tag not in _PLAIN_TAGS:
                    return self._is_tame(self.findings.source.at(self.part))
                seen.add(id(node))
                if isinstance(node, yaml.MappingNode):
                    for pair in node.value:
                        below += pair
                elif isinstance(node, yaml.SequenceNode):
                    below += node.value
            level = below
            if not level or len(seen) > self.most_nodes:
                break
        if level or len(seen) > self.most_nodes:
            return self._is_tame(self.findings.source.at(self.part))
        return True

    def _is_tame(self, text: str) -> bool:
        """Whether the document may be built: read event by event, so nothing grows before this."""
        depth = nodes = 0
        for event in yaml.parse(text, Loader=LOADER):
            place = self.place(event.start_mark.index if event.start_mark else 0)
            if isinstance(event, yaml.AliasEvent):
                message = f"the alias '*{event.anchor}' is refused: YAML references are not read"
                self._limit(message, place, "write out what it stands for")
                return False
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if isinstance(event, yaml.NodeEvent):
                nodes += 1
                tag = getattr(event, "tag", None)
                if tag is not None and tag not in _PLAIN_TAGS and tag != "!":
                    message = f"the tag '{tag}' is refused"
                    self._limit(message, place, "write the value without a tag")
                    return False
            if depth > DEEPEST:
                message = f"nested deeper than {DEEPEST} levels"
                self._limit(message, place, "a detection needs no more than three")
                return False
            if nodes > self.most_nodes:
                message = f"holds more than {self.most_nodes:,} values"
                self._limit(message, place, "leave out what does not describe the detection")
                return False
        return True

    def _limit(self, message: str, place: Span, hint: str) -> None:
        reason = "a file of someone else's must not be able to use up the memory of its reader"
        self.findings.add("VD311", "limit", message, place, reason=reason, hint=hint)


def _is_flat(text: str) -> bool:
    """Whether a text cannot nest deeper than a reader that calls itself bears.

    Each level takes a bracket, or white space or a mark at the beginning of a line.
    """
    if text.count("[") + text.count("{") > _MOST_OPENED:
        return False
    return _DEEP.search(text) is None
