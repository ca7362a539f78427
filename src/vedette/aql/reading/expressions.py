"""AQL's expressions: takes a cursor over tokens, gives nodes; ParseFailure where it stops."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from vedette.aql.reading.syntax_tree import (
    Between,
    Binary,
    Call,
    Case,
    Expression,
    In,
    InQuery,
    IsNull,
    Logic,
    Match,
    Name,
    Null,
    Number,
    Query,
    Text,
    TextSearch,
    Truth,
    Unary,
)
from vedette.aql.reading.tokens import RESERVED, unquoted
from vedette.syntax.pratt import Cursor, Infix, ParseFailure, climb
from vedette.syntax.scan import Token

MOST_NESTED = 60
"""How deep parentheses, calls and operators may nest: far above any written query."""

OR, AND, NOT, COMPARE, SIGN = 1, 2, 3, 4, 11
ARITHMETIC = {
    "|": 5, "&": 6, "<<": 7, ">>": 7, "+": 8, "-": 8, "*": 9, "/": 9, "%": 9, "^": 10,
}  # fmt: skip
COMPARISONS = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">="})
MATCHES = ("like", "ilike", "matches", "imatches")
NEGATABLE = (*MATCHES, "in", "between")


class TooDeep(Exception):
    """Expressions nest deeper than MOST_NESTED at this token."""

    def __init__(self, token: Token) -> None:
        """Remember where."""
        super().__init__(token.text)
        self.token = token


class ExpressionReader:
    """Reads expressions from a cursor; *subquery* reads the tokens of a query in parentheses."""

    def __init__(self, cursor: Cursor, subquery: Callable[[Sequence[Token]], Query]) -> None:
        """Start where the cursor stands."""
        self.cursor = cursor
        self._subquery = subquery
        self._depth = 0

    def expression(self, minimum: int = 0) -> Expression:
        """The expression that stands here, of operators that bind at least as *minimum*."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise TooDeep(self.cursor.peek())
        found = climb(self.cursor, self._prefix, self._infix, minimum)
        self._depth -= 1
        return found

    def query_in_parentheses(self) -> Query:
        """The query between the parentheses that stand here."""
        opening = self.cursor.expect("(")
        inner: list[Token] = []
        depth = 1
        while True:
            token = self.cursor.peek()
            if token.kind == "end":
                raise ParseFailure(token, f"')' that closes '(' at offset {opening.span.start}")
            if token.kind == "operator":
                depth += {"(": 1, ")": -1}.get(token.text, 0)
            self.cursor.next()
            if depth == 0:
                break
            inner.append(token)
        self._depth += 10  # a query nests its own clauses and expressions
        if self._depth > MOST_NESTED:
            raise TooDeep(opening)
        return self._subquery(inner)

    # --- operands -----------------------------------------------------------------------------

    def _prefix(self) -> Expression:
        cursor = self.cursor
        token = cursor.peek()
        if token.kind == "string":
            cursor.next()
            return Text(unquoted(token.text), token.span)
        if token.kind == "number":
            cursor.next()
            return Number(_number(token), token.span)
        if token.kind == "quoted":
            cursor.next()
            return Name(unquoted(token.text), True, token.span)
        if token.kind == "name":
            return self._word()
        if cursor.at("("):
            if cursor.peek(1).text.lower() == "select":
                raise ParseFailure(token, "a value: a query may stand only in FROM and behind IN")
            cursor.next()
            inner = self.expression()
            cursor.expect(")", "that closes the parenthesis")
            return inner
        if cursor.at("-", "+"):
            cursor.next()
            operand = self.expression(SIGN)
            minus = token.text == "-"
            return Unary(
                "-" if minus else "+",
                operand,
                self._deeper(token, operand),
                token.span | operand.span,
            )
        raise ParseFailure(token, "a value")

    def _word(self) -> Expression:
        cursor = self.cursor
        token = cursor.next()
        word = token.text.lower()
        if word in ("true", "false"):
            return Truth(word == "true", token.span)
        if word == "null":
            return Null(token.span)
        if word == "not":
            operand = self.expression(NOT)
            return Unary("not", operand, self._deeper(token, operand), token.span | operand.span)
        if word == "case":
            return self._case(token)
        if word == "if":
            return self._if(token)
        if word == "text" and cursor.at_word("search"):
            cursor.next()
            cursor.accept("=")  # as a sample of IBM's has it
            terms = cursor.expect_kind("string", "the terms of TEXT SEARCH in single quotes")
            return TextSearch(unquoted(terms.text), token.span | terms.span)
        if cursor.at("(") and (word not in RESERVED or word == "last"):
            return self._call(token)
        if word in RESERVED:
            raise ParseFailure(token, "a value")
        return Name(token.text, False, token.span)

    def _call(self, name: Token) -> Call:
        cursor = self.cursor
        cursor.next()
        star = distinct = False
        arguments: list[Expression] = []
        if cursor.at("*") and cursor.peek(1).text == ")":
            cursor.next()
            star = True
        elif not cursor.at(")"):
            distinct = cursor.accept_word("distinct") is not None
            arguments.append(self.expression())
            while cursor.accept(","):
                arguments.append(self.expression())
        closing = cursor.expect(")", f"that closes {name.text}(")
        return Call(
            name.text, tuple(arguments), star, distinct, name.span, name.span | closing.span
        )

    def _case(self, start: Token) -> Case:
        cursor = self.cursor
        subject = None if cursor.at_word("when") else self.expression()
        branches: list[tuple[Expression, Expression]] = []
        while cursor.accept_word("when"):
            condition = self.expression()
            self._expect_word("then")
            branches.append((condition, self.expression()))
        if not branches:
            raise ParseFailure(cursor.peek(), "WHEN")
        default = self.expression() if cursor.accept_word("else") else None
        end = self._expect_word("end")
        return Case(subject, tuple(branches), default, start.span | end.span)

    def _if(self, start: Token) -> Case:
        condition = self.expression()
        self._expect_word("then")
        value = self.expression()
        default = self.expression() if self.cursor.accept_word("else") else None
        return Case(None, ((condition, value),), default, start.span | (default or value).span)

    # --- operators ----------------------------------------------------------------------------

    def _infix(self, token: Token) -> Infix[Expression] | None:
        if token.kind == "operator":
            power = ARITHMETIC.get(token.text)
            if power is not None:
                return Infix(power, lambda left, at: self._binary(left, at, power))
            if token.text in COMPARISONS:
                return Infix(COMPARE, lambda left, at: self._binary(left, at, COMPARE))
            return None
        if token.kind != "name":
            return None
        word = token.text.lower()
        if word == "or":
            return Infix(OR, lambda left, at: self._logic(left, "or"))
        if word == "and":
            return Infix(AND, lambda left, at: self._logic(left, "and"))
        if word == "not":
            following = self.cursor.peek(1)
            negated = following.kind == "name" and following.text.lower() in NEGATABLE
            return Infix(COMPARE, self._negated) if negated else None
        if word in NEGATABLE:
            return Infix(COMPARE, lambda left, at: self._predicate(left, at, negated=False))
        if word == "is":
            return Infix(COMPARE, self._is_null)
        return None

    def _binary(self, left: Expression, at: Token, power: int) -> Binary:
        right = self.expression(power if at.text == "^" else power + 1)
        depth = self._deeper(at, left, right)
        return Binary(at.text, left, right, at.span, depth, left.span | right.span)

    def _logic(self, left: Expression, word: str) -> Logic:
        power = OR if word == "or" else AND
        conditions = [left, self.expression(power + 1)]
        while self.cursor.accept_word(word):
            conditions.append(self.expression(power + 1))
        span = left.span | conditions[-1].span
        return Logic("or" if word == "or" else "and", tuple(conditions), span)

    def _negated(self, left: Expression, at: Token) -> Expression:
        return self._predicate(left, self.cursor.next(), negated=True)

    def _predicate(self, left: Expression, at: Token, *, negated: bool) -> Expression:
        word = at.text.lower()
        if word == "between":
            low = self.expression(COMPARE + 1)
            self._expect_word("and", "and the upper bound of BETWEEN")
            high = self.expression(COMPARE + 1)
            return Between(left, low, high, negated, left.span | high.span)
        if word == "in":
            return self._in(left, negated)
        pattern = self.expression(COMPARE + 1)
        return Match(word, left, pattern, negated, at.span, left.span | pattern.span)

    def _in(self, left: Expression, negated: bool) -> Expression:
        cursor = self.cursor
        if not cursor.at("("):
            item = self.expression(COMPARE + 1)
            return In(left, (item,), negated, False, left.span | item.span)
        if cursor.peek(1).kind == "name" and cursor.peek(1).text.lower() == "select":
            query = self.query_in_parentheses()
            return InQuery(left, query, negated, left.span | query.span)
        cursor.next()
        items = [self.expression()]
        while cursor.accept(","):
            items.append(self.expression())
        closing = cursor.expect(")", "that closes the list of IN")
        return In(left, tuple(items), negated, True, left.span | closing.span)

    def _is_null(self, left: Expression, at: Token) -> IsNull:
        negated = self.cursor.accept_word("not") is not None
        end = self._expect_word("null")
        return IsNull(left, negated, left.span | end.span)

    def _expect_word(self, word: str, expected: str = "") -> Token:
        token = self.cursor.accept_word(word)
        if token is None:
            raise ParseFailure(self.cursor.peek(), expected or word.upper())
        return token

    def _deeper(self, at: Token, *operands: Expression) -> int:
        nested = [o.depth for o in operands if isinstance(o, Unary | Binary)]
        depth = 1 + max(nested, default=0)
        if depth > MOST_NESTED:
            raise TooDeep(at)
        return depth


def _number(token: Token) -> int | float:
    text = token.text
    if len(text) > 300:
        raise ParseFailure(token, "a shorter number")
    value: int | float
    if text[:2].lower() == "0x":
        value = int(text, 16)
    else:
        value = int(text) if text.isdecimal() else float(text)
    if isinstance(value, int) and value >= 1 << 63:
        value = float(value) if value < 1 << 1000 else math.inf
    if math.isinf(value):
        raise ParseFailure(token, "a number that fits in 64 bits")
    return value
