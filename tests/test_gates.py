"""The rules of the repository that no linter holds, and the proof that the import rule bites."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60

# Each pattern is spelt so that it does not match itself.
MACHINE_PATHS = [r"/wor[k]/", r"/tmp/brie[f]", r"/opt/(?:wheel[s]|pyp[i])", r"/root/\.pyenv"]
REGISTRY_HOSTS = [
    r"pyp[i]\.org",
    r"pythonhosted\.org",
    r"npmjs\.(?:org|com)",
    r"crates\.io",
    r"proxy\.golang\.org",
    r"conda\.anaconda\.org",
]


def tracked_files(root: Path) -> list[Path]:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are tracked")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return [path for name in listed.stdout.split("\0") if name and (path := root / name).is_file()]


def python_files(root: Path) -> list[Path]:
    return sorted([*(root / "src").rglob("*.py"), *(root / "tests").rglob("*.py")])


def test_no_file_is_too_long(root: Path) -> None:
    lengths = {
        str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(root)
    }
    assert lengths
    assert {name: count for name, count in lengths.items() if count > MAX_FILE_LINES} == {}


def test_no_function_is_too_long(root: Path) -> None:
    too_long = []
    for path in python_files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    too_long.append(f"{path.relative_to(root)}:{node.lineno} {node.name} {lines}")
    assert too_long == []


def forbidden(root: Path) -> re.Pattern[str]:
    paths = [*MACHINE_PATHS, *([re.escape(f"{root}/")] if len(root.parts) > 2 else [])]
    # A path of the machine starts there: in an address the same letters follow a host.
    start = r"(?<![\w./-])"
    alternatives = [*(f"{start}{path}" for path in paths), *REGISTRY_HOSTS]
    return re.compile("|".join(alternatives), re.IGNORECASE)


def test_no_tracked_file_names_a_machine_or_a_registry(root: Path) -> None:
    pattern = forbidden(root)
    found = []
    for path in tracked_files(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(root)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_forbidden"),
    [
        ("see /wo_rk/main", True),
        ("'/opt/wh_eels'", True),
        ("https://files.pythonhosted_.org/x", True),
        ("https://example.org/wo_rk/x", False),
        ("/home/alice/.profile", False),
    ],
)
def test_the_pattern_of_forbidden_names(root: Path, text: str, is_forbidden: bool) -> None:
    # The underscore keeps the sample itself out of the gate's sight.
    assert bool(forbidden(root).search(text.replace("_", ""))) is is_forbidden


def test_every_locked_requirement_has_hashes_and_no_address(root: Path) -> None:
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    entries = re.findall(r"^\S.*(?:\n\s+.*)*", text.replace("\\\n", "\n"), flags=re.MULTILINE)
    assert len(entries) > 10
    for entry in entries:
        name, *hashes = entry.splitlines()
        assert re.match(r"[a-z0-9-]+==\S+", name), name
        assert hashes, name
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", line) for line in hashes), name


@pytest.fixture
def copied_tree(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(
        root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_imports_as_they_are_keep_the_contracts(copied_tree: Path) -> None:
    done = lint_imports(copied_tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("room", "imported"),
    [
        ("syntax", "vedette.plan"),
        ("plan", "vedette.tables"),
        ("tables", "vedette.logs"),
        ("kql", "vedette.aql"),
        ("aql", "vedette.engines.duckdb"),
        ("engines", "vedette.kql"),
        ("logs", "vedette.engines"),
        ("workspace", "vedette.detections"),
        ("detections", "vedette.hunt"),
        ("hunt", "vedette.cli"),
    ],
)
def test_an_import_that_points_up_or_sideways_is_caught(
    copied_tree: Path, room: str, imported: str
) -> None:
    (copied_tree / f"src/vedette/{room}/upward.py").write_text(f"import {imported}\n")
    done = lint_imports(copied_tree)
    assert done.returncode == 1, done.stderr
    assert f"vedette.{room}.upward -> {imported}" in done.stdout
