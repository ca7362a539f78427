"""The cursor and precedence climbing, on a small language of sums."""

from __future__ import annotations

import pytest

from vedette.syntax.pratt import Cursor, Infix, ParseFailure, climb
from vedette.syntax.scan import Lexer, Token

LEXER = Lexer(
    (("space", r"\s+"), ("string", r"'[^']*'"), ("name", r"[a-z]+"), ("number", r"\d+"),
     ("operator", r"[-+*^(),;|\[\]{}]"))
)  # fmt: skip
POWERS = {"+": 1, "-": 1, "*": 2, "^": 3}


def cursor(text: str) -> Cursor:
    return Cursor(LEXER.tokens(text))


def parsed(text: str) -> str:
    """The expression with every pair of parentheses written out."""
    at = cursor(text)

    def prefix() -> str:
        if at.accept("("):
            inside = climb(at, prefix, infix)
            at.expect(")")
            return inside
        return at.expect_kind("number", "a number").text

    def infix(token: Token) -> Infix[str] | None:
        if token.text not in POWERS:
            return None
        power = POWERS[token.text]
        right = power if token.text == "^" else power + 1
        return Infix(power, lambda left, op: f"({left}{op.text}{climb(at, prefix, infix, right)})")

    return climb(at, prefix, infix)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1", "1"),
        ("1 + 2 * 3", "(1+(2*3))"),
        ("1 * 2 + 3", "((1*2)+3)"),
        ("1 - 2 - 3", "((1-2)-3)"),
        ("1 ^ 2 ^ 3", "(1^(2^3))"),
        ("(1 + 2) * 3", "((1+2)*3)"),
    ],
)
def test_operators_bind_by_their_power(text: str, read: str) -> None:
    assert parsed(text) == read


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [("1 + ", "a number", "the end of the query"), ("(1 * 2", "')'", "the end of the query"),
     ("1 + x", "a number", "'x'")],
)  # fmt: skip
def test_what_does_not_fit_is_named(text: str, expected: str, found: str) -> None:
    with pytest.raises(ParseFailure) as caught:
        parsed(text)
    assert (caught.value.expected, caught.value.found) == (expected, found)


def test_parts_end_at_top_level_separators_only() -> None:
    parts = cursor("a | f(b | c, [d | e]) | '|' | ").split("|")
    texts = ["".join(t.text for t in part.tokens) for part in parts]
    assert texts == ["a", "f(b|c,[d|e])", "'|'", ""]
    assert all(part.tokens[-1].kind == "end" for part in parts)


def test_a_part_too_many_closed_swallows_no_other() -> None:
    texts = ["".join(t.text for t in p.tokens) for p in cursor("a ) | b | c").split("|")]
    assert texts == ["a)", "b", "c"]


def test_the_cursor_stops_at_the_end() -> None:
    at = cursor("Take by".lower())
    assert at.at_word("take")
    assert at.accept_word("by") is None
    assert at.accept_word("take") is not None
    assert at.peek(5).kind == "end"
    assert at.next().text == "by"
    assert at.next().kind == at.next().kind == "end"
    assert at.at_end


def test_a_string_is_never_an_operator() -> None:
    assert not cursor("'|'").at("'|'", "|")
