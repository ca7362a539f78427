"""Proofpoint TAP: takes answers of its SIEM API, and their records a line, gives a row a record.

An answer has four lists: messages delivered and blocked, clicks permitted and blocked. A record by
itself says which it is of in ``eventType``. Source: Proofpoint's reference of the SIEM API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vedette.logs.base import Origin
from vedette.logs.json_values import json_text
from vedette.logs.readers.json_records import JsonLines, JsonRecords, MappedRows, Prepared, Rows

_LISTS = {
    "messagesDelivered": "Delivered", "messagesBlocked": "Blocked",
    "clicksPermitted": "permitted", "clicksBlocked": "blocked",
}  # fmt: skip
_NO_RECORD = "no message or click of Proofpoint TAP"
_KINDS = ("eventType", "event_type", "type")


class ProofpointFormat:
    """TAP's messages and clicks."""

    name = "proofpoint"
    inside = frozenset(f'"{name}"'.encode() for name in _LISTS)

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of a list's name, and of fields that only TAP has."""
        return 0 if _kind(record, name) is None else 94

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return MappedRows(self.name, origin, _prepared)


def _kind(record: Mapping[str, Any], name: str) -> str | None:
    """The list that a record is of, ``messages`` or ``clicks`` where it does not say more."""
    if "GUID" not in record and "id" not in record:
        return None
    if name in _LISTS:
        return name
    said = next((record[k] for k in _KINDS if k in record), None)
    if isinstance(said, str):
        found = next((n for n in _LISTS if n.lower() == said.lower().replace("_", "")), None)
        if found is not None:
            return found
    if "GUID" in record and {"threatsInfoMap", "messageTime"} <= record.keys():
        return "messages"
    return "clicks" if {"clickTime", "clickIP", "url"} <= record.keys() else None


def _prepared(record: dict[str, Any], name: str) -> Prepared | str:
    kind = _kind(record, name)
    if kind is None:
        return _NO_RECORD
    action = _LISTS.get(kind)
    if kind.startswith("clicks"):
        return Prepared(record | {"kind": "click"}, record, {"device_action": action})
    parts = [p for p in _objects(record.get("messageParts")) if p.get("disposition") == "attached"]
    threats = list(_objects(record.get("threatsInfoMap")))
    found = dict.fromkeys(
        str(t["classification"]).title() for t in threats if "classification" in t
    )
    urls = dict.fromkeys(
        str(t["threat"]) for t in threats if t.get("threatType") == "url" and t.get("threat")
    )
    attachments = [
        {"name": p.get("filename"), "type": p.get("contentType"), "sha256": p.get("sha256")}
        for p in parts
    ]
    columns = {
        "delivery_action": action,
        "threat_types": ", ".join(found) or None,
        "attachments": json_text(attachments) if attachments else None,
        "attachment_count": len(attachments) if "messageParts" in record else None,
        "urls": json_text(list(urls)) if urls else None,
    }
    return Prepared(record | {"kind": "message"}, record, columns)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


PROOFPOINT_READERS = (JsonLines(ProofpointFormat()), JsonRecords(ProofpointFormat()))
