"""``parse``, ``parse-where`` and ``parse-kv``: further columns from what stands in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Unbound, over
from vedette.kql.binding.fold import plain
from vedette.kql.binding.regular import translation as regular
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.special.patterns import read_as
from vedette.kql.binding.text_tests import carried_over, searched
from vedette.kql.operators.base import Hints, Operator, OperatorReader, read_hints
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.kql.reading.syntax_tree import Node
from vedette.plan.build import apply, every, null, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import Assignment, Filter, Project, Relation
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

_WHOLE = (Type.INT, Type.LONG)
_UNTYPED = (Type.STRING, Type.DYNAMIC)
_MOST_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a pattern: a text, ``*``, or a column of a type."""

    span: Span
    text: str | None = None
    name: str = ""
    type: Type = Type.STRING

    @property
    def is_star(self) -> bool:
        """Whether it is ``*``."""
        return self.text is None and not self.name


@dataclass(frozen=True, slots=True)
class Parse(Operator):
    """``parse kind=… value with 'text' column:type * …``; ``parse-where`` keeps what matched."""

    value: Node
    parts: tuple[Part, ...]
    hints: Hints
    only_matched: bool

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows with the pattern's columns; empty or null where the text does not match."""
        rows = binder.piped(self, rows)
        broken = rows.broken | {p.name for p in self.parts if p.name}
        try:
            return self._bound(binder, rows, scope)
        except Unbound:
            return rows.over(rows.relation, broken)

    def _bound(self, binder: Binder, rows: Rows, scope: Scope) -> Rows:
        kind = self.hints.get("kind", "simple")
        if kind not in ("simple", "regex", "relaxed"):
            place = self.hints.span("kind", self.span)
            raise binder.fail("KS005", "syntax", "Expected one of: simple, regex, relaxed", place)
        _check_order(binder, self.parts)
        context = over(rows, scope)
        subject = _as_text(binder.value(self.value, context))
        if kind == "regex":
            pattern = _regex(binder, self.parts, self.hints)
        else:
            pattern = _simple(binder, self.parts, relaxed=kind == "relaxed")
        columns = Columns(binder)
        for part in self.parts:
            if part.name:
                columns.declare(part.name, part.span)
        subject = searched(subject, pattern)
        relation = context.widened(rows.relation)
        named = [p for p in self.parts if p.name]
        relation, found = _captures(binder, relation, rows, subject, pattern, named)
        if self.only_matched:
            condition = apply("text_matches", Column(found[0]), text(pattern), span=self.value.span)
            relation = Filter(relation, condition)
        made: list[Assignment] = []
        for field, part in zip(found[1:], named, strict=True):
            value = read_as(binder, Column(field), part.type, part.span)
            made.append((binder.fields.new(part.name, part.type), value))
        return rows.over(self._typed(binder, relation, rows, made, kind == "relaxed"))

    def _typed(
        self, binder: Binder, relation: Relation, rows: Rows, made: list[Assignment], relaxed: bool
    ) -> Relation:
        """The columns in their types; unless relaxed, one misfit empties all of them."""
        must = [f for f, _ in made if f.type not in _UNTYPED]
        if relaxed or not must:
            return Project(relation, _replaced(rows, made))
        raw = {f: binder.fields.new(f.name, f.type) for f, _ in made}
        kept = tuple((f, Column(f)) for f in rows.relation.fields)
        relation = Project(relation, (*kept, *((raw[f], v) for f, v in made)))
        fits = every([apply("not", apply("is_null", Column(raw[f]))) for f in must])
        if self.only_matched:
            whole = [(f, Column(raw[f])) for f, _ in made]
            return Project(Filter(relation, fits), _replaced(rows, whole))
        single = len(made) == 1
        values: list[Assignment] = []
        for field, _ in made:
            nothing = text("") if field.type is Type.STRING else null(field.type)
            value: Expression = Column(raw[field])
            if not single:
                value = apply("case", fits, value, nothing)
            values.append((field, value))
        return Project(relation, _replaced(rows, values))


def _as_text(value: Expression) -> Expression:
    if value.type is Type.STRING:
        return plain(value)
    return apply("text_of", value, span=value.span)


