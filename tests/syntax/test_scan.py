"""The lexer loses no character, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.syntax import Span
from vedette.syntax.scan import SKIPPED, Lexer, Token

LEXER = Lexer(
    (
        ("space", r"\s+"),
        ("comment", r"//[^\n]*"),
        ("string", r"'(?:[^'\\\n]|\\.)*'"),
        ("number", r"\d+(?:\.\d+)?"),
        ("name", r"[A-Za-z_]\w*"),
        ("operator", r"==|=~|[-+*/=<>|(),]"),
        ("empty", r"x*"),
    )
)
TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("ab_12 .\n\t'\\/=~<>|(),#$\0"), st.characters()), max_size=60
)


@given(TEXTS)
def test_tokens_join_up_to_the_text(text: str) -> None:
    tokens = LEXER.all_tokens(text)
    assert "".join(token.text for token in tokens) == text


@given(TEXTS)
def test_a_token_stands_where_its_span_says(text: str) -> None:
    position = 0
    for token in LEXER.all_tokens(text):
        assert token.span == Span(position, position + len(token.text))
        assert text[token.span.start : token.span.end] == token.text != ""
        position = token.span.end
    assert position == len(text)


@given(TEXTS)
def test_a_parser_reads_all_but_space_and_comments(text: str) -> None:
    tokens = LEXER.tokens(text)
    assert tokens[-1] == Token("end", "", Span(len(text), len(text)))
    assert tokens[:-1] == [t for t in LEXER.all_tokens(text) if t.kind not in SKIPPED]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a1 == 'x'", ["name", "operator", "string", "end"]),
        ("1.5//rest\n2", ["number", "number", "end"]),
        ("'open", ["error", "name", "end"]),
        ("#é", ["error", "error", "end"]),
        ("", ["end"]),
        (r"'it\'s'", ["string", "end"]),
    ],
)
def test_the_first_rule_that_matches_wins(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in LEXER.tokens(text)] == kinds


def test_a_rule_may_hold_groups_and_a_kind_several_rules() -> None:
    lexer = Lexer((("word", r"(a)(b)?"), ("word", r"c(?:d|e)"), ("space", " ")))
    assert [(t.kind, t.text) for t in lexer.all_tokens("ab cd")] == [
        ("word", "ab"), ("space", " "), ("word", "cd"),
    ]  # fmt: skip
