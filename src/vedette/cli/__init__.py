"""The command line: takes words and options, gives rows, reports and an exit code.

To add a command, write one file here (``cli/query.py``) whose ``command`` is a click command, and
one line in ``COMMANDS`` with its module and short help. Nothing else is imported until the command
is called, so keep the imports of anything but click inside the command's function. A command
returns its exit code (``OK``, ``FINDINGS``, ...; nothing means ``OK``) and reports a failure with
``CommandError`` or click's ``UsageError`` and ``BadParameter``; both are shown on standard error.
"""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from vedette import __version__
from vedette.cli.exits import INTERRUPTED, NOTHING_RAN, OK, PIPE_CLOSED, USAGE, CommandError

_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

COMMANDS: dict[str, tuple[str, str]] = {
    "hunt": ("vedette.cli.hunt", "Run detections over logs and report what they find."),
    "query": ("vedette.cli.query", "Run one query over logs."),
    "prove": ("vedette.cli.prove", "Try detections on their own tests and quiet cases."),
    "emulate": ("vedette.cli.emulate", "Carry attack tests out harmlessly and hunt the traces."),
    "why": ("vedette.cli.why", "Say why a query is silent over logs, or fires."),
    "compare": ("vedette.cli.compare", "Show where two versions of a detection differ."),
    "check": ("vedette.cli.check", "Say all that is wrong with queries, packages and pages."),
    "explain": ("vedette.cli.explain", "Show how a query is understood: plan, columns, SQL."),
    "import": ("vedette.cli.import_", "Show what a published page holds."),
    "ingest": ("vedette.cli.ingest", "Read logs into a workspace."),
    "show": ("vedette.cli.show", "Show tables, columns, detections, formats, quarantine."),
    "compact": ("vedette.cli.compact", "Merge a workspace's small files."),
    "drop": ("vedette.cli.drop", "Delete old events from a workspace."),
    "retention": ("vedette.cli.retention", "Say how long a workspace keeps events."),
    "status": ("vedette.cli.status", "Say what a workspace holds."),
    "watchlist": ("vedette.cli.watchlist", "Keep lists that KQL queries look up."),
    "known-good": (
        "vedette.cli.known_good",
        "Keep the crawlers and monitors that are let through.",
    ),
    "demo": ("vedette.cli.demo", "Play a company's day and hunt in its logs."),
}
"""Every command: its name, the module that holds it, and what ``vedette --help`` says of it."""


class LazyGroup(click.Group):
    """A group that lists its commands from a table and imports only the one that is called."""

    def __init__(self, *, table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or nothing if the table has none."""
        if cmd_name not in self._table:
            return None
        module_name, _ = self._table[cmd_name]
        command = import_module(module_name).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{module_name}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        if self._table:
            with formatter.section("Commands"):
                formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and return its exit code; a closed pipe downstream ends it quietly."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _settle_output()
            return PIPE_CLOSED
        return result

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave with its exit code.

        Errors of usage leave with 3, where click has 2: that means "nothing ran" here.
        """
        _keep_streams()
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            extra.setdefault("color", False)
        extra |= {"prog_name": prog_name, "complete_var": complete_var}
        extra |= {"windows_expand_args": windows_expand_args}
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **extra)
        try:
            result = super().main(args, standalone_mode=False, **extra)
        except click.UsageError as error:
            _tell(error)
            sys.exit(USAGE)
        except click.ClickException as error:
            _tell(error)
            # click's own exceptions say 1, which would read as "findings".
            sys.exit(error.code if isinstance(error, CommandError) else NOTHING_RAN)
        except click.Abort:
            click.echo("Interrupted.", err=True)
            sys.exit(INTERRUPTED)
        except Exception as error:
            if not isinstance(error, _failures()):
                raise
            _settle_output()
            _tell(CommandError(_what_failed(error)))
            sys.exit(NOTHING_RAN)
        sys.exit(result if isinstance(result, int) else OK)


def _tell(error: click.ClickException) -> None:
    """Write an error on standard error; a path or a reason in it may come from a log."""
    from vedette.syntax.visible import visible

    with contextlib.suppress(OSError):
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
            return
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
            click.echo(f"Try '{error.ctx.command_path} --help' for help.\n", err=True)
        message = "\n".join(map(visible, error.format_message().split("\n")))
        click.echo(f"Error: {message}", err=True)


def _what_failed(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    reason = error.strerror or str(error)
    if error.filename:
        return f"{error.filename}: {reason}"
    return f"writing failed: {reason}" if error.errno in _WRITING else reason


def _keep_streams() -> None:
    """Have all three standard streams, and none that fails at a character it cannot write.

    One that was closed leads nowhere: the next file that is opened would take its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _settle_output() -> None:
    """Write what is still buffered; where nothing takes it, let it go nowhere, not fail at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failures() -> tuple[type[Exception], ...]:
    """What any command may meet, and can only tell.

    A full disk, what cannot be written, a workspace that is damaged or none.
    """
    import sqlite3

    from vedette.logs.sources import NoRoom
    from vedette.syntax import QueryError
    from vedette.workspace.lake import StorageError
    from vedette.workspace.manifest import ManifestError
    from vedette.workspace.watchlists import WatchlistError
    from vedette.workspace.workers import WorkerError

    ours = (NoRoom, StorageError, ManifestError, WatchlistError, WorkerError, QueryError)
    return OSError, sqlite3.DatabaseError, *ours


main = LazyGroup(
    table=COMMANDS,
    name="vedette",
    help="Run detections as they are written, over your own logs.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(__version__, prog_name="vedette")(main)
