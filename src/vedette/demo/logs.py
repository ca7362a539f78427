"""The demo's logs: takes a seed, writes a web server's access log, process events and mail."""

from dataclasses import dataclass

from vedette.demo.day import Clock
from vedette.demo.endpoint import process_events
from vedette.demo.folder import DemoFolder
from vedette.demo.mail import messages
from vedette.demo.site import Site
from vedette.demo.visitors import plan_visits, send_visits


@dataclass(frozen=True, slots=True)
class Written:
    """How much was written: requests from how many addresses, process events, messages."""

    requests: int
    addresses: int
    processes: int
    messages: int


def write_logs(folder: DemoFolder, seed: int) -> Written:
    """Write the three logs of the played day, byte for byte the same for the same seed.

    The web server is up only while its visitors call. Errors as for ``send_visits``.
    """
    visits, clock = plan_visits(seed), Clock()
    with Site(folder.access_log, clock) as site:
        send_visits(site, clock, visits)
    events = process_events(seed)
    folder.process_events.write_text(events, encoding="utf-8", newline="\n")
    mail = messages(seed)
    for number, message in enumerate(mail, start=1):
        (folder.mail / f"{number:04d}.eml").write_bytes(message)
    addresses = len({visit.address for visit in visits})
    return Written(len(visits), addresses, events.count("\n"), len(mail))
