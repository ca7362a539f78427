"""Whole terms in text: takes needles, gives RE2 patterns and DuckDB's SQL.

Text without case is compared in simple lower case, one code point to one (``lower``): U+0130 is an i,
U+212A a k, U+1E9E a sharp s, but the long s U+017F is not an s and the final sigma not a sigma. RE2's own
``(?i)`` differs on the first and the last two. A pattern of ASCII needles says which letters are meant and
runs over the text as it is; one of others runs over ``lower`` of the text, which costs a third more.
A single needle is looked for by ``contains`` in ``lower`` of the text first, which takes a quarter of
the time of a pattern; from two needles on, one pattern is the fastest.

RE2 takes 5 ms to make a pattern with Unicode's letters and digits, and a statement makes each anew. So a
pattern takes anything beyond ASCII for a boundary, and what it lets through is asked again, in Python,
where the text is not all ASCII.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from vedette.engines.duckdb.writing import text_literal
from vedette.engines.sql import Call, Lowering

_BEFORE = "(?:^|[^0-9A-Za-z])"
_AFTER = "(?:[^0-9A-Za-z]|$)"
_FEWEST = 3  # needles from which a pattern is faster than looking for each
_LONGEST = 4000  # characters of needles a pattern: RE2 gives up on a pattern of many megabytes


def fold(text: str) -> str:
    """The text in simple lower case, as DuckDB's ``lower`` gives it."""
    if text.isascii():
        return text.lower()
    return "".join(c.lower() if len(c.lower()) == 1 else "i" for c in text)


def delimits(character: str) -> bool:
    """Whether a character, or the lack of one, belongs to no term."""
    return not character or unicodedata.category(character)[0] not in "LN"


def escape(text: str) -> str:
    """The text as a pattern that matches just it."""
    return text.translate(_ESCAPED)


_SIGNS = "".join(c for c in map(chr, range(1, 128)) if not (c.isalnum() or c == "_"))
_ESCAPED = str.maketrans({"\0": "\\x00"} | {c: f"\\{c}" for c in _SIGNS})
_IN_ANY_CASE = _ESCAPED | str.maketrans({"i": "[i\u0130]", "s": "(?-i:s|S)"})
"""Signs escaped, and letters that RE2's ``(?i)`` reads otherwise than ``lower`` written so that it
does not.

``[sS]`` would not do: RE2 makes an ``s`` without case of it, which is the long s, too.
"""


def found_in_any_case(text: str, needles: Sequence[str], *, terms: bool) -> list[str]:
    """Conditions of which one holds where a text has one of the folded needles, or it as a term."""
    conditions = []
    for part in _by_alphabet(list(dict.fromkeys(needles))):
        plain = part[0].isascii()
        groups: dict[tuple[bool, bool], list[str]] = {}
        for needle in part:
            ends = (terms and not delimits(needle[0]), terms and not delimits(needle[-1]))
            groups.setdefault(ends, []).append(
                needle.translate(_IN_ANY_CASE if plain else _ESCAPED)
            )
        found = "|".join(
            _between(f"(?{'i' if plain else ''}:{'|'.join(members)})", left, right)
            for (left, right), members in groups.items()
        )
        looked_at = text if plain else f"lower({text})"
        condition = f"regexp_matches({looked_at}, {text_literal(found)})"
        if any(any(ends) for ends in groups):
            listed = ", ".join(map(text_literal, part))
            condition = _exactly(text, condition, f"py_has_any_term(lower({text}), [{listed}])")
        conditions.append(condition)
    return conditions


def _exactly(text: str, nearly: str, exact: str) -> str:
    """A condition that holds of more texts than an exact one, though not of those of ASCII."""
    return f"({nearly} AND CASE WHEN strlen({text}) <> length({text}) AND {nearly} THEN {exact} ELSE true END)"


def _between(found: str, left: bool, right: bool) -> str:
    return (_BEFORE if left else "") + found + (_AFTER if right else "")


def _one(call: Call, left: bool, right: bool, cased: bool) -> str:
    """The row of has, has prefix and has suffix."""
    text, needle = call.arguments[0], call.constant_text(1)
    if needle is None:
        looked_at = text if cased else f"lower({text})"
        return needle_of_row(looked_at, call.arguments[1], left, right, cased)
    return _has(text, needle if cased else fold(needle), left, right, cased)


