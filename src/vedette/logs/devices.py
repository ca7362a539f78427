"""Events of devices that log in CEF or LEEF: takes header and fields, gives the row of their class.

What a record is follows from what it has: a request, a question for a name, a mail, a sign-in, a
connection, else an event of the device. Where a vendor writes something elsewhere than the format
says stands in ``mappings/devices.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson

from vedette.logs.base import Made
from vedette.logs.columns import Kind
from vedette.logs.mapping import format_choice, mapping_file

MAX_KEPT = 4096
YEAR_ASSUMED = "year assumed"
_HEADER_LINE = re.compile(r"[\r\n](user-agent|referer|host):[ \t]*([^\r\n]*)", re.IGNORECASE)
_IN_REQUEST = {"user-agent": "user agent", "referer": "referrer", "host": "site"}
WITHOUT_HEADER = frozenset(("mail", "login", "logout"))
"""Kinds whose tables have no columns for the header: it is kept beside the record's own fields."""
HEADER = ("Device Version", "Device Event Class ID", "Event Name", "Event Severity")
PLACES = (
    "time", "host", "event_data", "event_id", "log_offset", "raw", "device_class_id", "event_name",
    "severity",
)  # fmt: skip
"""The columns that a record's values fill beside its fields."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a format calls the fields that tell what a record is."""

    url: str
    application: str
    source: str
    destination: str
    sender: str
    recipient: str
    universal: str
    """QRadar's log source type for a device that is not known."""
    has_sign_ins: bool
    """Whether the fields in ``DECIDE_BY_VALUE`` are the format's own."""


class DeviceEvent(NamedTuple):
    """One record, taken apart: the header's parts that name the device and the event."""

    vendor: str
    product: str
    version: str
    class_id: str
    name: str
    severity: str
    fields: dict[str, str]
    time: int | None
    host: str | None
    year_assumed: bool = False


class DeviceRows:
    """Makes rows of the records of one source."""

    def __init__(self, log_format: str, lineage: str, log_file: str, names: Names) -> None:
        """Every row says which format and file it came from."""
        self._format, self._file = log_format, log_file
        self.lineage = lineage
        self.names = names
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def row(self, event: DeviceEvent, raw: str, offset: int) -> Made:
        """The row of a record, filled when many are."""
        fields = event.fields
        shape = self.shape(event.vendor, event.product, event.version, fields)
        data: dict[str, Any] = fields
        if event.year_assumed:
            data = {**fields, YEAR_ASSUMED: True}
        fields = shape.device.meant(fields)
        ours = shape.ours(fields)
        kind = shape.device.kind or kind_of(fields, ours, self.names)
        if kind in WITHOUT_HEADER:
            header = (event.version, event.class_id, event.name, event.severity)
            data = {**data, **dict(zip(HEADER, header, strict=True))}
        written = orjson.dumps(data) if data else None
        if ours:
            fields.update(ours)
        return shape.filler(kind).late(
            fields, event.time, event.host, written, f"{self.lineage}-{offset}", offset, raw,
            event.class_id or None, event.name or None, event.severity or None,
        )  # fmt: skip

    def shape(self, vendor: str, product: str, version: str, names: Iterable[str]) -> Shape:
        """What decides how records of this device with these fields are filled."""
        key = (vendor, product, version, *names)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= MAX_KEPT:  # names are the log's own
                self._shapes.clear()
            device = device_of(vendor, product)
            constants = {
                "log_format": self._format, "log_file": self._file,
                "log_source_type": device.type or self.names.universal,
                "device_vendor": vendor or None, "device_product": product or None,
                "device_version": version or None, "observer": device.observer,
            }  # fmt: skip
            shape = self._shapes[key] = Shape(device, key[3:], self._format, constants)
        return shape


