"""Windows events in Wazuh's alerts and archives: takes a record, gives it as exports nest events.

Wazuh keeps them under ``data.win``: ``system``, ``eventdata``, and what stands in UserData under
its element's name. It writes names with a small first letter, a message between quotes, and, in
some versions, the data's values with the escapes that they had in the agent's JSON. Source: its
decoder of event channels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from vedette.logs.json_values import parse_json
from vedette.logs.mapping import mapping_file

_OTHERS = frozenset({"system", "eventdata"})
_PARAMETER = re.compile(r"param\d+")
_ESCAPED = re.compile(r'(?:[^\\"]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*', re.DOTALL)


def wazuh_part(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What Wazuh decoded of a Windows event; None in any other record."""
    data = record.get("data", record)
    win = data.get("win") if isinstance(data, dict) else None
    return win if isinstance(win, dict) and isinstance(win.get("system"), dict) else None


def wazuh_event(win: Mapping[str, Any]) -> dict[str, Any] | None:
    """The event with its System part and data; None where it has no ID, or nothing says whose."""
    get = win["system"].get
    provider = get("providerName")
    if get("eventID") is None or not (provider or get("channel")):
        return None
    user = get("securityUserID") or get("security UserID") or get("userID")
    event: dict[str, Any] = {
        "System": {
            "EventID": get("eventID"), "Channel": get("channel"), "Level": get("level"),
            "Task": get("task"), "Opcode": get("opcode"), "Keywords": get("keywords"),
            "Version": get("version"), "Computer": get("computer"),
            "EventRecordID": get("eventRecordID"),
            "Provider": {"#attributes": {"Name": provider}},
            "Execution": {
                "#attributes": {"ProcessID": get("processID"), "ThreadID": get("threadID")}
            },
            "TimeCreated": {"#attributes": {"SystemTime": get("systemTime")}},
            "Security": {"#attributes": {"UserID": user}},
        }
    }  # fmt: skip
    message = get("message")
    if isinstance(message, str):
        event["RenderingInfo"] = {"Message": _unquoted(message)}
    return event | _data(win, provider if isinstance(provider, str) else "")


def _data(win: Mapping[str, Any], provider: str) -> dict[str, Any]:
    fields = win.get("eventdata")
    if isinstance(fields, dict) and fields:
        return {"EventData": _named(fields, provider)}
    inner = {name: one for name, one in win.items() if name not in _OTHERS and type(one) is dict}
    if not inner:
        return {"EventData": {}}
    return {"UserData": {_capital(n): _named(one, provider) for n, one in inner.items()}}


def _named(fields: Mapping[str, Any], provider: str) -> dict[str, Any]:
    """Fields under their own names, with their own texts."""
    small = _small().get(provider.lower(), ())
    are_escaped = _are_escaped(fields.values())
    return {
        name if name in small or _PARAMETER.fullmatch(name) else _capital(name): (
            _unescaped(value) if are_escaped and isinstance(value, str) else value
        )
        for name, value in fields.items()
    }


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _are_escaped(values: Any) -> bool:
    """Whether each backslash and quote is part of an escape of JSON's: ``C:\\Windows`` has one.

    Two backslashes at the beginning alone tell nothing, as a share's name has them itself.
    """
    texts = [
        value for value in values if isinstance(value, str) and ("\\" in value or '"' in value)
    ]
    return any("\\\\" in one[1:] or '\\"' in one for one in texts) and all(
        map(_ESCAPED.fullmatch, texts)
    )


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    # Control characters may stand there as they are: JSON has them escaped.
    text = re.sub(r"[\x00-\x1f]", lambda found: f"\\u{ord(found[0]):04x}", value)
    parsed = parse_json(f'["{text}"]'.encode("utf-8", "surrogatepass"))
    return value if isinstance(parsed, str) else str(parsed[0][0])


def _unquoted(message: str) -> str:
    is_quoted = len(message) > 1 and message[0] == message[-1] == '"'
    return message[1:-1] if is_quoted else message


@cache
def _small() -> Mapping[str, frozenset[str]]:
    """By provider, names that begin with a small letter themselves."""
    known = mapping_file("records.toml")["small"]
    return {provider.lower(): frozenset(names) for provider, names in known.items()}
