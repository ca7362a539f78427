"""Quiet cases may mean records of real logs: read where their folder is named, else skipped."""

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from tests.lab.conftest import Write, process

from vedette.cli import main
from vedette.detections.find import load
from vedette.detections.model import RealLog
from vedette.lab import prove
from vedette.lab.page import proof_page
from vedette.lab.real_logs import NoSuchRecords, extracted
from vedette.lab.written import as_json, as_junit

QUIET = "quiet/night/quiet.yaml"
LINES = [process("notepad.exe"), process("nmap -sS 192.0.2.1"), process("calc.exe")]
TEXT = "title: A night\nsource: a log of our own\nreal_log:\n"


def sum_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "sysmon.jsonl.gz").write_bytes(gzip.compress("".join(LINES).encode()))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("night/sysmon.jsonl", LINES[0])
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    return folder


def quiet(lines: str, text: str) -> str:
    return f"{TEXT}  archive: sysmon.jsonl.gz\n  lines: {lines}\n  sha256: {sum_of(text)}\n"


def test_without_the_folder_the_case_is_skipped_and_told(package: Write, tmp_path: Path) -> None:
    loaded = load([package(**{QUIET: quiet("1-1", LINES[0])})])
    proof = prove(loaded)
    assert (proof.cells, proof.differences) == ((), ())
    assert [case.label for _, case in proof.skipped] == ["night"]
    assert as_json(proof)["skipped"][0]["case"] == "night"
    assert ET.fromstring(as_junit(proof)).get("skipped") == "1"
    assert "A night" in proof_page(proof)
    result = CliRunner().invoke(main, ["prove", str(tmp_path / "scanner")])
    assert result.exit_code == 2
    assert "0 of 0 are as claimed" in result.stderr
    assert "1 quiet cases of real logs were skipped" in result.stderr


def test_the_lines_meant_are_read_and_no_others(package: Write, logs: Path) -> None:
    folder = package(**{QUIET: quiet("1-1", LINES[0])})
    (cell,) = prove(load([folder]), real_logs=logs).cells
    assert (cell.word, cell.holds) == ("silent", True)
    (folder / QUIET).write_text(quiet("1-2", LINES[0] + LINES[1]))
    (cell,) = prove(load([folder]), real_logs=logs).cells
    assert (cell.word, cell.holds) == ("wrong", False)
    words = ["prove", str(folder), "--real-logs", str(logs), "--format", "jsonl"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcome"] == "wrong"


def test_other_records_than_those_meant_prove_nothing(package: Write, logs: Path) -> None:
    folder = package(**{QUIET: quiet("1-1", LINES[2])})
    (cell,) = prove(load([folder]), real_logs=logs).cells
    assert (cell.word, cell.holds) == ("untested", False)
    assert "other records" in cell.reason
    (cell,) = prove(load([folder]), real_logs=logs / "none").cells
    assert cell.word == "untested"
    assert "cannot be read" in cell.reason


def test_records_that_a_query_does_not_look_at_prove_nothing(package: Write, logs: Path) -> None:
    files = {QUIET: quiet("1-1", LINES[0]), "sentinel.kql": "EmailEvents | where Subject has 'x'"}
    (cell,) = prove(load([package(**files)]), real_logs=logs).cells
    assert (cell.word, cell.holds) == ("untested", False)
    assert "no rows" in cell.reason


def test_a_member_of_a_zip_file_inside_another_is_read(logs: Path, tmp_path: Path) -> None:
    what = RealLog("all.zip", "inner.zip!night/sysmon.jsonl", None, sum_of(LINES[0]))
    assert extracted(logs, what, tmp_path).read_text() == LINES[0]
    absent = RealLog("all.zip", "inner.zip!night/other", None, what.sha256)
    with pytest.raises(NoSuchRecords, match="night/other"):
        extracted(logs, absent, tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TEXT + "  archive: a.gz\n", ":4:3: error VD314: a real log needs 'archive' and 'sha256'"),
        (TEXT + "  archive: ../a.gz\n  sha256: x\n", ":4:12: error VD314: '../a.gz' is not"),
        (TEXT + "  archive: a\n  sha256: ABC\n", ":5:11: error VD314: a SHA-256 has 64"),
        (
            TEXT + f"  archive: a\n  lines: 5-2\n  sha256: {'0' * 64}\n",
            ":5:10: error VD314: lines are written FIRST-LAST",
        ),
        (
            TEXT + f"  archive: a\n  line: 5-2\n  sha256: {'0' * 64}\n",
            ":5:3: error VD312: real_log has no key 'line'",
        ),
    ],
)
def test_mistakes_are_told_at_their_place(package: Write, text: str, told: str) -> None:
    problems = [str(problem) for problem in load([package(**{QUIET: text})]).problems]
    assert [p for p in problems if f"quiet.yaml{told}" in p], problems


def test_a_case_has_logs_of_its_own_or_real_ones(package: Write) -> None:
    files = {QUIET: quiet("1-1", LINES[0]), "quiet/night/own.jsonl": LINES[0]}
    (problem,) = load([package(**files)]).problems
    assert "not both" in str(problem)
