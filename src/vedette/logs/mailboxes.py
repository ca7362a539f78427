"""Mailboxes of mail's address headers: takes a header's text, gives names and addresses.

What is written against the rules is read as far as it can be, in time linear in its length. Source:
RFC 5322, sections 3.4 and 4.4; RFC 2047 for encoded words, which hold no separators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_SPECIAL = re.compile(r'["(<\[,;:\\]|=\?')
_CLOSED = {
    '"': re.compile(_QUOTED, re.DOTALL),
    "[": re.compile(r"\[[^\[\]<>@]*\]"),
    "<": re.compile(rf"<(?:\s*{_QUOTED})?[^<>]*>|<[^<>,;]*", re.DOTALL),
    "=?": re.compile(r"=\?[^?\s]{1,200}\?[bBqQ]\?[^?]*\?="),
}
_LINKED = re.compile(r"\[(?:mailto:)?([^\[\]<>@\s]+@[^\[\]<>@\s]+)\]", re.IGNORECASE)
"""An address in square brackets, as programs write it that quote mail."""
_KINDS = {'"': "quoted", "[": "text", "<": "angle", "=?": "encoded"}
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WORDS = re.compile(r"\s+|\S+")
_SEPARATOR = re.compile(r"[,;]\s*(?=\S)")


class Mailbox(NamedTuple):
    """A display name, encoded words as they stand, and an address; either may be empty."""

    name: str
    address: str


class _Token(NamedTuple):
    kind: str
    text: str


@dataclass(slots=True)
class _Entry:
    """What stands between two separators."""

    tokens: list[_Token] = field(default_factory=list)

    def has(self, kind: str) -> bool:
        return any(token.kind == kind for token in self.tokens)

    def settle(self) -> None:
        """Take an address in square brackets for one where no other is in sight, else as text."""
        kind = "text" if self.has("angle") else "angle"
        self.tokens = [
            t if t.kind != "link" else _Token(kind, t.text if kind == "text" else _angled(t.text))
            for t in self.tokens
        ]

    def is_name(self) -> bool:
        """Whether no address can be in it: a comma behind it is then a name's."""
        return not any(
            t.kind == "angle" or (t.kind == "text" and "@" in t.text) for t in self.tokens
        )


def mailboxes(text: str) -> list[Mailbox]:
    """All mailboxes of a header that have an address."""
    return [box for entry in _entries(text) for box in _all_of(entry) if box.address]


def first_mailbox(text: str) -> Mailbox | None:
    """The first mailbox whose address has an @, else the first; of a sender there is but one.

    All that stands before the last angle bracket of an entry is its name, whatever it looks like.
    """
    boxes = [box for entry in _entries(text) if (box := _one_of(entry)) != ("", "")]
    return next((box for box in boxes if "@" in box.address), boxes[0] if boxes else None)


def _entries(text: str) -> Iterator[_Entry]:
    """Entries with what they hold; one that is no address belongs to the name behind its comma."""
    entry, names = _Entry(), list[_Entry]()
    for token in [*_tokens(text), _Token(";", ";")]:
        if token.kind not in (",", ";", ":"):
            entry.tokens.append(token)
            continue
        entry.settle()
        if token.kind == ":":  # what stands before it is a group's name
            entry = _Entry()
        elif entry.has("angle"):
            joined = [t for name in names for t in (*name.tokens, _Token("text", ","))]
            yield _Entry(joined + entry.tokens)
            names = []
        elif entry.is_name() and token.kind == ",":
            names.append(entry)
        else:
            yield from (*names, entry)
            names = []
        if token.kind == ":":
            yield from names
            names = []
        entry = _Entry()


def _tokens(text: str) -> Iterator[_Token]:
    """Quoted strings, comments, encoded words, what angle brackets hold, separators, other text."""
    start = at = 0
    unclosed: set[str] = set()
    while (found := _SPECIAL.search(text, at)) is not None:
        mark, begin, at = found[0], found.start(), found.end()
        kind = mark
        if mark == "\\":
            at += 1
            continue
        if mark not in ",;:":
            end = None if mark in unclosed else _end_of(text, mark, begin)
            if end is None:
                if mark in '"(':
                    unclosed.add(mark)  # none of its kind closes behind it
                continue
            kind, at = _KINDS.get(mark, "comment"), end
            if mark == "[" and "@" in text[begin:end]:
                kind = "link"
        if start < begin:
            yield _Token("text", text[start:begin])
        yield _Token(kind, text[begin:at])
        start = at
    if start < len(text):
        yield _Token("text", text[start:])


