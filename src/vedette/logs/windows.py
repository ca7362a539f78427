"""Windows events as rows: takes a record as JSON gives it, gives the row of its event table.

Four shapes are known: nested as evtx_dump writes it (``{"Event": {"System": …}}``), flat as
forwarders write it (``EventID``, ``Channel`` and the event's fields side by side), flat around the
event's fields (windows_nested.py), and bare Sysmon or Security fields with an ``EventID`` only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from vedette.logs.base import Made, Text
from vedette.logs.columnar.iso_times import iso_column
from vedette.logs.columns import Kind, Moments, getter
from vedette.logs.conversions import Convert, moment, plain, text, whole
from vedette.logs.json_values import json_bytes
from vedette.logs.mapping import Choice, choice_for, mapping_file
from vedette.logs.times import iso_ticks
from vedette.logs.windows_elements import attributes_of, event_fields, text_of, with_attributes
from vedette.logs.windows_nested import has_zone, may_nest, nested_event, unwrapped

LOG_SOURCE_TYPE = "Microsoft Windows Security Event Log"
"""QRadar's log source type of every Windows event, Sysmon's included."""
LINUX_SYSMON = "Linux-Sysmon"
_LINUX = {"log_source_type": "Linux OS"}

SYSMON = "Microsoft-Windows-Sysmon"
SECURITY = "Microsoft-Windows-Security-Auditing"
_PROVIDER_OF_CHANNEL = {f"{SYSMON}/operational".lower(): SYSMON, "security": SECURITY}
_STANDING = (
    "event_code", "channel", "provider", "level", "task", "opcode", "keywords", "event_version",
    "logging_user_sid", "host",
)  # fmt: skip
_PASSING = ("record_number", "message", "logging_process_id", "logging_thread_id")
_OURS = ("event_data", "event_id", "log_offset", "raw")
MAX_KEPT = 16_384
"""Of how many things that logs make up (names, values) what follows from them is kept."""
_INT = 2**31
_LONG = 2**63
_NoneType = type(None)
_OBJECT = b'":{'


@cache
def _names() -> Mapping[str, Any]:
    return mapping_file("records.toml")


@cache
def _flat_names() -> Mapping[str, list[str]]:
    names: dict[str, list[str]] = _names()["flat"]
    return names


@cache
def _forwarder() -> tuple[frozenset[str], frozenset[str]]:
    forwarder = _names()["forwarder"]
    return frozenset(forwarder["names"]), frozenset(forwarder["event_types"])


def is_windows(record: object) -> bool:
    """Whether a JSON value is a Windows event of a shape that is known."""
    if not isinstance(record, dict):
        return False
    record = unwrapped(record)
    event = record.get("Event")
    if isinstance(event, dict):
        return isinstance(event.get("System"), dict)
    if may_nest(record) and isinstance(nested_event(record), dict):
        return True
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
    """Makes rows of the events of one source.

    Logs have few kinds of events: what their names and standing values decide is worked out once.
    """

    def __init__(self, log_format: str, lineage: str, log_file: str) -> None:
        """Every row says which format and file it came from."""
        self.lineage = lineage
        self._constants = {
            "log_format": log_format, "log_source_type": LOG_SOURCE_TYPE, "log_file": log_file,
        }  # fmt: skip
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._flat: dict[tuple[str, ...], _FlatShape] = {}
        self._kept = 0

    def row(
        self,
        record: Mapping[str, Any],
        raw: Text,
        offset: int,
        place: str = "",
        stamp: int | str | None = None,
    ) -> Made | None:
        """The row of a record, filled when many are; None where it is no Windows event.

        *place* is what tells it apart within its source, the offset where empty; *stamp* is the
        record's own time (ticks, or text) where the container knows it to more digits.
        """
        event = record.get("Event")
        if isinstance(event, dict):
            return self._nested_row(record, event, raw, offset, place, stamp)
        names = tuple(record)
        shape = self._flat.get(names) or self._new_flat(names)
        if shape.may_nest:
            found = unwrapped(record)
            if found is not record:
                return self.row(found, raw, offset, place, stamp)
            inner = nested_event(record)
            if isinstance(inner, dict):
                record = {"Event": inner}
                return self._nested_row(record, inner, raw, offset, place, stamp)
            if inner is not None:  # its data is not readable
                return None
        if shape.zoned is not None and has_zone(record[shape.zoned.time]):
            shape = shape.zoned
        values = shape.values(record)
        standing = self._kind(shape, values[: shape.count], record)
        if standing is None:
            return None
        own = dict(zip(shape.own, values[shape.count :], strict=True))
        if shape.is_typed and _is_forwarders(own["EventType"]):
            del own["EventType"]
        data = json_bytes(own) if own else None
        identity = f"{self.lineage}-{place or offset}"
        kind = standing.only_flat or standing.flat(record, shape)
        return kind.late(record, data, identity, offset, raw)

    def _nested_row(
        self, record: Mapping[str, Any], event: Mapping[str, Any], raw: Text, offset: int,
        place: str, stamp: int | str | None,
    ) -> Made | None:  # fmt: skip
        data: Mapping[str, Any] = event.get("EventData")  # type: ignore[assignment]
        written = json_bytes(data) if type(data) is dict and "#attributes" not in data else ""
        if type(written) is not bytes or _OBJECT in written or "Data" in data:
            # elements with attributes, perhaps
            data = event_fields(event)
            written = json_bytes(data)
        shape = self._shape(data)
        standing, passing = taken_apart(event)
        kind = self._kind(shape, standing, record)
        if kind is None:
            return None
        time, number, message, process, thread = passing
        return kind.nested(data).late(
            data, stamp, time, number, message, process, thread,
            written if data else None, f"{self.lineage}-{place or offset}", offset, raw,
        )  # fmt: skip

    def standing(
        self, fields: Mapping[str, Any], values: tuple[Any, ...], record: Mapping[str, Any]
    ) -> Standing | None:
        """What fills the rows of all nested records with such fields and standing *values*."""
        return self._kind(self._shape(fields), values, record)

    def _shape(self, fields: Mapping[str, Any]) -> _Shape:
        names = tuple(fields)
        shape = self._shapes.get(names)
        if shape is None:
            self._keep_one()
            shape = self._shapes[names] = _Shape(frozenset(names))
        return shape

    def _new_flat(self, names: tuple[str, ...]) -> _FlatShape:
        self._keep_one()
        shape = self._flat[names] = _FlatShape(frozenset(names))
        return shape

    def _keep_one(self) -> None:
        """Names and values are the log's own: what is kept of them is bounded."""
        self._kept += 1
        if self._kept > MAX_KEPT:
            self._shapes.clear()
            self._flat.clear()
            self._kept = 1

    def _kind(
        self, shape: _Shape, standing: tuple[Any, ...], record: Mapping[str, Any]
    ) -> Standing | None:
        try:
            return shape.kinds[standing]
        except KeyError:
            self._keep_one()
            kind = shape.kinds[standing] = self._new_kind(shape, standing, record)
            return kind
        except TypeError:  # a list or object where a text is usual
            return self._new_kind(shape, standing, record)

    def _new_kind(
        self, shape: _Shape, standing: tuple[Any, ...], record: Mapping[str, Any]
    ) -> Standing | None:
        if not is_windows(record):
            return None
        (
            code, channel, provider, level, task, opcode, keywords, version, user, host,
        ) = shape.arranged(standing)  # fmt: skip
        channel, provider = text(channel or ""), text(provider or "")
        if provider is None and channel is not None:
            provider = _PROVIDER_OF_CHANNEL.get(channel.lower()) or _before_slash(channel)
        elif provider is None:
            provider = _bare_provider(record)
            channel = {SYSMON: f"{SYSMON}/Operational", SECURITY: "Security"}.get(provider or "")
        values = (
            _int(code), channel, provider, _int(level), _int(task), _int(opcode),
            _keywords(keywords), _int(version), text(user or ""), text(host or ""),
        )  # fmt: skip
        columns = dict(zip(_STANDING, values, strict=True)) | self._constants
        if provider == LINUX_SYSMON:
            columns |= _LINUX
        return Standing(shape.names, choice_for(provider, values[0]), columns)


