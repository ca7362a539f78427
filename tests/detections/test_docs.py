"""The page on detections names every key, code and shipped detection, and nothing else."""

import re
from pathlib import Path

from vedette.detections.find import shipped
from vedette.detections.packages.read import KEYS, REQUIRED


def page(root: Path) -> str:
    return (root / "docs" / "detections.md").read_text("utf-8")


def test_every_key_is_described(root: Path) -> None:
    table = page(root).split("| key of `detection.yaml` |", 1)[1].split("\n\n", 1)[0]
    keys = re.findall(r"^\| `(\w+)` \| (\S+)", table, flags=re.MULTILINE)
    assert {key for key, _ in keys} == set(KEYS)
    assert {key for key, word in keys if word == "required:"} == set(REQUIRED)


def test_every_code_is_described(root: Path) -> None:
    package = root / "src" / "vedette"
    sources = [*(package / "detections").rglob("*.py"), package / "syntax" / "yaml_nodes.py"]
    used = {code for file in sources for code in re.findall(r'"(VD\d{3})"', file.read_text())}
    told = re.findall(r"^\| (VD\d{3}) \|", page(root), flags=re.MULTILINE)
    assert set(told) == used
    assert told == sorted(told)


def test_every_shipped_detection_is_described(root: Path) -> None:
    table = page(root).split("## Shipped detections", 1)[1]
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", table, flags=re.MULTILINE)
    assert dict(rows) == {d.id: ", ".join(d.techniques) for d in shipped().detections}
