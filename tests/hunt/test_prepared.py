"""Detections made ready: batches give the rows that are asked for, and files of them are data."""

import hashlib
import json
import random
from pathlib import Path

import pyarrow as pa
import pytest
from tests.hunt.detections import HOUR, detection

from vedette.detections.model import Detection
from vedette.hunt.prepared import PreparedDetections
from vedette.plan import formulas
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Field, Literal
from vedette.plan.formula_json import NoFormula, read, written
from vedette.plan.types import Type

RULE = """title: {0}
logsource:
  category: process_creation
  product: windows
detection:
  a:
    {1}
  condition: a
"""
BATCH = pa.table(
    {
        "provider": ["Microsoft-Windows-Sysmon"] * 4,
        "command_line": ["net  user", "WHOAMI /all", None, "x"],
        "process_path": ["C:\\a\\net.exe", "C:\\a\\whoami.exe", "C:\\a\\NET.EXE", None],
    }
)


def rules() -> list[Detection]:
    asked = {
        "path": "Image|endswith: '\\net.exe'",
        "pattern": "CommandLine|re: 'net\\s+user'",
        "null": "Image: null",
        "none": "CommandLine|contains: nothing of it",
    }
    made = [
        detection(RULE.format(title, one), "sigma", "sigma", title=title)
        for title, one in asked.items()
    ]
    counted = "DeviceProcessEvents | where Timestamp > ago(1h) and FileName =~ 'net.exe'"
    made.append(detection(f"{counted} | count", "kql", "defender", HOUR, title="counted"))
    return made


def matched(prepared: PreparedDetections, batch: pa.Table = BATCH) -> dict[str, tuple[int, ...]]:
    return {m.asked.detection.title: m.rows for m in prepared.match("process_event", batch)}


def test_each_detection_gets_its_rows() -> None:
    with PreparedDetections(rules()) as prepared:
        assert matched(prepared) == {"path": (0, 2), "pattern": (0,), "null": (3,)}
        assert matched(prepared, BATCH.slice(1)) == {"path": (1,), "null": (2,)}
        batch = BATCH.to_batches()[0]
        assert len(prepared.match("process_event", batch)) == 3
        assert prepared.match("web_event", BATCH) == []
        answers = {a.detection.title: a.is_answer for a in prepared.asked}
    assert answers == dict.fromkeys(("path", "pattern", "null", "none"), True) | {"counted": False}


def test_a_file_of_them_is_read_in_their_place(tmp_path: Path) -> None:
    with PreparedDetections(rules(), cache=tmp_path) as first:
        wanted = matched(first)
    (file,) = tmp_path.iterdir()
    with PreparedDetections(rules(), cache=tmp_path) as again:
        assert matched(again) == wanted
        assert [a.formulas for a in again.asked] == [a.formulas for a in first.asked]
    other = [*rules(), detection("DeviceProcessEvents", "kql", "defender")]
    with PreparedDetections(other, cache=tmp_path):
        assert len(list(tmp_path.iterdir())) == 2
    assert file.exists()


@pytest.mark.parametrize("how", ["cut", "changed", "other", "hostile"])
def test_a_file_that_is_not_whole_is_made_anew(tmp_path: Path, how: str) -> None:
    with PreparedDetections(rules(), cache=tmp_path) as first:
        wanted = matched(first)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    body = whole.partition(b"\n")[2]
    if how == "hostile":
        body = json.dumps({"asked": [{"formulas": {"process_event": ["import os"]}}] * 5}).encode()
    new = {
        "cut": whole[:-9],
        "changed": whole.replace(b"net.exe", b"cmd.exe"),
        "other": b"\x80\x04not json",
        "hostile": hashlib.sha256(body).hexdigest().encode() + b"\n" + body,
    }[how]
    file.write_bytes(new)
    with PreparedDetections(rules(), cache=tmp_path) as again:
        assert matched(again) == wanted
    assert file.read_bytes() == whole


def test_what_is_learnt_of_a_batch_changes_no_answer(tmp_path: Path) -> None:
    chance = random.Random(1)
    lines = [chance.choice(["net  user", "net", "a", None]) for _ in range(3_000)]
    batch = pa.table({"provider": ["Microsoft-Windows-Sysmon"] * len(lines), "command_line": lines})
    with PreparedDetections(rules(), cache=tmp_path) as prepared:
        first, second = matched(prepared, batch), matched(prepared, batch)
    with PreparedDetections(rules(), cache=tmp_path) as later:
        assert matched(later, batch) == first == second
    assert first["pattern"] == tuple(n for n, line in enumerate(lines) if line == "net  user")


def fields(name: str) -> Field:
    return {"a": Field(1, "a", Type.STRING), "n": Field(2, "n", Type.LONG)}[name]


def test_a_formula_is_read_as_it_was_written() -> None:
    a, n = Column(fields("a")), Column(fields("n"))
    first = formulas.Test(apply("text_contains", a, text("é\\")))
    second = formulas.Test(apply("equals", n, Literal(2**62, Type.LONG)))
    formula = formulas.every([first, formulas.negation(formulas.some([second, first]))])
    assert read(json.loads(json.dumps(written(formula))), fields) == formula


@pytest.mark.parametrize(
    "value",
    [
        None, 7, "x", [], ["test"], ["test", ["column", "a"]], ["every", 1], ["what"],
        ["test", ["apply", "os.system", ["literal", "string", "x"]]],
        ["test", ["apply", "text_contains", ["column", "n"], ["literal", "string", "x"]]],
        ["test", ["apply", "text_contains", ["column", "b"], ["literal", "string", "x"]]],
        ["test", ["apply", "equals", ["column", "a"], ["literal", "string", ["x"]]]],
        ["test", ["literal", "nothing", True]],
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(value: object) -> None:
    with pytest.raises(NoFormula):
        read(value, fields)
    deep: list[object] = ["every"]
    for _ in range(1_000):
        deep = ["not", deep]
    with pytest.raises(NoFormula):
        read(deep, fields)
