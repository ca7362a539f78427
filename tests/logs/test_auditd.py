"""Linux's audit log: events whose records lie apart, lack their end, or come in two readings."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from vedette.logs.auditd import socket_address
from vedette.logs.readers.auditd import AuditdReader, last_event_end
from vedette.logs.times import iso_ticks


def record(type: str, fields: str, number: int = 456, second: float = 0.123) -> str:
    return f"type={type} msg=audit({1795255200 + second:.3f}:{number}): {fields}\n"


def hexed(text: str) -> str:
    return text.encode().hex().upper()


CALL = (
    "arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 ppid=21 pid=22 auid=1000 uid=0 "
    'ses=3 comm="cat" exe="/usr/bin/cat" key=(null)'
)
EXECUTED = (
    record("SYSCALL", CALL)
    + record("EXECVE", f'argc=3 a0="cat" a1={hexed("/tmp/a b")} a2="/etc/shadow"')
    + record("CWD", 'cwd="/root"')
    + record("PATH", 'item=0 name="/usr/bin/cat" nametype=NORMAL')
    + record("PROCTITLE", f"proctitle={hexed('cat' + chr(0) + '/tmp/a b')}")
    + record("EOE", "")
)


def told(read: Any, table: str) -> list[dict[str, Any]]:
    return [row for name, row in read.rows if name == table]


def test_an_execution_is_its_records_and_a_new_process(read_bytes: Any) -> None:
    read = read_bytes(EXECUTED)
    assert read.format == "auditd"
    records = told(read, "audit_event")
    assert [r["record_type"] for r in records] == ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"]
    assert json.loads(records[1]["event_data"]) == {
        "type": "EXECVE", "argc": "3", "a0": "cat", "a1": "/tmp/a b", "a2": "/etc/shadow",
        "told as": "process",
    }  # fmt: skip
    (process,) = told(read, "process_event")
    wanted = {
        "time": iso_ticks("2026-11-21T10:00:00.123Z"), "process_path": "/usr/bin/cat",
        "process_name": "cat", "process_id": 22, "parent_id": 21, "user": "root",
        "command_line": "cat /tmp/a b /etc/shadow", "current_directory": "/root", "logon_id": 3,
        "log_source_type": "Linux OS", "raw": EXECUTED.removesuffix("\n"),
    }  # fmt: skip
    assert {column: process.get(column) for column in wanted} == wanted
    assert len({row["event_id"] for _, row in read.rows}) == len(read.rows)


def test_records_of_several_events_may_lie_between_each_other(read_bytes: Any) -> None:
    other = EXECUTED.replace(":456)", ":457)").replace("pid=22", "pid=23")
    lines = [*EXECUTED.splitlines(keepends=True), *other.splitlines(keepends=True)]
    numbers = random.Random("auditd")
    for _ in range(20):
        first = set(numbers.sample(range(len(lines)), 6))
        order = iter(lines[:6]), iter(lines[6:])
        mixed = "".join(next(order[0 if n in first else 1]) for n in range(len(lines)))
        processes = told(read_bytes(mixed), "process_event")
        assert sorted(p["process_id"] for p in processes) == [22, 23]
        assert {p["command_line"] for p in processes} == {"cat /tmp/a b /etc/shadow"}


def test_a_source_is_cut_where_no_event_is_open() -> None:
    data = (EXECUTED + EXECUTED.replace(":456)", ":457)")).encode()
    ends = [len(EXECUTED) - len(record("EOE", "")), len(EXECUTED)]
    for place in range(0, len(data), 7):
        cut = last_event_end(data[:place], False)
        assert cut in (0, *ends, *(len(EXECUTED) + end for end in ends))
        assert cut <= place
    later = record("SYSCALL", CALL, 460) + record("SYSCALL", CALL, 461, 2.2)
    assert last_event_end(later.encode(), False) == len(record("SYSCALL", CALL, 460))
    alone = record("USER_LOGIN", "pid=1 msg='op=login res=success'")
    assert last_event_end((alone + later).encode(), False) > len(alone)


@pytest.mark.parametrize("place", range(20, len(EXECUTED), 37))
def test_an_event_that_is_still_written_is_read_once(
    place: int, read_bytes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = record("USER_AUTH", "pid=1 msg='op=PAM res=failed'", 400)
    whole = before + EXECUTED
    monkeypatch.setattr("vedette.logs.readers.auditd._grows", lambda source, told: True)
    first = read_bytes(whole[: len(before) + place])
    second = read_bytes(whole, start=first.position)
    processes = told(first, "process_event") + told(second, "process_event")
    assert [p["command_line"] for p in processes] == ["cat /tmp/a b /etc/shadow"]
    identities = [row["event_id"] for _, row in first.rows + second.rows]
    assert len(set(identities)) == len(identities) == 8


def test_a_last_event_without_its_end_is_told_where_nothing_grows(read_bytes: Any) -> None:
    read = read_bytes("".join(EXECUTED.splitlines(keepends=True)[:2]))
    assert [p["command_line"] for p in told(read, "process_event")] == ["cat /tmp/a b /etc/shadow"]
    assert read.unreadable == []


def test_whether_a_file_grows_is_asked_of_the_file(tmp_path: Path) -> None:
    from vedette.logs.readers.auditd import _grows
    from vedette.logs.sources import Source, open_sources

    path = tmp_path / "audit.log"
    path.write_text(EXECUTED)
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    assert _grows(source, len(EXECUTED) - 1)
    assert not _grows(source, len(EXECUTED))
    path.unlink()
    assert not _grows(source, 0)


def test_long_arguments_come_in_pieces(read_bytes: Any) -> None:
    text = (
        record("SYSCALL", CALL)
        + record("EXECVE", f'argc=4 a0="sh" a1="-c" a2_len=18 a2[0]={hexed("echo ")[:5]}')
        + record("EXECVE", f'a2[1]={hexed("echo ")[5:]}{hexed("long")} a3="end"')
    )
    (process,) = told(read_bytes(text), "process_event")
    assert process["command_line"] == "sh -c echo long end"


def test_long_arguments_in_quotes_are_as_they_are(read_bytes: Any) -> None:
    text = (
        record("SYSCALL", CALL)
        + record("EXECVE", 'argc=3 a0="xxd" a1_len=8 a1[0]="4D5A" a1[1]="9000"')
        + record("EXECVE", f'a2_len=9 a2[0]="41 a1[5]=" a2[1]={hexed("é")[:1]}')
        + record("EXECVE", f'a2[2]={hexed("é")[1:]} a2[3]="42"')
    )
    (process,) = told(read_bytes(text), "process_event")
    assert process["command_line"] == "xxd 4D5A9000 41 a1[5]=é42"


def test_failed_and_other_calls_make_no_process(read_bytes: Any) -> None:
    failed = EXECUTED.replace("success=yes exit=0", "success=no exit=-2")
    assert told(read_bytes(failed), "process_event") == []
    assert told(read_bytes(EXECUTED.replace("syscall=59", "syscall=2")), "process_event")
    assert not told(read_bytes(record("SYSCALL", CALL.replace("=59", "=2"))), "process_event")


def test_enriched_logs_keep_both_parts(read_bytes: Any) -> None:
    words = '\x1dARCH=x86_64 SYSCALL=execve AUID="ann" UID="ann" EUID="root"'
    read = read_bytes(EXECUTED.replace("key=(null)", "key=(null)" + words))
    data = json.loads(told(read, "audit_event")[0]["event_data"])
    assert (data["syscall"], data["SYSCALL"], data["UID"]) == ("59", "execve", "ann")
    assert told(read, "process_event")[0]["user"] == "ann"


def test_files_made_and_removed(read_bytes: Any) -> None:
    text = (
        record("SYSCALL", CALL.replace("syscall=59", "syscall=316"))
        + record("CWD", 'cwd="/var/log"')
        + record("PATH", 'item=0 name="./" nametype=PARENT')
        + record("PATH", 'item=1 name="wtmp" nametype=DELETE')
        + record("PATH", f"item=2 name={hexed('/tmp/a b')} nametype=CREATE")
    )
    files = told(read_bytes(text), "file_event")
    assert [(f["action"], f["file_path"], f["file_name"]) for f in files] == [
        ("FileDeleted", "/var/log/wtmp", "wtmp"), ("FileCreated", "/tmp/a b", "a b"),
    ]  # fmt: skip
    assert files[0]["process_path"] == "/usr/bin/cat"


@pytest.mark.parametrize(
    ("call", "outcome", "action"),
    [
        (42, "success=yes exit=0", "ConnectionSuccess"),
        (42, "success=no exit=-115", "ConnectionAttempt"),
        (42, "success=no exit=-111", "ConnectionFailed"),
        (288, "success=yes exit=7", "InboundConnectionAccepted"),
        (288, "success=no exit=-11", None),
        (49, "success=yes exit=0", None),
    ],
)
def test_connections(call: int, outcome: str, action: str | None, read_bytes: Any) -> None:
    made = CALL.replace("syscall=59", f"syscall={call}").replace("success=yes exit=0", outcome)
    text = record("SYSCALL", made) + record("SOCKADDR", "saddr=020001BBC63364070000000000000000")
    found = told(read_bytes(text), "network_event")
    assert [row["action"] for row in found] == ([action] if action else [])
    for row in found:
        assert (row["remote_ip"], row["remote_port"]) == ("198.51.100.7", 443)
        assert row["initiated"] is (action != "InboundConnectionAccepted")


def test_socket_addresses() -> None:
    assert socket_address("020001BBC63364070000000000000000") == ("198.51.100.7", "443")
    assert socket_address("0A0001BB00000000" + "0" * 31 + "100000000") == ("::1", "443")
    mapped = "0A0001BB00000000" + "0" * 20 + "FFFFC633640700000000"
    assert socket_address(mapped) == ("198.51.100.7", "443")
    for other in ("0100" + hexed("/run/x"), "02", "xyz", "", "1000"):
        assert socket_address(other) is None


def test_sign_ins(read_bytes: Any) -> None:
    text = (
        record("USER_LOGIN", "uid=0 auid=1000 ses=4 msg='op=login id=1000 exe=\"/usr/sbin/sshd\" "
               "hostname=? addr=192.0.2.4 res=success'\x1dUID=\"root\" ID=\"ann\"", 1)
        + record("USER_LOGIN", "auid=4294967295 msg='op=login acct=\"(unknown)\" addr=192.0.2.5 "
                 "res=failed'", 2)
        + record("USER_AUTH", "uid=0 msg='op=PAM acct=\"bob\" addr=192.0.2.6 res=failed'", 3)
        + record("USER_LOGOUT", "uid=0 msg='op=login id=0 res=success'", 4)
        + record("USER_LOGIN", f"uid=0 msg='op=login acct={hexed('(invalid user)')} res=failed'", 5)
    )  # fmt: skip
    found = told(read_bytes(text), "signin_event")
    names = ("user", "action", "source_ip", "status")
    assert [tuple(row.get(name) for name in names) for row in found] == [
        ("ann", "LogonSuccess", "192.0.2.4", "success"),
        (None, "LogonFailed", "192.0.2.5", "failed"),
        ("bob", None, "192.0.2.6", "failed"),
        ("root", "Logoff", None, "success"),
        (None, "LogonFailed", None, "failed"),
    ]  # fmt: skip


def test_records_that_syslog_carries(read_bytes: Any) -> None:
    header = "Nov 21 10:00:00 web1 audispd: node=web1 "
    read = read_bytes("".join(header + line for line in EXECUTED.splitlines(keepends=True)))
    assert read.format == "auditd"
    assert told(read, "process_event")[0]["host"] == "web1"


def test_what_ausearch_writes_between_events_is_passed_over(read_bytes: Any) -> None:
    between = "----\ntime->Sat Nov 21 10:00:00 2026\n"
    for text in (
        between + EXECUTED + between + EXECUTED.replace(":456)", ":457)"),
        "----\n" + EXECUTED,
    ):
        read = read_bytes(text)
        assert (read.format, read.reasons) == ("auditd", [])
        assert {p["process_name"] for p in told(read, "process_event")} == {"cat"}


def test_a_search_s_answer_is_cut_before_its_dashes() -> None:
    turned = "".join(reversed(EXECUTED.splitlines(keepends=True)[:-1]))
    first = "----\n" + turned
    assert last_event_end(first.encode(), False) == 0
    assert last_event_end((first + first).encode(), False) == len(first)
    assert last_event_end((first + first[:30]).encode(), False) == len(first)


def test_other_lines_are_told(read_bytes: Any) -> None:
    read = read_bytes(EXECUTED + "nonsense\n\n" + record("AVC", 'avc: denied comm="x"', 9))
    assert read.reasons == ["not a record of the audit log"]
    assert AuditdReader().sniff(b"nonsense\n" + EXECUTED.encode(), "a") == 0
