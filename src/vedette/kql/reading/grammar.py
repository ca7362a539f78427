"""Reading a whole KQL text: takes a source, gives its statements.

Each statement (up to ``;``) and each operator (up to ``|``) is read on its own: one that cannot be
read is recorded and left as ``Broken``, and reading goes on behind it, so that all mistakes of a
text are found at once.
"""

from __future__ import annotations

from vedette.kql.binding.context import MOST_PROBLEMS, GivenUp
from vedette.kql.operators import OPERATORS, SOURCES
from vedette.kql.operators.base import BrokenOperator, Operator
from vedette.kql.operators.selection import read_choice
from vedette.kql.reading.expressions import ExpressionReader, Unreadable
from vedette.kql.reading.syntax_tree import (
    Broken,
    Column,
    Later,
    Let,
    LetFunction,
    Mapped,
    Name,
    Node,
    Parameter,
    Parameters,
    Pattern,
    Pipeline,
    Query,
    Result,
    Setting,
    SourceOperator,
    Star,
    Statement,
    Wildcard,
)
from vedette.kql.reading.tokens import tokens
from vedette.kql.reading.words import names
from vedette.plan.types import Type, type_named
from vedette.syntax.pratt import CLOSING, ParseFailure
from vedette.syntax.problem import Findings, Kind, did_you_mean
from vedette.syntax.scan import Token
from vedette.syntax.source import Source, Span

LONGEST = 2_000_000
"""Characters that a text may have."""

_LATER_STATEMENTS = {
    "declare": "a declaration of entities",
    "alias": "an alias of a database",
    "restrict": "a restriction of access",
}


def read(source: Source, findings: Findings) -> Query:
    """The statements of a text; what cannot be read is recorded in *findings*.

    Raises GivenUp after many mistakes.
    """
    if len(source.text) > LONGEST:
        message = f"The text is longer than {LONGEST:,} characters"
        findings.add("KS244", "limit", message, Span(0, 0))
        return Query((), Span(0, 0))
    return Grammar(_stream(source, findings), findings).query("end")


def read_function(source: Source, findings: Findings) -> LetFunction | None:
    """The function of a text ``name (parameters) { body }``; None where it cannot be read.

    Raises GivenUp after many mistakes.
    """
    return Grammar(_stream(source, findings), findings).function()


def _stream(source: Source, findings: Findings) -> list[Token]:
    stream = []
    for token in tokens(source.text):
        if token.kind == "directive":
            findings.add(
                "KS250", "unsupported", "Directives of client tools are not read", token.span
            )
        else:
            stream.append(token)
    return stream


def _keyword_hint(token: Token) -> str:
    """What to do where a keyword stands for a name."""
    if token.kind == "name" and not names(token.text):
        return f"'{token.text}' is a keyword; as a name it is written ['{token.text}']"
    return ""


