"""What a test talks to: a web server, a resolver and a mail server, on loopback only.

Each writes down what it saw, as it saw it: an access log, questions, a maildir.
"""

from __future__ import annotations

import datetime as dt
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from vedette.lab.emulation.access_log import HOST, LoopbackServer, combined_line

_ANSWER_SECONDS = 0.15
"""How long the web and mail servers take to answer: who asks is seen in the process table."""
_BODY = b"<!doctype html><title>Page</title>\n"
_MOST_MAIL_BYTES = 1_000_000


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def web_server(access_log: Path) -> Iterator[str]:
    """A web server that has every page; gives its address and writes combined log lines.

    GET and HEAD are answered, every other method is refused; each request is logged with the
    status that it got.
    """
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "vedette", ""

        def do_GET(self) -> None:
            self._page(_BODY)

        def do_HEAD(self) -> None:
            self._page(b"")

        def _page(self, body: bytes) -> None:
            time.sleep(_ANSWER_SECONDS)
            self._size = len(body)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(_BODY)))
            self.end_headers()
            self.wfile.write(body)

        def send_error(self, code: int, *_: Any) -> None:
            """Refuse a request without a body; the log tells its status."""
            self._size = 0
            self.request_version = "HTTP/1.0"  # what has no version that is known is told so, too
            self.send_response(code)
            self.send_header("Connection", "close")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log what is answered before the client can know of it: what it did is on record."""
            line = combined_line(self, dt.datetime.now(dt.UTC), int(code), self._size)
            with lock, access_log.open("a", encoding="ascii") as log:
                log.write(f"{line}\n")

        def log_message(self, *_: Any) -> None:
            """Write nothing: the access log has the request already."""

    server = LoopbackServer(Handler)
    with _running(server):
        yield f"http://{HOST}:{server.server_address[1]}"


Question = tuple[dt.datetime, str]


@contextmanager
def resolver(questions: list[Question]) -> Iterator[tuple[str, int]]:
    """A resolver that knows no name; gives its address and notes what it is asked for, and when."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, socket = self.request
            name = _asked(packet)
            if name is not None:
                questions.append((dt.datetime.now(dt.UTC), name))
                header = packet[:2] + struct.pack(">5H", 0x8183, 1, 0, 0, 0)  # no such name
                socket.sendto(header + packet[12:], self.client_address)

    server = socketserver.ThreadingUDPServer((HOST, 0), Handler)
    with _running(server):
        yield HOST, server.server_address[1]


def _asked(packet: bytes) -> str | None:
    """The name in a question; None for what is none."""
    labels, place = [], 12
    while place < len(packet) and packet[place]:
        length = packet[place]
        if length > 63 or place + 1 + length > len(packet):
            return None
        labels.append(packet[place + 1 : place + 1 + length].decode("ascii", "replace"))
        place += 1 + length
    return ".".join(labels) or None


@contextmanager
def mail_server(maildir: Path) -> Iterator[tuple[str, int]]:
    """A mail server that takes every mail; gives its address and delivers into a maildir."""
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True, exist_ok=True)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            envelope: dict[str, str] = {}
            time.sleep(_ANSWER_SECONDS)
            self._say("220 vedette ESMTP")
            for raw in self.rfile:
                line = raw.decode("utf-8", "replace").strip()
                word = line.upper()
                if word.startswith(("EHLO", "HELO")):
                    envelope["greeting"] = line[5:]
                    self._say("250 vedette")
                elif word.startswith("MAIL FROM:"):
                    envelope["sender"] = _address(line[10:])
                    self._say("250 ok")
                elif word.startswith("RCPT TO:"):
                    envelope["recipient"] = _address(line[8:])
                    self._say("250 ok")
                elif word == "DATA":
                    self._say("354 go on")
                    _deliver(maildir, envelope, self._data())
                    self._say("250 delivered")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def _data(self) -> bytes:
            lines: list[bytes] = []
            for line in self.rfile:
                if line.rstrip(b"\r\n") == b".":
                    break
                if sum(map(len, lines)) < _MOST_MAIL_BYTES:
                    lines.append(line.removeprefix(b"."))
            return b"".join(lines).replace(b"\r\n", b"\n")

    server = socketserver.ThreadingTCPServer((HOST, 0), Handler)
    with _running(server):
        yield HOST, server.server_address[1]


def _address(word: str) -> str:
    return word.partition("<")[2].partition(">")[0] or word.strip()


def _deliver(maildir: Path, envelope: dict[str, str], message: bytes) -> None:
    """Write a mail as a mail server does: what it knows of the delivery stands on top."""
    now = dt.datetime.now(dt.UTC)
    head = (
        f"Return-Path: <{envelope.get('sender', '')}>\n"
        f"Delivered-To: {envelope.get('recipient', '')}\n"
        f"Received: from {envelope.get('greeting', '')} ({HOST}) by vedette; "
        f"{format_datetime(now)}\n"
    )
    name = f"{time.time_ns()}.{threading.get_ident()}.vedette"
    path = maildir / "tmp" / name
    path.write_bytes(head.encode() + message)
    path.rename(maildir / "new" / name)
