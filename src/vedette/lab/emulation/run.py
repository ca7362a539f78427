"""Carrying tests out: takes a test, gives what was seen of it, as logs that the readers know.

Nothing is written down from what was expected: processes are read from the process table, requests
from the web server's own log, questions from the resolver, mail from the maildir, files from the
folder. Tests run in a sandbox and talk to servers on loopback only.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedette.detections.model import Detection, DetectionTest, Executor
from vedette.lab.emulation.observe import Process, ProcessWatch, WrittenFile, files_in, new_files
from vedette.lab.emulation.sandbox import Sandbox, put_stand_ins, sandbox
from vedette.lab.emulation.servers import Question, mail_server, resolver, web_server

SHELLS = ("bash", "sh")
SEEN_SECONDS = 0.25
"""How long a stand-in stays, to be seen in the process table."""
MOST_SECONDS = 300.0
MOST_OUTPUT = 1_000_000
"""How many bytes of what a test writes are kept."""
MOST_FILE_BYTES = 256_000_000
"""How large a file of a test's can grow, its output too: `yes` would fill the disk in no time."""
_PLACEHOLDER = re.compile(r"#\{([\w-]+)\}")
_ADDRESS = re.compile(r"(?i)\b(?:https?|ftp|smtp)://(\[[0-9a-f:.]+\]|[^/\s:'\"\\]+)")
_CHANNEL = "Linux-Sysmon/Operational"


class CannotEmulate(Exception):
    """A test that is not carried out here; the message says why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was seen of a test: how its command ended, and a folder of logs.

    ``counts`` says how many records of each kind there are: processes, requests, look-ups, files,
    mails.
    """

    command: str
    exit_code: int
    output: str
    folder: Path
    counts: Mapping[str, int]


def why_not(test: DetectionTest) -> str | None:
    """Why a test is not carried out on this machine; None where it can be."""
    executor = test.executor
    if not sys.platform.startswith("linux"):
        return "processes are observed in Linux' process table only"
    if executor is None or executor.command is None:
        return "the test says nothing that a shell could do"
    if executor.name not in SHELLS:
        return f"its shell is {executor.name}, which is not run here"
    if shutil.which(executor.name) is None:
        return f"there is no {executor.name} on this machine"
    words = set(re.findall(r"[\w.-]+", executor.command))
    absent = [name for name in ("curl", "wget") if name in words and shutil.which(name) is None]
    return f"there is no {absent[0]} on this machine" if absent else None


def emulate(test: DetectionTest, into: Path, given: Mapping[str, str] | None = None) -> Recording:
    """Carry a test out in a sandbox and write what was seen of it into a folder.

    *given* replaces defaults of its input arguments. Raises CannotEmulate for a test that cannot
    be carried out here, or that names a target that is not on loopback; OSError where the folder
    cannot be written.
    """
    executor, reason = test.executor, why_not(test)
    if reason is not None or executor is None or executor.command is None:
        raise CannotEmulate(reason or "the test says nothing that a shell could do")
    into.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        box = stack.enter_context(sandbox())
        questions: list[Question] = []
        web = stack.enter_context(web_server(into / "access.log"))
        asked = stack.enter_context(resolver(questions))
        mail = stack.enter_context(mail_server(into / "mail"))
        environment = put_stand_ins(box, asked, SEEN_SECONDS)
        servers = {"http": web, "https": web, "smtp": f"smtp://{mail[0]}:{mail[1]}"}
        arguments = _arguments(executor, box, servers, given or {})
        command = _filled(executor.command, arguments)
        before = files_in(box.root)
        code, output, processes = _run(executor.name, command, environment, box)
        files = new_files(box.root, before)
        if executor.cleanup is not None:
            _run(executor.name, _filled(executor.cleanup, arguments), environment, box)
        counts = _write(into, box, processes, questions, files)
    return Recording(command, code, output, into, counts)


