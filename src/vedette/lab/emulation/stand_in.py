"""A stand-in for a tool that gathers facts: does nothing but ask a stub resolver and write files.

It is copied under a tool's name and run as that tool would be. What it asks and writes stands in
the file that VEDETTE_STAND_INS names; it talks to a resolver on loopback and to nothing else. It
stands alone: it runs where Vedette is not installed.
"""

import json
import os
import socket
import struct
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

TOOL = ""
"""Whose stand-in it is; written in when it is copied, so that a copy under another name knows."""

NOTHING = "inert stand-in: nothing was gathered\n"


def main() -> int:
    """Do what the tool of this name would be seen to do."""
    settings = json.loads(Path(os.environ["VEDETTE_STAND_INS"]).read_text(encoding="utf-8"))
    tool = settings["tools"][TOOL]
    given = options(sys.argv[1:])
    for host in hosts(tool, given):
        look_up(host, settings["resolver"])
    for option, endings in tool.get("writes", {}).items():
        for ending in endings:
            if option in given:
                Path(given[option] + ending).write_text(NOTHING, encoding="utf-8")
    sys.stdout.write(tool.get("says", NOTHING.strip()) + "\n")
    sys.stdout.flush()
    time.sleep(settings["seconds"])  # long enough to be seen in the process table
    return 0


def options(words: list[str]) -> dict[str, str]:
    """Each option with the word behind it."""
    return {word: behind for word, behind in pairwise(words) if word.startswith("-")}


def hosts(tool: dict[str, Any], given: dict[str, str]) -> list[str]:
    """The names that the tool would ask for: always, and by the sources it is told to use."""
    found = list(tool.get("looks_up", []))
    for option, by_source in tool.get("looks_up_by", {}).items():
        sources = given.get(option, "").split(",")
        found += [host for source in sources for host in by_source.get(source, [])]
    return found


def look_up(host: str, resolver: list[Any]) -> None:
    """Ask the stub resolver for an address, as a resolver library would."""
    address, port = resolver
    if not address.startswith("127."):
        raise SystemExit("the resolver is not on loopback")
    question = b"".join(bytes([len(label)]) + label.encode("ascii") for label in host.split("."))
    packet = struct.pack(">6H", os.getpid() & 0xFFFF, 0x0100, 1, 0, 0, 0) + question
    packet += b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        asking.sendto(packet, (address, port))
        try:
            asking.recv(512)
        except OSError:
            sys.stderr.write("no answer\n")


if __name__ == "__main__":
    sys.exit(main())
