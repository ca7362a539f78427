"""Hunting with a folder of rules, and asking one on the command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.sigma.conftest import EVENTS, Ask, line, rule

from vedette.cli import main
from vedette.detections.find import load
from vedette.detections.model import Severity
from vedette.hunt import hunt

HEAD = """\
id: 0b9ad457-2554-44c1-82c2-d56a99c42377
status: test
level: high
description: What it looks for.
tags: [attack.t1059.003, attack.execution, attack.g0016, cve.2020-1]
references: [https://example.org]
falsepositives: [Backups]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    (folder / "deep").mkdir(parents=True)
    text = rule("Image|endswith: '\\cmd.exe'", "product: windows, category: process_creation")
    (folder / "cmd.yml").write_text(text + HEAD)
    text = rule("EventID: [4625, 4688]", "product: windows, service: security")
    (folder / "deep" / "security.yaml").write_text(text)
    text = rule("Image: x", "product: windows, category: nothing_known")
    (folder / "deep" / "unknown.yml").write_text(text)
    (folder / "deep" / "compose.yml").write_text("services: {}\n")
    return folder


def test_a_rule_is_a_detection(rules: Path) -> None:
    loaded = load([rules])
    assert [d.form for d in loaded.detections] == ["rule"] * 3
    detection = loaded.detections[0]
    assert (detection.id, detection.title) == (HEAD[4:40], "a rule")
    assert detection.severity is Severity.HIGH
    assert detection.techniques == ("T1059.003",)
    assert detection.tactics == ("execution",)
    assert detection.data_sources == ("windows process_creation",)
    assert detection.false_positives == ("Backups",)
    assert [p.problem.message for p in loaded.problems] == ["not read as detections: 1 .yml"]


def test_a_hunt_runs_every_rule(ask: Ask, rules: Path) -> None:
    report = hunt(ask.workspace, load([rules]))
    found = {(f.detection.origin.stem, f.entity, f.count) for f in report.findings}
    assert found == {
        ("cmd", "cmd", 1), ("cmd", "audit", 1), ("security", "audit", 1), ("security", "logon", 1),
    }  # fmt: skip
    refused = [run for run in report.runs if run.status == "refused"]
    assert [run.detection.origin.stem for run in refused] == ["unknown"]
    assert "nothing_known" in refused[0].reason


def test_a_file_is_asked_by_its_ending(rules: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text("".join(line(n, e) + "\n" for n, e in EVENTS.items() if n in ("cmd", "ps")))
    words = ["query", str(rules / "cmd.yml"), str(log), "--format", "csv"]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    header, *rows = answer.stdout.splitlines()
    assert header.startswith("time,host,user,process_path,command_line")
    assert len(rows) == 1
    refused = CliRunner().invoke(main, ["query", str(rules / "deep" / "unknown.yml"), str(log)])
    assert refused.exit_code == 2
    assert "VD402" in refused.output


def test_other_languages_do_not_load_pysigma() -> None:
    program = (
        "import sys, vedette.cli, vedette.detections.find, vedette.workspace.languages;"
        "sys.exit(any(name.split('.')[0] in ('sigma', 're2', 'pyparsing') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_every_code_is_described(root: Path) -> None:
    text = (root / "src" / "vedette" / "sigma" / "codes.py").read_text(encoding="utf-8")
    page = (root / "docs" / "sigma.md").read_text(encoding="utf-8")
    codes = [word.strip('"') for word in text.split() if word.startswith('"VD')]
    assert codes
    assert [code for code in codes if f"| {code} |" not in page] == []
