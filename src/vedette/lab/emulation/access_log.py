"""A web server on loopback and the log that it keeps: takes requests, gives lines as Apache's.

The laboratory's tests and the demo's visitors talk to such a server.
"""

from __future__ import annotations

import datetime as dt
import socketserver
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

HOST: Final = "127.0.0.1"
"""The only address that is listened on."""

_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class LoopbackServer(ThreadingHTTPServer):
    """A web server on a free port of the loopback interface, a thread a connection."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__((HOST, 0), handler)

    def server_bind(self) -> None:
        """Take the port."""
        # HTTPServer's own asks the resolver for the host's full name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]


def combined_line(
    request: BaseHTTPRequestHandler, moment: dt.datetime, status: int, size: int
) -> str:
    """A request and what was answered, in Apache's combined format, without the line's end.

    *size* is that of the body in bytes; the address is the one that the request came from.
    """
    headers = getattr(request, "headers", None) or {}  # none are read of a request that is none
    agent, referrer = (escaped(headers.get(name, "-")) for name in ("User-Agent", "Referer"))
    return (
        f"{request.client_address[0]} - - [{access_log_time(moment)}] "
        f'"{escaped(request.requestline)}" {status} {size or "-"} "{referrer}" "{agent}"'
    )


def access_log_time(moment: dt.datetime) -> str:
    """Return the moment as access logs write it, for example ``01/Sep/2026:08:05:00 +0000``."""
    # strftime's %b would be the machine's language.
    return f"{moment.day:02d}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S %z}"


def escaped(text: str) -> str:
    """Return a client's text as Apache logs it.

    Quotes and backslashes are escaped; what is not printable ASCII is written in hexadecimal.
    """
    # The server reads bytes as Latin-1, so that a letter's number is its byte.
    return "".join(
        _ESCAPES.get(letter) or (letter if " " <= letter <= "~" else f"\\x{ord(letter):02x}")
        for letter in text
    )