def _replaced(rows: Rows, made: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """The rows' columns and the new ones; one of a name that is there takes its place."""
    new = {field.name: (field, value) for field, value in made}
    kept = [new.pop(f.name, (f, Column(f))) for f in rows.relation.fields]
    return (*kept, *new.values())


def _captures(
    binder: Binder, relation: Relation, rows: Rows, subject: Expression, pattern: str,
    named: Sequence[Part],
) -> tuple[Relation, list[Field]]:  # fmt: skip
    """The rows with the text itself and what each column's group holds, as hidden fields."""
    whole = binder.fields.new("parsed", Type.STRING)
    kept = tuple((f, Column(f)) for f in rows.relation.fields)
    relation = Project(relation, (*kept, (whole, subject)))
    groups = len(named)
    found: list[Assignment] = []
    for index, part in enumerate(named):
        numbers = (Literal(index + 1, Type.LONG), Literal(groups, Type.LONG))
        value = apply("text_captured", Column(whole), text(pattern), *numbers, span=part.span)
        found.append((binder.fields.new(part.name, Type.STRING), value))
    here = (*kept, (whole, Column(whole)), *found)
    return Project(relation, here), [whole, *(f for f, _ in found)]


def _check_order(binder: Binder, parts: Sequence[Part]) -> None:
    failure: Unbound | None = None
    for index, part in enumerate(parts):
        before = parts[index - 1] if index else None
        behind = parts[index + 1] if index + 1 < len(parts) else None
        if part.name and before is not None and before.text is None:
            message = "The column name must follow a string literal"
            failure = binder.fail("KS101", "syntax", message, part.span)
        elif part.is_star and before is not None and before.name and before.type is Type.STRING:
            message = "Using * after parsing a string column is ambiguous"
            failure = binder.fail("KS103", "syntax", message, part.span)
        elif part.is_star and behind is not None and behind.text is None:
            message = "A string literal must follow a *"
            failure = binder.fail("KS102", "syntax", message, part.span)
    if failure is not None:
        raise failure
    if sum(1 for p in parts if p.name) > _MOST_COLUMNS:
        raise binder.later(f"a pattern of more than {_MOST_COLUMNS} columns", parts[0].span)


def _simple(binder: Binder, parts: Sequence[Part], relaxed: bool) -> str:
    """The pattern of texts as they stand: a column reaches to where the next text begins."""
    written = [r"(?s)\A"]
    for index, part in enumerate(parts):
        behind = parts[index + 1] if index + 1 < len(parts) else None
        if part.text is not None:
            written.append(regular.quoted(part.text))
        elif part.is_star:
            written.append(".*?" if behind is not None else "")
        elif behind is None or behind.text is not None:
            written.append("(.*?)" if behind is not None else "(.*)")
        elif part.type in _WHOLE:
            written.append("(-?[0-9]*)" if relaxed else "(-?[0-9]+)")
        else:
            reason = f"how far a {part.type} reaches where no text ends it is not documented"
            raise binder.later("'*' behind this column", behind.span, reason)
    if not parts[-1].is_star:
        written.append(r"\z")
    return "".join(written)


def _regex(binder: Binder, parts: Sequence[Part], hints: Hints) -> str:
    """The pattern of expressions: a text is any run, as long as it can be."""
    flags = hints.get("flags")
    if re.fullmatch("[imsU]*", flags) is None:
        reason = "known are i, m, s and U"
        raise binder.later(f"the flags '{flags}'", hints.span("flags", parts[0].span), reason)
    written = [rf"(?{flags})\A" if flags else r"\A"]
    for part in parts:
        if part.text is not None:
            written.append(_translated(binder, part))
        elif part.is_star:
            written.append(".*?")
        elif part.type in (Type.REAL, Type.DECIMAL):
            reason = f"which texts a {part.type} takes between expressions is not documented"
            raise binder.later(f"a column of type {part.type} here", part.span, reason)
        else:
            written.append("(-?[0-9]+)" if part.type in _WHOLE else "(.*)")
    return "".join(written) + r"\z"


def _translated(binder: Binder, part: Part) -> str:
    translated = carried_over(binder, part.text or "", part.span)
    try:
        return f"(?:{regular.without_groups(translated)})"
    except regular.Untranslatable as reason:
        raise binder.later("this regular expression", part.span, str(reason)) from reason


# --- keys and values ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParseKeys(Operator):
    """``parse-kv value as (key:type, …) with (delimiters, or an expression)``."""

    value: Node
    columns: tuple[Declared, ...]
    options: tuple[tuple[Token, str], ...]
    values: tuple[str | bool, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows with a column a key, its first value; empty or null where it has none."""
        rows = binder.piped(self, rows)
        broken = rows.broken | {c.name.text for c in self.columns}
        try:
            return self._bound(binder, rows, scope)
        except Unbound:
            return rows.over(rows.relation, broken)

    def _given(self, name: str) -> list[str]:
        pairs = zip(self.options, self.values, strict=True)
        return [str(value) for (_, option), value in pairs if option == name]

    def _bound(self, binder: Binder, rows: Rows, scope: Scope) -> Rows:
        context = over(rows, scope)
        subject = _as_text(binder.value(self.value, context))
        columns = Columns(binder)
        for column in self.columns:
            columns.declare(column.name.text, column.span)
            if column.type is None:
                raise Unbound
        whole = binder.fields.new("parsed", Type.STRING)
        kept = tuple((f, Column(f)) for f in rows.relation.fields)
        relation: Relation = Project(context.widened(rows.relation), (*kept, (whole, subject)))
        keys = [c.name.text for c in self.columns]
        pattern = self._given("regex")
        if pattern:
            found = self._by_pattern(binder, Column(whole), pattern[0], keys)
        else:
            parts = binder.fields.new("pairs", Type.DYNAMIC)
            pairs = self._by_delimiters(binder, Column(whole), keys)
            relation = Project(relation, (*kept, (parts, pairs)))
            numbers = [Literal(i, Type.LONG) for i in range(len(keys))]
            found = [apply("text_part", Column(parts), n, span=self.span) for n in numbers]
        hidden = [binder.fields.new(key, Type.STRING) for key in keys]
        relation = Project(relation, (*kept, *zip(hidden, found, strict=True)))
        made: list[Assignment] = []
        for field, column in zip(hidden, self.columns, strict=True):
            value = read_as(binder, Column(field), column.type or Type.STRING, column.span)
            made.append((binder.fields.new(column.name.text, value.type), value))
        return rows.over(Project(relation, _replaced(rows, made)))

    def _by_pattern(
        self, binder: Binder, whole: Expression, pattern: str, keys: Sequence[str]
    ) -> list[Expression]:
        place = next(token.span for token, name in self.options if name == "regex")
        translated = carried_over(binder, pattern, place)
        if regular.groups(translated) != 2:
            reason = "the first of its two groups is the key, the second the value"
            message = "The regular expression must have exactly two groups"
            raise binder.fail("KS134", "type", message, place, reason=reason)
        given, whole = text(translated), searched(whole, translated)
        return [apply("text_paired", whole, given, text(key), span=self.span) for key in keys]

    def _by_delimiters(self, binder: Binder, whole: Expression, keys: Sequence[str]) -> Expression:
        pair, kv = self._given("pair_delimiter"), self._given("kv_delimiter")
        if not pair or not kv:
            reason = "which words are keys then is not documented; give both delimiters"
            raise binder.later(
                "parse-kv without pair_delimiter and kv_delimiter", self.span, reason
            )
        quotes, escapes = self._given("quote"), self._given("escape")
        for (token, name), given in zip(self.options, self.values, strict=True):
            value = str(given)
            wrong = (name == "quote" and len(value) not in (1, 2)) or (
                name == "escape" and len(value) != 1
            )
            if wrong or value == "":
                raise binder.later(f"{name} of {len(value)} characters", token.span)
        greedy = self._given("greedy") == ["True"]
        return apply(
            "text_pairs",
            whole,
            _json(keys),
            text(pair[0]),
            text(kv[0]),
            _json(quotes),
            text("".join(escapes)),
            Literal(greedy, Type.BOOL),
            span=self.span,
        )


def _json(texts: Sequence[str]) -> Literal:
    return Literal(json.dumps(list(texts), ensure_ascii=False), Type.DYNAMIC)


# --- reading --------------------------------------------------------------------------------------


def _reader(only_matched: bool) -> OperatorReader:
    """The parts behind ``parse`` or ``parse-where``."""

    def read(grammar: Grammar, keyword: Token) -> Parse:
        hints = read_hints(grammar, "kind", "flags")
        value = grammar.expression()
        grammar.expect("with")
        if grammar.at_end_of_operator():
            raise grammar.missing("a pattern")
        parts: list[Part] = []
        while not grammar.at_end_of_operator():
            parts.append(_part(grammar))
        span = grammar.since(keyword.span.start)
        return Parse(span, value, tuple(parts), hints, only_matched)

    return read


def _part(grammar: Grammar) -> Part:
    token = grammar.cursor.peek()
    if token.kind == "string":
        grammar.cursor.next()
        return Part(token.span, text=grammar.string(token))
    if grammar.cursor.accept("*"):
        return Part(token.span)
    name = grammar.name("a string, a column or *", declared=True)
    type: Type | None = Type.STRING
    if grammar.cursor.accept(":"):
        type = grammar.type_name()
    return Part(grammar.since(token.span.start), name=name.text, type=type or Type.STRING)


read_parse = _reader(only_matched=False)
read_parse_where = _reader(only_matched=True)

_OPTIONS = ("pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex")


def read_parse_kv(grammar: Grammar, keyword: Token) -> ParseKeys:
    """The keys and options behind ``parse-kv``."""
    value = grammar.expression()
    grammar.expect("as")
    grammar.expect("(")
    columns = tuple(grammar.listed(grammar.column))
    grammar.expect(")")
    options: list[tuple[Token, str]] = []
    values: list[str | bool] = []
    if grammar.cursor.accept("with"):
        grammar.expect("(")
        while not grammar.cursor.at(")"):
            token = grammar.cursor.expect_kind("name", "an option")
            if token.text not in _OPTIONS:
                raise grammar.missing("one of: " + ", ".join(_OPTIONS), "KS005")
            grammar.expect("=")
            options.append((token, token.text))
            values.append(_option(grammar, token.text))
            grammar.cursor.accept(",")
        grammar.expect(")")
    span = grammar.since(keyword.span.start)
    return ParseKeys(span, value, columns, tuple(options), tuple(values))


def _option(grammar: Grammar, name: str) -> str | bool:
    token = grammar.cursor.peek()
    if name == "greedy":
        if token.text not in ("true", "false"):
            raise grammar.missing("true or false")
        grammar.cursor.next()
        return token.text == "true"
    if token.kind != "string":
        raise grammar.unreadable(token, "String literal expected", "KS222", "type")
    grammar.cursor.next()
    return grammar.string(token)
