"""Known crawlers in the platforms' terms: takes the two watchlists, gives sets and filters.

Sentinel takes the watchlists as they are, QRadar two reference sets, Sigma two filters for the
pack's rules on web pages.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from vedette.kql.binding.beside.given import Watchlist
from vedette.workspace.known_good import BY_ANYBODY, BY_PROGRAM, CRAWLERS, NAMES

FindWatchlist = Callable[[str], Watchlist | None]


def column(find: FindWatchlist, alias: str, name: str) -> tuple[str, ...]:
    """The values of a watchlist's column, each once; raises ValueError where it has no such."""
    found = find(alias)
    if found is None:
        return ()
    if name not in found.columns:
        raise ValueError(f"the watchlist '{alias}' has no column '{name}'")
    place = found.columns.index(name)
    return tuple(dict.fromkeys(row[place] for row in found.rows if row[place]))


def network_set(find: FindWatchlist) -> tuple[str, ...]:
    """The networks of known crawlers, for a reference set of the element type CIDR."""
    return column(find, CRAWLERS, "Network")


def name_set(find: FindWatchlist) -> tuple[str, ...]:
    """The names of crawlers without addresses in small letters, as an alphanumeric set has them."""
    return tuple(dict.fromkeys(name.lower() for name in column(find, NAMES, "Agent")))


def filters(find: FindWatchlist) -> str:
    """Two Sigma filters: who is let through by name and address, and who counts as no program."""
    networks, agents = network_set(find), column(find, CRAWLERS, "Agent")
    names = column(find, NAMES, "Agent")
    crawlers = {"cs-user-agent|contains": agents, "c-ip|cidr": networks}
    documents = []
    if networks:
        title = "Crawlers and monitors that come from the addresses their operators publish"
        documents.append(_filter(title, (*BY_PROGRAM, *BY_ANYBODY), crawlers))
    if names:
        title = "Crawlers whose operators publish no addresses count as no programs"
        either = "|".join(name.replace(".", r"\.") for name in names)
        pattern = rf"(?i)(?:^|[^a-z0-9_.-])(?:{either})(?:[^a-z0-9_-]|$)"
        documents.append(_filter(title, BY_PROGRAM, {"cs-user-agent|re": (pattern,)}))
    return "---\n".join(documents)


def _filter(title: str, rules: Sequence[str], selection: dict[str, tuple[str, ...]]) -> str:
    lines = [f"title: {title}", "logsource:", "    category: webserver", "filter:", "    rules:"]
    lines += [f"        - {rule}" for rule in rules]
    lines.append("    selection:")
    for field, values in selection.items():
        lines.append(f"        {field}:")
        lines += [f"            - {json.dumps(value, ensure_ascii=False)}" for value in values]
    return "\n".join([*lines, "    condition: not selection", ""])


def export(find: FindWatchlist, folder: Path) -> tuple[Path, ...]:
    """Write every form into a folder, made if it is absent; gives the files."""
    written = []
    for platform in ("sentinel", "qradar", "sigma"):
        (folder / platform).mkdir(parents=True, exist_ok=True)
    for alias, header, values in (
        (CRAWLERS, "CIDR", network_set(find)), (NAMES, "ALNIC", name_set(find)),
    ):  # fmt: skip
        found = find(alias)
        if found is not None:
            file = folder / "sentinel" / f"{alias}.csv"
            written.append(_csv(file, [found.columns, *found.rows]))
            file = folder / "qradar" / f"{alias}.csv"
            written.append(_csv(file, [(header,), *((value,) for value in values)]))
    file = folder / "sigma" / "known-good-crawlers.yml"
    file.write_text(filters(find), encoding="utf-8")
    return (*written, file)


def _csv(file: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    return file
