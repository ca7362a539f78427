"""New lists of known crawlers: takes the files that operators publish, gives the lists' rows.

A file is known by its name (``publishers.toml``): JSON in which addresses stand under
``ipv4Prefix``, ``ipv6Prefix``, ``ip_address`` or ``ip``, JSON or text that lists them, or
crawler-user-agents' JSON. It takes the place of all rows of its agents and address; others stay.
"""

from __future__ import annotations

import csv
import datetime as dt
import ipaddress
import json
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vedette.workspace.known_good import COLUMNS, CRAWLERS, FOLDER, KEYS, NAMES

if TYPE_CHECKING:
    from vedette.workspace.workspace import Workspace

MOST_BYTES = 50_000_000
MOST_NETWORKS = 20_000
"""Networks that all lists may have together; they become part of a statement."""

_ADDRESS_KEYS = ("ipv4Prefix", "ipv6Prefix", "ip_address", "ip")
_NAME = re.compile(r"(?i)[a-z0-9_.-]*(?:bot|crawl|spider|scrap)[a-z0-9_-]*")
_EITHER_CASE = re.compile(r"(?i)\[(\w)((?=\1)\w)\]")
Rows = tuple[tuple[str, ...], ...]


class KnownGoodError(ValueError):
    """A file from which no list can be made: the text says why."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A list that an operator publishes: how its file is called and where it is to be had.

    ``agents`` are what its crawlers say in their user agents; the list of names has none.
    """

    file: str
    address: str
    operator: str = ""
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a file brought: how many rows its list had before and has now."""

    publisher: Publisher
    before: int
    after: int


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "publishers.toml").read_text(encoding="utf-8"))


def publishers() -> tuple[Publisher, ...]:
    """Every list that can be read, the names' last."""
    told = _told()
    names = Publisher(told["names"]["file"], told["names"]["address"])
    listed = (Publisher(**each | {"agents": tuple(each["agents"])}) for each in told["publisher"])
    return (*listed, names)


def updated(
    current: dict[str, Rows], paths: Iterable[Path], day: dt.date
) -> tuple[dict[str, Rows], tuple[Change, ...]]:
    """The watchlists' rows with those of the files, and what changed; raises KnownGoodError.

    *current* has the rows by alias; *paths* are files, and folders of which the known files are
    read. *day* is when they were fetched.
    """
    known = {each.file: each for each in publishers()}
    rows, changes = dict(current), []
    for path in _files(paths, known):
        publisher = known[path.name]
        alias = CRAWLERS if publisher.agents else NAMES
        made = _networks(path, publisher, day) if publisher.agents else _names(path, publisher, day)
        others = tuple(row for row in rows[alias] if not _is_of(row, alias, publisher))
        changes.append(Change(publisher, len(rows[alias]) - len(others), len(made)))
        rows[alias] = tuple(sorted({*others, *made}, key=_order))
    if len(rows[CRAWLERS]) > MOST_NETWORKS:
        raise KnownGoodError(f"more than {MOST_NETWORKS:,} networks")
    return rows, tuple(changes)


def update_workspace(workspace: Workspace, paths: Iterable[Path]) -> tuple[Change, ...]:
    """Give a workspace lists of its own with what the files say; raises KnownGoodError."""
    with workspace.changing_watchlists(), tempfile.TemporaryDirectory() as folder:
        rows, changes = updated(_current(workspace), paths, dt.datetime.now(dt.UTC).date())
        for alias, key in KEYS.items():
            file = Path(folder) / f"{alias}.csv"
            write(rows[alias], alias, file)
            workspace.add_watchlist(alias, file, key)
    return changes


def know_crawler(workspace: Workspace, network: str, agent: str) -> None:
    """Let a crawler of one's own through, beside those that the workspace knows."""
    own = (str(ipaddress.ip_network(network)), agent, "", "", "")
    with workspace.changing_watchlists(), tempfile.TemporaryDirectory() as folder:
        rows = _current(workspace)[CRAWLERS]
        file = Path(folder) / f"{CRAWLERS}.csv"
        write((*rows, own), CRAWLERS, file)
        workspace.add_watchlist(CRAWLERS, file, KEYS[CRAWLERS])


