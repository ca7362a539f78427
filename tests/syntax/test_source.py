"""Lines, columns and the text at a span."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.syntax import Source, Span


@given(st.text(alphabet="ab\n\r\té", max_size=30), st.integers(0, 30))
def test_a_position_counts_line_ends_before_it(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    line, column = Source(text).position(offset)
    before = text[:offset]
    assert line == before.count("\n") + 1
    assert column == offset - (before.rfind("\n") + 1) + 1


@given(st.text(alphabet="ab\n\r", max_size=30))
def test_lines_are_the_texts_lines(text: str) -> None:
    source = Source(text)
    lines = [source.line(i + 1) for i in range(len(source.line_starts))]
    assert lines == [line.rstrip("\r") for line in text.split("\n")]


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [(Span(1, 3), Span(5, 9), Span(1, 9)), (Span(5, 9), Span(6, 7), Span(5, 9))],
)
def test_two_spans_together_cover_both(left: Span, right: Span, both: Span) -> None:
    assert left | right == both == right | left


def test_the_text_at_a_span() -> None:
    assert Source("hello").at(Span(1, 3)) == "el"
