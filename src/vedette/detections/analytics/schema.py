"""What the vendor's schema of analytics rules says: keys, words and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from vedette.detections.model import Severity, Status

KINDS = ("Scheduled", "NRT")
OTHER_KINDS = (
    "Fusion", "MicrosoftSecurityIncidentCreation", "MLBehaviorAnalytics", "ThreatIntelligence",
    "Anomaly",
)  # fmt: skip
SEVERITIES = {
    "Informational": Severity.INFORMATIONAL,
    "Low": Severity.LOW,
    "Medium": Severity.MEDIUM,
    "High": Severity.HIGH,
}
STATUSES: Mapping[str, Status] = {
    "available": "stable", "production": "stable", "preview": "test", "test": "test",
    "testing": "test", "experimental": "experimental", "development": "experimental",
    "deprecated": "deprecated",
}  # fmt: skip
OPERATORS: Mapping[str, Literal["gt", "lt", "eq", "ne"]] = {
    "gt": "gt", "lt": "lt", "eq": "eq", "ne": "ne",
    "GreaterThan": "gt", "LessThan": "lt", "Equal": "eq", "NotEqual": "ne",
}  # fmt: skip
TACTICS = (
    "Reconnaissance", "ResourceDevelopment", "InitialAccess", "Execution", "Persistence",
    "PrivilegeEscalation", "DefenseEvasion", "CredentialAccess", "Discovery", "LateralMovement",
    "Collection", "CommandAndControl", "Exfiltration", "Impact", "PreAttack",
    "ImpairProcessControl", "InhibitResponseFunction",
)  # fmt: skip
GROUPINGS = {"SingleAlert": False, "AlertPerResult": True}

IDENTIFIERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Account": (
        ("Name", "FullName", "Sid", "AadUserId", "PUID", "ObjectGuid"),
        ("UPNSuffix", "NTDomain", "DnsDomain", "AadTenantId", "IsDomainJoined", "DisplayName"),
    ),
    "Host": (
        ("HostName", "FullName", "NetBiosName", "AzureID", "OMSAgentID"),
        ("DnsDomain", "NTDomain", "OSFamily", "OSVersion", "IsDomainJoined"),
    ),
    "IP": (("Address",), ("AddressScope",)),
    "URL": (("Url",), ()),
    "DNS": (("DomainName",), ()),
    "Process": (("ProcessId", "CommandLine"), ("ElevationToken", "CreationTimeUtc")),
    "File": (("Name",), ("Directory",)),
    "FileHash": (("Algorithm", "Value"), ()),
    "MailMessage": (
        ("NetworkMessageId", "Recipient"),
        (
            "Sender", "SenderIP", "Subject", "P1Sender", "P1SenderDisplayName", "P1SenderDomain",
            "P2Sender", "P2SenderDisplayName", "P2SenderDomain", "InternetMessageId",
            "DeliveryAction", "DeliveryLocation", "AntispamDirection", "ThreatDetectionMethods",
            "Urls", "Threats", "ReceiveDate", "Language", "BodyFingerprintBin1",
        ),
    ),
    "Mailbox": (("MailboxPrimaryAddress",), ("DisplayName", "Upn", "ExternalDirectoryObjectId")),
    "CloudApplication": (("AppId", "Name"), ("InstanceName",)),
    "AzureResource": (("ResourceId",), ()),
    "RegistryKey": (("Hive", "Key"), ()),
    "RegistryValue": (("Name", "Value"), ("ValueType",)),
    "Malware": (("Name",), ("Category",)),
    "MailCluster": (("Query", "Source"), ()),
    "SecurityGroup": (("DistinguishedName", "SID", "ObjectGuid"), ()),
    "SubmissionMail": (
        ("SubmissionId", "NetworkMessageId"),
        ("Recipient", "Sender", "SenderIp", "Subject", "Submitter", "SubmissionDate",
         "ReportType", "Timestamp"),
    ),
    "IoTDevice": (("DeviceId",), ("DeviceName", "Source", "IoTSecurityAgentId")),
}  # fmt: skip
"""Entity types: identifiers of which one is needed, and further ones."""

REQUIRED = ("id", "name", "description", "severity")
REQUIRED_SCHEDULED = (
    "requiredDataConnectors", "queryFrequency", "queryPeriod", "triggerOperator",
    "triggerThreshold",
)  # fmt: skip
REQUIRED_HUNTING = ("id", "name")

SAME = {"displayName": "name", "techniques": "relevantTechniques"}
"""Keys of ARM and REST that the YAML calls otherwise."""
KEYS = (
    "id", "kind", "name", "description", "severity", "query", "requiredDataConnectors",
    "queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold", "tactics",
    "relevantTechniques", "subTechniques", "entityMappings", "sentinelEntitiesMappings",
    "customDetails", "alertDetailsOverride", "eventGroupingSettings", "version", "status", "tags",
    "metadata", "enabled", "suppressionEnabled", "suppressionDuration", "incidentConfiguration",
    "alertRuleTemplateName", "templateVersion", "etag", "previousVersion", "references", "author",
    "link", "type", "apiVersion", "lastModifiedUtc", "startTimeUtc",
)  # fmt: skip
WITHOUT_EFFECT = {
    "incidentConfiguration": "a hunt makes findings, not incidents",
    "sentinelEntitiesMappings": "a hunt has no entities of Sentinel's own tables",
    "suppressionDuration": "a hunt does not pause after a finding",
    "startTimeUtc": "a hunt looks at all data",
}

LONGEST = {"name": 256, "description": 5_000, "query": 10_000, "version": 20}
MOST_ENTITIES = 10
MOST_FIELDS = 3
MOST_DETAILS = 20
MOST_PLACEHOLDERS = 3
MOST_THRESHOLD = 10_000
