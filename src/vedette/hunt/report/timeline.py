"""The timeline of the report: takes findings and data volumes, gives bars with their places."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vedette.hunt.findings import Finding
from vedette.hunt.outcome import HuntReport
from vedette.hunt.words import span_text

WIDTH = 1160
LEFT = 64
FINDINGS_TOP, FINDINGS_HEIGHT = 14, 116
VOLUME_TOP, VOLUME_HEIGHT = 156, 44
HEIGHT = 226
MOST_BINS = 116
_LEAST_HEIGHT = 2.0

# Bars are one of these long, the first that gives few enough of them.
_SIZES = tuple(
    dt.timedelta(hours=hours)
    for hours in (1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 2184, 8760, 17520, 87600)
)
_ORIGIN = dt.datetime(1970, 1, 5, tzinfo=dt.UTC)  # a Monday, so that weeks begin on one


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the drawing, what kind it is, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word under the axis."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing: bars of events behind findings, bars of data, labels, the highest bars.

    ``outside`` counts the few stored events that lie too far from all others to be drawn.
    """

    size: str
    findings: tuple[Bar, ...]
    volume: tuple[Bar, ...]
    labels: tuple[Label, ...]
    most_findings: int
    most_rows: int
    outside: int


def timeline(report: HuntReport, kinds: Sequence[str]) -> Timeline | None:
    """The report's timeline, stacked by severity in the order of *kinds*; None without any data.

    A finding's kind is its severity's word, ``none`` where it has none. An event behind several
    findings is drawn once.
    """
    found = _found(report, kinds)
    volume: Counter[dt.datetime] = Counter()
    for table in report.data:
        volume.update({v.start: v.rows for v in table.volumes if v.start is not None})
    finding_moments = [moment for counts in found.values() for moment in counts]
    outside = _far_away(volume, finding_moments)
    for moment in outside:
        del volume[moment]
    moments = [*volume, *finding_moments]
    if not moments:
        return None
    size, first, count = _grid(min(moments), max(moments))

    def binned(counts: Counter[dt.datetime]) -> Counter[int]:
        sums: Counter[int] = Counter()
        for moment, number in counts.items():
            sums[(moment - first) // size] += number
        return sums

    starts = [first + i * size for i in range(count)]
    stacks = {kind: binned(counts) for kind, counts in found.items() if counts}
    rows = binned(volume)
    heights = [sum(stack[i] for stack in stacks.values()) for i in range(count)]
    return Timeline(
        size=span_text(size),
        findings=tuple(_stacked(stacks, starts, size, max(heights, default=0))),
        volume=tuple(_volume(rows, starts, size)),
        labels=tuple(_labels(starts, size)),
        most_findings=max(heights, default=0),
        most_rows=max(rows.values(), default=0),
        outside=sum(outside.values()),
    )


def _found(report: HuntReport, kinds: Sequence[str]) -> dict[str, Counter[dt.datetime]]:
    """By severity, the hours of the events behind findings, each event once, at its gravest."""
    found: dict[str, Counter[dt.datetime]] = {kind: Counter() for kind in kinds}
    seen: set[str] = set()
    for finding in sorted(report.findings, key=lambda f: kinds.index(_kind(f))):
        hours = found[_kind(finding)]
        if not finding.event_times:
            hours.update(dict(finding.hours))
        for identity, moment in finding.event_times.items():
            if moment is not None and identity not in seen:
                hours[moment.replace(minute=0, second=0, microsecond=0)] += 1
        seen.update(finding.event_times)
    return found


def _far_away(
    volume: Counter[dt.datetime], findings: Sequence[dt.datetime]
) -> Counter[dt.datetime]:
    """The hours of a few events, at most one in a thousand at each end, that stretch the drawing.

    Clocks of senders are wrong by centuries; where leaving these out halves the drawing, they are.
    """
    hours = sorted(volume)
    most = sum(volume.values()) // 1000
    low, high = 0, len(hours) - 1
    left = right = most
    while low < high and volume[hours[low]] <= left:
        left -= volume[hours[low]]
        low += 1
    while high > low and volume[hours[high]] <= right:
        right -= volume[hours[high]]
        high -= 1
    if not hours:
        return Counter()
    first, last = min([hours[low], *findings]), max([hours[high], *findings])
    if 2 * (last - first) > hours[-1] - hours[0]:
        return Counter()
    return Counter({hour: volume[hour] for hour in hours if not first <= hour <= last})


def _kind(finding: Finding) -> str:
    return str(finding.severity) if finding.severity else "none"


def _grid(oldest: dt.datetime, newest: dt.datetime) -> tuple[dt.timedelta, dt.datetime, int]:
    """The size of a bar, where the first begins, and how many there are."""
    for size in _SIZES:
        first = _ORIGIN + (oldest - _ORIGIN) // size * size
        count = (newest - first) // size + 1
        if count <= MOST_BINS:
            break
    return size, first, count


def _place(number: int, count: int) -> tuple[float, float]:
    """Where the bar of this number begins, and how wide it is."""
    step = (WIDTH - LEFT) / count
    width = min(step * 0.86, 40.0)
    return LEFT + number * step + (step - width) / 2, width


def _stacked(
    stacks: dict[str, Counter[int]], starts: Sequence[dt.datetime], size: dt.timedelta, most: int
) -> Iterable[Bar]:
    for number, start in enumerate(starts):
        x, width = _place(number, len(starts))
        top = float(FINDINGS_TOP + FINDINGS_HEIGHT)
        for kind, stack in stacks.items():
            if stack[number]:
                height = max(_LEAST_HEIGHT, stack[number] / most * FINDINGS_HEIGHT)
                top -= height
                text = (
                    f"{_when(start, size)}: {stack[number]:,} events in findings of {_named(kind)}"
                )
                yield Bar(x, max(top, 0.0), width, height, kind, text)


def _volume(rows: Counter[int], starts: Sequence[dt.datetime], size: dt.timedelta) -> Iterable[Bar]:
    most = max(rows.values(), default=0)
    for number, start in enumerate(starts):
        if rows[number]:
            x, width = _place(number, len(starts))
            height = max(_LEAST_HEIGHT, rows[number] / most * VOLUME_HEIGHT)
            y = VOLUME_TOP + VOLUME_HEIGHT - height
            text = f"{_when(start, size)}: {rows[number]:,} events stored"
            yield Bar(x, y, width, height, "volume", text)


def _labels(starts: Sequence[dt.datetime], size: dt.timedelta) -> Iterable[Label]:
    for number in range(0, len(starts), max(1, -(-len(starts) // 7))):
        x, width = _place(number, len(starts))
        text, is_first = _when(starts[number], size), number == 0
        yield Label(x if is_first else x + width / 2, text, "start" if is_first else "middle")


def _when(start: dt.datetime, size: dt.timedelta) -> str:
    return f"{start:%Y-%m-%d}" if size >= dt.timedelta(days=1) else f"{start:%Y-%m-%d %H:%M}"


def _named(kind: str) -> str:
    return "no stated severity" if kind == "none" else f"{kind} severity"
