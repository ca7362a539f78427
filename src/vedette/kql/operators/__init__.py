"""KQL's tabular operators: one module each or for a few alike, syntax and binding together.

``OPERATORS`` reads what stands behind ``|``, ``SOURCES`` what starts a pipeline, by keyword.
"""

from __future__ import annotations

from vedette.kql.operators import refused
from vedette.kql.operators.applying import read_apply
from vedette.kql.operators.base import OperatorReader
from vedette.kql.operators.columns import read_extend, read_project
from vedette.kql.operators.counting import read_count, read_distinct, read_summarize
from vedette.kql.operators.evaluating import read_evaluate, read_getschema
from vedette.kql.operators.expanding import read_expand
from vedette.kql.operators.external import read_externaldata
from vedette.kql.operators.filter import read_where
from vedette.kql.operators.finding import read_find
from vedette.kql.operators.forking import read_facet, read_fork
from vedette.kql.operators.joining import read_join, read_lookup
from vedette.kql.operators.making import read_datatable, read_print
from vedette.kql.operators.naming import read_as, read_invoke, read_render
from vedette.kql.operators.nesting import read_top_nested
from vedette.kql.operators.ordering import read_sort, read_take, read_top
from vedette.kql.operators.parsing import read_parse, read_parse_kv, read_parse_where
from vedette.kql.operators.partitioning import read_partition, read_partition_by
from vedette.kql.operators.ranging import read_range
from vedette.kql.operators.sampling import read_sample_distinct, read_top_hitters
from vedette.kql.operators.scanning import read_scan
from vedette.kql.operators.schemas import (
    read_assert_schema,
    read_project_by_names,
)
from vedette.kql.operators.searching import read_search
from vedette.kql.operators.selection import read_away, read_keep, read_rename, read_reorder
from vedette.kql.operators.series import read_make_series
from vedette.kql.operators.unions import read_union
from vedette.kql.operators.windows import read_serialize

OPERATORS: dict[str, OperatorReader] = {
    **refused.READERS,
    "where": read_where,
    "filter": read_where,
    "extend": read_extend,
    "serialize": read_serialize,
    "project": read_project,
    "project-away": read_away,
    "project-keep": read_keep,
    "project-rename": read_rename,
    "project-reorder": read_reorder,
    "summarize": read_summarize,
    "distinct": read_distinct,
    "count": read_count,
    "sort": read_sort,
    "order": read_sort,
    "top": read_top,
    "take": read_take,
    "limit": read_take,
    "join": read_join,
    "lookup": read_lookup,
    "union": read_union,
    "search": read_search,
    "mv-expand": read_expand,
    "mvexpand": read_expand,
    "make-series": read_make_series,
    "mv-apply": read_apply,
    "mvapply": read_apply,
    "evaluate": read_evaluate,
    "getschema": read_getschema,
    "partition": read_partition,
    "__partitionby": read_partition_by,
    "top-nested": read_top_nested,
    "top-hitters": read_top_hitters,
    "sample": read_take,
    "fork": read_fork,
    "facet": read_facet,
    "assert-schema": read_assert_schema,
    "project-by-names": read_project_by_names,
    "scan": read_scan,
    "sample-distinct": read_sample_distinct,
    "as": read_as,
    "invoke": read_invoke,
    "render": read_render,
    "parse": read_parse,
    "parse-where": read_parse_where,
    "parse-kv": read_parse_kv,
}

SOURCES: dict[str, OperatorReader] = {
    **refused.SOURCE_READERS,
    "evaluate": read_evaluate,
    "print": read_print,
    "datatable": read_datatable,
    "range": read_range,
    "union": read_union,
    "externaldata": read_externaldata,
    "external_data": read_externaldata,
    "search": read_search,
    "find": read_find,
}
