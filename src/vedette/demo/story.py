"""What the demo's hunt must find and must not: takes findings, gives what is wrong with them.

The logs are made so that this is known; it is a check of the shipped detections and of all that
they run on.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.demo.endpoint import FETCHER, FETCHES, LOOK_ALIKES, TOOL_RUNS
from vedette.demo.mail import LURES, ORDINARY
from vedette.demo.visitors import (
    BROWSERS,
    CRAWLER,
    MONITOR,
    SCRAPER,
    SLOW_SCRAPER,
    STOCK_CLIENT,
)
from vedette.hunt import Finding

_RELATIONSHIPS: Final = "T1591.002"
_TEMPO: Final = "T1591.003"


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that must be found: what it is, under which technique, about whom.

    ``command`` is the command line that must be among the events of the finding, where there is
    one.
    """

    what: str
    technique: str
    entity: str
    command: str = ""

    def is_in(self, finding: Finding) -> bool:
        """Whether the finding is this one."""
        return (
            finding.entity == self.entity
            and self.technique in finding.detection.techniques
            and (not self.command or self.command in _command_lines(finding))
        )

    def __str__(self) -> str:
        """What was to be found, in words."""
        return f"{self.what}: {self.technique} about {self.entity}"


EXPECTED: Final[tuple[Expected, ...]] = (
    Expected("who scrapes the pages about partners", _RELATIONSHIPS, SCRAPER),
    Expected("who slowly scrapes the pages about hours and deliveries", _TEMPO, SLOW_SCRAPER),
    *(
        Expected(what, _RELATIONSHIPS, machine.name, command.line)
        for what, (machine, command) in TOOL_RUNS.items()
    ),
    Expected("pages fetched with curl", _RELATIONSHIPS, FETCHER.name, FETCHES[0].line),
    Expected("a lure that asks about deliveries", _TEMPO, LURES[0].sender),
    Expected("a lure that asks about suppliers", _RELATIONSHIPS, LURES[1].sender),
    Expected("a lure that asks about business hours", _TEMPO, LURES[2].sender),
)
"""Everything that the hunt must find."""

QUIET: Final = frozenset({*BROWSERS, CRAWLER, MONITOR, STOCK_CLIENT})
"""The addresses that no finding may be about."""

_LOOK_ALIKES: Final = frozenset(command.line for _, command in LOOK_ALIKES)
_ORDINARY_SENDERS: Final = frozenset(letter.sender for letter in ORDINARY)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hunt did with the demo's logs.

    ``missing`` was to be found and was not; ``wrong`` was found and must not be; ``doubtful`` are
    findings about ordinary mail, which a query that sees no authentication cannot tell apart.
    """

    missing: tuple[Expected, ...]
    wrong: tuple[str, ...]
    doubtful: tuple[str, ...]

    @property
    def is_as_expected(self) -> bool:
        """Whether all that must be found was, and nothing that must not."""
        return not self.missing and not self.wrong


def judge(findings: Sequence[Finding]) -> Verdict:
    """Compare what a hunt over the demo's logs found with what is in them."""
    return Verdict(
        missing=tuple(e for e in EXPECTED if not any(e.is_in(found) for found in findings)),
        wrong=tuple(dict.fromkeys(_wrong(findings))),
        doubtful=tuple(_about(found) for found in _of(findings, _ORDINARY_SENDERS)),
    )


def _wrong(findings: Sequence[Finding]) -> Iterator[str]:
    for found in _of(findings, QUIET):
        yield _about(found)
    for found in findings:
        for line in sorted(_LOOK_ALIKES & _command_lines(found)):
            yield f"{_about(found)}, for {line!r}"


def _of(findings: Sequence[Finding], entities: Container[str]) -> Iterator[Finding]:
    return (found for found in findings if found.entity is not None and found.entity in entities)


def _about(finding: Finding) -> str:
    return f"{finding.entity}: {finding.detection.title} ({finding.platform})"


def _command_lines(finding: Finding) -> frozenset[str]:
    lines = (event.values.get("command_line") for event in finding.events)
    return frozenset(line for line in lines if isinstance(line, str))