class _Shape:
    """What the names of a nested record's fields alone decide."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.kinds: dict[tuple[Any, ...], Standing | None] = {}

    def arranged(self, standing: tuple[Any, ...]) -> tuple[Any, ...]:
        """The standing values, one a column."""
        return standing


class _FlatShape(_Shape):
    """What the names of a flat record alone decide."""

    def __init__(self, names: frozenset[str], time: str = "") -> None:
        """*time* names the field that has the time, where it is not that of the mapping."""
        super().__init__(names)
        found = {
            column: next((n for n in options if n in names), "")
            for column, options in _flat_names().items()
        }
        self.time = time or found["time"]
        self.may_nest = may_nest(names)
        self.zoned = None if time or self.time != "@timestamp" else _zoned(names)
        """What decides where another field has the event's own time with its zone."""
        self.passing = tuple(found[column] for column in _PASSING)
        self.own = tuple(sorted(names - _forwarder()[0]))
        self.is_typed = "EventType" in self.own
        self._standing = tuple(column for column in _STANDING if found[column])
        self.count = len(self._standing)
        self.values = getter((*(found[column] for column in self._standing), *self.own))
        """The standing values that a record has, then its own."""

    def arranged(self, standing: tuple[Any, ...]) -> tuple[Any, ...]:
        """The standing values, one a column, None for what the record lacks."""
        return tuple(map(dict(zip(self._standing, standing, strict=True)).get, _STANDING))


