"""Detections are tried on their own tests and quiet cases."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from tests.lab.conftest import AQL, KQL, Write, process

from vedette.cli import main
from vedette.detections.find import load
from vedette.lab import prove
from vedette.lab.page import proof_page
from vedette.lab.written import as_json, as_junit

TEST = "tests/scan/test.yaml"
RECORDS = "tests/scan/sysmon.jsonl"
SAID = "number: 1\ntitle: nmap scans\n"
QUIET = "quiet/editor/quiet.yaml"


def test_a_query_that_fires_holds(package: Write) -> None:
    folder = package(**{TEST: SAID, RECORDS: process("nmap -sS 192.0.2.0/24")})
    (cell,) = prove(load([folder])).cells
    assert (cell.case.label, cell.platform, cell.word, cell.holds) == (
        "T1595-1", "sentinel", "fires", True,
    )  # fmt: skip


def test_a_silent_query_is_a_difference_unless_it_is_told(package: Write) -> None:
    files = {TEST: SAID, RECORDS: process("masscan 192.0.2.0/24"), "qradar.aql": AQL}
    (sentinel, qradar) = prove(load([package(**files)])).cells
    assert (sentinel.word, sentinel.holds, qradar.holds) == ("silent", False, False)
    files[TEST] += "silent:\n  sentinel: it looks for nmap only\n"
    proof = prove(load([package(**files)]))
    assert [(c.platform, c.reason) for c in proof.cells if c.holds] == [
        ("sentinel", "it looks for nmap only")
    ]
    assert [c.platform for c in proof.differences] == ["qradar"]


def test_firing_on_a_quiet_case_is_wrong(package: Write) -> None:
    folder = package(**{
        QUIET: "title: A page about it\nsource: made for the purpose\n",
        "quiet/editor/sysmon.jsonl": process("notepad.exe nmap.txt"),
    })  # fmt: skip
    (cell,) = prove(load([folder])).differences
    assert (cell.case.quiet, cell.word, cell.count) == (True, "wrong", 1)


def tuned(value: str, expires: str) -> str:
    return (
        f"allow:\n  - column: ProcessCommandLine\n    values: [{value}]\n    reason: ours\n"
        f"    owner: ann\n    expires: {expires}\n"
    )


def test_tuning_that_hides_an_attack_is_a_difference(package: Write) -> None:
    files = {TEST: SAID, RECORDS: process("nmap -sS x"), "qradar.aql": AQL}
    folder = package(**files, **{"tuning.yaml": tuned("nmap -sS x", "2099-01-31")})
    sentinel, qradar = prove(load([folder])).cells
    assert (sentinel.word, sentinel.holds, sentinel.count) == ("silent", False, 0)
    assert sentinel.reason == "tuning lets it through until 2099-01-31: ours (ann)"
    assert qradar.holds


def test_a_quiet_case_that_tuning_lets_through_is_quiet_until_it_ends(package: Write) -> None:
    files = {
        QUIET: "title: our own scanner\nsource: made for the purpose\n",
        "quiet/editor/sysmon.jsonl": process("nmap -sP x"),
    }
    folder = package(**files, **{"tuning.yaml": tuned("nmap -sP x", "2099-01-31")})
    (cell,) = prove(load([folder])).cells
    assert (cell.word, cell.holds) == ("silent", True)
    assert "until 2099-01-31: ours (ann)" in cell.reason
    (folder / "tuning.yaml").write_text(tuned("nmap -sP x", "2020-01-31"))
    proof = prove(load([folder]))
    assert [cell.word for cell in proof.differences] == ["wrong"]
    (warning,) = proof.warnings
    assert "ann let through (ours) ended on 2020-01-31" in warning


def test_a_package_that_cannot_be_read_is_not_proven(package: Write, tmp_path: Path) -> None:
    package(**{TEST: SAID, RECORDS: process("nmap")})
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "detection.yaml").write_text("title: [x\n")
    (broken / "sentinel.kql").write_text(KQL)
    told = CliRunner().invoke(main, ["prove", str(tmp_path), "--junit", str(tmp_path / "j.xml")])
    assert told.exit_code == 1
    assert "1 of 1 are as claimed" in told.stderr
    assert "not YAML" in told.stderr
    root = ET.parse(tmp_path / "j.xml").getroot()
    assert root.get("errors") == "1"
    assert "not YAML" in proof_page(prove(load([tmp_path])))


@pytest.mark.parametrize("text", ["", "# title: x\n"])
def test_a_test_that_says_nothing_is_told(package: Write, text: str) -> None:
    loaded = load([package(**{TEST: text, RECORDS: process("nmap")})])
    assert [p.problem.code for p in loaded.errors] == ["VD313"]


def test_a_record_that_links_to_nothing_and_a_query_that_is_a_pipe_are_told(
    package: Write,
) -> None:
    folder = package(**{TEST: SAID, RECORDS: process("nmap")})
    (folder / "tests/scan/more.log").symlink_to(folder / "absent.log")
    os.mkfifo(folder / "qradar.aql")
    told = [str(problem) for problem in load([folder]).errors]
    assert len(told) == 2
    assert any("links to nothing" in one for one in told)
    assert any("is no regular file" in one for one in told)


def test_cases_of_one_name_are_each_a_row_of_the_page(package: Write) -> None:
    folder = package(**{
        TEST: SAID, RECORDS: process("nmap"),
        "tests/again/test.yaml": SAID, "tests/again/sysmon.jsonl": process("masscan"),
    })  # fmt: skip
    page = proof_page(prove(load([folder])))
    assert (
        page.count('<td class="good">fires') == page.count('<td class="bad">silent</td></tr>') == 1
    )


def test_a_query_that_cannot_run_says_why(package: Write) -> None:
    files = {
        TEST: SAID,
        RECORDS: process("nmap"),
        "sentinel.kql": "DeviceProcessEvents | frobnicate",
    }
    (cell,) = prove(load([package(**files)])).cells
    assert cell.word == "cannot run"
    assert "frobnicate" in cell.reason


def test_records_that_cannot_be_read_prove_nothing(package: Write) -> None:
    files = {TEST: SAID, RECORDS: '{"EventID": 1, "Channel": \n'}
    (cell,) = prove(load([package(**files)])).cells
    assert (cell.word, cell.holds) == ("untested", False)


def test_a_package_without_cases_is_told(package: Write) -> None:
    proof = prove(load([package()]))
    assert not proof.cells
    assert [reason for _, reason in proof.unproven] == ["it has no tests and no quiet cases"]


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ({TEST: "title: x\n", RECORDS: "{}"}, "VD314", "needs 'title' and 'number'"),
        ({TEST: SAID + "sillent: {}\n", RECORDS: "{}"}, "VD312", "no key 'sillent'"),
        ({TEST: SAID + "silent: {qradar: x}\n", RECORDS: "{}"}, "VD314", "no query for 'qradar'"),
        ({TEST: SAID + "executor: {name: bash}\n", RECORDS: "{}"}, "VD314", "needs 'command'"),
        ({TEST: SAID + "executor: {name: zsh, command: x}\n", RECORDS: "{}"}, "VD314", "'zsh'"),
        (
            {TEST: SAID + "executor: {name: sh, command: 'ls #{x}'}\n", RECORDS: "{}"},
            "VD314",
            "'x'",
        ),
        ({TEST: SAID}, "VD324", "has no records"),
        ({QUIET: "title: x\n", "quiet/editor/a.log": "x"}, "VD314", "'title' and 'source'"),
    ],
)
def test_mistakes_in_cases_are_told(
    package: Write, files: dict[str, str], code: str, said: str
) -> None:
    problems = [p.problem for p in load([package(**files)]).problems]
    assert [p.code for p in problems] == [code]
    assert said in problems[0].message


def test_a_proof_is_written_for_other_programs(package: Write) -> None:
    files = {TEST: SAID, RECORDS: process("masscan"), "qradar.aql": "SELECT nonsense("}
    proof = prove(load([package(**files)]))
    written = as_json(proof)
    assert [(c["platform"], c["outcome"]) for c in written["cells"]] == [
        ("sentinel", "silent"), ("qradar", "cannot run"),
    ]  # fmt: skip
    root = ET.fromstring(as_junit(proof))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")


def test_a_page_shows_the_matrix_and_escapes_what_others_wrote(package: Write) -> None:
    files = {
        TEST: "number: 1\ntitle: <script>alert(1)</script>\n", RECORDS: process("masscan"),
        "qradar.aql": AQL,
    }  # fmt: skip
    page = proof_page(prove(load([package(**files)])))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert page.count('class="bad">silent<') == 4  # two cells, two differences
    assert "0 of 2 are as claimed" in page


def test_the_command_tells_by_its_exit_code(package: Write, tmp_path: Path) -> None:
    good = package(**{TEST: SAID, RECORDS: process("nmap")})
    told = CliRunner().invoke(main, ["prove", str(good), "--format", "json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout)["differences"] == 0
    package(**{RECORDS: process("masscan")})
    junit = tmp_path / "out.xml"
    assert CliRunner().invoke(main, ["prove", str(good), "--junit", str(junit)]).exit_code == 1
    assert 'failures="1"' in junit.read_text()
    assert CliRunner().invoke(main, ["prove", str(tmp_path / "absent")]).exit_code == 3


@pytest.mark.shared("seeds")
def test_the_published_pages_are_tried_on_their_own_methodology(shared: Path) -> None:
    """As the reference's matrix predicts: the Sentinel page misses its own fourth test, and the
    two QRadar pages, which are one and the same query, all of theirs."""
    proof = prove(load(sorted((shared / "seeds").glob("*.txt"))))
    tests = [cell for cell in proof.cells if not cell.case.quiet]
    sentinel = {c.case.label: c.word for c in tests if c.platform == "sentinel"}
    assert sentinel == {
        "T1591.002-1": "fires", "T1591.002-2": "fires", "T1591.002-3": "fires",
        "T1591.002-4": "silent", "T1591.002-5": "fires",
    }  # fmt: skip
    assert {c.word for c in tests if c.platform == "qradar"} == {"silent"}
    assert len(tests) == 14
