"""Operations that fold the rows of a group into one value; null arguments do not count."""

from vedette.plan.operations.base import aggregate

OPERATIONS = (
    aggregate("count_rows() -> long", "how many rows"),
    aggregate("count_values(value: any) -> long", "how many rows where the value is not null"),
    aggregate("count_if(condition: bool) -> long", "how many rows where the condition is true"),
    aggregate("count_distinct(value: any) -> long", "how many distinct values, exactly"),
    aggregate("count_distinct_if(value: any, condition: bool) -> long", "how many distinct values among rows where the condition is true, exactly"),
    aggregate("sum_of(value: T:summable) -> T", "sum; null of no values"),
    aggregate("sum_if(value: T:summable, condition: bool) -> T", "sum over rows where the condition is true"),
    aggregate("average_of(value: real) -> real", "mean; null of no values"),
    aggregate("minimum_of(value: T:ordered) -> T", "least value; null of no values"),
    aggregate("maximum_of(value: T:ordered) -> T", "greatest value; null of no values"),
    aggregate("sample_deviation_of(value: real) -> real", "standard deviation of a sample"),
    aggregate("population_deviation_of(value: real) -> real", "standard deviation of a population"),
    aggregate("sample_variance_of(value: real) -> real", "variance of a sample; null of fewer than two values"),
    aggregate("population_variance_of(value: real) -> real", "variance of a population; null of no values"),
    aggregate("first_of(value: T) -> T", "the value of the first row"),
    aggregate("last_of(value: T) -> T", "the value of the last row"),
    aggregate("any_of(value: T) -> T", "the value of any row, not null where there is one"),
    aggregate("collect_list(value: any, most: long) -> dynamic", "the values as an array, at most that many; an empty array of none"),
    aggregate("collect_set(value: any, most: long) -> dynamic", "the distinct values as an array, in order of appearance, at most that many"),
    aggregate("maximum_by(value: T, by: ordered) -> T", "the value of a row where *by* is greatest"),
    aggregate("minimum_by(value: T, by: ordered) -> T", "the value of a row where *by* is least"),
)  # fmt: skip
