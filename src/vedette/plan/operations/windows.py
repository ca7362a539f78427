"""Operations that give a row a value from the rows before and behind it; offsets are constants.

Those named *sliding* look at the rows whose moment is at most *reach* before the row's own, it and
all others of that very moment among them, whatever order the rows come in.
"""

from vedette.plan.operations.base import window

OPERATIONS = (
    window("row_position() -> long", "the row's place among all, from 1"),
    window("value_before(value: T, offset: long, otherwise: T) -> T", "the value that many rows before, *otherwise* where there is no such row"),
    window("value_behind(value: T, offset: long, otherwise: T) -> T", "the value that many rows behind, *otherwise* where there is no such row"),
    window("running_sum(value: T:summable) -> T", "sum of the values up to this row, longs wrapping around; null of no values"),
    window("running_maximum(value: T:ordered) -> T", "greatest value up to this row; null of no values"),
    window("sliding_count(moment: datetime, reach: timespan) -> long", "how many rows there are"),
    window("sliding_distinct(value: any, moment: datetime, reach: timespan) -> long", "how many distinct values, exactly"),
    window("sliding_sum(value: real, moment: datetime, reach: timespan) -> real", "sum; null of no values"),
    window("sliding_average(value: real, moment: datetime, reach: timespan) -> real", "mean; null of no values"),
    window("sliding_quantile(value: real, share: real, moment: datetime, reach: timespan) -> real", "the value below which that share of the values lies, between two of them where it is no value itself; null of no values"),
    window("sliding_minimum(value: T:ordered, moment: datetime, reach: timespan) -> T", "least value; null of no values"),
    window("sliding_maximum(value: T:ordered, moment: datetime, reach: timespan) -> T", "greatest value; null of no values"),
    window("least_ahead(value: T:ordered, moment: datetime, reach: timespan) -> T", "least value of rows from the row's moment to at most *reach* after it; null of no values"),
)  # fmt: skip

SLIDING = frozenset(
    o.name for o in OPERATIONS if o.name.startswith("sliding_") or o.name == "least_ahead"
)
"""Operations that the order in which rows come does not matter to."""
