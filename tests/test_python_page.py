"""The page on the Python API: what it shows can be run, from its first line to its last."""

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = '198.51.100.7 - - [01/Sep/2026:08:00:00 +0000] "GET /partners HTTP/1.1" 200 5 "-" "curl/8"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What the page counts on: logs, rules and a published page."""
    monkeypatch.chdir(tmp_path)
    for name in ("logs", "rules"):
        (tmp_path / name).mkdir()
    (tmp_path / "logs/access.log").write_text(LINE)
    (tmp_path / "rules/curl.kql").write_text(
        "// T1591.002 - curl\nCommonSecurityLog | where RequestClientApplication has 'curl'"
    )
    page = files("vedette.demo").joinpath("page.txt").read_text(encoding="utf-8")
    (tmp_path / "page.txt").write_text(page, encoding="utf-8")
    yield tmp_path


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("bash") is None,
    reason="tests are carried out on Linux",
)
def test_the_page_can_be_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        exec(compile(block, PAGE.name, "exec"), names)  # our own text
        if not names["workspace"].stored:
            names["workspace"].ingest([folder / "logs"])
    said = capsys.readouterr().out
    assert "curl.kql False" in said
    assert "T1591.002-1 sentinel silent" in said
    assert (folder / "cases/42/manifest.sqlite").is_file()
    names["workspace"].close()
