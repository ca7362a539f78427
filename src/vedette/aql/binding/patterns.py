"""The patterns of LIKE and MATCHES: matched here against known names, or rewritten for the engine.

LIKE has ``%`` for any run and ``_`` for any one character, and no escape. MATCHES takes a regular
expression of Java's dialect that must take the whole value; ``to_re2`` gives the same one in RE2's
syntax, or raises Untranslatable for what RE2 lacks.
"""

from __future__ import annotations

import re


def like(value: str, pattern: str, ignore_case: bool = False) -> bool:
    """Whether a value is LIKE a pattern, in time proportional to both lengths."""
    if ignore_case:
        value, pattern = value.lower(), pattern.lower()
    at = mark = here = 0
    star = -1
    while here < len(value):
        if at < len(pattern) and pattern[at] == "%":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("_", value[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            at, mark = star + 1, mark + 1
            here = mark
        else:
            return False
    return not pattern[at:].strip("%")


def plain_needle(pattern: str) -> str | None:
    """The text that a regular expression ``.*text.*`` looks for; None for any other expression."""
    bare = re.sub(r"^(\(\?i\))?\^?(\.\*)?|(\.\*)?\$?$", "", pattern)
    return bare if re.fullmatch(r"[\w ]+", bare) else None


def inside_a_value(pattern: str) -> str | None:
    """The expression that finds *pattern*, of words with neither end open or marked, in a value.

    None for an expression that seems meant to take the whole value.
    """
    flags, bare = _FLAGS.match(pattern), _FLAGS.sub("", pattern)
    words = re.search(r"\w{3}", _NO_WORDS.sub(" ", bare)) or plain_needle(pattern)
    if _OPEN_START.match(bare) or _OPEN_END.search(bare) or not words:
        return None
    inner = f"(?:{bare})" if "|" in bare else bare
    return f"{flags[0] if flags else ''}.*{inner}.*"


_FLAGS = re.compile(r"\A(?:\(\?[a-z]+\))+")
_NO_WORDS = re.compile(r"\[[^\]]*\]|\\.|\{[^}]*\}")
_OPEN_START = re.compile(r"\(*(?:\?:)?(?:\^|\\A|\.[*+?]|\[[^\]]*\][*+]|\\[SWDwsd][*+])")
_OPEN_END = re.compile(r"(?:(?<!\\)\$|\\[zZ]|\.[*+]\??|\][*+]|\\[SWDwsd][*+])\)*\Z")


def groups_of(pattern: str) -> int:
    """How many groups a regular expression of Java's dialect captures."""
    bare = re.sub(r"\\Q[\s\S]*?(\\E|$)|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "", pattern)
    return len(re.findall(r"\((?!\?)|\(\?<[A-Za-z]", bare))


class Untranslatable(Exception):
    """A regular expression has what RE2 lacks; ``position`` is where in the expression."""

    def __init__(self, what: str, position: int) -> None:
        """Name it."""
        super().__init__(what)
        self.position = position


_NOTHING_TO_REPEAT = re.compile(r"|[(|]|\(\?[\w:<>-]*[:>)]?|(?:[*+?]|\{[\d,]+\})\??")
_SAME_ESCAPES = frozenset("dDwWbBAztnrfa")
_DOT = r"[^\n\r\x{85}\x{2028}\x{2029}]"
_POSIX = {
    "Lower": "lower", "Upper": "upper", "ASCII": "ascii", "Alpha": "alpha", "Digit": "digit",
    "Alnum": "alnum", "Punct": "punct", "Graph": "graph", "Print": "print", "Blank": "blank",
    "Cntrl": "cntrl", "XDigit": "xdigit", "Space": "space",
}  # fmt: skip


def to_re2(pattern: str, ignore_case: bool = False) -> str:
    """The pattern in RE2's syntax with Java's meaning; raises Untranslatable."""
    return _Translation(pattern, ignore_case).result()


class _Translation:
    def __init__(self, pattern: str, ignore_case: bool) -> None:
        self.pattern = pattern
        self.position = 0
        self.out = ["(?i)"] if ignore_case else []
        self.dot = _DOT

    def result(self) -> str:
        depth = 0
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "\\":
                self._escape(in_class=False)
            elif character == "[":
                self._class()
            elif character == "(":
                depth += self._group()
            elif character == ".":
                self._take(1, self.dot)
            elif character in "*+?" or character == "{":
                self._quantifier()
            else:
                depth -= character == ")"
                if depth < 0:
                    raise Untranslatable("')' without '('", self.position)
                self._take(1, character)
        if depth:
            raise Untranslatable("'(' without ')'", 0)
        return "".join(self.out)

    def _take(self, length: int, text: str) -> None:
        self.position += length
        self.out.append(text)

    def _match(self, expression: str) -> re.Match[str] | None:
        return re.compile(expression).match(self.pattern, self.position)

    def _escape(self, *, in_class: bool) -> None:
        if self.position + 1 >= len(self.pattern):
            raise Untranslatable("a backslash at the end", self.position)
        letter = self.pattern[self.position + 1]
        code = self._match(r"\\x\{([0-9a-fA-F]{1,6})\}|\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})")
        posix = self._match(r"\\([pP])\{(\w+)\}")
        quote = self._match(r"\\Q([\s\S]*?)(\\E|$)")
        if code:
            digits = code[1] or code[2] or code[3]
            self._take(len(code[0]), f"\\x{{{digits}}}")
        elif quote and not in_class:
            self._take(len(quote[0]), re.sub(r"([^\w\s])", r"\\\1", quote[1], flags=re.ASCII))
        elif posix:
            self._property(posix, in_class)
        elif letter == "s" or (letter == "S" and not in_class):
            inside = r"\t-\r "  # RE2's own lacks the vertical tab
            outside = f"[{inside}]" if letter == "s" else f"[^{inside}]"
            self._take(2, inside if in_class else outside)
        elif letter in _SAME_ESCAPES and not (in_class and letter in "bBAz"):
            self._take(2, "\\" + letter)
        elif letter == "e":
            self._take(2, r"\x1b")
        elif letter.isalnum() or letter == "_":
            raise Untranslatable(f"\\{letter}", self.position)
        else:
            self._take(2, ("\\" if letter.isascii() else "") + letter)

    def _property(self, match: re.Match[str], in_class: bool) -> None:
        sign, name = match[1], match[2]
        if name in _POSIX:
            inner = f"[:{'^' if sign == 'P' else ''}{_POSIX[name]}:]"
            self._take(len(match[0]), inner if in_class else f"[{inner}]")
        elif re.fullmatch(r"[LMNPSZC][a-z]?", name):
            self._take(len(match[0]), match[0])
        else:
            raise Untranslatable(match[0], self.position)

    def _class(self) -> None:
        opening = self._match(r"\[\^?")
        if opening is None:
            raise Untranslatable("'['", self.position)
        start = self.position
        self._take(len(opening[0]), opening[0])
        if self.pattern[self.position : self.position + 1] == "]":
            raise Untranslatable("an empty class", start)
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "\\":
                self._escape(in_class=True)
            elif character == "[" or self.pattern.startswith("&&", self.position):
                raise Untranslatable("a class inside a class", self.position)
            else:
                self._take(1, character)
                if character == "]":
                    return
        raise Untranslatable("'[' without ']'", start)

    def _group(self) -> int:
        if self.pattern[self.position + 1 : self.position + 2] != "?":
            self._take(1, "(")
            return 1
        named = self._match(r"\(\?<([A-Za-z]\w*)>")
        flags = self._match(r"\(\?([is]*)(?:-([is]+))?([:)])")
        if named:
            self._take(len(named[0]), f"(?P<{named[1]}>")
            return 1
        if flags is None:
            raise Untranslatable(self.pattern[self.position : self.position + 4], self.position)
        if "s" in flags[1] + (flags[2] or ""):
            if self.position or flags[3] == ":" or flags[2]:
                raise Untranslatable("(?s) behind the beginning", self.position)
            self.dot = r"(?s:.)"
        self._take(len(flags[0]), flags[0])
        return 1 if flags[3] == ":" else 0

    def _quantifier(self) -> None:
        match = self._match(r"(?:[*+?]|\{(\d{1,4})(?:,(\d{0,4}))?\})([?+]?)")
        if match is None:
            raise Untranslatable("'{'", self.position)
        if match[3] == "+":
            raise Untranslatable(f"the possessive {match[0]}", self.position)
        if any(int(bound) > 1000 for bound in (match[1], match[2]) if bound):
            raise Untranslatable(f"{match[0]}, which repeats more than 1,000 times", self.position)
        if _NOTHING_TO_REPEAT.fullmatch(self.out[-1] if self.out else ""):
            raise Untranslatable(f"{match[0]} with nothing before it to repeat", self.position)
        self._take(len(match[0]), match[0])
