"""What the exit codes mean, and the error that carries one to the top of the command line."""

import click

OK = 0
"""Ran, and found nothing to report."""
FINDINGS = 1
"""Ran, and there are findings, failures or problems to read."""
NOTHING_RAN = 2
"""Could not run: an input, a table or a workspace is missing or unreadable."""
USAGE = 3
"""The words or options on the command line are wrong."""
INTERRUPTED = 130
"""Stopped from the keyboard."""
PIPE_CLOSED = 141
"""The program that read the output closed it early."""


class CommandError(click.ClickException):
    """A failure that ends the command: a message on standard error and an exit code.

    ``hint`` says what to do about it and is shown on a line of its own.
    """

    def __init__(self, message: str, *, hint: str = "", exit_code: int = NOTHING_RAN) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = exit_code

    def format_message(self) -> str:
        """Return the message with its hint beneath."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message