def write(rows: Rows, alias: str, file: Path) -> None:
    """Write a watchlist as CSV, the names of its columns first."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS[alias])
        writer.writerows(rows)


def _current(workspace: Workspace) -> dict[str, Rows]:
    current = {}
    for alias, columns in COLUMNS.items():
        found = workspace.watchlist(alias)
        if found is None or not set(columns) <= set(found.columns):
            raise KnownGoodError(f"the watchlist '{alias}' lacks some of {', '.join(columns)}")
        places = [found.columns.index(column) for column in columns]
        current[alias] = tuple(tuple(row[place] for place in places) for row in found.rows)
    return current


def _files(paths: Iterable[Path], known: dict[str, Publisher]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = [path / name for name in known if (path / name).is_file()]
            if not found:
                raise KnownGoodError(f"{path}: no file of a known name ({', '.join(known)})")
            yield from found
        elif path.name not in known:
            raise KnownGoodError(f"{path}: not the name of a list; there are {', '.join(known)}")
        else:
            yield path


def _is_of(row: tuple[str, ...], alias: str, publisher: Publisher) -> bool:
    source = row[COLUMNS[alias].index("Source")]
    agent = row[COLUMNS[alias].index("Agent")]
    return source == publisher.address and (alias == NAMES or agent in publisher.agents)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise KnownGoodError(f"{path}: larger than {MOST_BYTES:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KnownGoodError(f"{path}: cannot be read: {error}") from error


def _networks(path: Path, publisher: Publisher, day: dt.date) -> Rows:
    """The networks of a list, neighbours joined."""
    found: dict[int, list[Any]] = {4: [], 6: []}
    for place, written in _addresses(path, _read(path)):
        try:
            network = ipaddress.ip_network(written, strict=False)
        except ValueError as error:
            raise KnownGoodError(f"{path}:{place}: {error}") from error
        if network.is_private or network.prefixlen < 8:
            raise KnownGoodError(f"{path}:{place}: {network} is nobody's public network")
        found[network.version].append(network)
    if not found[4] and not found[6]:
        raise KnownGoodError(f"{path}: no addresses in it")
    joined = [n for version in (4, 6) for n in ipaddress.collapse_addresses(found[version])]
    told = (publisher.operator, publisher.address, day.isoformat())
    return tuple((str(network), agent, *told) for network in joined for agent in publisher.agents)


def _addresses(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """The addresses of a file as they are written, each with its place."""
    if not text.lstrip().startswith(("{", "[")):
        for number, line in enumerate(text.splitlines(), 1):
            written = line.partition("#")[0].strip()
            if written:
                yield str(number), written
        return
    yield from _in_json("$", _json(path, text))


def _in_json(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, each in enumerate(value):
            here = f"{place}[{number}]"
            if isinstance(each, str):
                yield here, each
            else:
                yield from _in_json(here, each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, str) and key in _ADDRESS_KEYS:
                yield f"{place}.{key}", each
            elif isinstance(each, list | dict):
                yield from _in_json(f"{place}.{key}", each)


def _names(path: Path, publisher: Publisher, day: dt.date) -> Rows:
    """The names of crawlers of which no addresses are published.

    Taken are single words that say what they are (``…bot``, ``crawl``, ``spider``), for no others
    are mistaken for programs. A name that is part of one with addresses is left out, for its
    address can be asked.
    """
    told, listed = _told()["names"], _json(path, _read(path))
    if not isinstance(listed, list):
        raise KnownGoodError(f"{path}: not crawler-user-agents' list")
    verified = [agent.lower() for each in publishers() for agent in each.agents]
    never = {each.lower() for each in told["not_good"]}
    rows: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(listed):
        if not isinstance(entry, dict) or not isinstance(entry.get("pattern"), str):
            raise KnownGoodError(f"{path}:$[{number}]: no 'pattern' in it")
        name = re.sub(r"\\([./-])", r"\1", _EITHER_CASE.sub(r"\2", entry["pattern"])).strip("/ ")
        lower = name.lower()
        kinds = [k for k in told["kinds"] if k in (entry.get("tags") or ())]
        is_name = _NAME.fullmatch(name) is not None and len(name) > 4
        has_addresses = any(agent in lower for agent in verified)
        if kinds and is_name and not has_addresses and not any(n in lower for n in never):
            rows.setdefault(lower, (name, kinds[0], publisher.address, day.isoformat()))
    if not rows:
        raise KnownGoodError(f"{path}: no names in it")
    return tuple(rows.values())


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KnownGoodError(f"{path}: no JSON: {error}") from error


def _order(row: tuple[str, ...]) -> tuple[Any, ...]:
    """Networks by operator and number, names by the alphabet."""
    try:
        network = ipaddress.ip_network(row[0])
    except ValueError:
        return (row[0].lower(),)
    return (row[2], row[1], network.version, int(network.network_address), network.prefixlen)
