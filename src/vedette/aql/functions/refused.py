"""Functions that are not carried out: documented ones with the reason, foreign ones with advice."""

from collections.abc import Mapping

_ASSETS = "it asks QRadar's asset database"
_NETWORK = "it asks QRadar's network hierarchy"
_DEPLOYMENT = "it asks QRadar about its own deployment"
_OFFENSES = "it asks QRadar's offenses and rules"
_PLACES = "it asks QRadar's database of places"
_NAMES = "it asks QRadar's own names, which no log carries"

REFUSED: Mapping[str, str] = {
    "APPLICATIONNAME": _NAMES,
    "ARIELSERVERS4EPID": _DEPLOYMENT,
    "ARIELSERVERS4EPNAME": _DEPLOYMENT,
    "COMPONENTID": _DEPLOYMENT,
    "DOMAINNAME": _DEPLOYMENT,
    "FULLNETWORKNAME": _NETWORK,
    "GEO::DISTANCE": _PLACES,
    "GEO::DISTANCE_BY_DOMAIN": _PLACES,
    "GEO::LOOKUP": _PLACES,
    "GEO::LOOKUP_BY_DOMAIN": _PLACES,
    "GEO::LOOKUP_TEXT": _PLACES,
    "GEO::LOOKUP_TEXT_BY_DOMAIN": _PLACES,
    "GLOBALVIEW": "it asks QRadar's saved searches",
    "HASOFFENSE": _OFFENSES,
    "HOSTNAME": _DEPLOYMENT,
    "INOFFENSE": _OFFENSES,
    "LOGSOURCEGROUPNAME": _DEPLOYMENT,
    "MATCHESASSETSEARCH": _ASSETS,
    "NETWORKNAME": _NETWORK,
    "OFFENSE_TIME": _OFFENSES,
    "PROCESSORNAME": _DEPLOYMENT,
    "PROTOCOLNAME": _NAMES,
    "QIDDESCRIPTION": _NAMES,
    "RULENAME": _OFFENSES,
}

SHOWN = frozenset(
    {
        "APPLICATIONNAME", "ARIELSERVERS4EPID", "ARIELSERVERS4EPNAME",
        "DOMAINNAME",
        "FULLNETWORKNAME", "GEO::LOOKUP_TEXT", "GEO::LOOKUP_TEXT_BY_DOMAIN", "HOSTNAME",
        "LOGSOURCEGROUPNAME", "NETWORKNAME", "PROCESSORNAME", "PROTOCOLNAME", "QIDDESCRIPTION",
        "RULENAME",
    }
)  # fmt: skip
"""Refused functions that give text: a column that only shows it can stay empty."""

NOT_AQL: Mapping[str, str] = {
    "LENGTH": "STRLEN(text)",
    "LEN": "STRLEN(text)",
    "SUBSTR": "SUBSTRING(text, start, length)",
    "CAST": "LONG(value), DOUBLE(value) or STR(value)",
    "TO_CHAR": "DATEFORMAT(milliseconds, 'pattern')",
    "FLOOR": "LONG(value)",
    "TRUNCATE": "LONG(value)",
    "INSTR": "STRPOS(text, part)",
    "CONTAINS": "field ILIKE '%part%'",
    "REGEXP_MATCH": "field MATCHES 'pattern'",
    "COALESCE": "IF field IS NULL THEN other ELSE field",
    "IFNULL": "IF field IS NULL THEN other ELSE field",
    "NVL": "IF field IS NULL THEN other ELSE field",
    "DATE_FORMAT": "DATEFORMAT(milliseconds, 'pattern')",
    "FROM_UNIXTIME": "DATEFORMAT(milliseconds, 'pattern')",
    "HOUR": "DATEFORMAT(milliseconds, 'HH')",
    "DAYNAME": "DATEFORMAT(milliseconds, 'EEEE')",
    "EXTRACT": "DATEFORMAT(milliseconds, 'pattern')",
    "INREFERENCESET": "REFERENCESETCONTAINS('set', value)",
    "REFERENCESET": "REFERENCESETCONTAINS('set', value)",
    "LOGSOURCETYPEID": "devicetype",
    "COUNTDISTINCT": "UNIQUECOUNT(value)",
    "CURRENT_TIMESTAMP": "NOW()",
}
