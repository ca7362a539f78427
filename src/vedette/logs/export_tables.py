"""Which table a row of an export is of: takes its names and what it says, gives the table's name.

A record says itself of which table it is (a ``Type``, a ``category`` around it), or its columns do.
"""

from __future__ import annotations

import re
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
    "InboundInternetScanInspected": "DeviceNetworkEvents",
    "NetworkSignatureInspected": "DeviceNetworkEvents",
    "NtlmAuthenticationInspected": "DeviceNetworkEvents",
    "FileCreated": "DeviceFileEvents", "FileDeleted": "DeviceFileEvents",
    "FileModified": "DeviceFileEvents", "FileRenamed": "DeviceFileEvents",
    "RegistryKeyCreated": "DeviceRegistryEvents", "RegistryKeyDeleted": "DeviceRegistryEvents",
    "RegistryKeyRenamed": "DeviceRegistryEvents", "RegistryValueSet": "DeviceRegistryEvents",
    "RegistryValueDeleted": "DeviceRegistryEvents", "ImageLoaded": "DeviceImageLoadEvents",
    "LogonSuccess": "DeviceLogonEvents", "LogonFailed": "DeviceLogonEvents",
    "LogonAttempted": "DeviceLogonEvents",
    "ClickAllowed": "UrlClickEvents", "ClickBlocked": "UrlClickEvents",
}  # fmt: skip
_OF_NETWORK = "ConnectionInspected"
"""Ends the actions of DeviceNetworkEvents that tell which protocol was looked into."""
_OF_DEVICE = re.compile(
    r"(?:Antivirus|AppControl|AppGuard|AppLocker|Asr|AuditPolicy|BitLocker|Bluetooth|ControlFlow"
    r"|ControlledFolder|DirectoryService|Dlp|DnsQuery|ExploitGuard|Firewall|NetworkProtection"
    r"|NetworkShare|PnpDevice|PrintJob|RemovableStorage|ScheduledTask|SecurityGroup|SmartScreen|Usb"
    r"|UserAccount|Wmi)\w+|\w+ApiCall"
    r"|AccountCheckedForBlankPassword|BrowserLaunchedToOpenUrl|ClrUnbackedModuleLoaded"
    r"|CredentialsBackup|DeviceBootAttestationInfo|DpapiAccessed|DriverLoad"
    r"|FileTimestampModificationEvent|GetClipboardData|LdapSearch|LogonRightsSettingEnabled"
    r"|MemoryRemoteProtect|NamedPipeEvent|OtherAlertRelatedActivity|PTraceDetected"
    r"|PasswordChangeAttempt|PlistPropertyModified|PowerShellCommand|ProcessCreatedUsingWmiQuery"
    r"|ProcessPrimaryTokenModified|RemoteDesktopConnection|RemoteWmiOperation|SafeDocFileScan"
    r"|ScreenshotTaken|ScriptContent|SecurityLogCleared|SensitiveFileRead|ServiceInstalled"
    r"|ShellLinkCreateFileEvent|TamperingAttempt|UntrustedWifiConnection|WriteToLsassProcessMemory"
)
"""The actions of DeviceEvents. Source: Microsoft's reference of that table's action types."""
_ALIKE = {"DeviceLogonEvents": "IdentityLogonEvents", "DeviceFileEvents": "CloudAppEvents"}
"""Tables whose actions another has too."""
_NEEDED = {
    "AlertInfo": "alertid", "AlertEvidence": "alertid", "BehaviorInfo": "behaviorid",
    "BehaviorEntities": "behaviorid", "CampaignInfo": "campaignid",
}  # fmt: skip
"""Columns without which a row is of no use: an export that lacks them is of another table."""

_OTHERS = {
    "DeviceTvmInfoGathering": frozenset({
        "timestamp", "lastseentime", "deviceid", "devicename", "osplatform", "additionalfields",
    }),
}  # fmt: skip
"""Tables that are not known, with columns that are nearly those of one that is."""

_TIMES = frozenset({"timestamp", "timegenerated"})
_LEAST_COLUMNS = 4
_LEAST_SHARE = 0.8
_ENVELOPE = "AdvancedHunting-"
_CUSTOM = "_CL"
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
    for other, columns in _OTHERS.items():
        if len(lowered & columns) > most:
            raise NoTable(f"its table {other} is not known: use --table")
    best = [table for table, count in counted.items() if count == most]
    if len(best) == 1:
        return best[0]
    told = _table_of_action(action) if isinstance(action, str) and action else None
    if told in best and _ALIKE.get(str(told)) not in best:
        return str(told)
    lacking = f"more columns than the action {action}" if action else "ActionType too"
    raise SeveralTables(
        f"its columns are those of {', '.join(best)}: export {lacking}, or name the"
        " table with --table"
    )


def _table_of_action(action: str) -> str | None:
    if action.endswith(_OF_NETWORK):
        return "DeviceNetworkEvents"
    return _ACTIONS.get(action) or ("DeviceEvents" if _OF_DEVICE.fullmatch(action) else None)


def is_enveloped(record: Mapping[str, Any]) -> bool:
    """Whether a record is one of Defender's stream, whichever table it is of."""
    category = record.get("category")
    is_of_stream = isinstance(category, str) and category.startswith(_ENVELOPE)
    return is_of_stream and isinstance(record.get("properties"), dict)


def unwrapped(record: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The table that a record names, if it does, and its columns.

    Raises NoTable where the catalogue lacks that table. A ``Type`` is a table's name where there is
    a ``TimeGenerated``: of Defender's own rows it may be a column.
    """
    if "category" in record:
        properties, category = record.get("properties"), record["category"]
        if isinstance(properties, dict) and isinstance(category, str):
            if not category.startswith(_ENVELOPE):
                return None, properties
            return _catalogued(category), properties
    said = record.get("Type")
    if not isinstance(said, str) or not said:
        return None, record
    if record.get("TimeGenerated") or said.endswith(_CUSTOM):
        return _catalogued(said), record
    return named_table(said), record


def _catalogued(name: str) -> str:
    table = named_table(name)
    if table is None:
        raise NoTable(f"its table {name.removeprefix(_ENVELOPE)} is not known: use --table")
    return table
