"""Windows events as rows: takes a record as JSON gives it, gives the row of its event table.

Three shapes are known: nested as evtx_dump writes it (``{"Event": {"System": …}}``), flat as
forwarders write it (``EventID``, ``Channel`` and the event's fields side by side), and bare Sysmon
or Security fields with an ``EventID`` only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from vedette.logs.base import Layout, Row
from vedette.logs.json_values import json_text
from vedette.logs.mapping import Filler, filler_for, plain, text, whole
from vedette.logs.times import iso_ticks

LOG_SOURCE_TYPE = "Microsoft Windows Security Event Log"
"""QRadar's log source type of every Windows event, Sysmon's included."""

SYSMON = "Microsoft-Windows-Sysmon"
SECURITY = "Microsoft-Windows-Security-Auditing"
_PROVIDER_OF_CHANNEL = {f"{SYSMON}/operational".lower(): SYSMON, "security": SECURITY}
_SYSTEM = (
    "event_code", "channel", "provider", "record_number", "level", "task", "opcode", "keywords",
    "event_version", "message", "logging_process_id", "logging_thread_id", "logging_user_sid",
    "host",
)  # fmt: skip
_OURS = (
    "event_data", "event_id", "log_format", "log_source_type", "log_file", "log_offset", "raw",
)  # fmt: skip
_MAX_SHAPES = 2048
_INT = 2**31


@cache
def _names() -> Mapping[str, Any]:
    path = files("vedette.logs").joinpath("mappings").joinpath("records.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _flat_names() -> tuple[tuple[str, ...], ...]:
    flat = _names()["flat"]
    return tuple(tuple(flat.get(column, ())) for column in ("time", *_SYSTEM))


@cache
def _forwarder() -> tuple[frozenset[str], frozenset[str]]:
    forwarder = _names()["forwarder"]
    return frozenset(forwarder["names"]), frozenset(forwarder["event_types"])


def is_windows(record: object) -> bool:
    """Whether a JSON value is a Windows event of a shape that is known."""
    if not isinstance(record, dict):
        return False
    event = record.get("Event")
    if isinstance(event, dict):
        return isinstance(event.get("System"), dict)
    return _code(record) is not None and (
        "Channel" in record or "channel" in record or _bare_provider(record) is not None
        or any(name in record for name in ("SourceName", "ProviderName", "Provider_Name"))
    )  # fmt: skip


def _code(record: Mapping[str, Any]) -> int | None:
    value = _first(record, ("EventID", "event_id", "EventId"))
    return None if value is None or isinstance(value, float) else whole(value, _INT)


def _bare_provider(record: Mapping[str, Any]) -> str | None:
    """Whose event it is where the record names neither provider nor channel."""
    code = _code(record)
    if code is None:
        return None
    if ("UtcTime" in record or "Image" in record) and code <= 255:
        return SYSMON
    named = any(n in record for n in ("SubjectUserName", "TargetUserName", "NewProcessName"))
    return SECURITY if named and 4608 <= code <= 6500 else None


class WindowsRows:
    """Makes rows of the events of one source."""

    def __init__(self, log_format: str, lineage: str, log_file: str) -> None:
        """Every row says which format and file it came from."""
        self._format = log_format
        self._lineage = lineage
        self._file = log_file
        self._shapes: dict[frozenset[str], _Shape] = {}

    def row(
        self,
        record: Mapping[str, Any],
        raw: str,
        offset: int,
        place: str = "",
        stamp: int | None = None,
    ) -> tuple[Layout, Row]:
        """The row of a record for which :func:`is_windows` holds.

        *place* is what tells it apart within its source, the offset where empty; *stamp* is the
        record's own time where the container knows it to more digits.
        """
        event = record.get("Event")
        if isinstance(event, dict):
            data = own = _event_fields(event)
            shape = self._shape(data)
            system, time = _nested(event)
        else:
            shape, data = self._shape(record), record
            system, time = _flat(record, shape)
            own = {name: record[name] for name in shape.own}
            if own.get("EventType") in _forwarder()[1]:
                del own["EventType"]
        filler = shape.narrowed(filler_for(system[2], system[0], data))
        row = filler.row(data)
        places = _places(filler.layout)
        if row[places[0]] is None:
            written = iso_ticks(time) if isinstance(time, str) else None
            # The container's stamp has seven digits, the record's text may have six.
            close = stamp is not None and (written is None or stamp // 10 == written // 10)
            row[places[0]] = stamp if close else written
        ours = (
            json_text(own) if own else None,
            f"{self._lineage}-{place or offset}", self._format, LOG_SOURCE_TYPE, self._file,
            offset, raw,
        )  # fmt: skip
        for index, value in zip(places[1:], system + ours, strict=True):
            row[index] = value
        return filler.layout, row

    def _shape(self, fields: Mapping[str, Any]) -> _Shape:
        """What is known of records with these field names; logs have few kinds of records."""
        names = frozenset(fields)
        shape = self._shapes.get(names)
        if shape is None:
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            shape = self._shapes[names] = _Shape(names)
        return shape


class _Shape:
    """What the names of a record's fields alone decide."""

    def __init__(self, names: frozenset[str]) -> None:
        found = (next((n for n in options if n in names), "") for options in _flat_names())
        self.time, *system = found
        self.system = tuple(system)
        self.own = tuple(sorted(names - _forwarder()[0]))
        self._names = names
        self._narrowed: dict[int, Filler] = {}

    def narrowed(self, filler: Filler) -> Filler:
        """The filler without the fields that are not there."""
        narrow = self._narrowed.get(id(filler))
        if narrow is None:
            narrow = self._narrowed[id(filler)] = filler.narrowed(self._names)
        return narrow


