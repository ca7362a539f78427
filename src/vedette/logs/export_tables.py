"""Which table a row of an export is of: takes its names and what it says, gives the table's name.

A record says itself of which table it is (a ``Type``, a ``category`` around it), or its columns do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from vedette.logs.base import event_layout
from vedette.tables.catalog import builtin_table

EVENT_TABLES = frozenset({
    "DeviceProcessEvents", "DeviceNetworkEvents", "DeviceFileEvents", "DeviceRegistryEvents",
    "DeviceLogonEvents", "DeviceImageLoadEvents", "DeviceEvents", "EmailEvents", "UrlClickEvents",
    "IdentityLogonEvents", "CloudAppEvents",
})  # fmt: skip
HUNTING_TABLES = (
    "DeviceProcessEvents", "DeviceNetworkEvents", "DeviceFileEvents", "DeviceRegistryEvents",
    "DeviceLogonEvents", "DeviceImageLoadEvents", "DeviceEvents", "DeviceInfo", "DeviceNetworkInfo",
    "DeviceFileCertificateInfo", "EmailEvents", "EmailUrlInfo", "EmailAttachmentInfo",
    "EmailPostDeliveryEvents", "UrlClickEvents", "IdentityLogonEvents", "IdentityQueryEvents",
    "IdentityDirectoryEvents", "IdentityInfo", "CloudAppEvents", "AlertInfo", "AlertEvidence",
    "BehaviorInfo", "BehaviorEntities", "CampaignInfo", "MessageEvents", "MessageUrlInfo",
    "MessagePostDeliveryEvents",
)  # fmt: skip
"""Defender's tables, which an export may hold without saying which it is."""

_ACTIONS = {
    "ProcessCreated": "DeviceProcessEvents", "OpenProcess": "DeviceProcessEvents",
    "ConnectionSuccess": "DeviceNetworkEvents", "ConnectionFailed": "DeviceNetworkEvents",
    "ConnectionAttempt": "DeviceNetworkEvents", "ConnectionFound": "DeviceNetworkEvents",
    "ConnectionRequest": "DeviceNetworkEvents", "ConnectionAcknowledged": "DeviceNetworkEvents",
    "InboundConnectionAccepted": "DeviceNetworkEvents",
    "InboundConnectionAttempt": "DeviceNetworkEvents",
    "InboundConnectionBlocked": "DeviceNetworkEvents",
    "ListeningConnectionCreated": "DeviceNetworkEvents",
    "NetworkSignatureInspected": "DeviceNetworkEvents",
    "FileCreated": "DeviceFileEvents", "FileDeleted": "DeviceFileEvents",
    "FileModified": "DeviceFileEvents", "FileRenamed": "DeviceFileEvents",
    "RegistryKeyCreated": "DeviceRegistryEvents", "RegistryKeyDeleted": "DeviceRegistryEvents",
    "RegistryKeyRenamed": "DeviceRegistryEvents", "RegistryValueSet": "DeviceRegistryEvents",
    "RegistryValueDeleted": "DeviceRegistryEvents", "ImageLoaded": "DeviceImageLoadEvents",
    "LogonSuccess": "DeviceLogonEvents", "LogonFailed": "DeviceLogonEvents",
    "LogonAttempted": "DeviceLogonEvents",
    "ClickAllowed": "UrlClickEvents", "ClickBlocked": "UrlClickEvents",
}  # fmt: skip
_NEEDED = {
    "AlertInfo": "alertid", "AlertEvidence": "alertid", "BehaviorInfo": "behaviorid",
    "BehaviorEntities": "behaviorid", "CampaignInfo": "campaignid",
}  # fmt: skip
"""Columns without which a row is of no use: an export that lacks them is of another table."""

_TIMES = frozenset({"timestamp", "timegenerated"})
_LEAST_COLUMNS = 4
_LEAST_SHARE = 0.8
_ENVELOPE = "AdvancedHunting-"
ABOUT = "@odata.type"
"""Ends the name of what is said of a column beside it."""


class NoTable(ValueError):
    """A record of no table, or of several alike."""

    is_of_several = False


class SeveralTables(NoTable):
    """A record whose columns several tables have."""

    is_of_several = True


def named_table(name: object) -> str | None:
    """The platform's table of a name as a record has it, which may be an envelope's category."""
    if not isinstance(name, str):
        return None
    plain = name.removeprefix(_ENVELOPE)
    table = builtin_table(plain)
    return plain if table is not None and table.platform == "sentinel" else None


@cache
def folded(table: str) -> Mapping[str, str]:
    """A table's columns by their names in lower case."""
    return {name.lower(): name for name in event_layout(table).columns}


def table_of_columns(names: Collection[str], action: object = None) -> str:
    """The Defender table whose rows have these columns; *action* is one row's ActionType.

    Raises NoTable where none fits, or where several do and the action does not tell.
    """
    lowered = {name.lower() for name in names if not name.endswith(ABOUT)}
    if not lowered & _TIMES:
        raise NoTable("no row of a Defender table: it has no Timestamp")
    counted = {
        table: len(lowered & folded(table).keys())
        for table in HUNTING_TABLES
        if table not in _NEEDED or _NEEDED[table] in lowered
    }
    most = max(counted.values())
    if most < _LEAST_COLUMNS or most < _LEAST_SHARE * len(lowered):
        raise NoTable("no row of a Defender table: too few of its columns are one's")
    best = [table for table, count in counted.items() if count == most]
    if len(best) == 1:
        return best[0]
    told = _ACTIONS.get(action, "DeviceEvents") if isinstance(action, str) and action else None
    if told in best:
        return str(told)
    raise SeveralTables(
        f"its columns are those of {', '.join(best)}: export ActionType too, or name the"
        " table with --table"
    )


def unwrapped(record: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The table that a record names, if it does, and its columns."""
    if "category" in record:
        properties, category = record.get("properties"), record["category"]
        if isinstance(properties, dict) and isinstance(category, str):
            return (named_table(category) if category.startswith(_ENVELOPE) else None), properties
    return (named_table(record["Type"]) if "Type" in record else None), record
