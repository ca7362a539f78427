"""The wheel works away from the repository: its command runs, its data files are all there."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import vedette


@dataclass(frozen=True, slots=True)
class Installed:
    """A wheel, and a folder outside the repository where it is installed on its own."""

    wheel: Path
    folder: Path

    def run(self, *words: str, status: int = 0) -> str:
        """Run a program against the installed package and return its standard output."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        """Run Python code against the installed package and return what it prints."""
        return self.run(sys.executable, "-c", code).strip()


def run_module(*words: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    base = tmp_path_factory.mktemp("wheel")
    dist, folder = base / "dist", base / "site"
    run_module("build", "--wheel", "--no-isolation", "--outdir", str(dist), cwd=root)
    (wheel,) = dist.glob("*.whl")
    options = ("--no-deps", "--no-index", "--no-compile", "--target", str(folder))
    run_module("pip", "install", *options, str(wheel), cwd=base)
    return Installed(wheel, folder)


def data_files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_installed_package_is_the_one_that_runs(installed: Installed) -> None:
    place = installed.python("import vedette; print(vedette.__file__)")
    assert Path(place) == installed.folder / "vedette" / "__init__.py"


def test_the_command_runs(installed: Installed) -> None:
    command = installed.folder / "bin" / "vedette"
    assert installed.run(str(command), "--version") == f"vedette, version {vedette.__version__}\n"
    assert "Usage: vedette" in installed.run(str(command), "--help")


def test_every_file_of_the_package_is_packed(installed: Installed, root: Path) -> None:
    packed = data_files(installed.folder / "vedette")
    assert "py.typed" in packed
    assert data_files(root / "src/vedette") <= packed


def test_the_shipped_detections_are_packed_and_found(installed: Installed, root: Path) -> None:
    code = "from vedette.detections.shipped import shipped_content; print(shipped_content())"
    found = Path(installed.python(code))
    assert found == installed.folder / "vedette" / "content"
    assert data_files(found) == data_files(root / "content") != set()


def test_the_installed_package_hunts_a_log(installed: Installed, tmp_path: Path) -> None:
    line = '203.0.113.7 - - [{}:{:02}:00 +0000] "GET /partners/{} HTTP/1.1" 200 1 "-" "curl/8"\n'
    log = tmp_path / "access.log"
    log.write_text("".join(line.format("20/Nov/2026:08", n, n) for n in range(40)))
    command = str(installed.folder / "bin" / "vedette")
    counted = installed.run(
        command, "query", "CommonSecurityLog | count", str(log), "--format", "csv"
    )
    assert counted.splitlines() == ["Count", "40"]
    report = tmp_path / "report.html"
    installed.run(command, "hunt", str(log), "--report", str(report), status=1)
    assert "203.0.113.7" in report.read_text()


def test_a_checkout_reads_its_own_detections(root: Path) -> None:
    from vedette.detections.shipped import shipped_content

    assert shipped_content() == root / "content"


def test_the_wheel_holds_the_package_and_its_papers_only(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = wheel.namelist()
    version = vedette.__version__
    assert {name.split("/")[0] for name in names} == {"vedette", f"vedette-{version}.dist-info"}
    assert f"vedette-{version}.dist-info/licenses/LICENSE" in names
