"""The demo from its folder to its end: takes a folder and a seed, gives what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from vedette.demo.day import START
from vedette.demo.folder import DemoFolder
from vedette.demo.logs import write_logs
from vedette.demo.story import mistakes
from vedette.demo.visitors import CRAWLER
from vedette.detections.find import shipped
from vedette.hunt import HuntReport, hunt
from vedette.hunt.report import report_page
from vedette.workspace import Workspace
from vedette.workspace.known_good.update import know_crawler


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a demo: the hunt's report, and what is wrong with it, in words."""

    report: HuntReport
    mistakes: list[str]


def play(folder: DemoFolder, seed: int, tell: Callable[[str], None]) -> Played:
    """Write the logs of the played day, ingest them, hunt in them, write report and example page.

    *tell* is given a line on each step when it is done. Raises ``NoLoopback`` where the machine
    lacks the visitors' addresses, and ``OSError`` where the folder cannot be written.
    """
    written = write_logs(folder, seed)
    tell(
        f"[1/4] {written.requests:,} real requests from {written.addresses} loopback addresses to "
        f"a web server on 127.0.0.1 (the clock is the demo's: {START:%Y-%m-%d}, a day in seconds)"
    )
    tell(
        f"[2/4] {written.processes:,} process events and {written.messages:,} messages made up "
        f"from seed {seed}"
    )
    with Workspace(folder.workspace) as workspace:
        know_crawler(workspace, CRAWLER, "bingbot")
        stored = workspace.ingest([folder.logs])
        tell(f"[3/4] {stored.stored:,} of {stored.read:,} records ingested")
        report = hunt(workspace, shipped())
    folder.report.write_text(report_page(report), encoding="utf-8")
    page = files("vedette.demo").joinpath("page.txt").read_text(encoding="utf-8")
    folder.page.write_text(page, encoding="utf-8")
    detections = len({run.detection.id for run in report.ran})
    tell(f"[4/4] {len(report.ran)} queries of {detections} detections hunted through the day")
    return Played(report, mistakes(report))
