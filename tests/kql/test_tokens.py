"""The lexer loses no character, and cuts words where Kusto does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kql.reading.tokens import all_tokens, partners, tokens

PIECES = st.sampled_from(
    [*"|;,.:()[]{}<>=!~+-*/%@?\"'`#\\ \n", "in~", "!in", "h'x'", '@"\\"', "1.5h", "0x1f", "1..2",
     "datetime(", "project-away", "//", "```", "$left", "has_any", "dynamic(", "é", "a", "9"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_the_tokens_join_up_to_the_text(text: str) -> None:
    assert "".join(t.text for t in all_tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-b", "name:a operator:- name:b"),
        ("project-away a*", "name:project-away name:a operator:*"),
        ("project-awayx", "name:project operator:- name:awayx"),
        ("1..2", "long:1 operator:.. long:2"),
        ("1.5..2", "real:1.5 operator:.. long:2"),
        ("1e3 1. 0x1F", "real:1e3 real:1. long:0x1F"),
        ("1d 1.5h 3ticks 5mins", "timespan:1d timespan:1.5h timespan:3ticks name:5mins"),
        ("x!in~(1)", "name:x operator:!in~ operator:( long:1 operator:)"),
        ("!inx", "operator:! name:inx"),
        ("a !has_any b", "name:a operator:! name:has_any name:b"),
        ("datetime(2020-01-01 10:00)", "literal:datetime(2020-01-01 10:00)"),
        ("datetime (2020)", "name:datetime operator:( long:2020 operator:)"),
        ("todatetime('x')", "name:todatetime operator:( string:'x' operator:)"),
        ("'it\\'s' \"a\\\\\"", "string:'it\\'s' string:\"a\\\\\""),
        ('@"a\\" h\'x\' H@\'b\'', 'string:@"a\\" string:h\'x\' string:H@\'b\''),
        ("```a\nb``` ~~~c~~~", "string:```a\nb``` string:~~~c~~~"),
        ("'open", "broken:'open"),
        ("'bad \\q'", "broken:'bad \\q'"),
        ("a // b | c", "name:a"),
        ("a\u200b|b", "name:a operator:| name:b"),
        ("#connect x\na", "directive:#connect x name:a"),
        ("74be27de-1e4e-49d9-b579-fe0b331d3642", "guid:74be27de-1e4e-49d9-b579-fe0b331d3642"),
    ],
)  # fmt: skip
def test_words(text: str, expected: str) -> None:
    assert " ".join(f"{t.kind}:{t.text}" for t in tokens(text)[:-1]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a[b]{c})", {0: 8, 2: 4, 5: 7}),
        ("((a)", {1: 3}),
        ("(a]b)", {0: 4}),
        (")(", {}),
    ],
)
def test_partners(text: str, expected: dict[int, int]) -> None:
    assert partners(tokens(text)) == expected


def test_many_brackets_are_matched_in_one_walk() -> None:
    stream = tokens("(" * 30_000 + "]" * 30_000)
    assert partners(stream) == {}
