"""The options of Sigma's rules on the command line: filters, pipelines, values of placeholders."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main

RULE = """title: shells
name: shells
logsource: {product: windows, category: process_creation}
detection: {a: {prog|endswith|expand: '%shells%'}, condition: a}
"""
PIPELINE = "transformations: [{type: field_name_mapping, mapping: {prog: Image}}]\n"
FILTER = """title: ours
logsource: {product: windows}
filter: {rules: any, a: {User|contains: svc}, condition: not a}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    events = [
        {
            "SourceName": "Microsoft-Windows-Sysmon", "EventID": 1, "Hostname": f"h{number}",
            "Channel": "Microsoft-Windows-Sysmon/Operational", "User": user,
            "Image": f"C:\\{image}.exe", "UtcTime": "2026-11-21 10:00:00.000",
        }
        for number, (user, image) in enumerate([("ada", "cmd"), ("svc", "cmd"), ("eve", "pwsh")])
    ]  # fmt: skip
    (tmp_path / "log.json").write_text("".join(json.dumps(e) + "\n" for e in events))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rule.yml").write_text(RULE)
    (tmp_path / "pipeline.yml").write_text(PIPELINE)
    (tmp_path / "values.yml").write_text("shells: [cmd.exe, pwsh.exe]\n")
    (tmp_path / "filter.yml").write_text(FILTER)
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [w.replace("@", f"{folder}/") for w in words])


def test_a_query_takes_them(folder: Path) -> None:
    words = ["query", "@rules/rule.yml", "@log.json", "--format", "csv", "-p", "@pipeline.yml"]
    answer = run(folder, *words, "--sigma-values", "@values.yml")
    assert answer.exit_code == 0, answer.output
    assert len(answer.stdout.splitlines()) == 4
    answer = run(folder, *words, "--parameter", "shells=cmd.exe", "--filter", "@filter.yml")
    assert len(answer.stdout.splitlines()) == 2
    assert "The filter 'ours' is applied" in answer.stderr
    answer = run(folder, *words, "--parameter", "shells=cmd.exe", "--parameter", "shells=pwsh.exe")
    assert len(answer.stdout.splitlines()) == 4
    answer = run(folder, *words)
    assert answer.exit_code == 2
    assert "--sigma-values" in answer.stderr


def test_a_hunt_takes_them_and_tells_the_filters(folder: Path) -> None:
    words = ["hunt", "@log.json", "--detections", "@rules", "--pipeline", "@pipeline.yml"]
    words += ["--sigma-values", "@values.yml"]
    assert "Filters" not in run(folder, *words).output
    answer = run(folder, *words, "--filter", "@filter.yml")
    assert answer.exit_code == 1, answer.output
    assert "Filters" in answer.stdout
    assert "ours" in answer.stdout
    assert "h1" not in answer.stdout
    assert "is applied" not in answer.stderr


def test_a_check_takes_them(folder: Path) -> None:
    assert run(folder, "check", "@rules").exit_code == 1
    options = ["--sigma-values", "@values.yml", "-p", "@pipeline.yml", "--filter", "@filter.yml"]
    answer = run(folder, "check", "@rules", *options)
    assert answer.exit_code == 0, answer.output
    (folder / "rules" / "a.yaml").write_text("id: 1\nkind: NRT\nquery: DeviceProcessEvents\n")
    assert run(folder, "check", "@rules", *options).exit_code == 0
    assert run(folder, "check", "@rules", *options, "--strict").exit_code == 2


def test_other_languages_take_none(folder: Path) -> None:
    answer = run(folder, "query", "DeviceProcessEvents", "@log.json", "--filter", "@filter.yml")
    assert answer.exit_code == 3
    assert "Sigma's rules only" in answer.output


def test_a_wrong_file_is_a_wrong_option(folder: Path) -> None:
    (folder / "pipeline.yml").write_text("postprocessing: [{type: embed, prefix: x}]\n")
    answer = run(folder, "query", "@rules/rule.yml", "@log.json", "-p", "@pipeline.yml")
    assert answer.exit_code == 3
    assert "pipeline.yml:1:1" in answer.stderr
    (folder / "values.yml").write_text("- a\n")
    answer = run(folder, "hunt", "@log.json", "--sigma-values", "@values.yml")
    assert answer.exit_code == 3
