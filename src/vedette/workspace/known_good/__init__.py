"""Crawlers and monitors that are known, by the addresses that their operators publish and by name.

Two watchlists come with Vedette and stand in for those that a workspace has not:
``KnownGoodCrawlers`` (a row a network and name) and ``KnownCrawlerNames`` (a row a name whose
operator publishes no addresses). ``forms`` gives the same in the other platforms' terms, ``update``
makes new ones of the files that operators publish. Nothing is ever fetched.
"""

from __future__ import annotations

from pathlib import Path

CRAWLERS = "KnownGoodCrawlers"
NAMES = "KnownCrawlerNames"
KEYS = {CRAWLERS: "Network", NAMES: "Agent"}
"""The watchlists, and the column that each is looked up by."""

COLUMNS = {
    CRAWLERS: ("Network", "Agent", "Operator", "Source", "Fetched"),
    NAMES: ("Agent", "Kind", "Source", "Fetched"),
}

_TOPICS = ("partner", "operational", "role", "location")
BY_PROGRAM = tuple(f"{topic}-page-by-program" for topic in _TOPICS)
BY_ANYBODY = tuple(f"{topic}-page-by-anybody" for topic in _TOPICS)
RULES = frozenset((*BY_PROGRAM, *BY_ANYBODY))
"""The pack's Sigma rules that filters of known crawlers are for, by name."""

FOLDER = Path(__file__).parent


def shipped_file(alias: str) -> Path | None:
    """The CSV file that comes with Vedette for a watchlist; None for any other alias."""
    return FOLDER / f"{alias}.csv" if alias in KEYS else None