@cache
def _places(layout: Layout) -> tuple[int, ...]:
    return tuple(layout.index[column] for column in ("time", *_SYSTEM, *_OURS))


_System = tuple[
    int | None, str | None, str | None, int | None, int | None, int | None, int | None,
    str | None, int | None, str | None, int | None, int | None, str | None, str | None,
]  # fmt: skip


def _flat(record: Mapping[str, Any], shape: _Shape) -> tuple[_System, Any]:
    """The system part of a flat record, and its time as written."""
    get = record.get
    (_, channel, provider, number, level, task, opcode, keywords, version, message, process, thread,
     user, host) = map(get, shape.system)  # fmt: skip
    channel, provider = text(channel or ""), text(provider or "")
    if provider is None:
        if channel is not None:
            provider = _PROVIDER_OF_CHANNEL.get(channel.lower()) or _before_slash(channel)
        else:
            provider = _bare_provider(record)
            channel = {SYSMON: f"{SYSMON}/Operational", SECURITY: "Security"}.get(provider or "")
    system = (
        _code(record), channel, provider, _whole(number), _int(level), _int(task), _int(opcode),
        _keywords(keywords), _int(version), text(message or ""), _int(process), _int(thread),
        text(user or ""), text(host or ""),
    )  # fmt: skip
    return system, get(shape.time)


def _before_slash(channel: str) -> str | None:
    return channel.partition("/")[0] if "/" in channel else None


def _nested(event: Mapping[str, Any]) -> tuple[_System, Any]:
    """The system part of a nested record, and its time as written."""
    system = event.get("System")
    if not isinstance(system, dict):
        system = {}
    execution = _attributes(system.get("Execution"))
    provider = _attributes(system.get("Provider"))
    rendering = event.get("RenderingInfo")
    message = rendering.get("Message") if isinstance(rendering, dict) else None
    parts = (
        _int(_value(system.get("EventID"))), text(_value(system.get("Channel"))),
        text(provider.get("Name") or ""), _whole(_value(system.get("EventRecordID"))),
        _int(_value(system.get("Level"))), _int(_value(system.get("Task"))),
        _int(_value(system.get("Opcode"))), _keywords(_value(system.get("Keywords"))),
        _int(_value(system.get("Version"))), text(message or ""),
        _int(execution.get("ProcessID")), _int(execution.get("ThreadID")),
        text(_attributes(system.get("Security")).get("UserID") or ""),
        text(_value(system.get("Computer"))),
    )  # fmt: skip
    return parts, _attributes(system.get("TimeCreated")).get("SystemTime")


def _event_fields(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """EventData's fields, or those of the one element inside UserData."""
    data = event.get("EventData")
    if not isinstance(data, dict):
        user_data = event.get("UserData") or event.get("ProcessingErrorData")
        if isinstance(user_data, dict):
            inner = [v for k, v in user_data.items() if k != "#attributes"]
            data = inner[0] if len(inner) == 1 and isinstance(inner[0], dict) else user_data
        else:
            return {}
    if "#attributes" in data or any(type(v) is dict for v in data.values()):
        return {k: _value(v) for k, v in data.items() if k != "#attributes"}
    return data


def _attributes(element: Any) -> Mapping[str, Any]:
    """An element's attributes, as the JSON exports spell them."""
    if not isinstance(element, dict):
        return {}
    inner = element.get("#attributes")
    if isinstance(inner, dict):
        return inner
    return {k.lstrip("@"): v for k, v in element.items()}


def _value(element: Any) -> Any:
    """An element's text, without its attributes."""
    if type(element) is dict and "#text" in element:
        return element["#text"]
    return "" if element is None else element


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = record.get(name)
        if value is not None:
            return value
    return None


def _whole(value: Any) -> int | None:
    return None if value is None else whole(value)


def _int(value: Any) -> int | None:
    if type(value) is int and 0 <= value < _INT:
        return value
    return None if value is None else whole(value, _INT)


def _keywords(value: Any) -> str | None:
    """The keyword bits in hexadecimal; forwarders write them as a signed number."""
    if isinstance(value, str) and value[:2].lower() == "0x":
        return value
    number = whole(value, 2**64) if value is not None else None
    return text(plain(value or "")) if number is None else f"0x{number & 0xFFFFFFFFFFFFFFFF:x}"
