"""What a regular expression cannot do without: takes an RE2 pattern, gives texts that stand in
whatever it finds.

It reads the plain parts of a pattern and gives up, saying nothing, at what it does not know: what
it says must be true.
"""

from __future__ import annotations

Options = list[frozenset[str]]
"""Sets of texts: in what the pattern finds stands at least one text of each set."""

_Known = tuple[Options, int]
"""What stands in a match, and how many characters it has at least."""

_PLAIN = frozenset("nrtfva")
_ENDS_RUN = frozenset("dDwWsSbBAzpP")
_MOST = 64
"""How many texts a set may have."""


class _GivenUp(Exception):
    """A construct that is not read."""


def required_texts(pattern: str) -> Options:
    """Sets of texts of which a text that the pattern is found in has one each, if only in other
    case; empty where nothing is known."""
    return _read(pattern)[0]


def least_length(pattern: str) -> int:
    """How many characters a text has at least that the pattern is found in; 0 where nothing is
    known."""
    return _read(pattern)[1]


def _read(pattern: str) -> _Known:
    try:
        reader = _Reader(pattern)
        found = reader.alternatives()
    except (_GivenUp, RecursionError):
        return [], 0
    return found if reader.at_end else ([], 0)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._place = 0
        self._depth = 0

    @property
    def at_end(self) -> bool:
        return self._place >= len(self._text)

    def alternatives(self) -> _Known:
        """What is known of a match of one of the branches up to a closing bracket or the end."""
        self._depth += 1
        if self._depth > 50:
            raise _GivenUp
        branches = [self._branch()]
        while self._take("|"):
            branches.append(self._branch())
        self._depth -= 1
        if len(branches) == 1:
            return branches[0]
        least = min(length for _, length in branches)
        chosen = [max(b, key=lambda texts: min(map(len, texts)), default=None) for b, _ in branches]
        if any(c is None for c in chosen):
            return [], least
        union = frozenset[str]().union(*[c for c in chosen if c is not None])
        return [union] if len(union) <= _MOST else [], least

    def _branch(self) -> _Known:
        found: Options = []
        run, length = "", 0

        def end_run() -> None:
            nonlocal run
            if run:
                found.append(frozenset({run}))
            run = ""

        while not self.at_end and self._text[self._place] not in "|)":
            literal, inside, characters = self._item()
            least = self._quantifier()
            length += characters * (1 if least is None else least)
            if literal is None:
                end_run()
                found += inside if least is None or least > 0 else []
            elif least is None:
                run += literal
            else:
                if least > 0:
                    run += literal
                end_run()
        end_run()
        return found, length

    def _item(self) -> tuple[str | None, Options, int]:
        """One character that stands for itself, or what is known of anything else, and how many
        characters it takes at least."""
        character = self._text[self._place]
        self._place += 1
        if character == "\\":
            is_place = self._text[self._place : self._place + 1] in tuple("bBAz")
            return self._escape(), [], 0 if is_place else 1
        if character == "[":
            self._skip_class()
            return None, [], 1
        if character == "(":
            return None, *self._group()
        if character in ".^$":
            return None, [], 1 if character == "." else 0
        if character in "*+?":
            raise _GivenUp
        if character == "{" and self._text[self._place : self._place + 1].isdigit():
            raise _GivenUp
        return character, [], 1

    def _escape(self) -> str | None:
        character = self._text[self._place : self._place + 1]
        self._place += 1
        if character in _ENDS_RUN and character:
            if character in "pP":
                self._skip_property()
            return None
        if not character or (character.isalnum() and character not in _PLAIN):
            raise _GivenUp  # \Q, \x, \C, octals
        if character in _PLAIN:
            return {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a"}[character]
        return character

    def _skip_property(self) -> None:
        if self._take("{"):
            end = self._text.find("}", self._place)
            if end < 0:
                raise _GivenUp
            self._place = end + 1
        else:
            self._place += 1

    def _skip_class(self) -> None:
        self._take("^")
        first = True
        while first or self._text[self._place : self._place + 1] != "]":
            if self.at_end:
                raise _GivenUp
            if self._text[self._place] == "\\":
                if self._text[self._place + 1 : self._place + 2] in ("Q", "E"):
                    raise _GivenUp
                self._place += 1
            elif self._text.startswith("[:", self._place):
                end = self._text.find(":]", self._place)
                if end < 0:
                    raise _GivenUp
                self._place = end + 1
            self._place += 1
            first = False
        self._place += 1

    def _group(self) -> _Known:
        if self._take("?"):
            end = self._place
            while self._text[end : end + 1].isalpha() or self._text[end : end + 1] == "-":
                end += 1
            flags, close = self._text[self._place : end], self._text[end : end + 1]
            if set(flags) - set("imsU-"):
                if not self._text.startswith("P<", self._place):
                    raise _GivenUp
                end, close = self._text.find(">", self._place), ":"
                if end < 0:
                    raise _GivenUp
            self._place = end + 1
            if close == ")":
                return [], 0
            if close != ":":
                raise _GivenUp
        found = self.alternatives()
        if not self._take(")"):
            raise _GivenUp
        return found

    def _quantifier(self) -> int | None:
        """How often the item before must stand at least; None where nothing is said."""
        character = self._text[self._place : self._place + 1]
        if character and character in "*+?":
            self._place += 1
            self._take("?")
            least = 1 if character == "+" else 0
        elif character == "{" and self._text[self._place + 1 : self._place + 2].isdigit():
            end = self._text.find("}", self._place)
            if end < 0:
                raise _GivenUp
            first = self._text[self._place + 1 : end].split(",")[0]
            self._place = end + 1
            self._take("?")
            least = int(first) if first.isdigit() else 0
        else:
            return None
        if self._text[self._place : self._place + 1] in tuple("*+?"):
            raise _GivenUp
        return least

    def _take(self, character: str) -> bool:
        if self._text[self._place : self._place + 1] == character:
            self._place += 1
            return True
        return False
