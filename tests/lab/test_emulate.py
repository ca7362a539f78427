"""Attack tests are carried out harmlessly, and what is recorded of them was observed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from vedette.cli import main
from vedette.detections.find import shipped
from vedette.detections.model import DetectionTest, Executor
from vedette.lab import emulation
from vedette.lab.emulated import emulate_all
from vedette.lab.emulation import CannotEmulate, Recording, emulate, run, sandbox, servers
from vedette.lab.emulation.access_log import HOST

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("bash") is None,
    reason="processes are observed in Linux' process table",
)
ALL = emulation.tests_of(shipped().detections)
NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is left behind must be seen: nothing else may write here."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def command(text: str, **more: Any) -> DetectionTest:
    return DetectionTest(1, "x", None, executor=Executor("bash", text, **more))


def records(recording: Recording) -> list[dict[str, Any]]:
    lines = (recording.folder / "sysmon.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def published(label: str) -> DetectionTest:
    return next(test for detection, test in ALL if detection.label_of(test) == label)


def test_a_changed_command_changes_the_record(tmp_path: Path) -> None:
    test = published("T1591.002-1")
    first = records(emulate(test, tmp_path / "a"))
    assert {r["QueryName"] for r in first if r["EventID"] == 22} == {
        "crt.sh",
        "api.dnsdumpster.com",
    }
    executor = test.executor
    assert executor is not None and executor.command is not None
    changed = executor.command.replace("crtsh,dnsdumpster", "certspotter")
    other = replace(test, executor=replace(executor, command=changed))
    second = records(emulate(other, tmp_path / "b", {"domain": "changed.example"}))
    assert {r["QueryName"] for r in second if r["EventID"] == 22} == {"api.certspotter.com"}
    # On a busy machine the shell is seen, too, before it becomes the program.
    assert any(
        "-d changed.example -b certspotter" in r["CommandLine"] for r in second if r["EventID"] == 1
    )
    assert os.path.realpath(sys.executable) in {r["Image"] for r in second if r["EventID"] == 1}


@NEEDS_CURL
@pytest.mark.parametrize("label", ["T1591.001-3", "T1591.003-4", "T1591.002-4"])
def test_who_asks_a_server_is_seen_each_time(tmp_path: Path, label: str) -> None:
    for number in range(4):
        seen = records(emulate(published(label), tmp_path / str(number)))
        images = [Path(r["Image"]).name for r in seen if r["EventID"] == 1]
        assert images.count("curl") == (12 if label == "T1591.002-4" else 1)


def test_what_cannot_be_seen_stays_empty(tmp_path: Path) -> None:
    (asked, *_) = [
        r for r in records(emulate(published("T1591.002-3"), tmp_path)) if r["EventID"] == 22
    ]
    assert "Image" not in asked


def test_files_and_processes_are_observed(tmp_path: Path) -> None:
    recording = emulate(command("echo x > made; sleep 0.3"), tmp_path)
    assert recording.exit_code == 0
    written = [r["TargetFilename"] for r in records(recording) if r["EventID"] == 11]
    assert [Path(name).name for name in written] == ["made"]
    assert any(r.get("CommandLine") == "sleep 0.3" for r in records(recording))


@NEEDS_CURL
def test_the_servers_write_what_they_saw(tmp_path: Path) -> None:
    recording = emulate(published("T1591.003-4"), tmp_path / "mail")
    assert recording.counts["mails"] == 1
    (mail,) = (tmp_path / "mail/mail/new").iterdir()
    assert mail.read_text().startswith("Return-Path: <bounce@other.example>\n")
    recording = emulate(published("T1591.002-4"), tmp_path / "web")
    lines = (tmp_path / "web/access.log").read_text().splitlines()
    assert recording.counts["requests"] == len(lines) == 12
    assert '"GET /partners HTTP/1.1" 200' in lines[0]
    assert "curl/" in lines[0]


def test_a_request_is_on_record_before_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_ANSWER_SECONDS", 0)
    log = tmp_path / "access.log"
    with servers.web_server(log) as address:
        for count in range(1, 201):
            with urlopen(f"{address}/{count}") as answer:
                answer.read()
            assert len(log.read_text().splitlines()) == count


@pytest.mark.parametrize(
    ("request_line", "status", "logged"),
    [
        ("HEAD /partners HTTP/1.1", 200, '"HEAD /partners HTTP/1.1" 200 - "-" "x"'),
        ("GET /partners HTTP/1.1", 200, '"GET /partners HTTP/1.1" 200 35 "-" "x"'),
        ("POST /login HTTP/1.1", 501, '"POST /login HTTP/1.1" 501 - "-" "x"'),
        ("OPTIONS * HTTP/1.1", 501, '"OPTIONS * HTTP/1.1" 501 - "-" "x"'),
        ("GET /a b HTTP/1.1", 400, '"GET /a b HTTP/1.1" 400 - "-" "-"'),
        ("GET / HTTP/9.9", 505, '"GET / HTTP/9.9" 505 - "-" "-"'),
    ],
)
def test_every_request_is_logged_with_the_status_that_it_got(
    tmp_path: Path, request_line: str, status: int, logged: str
) -> None:
    log = tmp_path / "access.log"
    with (
        servers.web_server(log) as address,
        socket.create_connection((HOST, int(address.rpartition(":")[2])), 30) as client,
    ):
        client.sendall(f"{request_line}\r\nUser-Agent: x\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert bool(body) == (request_line.startswith("GET") and status == 200)
    (line,) = log.read_text().splitlines()
    assert line.endswith(logged)


@pytest.mark.parametrize(
    "text",
    ["curl http://example.com/", "curl https://192.0.2.1:80/x", "wget http://[2001:db8::1]/"],
)
def test_only_loopback_is_ever_asked(tmp_path: Path, text: str) -> None:
    with pytest.raises(CannotEmulate, match=r"loopback|there is no"):
        emulate(command(text), tmp_path)


def test_an_argument_cannot_name_another_target(tmp_path: Path) -> None:
    with pytest.raises(CannotEmulate, match=r"loopback|there is no"):
        emulate(published("T1591.002-4"), tmp_path, {"server": "http://example.com"})


@pytest.mark.parametrize(
    ("executor", "said"),
    [(None, "nothing that a shell"), (Executor("powershell", "Get-Date"), "powershell")],
)
def test_what_cannot_be_carried_out_says_why(
    tmp_path: Path, executor: Executor | None, said: str
) -> None:
    with pytest.raises(CannotEmulate, match=said):
        emulate(DetectionTest(1, "x", None, executor=executor), tmp_path)


def unlike_any_other(number: int) -> str:
    """Seconds to sleep for that no other process of this machine sleeps for."""
    return str(10_000_000 + 10 * os.getpid() + number)


def test_nothing_is_left_behind(tmp_path: Path, own_temporary_folder: Path) -> None:
    seconds = unlike_any_other(0)
    emulate(command(f"touch a; sleep {seconds} & echo started"), tmp_path / "out")
    assert list(own_temporary_folder.iterdir()) == []
    assert _are_gone(seconds, time.monotonic() + 60)


def _is(path: Path, line: bytes) -> bool:
    try:
        return path.read_bytes() == line
    except OSError:
        return False


RUN = """
import signal
import sys
from pathlib import Path
from vedette.detections.model import DetectionTest, Executor
from vedette.lab.emulation import emulate
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
sleep = Executor("bash", "sleep " + sys.argv[2])
emulate(DetectionTest(1, "x", None, executor=sleep), Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("how", "number"), [(signal.SIGKILL, 1), (signal.SIGINT, 2)], ids=["killed", "interrupted"],
)  # fmt: skip
def test_a_run_that_ends_half_way_is_cleaned_up(
    tmp_path: Path, own_temporary_folder: Path, how: signal.Signals, number: int
) -> None:
    seconds = unlike_any_other(number)
    words = [sys.executable, "-c", RUN, str(tmp_path / "out"), seconds]
    deadline = time.monotonic() + 60
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as running:
        try:
            assert _have_begun(seconds, deadline)
            running.send_signal(how)
            running.wait(30)
        finally:
            running.kill()
    assert bool(list(own_temporary_folder.iterdir())) == (how is signal.SIGKILL)
    sandbox.clean_up()
    assert list(own_temporary_folder.iterdir()) == []
    assert _are_gone(seconds, deadline)


