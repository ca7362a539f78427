"""What was worked out of late is kept, the oldest given up."""

from vedette.syntax.recent import Recent


def test_the_one_not_asked_for_longest_gives_way() -> None:
    recent = Recent[str, int](2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.get("a") == 1
    recent.keep("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    assert len(recent) == 2


def test_a_key_is_kept_once_with_its_last_value() -> None:
    recent = Recent[str, int](2)
    recent.keep("a", 1)
    assert recent.keep("a", 2) == 2
    assert (recent.get("a"), len(recent)) == (2, 1)
    recent.clear()
    assert recent.get("a") is None
