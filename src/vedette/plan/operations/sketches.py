"""Percentiles, and digests of values to be asked later: dynamic values that are opaque to queries.

A digest holds its values exactly, each with its weight, up to 1,000,000 different ones; beyond that
the run fails. Percentiles are of the nearest rank: the least value that as many percent of the
values do not exceed.
"""

from vedette.plan.operations.base import Null, aggregate, operation

OPERATIONS = (
    aggregate("percentile_of(value: T:ordered, percentile: real) -> T", "the value at a percentile from 0 to 100; null of no values"),
    aggregate("weighted_percentile_of(value: T:ordered, weight: long, percentile: real) -> T", "the value at a percentile where each counts as often as its weight; null of no values"),
    aggregate("distinct_digest_of(value: any, condition: bool?) -> dynamic", "a digest of the distinct values; only of rows where the condition is true"),
    aggregate("distinct_digests_merged(digest: dynamic) -> dynamic", "one digest of the values of all"),
    operation("distinct_digest_union(digest: dynamic...) -> dynamic", "one digest of the values of all; null digests do not count", Null.OWN),
    operation("distinct_digest_count(digest: dynamic) -> long", "how many distinct values a digest has; null of what is none"),
    aggregate("rank_digest_of(value: any, weight: long) -> dynamic", "a digest of the values in order, each with its weight"),
    aggregate("rank_digests_merged(digest: dynamic) -> dynamic", "one digest of the values of all"),
    operation("rank_digest_union(digest: dynamic...) -> dynamic", "one digest of the values of all; null digests do not count", Null.OWN),
    operation("rank_digest_percentile(digest: dynamic, percentile: real) -> dynamic", "the value at a percentile; null of what is no digest or has no values"),
    operation("rank_digest_rank(digest: dynamic, value: dynamic) -> real", "how many values of the digest are not greater, by weight"),
)  # fmt: skip