def test_an_interrupt_before_anything_is_watched_leaves_nothing(
    tmp_path: Path, own_temporary_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, deadline = unlike_any_other(4), time.monotonic() + 60

    def interrupt(_: int) -> None:
        assert _have_begun(seconds, deadline)
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "ProcessWatch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        emulate(command(f"sleep {seconds}"), tmp_path / "out")
    assert list(own_temporary_folder.iterdir()) == []
    assert _are_gone(seconds, deadline)


def _have_begun(seconds: str, deadline: float) -> bool:
    """Whether somebody sleeps for so long, once there was time to begin."""
    while not _sleepers(seconds) and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(_sleepers(seconds))


def _are_gone(seconds: str, deadline: float) -> bool:
    """Whether nobody sleeps for so long any more: what was ended may take a moment to be gone."""
    while _sleepers(seconds) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _sleepers(seconds)


@pytest.mark.skipif(shutil.which("setsid") is None, reason="there is no setsid here")
def test_what_leaves_its_session_is_ended_too(tmp_path: Path) -> None:
    seconds = unlike_any_other(3)
    seen = records(emulate(command(f"setsid sleep {seconds} > /dev/null 2>&1 & sleep 1"), tmp_path))
    assert any(r.get("CommandLine") == "sleep 1" for r in seen)
    assert _are_gone(seconds, time.monotonic() + 60)


def _sleepers(seconds: str) -> list[Path]:
    line = b"sleep\x00" + seconds.encode() + b"\x00"
    return [p for p in Path("/proc").glob("[0-9]*/cmdline") if _is(p, line)]


def test_what_a_test_writes_without_end_fills_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulation.run, "MOST_FILE_BYTES", 3_000_000)
    recording = emulate(command("yes > more; yes"), tmp_path / "out")
    assert len(recording.output) == emulation.run.MOST_OUTPUT
    (written,) = [r for r in records(recording) if "TargetFilename" in r]
    assert written["TargetFilename"].endswith("/more")


