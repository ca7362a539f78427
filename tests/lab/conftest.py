"""What tests of the laboratory share: small packages, written as a test needs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

DESCRIPTION = "title: A scanner runs\ntechniques: [T1595]\nseverity: low\n"
KQL = 'DeviceProcessEvents | where ProcessCommandLine has "nmap"\n'
AQL = "SELECT username FROM events WHERE \"Process CommandLine\" ILIKE '%nmap%' LAST 24 HOURS\n"


def process(line: str) -> str:
    """A process event as a forwarder writes it."""
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "ws1",
        "UtcTime": "2026-03-04 08:15:02.123", "Image": "C:\\tool.exe", "CommandLine": line,
    }  # fmt: skip
    return json.dumps(event) + "\n"


Write = Callable[..., Path]


@pytest.fixture
def package(tmp_path: Path) -> Write:
    """Write a package of these files, by their names."""

    def write(**files: str) -> Path:
        folder = tmp_path / "scanner"
        texts = {"detection.yaml": DESCRIPTION, "sentinel.kql": KQL, **files}
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return folder

    return write
