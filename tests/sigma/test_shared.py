"""The field's own rules and samples, where they are: what runs, and what is found."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from vedette.syntax import QueryError
from vedette.workspace import Workspace

FEWEST_SHARE = 0.995
# Rules that match more events of their sample than its note says: each of these events has what the
# rule asks for (three files of the name, two values of the registry), so the note counts too few.
MORE_THAN_NOTED = {
    "0b9ad457-2554-44c1-82c2-d56a99c42377": 3,
    "8fbf3271-1ef6-4e94-8210-03c2317947f6": 3,
    "c7dcacd0-cc59-4004-b0a4-1d6cdebe6f3e": 2,
}


@pytest.fixture(scope="module")
def rules(shared: Path) -> dict[str, str]:
    """Every published rule by its file."""
    archive = shared / "data" / "sigmahq-rules.zip"
    if not archive.exists():
        pytest.skip("the shared material is absent: ../shared/data/sigmahq-rules.zip")
    with zipfile.ZipFile(archive) as files:
        names = [n for n in files.namelist() if n.endswith(".yml")]
        return {name: files.read(name).decode("utf-8") for name in names}


def test_the_published_rules_run(rules: dict[str, str]) -> None:
    refused: dict[str, str] = {}
    with Workspace() as workspace:
        for name, text in rules.items():
            try:
                workspace.compile(text, "sigma")
            except QueryError as error:
                refused[name] = str(error)
                assert all(p.message and p.line for p in error.problems)
    assert len(refused) <= (1 - FEWEST_SHARE) * len(rules), refused


def samples(folder: Path) -> Iterator[tuple[str, Path, int | None]]:
    for note in sorted(folder.rglob("info.yml")):
        said = yaml.safe_load(note.read_text(encoding="utf-8"))
        for meta in said["rule_metadata"]:
            for case in said["regression_tests_info"]:
                yield meta["id"], note.parent / Path(case["path"]).name, case.get("match_count")


@pytest.mark.shared("data/sigma-regression.zip")
def test_each_rule_finds_its_sample(rules: dict[str, str], shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared / "data" / "sigma-regression.zip") as archive:
        archive.extractall(tmp_path)
    by_id = {id_of(text): text for text in rules.values()}
    wrong: dict[str, str] = {}
    count = 0
    for id, log, noted in samples(tmp_path):
        with Workspace() as workspace:
            workspace.ingest(log)
            found = len(workspace.query(by_id[id], "sigma"))
        count += 1
        wanted = MORE_THAN_NOTED.get(id, noted)
        if found == 0 or (wanted is not None and found != wanted):
            wrong[id] = f"{found} of {wanted}"
    assert count == 100
    assert wrong == {}


def id_of(text: str) -> str:
    lines = (line for line in text.splitlines() if line.startswith("id: "))
    return next(lines)[4:].strip().strip("'\"")
