"""Windows events whose fields nest in a flat record: takes such a record, gives it as exports nest.

Winlogbeat and Elastic Agent (``winlog``, or version 6's names at the top), Promtail and Alloy
(``event_data``, which is XML), Sentinel's WindowsEvent (``EventData``) and EvtxECmd (``Payload``,
which is JSON) write the System part's values beside their data. Wazuh's records and fluent-bit's
values without names are read by windows_wazuh.py and windows_inserts.py. Sources: each product's
own documentation of its fields; EvtxECmd's of its output.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from vedette.logs.json_values import parse_json
from vedette.logs.mapping import mapping_file
from vedette.logs.windows_inserts import INSERTS, insert_fields
from vedette.logs.windows_wazuh import wazuh_event, wazuh_part
from vedette.logs.windows_xml import event_of

_FORWARDED = ("winlog.event_data", "winlog.user_data", "event_data", "user_data")
_EXPORTED = ("EventData", "UserData")
_PAYLOAD = "Payload"
_EVTXECMD = "ChunkNumber"
_WRAPPER = "_source"
"""What Elasticsearch, and Kibana's exports, have around a document."""
_NESTS = frozenset({
    "winlog", "event_data", "user_data", *_EXPORTED, _WRAPPER, "data", "win", INSERTS
})  # fmt: skip
_OF_EVTXECMD = frozenset({_PAYLOAD, _EVTXECMD})
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)? ?(?:Z|[+-]\d\d:?\d\d)")
_ELEMENT = re.compile(r"<(\w+)")


def may_nest(names: Collection[str]) -> bool:
    """Whether a record of these names may have its event's fields below one of them."""
    if not _NESTS.isdisjoint(names):
        return True
    if "EventId" in names and not _OF_EVTXECMD.isdisjoint(names):
        return True  # PowerShell's own events have a Payload, too
    return any(name.startswith("winlog.") for name in names)


def unwrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document that a search's result is about; another record as it is."""
    inner = record.get(_WRAPPER)
    return inner if type(inner) is dict and _WRAPPER not in inner else record


def has_zone(written: Any) -> bool:
    """Whether a moment is written in ISO's form with its zone."""
    return isinstance(written, str) and _ZONED.fullmatch(written) is not None


def nested_event(record: Mapping[str, Any]) -> dict[str, Any] | str | None:
    """The event with its System part and data; the reason where data is there and not readable.

    None where the record is no Windows event, or has its fields beside each other.
    """
    record = unwrapped(record)
    win = wazuh_part(record)
    if win is not None:
        return wazuh_event(win)
    found = {column: _first(record, names) for column, names in _system().items()}
    if found["event_code"] is None or not (found["channel"] or found["provider"]):
        return None
    found["provider"] = found["provider"] or _first(record, ("source", "Source"))
    data = _data(record)
    named = insert_fields(found["provider"], found["event_code"], record.get(INSERTS))
    if named is not None and not isinstance(data, dict):
        data = {"EventData": {n: v for n, v in _own(record).items() if n != INSERTS} | named}
    if data is None or isinstance(data, str):
        return data
    event = {"System": _system_part(found, record)} | data
    message = found["message"]
    return event | {"RenderingInfo": {"Message": message}} if message is not None else event


@cache
def _system() -> Mapping[str, list[str]]:
    names: dict[str, list[str]] = mapping_file("records.toml")["nested"]
    return names


