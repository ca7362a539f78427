"""The demo's web site: takes requests on 127.0.0.1, gives pages and an access log of its own."""

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from vedette.demo.day import Clock
from vedette.demo.pages import Page, all_pages
from vedette.lab.emulation.access_log import LoopbackServer, combined_line


class Site:
    """A web server on a free port of the loopback interface, which logs each request it answers.

    Used as a context: it serves within the block. Every line of *log* (Apache's combined format)
    is a request that came in over a socket, with the address it came from; only its time is
    *clock*'s.
    """

    def __init__(self, log: Path, clock: Clock) -> None:
        """Take a free port; requests are answered within the block."""
        self._clock = clock
        self._pages = all_pages()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._log = log.open("w", encoding="ascii", newline="\n")
        self._thread = threading.Thread(target=self._serve, name="vedette-demo-site", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """The host and port that the site listens on."""
        host, port = self._server.server_address[:2]
        return str(host), port

    def page(self, target: str) -> Page | None:
        """The page that a request target asks for, whatever its query; None where there is none."""
        return self._pages.get(urlsplit(target).path)

    def record(self, line: str) -> None:
        """Write one line to the access log."""
        with self._lock:
            self._log.write(f"{line}\n")

    def time_of_day(self) -> dt.datetime:
        """What the site's clock shows."""
        return self._clock.now

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving and close the log."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._log.close()


class _Server(LoopbackServer):
    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__(_Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    # Unbuffered, head and body would go in two segments, and the second wait 40 ms for an ACK.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        page = self.server.site.page(self.path)
        if page is None:
            self._send(
                404, Page("text/plain; charset=utf-8", b"There is no such page.\n"), with_body
            )
        else:
            self._send(200, page, with_body)

    def _send(self, status: int, page: Page, with_body: bool) -> None:
        # Logged here, before the client can know of the answer: its next request comes after.
        self._body_size = len(page.body) if with_body else 0
        self.send_response(status)
        self.send_header("Content-Type", page.media_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(page.body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        site, body_size = self.server.site, getattr(self, "_body_size", 0)
        self._body_size = 0
        site.record(combined_line(self, site.time_of_day(), int(code), body_size))

    def log_error(self, format: str, *args: object) -> None:
        """Stay silent: the access log has the request."""
