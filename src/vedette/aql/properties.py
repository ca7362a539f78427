"""What a deployment calls things that a stock QRadar does not have: takes settings, gives mappings.

Published queries name custom properties and log source types of the deployment they were written
for. A mapping says what such a name stands for here; each one that is applied is listed with the
result, and none is applied when strict.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from vedette.aql.custom_properties import CustomProperty, read_properties
from vedette.aql.reference import ReferenceData
from vedette.tables.log_source_types import log_source_types

PROPERTIES: Mapping[str, str] = {
    "Image": "Process Path",
    "CommandLine": "Process CommandLine",
    "Command Line": "Process CommandLine",
    "ProcessCommandLine": "Process CommandLine",
    "ProcessPath": "Process Path",
    "ProcessName": "Process Name",
    "ParentImage": "Parent Process Path",
    "ParentProcessPath": "Parent Process Path",
    "ParentProcessName": "Parent Process Name",
    "ParentCommandLine": "Parent Command",
    "EventCode": "Event ID",
    "TargetFilename": "File Path",
    "QueryName": "DNS Request Domain",
    "UserAgent": "User Agent",
    "c-useragent": "User Agent",
    "qidname": "QIDNAME(qid)",
    "eventname": "QIDNAME(qid)",
    "Event Name": "QIDNAME(qid)",
    "categoryname": "CATEGORYNAME(category)",
    "logsourcename": "LOGSOURCENAME(logsourceid)",
    "Log Source": "LOGSOURCENAME(logsourceid)",
    "logsourcetypename": "LOGSOURCETYPENAME(devicetype)",
    "Log Source Type": "LOGSOURCETYPENAME(devicetype)",
    "devicetypename": "LOGSOURCETYPENAME(devicetype)",
}

LOG_SOURCE_TYPES: Mapping[str, tuple[str, ...]] = {
    "Microsoft Sysmon": ("Microsoft-Windows-Sysmon", "Linux-Sysmon"),
    "Microsoft Windows PowerShell": ("Microsoft-Windows-PowerShell", "PowerShell"),
    "Microsoft Windows Defender": ("Microsoft-Windows-Windows Defender",),
}

_PROPERTY, _LOG_SOURCE_TYPE = "property:", "log-source-type:"


@dataclass(frozen=True, slots=True)
class Mappings:
    """What names stand for that a stock QRadar lacks.

    ``properties`` maps a property's name, in any letter case, to a property that there is, or to an
    AQL expression over such. ``log_source_types`` maps the name of a log source type to the
    providers whose events have that type. ``reference`` is the deployment's reference data,
    ``custom`` the custom properties that it defines.
    """

    properties: Mapping[str, str] = field(default_factory=lambda: dict(PROPERTIES))
    log_source_types: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: dict(LOG_SOURCE_TYPES)
    )
    reference: ReferenceData = field(default_factory=ReferenceData)
    custom: tuple[CustomProperty, ...] = ()

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Mappings:
        """The default mappings and those of *settings*, which go before them.

        A key is ``property:NAME`` with a property or an AQL expression as its value, or
        ``log-source-type:NAME`` with providers, separated by ``|``. An empty value takes a default
        away. Raises ValueError for any other key.
        """
        properties, types = dict(PROPERTIES), dict(LOG_SOURCE_TYPES)
        for key, value in settings.items():
            if key.startswith(_PROPERTY):
                _without(properties, key[len(_PROPERTY) :])
                if value.strip():
                    properties[key[len(_PROPERTY) :]] = value.strip()
            elif key.startswith(_LOG_SOURCE_TYPE):
                _without(types, key[len(_LOG_SOURCE_TYPE) :])
                providers = tuple(p.strip() for p in value.split("|") if p.strip())
                if providers:
                    types[key[len(_LOG_SOURCE_TYPE) :]] = providers
            else:
                raise ValueError(f"not a mapping: '{key}' (property:NAME or log-source-type:NAME)")
        return cls(properties, types)

    @classmethod
    def of_folder(cls, folder: Path) -> Mappings:
        """The mappings of a folder's ``mappings.toml``, ``properties.toml`` and ``reference``.

        Raises ValueError, naming the file, where one cannot be read.
        """
        file = folder / "mappings.toml"
        try:
            settings = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            mappings = cls.of(settings)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
            raise ValueError(f"{file} cannot be read: {error}") from error
        types = {*log_source_types().values(), *mappings.log_source_types}
        custom = read_properties(folder / "properties.toml", types)
        reference = ReferenceData.of_folder(folder / "reference")
        return replace(mappings, reference=reference, custom=custom)

    def property(self, name: str) -> str | None:
        """What the property of this name, in any letter case, stands for; None without mapping."""
        lower = name.lower()
        return next((t for n, t in self.properties.items() if n.lower() == lower), None)


def _without(known: dict[str, str] | dict[str, tuple[str, ...]], name: str) -> None:
    for spelled in [k for k in known if k.lower() == name.lower()]:
        del known[spelled]
