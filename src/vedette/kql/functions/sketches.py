"""Digests of values: ``hll`` holds the distinct ones, ``tdigest`` their order. Both are exact."""

from vedette.plan.library import function

_KEYS = "int|long|decimal|string|datetime|timespan|guid"
_RANKED = "int|long|real|datetime|timespan"

FUNCTIONS = (
    function("dcount_hll(hll: dynamic) -> long", "distinct_digest_count(hll)", ("dcount_hll(dynamic(1))", "long(null)")),
    function("hll_merge(hll: dynamic, other: dynamic...) -> dynamic", "distinct_digest_union(hll, other)", ("hll_merge(dynamic(null), dynamic(1))", "hll_merge(dynamic(1), dynamic(null))")),
    function("tdigest_merge(digest: dynamic, other: dynamic...) -> dynamic", "rank_digest_union(digest, other)", ("percentile_tdigest(tdigest_merge(dynamic(null), dynamic(1)), 50)", "dynamic(null)"), aliases=("merge_tdigest",)),
    function(f"rank_tdigest(digest: dynamic, value: {_RANKED}) -> real", "rank_digest_rank(digest, to_dynamic(value))", ("rank_tdigest(dynamic(1), 2)", "real(null)")),
    function(f"percentrank_tdigest(digest: dynamic, value: {_RANKED}) -> real", "divide(multiply(rank_digest_rank(digest, to_dynamic(value)), 100.0), rank_digest_rank(digest, rank_digest_percentile(digest, 100.0)))", ("percentrank_tdigest(dynamic(1), 2)", "real(null)")),
)  # fmt: skip

AGGREGATES = (
    function(f"hll(value: {_KEYS}, accuracy: long?) -> dynamic", "distinct_digest_of(value)", page="hll-aggregation-function"),
    function(f"hll_if(value: {_KEYS}, predicate: bool, accuracy: long?) -> dynamic", "distinct_digest_of(value, predicate)", page="hll-if-aggregation-function"),
    function("hll_merge(hll: dynamic) -> dynamic", "distinct_digests_merged(hll)", page="hll-merge-aggregation-function"),
    function(f"tdigest(value: {_RANKED}, weight: long?) -> dynamic", "rank_digest_of(value, weight)", page="tdigest-aggregation-function", weight="1"),
    function("tdigest_merge(digest: dynamic) -> dynamic", "rank_digests_merged(digest)", page="tdigest-merge-aggregation-function", aliases=("merge_tdigest",)),
)  # fmt: skip
