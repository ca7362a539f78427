"""KQL's literals: takes their text, gives values as plans hold them.

``Malformed`` is raised for a text that its type cannot be read from.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal, InvalidOperation
from uuid import UUID

from vedette.kql.reading.tokens import NANOSECONDS, TIMESPAN_TICKS
from vedette.plan.expressions import Value
from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND, Type, type_named

MAX_LONG = 2**63 - 1
MAX_INT = 2**31 - 1


class Malformed(ValueError):
    """A literal's text is none of its type."""


_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEX = "[0-9A-Fa-f]"
_ESCAPE = re.compile(
    rf"\\u(?P<high>[dD][89abAB]{_HEX}{{2}})\\u(?P<low>[dD][c-fC-F]{_HEX}{{2}})"
    rf"|\\(?:(?P<octal>[0-3][0-7]{{2}}|[0-7]{{1,2}})|x(?P<two>{_HEX}{{2}})|u(?P<four>{_HEX}{{4}})"
    rf"|U(?P<eight>{_HEX}{{8}})|(?P<character>.))",
    re.DOTALL,
)
"""Two halves of a character, an octal number, a number of two, four or eight digits, a letter."""


def string_value(text: str) -> str:
    """What a string literal stands for; *text* is a whole ``string`` token."""
    text = text.removeprefix("h").removeprefix("H")
    if text[:3] in ("```", "~~~"):
        return text[3:-3]
    if text.startswith("@"):
        quote = text[1]
        return text[2:-1].replace(quote * 2, quote)
    return _ESCAPE.sub(_unescaped, text[1:-1]) if "\\" in text else text[1:-1]


def _unescaped(match: re.Match[str]) -> str:
    if match["high"]:
        pair = chr(int(match["high"], 16)) + chr(int(match["low"], 16))
        return pair.encode("utf-16", "surrogatepass").decode("utf-16")
    if match["octal"]:
        return chr(int(match["octal"], 8))
    code = match["two"] or match["four"] or match["eight"]
    if code:
        point = int(code, 16)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise Malformed(f"no character has the number {code}")
        return chr(point)
    return _SIMPLE.get(match["character"], match["character"])


def long_value(text: str) -> int:
    """A whole number, decimal or hexadecimal; hexadecimal ones are read as 64 bits."""
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if re.fullmatch(r"0[xX][0-9A-Fa-f]+", digits):
        value = int(digits, 16)
        if value > MAX_LONG and value < 2**64:
            value -= 2**64
    elif re.fullmatch(r"\d{1,40}", digits):
        value = int(digits)
    else:
        raise Malformed("not a whole number")
    if not -MAX_LONG - 1 <= sign * value <= MAX_LONG:
        raise Malformed("beyond the range of long")
    return sign * value


def real_value(text: str) -> float:
    """A floating-point number, ``nan`` or an infinity."""
    special = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf}
    if text.lower() in special:
        return special[text.lower()]
    if re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", text):
        return float(text)
    raise Malformed("not a number")


_SPAN_UNIT = re.compile(r"([+-]?)(\d+(?:\.\d+)?) *([a-z]*)")
_SPAN_CLOCK = re.compile(
    r"(-?)(?:(\d{1,9})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?"
)  # fmt: skip


def timespan_value(text: str) -> int:
    """Ticks of ``1.5h``, ``15 seconds``, ``1.02:03:04.5`` or a bare number of days."""
    unit = _SPAN_UNIT.fullmatch(text)
    if unit is not None:
        sign, number, name = unit.groups()
        if name in NANOSECONDS:
            ticks = Decimal(number) / 100
        elif name and name not in TIMESPAN_TICKS:
            raise Malformed(f"no unit of time is called {name}")
        else:
            ticks = Decimal(number) * TIMESPAN_TICKS.get(name, TICKS_PER_DAY)
        return _within_long(-int(ticks) if sign == "-" else int(ticks))
    clock = _SPAN_CLOCK.fullmatch(text)
    if clock is None:
        raise Malformed("not a timespan")
    sign, days, hours, minutes, seconds, fraction = clock.groups(default="")
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        raise Malformed("hours go to 23, minutes and seconds to 59")
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
    ticks_of_all = whole * TICKS_PER_SECOND + int((fraction or "0").ljust(7, "0"))
    return _within_long(-ticks_of_all if sign else ticks_of_all)


