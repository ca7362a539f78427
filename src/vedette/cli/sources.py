"""What a command works on: takes words of the command line, gives texts, clocks and workspaces."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    from vedette.detections.model import Loaded
    from vedette.workspace import Workspace
    from vedette.workspace.ingest import IngestReport

DEFAULT_WORKSPACE = Path("vedette-workspace")
"""The workspace of commands that keep something, where no other is named."""
STANDARD_INPUT = Path("-")
LANGUAGES = ("kql", "aql", "sigma", "sql")
ENDINGS = {"kql": "kql", "aql": "aql", "sql": "sql", "yml": "sigma", "yaml": "sigma"}


class Moment(click.ParamType[dt.datetime]):
    """A moment as ISO 8601; without an offset it is UTC."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """The aware datetime that the word writes."""
        if isinstance(value, dt.datetime):
            return value
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no time; write it like 2026-01-31T08:00:00Z", param, ctx)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=dt.UTC)
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError:
            self.fail(f"'{value}' lies outside the years 1 to 9999 in UTC", param, ctx)


def language_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--language``; without it a file's ending decides, else KQL."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        help="The query's language; a file's ending (.kql, .aql, .yml, .sql) says it too.",
    )(function)


def clock_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--now``."""
    return click.option("--now", type=Moment(), help="The query's clock, in place of the present.")(
        function
    )


def strict_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--strict``."""
    return click.option(
        "--strict", is_flag=True, help="Refuse what the vendor refuses; apply no repair."
    )(function)


def beside_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``--functions`` and ``--geo``, as *functions* and *geo*."""
    there = click.Path(path_type=Path, exists=True)
    function = click.option(
        "--geo", type=there, help="A MaxMind file that says where addresses are (KQL)."
    )(function)
    return click.option(
        "--functions",
        multiple=True,
        type=there,
        help="A file or folder of saved functions (KQL); may be repeated.",
    )(function)


def know(workspace: Workspace, functions: Sequence[Path], geo: Path | None) -> None:
    """Let a workspace's queries count on saved functions and on a file of places."""
    workspace.add_functions(functions)
    if geo is not None:
        workspace.use_geo(geo)


def name_and_value(word: str, option: str) -> tuple[str, str]:
    """The two sides of a word NAME=VALUE that an option was given."""
    name, separator, value = word.partition("=")
    if not separator:
        raise click.BadParameter(f"'{word}' is not NAME=VALUE", param_hint=option)
    return name.strip(), value


def detections_of(paths: Sequence[Path], filters: Sequence[Path] = ()) -> Loaded:
    """The detections of files and folders, our own where none is named."""
    from vedette.detections.find import load, shipped

    if STANDARD_INPUT in paths:
        raise click.UsageError("detections are files and folders, not standard input")
    require_paths(paths)
    return load(paths, filters) if paths else shipped(filters)


def read_query(word: str, language: str | None) -> tuple[str, str, str]:
    """Text, language and name of a query that is given as text, as a file or as ``-``."""
    if word == "-":
        text = _standard_input()
        return text, language or _language(text), "standard input"
    path = Path(word)
    ending = path.suffix.lower().lstrip(".")
    if ending in ENDINGS and "\n" not in word and "|" not in word:
        return read_file(path), language or ENDINGS[ending], word
    if ending and os.path.isfile(word):  # noqa: PTH113 - Path's raises for a long text
        if language is None:
            hint = f"name it with --language ({', '.join(LANGUAGES)})"
            raise CommandError(
                f"{word}: its ending does not say the query's language", hint=hint, exit_code=USAGE
            )
        return read_file(path), language, word
    return word, language or _language(word), "query"


def _language(text: str) -> str:
    """The language of a text that nobody named: KQL, which has no SELECT."""
    if [word.lower() for word in text.split(None, 1)[:1]] == ["select"]:
        raise CommandError(
            "a query that begins with SELECT is AQL or SQL, and neither is named",
            hint="write --language aql, or --language sql",
            exit_code=USAGE,
        )
    return "kql"


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"standard input is not UTF-8: {error}", exit_code=USAGE) from error


