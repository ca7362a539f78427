"""What a query asks of the service that runs it: takes a name, gives why it is not here."""

from __future__ import annotations

_NAME_IT = "name the table by itself: all logs of a workspace are in reach"
_NO_SERVICE = "it asks the service that runs the query; write the value into the query"
_NO_SHARDS = "logs are not kept in extents here; leave the condition out"
_NO_GEOMETRY = (
    "shapes on a sphere are not worked out here; compare coordinates, or look up addresses"
)
_NO_CURSOR = "logs have no cursor here; choose rows by their time"

TABLES = {
    "cluster": ("a table of another cluster", _NAME_IT),
    "database": ("a table of another database", _NAME_IT),
    "workspace": ("a table of another workspace", _NAME_IT),
    "app": ("a table of another application", _NAME_IT),
    "resource": ("a table of another resource", _NAME_IT),
    "adx": ("a table of another cluster", "ingest its rows as a table of this workspace"),
    "arg": ("Azure Resource Graph", "ingest its rows as a table of this workspace"),
    "external_table": ("an external table", "ingest its rows, or read them with externaldata"),
    "materialized_view": ("a materialized view", "define it with let, as view () { … }"),
    "stored_query_result": ("a stored query result", "define it with let"),
    "entity_group": ("a group of entities", _NAME_IT),
    "graph": ("a graph", "graphs that are stored apart from their tables are not read"),
}
"""Functions that give tables from elsewhere: what they give, and what to do instead."""

SERVICES = {
    "FileProfile": "what is known of files: how common they are, who signed them",
    "SeenBy": "the sensors that have seen a device",
    "DeviceFromIP": "the devices that had an address",
    "AssignedIPAddresses": "the addresses that a device had",
}
"""Functions of Defender's service over data that no log holds, and what they give."""

FUNCTIONS = {
    **dict.fromkeys(
        (
            "current_cluster_endpoint", "current_database", "current_principal",
            "current_principal_details", "current_principal_is_member_of", "current_node_id",
        ),
        _NO_SERVICE,
    ),
    **dict.fromkeys(
        ("extent_id", "extentid", "extent_tags", "rowstore_ordinal_range"), _NO_SHARDS
    ),
    **dict.fromkeys(
        ("cursor_after", "cursor_before_or_at", "cursor_current", "current_cursor"), _NO_CURSOR
    ),
    "weekofyear": "it is obsolete and its last days of December are not documented: week_of_year()",
    "row_rank": "it is obsolete: row_rank_dense() or row_rank_min()",
    "iscolumnexists": "it is no documented function: column_ifexists()",
    "bin_auto": "its bins stand in 'set' options, which change nothing here: bin() or bin_at()",
    "assert": "it ends a query that is being compiled: assert-schema, or a filter of your own",
}  # fmt: skip
"""Functions of values that only the service knows, and others, with what to do instead."""


def hint(name: str) -> str:
    """What to do in place of a function that is not here; empty where nothing is known."""
    return FUNCTIONS.get(name, _NO_GEOMETRY if name.startswith("geo_") else "")
