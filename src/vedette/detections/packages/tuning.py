"""Whom a package lets through: takes ``tuning.yaml``, gives its allowances and what is wrong there.

Each entry names a result column and values, why they are let through, who answers for it, and the
day after which it counts no longer: an exception without an end is a hole.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from vedette.detections.model import Allowance, PlacedProblem
from vedette.detections.packages.yaml_values import ValueReader
from vedette.detections.text import Unreadable, read_text
from vedette.syntax import Findings
from vedette.syntax.yaml_nodes import YamlPart

TUNING = "tuning.yaml"
_MOST_BYTES = 256_000
_KEYS = ("column", "values", "reason", "owner", "expires")


def read_tuning(folder: Path) -> tuple[tuple[Allowance, ...], list[PlacedProblem]]:
    """The allowances of a package, none where it has no such file, and every problem of them."""
    path = folder / TUNING
    if not path.is_file():
        return (), []
    try:
        source = read_text(path, _MOST_BYTES)
    except Unreadable as unreadable:
        return (), [unreadable.problem]
    findings = Findings(source)
    part = YamlPart(findings)
    root = part.root()
    found: tuple[Allowance, ...] = ()
    if root is not None:
        reader = _Tuning(part)
        entries = reader.entries(root, ("allow",), TUNING)
        if "allow" in entries:
            found = reader.many(entries["allow"], reader.allowance) or ()
    return found, [PlacedProblem(problem, source) for problem in findings.ordered()]


class _Tuning(ValueReader):
    """Reads the entries of ``tuning.yaml``."""

    def allowance(self, node: yaml.Node) -> Allowance | None:
        """One entry; every key must be there."""
        entries = self.entries(node, _KEYS, "an allowance")
        absent = [key for key in _KEYS if key not in entries]
        if absent:
            self.wrong(node, f"an allowance needs {', '.join(map(repr, absent))}")
            return None
        column, reason, owner = (self.text(entries[key]) for key in ("column", "reason", "owner"))
        values, expires = self.texts(entries["values"]), self.date(entries["expires"])
        if column is None or reason is None or owner is None or expires is None or not values:
            return None
        return Allowance(column, values, reason, owner, expires)
