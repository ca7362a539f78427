"""Linux's audit log: takes whole events of it, gives a row a record, and one for what happened.

A record is a line; the records of one event have its moment and number in common and may lie apart.
Each record is an ``audit_event``, as it stands. What an event is as a whole is told besides: a new
process, a file made or removed, a connection, a sign-in. Encoded values (hexadecimal, where auditd
does not trust them) are decoded. Source: the audit project's record and field dictionaries.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from vedette.logs.base import Made
from vedette.logs.lines import decoded
from vedette.logs.mapping import mapping_file
from vedette.logs.records import RecordRows
from vedette.logs.times import epoch_ticks

ENDS = frozenset((b"EOE", b"PROCTITLE"))
"""What the kernel writes last of an event."""

_PREFIX = (
    rb"(?:(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} {1,2}\d{1,2} [\d:.]{8,15}|\d{4}-\d\d-\d\dT[\d:.+Z-]+) "
    rb"(?P<host>\S{1,255}) [^\s:]{1,64}: ?)?"
)
LINE = re.compile(
    _PREFIX + rb"(?:node=(?P<node>\S{1,255}) )?type=(?P<type>[A-Z0-9_]{1,40}|UNKNOWN\[\d{1,6}\]) "
    rb"msg=audit\((?P<seconds>\d{1,12})(?P<fraction>\.\d{1,9})?:(?P<serial>\d{1,20})\): ?"
)
DASHES = b"----\n"
BETWEEN = re.compile(rb"(?:----\r?\n)?(?:time->[^\r\n]{1,64}\r?\n)?")
"""What ausearch writes before each event: a line of dashes, and its time in words."""
_ALONE = re.compile(
    rb"USER(?:_|$)|CRED_|DAEMON_|SERVICE_|SYSTEM_|ADD_|DEL_|GRP_|ACCT_|CRYPTO_|VIRT_|CHGRP_ID|"
    rb"CHUSER_ID|ROLE_|LABEL_|TEST$|TRUSTED_APP|SOFTWARE_UPDATE|USYS_CONFIG|ANOM_(?:LOGIN|ABEND|ROOT)|"
    rb"RESP_"
)
_FIELD = re.compile(r"([A-Za-z_][\w.\-\[\]]*)=(?:\"([^\"]*)\"|(\S*))")
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_ENCODED = frozenset((
    "acct", "cmd", "comm", "cwd", "data", "dir", "exe", "file", "grp", "key", "name", "new_group",
    "ocomm", "path", "proctitle", "sw", "vm", "watch",
))  # fmt: skip
_ARGUMENT = re.compile(r"a(\d{1,6})(?:\[(\d{1,6})\])?")
_QUOTED_PIECE = re.compile(r'(?<!\S)(a\d{1,6}\[\d{1,6}\])="')
_NOTHING = ("(null)", "?", "(none)", "")
_NO_ACCOUNT = (None, *_NOTHING, "(unknown)")
_UNSET = frozenset(("4294967295", "-1", "unset"))
_FILES = {"CREATE": "FileCreated", "DELETE": "FileDeleted"}
_SIGN_INS = frozenset(
    ("USER_LOGIN", "USER_LOGOUT", "USER_AUTH", "CRED_ACQ", "CRED_DISP", "CRED_REFR")
)
_MAX_ARGUMENTS = 100_000


def stands_alone(type: bytes) -> bool:
    """Whether a record of this type is all of its event: what programs send to the audit daemon."""
    return _ALONE.match(type) is not None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line: its type, its fields under their own names, where it stands."""

    type: str
    fields: dict[str, str]
    key: bytes
    time: int | None
    host: str | None
    raw: str
    offset: int
    quoted: frozenset[str] = frozenset()
    """The pieces of arguments that stand in quotes: these are as they are, others hexadecimal."""


def read_record(line: bytes, offset: int) -> AuditRecord | None:
    """The record of a line; None where it is none."""
    line = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r")
    found = LINE.match(line)
    if found is None:
        return None
    raw = decoded(line)
    type = found["type"].decode()
    seconds = found["seconds"].decode() + (found["fraction"] or b"").decode()
    node = found["node"] or found["host"]
    host = decoded(node) if node else None
    body = decoded(line[found.end() :])
    fields = _fields(body, type)
    quoted = frozenset(_QUOTED_PIECE.findall(body) if type == "EXECVE" else ())
    key = (node or b"") + b" " + seconds.encode() + b":" + found["serial"]
    return AuditRecord(type, fields, key, epoch_ticks(seconds, 1), host, raw, offset, quoted)


