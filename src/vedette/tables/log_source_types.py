"""QRadar's log source types: gives the number and name of each that a stock QRadar has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def log_source_types() -> Mapping[int, str]:
    """The names by devicetype."""
    file = files("vedette.tables").joinpath("known/qradar_log_source_types.tsv")
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {int(number): name for number, name in pairs}
