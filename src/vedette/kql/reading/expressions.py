"""Reading KQL's expressions: takes tokens, gives nodes.

Powers, from loose to tight: or, and, equality and membership, order, sums, products, string
operators, signs. Equality, order and string operators do not chain (``a == b == c`` is refused, as
Kusto refuses it).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TypeVar

from vedette.kql.reading import dynamic_literals, literals, words
from vedette.kql.reading.syntax_tree import (
    Among,
    Between,
    Binary,
    Broken,
    Call,
    Constant,
    Index,
    Logical,
    Name,
    Named,
    Node,
    Ordered,
    Path,
    Star,
    TypeOf,
    Unary,
)
from vedette.kql.reading.tokens import partners
from vedette.plan.types import Type
from vedette.syntax.pratt import Cursor, Infix, ParseFailure, climb
from vedette.syntax.problem import Findings, Kind
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

DEEPEST = 60
"""How many brackets, calls and pipelines may stand inside each other."""

Part = TypeVar("Part")

_OR, _AND, _EQUALITY, _ORDER, _SUM, _PRODUCT, _TEXT = range(1, 8)
_POWERS = {
    **dict.fromkeys(("==", "!=", "<>"), _EQUALITY),
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDER),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "%"), _PRODUCT),
    **dict.fromkeys(words.TEXT_OPERATORS, _TEXT),
}
_UNCHAINED = (_EQUALITY, _ORDER, _TEXT)


class Unreadable(ParseFailure):
    """A token does not fit; carries the problem's code and kind besides what was expected.

    Where the kind is another than syntax, *expected* is the problem's whole message.
    """

    def __init__(self, token: Token, expected: str, code: str, kind: Kind = "syntax") -> None:
        """Remember the code under which the failure is reported."""
        super().__init__(token, expected)
        self.code = code
        self.kind: Kind = kind


class ExpressionReader:
    """Reads expressions from a token list; what reads pipelines derives from it."""

    def __init__(self, stream: list[Token], findings: Findings) -> None:
        """Start at the first token."""
        self.cursor = Cursor(stream)
        self.partners = partners(stream)
        self.findings = findings
        self.depth = 0

    # --- places and failures ---------------------------------------------------------------------

    @property
    def behind(self) -> int:
        """Where the last token that was read ends."""
        position = self.cursor.position
        return self.cursor.tokens[position - 1].span.end if position else 0

    def since(self, start: int) -> Span:
        """The span from *start* to the end of the last token read."""
        return Span(start, max(start, self.behind))

    def missing(self, expected: str, code: str = "KS006") -> Unreadable:
        """The failure that something is missing at the present token."""
        return Unreadable(self.cursor.peek(), expected, code)

    @staticmethod
    def unreadable(token: Token, message: str, code: str, kind: Kind) -> Unreadable:
        """The failure that a token is right, but not taken; *message* says all."""
        return Unreadable(token, message, code, kind)

    def expect(self, text: str) -> Token:
        """The present token, which must read as *text*."""
        token = self.cursor.accept(text)
        if token is None:
            raise self.missing(f"'{text}'", "KS005")
        return token

    def deeper(self, read: Callable[[], Part]) -> Part:
        """What *read* gives one level further in; fails beyond the deepest level."""
        if self.depth >= DEEPEST:
            message = f"The query is nested deeper than {DEEPEST} levels"
            raise Unreadable(self.cursor.peek(), message, "KS245", "limit")
        self.depth += 1
        try:
            return read()
        finally:
            self.depth -= 1

    # --- names -----------------------------------------------------------------------------------

    def name(self, expected: str = "a name", declared: bool = False) -> Name:
        """A bare or bracketed name; *declared* also takes words that only declarations allow."""
        token = self.cursor.peek()
        if token.kind == "name" and words.names(token.text, declared):
            self.cursor.next()
            return Name(token.text, token.span)
        bracketed = self.bracketed_name()
        if bracketed is None:
            raise self.missing(expected)
        return bracketed

    def bracketed_name(self) -> Name | None:
        """``['name']``, or None where none stands here."""
        cursor = self.cursor
        is_name = cursor.at("[") and cursor.peek(1).kind == "string" and cursor.peek(2).text == "]"
        if not is_name:
            return None
        start = cursor.next().span.start
        text = self.string(cursor.next())
        cursor.next()
        return Name(text, self.since(start))

    def at_assignment(self) -> bool:
        """Whether ``name =`` stands here."""
        cursor = self.cursor
        if cursor.peek().kind == "name":
            return cursor.peek(1).text == "=" and words.names(cursor.peek().text, declared=True)
        bracketed = cursor.at("[") and cursor.peek(1).kind == "string"
        return bracketed and cursor.peek(2).text == "]" and cursor.peek(3).text == "="

    # --- expressions -----------------------------------------------------------------------------

    def named(self) -> Node:
        """An expression, or ``name = expression``, or ``(names) = expression``."""
        start = self.cursor.peek().span.start
        if self.at_assignment():
            name = self.name(declared=True)
            self.cursor.next()
            return Named((name,), self.expression(), self.since(start))
        if self.cursor.at("("):
            closing = self.partners.get(self.cursor.position)
            if closing is not None and self.cursor.tokens[closing + 1].text == "=":
                self.cursor.next()
                names = tuple(self.listed(lambda: self.name(declared=True)))
                self.expect(")")
                self.cursor.next()
                return Named(names, self.expression(), self.since(start))
        return self.expression()

    def listed(self, read: Callable[[], Part]) -> list[Part]:
        """One or more parts between commas."""
        parts = [read()]
        while self.cursor.accept(","):
            parts.append(read())
        return parts

    def expression(self, minimum: int = 0) -> Node:
        """An expression whose operators bind at least as tightly as *minimum*."""
        return climb(self.cursor, self.signed, self._infix, minimum)

    def sum(self) -> Node:
        """An expression of sums and tighter operators: a bound of ``between``."""
        return self.expression(_SUM)

    def ordered(self) -> Ordered:
        """A sort key."""
        start = self.cursor.peek().span.start
        value = self.named()
        order = self.cursor.accept("asc", "desc")
        nulls = ""
        if self.cursor.accept("nulls"):
            place = self.cursor.accept("first", "last")
            if place is None:
                raise self.missing("'first' or 'last'", "KS005")
            nulls = place.text
        return Ordered(value, order.text if order else "", nulls, self.since(start))

    def _infix(self, token: Token) -> Infix[Node] | None:
        text = token.text
        if token.kind not in ("name", "operator"):
            return None
        if text in ("or", "and"):
            return Infix(_OR if text == "or" else _AND, self._logical)
        if text in words.MEMBERSHIP:
            return Infix(_EQUALITY, self._among)
        if text in ("between", "!between"):
            return Infix(_EQUALITY, self._between)
        if text == "matches" and self.cursor.peek(1).text != "regex":
            return None
        power = _POWERS.get(text)
        return None if power is None else Infix(power, self._binary)

    def _logical(self, left: Node, token: Token) -> Node:
        power = _OR if token.text == "or" else _AND
        operands = [left, self.expression(power + 1)]
        while self.cursor.accept(token.text):
            operands.append(self.expression(power + 1))
        return Logical(token.text, tuple(operands), self.since(left.span.start))

    def _binary(self, left: Node, token: Token) -> Node:
        power = _POWERS[token.text]
        operator = token.text
        if operator == "matches":
            self.cursor.next()
            operator = "matches regex"
        right = self.expression(power + 1)
        self._unchained(power)
        sign = Span(token.span.start, token.span.start + len(operator))
        return Binary(operator, left, right, sign, self.since(left.span.start))

    def _unchained(self, power: int) -> None:
        following = self._infix(self.cursor.peek())
        if power in _UNCHAINED and following is not None and following.power == power:
            raise self.missing("the end of the comparison (put it in parentheses)", "KS198")

    def _among(self, left: Node, token: Token) -> Node:
        self.expect("(")
        items = self.deeper(lambda: tuple(self.listed(self.item)))
        self.expect(")")
        self._unchained(_EQUALITY)
        return Among(token.text, left, items, token.span, self.since(left.span.start))

    def _between(self, left: Node, token: Token) -> Node:
        self.expect("(")
        low = self.deeper(self.sum)
        self.expect("..")
        high = self.deeper(self.sum)
        self.expect(")")
        self._unchained(_EQUALITY)
        span = self.since(left.span.start)
        return Between(token.text[0] == "!", left, low, high, token.span, span)

    def item(self) -> Node:
        """A list's item: an expression or a pipeline."""
        return self.pipeline()

    @abstractmethod
    def pipeline(self) -> Node:
        """A source and its operators; the bare expression where no operator follows."""

    def signed(self) -> Node:
        """An operand with the sign before it, if there is one."""
        sign = self.cursor.accept("-", "+")
        if sign is None:
            return self.postfixed(self.primary())
        least = self.cursor.peek()
        if sign.text == "-" and least.kind == "long" and least.text == str(2**63):
            self.cursor.next()
            return Constant(-(2**63), Type.LONG, self.since(sign.span.start))
        operand = self.postfixed(self.primary())
        return Unary(sign.text, operand, self.since(sign.span.start))

    def postfixed(self, base: Node) -> Node:
        """The base with every ``.member`` and ``[index]`` behind it."""
        start = base.span.start
        while True:
            if self.cursor.accept("."):
                base = self._member(base)
            elif self.cursor.accept("["):
                index = self.deeper(self.expression)
                self.expect("]")
                base = Index(base, index, self.since(start))
            else:
                return base

    def _member(self, base: Node) -> Path | Index:
        """The base with what stands behind its dot: a name, a call, or an index in brackets."""
        start = base.span.start
        name = self.bracketed_name()
        if name is None and self.cursor.accept("["):
            index = self.deeper(self.expression)
            self.expect("]")
            return Index(base, index, self.since(start))
        name = name or self.name("the name of a property")
        member = self.call(name) if self.cursor.at("(") else name
        return Path(base, member, self.since(start))

    def primary(self) -> Node:
        """A literal, a name, a call or something in parentheses."""
        token = self.cursor.peek()
        if token.kind in _LITERALS:
            return self._constant(token)
        if token.kind == "name":
            return self._word(token)
        if token.kind == "broken":
            raise Unreadable(token, "the end of the string", "KS001")
        if token.text == "(" and token.kind == "operator":
            self.cursor.next()
            inside = self.deeper(self.pipeline)
            self.expect(")")
            return inside
        if token.text == "*" and token.kind == "operator":
            following = self.cursor.peek(1)
            if following.text in words.STAR_OPERATORS:
                self.cursor.next()
                return Star(token.span)
        if token.text == "{" and self.cursor.peek(2).text == "}":
            message = "A name in braces is for a client to replace before it sends the query"
            raise Unreadable(token, message, "KS213", "unsupported")
        bracketed = self.bracketed_name()
        if bracketed is None:
            raise self.missing("an expression")
        return self.call(bracketed) if self.cursor.at("(") else bracketed

    def _constant(self, token: Token) -> Node:
        """A literal; a malformed one is recorded and left as broken."""
        self.cursor.next()
        try:
            return _LITERALS[token.kind](self, token)
        except literals.Malformed as reason:
            message = f"The literal {token.text[:60]} is malformed: {reason}"
            self.findings.add("KS004", "type", message, token.span)
            return Broken(token.span)

    def _word(self, token: Token) -> Node:
        following = self.cursor.peek(1)
        called = following.kind == "operator" and following.text == "("
        if token.text == "dynamic" and called:
            self.cursor.next()
            return dynamic_literals.read(self, token)
        if token.text == "typeof" and called:
            self.cursor.next()
            return self.type_of(token)
        if token.text in words.TRUTH:
            self.cursor.next()
            return Constant(words.TRUTH[token.text], Type.BOOL, token.span)
        if called and token.text in ("toscalar", "totable", "materialize"):
            self.cursor.next()
            return self.call(Name(token.text, token.span))
        if token.text in ("toscalar", "totable") and following.text == "kind":
            for _ in range(4):
                self.cursor.next()
            return self.call(Name(token.text, token.span))
        name = self.name("an expression")
        return self.call(name) if self.cursor.at("(") else name

    def call(self, name: Name) -> Call:
        """The call of *name*; its opening parenthesis stands here."""
        self.expect("(")
        arguments: tuple[Node, ...] = ()
        if not self.cursor.at(")"):
            arguments = self.deeper(lambda: tuple(self.listed(self.argument)))
        self.expect(")")
        return Call(name, arguments, self.since(name.span.start))

    def argument(self) -> Node:
        """A call's argument: a star, a pipeline or an expression, with or without a name."""
        token = self.cursor.peek()
        if token.text == "*" and token.kind == "operator":
            following = self.cursor.peek(1)
            if following.text in (",", ")"):
                self.cursor.next()
                return Star(token.span)
        return self.named() if self.at_assignment() else self.pipeline()

    def type_of(self, token: Token) -> TypeOf:
        """``typeof(…)``; its opening parenthesis stands here."""
        self.expect("(")
        start = self.cursor.position
        end = self.partners.get(start - 1)
        if end is None or end == start:
            raise self.missing("a type")
        while self.cursor.position < end:
            self.cursor.next()
        self.expect(")")
        types = tuple(t.text for t in self.cursor.tokens[start:end])
        return TypeOf(types, self.since(token.span.start))

    # --- literals --------------------------------------------------------------------------------

    def string(self, token: Token) -> str:
        """The value of a string token."""
        return self.literal(token, lambda: literals.string_value(token.text))

    def literal(self, token: Token, read: Callable[[], Part]) -> Part:
        """What *read* makes of a literal's token; a malformed one fails with its reason."""
        try:
            return read()
        except literals.Malformed as reason:
            message = f"The literal {token.text[:60]} is malformed: {reason}"
            raise Unreadable(token, message, "KS004", "type") from reason

    def adjacent_strings(self) -> str:
        """The value of one or more string tokens that stand side by side."""
        parts = []
        while self.cursor.peek().kind == "string":
            parts.append(self.string(self.cursor.next()))
        return "".join(parts)

    def _string_constant(self, token: Token) -> Constant:
        text = literals.string_value(token.text) + self.adjacent_strings()
        return Constant(text, Type.STRING, self.since(token.span.start))

    def _long_constant(self, token: Token) -> Constant:
        return Constant(literals.long_value(token.text), Type.LONG, token.span)

    def _real_constant(self, token: Token) -> Constant:
        return Constant(literals.real_value(token.text), Type.REAL, token.span)

    def _timespan_constant(self, token: Token) -> Constant:
        return Constant(literals.timespan_value(token.text), Type.TIMESPAN, token.span)

    def _typed_constant(self, token: Token) -> Constant:
        value, type = literals.typed_literal(token.text)
        return Constant(value, type, token.span)

    def _guid(self, token: Token) -> Constant:
        raise Unreadable(token, "guid(…) around a guid", "KS214")


_LITERALS: dict[str, Callable[[ExpressionReader, Token], Constant]] = {
    "string": ExpressionReader._string_constant,
    "long": ExpressionReader._long_constant,
    "real": ExpressionReader._real_constant,
    "timespan": ExpressionReader._timespan_constant,
    "literal": ExpressionReader._typed_constant,
    "guid": ExpressionReader._guid,
}