def _within_long(ticks: int) -> int:
    if not -MAX_LONG - 1 <= ticks <= MAX_LONG:
        raise Malformed("beyond the range of timespan")
    return ticks


_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ] *(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?"
    r" *(Z|UTC|GMT|[+-]\d{1,2}:?(?:\d{2})?)?",
    re.IGNORECASE,
)


_AMERICAN = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})( .*)?")
_SPACED = re.compile(r"(\d{4})(?: *- *|, *)(\d{1,2})(?: *- *|, *)(\d{1,2})")
"""A date by month, day and year, and one with spaces or commas between its parts."""


def datetime_value(text: str) -> int:
    """Ticks of an ISO 8601 moment, read as UTC where no offset is given."""
    american = _AMERICAN.fullmatch(text)
    if american is not None:
        month, day, year, rest = american.groups(default="")
        text = f"{year}-{month}-{day}{rest}"
    spaced = _SPACED.fullmatch(text)
    if spaced is not None:
        text = "-".join(spaced.groups())
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise Malformed("not a moment in ISO 8601, such as 2024-01-31T08:30:00Z")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise Malformed("no such day") from error
    if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise Malformed("hours go to 23, minutes and seconds to 59")
    seconds = (int(hour or 0) * 60 + int(minute or 0)) * 60 + int(second or 0)
    ticks = (date.toordinal() - 1) * TICKS_PER_DAY + seconds * TICKS_PER_SECOND
    ticks += int((fraction or "0").ljust(7, "0")[:7]) - _offset_ticks(offset or "Z")
    if not 0 <= ticks <= MAX_TICKS:
        raise Malformed("outside the years 1 to 9999")
    return ticks


def _offset_ticks(offset: str) -> int:
    if offset[0] not in "+-":
        return 0
    digits = offset[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    ticks = (hours * 60 + minutes) * 60 * TICKS_PER_SECOND
    return -ticks if offset[0] == "-" else ticks


def typed_literal(text: str) -> tuple[Value, Type]:
    """Value and type of a whole ``literal`` token, such as ``datetime(2024-01-31)``."""
    name, inside = text[:-1].split("(", 1)
    type = type_named(name)
    if type is None:
        raise Malformed(f"no type is called {name}")
    inside = inside.strip()
    quoted = len(inside) > 1 and inside[-1] in "\"'"
    if quoted:
        inside = string_value(inside).strip()
    return (None if inside == "null" else value_of(type, inside)), type


def decimal_value(text: str) -> Decimal:
    """A decimal number."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Malformed("not a number") from error
    if not number.is_finite():
        raise Malformed("not a number")
    return number


def value_of(type: Type, text: str) -> Value:
    """What a text stands for as a value of a type; raises Malformed."""
    match type:
        case Type.BOOL:
            truth = {"true": True, "false": False, "1": True, "0": False}.get(text.lower())
            if truth is None:
                raise Malformed("neither true nor false")
            return truth
        case Type.INT:
            value = long_value(text)
            if re.match(r"0[xX]", text) and MAX_INT < value < 2**32:
                value -= 2**32  # the 32 bits are written out
            if not -MAX_INT - 1 <= value <= MAX_INT:
                raise Malformed("beyond the range of int")
            return value
        case Type.LONG:
            return long_value(text)
        case Type.REAL:
            return real_value(text)
        case Type.DECIMAL:
            return decimal_value(text)
        case Type.DATETIME:
            return datetime_value(text)
        case Type.TIMESPAN:
            return timespan_value(text)
        case Type.GUID:
            try:
                return str(UUID(text))
            except ValueError as error:
                raise Malformed("not a guid") from error
        case _:
            raise Malformed(f"{type} has no such literal")