def _zoned(names: frozenset[str]) -> _FlatShape | None:
    time = next((name for name in _flat_names()["zoned_time"] if name in names), None)
    return None if time is None else _FlatShape(names, time)


class Standing:
    """What fills rows of events of one shape with the same standing values."""

    def __init__(self, names: frozenset[str], choice: Choice, columns: Mapping[str, Any]) -> None:
        self._names = names
        self._choice = choice
        self.deciding = names & choice.names
        """The fields that decide how a row is filled: where there are none, all are alike."""
        self.only_flat: Kind | None = None
        """The kind of all flat records, where they are alike and there was one."""
        self._only = None if self.deciding else choice.pick({})
        self._columns = columns
        self._flat: dict[int, Kind] = {}
        self._nested: dict[int, Kind] = {}

    def flat(self, data: Mapping[str, Any], shape: _FlatShape) -> Kind:
        """The kind of a record whose standing and passing values lie beside its fields."""
        filler = self._only or self._choice.pick(data)
        kind = self._flat.get(id(filler))
        if kind is None:
            index = filler.layout.index
            converts: tuple[Convert, ...] = (whole, text, _int, _int)
            passing = zip(shape.passing, _PASSING, converts, strict=True)
            kind = self._flat[id(filler)] = Kind(
                filler.narrowed(self._names, self._columns),
                tuple(index[column] for column in _OURS),
                tuple((name, index[column], convert) for name, column, convert in passing if name),
                shape.time,
                uniform=True,
            )
            if self._only is not None:
                self.only_flat = kind
        return kind

    def nested(self, data: Mapping[str, Any]) -> Kind:
        """The kind of a record that has a System part."""
        filler = self._only or self._choice.pick(data)
        kind = self._nested.get(id(filler))
        if kind is None:
            index = filler.layout.index
            kind = self._nested[id(filler)] = Kind(
                filler.narrowed(self._names, self._columns),
                tuple(index[column] for column in (*_PASSING, *_OURS)),
                moments=_MOMENTS,
                uniform=True,
            )
        return kind


