"""Results on standard output: takes column names and rows, gives table, JSON, JSONL or CSV text.

Datetimes are ISO 8601 in UTC with ``Z`` and up to seven fractional digits, timespans are Kusto's
``[-][d.]hh:mm:ss[.fffffff]``, dynamic values are JSON. What a terminal would obey instead of show
(escape codes, direction overrides) is made visible in tables, and in CSV on a terminal, since logs
are hostile; JSON has it as escapes, which mean the same.
"""

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, TextIO

import click

from vedette.cli.exits import USAGE, CommandError
from vedette.plan.value_text import cell_text as cell_text
from vedette.plan.value_text import datetime_text as datetime_text
from vedette.plan.value_text import json_value as json_value
from vedette.plan.value_text import timespan_text as timespan_text
from vedette.syntax.visible import visible as visible

FORMATS: Final = ("table", "json", "jsonl", "csv")
"""The names of the formats, the default first."""
_LEAST: Final = 8
"""Characters of a column that a framed table must have room for."""

_OBEYED = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""What JSON may hold as it is, and a terminal would obey or no encoding writes."""

_Writer = Callable[[Sequence[str], Iterable[Sequence[object]], TextIO], int]


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
    is framed on a terminal, a record of one column a line where it has no room for the columns side
    by side, and plain aligned text elsewhere. Raises ``CommandError`` for JSON when
    two columns share a name, since an object would lose one of them.
    """
    target = sys.stdout if stream is None else stream
    return _WRITERS[output_format](columns, rows, target)


def write_object(plain: object, stream: TextIO | None = None, indent: int | None = 2) -> None:
    """Write one JSON value (of what JSON has) and the end of its line."""
    target = sys.stdout if stream is None else stream
    target.write(_json(plain, target, indent) + "\n")


def _json(plain: object, stream: TextIO, indent: int | None = None) -> str:
    """JSON text that the stream can write: escapes beyond ASCII where it is not in Unicode."""
    unicode = (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
    separators = (",", ":") if indent is None else None
    text = json.dumps(plain, ensure_ascii=not unicode, separators=separators, indent=indent)
    if text.isascii() and "\x7f" not in text:
        return text
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _objects(
    columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO
) -> Iterable[str]:
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise CommandError(
            f"two columns are named {repeated[0]!r}, and a JSON object can hold only one of them",
            hint="rename one in the query, or use --format csv or --format table",
            exit_code=USAGE,
        )
    for row in rows:
        values = zip(columns, row, strict=True)
        yield _json({name: json_value(value) for name, value in values}, stream)


def _write_json(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    count = 0
    for count, text in enumerate(_objects(columns, rows, stream), start=1):
        stream.write(f"[\n{text}" if count == 1 else f",\n{text}")
    stream.write("\n]\n" if count else "[]\n")
    return count


def _write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    count = 0
    for count, text in enumerate(_objects(columns, rows, stream), start=1):
        stream.write(f"{text}\n")
    return count


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> int:
    # With any other line ending Python leaves a lone carriage return in a value unquoted.
    writer = csv.writer(stream, lineterminator="\r\n")
    shown = visible if stream.isatty() else str
    writer.writerow([shown(name) for name in columns])
    count = 0
    for count, row in enumerate(rows, start=1):
        writer.writerow([shown(cell_text(value)) for _, value in zip(columns, row, strict=True)])
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

    console = Console(file=stream, highlight=False)
    if _least_width(header, cells) > console.width:
        _write_records(header, cells, stream)
        return
    table = Table(header_style="bold")
    for name, right in zip(header, numeric, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _least_width(header: list[str], cells: list[list[str]]) -> int:
    """How wide a framed table is whose columns are as narrow as can still be read."""
    from rich.cells import cell_len

    lines = [header, *cells]
    widest = (max(cell_len(line[place]) for line in lines) for place in range(len(header)))
    return 1 + sum(min(width, _LEAST) + 3 for width in widest)


def _write_records(header: list[str], cells: list[list[str]], stream: TextIO) -> None:
    """Each row as a record: a line a column that has a value."""
    from rich.cells import cell_len

    width = max(map(cell_len, header))
    for number, row in enumerate(cells, start=1):
        stream.write(f"-- {number} --\n")
        for name, cell in zip(header, row, strict=True):
            if cell:
                stream.write(f"{name}{' ' * (width - cell_len(name))}  {cell}\n")
    if not cells:
        stream.write(", ".join(header) + "\n")


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