def _arguments(
    executor: Executor, box: Sandbox, servers: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The values of a test's arguments: paths inside the sandbox, servers of our own."""
    found = {}
    for argument in executor.arguments:
        value = given.get(argument.name, argument.default)
        scheme = value.partition("://")[0]
        if scheme in servers and argument.name not in given:
            value = servers[scheme]
        elif value.startswith("/"):
            value = box.inside(value)
        found[argument.name] = value
    return found


def _filled(command: str, arguments: Mapping[str, str]) -> str:
    filled = _PLACEHOLDER.sub(lambda match: arguments.get(match[1], match[0]), command)
    for host in _ADDRESS.findall(filled):
        if not _is_loopback(host):
            raise CannotEmulate(f"'{host}' is not on loopback: no other machine is ever asked")
    return filled


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _run(
    shell: str, command: str, environment: Mapping[str, str], box: Sandbox
) -> tuple[int, str, list[Process]]:
    """Run a command in a session of its own, watched; ends it when we are interrupted.

    Gives its exit code, the beginning of what it wrote, and the processes that were seen.
    """
    # Into a file: of a pipe the end would come when what runs in the background has ended, too.
    with tempfile.TemporaryFile(dir=box.folder) as said:
        with _limited_files():
            running = subprocess.Popen(  # noqa: S603 - a test's own command, in a sandbox
                [shutil.which(shell) or shell, "-c", command], cwd=box.root, env=dict(environment),
                stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            with ProcessWatch(running.pid) as watch:
                running.wait(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise CannotEmulate(f"it took longer than {MOST_SECONDS:g} seconds") from late
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            box.end_processes()
            running.wait()
        said.seek(0)
        output = said.read(MOST_OUTPUT).decode("utf-8", "replace")
    return running.returncode, output, watch.seen()


@contextmanager
def _limited_files() -> Iterator[None]:
    """What is started meanwhile can write no larger files; nor can we for as long."""
    import resource  # there is none on Windows

    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    most = MOST_FILE_BYTES if before == resource.RLIM_INFINITY else min(before, MOST_FILE_BYTES)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


# --- what was seen, as logs -----------------------------------------------------------------------


def _write(
    into: Path,
    box: Sandbox,
    processes: Iterable[Process],
    questions: Iterable[Question],
    files: Iterable[WrittenFile],
) -> dict[str, int]:
    records = [_process(process) for process in processes]
    asked = [_event(22, when, QueryName=name) for when, name in questions]
    written = [_event(11, file.written, TargetFilename=str(file.path)) for file in files]
    everything = sorted(records + asked + written, key=lambda record: str(record["UtcTime"]))
    (into / "sysmon.jsonl").write_text(
        "".join(json.dumps(record) + "\n" for record in everything), encoding="utf-8"
    )
    access, mail = into / "access.log", into / "mail"
    requests = len(access.read_text(encoding="utf-8").splitlines()) if access.exists() else 0
    mails = len(list((mail / "new").iterdir()))
    if not mails:
        shutil.rmtree(mail)
    return {
        "processes": len(records), "requests": requests, "look-ups": len(asked),
        "files": len(written), "mails": mails,
    }  # fmt: skip


def _process(process: Process) -> dict[str, Any]:
    return _event(
        1, process.started, ProcessId=process.pid, Image=process.image,
        CommandLine=process.command_line, CurrentDirectory=process.folder, User=process.user,
        ParentProcessId=process.parent, ParentImage=process.parent_image,
        ParentCommandLine=process.parent_command_line,
    )  # fmt: skip


def _event(code: int, when: Any, **fields: Any) -> dict[str, Any]:
    """A record in the form of Sysmon for Linux, which the readers know, without what is None."""
    known = {name: value for name, value in fields.items() if value is not None}
    stamp = when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return {
        "SourceName": "Linux-Sysmon", "Channel": _CHANNEL, "EventID": code, "UtcTime": stamp,
        "Hostname": socket.gethostname(), **known,
    }  # fmt: skip


def tests_of(detections: Iterable[Detection]) -> list[tuple[Detection, DetectionTest]]:
    """Every test of detections that says what is done, by technique and number."""
    found = [(d, test) for d in detections for test in d.tests if test.executor is not None]
    return sorted(found, key=lambda pair: (pair[1].technique or "", pair[1].number, pair[0].id))
