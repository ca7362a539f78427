"""Who visits the demo's site: takes a seed, gives requests in their order, and sends them.

Every visitor has a loopback address of its own, to which the socket is bound, so that the server
sees real requests from different clients.
"""

import datetime as dt
import errno
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final

from vedette.demo.day import DOMAIN, START, Clock, at, dice, moment_in
from vedette.demo.pages import GENERAL, RELATIONSHIPS, TEMPO
from vedette.demo.site import Site

SCRAPER: Final = "127.0.0.66"
"""Who fetches the pages about partners, in two minutes of the night, with a script."""
SLOW_SCRAPER: Final = "127.0.0.77"
"""Who fetches the pages about hours and deliveries, over hours, under a browser's name."""
CRAWLER: Final = "127.0.0.80"
"""A search engine's crawler, which reads robots.txt and says who it is."""
STOCK_CLIENT: Final = "127.0.0.60"
"""A customer's script, which asks for the stock four times an hour with a library's agent."""
MONITOR: Final = "127.0.0.61"
"""A service that looks whether the site answers."""
BROWSERS: Final = tuple(f"127.0.1.{number}" for number in range(11, 47))
"""People with browsers."""

_SCRIPT: Final = "python-requests/2.32.3"
_AGENTS: Final = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/151.0.0.0 Safari/537.36"
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/26.2 Safari/605.1.15"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/26.2 Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/151.0.0.0 Mobile Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/151.0.0.0 Safari/537.36 Edg/151.0.0.0"
    ),
)
_CAME_FROM: Final = (
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://duckduckgo.com/",
    "-",
    "-",
)
_JOURNEYS: Final = (
    ("/", "/products", "/products/pump-housings", "/contact"),
    ("/", "/products", "/products/valve-bodies", "/products/manifolds", "/case-studies"),
    ("/products/brake-discs", "/shipping", "/delivery"),
    ("/", "/hours", "/locations"),
    ("/", "/news", "/news/open-day", "/calendar"),
    ("/careers", "/careers/buyer", "/careers/pattern-maker", "/about/team", "/contact"),
    ("/", "/about", "/about/team", "/news/new-furnace"),
    ("/suppliers", "/suppliers/code-of-conduct", "/procurement", "/contact"),
    ("/", "/partners", "/partners/alder-freight", "/partners/delft-coatings", "/contact"),
    ("/", "/customers", "/case-studies", "/case-studies/kestrel-pumps", "/products"),
    ("/holiday", "/hours", "/contact"),
    ("/", "/privacy"),
)
"""The ways people go through the site; several touch the pages that the scrapers are after."""


class NoLoopback(OSError):
    """The machine's loopback interface has no addresses beyond 127.0.0.1."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: when and from which address, what for, and how the client presents itself."""

    time: dt.datetime
    address: str
    target: str
    agent: str
    referrer: str = "-"
    method: str = "GET"


def plan_visits(seed: int) -> list[Visit]:
    """Return every request of the day in the order of time, the same for the same seed."""
    numbers = dice(seed, "web")
    visits = [
        *_people(numbers),
        *_crawler(numbers),
        *_stock_client(numbers),
        *_monitor(),
        *_scraper(numbers),
        *_slow_scraper(numbers),
    ]
    # Sorting is stable: requests of one moment keep the order in which they were planned.
    return sorted((visit for visit in visits if visit.time < at(24)), key=lambda visit: visit.time)


def send_visits(site: Site, clock: Clock, visits: Sequence[Visit]) -> None:
    """Send the requests to the site one by one, the clock set to each one's time.

    Raises ``NoLoopback`` where the machine lacks an address of theirs, ``ValueError`` for an
    address that is not loopback, and ``OSError`` where the site does not answer.
    """
    for visit in visits:
        clock.advance_to(visit.time)
        _send(site.address, visit)


