"""Windows events as text: takes a line of WinCollect or Snare, gives the record of the event.

Both carry the text that Windows renders of an event. Its labels, in their order, stand in
``mappings/windows_messages.toml``. Where line ends are left, a label stands at the beginning of a
line; agents that made blanks of them leave only the order: a label is then the first place, behind
the label before it, where its words and a colon stand between blanks. A value that holds the next
label's words (a command line may) is cut there: such a text cannot tell.
Source: IBM's WinCollect guide, Snare's guide to its event format.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from vedette.logs.mapping import mapping_file
from vedette.logs.syslog import Envelope, Header
from vedette.logs.times import epoch_ticks
from vedette.plan.types import TICKS_PER_SECOND

Record = dict[str, Any]

_WINCOLLECT = "AgentDevice="
_SNARE = re.compile(r"(?:(\S+)(?:\t|#011| +))?MSWinEventLog(?:\t|#011)")
_PAIR = re.compile(r"(?:^|[\t ])([A-Za-z]{2,32})=")
_SNARE_TIME = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?)"
)
_SIDS = ("UserSid", "TargetSid", "MemberSid", "ServiceSid")
_KEYWORDS = {"8": "0x8020000000000000", "16": "0x8010000000000000"}
_AUDIT = {
    "success": "0x8020000000000000", "failure": "0x8010000000000000", "classic": "0x80000000000000",
}  # fmt: skip
_LEVELS = {"1": 2, "2": 3, "4": 4}
_WORDS = {
    "log always": 0, "critical": 1, "error": 2, "warning": 3, "information": 4,
    "informational": 4, "verbose": 5,
}  # fmt: skip
_EXPLANATIONS = (
    "This event is generated", "Token Elevation Type indicates", "Pre-authentication types",
    "Certificate information is only", "The following table",
)  # fmt: skip
_MAX_TEXT = 256 * 1024
_ESCAPES = (("#011", "\t"), ("#015", "\r"), ("#012", "\n"))


def is_wincollect(message: str) -> bool:
    """Whether a message is WinCollect's."""
    return message.startswith(_WINCOLLECT)


def is_snare(message: str) -> bool:
    """Whether a message is Snare's, with or without the computer's name before it."""
    return _SNARE.match(message) is not None


def wincollect_event(message: str, received: int | None) -> Record | str:
    """The event in a message of WinCollect; *received* is the envelope's moment."""
    message = _unescaped(message)
    head, found, text = message.partition("Message=")
    pairs = _pairs(head)
    code = pairs.get("EventID") or pairs.get("EventIDCode")
    if not code:
        return "a line of WinCollect without an EventID"
    channel = pairs.get("AgentLogFile")
    written = pairs.get("TimeGenerated", "")
    ticks = epoch_ticks(written, 1000 if len(written) > 11 else 1)
    system = {
        "EventID": code, "Channel": channel, "Provider": pairs.get("Source"),
        "Computer": pairs.get("Computer") or pairs.get("OriginatingComputer"),
        "EventRecordID": pairs.get("RecordNumber"),
        "Keywords": _keywords(pairs.get("Keywords", ""), pairs.get("EventType", "")),
        "Level": _level(pairs.get("Level"), pairs.get("EventType"), channel),
        "TimeCreated": ticks if ticks is not None else received,
    }  # fmt: skip
    return _event(system, text if found else None)


def snare_event(message: str, header: Header, envelope: Envelope) -> Record | str:
    """The event in a message of Snare."""
    message = _unescaped(message)
    match = _SNARE.match(message)
    if match is None:
        return "no line of Snare"
    parts = message[match.end() :].split("\t")
    if len(parts) < 11:
        return "a line of Snare has at least eleven parts behind MSWinEventLog"
    channel, number, written, code, provider, _user, _kind, audit, computer = parts[1:10]
    text = parts[12] if len(parts) > 12 else parts[-1]
    if not code.isdigit():
        return "a line of Snare without an event ID"
    moment = _SNARE_TIME.fullmatch(written.strip())
    ticks = envelope.moment(moment[1])[0] if moment is not None else None
    system = {
        "EventID": code, "Channel": channel, "Provider": provider or None,
        "Computer": computer or match[1] or header.host,
        "EventRecordID": number if number.isdigit() else None,
        "Keywords": _keywords(audit, ""),
        "Level": _WORDS.get(audit.strip().lower(), 0 if "audit" in audit.lower() else None),
        "TimeCreated": ticks if ticks is not None else header.time,
    }  # fmt: skip
    return _event(system, text or None)


def _unescaped(message: str) -> str:
    """The message with the control characters that rsyslog wrote as numbers."""
    if "\t" not in message and "#011" in message:
        for written, character in _ESCAPES:
            message = message.replace(written, character)
    return message.replace("#015#012", "\r\n")  # it may have been told to leave tabs as they are


def _pairs(head: str) -> dict[str, str]:
    """The pairs before the message, between tabs, or between blanks where tabs are lost."""
    if "\t" in head:
        pairs = (part.partition("=") for part in head.split("\t"))
        return {name.strip(): value.strip() for name, _, value in pairs}
    parts = _PAIR.split(head)
    return {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=True)}


