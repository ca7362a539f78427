"""KQL's plug-ins, which ``evaluate`` calls: one module for a few alike, by name in ``PLUGINS``.

What needs a cluster, an address outside, or Python or R code of the query's is refused by name.
"""

from __future__ import annotations

from vedette.kql.plugins import activity, addresses, bags, cells, pivoting, sliding
from vedette.kql.plugins.base import Plugin

PLUGINS: dict[str, Plugin] = {
    name: plugin
    for module in (bags, pivoting, cells, addresses, activity, sliding)
    for name, plugin in module.PLUGINS.items()
}

OUTSIDE: dict[str, str] = {
    name: reason
    for reason, names in {
        "it runs code of the query's own": "python r",
        "it reads data from outside": "azure_digital_twins_query_request cosmosdb_sql_request"
        " http_request http_request_post mysql_request postgresql_request sql_request"
        " infer_storage_schema infer_storage_schema_with_suggestions kusto_request",
        "it calls a language model": "ai_chat_completion ai_chat_completion_prompt ai_embed_text"
        " ai_embeddings openai_embedding",
        "it samples rows and weighs patterns in a way that is not documented": "basket autocluster"
        " diffpatterns diffpatterns_text",
        "which sequences it reports where rows of a step repeat, share a time or lie between others"
        " is not documented": "sequence_detect",
        "it is about a cluster": "schema_merge identity cluster_network_monitoring",
    }.items()
    for name in names.split()
}
"""Plug-ins that are not answered, and why."""

INSTEAD: dict[str, str] = {
    "sequence_detect": "join the rows of each step by what they share and compare their times,"
    " or follow them with scan",
}
"""What answers the question of a plug-in that is not answered."""

__all__ = ["INSTEAD", "OUTSIDE", "PLUGINS"]