class Grammar(ExpressionReader):
    """Reads statements and pipelines."""

    # --- failures --------------------------------------------------------------------------------

    def report(self, failure: ParseFailure) -> None:
        """Record a failure as a problem."""
        code: str = "KS005"
        kind: Kind = "syntax"
        if isinstance(failure, Unreadable):
            code, kind = failure.code, failure.kind
        message = f"Expected {failure.expected}, found {failure.found}"
        if kind != "syntax":
            message = failure.expected
        span = failure.token.span
        known = (p for p in self.findings.problems if p.kind == "syntax")
        if not any(p.span.start == span.start for p in known):  # one place is named once
            self.add(code, kind, message, span, _keyword_hint(failure.token))

    def add(self, code: str, kind: Kind, message: str, span: Span, hint: str = "") -> None:
        """Record a problem; many of them end the reading."""
        self.findings.add(code, kind, message, span, hint=hint)
        if len(self.findings.problems) >= MOST_PROBLEMS:
            raise GivenUp

    def recover(self, start: int, *stops: str) -> None:
        """Move to the first of *stops* behind *start* that stands outside brackets opened there."""
        tokens = self.cursor.tokens
        position, floor = start, self.cursor.position
        while position < len(tokens) - 1:
            token = tokens[position]
            structural = token.kind == "operator"
            if position >= floor and structural and token.text in stops:
                break
            partner = self.partners.get(position)
            if partner is not None:
                position = partner + 1
            elif structural and token.text in CLOSING and position >= floor:
                break
            else:
                position += 1
        self.cursor.position = min(max(position, floor), len(tokens) - 1)

    # --- statements ------------------------------------------------------------------------------

    def query(self, closing: str) -> Query:
        """Statements up to the *closing* token, which is left standing."""
        start = self.cursor.peek().span.start
        statements: list[Statement] = []
        while not self._closed(closing):
            position = self.cursor.position
            try:
                statements.append(self.statement())
                if not self._closed(closing) and not self.cursor.at(";"):
                    raise self.missing("';' or the end of the query", "KS005")
            except ParseFailure as failure:
                self.report(failure)
                self.recover(position, ";")
            if not self.cursor.accept(";") and not self._closed(closing):
                self.cursor.next()
        return Query(tuple(statements), self.since(start))

    def _closed(self, closing: str) -> bool:
        return self.cursor.at_end or (closing != "end" and self.cursor.at(closing))

    def statement(self) -> Statement:
        """One statement."""
        cursor = self.cursor
        start = cursor.peek().span.start
        word, following = cursor.peek().text, cursor.peek(1)
        is_name = following.kind == "name" or following.text == "["
        if word == "let" and is_name:
            return self._let()
        if word == "set" and is_name:
            cursor.next()
            option = self.name("an option")
            if cursor.accept("="):
                self.expression()
            return Setting(option, self.since(start))
        if word == "declare" and following.text == "query_parameters":
            cursor.next()
            cursor.next()
            self.expect("(")
            parameters = () if cursor.at(")") else tuple(self.listed(self._parameter))
            self.expect(")")
            return Parameters(parameters, self.since(start))
        if word == "declare" and following.text == "pattern":
            return self._pattern()
        if word in _LATER_STATEMENTS and following.kind == "name":
            while not cursor.at_end and not cursor.at(";"):
                partner = self.partners.get(cursor.position)
                cursor.position = partner if partner is not None else cursor.position
                cursor.next()
            return Later(_LATER_STATEMENTS[word], self.since(start))
        if cursor.at("."):
            message = "Management commands are not run, queries are"
            raise Unreadable(cursor.peek(), message, "VD001", "unsupported")
        return Result(self.pipeline(), self.since(start))

    def _let(self) -> Statement:
        start = self.cursor.next().span.start
        name = self.name("the name of what is defined")
        self.expect("=")
        position = self.cursor.position
        if self.cursor.at("view") and self.cursor.peek(1).text == "(":
            position += 1
        opening = self.cursor.tokens[position]
        closing = self.partners.get(position)
        if (
            opening.text == "("
            and closing is not None
            and self.cursor.tokens[closing + 1].text == "{"
        ):
            is_view = self.cursor.position != position
            self.cursor.position = position
            return self._function(name, start, is_view)
        try:
            value = self.pipeline()
        except ParseFailure as failure:
            self.report(failure)
            self.recover(position, ";")
            value = Broken(self.since(start))
        return Let(name, value, self.since(start))

    def function(self) -> LetFunction | None:
        """A saved function, up to the end of the text."""
        try:
            name = self.name("the name of the function")
            function = self._function(name, name.span.start, is_view=False)
            self.cursor.accept(";")
            if not self.cursor.at_end:
                raise self.missing("the end of the function", "KS005")
        except ParseFailure as failure:
            self.report(failure)
            return None
        return function

    def _function(self, name: Name, start: int, is_view: bool) -> LetFunction:
        self.expect("(")
        parameters = () if self.cursor.at(")") else tuple(self.listed(self._parameter))
        self.expect(")")
        self.expect("{")
        body = self.deeper(lambda: self.query("}"))
        self.expect("}")
        return LetFunction(name, parameters, body, self.since(start), is_view)

    def _pattern(self) -> Pattern:
        start = self.cursor.next().span.start
        self.cursor.next()
        name = self.name("the name of the pattern")
        if not self.cursor.accept("="):
            return Pattern(name, (), False, (), self.since(start))
        self.expect("(")
        parameters = list(self.listed(self._parameter))
        self.expect(")")
        has_path = self.cursor.accept("[") is not None
        if has_path:
            parameters.append(self._parameter())
            self.expect("]")
        self.expect("{")
        mappings: list[Mapped] = []
        while not self.cursor.at("}"):
            mappings.append(self._mapped())
            self.expect(";")
        self.expect("}")
        return Pattern(name, tuple(parameters), has_path, tuple(mappings), self.since(start))

    def _mapped(self) -> Mapped:
        start = self.cursor.peek().span.start
        self.expect("(")
        values = list(self.listed(self.expression))
        self.expect(")")
        if self.cursor.accept("."):
            self.expect("[")
            values.append(self.expression())
            self.expect("]")
        self.expect("=")
        self.expect("{")
        body = self.deeper(lambda: self.query("}"))
        self.expect("}")
        return Mapped(tuple(values), body, self.since(start))

    def _parameter(self) -> Parameter:
        name = self.name("the name of a parameter", declared=True)
        self.expect(":")
        if self.cursor.accept("("):
            if self.cursor.accept("*"):
                columns: tuple[Column, ...] = ()
            else:
                columns = tuple(self.listed(self.column))
            self.expect(")")
            return Parameter(name, None, columns, None)
        type = self.type_name()
        default = self.expression() if self.cursor.accept("=") else None
        return Parameter(name, type, None, default)

    def column(self) -> Column:
        """A column's declaration."""
        start = self.cursor.peek().span.start
        name = self.name("the name of a column", declared=True)
        self.expect(":")
        return Column(name, self.type_name(), self.since(start))

    def column_list(self) -> list[Column]:
        """Declarations of columns between commas, one of which may stand behind the last."""
        columns = [self.column()]
        while self.cursor.accept(",") and not self.cursor.at(")"):
            columns.append(self.column())
        return columns

    def type_name(self) -> Type | None:
        """A type; an unknown one is recorded and given as None."""
        token = self.cursor.expect_kind("name", "a type")
        type = type_named(token.text)
        if type is None or type is Type.BINARY:
            message = f"The name '{token.text}' is not a valid type name that can be used here"
            hint = did_you_mean(token.text, [t for t in Type if t is not Type.BINARY])
            self.add("KS160", "syntax", message, token.span, hint)
            return None
        return type

    # --- pipelines -------------------------------------------------------------------------------

    def pipeline(self) -> Node:
        """A source and its operators; the bare expression where no operator follows."""
        start = self.cursor.peek().span.start
        source = self.source()
        operators: list[Operator] = []
        while self.cursor.accept("|"):
            operators.append(self.operator())
        if not operators and not isinstance(source, SourceOperator):
            return source
        return Pipeline(source, tuple(operators), self.since(start))

    def source(self) -> Node:
        """An operator that starts a pipeline, or an expression."""
        token = self.cursor.peek()
        reader = SOURCES.get(token.text) if token.kind == "name" else None
        if reader is not None and self._starts(token):
            position = self.cursor.position
            self.cursor.next()
            try:
                return SourceOperator(
                    self.deeper(lambda: reader(self, token)), self.since(token.span.start)
                )
            except ParseFailure as failure:
                self.report(failure)
                self.recover(position, "|", ";")
                return Broken(self.since(token.span.start))
        return self.expression()

    def _starts(self, token: Token) -> bool:
        following = self.cursor.peek(1)
        if token.text == "range":
            return following.kind == "name" or following.text == "["
        if token.text in ("evaluate", "datatable", "externaldata", "external_data"):
            return following.kind == "name" or following.text == "("
        return following.text not in ("=", "==", ".", "|")

    def operator(self) -> Operator:
        """The operator behind a ``|``; one that cannot be read is recorded and left as broken."""
        token = self.cursor.peek()
        position = self.cursor.position
        try:
            reader = OPERATORS.get(token.text) if token.kind == "name" else None
            if reader is None:
                self._unknown_operator(token)
                self.recover(position, "|", ";")
                return BrokenOperator(self.since(token.span.start), token.text)
            self.cursor.next()
            return self.deeper(lambda: reader(self, token))
        except ParseFailure as failure:
            if isinstance(failure, Unreadable) and failure.kind == "limit":
                raise
            self.report(failure)
            self.recover(position, "|", ";")
            return BrokenOperator(self.since(token.span.start), token.text)

    def operand_table(self) -> Node:
        """The table on the right of a join: a name, a call, or a pipeline in parentheses."""
        token = self.cursor.peek()
        if token.kind == "name" and token.text in SOURCES and self._starts(token):
            return self.source()
        return self.postfixed(self.primary())

    def table_or_pattern(self) -> Node:
        """A table of a union: as for a join, or a pattern of names."""
        following = self.cursor.peek(1)
        beside = following.span.start == self.cursor.peek().span.end
        if self.cursor.at("*") or (following.text == "*" and beside):
            choice = read_choice(self)
            return Wildcard("*", choice.span) if isinstance(choice, Star) else choice
        return self.operand_table()

    def operators_alone(self) -> Node:
        """A pipeline whose rows come from the operator around it."""
        start = self.cursor.peek().span.start
        operators = [self.operator()]
        while self.cursor.accept("|"):
            operators.append(self.operator())
        return Pipeline(Broken(Span(start, start)), tuple(operators), self.since(start))

    def predicate(self) -> Node:
        """A condition of ``search`` and ``find``, where a bare string is one too."""
        if self.cursor.at("*") and self.cursor.peek(1).text in ("|", "", ")"):
            return Star(self.cursor.next().span)
        return self.expression()

    def skip_to_closing(self) -> None:
        """Move to the bracket that closes the one before."""
        closing = self.partners.get(self.cursor.position - 1)
        if closing is None:
            raise self.missing("the closing bracket", "KS005")
        self.cursor.position = closing

    def skip_rest(self) -> None:
        """Move to the end of the operator."""
        while not self.at_end_of_operator():
            partner = self.partners.get(self.cursor.position)
            if partner is not None:
                self.cursor.position = partner
            self.cursor.next()

    def at_end_of_operator(self) -> bool:
        """Whether the operator that is read has nothing more."""
        return self.cursor.at_end or self.cursor.at("|", ";", ")", "}")

    def _unknown_operator(self, token: Token) -> None:
        if token.kind != "name":
            raise self.missing("an operator such as 'where'", "KS176")
        if token.text in SOURCES:
            message = f"'{token.text}' must be the first operator in the query"
            self.add("KS175", "syntax", message, token.span)
            return
        message = f"There is no operator '{token.text}'"
        hint = did_you_mean(token.text, OPERATORS)
        self.add("KS176", "syntax", message, token.span, hint)