def _send(address: tuple[str, int], visit: Visit) -> None:
    if not visit.address.startswith("127."):
        raise ValueError(f"{visit.address} is not an address of the loopback interface")
    headers = {"Host": f"www.{DOMAIN}", "User-Agent": visit.agent, "Connection": "close"}
    if visit.referrer != "-":
        headers["Referer"] = visit.referrer
    connection = HTTPConnection(*address, timeout=10, source_address=(visit.address, 0))
    try:
        connection.request(visit.method, visit.target, headers=headers)
        connection.getresponse().read()
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise NoLoopback(error.errno, f"this machine has no address {visit.address}") from error
        raise
    finally:
        connection.close()


def _people(numbers: random.Random) -> Iterator[Visit]:
    for address in BROWSERS:
        agent = numbers.choice(_AGENTS)
        # A buyer does not come back as a journalist: each person has one purpose.
        journey = numbers.choice(_JOURNEYS)
        for _ in range(numbers.randint(1, 3)):
            yield from _browse(numbers, address, agent, journey, moment_in(numbers, 6, 21))


def _browse(
    numbers: random.Random, address: str, agent: str, journey: Sequence[str], time: dt.datetime
) -> Iterator[Visit]:
    referrer = numbers.choice(_CAME_FROM)
    for number, page in enumerate(journey):
        yield Visit(time, address, page, agent, referrer)
        referrer = f"https://www.{DOMAIN}{page}"
        # The rest of the session has them in the browser's cache.
        for asset in ("/assets/site.css", "/assets/logo.svg", "/favicon.ico"):
            if number == 0:
                time += _seconds(numbers, 0.03, 0.2)
                yield Visit(time, address, asset, agent, referrer)
        time += _seconds(numbers, 6, 110)


def _crawler(numbers: random.Random) -> Iterator[Visit]:
    agent = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
    time = at(3, 5, numbers.uniform(0, 59))
    pages = [*GENERAL, *RELATIONSHIPS, *TEMPO]
    numbers.shuffle(pages)
    for target in ("/robots.txt", "/sitemap.xml", *pages):
        yield Visit(time, CRAWLER, target, agent)
        time += _seconds(numbers, 61, 190)


def _stock_client(numbers: random.Random) -> Iterator[Visit]:
    for quarter in range(4 * 24):
        item = numbers.randint(1000, 1040)
        time = at(0, 15 * quarter, numbers.uniform(1, 5))
        yield Visit(time, STOCK_CLIENT, f"/api/stock?item={item}", _SCRIPT)


def _monitor() -> Iterator[Visit]:
    agent = "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"
    for time in _every(dt.timedelta(minutes=10)):
        yield Visit(time, MONITOR, "/", agent, method="HEAD")


def _scraper(numbers: random.Random) -> Iterator[Visit]:
    time = at(2, 41, numbers.uniform(0, 30))
    guesses = (
        "/partner-program",
        "/partners.html",
        "/vendor-list",
        "/our-clients",
        "/partners/all",
    )
    targets = [*RELATIONSHIPS, *guesses]
    numbers.shuffle(targets)
    for target in targets:
        yield Visit(time, SCRAPER, target, _SCRIPT)
        time += _seconds(numbers, 0.6, 3.5)


def _slow_scraper(numbers: random.Random) -> Iterator[Visit]:
    time = at(18, 12, numbers.uniform(0, 30))
    targets = list(TEMPO)
    numbers.shuffle(targets)
    # A browser would fetch the pictures too, and say which page led to the next.
    for target in targets:
        yield Visit(time, SLOW_SCRAPER, target, _AGENTS[0])
        time += _seconds(numbers, 250, 900)


def _every(step: dt.timedelta) -> Iterable[dt.datetime]:
    return (START + step * count for count in range(dt.timedelta(days=1) // step))


def _seconds(numbers: random.Random, least: float, most: float) -> dt.timedelta:
    return dt.timedelta(seconds=round(numbers.uniform(least, most), 3))
