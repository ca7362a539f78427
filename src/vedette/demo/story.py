"""What the demo's hunt must find and must not: takes its report, gives what is wrong with it.

The logs are made so that this is known; it is a check of the shipped detections and of all that
they run on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from vedette.demo.endpoint import FETCHES, LOOK_ALIKES, TOOL_RUNS
from vedette.demo.mail import LURES, ORDINARY
from vedette.demo.visitors import (
    BROWSERS,
    CRAWLER,
    MONITOR,
    SCRAPER,
    SLOW_SCRAPER,
    STOCK_CLIENT,
)
from vedette.hunt import Finding, HuntReport

_RELATIONSHIPS: Final = "T1591.002"
_TEMPO: Final = "T1591.003"

PLATFORMS: Final = ("sentinel", "qradar")
"""The platforms whose queries must each find everything."""


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
    *(
        Expected("pages fetched with curl", technique, machine.name, commands[0].line)
        for technique, (machine, commands) in FETCHES.items()
    ),
    Expected("a lure that asks about deliveries", _TEMPO, LURES[0].sender),
    Expected("a lure that asks about suppliers", _RELATIONSHIPS, LURES[1].sender),
    Expected("a lure that asks about business hours", _TEMPO, LURES[2].sender),
)
"""Everything that the hunt must find."""

QUIET: Final = frozenset(
    {*BROWSERS, CRAWLER, MONITOR, STOCK_CLIENT, *(letter.sender for letter in ORDINARY)}
)
"""The addresses, of machines and of mail, that no finding may be about."""

_LOOK_ALIKES: Final = frozenset(command.line for _, command in LOOK_ALIKES)


def mistakes(report: HuntReport) -> list[str]:
    """Compare a hunt over the demo's logs with what is in them; return what is wrong, in words."""
    found = report.findings
    stopped = [run for run in report.could_not_run if run.status != "no data"]
    wrong = [f"could not run: {run.label}: {run.reason}" for run in stopped]
    wrong += [
        f"not found on {platform}: {expected}"
        for platform in PLATFORMS
        for expected in EXPECTED
        if not any(expected.is_in(f) for f in found if f.platform == platform)
    ]
    wrong += [f"found and must not be: {about}" for about in _false_alarms(found)]
    return wrong


def _false_alarms(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        about = f"{finding.entity}: {finding.detection.title} ({finding.platform})"
        if finding.entity in QUIET:
            yield about
        for line in sorted(_LOOK_ALIKES & _command_lines(finding)):
            yield f"{about}, for {line!r}"


def _command_lines(finding: Finding) -> frozenset[str]:
    lines = (event.values.get("command_line") for event in finding.events)
    return frozenset(line for line in lines if isinstance(line, str))