@NEEDS_CURL
def test_every_query_fires_on_what_was_seen_of_its_tests() -> None:
    done = emulate_all(ALL, given={"pause": "0.1"})
    assert [(one.label, dict(one.outcomes), one.reason) for one in done if not one.holds] == []
    assert {one.label for one in done} >= {
        *(f"T1591.002-{n}" for n in range(1, 6)), *(f"T1591.003-{n}" for n in range(1, 5)),
    }  # fmt: skip


def test_the_command(tmp_path: Path) -> None:
    words = ["emulate", "T1591.002-1", "--keep", str(tmp_path / "kept"), "--format", "json"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    (row,) = json.loads(told.stdout)
    assert row["outcome"] == "sentinel fires, qradar fires, sigma fires"
    assert list((tmp_path / "kept").glob("*/sysmon.jsonl"))
    assert CliRunner().invoke(main, ["emulate", "T9999-1"]).exit_code == 3


def test_a_page_whose_tests_are_words_says_so(tmp_path: Path) -> None:
    (tmp_path / "q.kql").write_text("DeviceProcessEvents | take 1\n")
    told = CliRunner().invoke(main, ["emulate", "--detections", str(tmp_path / "q.kql")])
    assert told.exit_code == 2
    assert "no test here that could be carried out" in told.stderr