def _keywords(written: str, kind: str) -> str | None:
    """The bits that keywords are, of which some are written as words, else those of an event type.

    Words that are not known have none.
    """
    if written[:2].lower() == "0x":
        return written
    bits = next((bits for word, bits in _AUDIT.items() if word in written.lower()), None)
    return bits or _KEYWORDS.get(kind)


def _level(word: str | None, kind: str | None, channel: str | None) -> int | None:
    written = (word or "").lower()
    known = int(written[:3]) if written.isdecimal() else _WORDS.get(written)
    if known is not None:
        return known
    if channel is not None and channel.lower() == "security":
        return 0
    return _LEVELS.get(kind or "")


def _event(system: Record, text: str | None) -> Record:
    """The event as JSON exports nest it, with the fields that its text shows."""
    provider, code, ticks = system["Provider"] or "", system["EventID"], system["TimeCreated"]
    number = int(code) if code.isdigit() and len(code) < 9 else -1
    fields = message_fields(provider, number, text) if text else {}
    system = {name: value for name, value in system.items() if value is not None}
    system["Provider"] = {"#attributes": {"Name": provider}}
    if ticks is not None:
        system["TimeCreated"] = {"#attributes": {"SystemTime": _iso(ticks)}}
    return {"Event": {"System": system, "EventData": fields, "RenderingInfo": {"Message": text}}}


def _iso(ticks: int) -> str:
    seconds, rest = divmod(ticks, TICKS_PER_SECOND)
    moment = dt.datetime(1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return f"{moment.isoformat()[:19]}.{rest:07}Z"


# --- the rendered text ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Label:
    """A label and the field it shows; an empty field where it only ends the value before it."""

    at_line: re.Pattern[str]
    anywhere: re.Pattern[str]
    field: str
    heads: bool
    """Whether the labels behind it are there only with it."""


def message_fields(provider: str, code: int, text: str) -> dict[str, str]:
    """The fields that the rendered text of an event shows; empty for an event that is not known."""
    labels = _labels().get((_family(provider), code))
    if labels is None:
        return {}
    text = _without_explanation(text[:_MAX_TEXT])
    by_line = "\n" in text
    found: list[tuple[int, int, str]] = []
    place, skipped = 0, False
    for label in labels:
        if skipped and not label.heads:
            continue
        pattern = label.at_line if by_line else label.anywhere
        match = pattern.search(text, place)
        skipped = match is None and (skipped or label.heads)
        if match is not None:
            found.append((match.start(), match.end(), label.field))
            place = match.end()
    ends = [start for start, _, _ in found[1:]] + [len(text)] * bool(found)
    fields: dict[str, str] = {}
    for (_, start, field), end in zip(found, ends, strict=True):
        if field:
            value = _meant(field, _first_value(text[start:end], by_line, field))
            if value is not None:
                fields[field] = value
    return fields


def _first_value(text: str, by_line: bool, field: str) -> str:
    """A label's value: its line, or all up to the next label where it may have several lines."""
    value = text.strip()
    if by_line and field not in _LONG:
        return value.partition("\n")[0].strip()
    return value


_LONG = frozenset((
    "TaskContent", "TaskContentNew", "PrivilegeList", "Contents", "CommandLine",
    "ParentCommandLine",
))  # fmt: skip


def _without_explanation(text: str) -> str:
    """The text without the sentences that Windows puts behind an event's own."""
    ends = [end for sentence in _EXPLANATIONS if (end := text.rfind(sentence)) >= 0]
    return text[: min(ends)] if ends else text


def _meant(field: str, value: str) -> str | None:
    """The value as the event has it: codes for words, SIDs for accounts."""
    if field.endswith(_SIDS) and not value.startswith("S-1-"):
        sids: Mapping[str, str] = _data()["sids"]
        return sids.get(value)
    words: Mapping[str, str] = _data()["words"]
    return words.get(value, value)


def _family(provider: str) -> str:
    name = provider.lower()
    if name.endswith("-sysmon"):
        return "sysmon"
    return "security" if name in ("microsoft-windows-security-auditing", "security") else ""


@cache
def _data() -> Mapping[str, Any]:
    return mapping_file("windows_messages.toml")


@cache
def _labels() -> Mapping[tuple[str, int], tuple[_Label, ...]]:
    data = _data()
    return {
        (family, int(code)): tuple(map(_label, labels))
        for family in ("sysmon", "security")
        for code, labels in data[family].items()
    }


def _label(written: str) -> _Label:
    heading = written.startswith("[")
    words, _, field = written.strip("[]").partition(" >")
    choice = "|".join(re.escape(word) for word in words.removeprefix("?").split("|"))
    own = words if not heading and " >" not in written else field.strip()
    return _Label(
        re.compile(rf"^[ \t]*(?:{choice}):", re.MULTILINE),
        re.compile(rf"(?:^|\s)(?:{choice}):(?=\s|$)"),
        own,
        heading and not words.startswith("?"),
    )
