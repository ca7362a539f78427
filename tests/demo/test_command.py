"""The command ``vedette demo``, from nothing to findings."""

import errno
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main
from vedette.cli.exits import NOTHING_RAN, OK, USAGE
from vedette.demo import play, story
from vedette.demo.endpoint import TOOL_RUNS
from vedette.demo.mail import LURES
from vedette.demo.visitors import BROWSERS, CRAWLER, SCRAPER, SLOW_SCRAPER
from vedette.detections.find import shipped


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["demo", *words], prog_name="vedette")


def test_the_demo_finds_what_is_in_its_logs_and_ends_successfully(tmp_path: Path) -> None:
    done = run("--folder", str(tmp_path / "demo"), "--seed", "5")
    assert done.exit_code == OK, done.output
    report = tmp_path / "demo" / "report.html"
    assert f"Report: {report}" in done.stdout
    page = report.read_text(encoding="utf-8")
    entities = [SCRAPER, SLOW_SCRAPER, *(lure.sender for lure in LURES)]
    for entity in [*entities, *(machine.name for machine, _ in TOOL_RUNS.values())]:
        assert entity in done.stdout
        assert entity in page
    for quiet in (CRAWLER, *BROWSERS):
        assert f" {quiet} " not in done.stdout
    assert "real requests" in done.stderr
    assert "clock is the demo's" in done.stderr


def test_a_hunt_that_misses_something_fails_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = shipped()
    tools = [d for d in loaded.detections if "osint-tools" in str(d.origin)]
    monkeypatch.setattr(play, "shipped", lambda: loaded._replace(detections=tuple(tools)))
    done = run("--folder", str(tmp_path / "demo"))
    assert done.exit_code == NOTHING_RAN
    for platform in story.PLATFORMS:
        for expected in story.EXPECTED:
            is_missing = f"not found on {platform}: {expected}" in done.stderr
            assert is_missing is (expected.what not in TOOL_RUNS), expected
    assert "Report:" in done.stdout


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    done = run("--folder", str(tmp_path))
    assert done.exit_code == USAGE
    assert "no demo made it" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_machine_without_the_loopback_addresses_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "cannot assign requested address")

    monkeypatch.setattr(HTTPConnection, "request", refuse)
    done = run("--folder", str(tmp_path / "demo"))
    assert done.exit_code == NOTHING_RAN
    assert "this machine has no address 127." in done.stderr
    assert "127.0.0.0/8" in done.stderr