def _system_part(found: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    times = [value for name in _system()["time"] if (value := _at(record, name)) is not None]
    time = next(filter(has_zone, times), times[0] if times else None)
    run_by = {"ProcessID": found["logging_process_id"], "ThreadID": found["logging_thread_id"]}
    return {
        "EventID": found["event_code"],
        "Channel": found["channel"],
        "Level": found["level"],
        "Task": found["task"],
        "Opcode": found["opcode"],
        "Keywords": found["keywords"],
        "Version": found["event_version"],
        "Computer": found["host"],
        "EventRecordID": found["record_number"],
        "Provider": {"#attributes": {"Name": found["provider"]}},
        "Execution": {"#attributes": run_by},
        "TimeCreated": {"#attributes": {"SystemTime": time}},
        "Security": {"#attributes": {"UserID": found["logging_user_sid"]}},
    }


def _data(record: Mapping[str, Any]) -> dict[str, Any] | str | None:
    """The parts of an event that hold its data; a text and None as ``nested_event`` gives them.

    Fields that stand beside them in a flat record are the event's too.
    """
    found = _below_a_name(record)
    own = _own(record) if "EventID" in record else {}
    if not own or (isinstance(found, dict) and "EventData" not in found):
        return found
    fields = found["EventData"] if isinstance(found, dict) else None
    if not fields:
        return None
    return {"EventData": own | (fields if isinstance(fields, dict) else {"Data": fields})}


def _below_a_name(record: Mapping[str, Any]) -> dict[str, Any] | str | None:
    """What stands below the first name that has any, whoever put it there."""
    if _is_evtxecmd(record):
        return _read(_PAYLOAD, record.get(_PAYLOAD) or {})
    is_forwarded = any(name.startswith("winlog.") for name in record)
    for name in _FORWARDED:
        value = _at(record, name)
        is_forwarded = is_forwarded or value is not None or name.partition(".")[0] in record
        if value is None and (below := _below(record, f"{name}.")):
            value = below
        if value:
            return _read(name, value)
    if is_forwarded:
        return {"EventData": {}}
    for name in _EXPORTED:
        value = record.get(name)
        if not value:
            continue
        data = _read(name, value)
        if isinstance(data, str):
            return data
        fields = data.get("EventData")
        is_beside = isinstance(fields, dict) and fields and fields.keys() <= record.keys()
        return None if is_beside else data
    return None


def _is_evtxecmd(record: Mapping[str, Any]) -> bool:
    payload = record.get(_PAYLOAD)
    is_json = isinstance(payload, dict) or (isinstance(payload, str) and payload[:1] == "{")
    return "EventId" in record and (_EVTXECMD in record or is_json)


def _read(name: str, value: Any) -> dict[str, Any] | str:
    reason = f"the event's data under {name} is not readable"
    if isinstance(value, str):
        text = value.strip()
        if text[:1] == "{":
            parsed = parse_json(text.encode("utf-8", "surrogatepass"))
            value = None if isinstance(parsed, str) else parsed[0]
        else:
            is_text = name == "EventData" and text[:1] != "<"
            return {name: {"Data": text}} if is_text else _of_xml(text) or reason
    if name == "EventData" and isinstance(value, list):
        return {"EventData": value}
    if not isinstance(value, dict):
        return reason
    inner = {part: value[part] for part in _EXPORTED if isinstance(value.get(part), dict)}
    if not inner and not value.keys().isdisjoint(_EXPORTED):
        return reason if any(value.values()) else {"EventData": {}}
    return inner or {"UserData" if name == "UserData" else "EventData": value}


def _of_xml(text: str) -> dict[str, Any] | None:
    found = _ELEMENT.match(text)
    if found is None:
        return None
    for part in _EXPORTED:  # may stand inside what a collector puts around it
        begin, end = text.find(f"<{part}"), text.rfind(f"</{part}>")
        if 0 <= begin < end:
            inner = f"{text[begin:end]}</{part}>"
            break
    else:
        part = "EventData" if found[1] == "Data" else "UserData"
        inner = text if found[1] in _EXPORTED else f"<{part}>{text}</{part}>"
    record = event_of(f"<Event><System><EventID/></System>{inner}</Event>")
    if isinstance(record, str):
        return None
    return {part: record["Event"][part] for part in _EXPORTED if part in record["Event"]} or None


def _own(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record has beside what says whose event it is."""
    around = _around()
    return {n: v for n, v in record.items() if v not in (None, "") and n not in around}


@cache
def _around() -> frozenset[str]:
    known = mapping_file("records.toml")
    named = {name.partition(".")[0] for names in known["nested"].values() for name in names}
    return frozenset(
        {*named, *known["forwarder"]["names"], *known["around"]["names"], *_NESTS, *_OF_EVTXECMD}
    )


def _first(record: Mapping[str, Any], names: Collection[str]) -> Any:
    """The first value under one of some names that is no list or object."""
    for name in names:
        value = _at(record, name)
        if value is not None and not isinstance(value, dict | list):
            return value
    return None


def _at(record: Mapping[str, Any], name: str) -> Any:
    """What is under a name, whose dots lead into objects where it does not stand itself."""
    if name in record:
        return record[name]
    head, dot, rest = name.partition(".")
    inner = record.get(head) if dot else None
    return _at(inner, rest) if isinstance(inner, dict) else None


def _below(record: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {n[len(prefix) :]: value for n, value in record.items() if n.startswith(prefix)}