def _has(text: str, needle: str, left: bool, right: bool, cased: bool = False) -> str:
    """The needle found in the text, then, where its ends ask for it, between boundaries."""
    looked_at = text if cased else f"lower({text})"
    found = f"contains({looked_at}, {text_literal(needle)})"
    left, right = left and not delimits(needle[:1]), right and not delimits(needle[-1:])
    if not left and not right:
        return found
    pattern = text_literal(_between(escape(needle), left, right))
    exact = f"py_has_term({looked_at}, {text_literal(needle)}, {_sql(left)}, {_sql(right)})"
    return f"({found} AND {_exactly(text, f'regexp_matches({looked_at}, {pattern})', exact)[1:]}"


def _sql(value: bool) -> str:
    return "true" if value else "false"


def needle_of_row(text: str, needle: str, left: bool, right: bool, cased: bool) -> str:
    """The same for a needle that is no constant: a pattern would be made anew for each row."""
    folded = needle if cased else f"lower({needle})"
    found = f"contains({text}, {folded})"
    exact = f"py_has_term({text}, {folded}, {_sql(left)}, {_sql(right)})"
    return f"(CASE WHEN {found} THEN {exact} ELSE {found} END)"


def _term(left: bool, right: bool, cased: bool = False) -> Lowering:
    return lambda call: _one(call, left, right, cased)


def _by_alphabet(needles: Sequence[str]) -> list[list[str]]:
    """The needles in lists of bounded size, those of ASCII apart: their patterns are cheaper."""
    plain = [needle for needle in needles if needle.isascii()]
    return [*_chunks(plain), *_chunks([needle for needle in needles if not needle.isascii()])]


def _chunks(needles: Sequence[str]) -> list[list[str]]:
    chunks: list[list[str]] = []
    size = _LONGEST
    for needle in needles:
        if size + len(needle) > _LONGEST:
            chunks.append([])
            size = 0
        chunks[-1].append(needle)
        size += len(needle) + 1
    return chunks


def _needle_calls(call: Call) -> list[str]:
    """One condition a needle that is no constant; null needles match anything."""
    text = f"lower({call.arguments[0]})"
    return [
        f"coalesce({needle_of_row(text, sql, True, True, False)}, true)"
        for index, sql in enumerate(call.arguments)
        if index > 0 and call.constant_text(index) is None
    ]


def _constants(call: Call) -> list[str]:
    texts = (call.constant_text(i) for i in range(1, len(call.nodes)))
    return [fold(t) for t in texts if t is not None]


def _has_any(call: Call) -> str:
    text, needles, others = call.arguments[0], _constants(call), _needle_calls(call)
    if "" in needles:
        return f"({text} <> '')"
    if not others and len(set(needles)) == 1:
        return _has(text, needles[0], True, True)
    conditions = found_in_any_case(text, needles, terms=True) + others
    if others or not conditions:  # what is in any text is not in an empty one
        return f"({text} <> '' AND ({' OR '.join(conditions) or 'false'}))"
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"


def _has_all(call: Call) -> str:
    text, others = call.arguments[0], _needle_calls(call)
    needles = [n for n in dict.fromkeys(_constants(call)) if n]
    conditions = [_has(text, needle, True, True) for needle in needles] + others
    if not needles:
        conditions.insert(0, f"{text} <> ''")
    return f"({' AND '.join(conditions)})"


def _contains_any(call: Call) -> str:
    text, needles = call.arguments[0], list(dict.fromkeys(_constants(call)))
    if len(needles) < _FEWEST or len(call.nodes) - 1 > len(_constants(call)) or "" in needles:
        parts = [_contains(call, i) for i in range(1, len(call.nodes))]
    else:
        parts = found_in_any_case(text, needles, terms=False)
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _contains(call: Call, index: int) -> str:
    known = call.constant_text(index)
    needle = f"lower({call.arguments[index]})" if known is None else text_literal(fold(known))
    return f"contains(lower({call.arguments[0]}), {needle})"


ROWS: dict[str, Lowering] = {
    "text_contains_any": _contains_any,
    "text_has_term": _term(True, True),
    "text_has_term_cs": _term(True, True, cased=True),
    "text_has_prefix": _term(True, False),
    "text_has_prefix_cs": _term(True, False, cased=True),
    "text_has_suffix": _term(False, True),
    "text_has_suffix_cs": _term(False, True, cased=True),
    "text_has_any_term": _has_any,
    "text_has_all_terms": _has_all,
}