def _end_of(text: str, mark: str, begin: int) -> int | None:
    if mark != "(":
        closed = _CLOSED[mark].match(text, begin)
        if closed is None and mark == "[" and not text[:begin].endswith("@"):
            closed = _LINKED.match(text, begin)
        return None if closed is None else closed.end()
    depth = 0
    for found in _IN_COMMENT.finditer(text, begin):
        depth += (found[0] == "(") - (found[0] == ")")
        if depth == 0:
            return found.end()
    return None


def _all_of(entry: _Entry) -> Iterator[Mailbox]:
    """An entry's mailboxes: several where commas between them are missing."""
    if not entry.has("angle"):
        yield _bare(entry.tokens)
        return
    before: list[_Token] = []
    for token in entry.tokens:
        if token.kind == "angle":
            name = _name(before)
            yield from (Mailbox(name, _address(one)) for one in _parted(token.text))
            before = []
        else:
            before.append(token)


def _one_of(entry: _Entry) -> Mailbox:
    """An entry's mailbox where it can hold one only."""
    places = [place for place, token in enumerate(entry.tokens) if token.kind == "angle"]
    if not places:
        return _bare(entry.tokens)
    full = [place for place in places if "@" in entry.tokens[place].text]
    place = (full or places)[-1]
    return Mailbox(_name(entry.tokens[:place]), _address(entry.tokens[place].text))


def _parted(angle: str) -> list[str]:
    """What stands in angle brackets: addresses, where some program put several into one pair."""
    is_several = angle.count("@") > 1 and '"' not in angle and not angle.startswith("<@")
    return _SEPARATOR.split(angle) if is_several else [angle]


def _angled(link: str) -> str:
    found = _LINKED.fullmatch(link)
    return f"<{found[1]}>" if found is not None else link


def _address(angle: str) -> str:
    """The address in angle brackets, without the route that old mail has before it."""
    inside = angle.removeprefix("<").removesuffix(">").strip()
    if inside.startswith("@"):
        inside = inside.partition(":")[2].strip()
    if inside[:7].lower() == "mailto:":
        inside = inside[7:]
    return _without_marks(inside)


def _without_marks(address: str) -> str:
    """Without the single quotes that Outlook writes around addresses."""
    return address[1:-1] if len(address) > 2 and address[0] == address[-1] == "'" else address


def _name(tokens: list[_Token]) -> str:
    return "".join(map(_shown, tokens)).strip()


def _shown(token: _Token) -> str:
    return _ESCAPED.sub(r"\1", token.text[1:-1]) if token.kind == "quoted" else token.text


def _bare(tokens: list[_Token]) -> Mailbox:
    """An address without brackets, the last word with an @; its name is before or in a comment."""
    words: list[list[_Token]] = []
    address_at: int | None = None
    is_open = False
    for kind, text in tokens:
        for piece in _WORDS.findall(text) if kind == "text" else [text]:
            if kind == "comment" or piece.isspace():
                is_open = False
                continue
            if not words or not (is_open or piece[0] == "@" or words[-1][-1].text[-1] == "@"):
                words.append([])
            words[-1].append(_Token(kind, piece))
            is_open = True
            if kind == "text" and "@" in piece:
                address_at = len(words) - 1
    comment = " ".join(text[1:-1].strip() for kind, text in tokens if kind == "comment")
    if address_at is not None:
        name = " ".join(_name(word) for word in words[:address_at]) or comment
        return Mailbox(name, _without_marks("".join(text for _, text in words[address_at])))
    if any(kind == "encoded" for kind, _ in tokens):
        return Mailbox(_name(tokens), "")
    return Mailbox(comment, _name([token for token in tokens if token.kind != "comment"]))