@contextmanager
def with_standard_input(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths, a file of what standard input holds in the place of ``-`` while the block runs."""
    if STANDARD_INPUT not in paths:
        yield list(paths)
        return
    with tempfile.TemporaryDirectory(prefix="vedette-") as folder:
        file = Path(folder) / "standard-input"
        with file.open("wb") as out:
            shutil.copyfileobj(sys.stdin.buffer, out)
        yield [path for path in dict.fromkeys(paths) if path != STANDARD_INPUT] + [file]


def read_file(path: Path) -> str:
    """The text of a UTF-8 file; a CommandError says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", exit_code=USAGE) from error


def is_workspace(path: Path) -> bool:
    """Whether a folder is a workspace."""
    return os.path.isfile(path / "manifest.sqlite")  # noqa: PTH113 - Path's raises without access


def workspace_in(path: Path) -> Workspace:
    """The workspace of a folder, made if it is absent; a CommandError for bad files in it."""
    from vedette.workspace import Workspace

    try:
        return Workspace(path)
    except ValueError as error:  # its mappings, reference data or properties
        raise CommandError(str(error), exit_code=USAGE) from error


def open_workspace(path: Path) -> Workspace:
    """The workspace of a folder that is one; a CommandError otherwise."""
    if not is_workspace(path):
        raise CommandError(
            f"{path} is no workspace",
            hint="make one with: vedette ingest LOGS --workspace FOLDER",
            exit_code=USAGE,
        )
    return workspace_in(path)


def workspace_of(logs: Sequence[Path]) -> Workspace:
    """A workspace over *logs*: the one that a folder is, or a passing one that reads raw logs."""
    from vedette.workspace import Workspace

    require_paths(logs)
    folders = [path for path in logs if is_workspace(path)]
    if not folders:
        workspace = Workspace()
        try:
            if logs:
                with with_standard_input(logs) as files:
                    ingest(workspace, files)
        except BaseException:
            workspace.close()
            raise
        return workspace
    if len(logs) > 1:
        raise CommandError(
            f"{folders[0]} is a workspace and cannot be read together with other logs",
            hint=f"first: vedette ingest LOGS --workspace {folders[0]}",
            exit_code=USAGE,
        )
    return open_workspace(folders[0])


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # the system does not say
        return True


def require_one_reader(query: str, logs: Sequence[Path]) -> None:
    """Refuse a query and logs that are both to come from standard input."""
    if query == "-" and STANDARD_INPUT in logs:
        raise click.UsageError("standard input is the query or the logs, not both")


def require_kql(option: str | None, language: str) -> None:
    """Refuse ``--output`` for a query of a language that has no `let` tables."""
    if option is not None and language != "kql":
        raise click.UsageError("--output goes with KQL only")


def require_places(*files: Path | None) -> None:
    """Refuse files that could not be written, before there is anything to write into them."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            raise CommandError(
                f"{file} cannot be written: there is no folder {file.parent}", exit_code=USAGE
            )


def require_paths(paths: Sequence[Path]) -> None:
    """Refuse paths that are not there, before anything is made; ``-`` is standard input."""
    absent = [str(path) for path in paths if path != STANDARD_INPUT and not _is_there(path)]
    if absent:
        raise CommandError(f"there is no {', '.join(absent)}", exit_code=USAGE)


def ingest(
    workspace: Workspace, logs: Sequence[Path], table: str | None = None, jobs: int | None = None
) -> IngestReport:
    """Read logs into a workspace with a progress bar and a summary on standard error."""
    from vedette.cli.progress import reading

    with reading() as progress:
        report = workspace.ingest(logs, table=table, progress=progress, jobs=jobs)
    summary = (
        f"read {report.read:,} records: {report.stored:,} stored, "
        f"{report.quarantined:,} quarantined, {report.skipped:,} skipped"
    )
    if report.dropped:
        summary += f"; {report.dropped:,} rows dropped, which are older than what is kept"
    click.echo(summary, err=True)
    if not any(file.format and file.read for file in report.files):
        reasons = [f"{file.path}: {reason}" for file in report.files for reason in file.reasons]
        raise CommandError("nothing could be read", hint="\n  ".join(reasons[:5]))
    return report
