"""Functions that ask the deployment's reference data and assets; bound in ``binding.reference``."""

from collections.abc import Mapping

from vedette.plan.library import Library, function

PAGE = "aql-data-retrieval-functions"

REFERENCES = Library(
    (
        function("REFERENCESETCONTAINS(set: string, value: any, domain: any?) -> bool", "", page=PAGE),
        function("REFERENCEMAP(map: string, key: any, domain: any?) -> string", "", page=PAGE),
        function("REFERENCEMAPSETCONTAINS(map: string, key: any, value: any) -> bool", "", page=PAGE),
        function("REFERENCETABLE(table: string, column: string, key: any) -> string", "", page=PAGE),
        function("ASSETHOSTNAME(address: string, moment: any?) -> string", "", page=PAGE),
        function("ASSETUSER(address: string, moment: any?) -> string", "", page=PAGE),
        function("ASSETPROPERTY(property: string, address: string, moment: any?) -> string", "", page=PAGE),
        function("NETWORKNAME(address: string, domain: any?) -> string", "", page=PAGE),
        function("FULLNETWORKNAME(address: string, domain: any?) -> string", "", page=PAGE),
        function("APPLICATIONNAME(applicationid: long) -> string", "", page=PAGE),
        function("DOMAINNAME(domainid: long) -> string", "", page=PAGE),
        function("LOGSOURCEGROUPNAME(devicegrouplist: string) -> string", "", page=PAGE),
        function("PROCESSORNAME(processorid: long) -> string", "", page=PAGE),
        function("PROTOCOLNAME(protocolid: long) -> string", "", page=PAGE),
    ),
    str.lower,
)  # fmt: skip

KEYS: Mapping[str, int] = {
    "REFERENCESETCONTAINS": 1,
    "REFERENCEMAP": 1,
    "REFERENCEMAPSETCONTAINS": 1,
    "REFERENCETABLE": 2,
}
"""From which argument on a function takes values of events rather than names of reference data."""

TOLD: Mapping[str, str] = {
    "NETWORKNAME": "networks",
    "FULLNETWORKNAME": "networks",
    "APPLICATIONNAME": "names/applications",
    "DOMAINNAME": "names/domains",
    "LOGSOURCEGROUPNAME": "names/log-source-groups",
    "PROCESSORNAME": "names/processors",
    "PROTOCOLNAME": "names/protocols",
}
"""Functions that are answered only where the workspace's file of this name tells how."""
