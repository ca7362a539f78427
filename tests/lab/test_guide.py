"""The guide from a page to a proven detection, followed word by word with the demo's data."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from vedette.cli import main

GUIDE = Path(__file__).parents[2] / "docs" / "guide-to-a-proven-detection.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PACKAGE = Path("mine/t1591.002-partner-lookups-sentinel")
SAID = {
    "vedette check demo/page.txt": "repaired (case-doubled-default)",
    "vedette prove demo/page.txt --differences": "T1591.002-1",
    "vedette why demo/page.txt recorded": "it stands in ProcessCommandLine",
    "vedette compare demo/page.txt": "vim theharvester-notes.md",
    "vedette prove mine --differences": "wrong",
    "vedette hunt demo/logs --detections mine": "osint-ws01",
}
"""What commands that begin so must say, for what the guide tells of them to be true."""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("bash") is None,
    reason="tests are carried out on Linux",
)
def test_the_guide_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = dict.fromkeys(SAID, "")
    for kind, name, text in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "console":
            for line in text.splitlines():
                words, _, code = line.partition("#")
                output = _run(words.strip(), int(code or 0))
                said |= {key: output for key in SAID if words.startswith(key)}
        else:
            (PACKAGE / name).write_text(text, encoding="utf-8")
    assert [words for words, output in said.items() if SAID[words] not in output] == []


def _run(words: str, code: int) -> str:
    if not words.startswith("vedette "):
        subprocess.run(["bash", "-c", words], check=True, timeout=60)
        return ""
    done = CliRunner().invoke(main, words.split()[1:], prog_name="vedette")
    assert done.exit_code == code, f"{words}\n{done.output}"
    return done.output
