"""KQL's words: which may name a column, which stand between operands."""

from __future__ import annotations

TRUTH = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

MEMBERSHIP = frozenset({"in", "!in", "in~", "!in~", "has_any", "has_all"})

TEXT_OPERATORS = frozenset(
    {
        "=~", "!~", "has", "!has", "has_cs", "!has_cs", "hasprefix", "!hasprefix", "hasprefix_cs",
        "!hasprefix_cs", "hassuffix", "!hassuffix", "hassuffix_cs", "!hassuffix_cs", "contains",
        "!contains", "contains_cs", "!contains_cs", "containscs", "notcontains", "notcontainscs",
        "startswith", "!startswith", "startswith_cs", "!startswith_cs", "endswith", "!endswith",
        "endswith_cs", "!endswith_cs", "like", "notlike", "likecs", "notlikecs", "matches", ":",
    }
)  # fmt: skip

STAR_OPERATORS = TEXT_OPERATORS | {"==", "!=", "in", "in~", "has_any", "has_all", "between"}

_RESERVED = """
    3Dchart __contextual_datatable __crossCluster __crossDB __executeAndCache __id __isFuzzy
    __noWithSource __packedColumn __projectAway __sourceColumnIndex accumulate and anomalychart
    areachart as asc bagexpansion barchart between bin_legacy boolean by byte cachingpolicy callout
    cancel card char columnchart contains contains_cs containscs cycles dataexport datascope
    datatable date datetime decimal decodeblocks desc double dynamic earliest encodingpolicy
    endswith endswith_cs expandoutput extent_tags_retention external_data externaldata find first
    flags float force_remote harddelete hardretention has has_all has_any has_cs hasprefix
    hasprefix_cs hassuffix hassuffix_cs hotcache in int int16 int32 int64 int8 invoke isfuzzy
    journal kind ladderchart last latest like likecs linechart long materialize mdm missing
    nooptimization notcontains notcontainscs notlike notlikecs of or others pathformat piechart
    pivotchart print project queries query_results real relaxed restricted_view_access
    row_level_security rowstore rowstore_references rowstore_sealinfo rowstorepolicy rowstores
    sample scatterchart seal seals search set shards simple softdelete softretention sql
    stackedareachart startswith startswith_cs statistics storedqueryresultcontainers string
    tablepurge time timechart timeline timepivot timespan title to toscalar totable treemap uint
    uint16 uint32 uint64 uint8 ulong union uniqueid unrestrictedviewers verbose viewers views where
    with_itemindex with_match_id with_source with_step_name withsource writeaheadlog
"""

RESERVED = frozenset(_RESERVED.split())

_DECLARABLE = """
    accumulate as by contains datatable earliest externaldata find has in invoke latest
    materialize mdm of print sample search set sql title to toscalar totable verbose viewers where
"""

DECLARABLE = frozenset(_DECLARABLE.split())
"""Reserved words that may name what is declared, but not be referred to without brackets."""

REFERABLE = frozenset({"kind", "withsource", "with_source"})
"""Reserved words that may be referred to, but not declared, without brackets."""


def names(word: str, declared: bool = False) -> bool:
    """Whether a word may stand as a name without brackets, where one is declared or referred to."""
    if "-" in word or word[0] == "$" or word.isdigit():
        return word[0] == "$" and not declared
    return word not in RESERVED or word in (DECLARABLE if declared else REFERABLE)
