"""Many tests of one text made one: takes a plan, gives the same rows from fewer looks at each text.

``x has "a" or x has "b"`` becomes one test for a list, ``contains`` and ``ilike "%a%"`` likewise,
also where each is negated and joined by *and*; an alternative that implies another one is left out.
Such chains come from lists of tool names, and each test of its own would read the whole text again.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from vedette.plan.build import apply
from vedette.plan.expressions import Apply, Column, Expression, Literal
from vedette.plan.relations import Plan, Relation
from vedette.plan.rewrite import (
    expressions,
    rewrite_expression,
    rewrite_relation,
    with_expressions,
)
from vedette.plan.types import Type

_LISTS = {
    "text_has_term": "text_has_any_term",
    "text_has_any_term": "text_has_any_term",
    "text_contains": "text_contains_any",
    "text_contains_any": "text_contains_any",
    "text_equals_ignore_case": "text_is_in_ignore_case",
    "text_is_in_ignore_case": "text_is_in_ignore_case",
}
_SUBJECTS = frozenset({
    "or_empty", "text_of", "text_lower", "text_upper", "texts_inside", "plain_text_of", "value_at",
    "first_not_null",
})  # fmt: skip
_Test = tuple[str, Hashable]


def fuse_text_tests(plan: Plan) -> Plan:
    """The plan with chains of tests of one text as tests for lists."""

    def fuse(expression: Expression) -> Expression:
        return rewrite_expression(expression, _fused) if _has_chain(expression) else expression

    def change(relation: Relation) -> Relation:
        chained = any(map(_has_chain, expressions(relation)))
        return with_expressions(relation, fuse) if chained else relation

    return replace(plan, root=rewrite_relation(plan.root, change))


def _has_chain(expression: Expression) -> bool:
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply):
            if node.operation in ("or", "and"):
                return True
            stack.extend(node.arguments)
    return False


def _fused(node: Expression) -> Expression:
    if not isinstance(node, Apply):
        return node
    if node.operation == "text_like_ignore_case":
        return _like(node)
    if node.operation == "or":
        return _alternatives(node)
    if node.operation == "and":
        return _refusals(node)
    return node


def _like(node: Apply) -> Expression:
    """``ilike`` of any run, a text and any run as ``contains`` of that text."""
    subject, wanted = node.arguments
    text = wanted.value if isinstance(wanted, Literal) else None
    if not isinstance(text, str) or len(text) < 3 or text[0] != "%" or text[-1] != "%":
        return node
    if any(c in "%_" for c in text[1:-1]):
        return node
    inside = Literal(text[1:-1], Type.STRING, wanted.span)
    return apply("text_contains", subject, inside, span=node.span)


def _alternatives(node: Apply) -> Expression:
    parts = _flat(node, "or")
    merged = _merged(parts)
    lists = {test: _needles(part) for part in merged if (test := _test(part)) is not None}
    kept = [part for part in merged if not _is_implied(part, lists)]
    return _joined("or", kept, node) if len(kept) < len(parts) else node


def _refusals(node: Apply) -> Expression:
    """A conjunction whose negated tests of one text are one."""
    parts = _flat(node, "and")
    denied = [_denied(part) for part in parts]
    merged = _merged([d for d in denied if d is not None])
    if len(merged) == sum(1 for d in denied if d is not None):
        return node
    kept: list[Expression] = []
    pending = {_test(part): part for part in merged}
    for part, denial in zip(parts, denied, strict=True):
        if denial is None:
            kept.append(part)
        elif (whole := pending.pop(_test(denial), None)) is not None:
            kept.append(apply("not", whole, span=part.span))
    return _joined("and", kept, node)


def _flat(node: Apply, operation: str) -> list[Expression]:
    found: list[Expression] = []
    stack: list[Expression] = list(reversed(node.arguments))
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.operation == operation:
            stack.extend(reversed(part.arguments))
        else:
            found.append(part)
    return found


def _joined(operation: str, parts: Sequence[Expression], node: Apply) -> Expression:
    return parts[0] if len(parts) == 1 else apply(operation, *parts, span=node.span)


def _merged(parts: Sequence[Expression]) -> list[Expression]:
    """The parts, those that test one text in one way as one test where the first of them stood."""
    places: dict[_Test, int] = {}
    kept: list[list[Expression]] = []
    for part in parts:
        test = _test(part)
        if test is None:
            kept.append([part])
        elif test in places:
            kept[places[test]].append(part)
        else:
            places[test] = len(kept)
            kept.append([part])
    operations = {place: test[0] for test, place in places.items()}
    return [
        alike[0] if len(alike) == 1 else _union(alike, operations[place])
        for place, alike in enumerate(kept)
    ]


def _union(alike: Sequence[Expression], operation: str) -> Expression:
    needles = {n.value: n for part in alike for n in _arguments(part)}
    first = alike[0]
    subject = first.arguments[0] if isinstance(first, Apply) else first
    return apply(operation, subject, *needles.values(), span=first.span)


def _arguments(test: Expression) -> list[Literal]:
    found = test.arguments[1:] if isinstance(test, Apply) else ()
    return [needle for needle in found if isinstance(needle, Literal)]


def _needles(test: Expression) -> set[str]:
    texts = (str(needle.value) for needle in _arguments(test))
    return {text.lower() if text.isascii() else text for text in texts}


def _denied(part: Expression) -> Apply | None:
    """What a negation denies, where it is a test that can be merged."""
    if not isinstance(part, Apply) or part.operation != "not":
        return None
    inside = part.arguments[0]
    return inside if isinstance(inside, Apply) and _test(inside) is not None else None


def _test(part: Expression) -> _Test | None:
    """How a part tests which text, if it does so for constant needles that are not empty."""
    if not isinstance(part, Apply) or part.operation not in _LISTS:
        return None
    needles = part.arguments[1:]
    if not all(isinstance(n, Literal) and isinstance(n.value, str) and n.value for n in needles):
        return None
    subject = _key(part.arguments[0])
    return None if subject is None or not needles else (_LISTS[part.operation], subject)


def _key(subject: Expression) -> Hashable | None:
    """What tells texts apart, their places in the query aside; None for what is not followed."""
    if isinstance(subject, Column):
        return subject.field.number
    if isinstance(subject, Literal):
        return (subject.value, subject.type)
    if subject.operation not in _SUBJECTS:
        return None
    inside = tuple([_key(argument) for argument in subject.arguments])
    return None if None in inside else (subject.operation, inside)


def _is_implied(part: Expression, lists: dict[_Test, set[str]]) -> bool:
    """Whether a conjunction is true only where a test beside it is."""
    if not isinstance(part, Apply) or part.operation != "and":
        return False
    for condition in _flat(part, "and"):
        test = _test(condition)
        if test is not None and test in lists and _needles(condition) <= lists[test]:
            return True
    return False
