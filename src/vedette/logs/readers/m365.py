"""Microsoft 365's unified audit log and Entra's logs: takes exports of each, gives a row a record.

The audit log comes from the Management Activity API (arrays, a record a line), from a search
(``AuditData``, JSON inside CSV or JSON), or from Graph. Entra's logs come from diagnostic settings
(``category`` and ``properties``), or as Graph's objects. Source: Microsoft's references of the
Management Activity API's schema and of Entra's logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row
from vedette.logs.columnar.records import Records
from vedette.logs.columnar.texts import Values, converted, listed
from vedette.logs.conversions import text
from vedette.logs.json_values import parse_json
from vedette.logs.lines import decoded
from vedette.logs.readers.delimited import CsvLinesReader, csv_header, parse_records
from vedette.logs.readers.json_records import (
    JsonLines,
    JsonRecords,
    MappedRows,
    Prepared,
    Rows,
    Usual,
)
from vedette.logs.records import flat

_NO_RECORD = "no record of the audit log: it has no Operation, Workload and CreationTime"
_INSIDE = frozenset({b'"value"', b'"records"', b'"Records"'})
_NEEDED = ("Operation", "Workload", "CreationTime")
_AUDIT_DATA = ("AuditData", "auditData")

RECORD_TYPES: Mapping[int, str] = {
    1: "ExchangeAdmin", 2: "ExchangeItem", 3: "ExchangeItemGroup", 4: "SharePoint",
    6: "SharePointFileOperation", 7: "OneDrive", 8: "AzureActiveDirectory",
    9: "AzureActiveDirectoryAccountLogon", 10: "DataCenterSecurityCmdlet",
    11: "ComplianceDLPSharePoint", 12: "Sway", 13: "ComplianceDLPExchange",
    14: "SharePointSharingOperation", 15: "AzureActiveDirectoryStsLogon",
    16: "SkypeForBusinessPSTNUsage", 17: "SkypeForBusinessUsersBlocked",
    18: "SecurityComplianceCenterEOPCmdlet", 19: "ExchangeAggregatedOperation", 20: "PowerBIAudit",
    21: "CRM", 22: "Yammer", 23: "SkypeForBusinessCmdlets", 24: "Discovery", 25: "MicrosoftTeams",
    28: "ThreatIntelligence", 29: "MailSubmission", 30: "MicrosoftFlow", 31: "AeD",
    32: "MicrosoftStream", 33: "ComplianceDLPSharePointClassification", 34: "ThreatFinder",
    35: "Project", 36: "SharePointListOperation", 37: "SharePointCommentOperation",
    38: "DataGovernance", 39: "Kaizala", 40: "SecurityComplianceAlerts",
    41: "ThreatIntelligenceUrl", 42: "SecurityComplianceInsights", 43: "MIPLabel",
    44: "WorkplaceAnalytics", 45: "PowerAppsApp", 46: "PowerAppsPlan",
    47: "ThreatIntelligenceAtpContent", 48: "LabelContentExplorer", 49: "TeamsHealthcare",
    50: "ExchangeItemAggregated", 51: "HygieneEvent", 52: "DataInsightsRestApiAudit",
    53: "InformationBarrierPolicyApplication", 54: "SharePointListItemOperation",
    55: "SharePointContentTypeOperation", 56: "SharePointFieldOperation",
    57: "MicrosoftTeamsAdmin", 58: "HRSignal", 59: "MicrosoftTeamsDevice",
    60: "MicrosoftTeamsAnalytics", 61: "InformationWorkerProtection", 62: "Campaign",
    63: "DLPEndpoint", 64: "AirInvestigation", 65: "Quarantine", 66: "MicrosoftForms",
    67: "ApplicationAudit", 68: "ComplianceSupervisionExchange",
    69: "CustomerKeyServiceEncryption", 70: "OfficeNative",
}  # fmt: skip
"""The audit log's kinds of record by their numbers, of those that the API only numbers."""

_USER_TYPES = {
    0: "Regular", 1: "Reserved", 2: "Admin", 3: "DcAdmin", 4: "System", 5: "Application",
    6: "ServicePrincipal", 7: "CustomPolicy", 8: "SystemPolicy", 9: "PartnerTechnician",
    10: "Guest",
}  # fmt: skip


_LISTED: Mapping[str, tuple[str, str]] = {
    "user_agent": ("ExtendedProperties", "UserAgent"), "session": ("DeviceProperties", "SessionId"),
}  # fmt: skip
"""Columns of sign-ins that lists of names and values say: the lists, and the names in them."""


