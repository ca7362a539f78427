"""Functions that fold the rows of a group; a number among their results is always a double.

FIRST and LAST, whose meaning is empty, are bound in ``vedette.aql.binding.calls``: they read the time of
their rows.
"""

from vedette.plan.library import Library, function

PAGE = "aql-data-aggregation-functions"

AGGREGATES = Library(
    (
        function("AVG(value: number) -> real", "average_of(to_real(value))", page=PAGE),
        function("COUNT(value: any?) -> long", "count_values(value)", page=PAGE),
        function("DISTINCTCOUNT(value: any) -> long", "count_distinct(value)", page=PAGE),
        function("FIRST(value: T) -> T", "", page=PAGE),
        function("LAST(value: T) -> T", "", page=PAGE),
        function("MAX(value: T:ordered) -> T", "maximum_of(value)", page=PAGE),
        function("MIN(value: T:ordered) -> T", "minimum_of(value)", page=PAGE),
        function("STDEV(value: number) -> real", "sample_deviation_of(to_real(value))", page=PAGE),
        function("STDEVP(value: number) -> real", "population_deviation_of(to_real(value))", page=PAGE),
        function("SUM(value: number) -> real", "sum_of(value)", page=PAGE),
        function("UNIQUECOUNT(value: any) -> long", "count_distinct(value)", page=PAGE),
    ),
    str.lower,
)  # fmt: skip
