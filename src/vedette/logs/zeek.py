"""The header of Zeek's tab-separated logs: takes its lines, gives what reads the lines below.

Source: Zeek's ASCII log writer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.spans import as_mask, null_where
from vedette.logs.columnar.typed_texts import (
    Typed,
    read_each,
    reals,
    texts,
    truths,
    whole_numbers,
)
from vedette.logs.lines import decoded
from vedette.logs.zeek_names import dotted

_ESCAPE = re.compile(rb"\\x([0-9A-Fa-f]{2})|\\\\")
_ESCAPED_RUN = re.compile(r"(?:\\x[0-9A-Fa-f]{2}|\\\\)+")
_NEGATIVE = re.compile(r"-[0-9]{1,24}")
_MAX_DIGITS = 24
_LIST = re.compile(r"(?:set|vector|table)\[(\w+)\]")

Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says: how values are told apart, and which field each is."""

    separator: str = "\t"
    set_separator: str = ","
    empty: str = "(empty)"
    unset: str = "-"
    path: str | None = None
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    columns: tuple[tuple[str, Read], ...] = ()
    bare: tuple[tuple[str, Read | None], ...] = ()
    scoped: Mapping[str, str] = field(default_factory=dict)

    def told(self, line: str) -> Header:
        """The header with one more of its lines."""
        if line.startswith("#separator"):
            return self._with(separator=unescaped(line[11:]) or "\t")
        name, _, value = line[1:].partition(self.separator)
        match name:
            case "set_separator":
                return self._with(set_separator=unescaped(value) or ",")
            case "empty_field":
                return self._with(empty=value)
            case "unset_field":
                return self._with(unset=value)
            case "path":
                return self._with(path=value)
            case "fields":  # types belong to the fields that stand before them
                names = dict.fromkeys(value.split(self.separator))
                if len(names) == value.count(self.separator) + 1:
                    return self._with(names=tuple(dotted(names, self.scoped)), types=())
                return self._with(names=tuple(value.split(self.separator)), types=())
            case "types":
                return self._with(types=tuple(value.split(self.separator)))
        return self

    def _with(self, **said: Any) -> Header:
        names = (
            "separator", "set_separator", "empty", "unset", "path", "names", "types", "scoped",
        )  # fmt: skip
        values = {name: getattr(self, name) for name in names} | said
        bare = Header(**values)
        columns = tuple((name, bare.reads(type)) for name, type in bare.typed)
        texts = (bare.text, str)
        undone = tuple((n, None if read in texts else read) for n, read in columns)
        return Header(**values, columns=columns, bare=undone)

    @property
    def is_usual(self) -> bool:
        """Whether lines are told apart as most are."""
        names = {*self.names, "_path"}
        return self.separator == "\t" and len(names) == len(self.names) + 1 > 1

    @property
    def typed(self) -> tuple[tuple[str, str], ...]:
        """Each field with its type; texts where none is told."""
        types = (*self.types, *["string"] * (len(self.names) - len(self.types)))
        return tuple(zip(self.names, types, strict=False))

    def many(self, columns: Sequence[pa.Array]) -> dict[str, Typed]:
        """The fields of many lines that are set in any.

        Raises TypeError for a number over 64 bits.
        """
        found: dict[str, Typed] = {}
        for (name, type), column in zip(self.typed, columns, strict=True):
            there = null_where(column, as_mask(pc.equal(column, self.unset)))
            if there.null_count < len(there):
                found[name] = self._of_type(there, type)
        return found

    def _of_type(self, column: pa.Array, type: str) -> Typed:
        """What ``reads`` makes of a field of many lines."""
        if type in _MANY:
            return _MANY[type](column) or read_each(column, self.reads(type))
        if _LIST.fullmatch(type):
            return read_each(column, self.reads(type))
        if _READS.get(type) is str:
            return texts(column)
        return texts(pc.if_else(pc.equal(column, self.empty), "", column))

    def reads(self, type: str) -> Read:
        """What makes a value of a type's text."""
        several = _LIST.fullmatch(type)
        if several is None:
            return _READS.get(type, self.text)
        one, separator, empty = self.reads(several[1]), self.set_separator, self.empty
        unset = self.unset

        def read(text: str) -> list[Any]:
            if text == empty:
                return []
            return [None if part == unset else one(part) for part in text.split(separator)]

        return read

    def text(self, text: str) -> str:
        """A text without its escapes."""
        if text == self.empty:
            return ""
        return unescaped(text) if "\\" in text else text

    def record(self, line: str) -> dict[str, Any] | str:
        """A line's fields that are set, or why it has none."""
        values, unset = line.split(self.separator), self.unset
        if len(values) != len(self.columns):
            return f"has {len(values):,} values; the header names {len(self.columns):,} fields"
        # Most lines have no escape and no empty text: their texts are as they stand.
        bare = "\\" not in line and self.empty not in line
        pairs = zip(self.bare if bare else self.columns, values, strict=True)
        return {
            name: value if read is None else read(value)
            for (name, read), value in pairs
            if value != unset
        }


def unescaped(text: str) -> str:
    """Zeek's text with bytes that it wrote as ``\\x09``; runs of them are UTF-8, else Latin-1."""

    def bytes_of(run: re.Match[str]) -> str:
        written = run[0].encode("ascii")
        return decoded(_ESCAPE.sub(lambda m: bytes([int(m[1], 16)]) if m[1] else b"\\", written))

    return _ESCAPED_RUN.sub(bytes_of, text)


def _whole(text: str) -> int | str:
    if text.isdigit() and text.isascii() and len(text) <= _MAX_DIGITS:
        return int(text)
    return int(text) if _NEGATIVE.fullmatch(text) else text


def _real(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) and "_" not in text else text


def _truth(text: str) -> bool | str:
    return True if text == "T" else False if text == "F" else text


_READS: Mapping[str, Read] = {
    "bool": _truth, "count": _whole, "int": _whole, "port": _whole, "double": _real,
    "interval": _real, "time": _real, "addr": str, "enum": str, "subnet": str, "func": str,
}  # fmt: skip
_MANY: Mapping[str, Callable[[pa.Array], Typed | None]] = {
    "bool": truths, "count": whole_numbers, "int": whole_numbers, "port": whole_numbers,
    "double": reals, "interval": reals, "time": reals,
}  # fmt: skip