def _fields(text: str, type: str) -> dict[str, str]:
    """A record's fields, with those inside its ``msg`` and those that auditd added in words."""
    body, _, words = text.replace("#035", "\x1d").partition("\x1d")
    inner = body.find("msg='")
    pairs = list(_pairs(body if inner < 0 else body[:inner], type))
    if inner >= 0:
        end = body.rfind("'")
        pairs += _pairs(body[inner + 5 : end if end > inner + 5 else len(body)], type)
    pairs += ((name, value) for name, value in _pairs(words, "") if value != "{")
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    if "SYSCALL" not in fields and "syscall" in fields:
        known = _calls().get(fields.get("arch", "").lower(), {}).get(fields["syscall"])
        if known is not None:
            fields["SYSCALL"] = known
    return fields


def _pairs(text: str, type: str) -> Iterator[tuple[str, str]]:
    for name, quoted, bare in _FIELD.findall(text):
        if quoted or not bare:
            yield name, quoted
            continue
        value = bare.rstrip(",") if bare[-1] == "," else bare
        is_argument = type == "EXECVE" and _ARGUMENT.fullmatch(name) is not None
        if (name in _ENCODED or is_argument) and _HEX.fullmatch(value):
            if is_argument and "[" in name:
                yield name, value  # a piece of a long argument: joined before it is decoded
            else:
                value = decoded(bytes.fromhex(value))
                yield name, value.rstrip("\0").replace("\0", " ") if name == "proctitle" else value
        else:
            yield name, value


@cache
def _calls() -> Mapping[str, Mapping[str, str]]:
    calls: Mapping[str, Mapping[str, str]] = mapping_file("auditd.toml")["syscalls"]
    return calls


class AuditRows:
    """Makes rows of the events of one source."""

    def __init__(self, lineage: str, log_file: str) -> None:
        """Every row says which file it came from."""
        self._rows = RecordRows("auditd", lineage, log_file)

    def rows(self, event: list[AuditRecord]) -> Iterator[Made]:
        """The rows of an event: of each record, and of what the event is as a whole."""
        whole = list(self._whole(event))
        for record in event:
            if record.type == "EOE":
                continue
            fields: dict[str, Any] = {"type": record.type, **record.fields}
            if whole:
                fields["told as"] = whole[0][0]
            account = fields.get("acct")
            named = {
                **{n: v for n, v in fields.items() if v not in _NOTHING},
                "row kind": "record",
                "auid": _set(fields.get("auid")),
                "ses": _set(fields.get("ses")),
                "user name": account if account not in _NO_ACCOUNT else _user(fields),
            }
            yield self._made(named, record, fields, str(record.offset))
        for kind, record, named in whole:
            named = {**named, "row kind": kind, "ses": _set(named.get("ses"))}
            own = {n: v for n, v in named.items() if " " not in n and v is not None}
            yield self._made(named, record, own, f"{record.offset}-{kind}", event)

    def _made(
        self,
        named: dict[str, Any],
        record: AuditRecord,
        own: Mapping[str, Any],
        place: str,
        event: list[AuditRecord] | None = None,
    ) -> Made:
        named["node"] = record.host
        raw = record.raw if event is None else "\n".join(one.raw for one in event)
        return self._rows.row(named, raw, record.offset, place, own, time=record.time)

    def _whole(self, event: list[AuditRecord]) -> Iterator[tuple[str, AuditRecord, dict[str, Any]]]:
        """What happened: the class of event, the record that it begins with, and its fields."""
        by_type: dict[str, list[AuditRecord]] = {}
        for record in event:
            by_type.setdefault(record.type, []).append(record)
        first = event[0]
        if first.type in _SIGN_INS:
            yield "signin", first, _sign_in(first)
        if "SYSCALL" not in by_type:
            return
        call = by_type["SYSCALL"][0]
        fields: dict[str, Any] = {**call.fields, "user name": _user(call.fields)}
        for type in ("CWD", "PROCTITLE"):
            for record in by_type.get(type, [])[:1]:
                fields.update(record.fields)
        done = call.fields.get("success") == "yes"
        name = call.fields.get("SYSCALL", "")
        arguments = _arguments(by_type.get("EXECVE", []))
        command = " ".join(arguments) or fields.get("proctitle")
        if done and (arguments or name in ("execve", "execveat")):
            rest = {n: v for n, v in fields.items() if _ARGUMENT.fullmatch(n) is None}
            listed = {f"a{n}": value for n, value in enumerate(arguments)}
            yield "process", call, {**rest, **listed, "command line": command}
        fields["command line"] = fields.get("proctitle")
        yield from _peer(call, name, done, fields, by_type.get("SOCKADDR", []))
        for path in by_type.get("PATH", []):
            action = _FILES.get(path.fields.get("nametype", ""))
            if done and action is not None:
                yield "file", path, {
                    **fields, **path.fields, "file action": action,
                    "file path": _whole_path(path.fields.get("name"), fields.get("cwd")),
                }  # fmt: skip


