"""Fields of known types written as texts, many at once: gives their values, and these as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.spans import as_mask
from vedette.logs.columnar.texts import Values

_MAX_DIGITS = 18
_REAL = r"\A[0-9]{1,15}(?:\.[0-9]{1,15})?\z"


@dataclass(frozen=True, slots=True)
class Typed:
    """A field's values, what JSON writes for each, and whether that stands in quotes."""

    values: Values
    written: pa.Array
    is_quoted: bool = False


def read_each(field: pa.Array, read: Callable[[str], Any]) -> Typed:
    """What *read* makes of each text, once for each distinct one; null stays null.

    Raises TypeError for a number over 64 bits, beside which others are written otherwise.
    """
    coded = field.dictionary_encode()
    each = list(map(read, coded.dictionary.to_pylist()))
    written = pa.array(list(map(orjson.dumps, each)), pa.string()).take(coded.indices)
    rows = coded.indices.to_pylist()
    return Typed([None if row is None else each[row] for row in rows], written)


def texts(field: pa.Array) -> Typed:
    """Texts as they are."""
    return Typed(field, field, is_quoted=True)


def whole_numbers(field: pa.Array) -> Typed | None:
    """Whole numbers in decimal; None where any is written otherwise."""
    lengths = pc.binary_length(field)
    usual = pc.and_(pc.ascii_is_decimal(field), pc.less_equal(lengths, _MAX_DIGITS))
    leading = pc.and_(pc.starts_with(field, "0"), pc.greater(lengths, 1))
    if not _all(pc.and_not(usual, leading)):
        return None
    return Typed(field.cast(pa.int64()), field)


def reals(field: pa.Array) -> Typed | None:
    """Numbers with or without a fraction; None where any is written otherwise."""
    if not _all(pc.match_substring_regex(field, _REAL)):
        return None
    values = field.cast(pa.float64())
    written = orjson.dumps(values.to_pylist())[1:-1].split(b",")
    mask = np.asarray(values.is_null()) if values.null_count else None
    return Typed(values, pa.array(written, pa.string(), mask=mask))


def truths(field: pa.Array) -> Typed | None:
    """T and F; None where any is written otherwise."""
    is_true = pc.equal(field, "T")
    if not _all(pc.or_(is_true, pc.equal(field, "F"))):
        return None
    return Typed(is_true, pc.if_else(is_true, "true", "false"))


def _all(usual: pa.Array) -> bool:
    """Whether it holds wherever there is a value."""
    return bool(as_mask(usual.fill_null(True)).all())
