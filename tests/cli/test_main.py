"""The command line's own promises: exit codes, what goes where, and nothing imported early."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

import vedette
from vedette.cli import COMMANDS, LazyGroup, main
from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, PIPE_CLOSED, USAGE, CommandError
from vedette.syntax import Problem

HEAVY = ("duckdb", "pyarrow", "evtx", "rich", "yaml", "jinja2", "orjson", "vedette.plan")


@click.command()
@click.option("--how", type=click.Choice(["ok", "found", "fail", "hint", "file", "exit"]))
def probe(how: str) -> int | None:
    """End in the way that was asked for."""
    match how:
        case "found":
            return FINDINGS
        case "fail":
            raise CommandError("nothing to read")
        case "hint":
            raise CommandError("no workspace", hint="make one", exit_code=FINDINGS)
        case "file":
            raise click.FileError("gone.evtx", "no such file")
        case "exit":
            click.get_current_context().exit(FINDINGS)
        case _:
            click.echo("done")
    return None


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> LazyGroup:
    module = ModuleType("probe_command")
    module.command = probe  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "probe_command", module)
    return LazyGroup(
        name="vedette",
        table={"probe": ("probe_command", "Probe."), "absent": ("no_such_module", "Not there.")},
    )


def run(group: click.Command, *words: str) -> Result:
    return CliRunner().invoke(group, words, prog_name="vedette")


@pytest.mark.parametrize(
    ("how", "code", "stdout", "stderr"),
    [
        ("ok", OK, "done\n", ""),
        ("found", FINDINGS, "", ""),
        ("exit", FINDINGS, "", ""),
        ("fail", NOTHING_RAN, "", "Error: nothing to read\n"),
        ("hint", FINDINGS, "", "Error: no workspace\n  make one\n"),
        ("file", NOTHING_RAN, "", "Error: Could not open file 'gone.evtx': no such file\n"),
    ],
)
def test_a_command_ends_with_its_code(
    group: LazyGroup, how: str, code: int, stdout: str, stderr: str
) -> None:
    result = run(group, "probe", "--how", how)
    assert (result.exit_code, result.stdout, result.stderr) == (code, stdout, stderr)


@pytest.mark.parametrize("words", [("unknown",), ("--unknown",), ("probe", "--how", "odd"), ()])
def test_wrong_usage_leaves_with_three_and_speaks_on_standard_error(
    group: LazyGroup, words: tuple[str, ...]
) -> None:
    result = run(group, *words)
    assert result.exit_code == USAGE
    assert result.stdout == ""
    assert "Usage: vedette" in result.stderr


def test_help_lists_commands_without_importing_them(group: LazyGroup) -> None:
    result = run(group, "--help")
    assert result.exit_code == OK
    assert "absent  Not there." in result.stdout


def test_every_listed_command_is_there_and_has_help() -> None:
    for name, (_, short_help) in COMMANDS.items():
        assert short_help.endswith("."), name
        result = run(main, name, "--help")
        assert result.exit_code == OK, (name, result.output)
        assert f"Usage: vedette {name}" in result.stdout


def test_version() -> None:
    assert run(main, "--version").stdout == f"vedette, version {vedette.__version__}\n"


def test_the_package_is_a_program() -> None:
    program = [sys.executable, "-m", "vedette", "--version"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout == f"vedette, version {vedette.__version__}\n"


@pytest.mark.parametrize("statement", ["import vedette", "import vedette.cli"])
def test_a_start_imports_nothing_heavy(statement: str) -> None:
    code = f"{statement}; import sys; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_loaded_on_first_use() -> None:
    assert vedette.Problem is Problem


def test_unknown_public_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        vedette.Nothing  # noqa: B018
    assert set(vedette.__all__) <= set(dir(vedette))


@pytest.mark.skipif(os.name == "nt", reason="closed pipes are a matter of POSIX here")
def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    module = tmp_path / "endless.py"
    module.write_text(
        "import click\n"
        "@click.command()\n"
        "def command():\n"
        "    while True:\n"
        "        click.echo('row')\n"
    )
    code = (
        "from vedette.cli import LazyGroup\n"
        "LazyGroup(name='vedette', table={'endless': ('endless', 'E.')}).main(['endless'])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "row\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == PIPE_CLOSED


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def paint() -> None:
        click.secho("red", fg="red")

    module = ModuleType("paint_command")
    module.command = paint  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "paint_command", module)
    group = LazyGroup(name="vedette", table={"paint": ("paint_command", "Paint.")})
    # The runner would strip colours of itself: color=True makes it keep what the command sends.
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert CliRunner().invoke(group, ["paint"], color=True).stdout == "\x1b[31mred\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert CliRunner().invoke(group, ["paint"], color=True).stdout == "red\n"
