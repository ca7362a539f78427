"""Functions that give the name QRadar has for one of an event's numbers.

``HIDDEN`` names, by function and argument, the hidden column of the table that holds the name.
"""

from collections.abc import Mapping

from vedette.plan.library import Library, function

PAGE = "aql-data-retrieval-functions"

LOOKUPS = Library(
    (
        function("CATEGORYNAME(category: long) -> string", "", page=PAGE),
        function("LOGSOURCENAME(logsourceid: long) -> string", "", page=PAGE),
        function("LOGSOURCETYPENAME(devicetype: long) -> string", "", page=PAGE),
        function("QIDNAME(qid: long) -> string", "", page=PAGE),
    ),
    str.lower,
)

HIDDEN: Mapping[str, Mapping[str, str]] = {
    "CATEGORYNAME": {
        "category": "$category_name",
        "highlevelcategory": "$high_level_category_name",
    },
    "LOGSOURCENAME": {"logsourceid": "$log_source_name"},
    "LOGSOURCETYPENAME": {"devicetype": "$log_source_type"},
    "QIDNAME": {"qid": "$qid_name"},
}
