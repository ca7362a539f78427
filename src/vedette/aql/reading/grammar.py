"""AQL's statement: takes a source, gives a syntax tree and every syntax problem of the text.

The text is cut at the words that open a clause; each clause, and each item of a list, is then read
on its own, so that one mistake hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vedette.aql.codes import SYNTAX, TOO_DEEP
from vedette.aql.reading.expressions import MOST_NESTED, ExpressionReader, TooDeep
from vedette.aql.reading.sessions import read_session
from vedette.aql.reading.syntax_tree import (
    Call,
    Expression,
    From,
    Item,
    Last,
    Limit,
    Name,
    OrderKey,
    Parameter,
    Query,
    Star,
    StartStop,
)
from vedette.aql.reading.tokens import LEXER, RESERVED, Names, unquoted, with_differences
from vedette.syntax.pratt import Cursor, ParseFailure
from vedette.syntax.problem import Findings
from vedette.syntax.scan import SKIPPED, Token
from vedette.syntax.source import Source, Span

T = TypeVar("T")

SINGLE = {"select": "SELECT", "from": "FROM", "where": "WHERE", "having": "HAVING"}
PAIRS = {"group": "GROUP BY", "order": "ORDER BY", "session": "SESSION BY"}
ORDER = (
    "SELECT", "FROM", "WHERE", "SESSION BY", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "LAST",
    "START", "STOP", "PARAMETERS",
)  # fmt: skip
FOREIGN = {
    "|": "AQL joins texts by CONCAT(a, b)",
    ".": "AQL has no names of tables before fields; write the field alone",
    "#": "AQL has no comments; leave them out",
    "join": "AQL has no JOIN; use IN (SELECT ...) or reference data",
    "union": "AQL has no UNION; run two searches",
    "offset": "AQL has no OFFSET",
    "over": "AQL has no window functions",
}
INTERVALS = ("second", "minute", "hour", "day", "week")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause's name, the tokens behind it (closed by an end token), and its place."""

    name: str
    tokens: tuple[Token, ...]
    span: Span


def parse(source: Source, findings: Findings, names: Names = frozenset) -> Query | None:
    """The query of a text; None where it has no SELECT. Problems go to *findings*."""
    *tokens, end = with_differences(LEXER.tokens(source.text), names)
    return _Grammar(source, findings).query(tokens, end)


def comments(source: Source) -> Iterator[Token]:
    """The comments of a text."""
    if "--" not in source.text and "/*" not in source.text:
        return iter(())
    return (t for t in LEXER.all_tokens(source.text) if t.kind == "comment")


def parse_expression(
    source: Source, findings: Findings, names: Names = frozenset
) -> Expression | None:
    """The expression that a text is, or None with its problems in *findings*."""
    tokens = with_differences(LEXER.tokens(source.text), names)
    grammar = _Grammar(source, findings)
    return grammar.whole(Cursor(tokens), _expression)


def _expression(reader: ExpressionReader) -> Expression:
    return reader.expression()


def _message(failure: ParseFailure, found: str) -> str:
    token = failure.token
    if token.kind != "error":
        return f"expected {failure.expected}, found {found}"
    opened = {"'": "a string", '"': "a quoted name"}.get(token.text)
    return f"{opened} is not closed" if opened else f"AQL has no {token.text!r}"


