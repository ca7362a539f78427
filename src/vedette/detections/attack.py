"""ATT&CK's Reconnaissance tactic: takes a technique's id, gives its name, version and page.

Only this tactic is bundled (``attack_reconnaissance.tsv``); of other tactics, only the form of an
id and the tactic's name are known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TECHNIQUE_ID = re.compile(r"T\d{4}(?:\.\d{3})?")

# ATT&CK Enterprise's tactics in the matrix's order, by short name as STIX has them.
TACTICS = (
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
)


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique or sub-technique of ATT&CK Enterprise 18.1."""

    id: str
    name: str
    version: str
    tactic: str

    @property
    def parent(self) -> str | None:
        """The id of the technique that this one is a sub-technique of, or None."""
        return self.id[:5] if "." in self.id else None

    @property
    def url(self) -> str:
        """The address of the technique's page."""
        return f"https://attack.mitre.org/techniques/{self.id.replace('.', '/')}/"


@cache
def techniques() -> dict[str, Technique]:
    """The bundled techniques by id, in the order of their ids."""
    text = files("vedette.detections").joinpath("attack_reconnaissance.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {id: Technique(id, name, version, "reconnaissance") for id, name, version in rows}


def technique(id: str) -> Technique | None:
    """The bundled technique of this id, or None."""
    return techniques().get(id)


def is_unknown(id: str) -> bool:
    """Whether an id of the right form lies within the bundled tactic and yet is none of it."""
    return id not in techniques() and id[:5] in techniques()


def tactic_name(text: str) -> str | None:
    """The short name of the tactic that *text* spells in any case, with spaces or hyphens.

    None where there is no such tactic.
    """
    name = re.sub(r"[\s_-]+", "-", text.strip().lower())
    return name if name in TACTICS else None
