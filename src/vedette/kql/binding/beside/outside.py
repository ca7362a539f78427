"""Data from outside a workspace: takes bytes and declared columns, gives rows of literals."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from vedette.kql.reading import literals
from vedette.plan.expressions import Literal
from vedette.plan.types import Type
from vedette.plan.value_text import read_json

MOST_BYTES = 100_000_000
MOST_ROWS = 100_000
DELIMITERS = {"csv": ",", "tsv": "\t", "psv": "|", "scsv": ";", "sohsv": "\x01"}
FORMATS = (*DELIMITERS, "json", "multijson", "txt", "raw")


class NotRead(Exception):
    """The data cannot be read as what it is said to be; the text is for users."""


def format_of(address: str) -> str:
    """The format that a file's name tells of; CSV where it tells of none."""
    ending = address.lower().split("?")[0].removesuffix(".gz").rsplit(".", 1)[-1]
    return {"jsonl": "json", "ndjson": "json"}.get(ending, ending if ending in FORMATS else "csv")


def rows_of(
    data: bytes, format: str, names: Sequence[str], types: Sequence[Type], skip_first: bool
) -> list[tuple[Literal, ...]]:
    """The rows, a value that its column's type cannot be read from as null; raises NotRead."""
    rows: list[tuple[Literal, ...]] = []
    for number, values in enumerate(_records(_text(data), format, names)):
        if skip_first and number == 0:
            continue
        if len(rows) >= MOST_ROWS:
            raise NotRead(f"it has more than {MOST_ROWS:,} rows; ingest it as a table")
        padded = [*values, *[None] * (len(types) - len(values))]
        rows.append(tuple(_value(v, t) for v, t in zip(padded, types, strict=False)))
    return rows


def _text(data: bytes) -> str:
    if data[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(data)) as stream:
            data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise NotRead(f"it is larger than {MOST_BYTES:,} bytes; ingest it as a table")
    return data.decode("utf-8-sig", errors="replace")


def _records(text: str, format: str, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    if format in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[format])
        try:
            yield from (line for line in reader if line)
        except csv.Error as error:
            raise NotRead(f"line {reader.line_num}: {error}") from error
    elif format == "txt":
        yield from ([line] for line in text.splitlines())
    elif format == "raw":
        yield [text]
    else:
        for document in _documents(text):
            if not isinstance(document, dict):
                raise NotRead("a JSON value in it is no object")
            yield [document.get(name) for name in names]


def _documents(text: str) -> Iterator[Any]:
    """JSON values one behind the other, an array's one by one."""
    decoder, position = json.JSONDecoder(), 0
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        if position == len(text):
            return
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise NotRead(f"no JSON at line {error.lineno}, column {error.colno}") from error
        yield from value if isinstance(value, list) else (value,)


def _value(value: Any, type: Type) -> Literal:
    if value is None:
        return Literal("" if type is Type.STRING else None, type)
    if type is Type.STRING:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return Literal(text, type)
    if type is Type.DYNAMIC:
        if isinstance(value, str):
            with suppress(ValueError):  # a text that is no JSON is itself the value
                value = read_json(value)
        return Literal(None if value is None else json.dumps(value, ensure_ascii=False), type)
    try:
        return Literal(literals.value_of(type, str(value).strip()), type)
    except literals.Malformed:
        return Literal(None, type)
