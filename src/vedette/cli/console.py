"""Words for the person at the terminal: progress, notes and warnings, all on standard error."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def error_console() -> "Console":
    """Return the console on standard error; it prints text as it is and honours ``NO_COLOR``.

    For text that comes from logs or rules pass it through ``vedette.cli.output.visible`` first.
    """
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)
