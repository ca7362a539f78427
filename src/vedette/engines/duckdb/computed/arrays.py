"""Arrays inside dynamic values: takes and gives JSON texts; what is no array counts as absent."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import (
    MARK,
    moment,
    read,
    span,
    span_ticks,
    write,
)
from vedette.plan.types import Type

MOST_ELEMENTS = 1_048_576
LONGEST = 1 << 24
"""How many characters a repeated value may take."""


def array_in(text: str | None) -> list[Any] | None:
    """The elements of a JSON array; None of anything else."""
    value = None if text is None else read(text)
    return value if isinstance(value, list) else None


def identity(value: Any) -> Hashable:
    """What is the same for equal elements only; 1 and 1.0 are two."""
    if isinstance(value, str):
        return value
    inside = write(value) if isinstance(value, list | dict) else value
    return value.__class__, inside


def _of_array(change: Callable[..., Any]) -> Callable[..., str | None]:
    """A function of an array and further values, over its JSON text."""

    def over(text: str, *others: Any) -> str | None:
        array = array_in(text)
        return None if array is None else write(change(array, *others))

    return over


# --- order and places -----------------------------------------------------------------------------


def _concat(texts: Sequence[str | None]) -> str | None:
    return write([e for text in texts for e in array_in(text) or ()])


def _rotate(array: list[Any], count: int) -> list[Any]:
    cut = count % len(array) if array else 0
    return array[cut:] + array[:cut]


def _shift(text: str | None, count: int | None, filler: str | None) -> str | None:
    array = array_in(text)
    if array is None or count is None:
        return None
    value = None if filler is None else read(filler)
    if filler is None and array and all(isinstance(e, str) for e in array):
        value = ""
    width = min(abs(count), len(array))
    filled = [value] * width
    kept = array[width:] + filled if count > 0 else filled + array[: len(array) - width]
    return write(kept)


def _slice(array: list[Any], start: int, end: int) -> list[Any]:
    first = start + len(array) if start < 0 else start
    last = end + len(array) if end < 0 else end
    return array[max(first, 0) : max(last + 1, 0)]


def _split(array: list[Any], places: str) -> list[Any] | None:
    given = read(places)
    cuts = given if isinstance(given, list) else [given]
    if any(not isinstance(c, int) or isinstance(c, bool) for c in cuts):
        return None
    inside = [min(max(c + len(array) if c < 0 else c, 0), len(array)) for c in cuts]
    ends = [*inside, len(array)]
    return [array[start:end] for start, end in zip([0, *inside], ends, strict=True)]


def _zip(texts: Sequence[str | None]) -> str | None:
    arrays = [array_in(text) or [] for text in texts]
    longest = max(map(len, arrays))
    return write([[a[i] if i < len(a) else None for a in arrays] for i in range(longest)])


def _repeat(value: str | None, count: int | None) -> str | None:
    if count is None or count < 0:
        return None
    element = value or "null"
    if count * (len(element) + 1) > LONGEST:
        raise ValueError(f"repeat() of {count:,} elements makes more than {LONGEST:,} characters")
    return f"[{','.join([element] * count)}]"


def _join(text: str | None, delimiter: str | None) -> str:
    array = array_in(text) or []
    parts = ["" if e is None else e if isinstance(e, str) else write(e) or "" for e in array]
    return (delimiter or "").join(parts).replace(MARK, "")


# --- searching, choosing, adding up ---------------------------------------------------------------


def _same(element: Any, value: Any) -> bool:
    is_bool = isinstance(element, bool), isinstance(value, bool)
    return is_bool[0] == is_bool[1] and bool(element == value)


def _index_of(
    text: str | None, value: str | None, start: int | None, most: int | None, nth: int | None
) -> int | None:
    array = array_in(text)
    if array is None or start is None or most is None or nth is None or most < -1 or nth < 1:
        return None
    wanted = None if value is None else read(value)
    first = max(start + len(array), 0) if start < 0 else start
    end = len(array) if most == -1 else min(first + most, len(array))
    places = [i for i in range(first, end) if _same(array[i], wanted)]
    return places[nth - 1] if nth <= len(places) else -1


def _choose(condition: str | None, when_true: str | None, when_false: str | None) -> str | None:
    array = array_in(condition)
    if array is None:
        return None
    sides = [None if text is None else read(text) for text in (when_false, when_true)]

    def chosen(index: int, test: Any) -> Any:
        if not isinstance(test, int | float):
            return None
        side = sides[test != 0]
        if not isinstance(side, list):
            return side
        return side[index] if index < len(side) else None

    return write([chosen(i, e) for i, e in enumerate(array)])


def _sum(text: str) -> float | None:
    array = array_in(text)
    if array is None:
        return None
    numbers = [e for e in array if e is not None]
    if any(isinstance(e, bool) or not isinstance(e, int | float) for e in numbers):
        return None
    return float(sum(numbers))


# --- sorting --------------------------------------------------------------------------------------


def _rank(value: Any) -> tuple[int, Any]:
    """The kind that a value is sorted among, and what it is sorted by there."""
    if isinstance(value, bool | list | dict):
        return 4, 0
    if isinstance(value, int | float):
        return 0, value
    if value.startswith(MARK):
        ticks = span_ticks(value[1:])
        return (1, value) if ticks is None else (2, ticks)
    return 3, value


def sorting(keys: list[Any], descending: bool, nulls_last: bool) -> list[int]:
    """The places of the keys in order: kinds in Kusto's order either way, equal ones as found."""
    kinds: dict[int, list[int]] = {}
    absent = [i for i, key in enumerate(keys) if key is None]
    ranks = {i: _rank(key) for i, key in enumerate(keys) if key is not None}
    for place, (kind, _) in ranks.items():
        kinds.setdefault(kind, []).append(place)
    order = [
        place
        for kind in sorted(kinds)
        for place in sorted(kinds[kind], key=lambda p: ranks[p][1], reverse=descending)
    ]
    return order + absent if nulls_last else absent + order