def _is_forwarders(event_type: Any) -> bool:
    return isinstance(event_type, str) and event_type in _forwarder()[1]


def _time(stamp: int | str | None, written: Any) -> int | None:
    """The time of a record with its container's stamp and its own text."""
    return _closer(iso_ticks(stamp) if isinstance(stamp, str) else stamp, moment(written))


def event_times(stamps: Sequence[int | str | None], written: Sequence[Any]) -> list[int | None]:
    """The times of records with these stamps of their containers and texts of their own."""
    read = iso_column(stamps)
    ticks = (s if isinstance(s, int) else r for s, r in zip(stamps, read, strict=True))
    return list(map(_closer, ticks, iso_column(written)))


def _closer(stamp: int | None, written: int | None) -> int | None:
    # The container's stamp has seven digits, the record's text may have six.
    close = stamp is not None and (written is None or stamp // 10 == written // 10)
    return stamp if close else written


_MOMENTS = Moments(2, _time, event_times)


def _before_slash(channel: str) -> str | None:
    return channel.partition("/")[0] if "/" in channel else None


_SYSTEM = itemgetter(
    "EventID", "Channel", "Level", "Task", "Opcode", "Keywords", "Version", "Computer",
    "EventRecordID", "Provider", "Execution", "TimeCreated",
)  # fmt: skip


def taken_apart(event: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The standing values of a nested record; its time as written and its passing values."""
    usual = _usual(event)
    return usual if usual is not None else _nested(event)


def _usual(event: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
    """What ``_nested`` gives, of a record whose parts are all written as the library does.

    Of others None. The same in fewer steps: most records are such.
    """
    try:
        system = event["System"]
        (
            code, channel, level, task, opcode, keywords, version, host, number,
            provider, execution, created,
        ) = _SYSTEM(system)  # fmt: skip
        name = provider["#attributes"]["Name"]
        written = created["#attributes"]["SystemTime"]
        run_by = execution["#attributes"]
        process, thread = run_by["ProcessID"], run_by["ThreadID"]
        security = system.get("Security")
        user = None if security is None else security["#attributes"].get("UserID")
    except (KeyError, TypeError, AttributeError):
        return None
    if type(code) is dict:
        code = text_of(code)
    if not (
        type(number) is type(process) is type(thread) is type(level) is type(task) is type(opcode)
        is type(version) is int
        and type(channel) is type(host) is type(keywords) is str
        and 0 <= number < _LONG and 0 <= process < _INT and 0 <= thread < _INT
        and "RenderingInfo" not in event
    ):  # fmt: skip
        return None
    standing = code, channel, name, level, task, opcode, keywords, version, user, host
    return standing, (written, number, None, process, thread)


def _nested(event: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    system = event.get("System")
    if not isinstance(system, dict):
        system = {}
    if "Provider_attributes" in system or "TimeCreated_attributes" in system:
        system = with_attributes(system)
    try:
        values = _SYSTEM(system)
    except KeyError:
        values = _SYSTEM(defaultdict(_NoneType, system))
    *simple, provider, execution, created = values
    if None in simple or dict in map(type, simple):
        simple = [text_of(value) for value in simple]
    code, channel, level, task, opcode, keywords, version, host, number = simple
    security = system.get("Security")
    user = attributes_of(security).get("UserID") if security is not None else None
    standing = (
        code, channel, attributes_of(provider).get("Name"), level, task, opcode, keywords, version,
        user, host,
    )  # fmt: skip
    rendering = event.get("RenderingInfo")
    message = rendering.get("Message") if isinstance(rendering, dict) else None
    run_by = attributes_of(execution)
    passing = (
        attributes_of(created).get("SystemTime"),
        number if type(number) is int and 0 <= number < _LONG else _whole(number),
        text(message) if message is not None else None,
        _int(run_by.get("ProcessID")),
        _int(run_by.get("ThreadID")),
    )
    return standing, passing


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
