"""Operations that give a row a value from the rows before and behind it; offsets are constants."""

from vedette.plan.operations.base import window

OPERATIONS = (
    window("row_position() -> long", "the row's place among all, from 1"),
    window("value_before(value: T, offset: long, otherwise: T) -> T", "the value that many rows before, *otherwise* where there is no such row"),
    window("value_behind(value: T, offset: long, otherwise: T) -> T", "the value that many rows behind, *otherwise* where there is no such row"),
    window("running_sum(value: T:summable) -> T", "sum of the values up to this row, longs wrapping around; null of no values"),
    window("running_maximum(value: T:ordered) -> T", "greatest value up to this row; null of no values"),
)  # fmt: skip
