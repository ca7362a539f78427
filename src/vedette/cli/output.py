"""Results on standard output: takes column names and rows, gives table, JSON, JSONL or CSV text.

Datetimes are ISO 8601 in UTC with ``Z`` and up to seven fractional digits, timespans are Kusto's
``[-][d.]hh:mm:ss[.fffffff]``, dynamic values are JSON. What a terminal would obey instead of show
(escape codes, direction overrides) is made visible in tables, since logs are hostile.
"""

import csv
import datetime as dt
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TextIO
from uuid import UUID

import click

from vedette.cli.exits import USAGE, CommandError
from vedette.plan.types import (
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    datetime_of,
    ticks_of,
    timespan_ticks,
)

FORMATS: Final = ("table", "json", "jsonl", "csv")
"""The names of the formats, the default first."""

_Writer = Callable[[Sequence[str], Iterable[Sequence[object]], TextIO], int]
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--format``, passed to it as ``output_format``."""
    option = click.option(
        "--format",
        "output_format",
        type=click.Choice(FORMATS),
        default=FORMATS[0],
        show_default=True,
        help="How to write the rows.",
    )
    return option(function)


def write_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    output_format: str = "table",
    stream: TextIO | None = None,
) -> int:
    """Write the rows in one of ``FORMATS`` and return how many there were.

    ``stream`` is standard output where it is not given. JSON is one array of objects, JSONL one
    object a line, CSV is RFC 4180 with a header (null and the empty string are both empty), a table
    is framed on a terminal and plain aligned text elsewhere. Raises ``CommandError`` for JSON when
    two columns share a name, since an object would lose one of them.
    """
    target = sys.stdout if stream is None else stream
    return _WRITERS[output_format](columns, rows, target)


def datetime_text(ticks: int) -> str:
    """Return 100 ns ticks since 0001-01-01 as ISO 8601, for example ``2026-01-31T08:00:00.5Z``."""
    fraction = ticks % TICKS_PER_SECOND
    seconds = datetime_of(ticks - fraction).isoformat()[:19]
    digits = f".{fraction:07d}".rstrip("0") if fraction else ""
    return f"{seconds}{digits}Z"


def timespan_text(ticks: int) -> str:
    """Return a span of 100 ns ticks as Kusto writes it, for example ``-1.02:03:04.5000000``."""
    days, rest = divmod(abs(ticks), TICKS_PER_DAY)
    seconds, fraction = divmod(rest, TICKS_PER_SECOND)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "".join(
        (
            "-" if ticks < 0 else "",
            f"{days}." if days else "",
            clock,
            f".{fraction:07d}" if fraction else "",
        )
    )


def json_value(value: object) -> object:
    """Return the value in terms that JSON has: text, numbers, true, false, null, lists, objects.

    Decimals become text, to stay exact, and so do NaN and the infinities, which JSON lacks; bytes
    become hexadecimal text. Raises ``TypeError`` for a value that no result should hold.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else _not_finite(value)
        case dt.datetime():
            return datetime_text(ticks_of(value))
        case dt.timedelta():
            return timespan_text(timespan_ticks(value))
        case dt.date() | dt.time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
        case _:
            raise TypeError(f"a result cannot hold a value of type {type(value).__name__}")


def cell_text(value: object) -> str:
    """Return the value as one cell of CSV or of a table; null is empty."""
    plain = json_value(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else _json(plain)


def visible(text: str) -> str:
    r"""Return the text with control and direction characters written out, as ``\x1b``."""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _json(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _objects(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise CommandError(
            f"two columns are named {repeated[0]!r}, and a JSON object can hold only one of them",
            hint="rename one in the query, or use --format csv or --format table",
            exit_code=USAGE,
        )
    for row in rows:
        yield _json({name: json_value(value) for name, value in zip(columns, row, strict=True)})


def _write_json(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    count = 0
    for count, text in enumerate(_objects(columns, rows), start=1):
        stream.write(f"[\n{text}" if count == 1 else f",\n{text}")
    stream.write("\n]\n" if count else "[]\n")
    return count


def _write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    count = 0
    for count, text in enumerate(_objects(columns, rows), start=1):
        stream.write(f"{text}\n")
    return count


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    # With any other line ending Python leaves a lone carriage return in a value unquoted.
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for count, row in enumerate(rows, start=1):
        writer.writerow([cell_text(value) for _, value in zip(columns, row, strict=True)])
    return count


def _write_table(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    held = [tuple(row) for row in rows]
    numeric = [_is_numeric(row[place] for row in held) for place in range(len(columns))]
    header = [visible(name) for name in columns]
    cells = [[visible(cell_text(value)) for value in row] for row in held]
    if stream.isatty():
        _write_framed(header, cells, numeric, stream)
    else:
        _write_aligned(header, cells, numeric, stream)
    return len(held)


def _is_numeric(values: Iterable[object]) -> bool:
    present = [value for value in values if value is not None]
    return bool(present) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        for value in present
    )


def _write_framed(
    header: list[str], cells: list[list[str]], numeric: list[bool], stream: TextIO
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for name, right in zip(header, numeric, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=stream, highlight=False).print(table)


def _write_aligned(
    header: list[str], cells: list[list[str]], numeric: list[bool], stream: TextIO
) -> None:
    from rich.cells import cell_len

    lines = [header, *cells]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(header))]
    rule = ["-" * width for width in widths]
    for line in (header, rule, *cells):
        gaps = [" " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)]
        padded = [
            gap + cell if right else cell + gap
            for cell, gap, right in zip(line, gaps, numeric, strict=True)
        ]
        stream.write("  ".join(padded).rstrip() + "\n")


_WRITERS: Final[dict[str, _Writer]] = {
    "table": _write_table,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}