def _user(fields: Mapping[str, str]) -> str | None:
    """The account's name, which auditd adds where it is told to; the number 0 is root's."""
    named = fields.get("UID")
    if named and named not in _UNSET and named != "unknown(0)":
        return named
    return "root" if fields.get("uid") == "0" else None


def _set(number: str | None) -> str | None:
    return None if number in _UNSET else number


def _sign_in(record: AuditRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {n: v for n, v in record.fields.items() if v not in _NOTHING}
    result = fields.get("res", "")
    if record.type == "USER_LOGIN":
        failed = result in ("failed", "0", "no")
        fields["sign-in action"] = "LogonFailed" if failed else "LogonSuccess"
    elif record.type == "USER_LOGOUT":
        fields["sign-in action"] = "Logoff"
    if fields.get("acct") in (*_NO_ACCOUNT, "(invalid user)"):
        fields.pop("acct", None)
    fields["type"] = record.type
    fields["auid"] = _set(fields.get("auid"))
    # USER_LOGIN names the account by its number in `id`; `uid` is the service's.
    if "acct" not in fields:
        fields["user name"] = fields.get("ID") or ("root" if fields.get("id") == "0" else None)
    return fields


def _arguments(records: list[AuditRecord]) -> list[str]:
    """A command's arguments in order; long ones come in pieces, many in several records."""
    whole: dict[int, str] = {}
    pieces: dict[int, dict[int, tuple[str, bool]]] = {}
    for record in records:
        for name, value in record.fields.items():
            found = _ARGUMENT.fullmatch(name)
            if found is None or int(found[1]) >= _MAX_ARGUMENTS:
                continue
            if found[2] is None:
                whole[int(found[1])] = value
            else:
                piece = value, name in record.quoted
                pieces.setdefault(int(found[1]), {})[int(found[2])] = piece
    for number, parts in pieces.items():
        whole[number] = _joined([parts[place] for place in sorted(parts)])
    return [whole[number] for number in sorted(whole)]


def _joined(pieces: list[tuple[str, bool]]) -> str:
    """A long argument: a character may begin in one encoded piece and end in the next."""
    texts = []
    for is_quoted, run in groupby(pieces, itemgetter(1)):
        text = "".join(piece for piece, _ in run)
        is_hex = not is_quoted and _HEX.fullmatch(text) is not None
        texts.append(decoded(bytes.fromhex(text)) if is_hex else text)
    return "".join(texts)


def _whole_path(name: str | None, folder: str | None) -> str | None:
    if name is None or name in _NOTHING:
        return None
    if name.startswith("/") or not folder or not folder.startswith("/"):
        return name
    return f"{folder.rstrip('/')}/{name.removeprefix('./')}"


def _peer(
    call: AuditRecord, name: str, done: bool, fields: dict[str, Any], records: list[AuditRecord]
) -> Iterator[tuple[str, AuditRecord, dict[str, Any]]]:
    """A connection, opened or taken, over IP."""
    if name not in ("connect", "accept", "accept4") or not records:
        return
    address = socket_address(records[0].fields.get("saddr", ""))
    if address is None:
        return
    inbound = name != "connect"
    if inbound and not done:
        return
    under_way = call.fields.get("exit") in ("-115", "EINPROGRESS")
    action = (
        "ConnectionSuccess" if done else ("ConnectionAttempt" if under_way else "ConnectionFailed")
    )
    yield "network", call, {
        **fields, **records[0].fields, "inbound": "true" if inbound else "false",
        "peer address": address[0], "peer port": address[1], "connection action": action,
    }  # fmt: skip


def socket_address(written: str) -> tuple[str, str] | None:
    """Address and port of a socket address in hexadecimal; None where it is of another family."""
    if not _HEX.fullmatch(written):
        return None
    data = bytes.fromhex(written)
    family = int.from_bytes(data[:2], "little")
    if int.from_bytes(data[:2], "big") in (2, 10):  # of a machine that writes the high byte first
        family = int.from_bytes(data[:2], "big")
    port = str(int.from_bytes(data[2:4], "big"))
    if family == 2 and len(data) >= 8:
        return str(ipaddress.IPv4Address(data[4:8])), port
    if family == 10 and len(data) >= 24:
        address = ipaddress.IPv6Address(data[8:24])
        return str(address.ipv4_mapped or address), port
    return None
