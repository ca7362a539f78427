"""Where addresses are: takes a MaxMind file and an address, gives a bag.

Source: Kusto's ``geo_info_from_ip_address``, which asks MaxMind's database of cities.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

if TYPE_CHECKING:
    from maxminddb import Reader


@lru_cache(maxsize=8)
def _opened(file: str, changed: int) -> Reader:
    """The database in a file that was changed then."""
    try:
        import maxminddb
    except ImportError:
        wanted = "geo_info_from_ip_address() needs the package maxminddb"
        raise ValueError(f"{wanted}: install vedette with its extra 'geo'") from None
    try:
        return maxminddb.open_database(file)
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(f"{file} is no MaxMind database that can be read: {error}") from error


def _database(file: str) -> Reader:
    try:
        changed = Path(file).stat().st_mtime_ns
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error}") from error
    return _opened(file, changed)


def place_of_address(file: str, address: str) -> str | None:
    """Country, state, city, latitude and longitude; null where the database has no such address."""
    try:
        wanted = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    database = _database(file)
    if wanted.version == 6 and database.metadata().ip_version == 4:
        return None
    found = database.get(wanted)
    if not isinstance(found, dict):
        return None
    parts: dict[str, Any] = {
        "country": _name(found.get("country")),
        "state": _name(next(iter(_list(found.get("subdivisions"))), None)),
        "city": _name(found.get("city")),
    }
    location = found.get("location")
    if isinstance(location, dict):
        parts |= {k: _number(location.get(k)) for k in ("latitude", "longitude")}
    made = {key: value for key, value in parts.items() if value is not None}
    return json_values.write(made) if made else None


def _name(part: Any) -> str | None:
    """The English name of a part of a record."""
    names = part.get("names") if isinstance(part, dict) else None
    name = names.get("en") if isinstance(names, dict) else None
    return name if isinstance(name, str) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


FUNCTIONS_OF_PLACES: dict[str, Computed] = {
    "place_of_address": Computed((Type.STRING, Type.STRING), Type.DYNAMIC, place_of_address),
}