class AuditFormat:
    """Records of the unified audit log."""

    name = "m365_audit"
    inside = _INSIDE

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of what each record of the audit log has."""
        found = _audit_record(record)
        return 0 if isinstance(found, str) else 94

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return MappedRows(self.name, origin, _audit_prepared, usual=_USUAL)


def _audit_record(record: Mapping[str, Any]) -> dict[str, Any] | str:
    """The record itself, which a search writes as JSON into one field."""
    found: Any = record
    for name in _AUDIT_DATA:
        if name in record:
            found = record[name]
            if isinstance(found, str):
                parsed = parse_json(found.encode("utf-8", "surrogatepass"))
                if isinstance(parsed, str):
                    return f"{name}: {parsed}"
                found = parsed[0]
    if isinstance(found, dict) and all(isinstance(found.get(n), str) for n in _NEEDED):
        return found
    return _NO_RECORD


def _audit_prepared(record: dict[str, Any], _: str = "") -> Prepared | str:
    found = _audit_record(record)
    if isinstance(found, str):
        return found
    columns = {
        "record_type": _word(found.get("RecordType"), RECORD_TYPES),
        "user_type": _word(found.get("UserType"), _USER_TYPES),
    }
    for column, (field, name) in _LISTED.items():
        value = _listed_value(found.get(field), name)
        if value is not None:
            columns[column] = value
    return Prepared(flat(found), found, columns)


def _audit_columns(records: Records) -> Mapping[str, Values]:
    return {
        "record_type": _words(records, "RecordType", RECORD_TYPES),
        "user_type": _words(records, "UserType", _USER_TYPES),
        **{
            column: [_listed_value(one, name) for one in listed(records.fields[field])]
            for column, (field, name) in _LISTED.items()
            if field in records.fields
        },
    }


def _listed_value(pairs: Any, name: str) -> str | None:
    """The first value of a name in a list of objects with ``Name`` and ``Value``."""
    if not isinstance(pairs, list):
        return None
    values = (p.get("Value") for p in pairs if isinstance(p, dict) and p.get("Name") == name)
    return next((v for value in values if value is not None and (v := text(value))), None)


_USUAL = Usual(
    frozenset(_NEEDED),
    frozenset({*_AUDIT_DATA, "RecordType", "UserType", *(field for field, _ in _LISTED.values())}),
    lambda names: names.isdisjoint(_AUDIT_DATA),
    _audit_columns,
)


def _words(records: Records, name: str, words: Mapping[int, str]) -> Values:
    values = records.fields.get(name)
    if values is None:
        return pa.nulls(len(records), pa.string())
    return converted(values, lambda value: _word(value, words), pa.string())


def _word(value: Any, words: Mapping[int, str]) -> str | None:
    """The word for a number, the number where it has none, a word as it is."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    return words.get(value, str(value)) if isinstance(value, int) else str(value)


class AuditCsvReader(CsvLinesReader):
    """Reads the CSV of a search of the audit log."""

    name = AuditFormat.name

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line names AuditData beside an operation."""
        names = {n.lower() for n in csv_header(head).names}
        return 94 if "auditdata" in names and names & {"operation", "operations"} else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a record."""
        header = csv_header(origin.head)
        places = [place for place, n in enumerate(header.names) if n.lower() == "auditdata"]
        rows = MappedRows(self.name, origin, _audit_prepared)

        def record(values: Sequence[str], raw: bytes, offset: int) -> tuple[Layout, Row] | str:
            if not places:
                return "the first line names no AuditData"
            return rows.row({"AuditData": values[places[0]]}, decoded(raw).rstrip("\r\n"), offset)

        def parse(piece: Piece) -> Parsed:
            return parse_records(piece, header, record)

        return parse


_SIGN_INS = {
    "signinlogs", "noninteractiveusersigninlogs", "serviceprincipalsigninlogs",
    "managedidentitysigninlogs", "adfssigninlogs", "microsoftserviceprincipalsigninlogs",
}  # fmt: skip
_CATEGORIES = frozenset(_SIGN_INS | {"auditlogs"})
_OF_SIGN_IN = frozenset({"createdDateTime", "appDisplayName", "status", "ipAddress"})
_OF_AUDIT = frozenset({"activityDateTime", "activityDisplayName", "initiatedBy"})


class EntraFormat:
    """Records of Entra's sign-in and audit logs."""

    name = "entra"
    inside = _INSIDE

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of a category of Entra, and of Graph's objects by their fields."""
        return 0 if isinstance(_entra_record(record), str) else 94

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return MappedRows(self.name, origin, _entra_prepared)


def _entra_record(record: dict[str, Any]) -> dict[str, Any] | str:
    """The record as diagnostic settings export it: Graph's objects are its properties."""
    properties = record.get("properties")
    if isinstance(properties, dict):
        if str(record.get("category")).lower() in _CATEGORIES:
            return record
    elif record.keys() >= _OF_SIGN_IN:
        return {"category": "SignInLogs", "properties": record}
    elif record.keys() >= _OF_AUDIT:
        return {"category": "AuditLogs", "properties": record}
    return "no record of Entra's sign-in or audit logs"


def _entra_prepared(record: dict[str, Any], _: str) -> Prepared | str:
    found = _entra_record(record)
    if isinstance(found, str):
        return found
    fields = flat(found)
    if str(found["category"]).lower() in _SIGN_INS:
        return _sign_in(fields, found)
    fields["kind"] = "audit"
    targets = found["properties"].get("targetResources")
    if isinstance(targets, list) and targets and isinstance(targets[0], dict):
        names = (targets[0].get(name) for name in ("displayName", "userPrincipalName", "id"))
        fields["target"] = next((name for name in names if isinstance(name, str) and name), None)
    return Prepared(fields, found, {})


def _sign_in(fields: dict[str, Any], record: dict[str, Any]) -> Prepared:
    fields["kind"] = "sign-in"
    code = fields.get("resultType", fields.get("properties.status.errorCode"))
    if code is None:
        return Prepared(fields, record, {})
    fields["code"] = str(code)
    if fields["code"] == "0":
        return Prepared(fields, record, {"action": "LogonSuccess"})
    reasons = (fields.get("properties.status.failureReason"), fields.get("resultDescription"))
    fields["failure"] = next((r for r in reasons if isinstance(r, str) and r), None)
    return Prepared(fields, record, {"action": "LogonFailed"})


M365_READERS = (
    AuditCsvReader(), JsonLines(AuditFormat()), JsonRecords(AuditFormat()),
    JsonLines(EntraFormat()), JsonRecords(EntraFormat()),
)  # fmt: skip
