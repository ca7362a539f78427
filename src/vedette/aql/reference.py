"""What a deployment knows beside its events: takes a folder of CSV files, gives reference data.

| file | rows |
| --- | --- |
| ``sets/NAME.csv`` | a reference set's values; headed ``CIDR``, networks that addresses lie in |
| ``maps/NAME.csv`` | key and value |
| ``map-of-sets/NAME.csv`` | key and value, a key as often as it has values |
| ``tables/NAME.csv`` | the key, then named columns |
| ``assets.csv`` | the address, then ``hostname``, ``user`` and any further property |
| ``networks.csv`` | the network as CIDR, its name, its full name |
| ``names/KIND.csv`` | number and name, of KIND domains, protocols, applications, processors |
| ``names/log-source-groups.csv`` | a log source's name and its group's |

The first line names the columns. Names of sets, maps and tables are matched case and all.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

MOST_ROWS = 100_000
"""Rows that one file of reference data may have; they become part of a statement."""

MOST_NETWORKS = 2_000
"""Networks that there may be; each of them is a condition of a statement."""

NETWORKS_HEADER = "CIDR"
"""Heads a reference set whose element type is CIDR."""

Table = Mapping[str, Mapping[str, str]]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the hierarchy: its range as CIDR and its two names."""

    range: str
    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """Reference sets, maps, maps of sets, tables and assets, by name and key.

    ``networks`` has the narrowest first; ``names`` are those of numbers, by their kind.
    ``network_sets`` are reference sets of the element type CIDR.
    """

    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    maps_of_sets: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    assets: Table | None = None
    networks: tuple[Network, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    network_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of_folder(cls, folder: Path) -> ReferenceData:
        """The reference data in a folder, none where it is not there.

        Raises ValueError, naming file and line, where a file cannot be read.
        """
        assets, networks = folder / "assets.csv", folder / "networks.csv"
        sets = _each(folder / "sets", _set)
        return cls(
            {name: values for name, (is_networks, values) in sets.items() if not is_networks},
            _each(folder / "maps", _pairs),
            _each(folder / "map-of-sets", _lists),
            _each(folder / "tables", _keyed),
            _keyed(assets) if assets.is_file() else None,
            _networks(networks) if networks.is_file() else (),
            _each(folder / "names", _pairs),
            {name: values for name, (is_networks, values) in sets.items() if is_networks},
        )


def _each(folder: Path, read: Callable[[Path], Made]) -> dict[str, Made]:
    return {file.stem: read(file) for file in sorted(folder.glob("*.csv"))}


def _rows(file: Path, least: int) -> Iterator[list[str]]:
    """The header, then the rows; blank lines are left out."""
    width = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            for count, row in enumerate(row for row in reader if row):
                width = width or len(row)
                if len(row) != width or width < least:
                    wanted = max(width, least)
                    told = f"{file}:{reader.line_num}: {len(row)} columns, {wanted} are wanted"
                    raise ValueError(told)
                if count > MOST_ROWS:
                    raise ValueError(f"{file}: more than {MOST_ROWS:,} rows")
                yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from error


def _set(file: Path) -> tuple[bool, tuple[str, ...]]:
    """Whether a set is of networks, and its values."""
    header, *rows = [*_rows(file, 1)] or [[""]]
    values = tuple(dict.fromkeys(row[0] for row in rows))
    if header[0].strip().upper() != NETWORKS_HEADER:
        return False, values
    for value in values:
        try:
            ipaddress.ip_network(value.strip(), strict=False)
        except ValueError as error:
            raise ValueError(f"{file}: no network: {error}") from error
    return True, values


def _pairs(file: Path) -> dict[str, str]:
    _, *rows = [*_rows(file, 2)] or [[]]
    return {row[0]: row[1] for row in rows}


def _lists(file: Path) -> dict[str, tuple[str, ...]]:
    _, *rows = [*_rows(file, 2)] or [[]]
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row[0]] = (*found.get(row[0], ()), row[1])
    return found


def _keyed(file: Path) -> dict[str, dict[str, str]]:
    header, *rows = [*_rows(file, 2)] or [[]]
    names = [name.strip().lower() for name in header[1:]]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def _networks(file: Path) -> tuple[Network, ...]:
    _, *rows = [*_rows(file, 2)] or [[]]
    if len(rows) > MOST_NETWORKS:
        raise ValueError(f"{file}: more than {MOST_NETWORKS:,} networks")
    found: list[tuple[int, Network]] = []
    for row in rows:
        try:
            network = ipaddress.IPv4Network(row[0].strip())
        except ValueError as error:
            raise ValueError(f"{file}: no IPv4 network: {error}") from error
        full_name = row[2] if len(row) > 2 and row[2] else row[1]
        found.append((network.prefixlen, Network(str(network), row[1], full_name)))
    return tuple(network for _, network in sorted(found, key=lambda pair: -pair[0]))