class _Grammar:
    def __init__(self, source: Source, findings: Findings, nested: int = 0) -> None:
        self.source = source
        self.findings = findings
        self.nested = nested

    def query(self, tokens: Sequence[Token], end: Token) -> Query | None:
        tokens = self._one_statement(tokens)
        clauses = list(_clauses([*tokens, end]))
        if not tokens or not clauses or clauses[0].span.start != tokens[0].span.start:
            at = tokens[0] if tokens else end
            self._fail(ParseFailure(at, "SELECT"))
            return None
        if clauses[0].name != "SELECT":
            self._fail(ParseFailure(tokens[0], "SELECT"))
        named: dict[str, Clause] = {}
        for clause in clauses:
            if clause.name in named:
                message = f"a second {clause.name}"
                self.findings.add(SYNTAX, "syntax", message, clause.span)
            named.setdefault(clause.name, clause)
        if "FROM" not in named:
            self._fail(
                ParseFailure(named["SELECT"].tokens[-1] if "SELECT" in named else end, "FROM")
            )
        return self._build(named, clauses, end)

    def _build(self, named: dict[str, Clause], clauses: list[Clause], end: Token) -> Query:
        select, group, order = (named.get(n) for n in ("SELECT", "GROUP BY", "ORDER BY"))
        distinct = None
        items: tuple[Item, ...] = ()
        if select is not None:
            cursor = Cursor(select.tokens)
            word = cursor.accept_word("distinct")
            distinct = word.span if word else None
            items = self._listed(cursor, self._item)
        parameters = named.get("PARAMETERS")
        return Query(
            items,
            distinct,
            self._clause(named.get("FROM"), self._from),
            self._clause(named.get("WHERE"), _expression),
            self._listed(Cursor(group.tokens), _expression) if group else (),
            self._clause(named.get("HAVING"), _expression),
            self._listed(Cursor(order.tokens), self._order_key) if order else (),
            self._clause(named.get("LIMIT"), self._limit),
            self._window(named),
            self._listed(Cursor(parameters.tokens), self._parameter) if parameters else (),
            self._clause(named.get("SESSION BY"), read_session),
            tuple((clause.name, clause.span) for clause in clauses),
            Span(clauses[0].span.start, end.span.start),
        )

    def _one_statement(self, tokens: Sequence[Token]) -> Sequence[Token]:
        for index, token in enumerate(tokens):
            if token.kind == "operator" and token.text == ";":
                if index + 1 < len(tokens):
                    self.findings.add(
                        SYNTAX, "syntax", "a text holds one query only", token.span,
                        hint="AQL has no statements beside SELECT; remove what follows ';'",
                    )  # fmt: skip
                return tokens[:index]
        return tokens

    # --- clauses ------------------------------------------------------------------------------

    def _clause(self, clause: Clause | None, read: Callable[[ExpressionReader], T]) -> T | None:
        return self.whole(Cursor(clause.tokens), read) if clause is not None else None

    def _listed(self, cursor: Cursor, read: Callable[[ExpressionReader], T]) -> tuple[T, ...]:
        found = (self.whole(part, read) for part in cursor.split(","))
        return tuple(node for node in found if node is not None)

    def whole(self, cursor: Cursor, read: Callable[[ExpressionReader], T]) -> T | None:
        """What *read* makes of all tokens of a cursor, or None with the problem reported."""
        try:
            node = read(ExpressionReader(cursor, self._subquery))
            if not cursor.at_end:
                raise ParseFailure(cursor.peek(), "the end of the clause, or an operator")
        except ParseFailure as failure:
            self._fail(failure, cursor.tokens[cursor.position :])
            return None
        except TooDeep as deep:
            message = f"expressions nest deeper than {MOST_NESTED}"
            self.findings.add(TOO_DEEP, "limit", message, deep.token.span)
            return None
        return node

    def _subquery(self, tokens: Sequence[Token]) -> Query:
        end = tokens[-1].span.end if tokens else 0
        closing = Token("end", "", Span(end, end))
        if self.nested >= 5:
            raise TooDeep(tokens[0] if tokens else closing)
        query = _Grammar(self.source, self.findings, self.nested + 1).query(tokens, closing)
        if query is None:
            raise ParseFailure(tokens[0] if tokens else closing, "a query")
        return query

    def _item(self, reader: ExpressionReader) -> Item:
        cursor = reader.cursor
        star = cursor.accept("*")
        if star:
            return Item(Star(star.span), "", star.span)
        value = reader.expression()
        token = cursor.peek()
        bare = token.kind == "name" and token.text.lower() not in RESERVED
        if cursor.accept_word("as") or token.kind == "quoted" or bare:
            token = cursor.peek()
            if token.kind not in ("name", "quoted", "string"):
                raise ParseFailure(token, "an alias")
            cursor.next()
            alias = token.text if token.kind == "name" else unquoted(token.text)
            if not alias.strip():
                raise ParseFailure(token, "an alias that is not empty")
            return Item(value, alias, value.span | token.span)
        return Item(value, "", value.span)

    def _order_key(self, reader: ExpressionReader) -> OrderKey:
        cursor = reader.cursor
        value = reader.expression()
        descending, collation, span = False, "", value.span
        while token := cursor.accept_word("asc", "desc", "collate"):
            span |= token.span
            if token.text.lower() == "collate":
                language = cursor.expect_kind("string", "a language tag in single quotes")
                collation = unquoted(language.text)
            else:
                descending = token.text.lower() == "desc"
        return OrderKey(value, descending, collation, span)

    def _parameter(self, reader: ExpressionReader) -> Parameter:
        name = reader.cursor.expect_kind("name", "the name of a parameter")
        reader.cursor.expect("=")
        value = reader.expression()
        return Parameter(name.text, value, name.span | value.span)

    def _from(self, reader: ExpressionReader) -> From:
        cursor = reader.cursor
        token = cursor.peek()
        table: Name | Query | Call
        if cursor.at("("):
            table = reader.query_in_parentheses()
        elif token.kind not in ("name", "quoted") or token.text.lower() in RESERVED:
            raise ParseFailure(token, "a table: events or flows")
        else:
            operand = reader.expression(100)
            if not isinstance(operand, Name | Call):
                raise ParseFailure(token, "a table: events or flows")
            table = operand
        into = None
        if cursor.accept_word("into"):
            named = cursor.peek()
            if named.kind not in ("name", "quoted"):
                raise ParseFailure(named, "a name for the result")
            cursor.next()
            text = named.text if named.kind == "name" else unquoted(named.text)
            into = Name(text, named.kind == "quoted", named.span)
        return From(table, into, token.span | table.span)

    def _limit(self, reader: ExpressionReader) -> Limit:
        token = reader.cursor.expect_kind("number", "how many rows")
        if not token.text.isdecimal() or len(token.text) > 18:
            raise ParseFailure(token, "a whole number of rows")
        return Limit(int(token.text), token.span)

    def _window(self, named: dict[str, Clause]) -> Last | StartStop | None:
        if "LAST" in named:
            last = named["LAST"]
            for name in ("START", "STOP"):
                if name in named:
                    message = f"{name} beside LAST: a query has one time window"
                    self.findings.add(SYNTAX, "syntax", message, named[name].span)
            return self._clause(last, lambda reader: self._last(reader, last))
        if "START" not in named and "STOP" not in named:
            return None
        bounds = [self._clause(named.get(n), _expression) for n in ("START", "STOP")]
        spans = [named[n].span for n in ("START", "STOP") if n in named]
        return StartStop(bounds[0], bounds[1], spans[0] | spans[-1])

    def _last(self, reader: ExpressionReader, clause: Clause) -> Last:
        token = reader.cursor.expect_kind("number", "how many MINUTES, HOURS or DAYS")
        if not token.text.isdecimal() or len(token.text) > 9:
            raise ParseFailure(token, "a whole number below 1,000,000,000")
        unit = reader.cursor.expect_kind("name", "MINUTES, HOURS or DAYS")
        return Last(int(token.text), unit.text.lower(), unit.span, clause.span)

    def _fail(self, failure: ParseFailure, unread: Sequence[Token] = ()) -> None:
        token = failure.token
        found = failure.found
        if token.kind == "end":
            rest = LEXER.all_tokens(self.source.text[token.span.start :])
            following = next((t for t in rest if t.kind not in SKIPPED), None)
            found = f"'{following.text}'" if following else "the end of the query"
        words = [t.text.lower() for t in (token, *unread) if t.kind == "name"]
        words += [token.text] if token.kind in ("operator", "error") else []
        hint = next((FOREIGN[word] for word in words if word in FOREIGN), "")
        if token.kind == "name" and token.text.lower().removesuffix("s") in INTERVALS:
            hint = "AQL has no intervals; reckon in milliseconds: NOW() - 3600000 is an hour ago"
        message = _message(failure, found)
        span = token.span if token.kind != "end" else Span(token.span.start, token.span.start + 1)
        self.findings.add(SYNTAX, "syntax", message, span, hint=hint)


