"""The demo's web server: where it listens, and what it logs."""

import datetime as dt
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from vedette.demo.day import START, Clock
from vedette.demo.pages import GENERAL, RELATIONSHIPS, TEMPO
from vedette.demo.site import Site
from vedette.demo.visitors import Visit, send_visits
from vedette.lab.emulation.access_log import access_log_time, escaped


def ask(site: Site, target: str, method: str = "GET", source: str = "127.0.0.9") -> tuple[int, int]:
    connection = HTTPConnection(*site.address, timeout=10, source_address=(source, 0))
    try:
        connection.request(method, target, headers={"User-Agent": 'a "quoted" agent'})
        answer = connection.getresponse()
        return answer.status, len(answer.read())
    finally:
        connection.close()


def test_the_server_listens_on_the_loopback_interface_only(tmp_path: Path) -> None:
    with Site(tmp_path / "access.log", Clock()) as site:
        host, port = site.address
        assert host == "127.0.0.1"
        # A server on every interface would answer here too.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5).close()


def test_the_log_has_the_address_of_the_peer_and_the_time_of_the_clock(tmp_path: Path) -> None:
    clock = Clock()
    with Site(tmp_path / "access.log", clock) as site:
        status, size = ask(site, "/partners?from=mail")
        clock.advance_to(START + dt.timedelta(hours=5))
        assert ask(site, "/nowhere", source="127.0.3.4")[0] == 404
        assert ask(site, "/hours", method="HEAD") == (200, 0)
    assert status == 200
    agent = '"-" "a \\"quoted\\" agent"'
    morning = "[01/Sep/2026:00:00:00 +0000]"
    later = "[01/Sep/2026:05:00:00 +0000]"
    assert (tmp_path / "access.log").read_text().splitlines() == [
        f'127.0.0.9 - - {morning} "GET /partners?from=mail HTTP/1.1" 200 {size} {agent}',
        f'127.0.3.4 - - {later} "GET /nowhere HTTP/1.1" 404 23 {agent}',
        f'127.0.0.9 - - {later} "HEAD /hours HTTP/1.1" 200 - {agent}',
    ]


def test_every_page_is_there(tmp_path: Path) -> None:
    with Site(tmp_path / "access.log", Clock()) as site:
        for path in ("/robots.txt", "/sitemap.xml", *GENERAL, *RELATIONSHIPS, *TEMPO):
            page = site.page(path)
            assert page is not None, path
            assert page.body


def test_visits_come_from_the_loopback_interface_only(tmp_path: Path) -> None:
    clock = Clock()
    stranger = pytest.raises(ValueError, match=r"192\.0\.2\.1 is not an address of the loopback")
    with Site(tmp_path / "access.log", clock) as site, stranger:
        send_visits(site, clock, [Visit(START, "192.0.2.1", "/", "-")])


def test_the_clock_never_goes_back() -> None:
    clock = Clock()
    clock.advance_to(START + dt.timedelta(seconds=1))
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance_to(START)


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("curl/8.5.0", "curl/8.5.0"),
        ('a"b\\c', 'a\\"b\\\\c'),
        ("line\r\nnext\t", "line\\r\\nnext\\t"),
        ("\x1b[2J\x7f\xe9", "\\x1b[2J\\x7f\\xe9"),
    ],
)
def test_a_clients_text_cannot_break_its_line(text: str, logged: str) -> None:
    assert escaped(text) == logged


def test_the_time_of_a_line_is_english_whatever_the_machine_speaks() -> None:
    moment = dt.datetime(2026, 12, 5, 7, 8, 9, tzinfo=dt.UTC)
    assert access_log_time(moment) == "05/Dec/2026:07:08:09 +0000"
