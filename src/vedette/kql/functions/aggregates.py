"""Aggregates of ``summarize``. Distinct counts are exact, where Kusto's own estimate."""

from vedette.plan.library import function

ALL = "1048576"
"""How many elements an array gets at most where the query gives no number."""

FUNCTIONS = (
    function("count() -> long", "count_rows()", page="count-aggregation-function"),
    function("countif(predicate: bool) -> long", "count_if(predicate)", page="countif-aggregation-function"),
    function("dcount(value: bool|int|long|real|decimal|string|datetime|timespan|guid|dynamic, accuracy: long?) -> long", "count_distinct(value)", page="dcount-aggregation-function"),
    function("dcountif(value: bool|int|long|real|decimal|string|datetime|timespan|guid|dynamic, predicate: bool, accuracy: long?) -> long", "count_distinct_if(value, predicate)", page="dcountif-aggregation-function"),
    function("count_distinct(value: bool|int|long|real|decimal|string|datetime|timespan|guid) -> long", "count_distinct(value)", page="count-distinct-aggregation-function"),
    function("count_distinctif(value: bool|int|long|real|decimal|string|datetime|timespan|guid, predicate: bool) -> long", "count_distinct_if(value, predicate)", page="count-distinctif-aggregation-function"),
    function("stdev(value: real) -> real", "first_not_null(sample_deviation_of(value), 0.0)", page="stdev-aggregation-function"),
    function("stdevp(value: real) -> real", "first_not_null(population_deviation_of(value), 0.0)", page="stdevp-aggregation-function"),
    function("stdevif(value: real, predicate: bool) -> real", "first_not_null(sample_deviation_of(case(predicate, value, null_real)), 0.0)", page="stdevif-aggregation-function"),
    function("variance(value: real) -> real", "first_not_null(sample_variance_of(value), 0.0)", page="variance-aggregation-function"),
    function("variancep(value: real) -> real", "first_not_null(population_variance_of(value), 0.0)", page="variancep-aggregation-function"),
    function("varianceif(value: real, predicate: bool) -> real", "first_not_null(sample_variance_of(case(predicate, value, null_real)), 0.0)", page="varianceif-aggregation-function"),
    function("variancepif(value: real, predicate: bool) -> real", "first_not_null(population_variance_of(case(predicate, value, null_real)), 0.0)", page="variancepif-aggregation-function"),
    function("make_list_with_nulls(value: any) -> dynamic", "collect_with_nulls(value)", page="make-list-with-nulls-aggregation-function"),
    function("buildschema(bag: dynamic) -> dynamic", "schema_of(bag)", page="buildschema-aggregation-function"),
    function("binary_all_and(value: T:whole) -> T", "bits_of_all(value)", page="binary-all-and-aggregation-function"),
    function("binary_all_or(value: T:whole) -> T", "bits_of_any(value)", page="binary-all-or-aggregation-function"),
    function("binary_all_xor(value: T:whole) -> T", "bits_of_odd(value)", page="binary-all-xor-aggregation-function"),
)  # fmt: skip