def _clauses(tokens: Sequence[Token]) -> Iterator[Clause]:
    """The clauses of tokens that end with an end token, without what stands before the first."""
    starts = list(_starts(tokens))
    for index, (start, name, width) in enumerate(starts):
        stop = starts[index + 1][0] if index + 1 < len(starts) else len(tokens) - 1
        at = tokens[stop].span.start
        body = (*tokens[start + width : stop], Token("end", "", Span(at, at)))
        yield Clause(name, body, Span(tokens[start].span.start, tokens[stop - 1].span.end))


def _starts(tokens: Sequence[Token]) -> Iterator[tuple[int, str, int]]:
    """Where a clause begins: the index of its word, its name, how many tokens name it."""
    depth = 0
    changes = _depth_changes(tokens)
    for index, token in enumerate(tokens[:-1]):
        depth += changes.get(index, 0)
        if depth > 0 or token.kind != "name":
            continue
        before = tokens[index - 1] if index else None
        word = token.text.lower()
        is_alias = before is not None and before.kind == "name" and before.text.lower() == "as"
        found = None if is_alias and word not in SINGLE else _clause_at(word, tokens[index + 1])
        if found:
            yield index, *found


def _depth_changes(tokens: Sequence[Token]) -> dict[int, int]:
    """How the depth changes at each parenthesis that has its partner; the others count nothing."""
    changes: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "operator" and token.text == "(":
            opened.append(index)
        elif token.kind == "operator" and token.text == ")" and opened:
            changes[opened.pop()] = 1
            changes[index] = -1
    return changes


def _clause_at(word: str, following: Token) -> tuple[str, int] | None:
    behind = following.text.lower() if following.kind in ("name", "operator") else ""
    if word in SINGLE:
        return SINGLE[word], 1
    if word in PAIRS and behind == "by":
        return PAIRS[word], 2
    if word == "limit" or (word == "last" and behind != "("):
        return word.upper(), 1
    is_moment = following.kind in ("string", "number") or behind in ("parsedatetime", "now")
    if word in ("start", "stop") and is_moment:
        return word.upper(), 1
    if word == "parameters" and following.kind == "name":
        return "PARAMETERS", 1
    return None