def _sorted_by(text: str, keys: str, descending: bool, nulls_last: bool) -> str | None:
    array, by = array_in(text), array_in(keys)
    if array is None or by is None or len(array) != len(by):
        return None
    return write([array[i] for i in sorting(by, descending, nulls_last)])


# --- sets -----------------------------------------------------------------------------------------


def _distinct(array: list[Any]) -> dict[Hashable, Any]:
    found: dict[Hashable, Any] = {}
    for element in array:
        found.setdefault(identity(element), element)
    return found


def _union(texts: Sequence[str | None]) -> str | None:
    return write(list(_distinct([e for t in texts for e in array_in(t) or ()]).values()))


def _intersect(texts: Sequence[str | None]) -> str | None:
    sets = [array_in(text) for text in texts]
    if any(s is None for s in sets):
        return None
    first, *others = [_distinct(s) for s in sets if s is not None]
    return write([e for key, e in first.items() if all(key in other for other in others)])


def _difference(texts: Sequence[str | None]) -> str | None:
    first = array_in(texts[0])
    if first is None:
        return None
    dropped = {key for text in texts[1:] for key in _distinct(array_in(text) or [])}
    return write([e for key, e in _distinct(first).items() if key not in dropped])


def _two_sets(compare: Callable[[set[Hashable], set[Hashable]], Any]) -> Callable[[str, str], Any]:
    def over(left: str, right: str) -> Any:
        one, other = array_in(left), array_in(right)
        return (
            None
            if one is None or other is None
            else compare({*_distinct(one)}, {*_distinct(other)})
        )

    return over


def _jaccard(left: set[Hashable], right: set[Hashable]) -> float:
    either = len(left | right)
    return len(left & right) / either if either else math.nan


def _has(text: str | None, value: str | None) -> bool | None:
    array = array_in(text)
    if array is None:
        return None
    wanted = None if value is None else read(value)
    return any(_same(element, wanted) for element in array)


# --- ranges ---------------------------------------------------------------------------------------


def _range(write_one: Callable[[Any], Any]) -> Callable[[Any, Any, Any], str | None]:
    def over(start: Any, stop: Any, step: Any) -> str | None:
        if step == 0 or not all(math.isfinite(n) for n in (start, stop, step)):
            return None
        count = math.floor(min((stop - start) / step, MOST_ELEMENTS)) + 2
        values = (start + i * step for i in range(min(max(count, 0), MOST_ELEMENTS)))
        inside = (v for v in values if (v <= stop if step > 0 else v >= stop))
        return write([write_one(v) for v in inside])

    return over


def _range_of_longs(start: int, stop: int, step: int) -> str | None:
    if step == 0:
        return None
    return write(list(range(start, stop + (1 if step > 0 else -1), step)[:MOST_ELEMENTS]))


L, D, F = Type.LONG, Type.DYNAMIC, Type.REAL
FUNCTIONS_OF_ARRAYS: dict[str, Computed] = {
    "array_concat": Computed(([D],), D, _concat),
    "array_reverse": Computed((D,), D, _of_array(lambda array: array[::-1])),
    "array_rotate": Computed((D, L), D, _of_array(_rotate)),
    "array_shift": Computed((D, L, D), D, _shift, takes_null=True),
    "array_slice": Computed((D, L, L), D, _of_array(_slice)),
    "array_split": Computed((D, D), D, _of_array(_split)),
    "array_zip": Computed(([D],), D, _zip),
    "array_repeat": Computed((D, L), D, _repeat, takes_null=True),
    "array_join": Computed((D, Type.STRING), Type.STRING, _join, takes_null=True),
    "array_index_of": Computed((D, D, L, L, L), L, _index_of, takes_null=True),
    "array_choose": Computed((D, D, D), D, _choose, takes_null=True),
    "array_sum": Computed((D,), F, _sum),
    "array_sorted_by": Computed((D, D, Type.BOOL, Type.BOOL), D, _sorted_by),
    "set_union": Computed(([D],), D, _union),
    "set_intersect": Computed(([D],), D, _intersect),
    "set_difference": Computed(([D],), D, _difference),
    "set_equals": Computed((D, D), Type.BOOL, _two_sets(lambda left, right: left == right)),
    "set_has": Computed((D, D), Type.BOOL, _has, takes_null=True),
    "jaccard_index": Computed((D, D), F, _two_sets(_jaccard)),
    "range_of_longs": Computed((L, L, L), D, _range_of_longs),
    "range_of_reals": Computed((F, F, F), D, _range(float)),
    "range_of_times": Computed((Type.DATETIME,) * 2 + (Type.TIMESPAN,), D, _range(moment)),
    "range_of_spans": Computed((Type.TIMESPAN,) * 3, D, _range(span)),
}