class Shape:
    """What the device and the names of a record's fields decide."""

    def __init__(
        self, device: Device, names: Sequence[str], mapping: str, constants: Mapping[str, Any]
    ) -> None:
        """*constants* are columns of all its records, where they have a value."""
        self.device = device
        self._mapping, self._constants = mapping, constants
        self._names = frozenset(names) - device.unlike | _our_names()
        self.found = tuple(
            (ours, tuple(n for n in theirs if n in names))
            for ours, theirs in device.fields
            if any(n in names for n in theirs)
        )
        """Names of our own, and the fields of which the first that is not empty has their value."""
        self.labels = tuple(
            (name.removesuffix("Label"), name)
            for name in names
            if name.endswith("Label") and name.removesuffix("Label") in names
        )
        """Fields that others name."""
        self._fillers: dict[str, Kind] = {}

    def ours(self, fields: Mapping[str, str]) -> dict[str, str]:
        """What the record has for the names of our own."""
        found: dict[str, str] = {}
        for ours, theirs in self.found:
            for name in theirs:
                if fields[name]:
                    found[ours] = fields[name]
                    break
        for name, label in self.labels:
            meant = meant_by(fields[label])
            if meant is not None and meant not in found and fields[name]:
                found[meant] = fields[name]
        whole = found.get("full request")
        if whole is not None:
            head = whole[:16_384].replace("\\r\\n", "\r\n")
            for header, value in _HEADER_LINE.findall(head):
                found.setdefault(_IN_REQUEST[header.lower()], value)
        return found

    def filler(self, kind: str) -> Kind:
        """What fills rows of this kind."""
        filler = self._fillers.get(kind)
        if filler is None:
            filler = self._fillers[kind] = self._new_filler(kind)
        return filler

    def _new_filler(self, kind: str) -> Kind:
        filler = format_choice(self._mapping).pick({"kind": kind})
        index = filler.layout.index
        standing = {c: v for c, v in self._constants.items() if c in index and v is not None}
        places = tuple(index.get(column, -1) for column in PLACES)
        return Kind(filler.narrowed(self._names, standing), places)


_SIGNING = {"isLoginEvent": "login", "isLogoutEvent": "logout"}
DECIDE_BY_VALUE = tuple(_SIGNING)
DECIDE_IN_OURS = ("query name", "request method", "user agent")


def kind_of(fields: Mapping[str, str], ours: Mapping[str, str], names: Names) -> str:
    """Which class of event a record is, by what it has.

    That is: of the fields that *names* has and of ours in ``DECIDE_IN_OURS`` whether they are
    empty, of the application and those in ``DECIDE_BY_VALUE`` their text in lower case.
    """
    get = fields.get
    signing = next((k for n, k in _SIGNING.items() if get(n, "").lower() == "true"), None)
    if signing is not None and names.has_sign_ins:
        return signing
    if get(names.url):
        return "web"
    if "query name" in ours:
        return "dns"
    if "request method" in ours or "user agent" in ours:
        return "web"
    application = get(names.application, "").lower()
    if application == "smtp" and get(names.sender) and get(names.recipient):
        return "mail"
    if signing is not None:
        return signing
    if get(names.source) and get(names.destination):
        return "connection"
    if application in ("http", "https") and (get(names.source) or get(names.destination)):
        return "web"
    return "other"


@dataclass(frozen=True, slots=True)
class Device:
    """What is known of a vendor's product."""

    type: str | None
    observer: str | None
    kind: str | None
    fields: tuple[tuple[str, Sequence[str]], ...]
    unlike: frozenset[str]
    """Fields that do not hold what the format says."""
    moments: tuple[str, ...]
    """Fields that say when an event happened, before those of the format."""
    none: frozenset[str]
    """Values that say that there is none."""
    is_quoted: bool
    """Whether values may stand in quotes as a whole."""

    def meant(self, fields: dict[str, str]) -> dict[str, str]:
        """The fields without quotes around values and without words for none; may be the same."""
        if self.is_quoted:
            fields = {name: unquoted(value) for name, value in fields.items()}
        if self.none:
            none = self.none
            fields = {name: "" if value in none else value for name, value in fields.items()}
        return fields


def unquoted(value: str) -> str:
    """A value without the quotes that stand around the whole of it."""
    is_quoted = value[:1] == '"' == value[-1:] and value.count('"') == 2
    return value[1:-1] if is_quoted else value


@cache
def _known() -> Mapping[str, Any]:
    return mapping_file("devices.toml")


def meant_by(label: str) -> str | None:
    """Our name of what a label names."""
    return _labels().get(label.lower())


@cache
def _labels() -> Mapping[str, str]:
    return {label: ours for ours, labels in _known()["labels"].items() for label in labels}


@cache
def _our_names() -> frozenset[str]:
    known = _known()
    named = [known["fields"], known["labels"], *(d.get("fields", {}) for d in known["device"])]
    return frozenset(ours for one in named for ours in one) | frozenset(_IN_REQUEST.values())


@lru_cache(MAX_KEPT)
def device_of(vendor: str, product: str) -> Device:
    """What is known of the product with this name, whatever the letters' case."""
    known, vendor, product = _known(), vendor.lower(), product.lower()
    fits = (
        one
        for one in known["device"]
        if one["vendor"] in vendor
        and ("product" not in one or any(part in product for part in one["product"]))
    )
    one: Mapping[str, Any] = next(fits, {})
    fields = {**known["fields"], **one.get("fields", {})}
    return Device(
        one.get("type"), one.get("observer"), one.get("class"), tuple(fields.items()),
        frozenset(one.get("unlike", ())), tuple(one.get("moments", ())),
        frozenset(one.get("none", ())), one.get("quoted", False),
    )  # fmt: skip
