"""The cases of the shipped detections as logs: takes the files of ``cases``, writes what a machine,
a web server and a mail gateway would log of them, and asks the detections.
"""

import datetime as dt
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from vedette.detections.find import shipped
from vedette.workspace.workspace import Workspace

CASES = Path(__file__).with_name("cases")
DAY = dt.datetime(2026, 9, 1, 1, tzinfo=dt.UTC)
EVENING = DAY.replace(hour=23, minute=59)
PLATFORMS = {"kql": "sentinel", "aql": "qradar"}


def cases(file: str, kind: str) -> list[dict[str, Any]]:
    """The cases of one kind in a file, in their order."""
    return list(tomllib.loads((CASES / file).read_text("utf-8"))[kind])


def machine(case: dict[str, Any]) -> str:
    """The name of the machine that a case is played on."""
    return str(case["name"]).replace(" ", "-").replace(",", "").replace("'", "")


def write_logs(folder: Path) -> None:
    """Write the logs of all cases."""
    (folder / "mail").mkdir(parents=True)
    (folder / "sysmon.jsonl").write_text("\n".join(_processes()) + "\n", "utf-8")
    visits = sorted(_visits())
    (folder / "access.log").write_text("\n".join(line for _, line in visits) + "\n", "utf-8")
    for number, letter in enumerate(cases("letters.toml", "letter")):
        for copy, message in enumerate(_messages(letter)):
            (folder / "mail" / f"{number}-{copy}.eml").write_bytes(message)


def _processes() -> Iterator[str]:
    for case in cases("processes.toml", "process"):
        yield json.dumps(_process(case, case["line"], DAY))
    for case in cases("processes.toml", "loop"):
        for step, line in enumerate(case["lines"]):
            yield json.dumps(_process(case, line, DAY + dt.timedelta(seconds=10 * step)))


def _process(case: dict[str, Any], line: str, time: dt.datetime) -> dict[str, object]:
    windows = "\\" in case["image"]
    return {
        "SourceName": "Microsoft-Windows-Sysmon" if windows else "Linux-Sysmon",
        "Channel": f"{'Microsoft-Windows' if windows else 'Linux'}-Sysmon/Operational",
        "Hostname": machine(case),
        "TimeCreated": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "EventID": 1,
        "UtcTime": time.isoformat(sep=" ", timespec="milliseconds")[:-6],
        "Image": case["image"],
        "CommandLine": line,
        "User": "analyst",
        "ParentImage": "/usr/bin/bash",
        "ParentCommandLine": "-bash",
    }


def _visits() -> Iterator[tuple[dt.datetime, str]]:
    for case in cases("visits.toml", "visitor"):
        for step, path in enumerate(case["paths"]):
            time = DAY + dt.timedelta(seconds=case["every"] * step)
            stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000")
            request = f'"GET {path} HTTP/1.1" 200 512 "-" "{case["agent"]}"'
            yield time, f"{case['address']} - - [{stamp}] {request}"


def _messages(case: dict[str, Any]) -> Iterator[bytes]:
    domain = case["sender"].split("@")[1]
    for recipient in case["to"]:
        message = EmailMessage()
        message["Return-Path"] = f"<bounce@{case['envelope']}>"
        message["Delivered-To"] = recipient
        relay = f"mail.{case['envelope']} (mail.{case['envelope']} [203.0.113.99])"
        received = f"from {relay} by mx.example.com with ESMTPS; {format_datetime(DAY)}"
        message["Received"] = received
        if "dmarc" in case:
            verdict = f"mx.example.com; dmarc={case['dmarc']} header.from={domain}"
            message["Authentication-Results"] = verdict
        message["Date"] = format_datetime(DAY)
        message["From"] = case["sender"]
        message["To"] = recipient
        message["Subject"] = case["subject"]
        message["Message-ID"] = f"<{machine(case)}.{recipient}>"
        message.set_content("Hello\n")
        yield message.as_bytes()


@dataclass(frozen=True, slots=True)
class Played:
    """A workspace that holds the logs of all cases."""

    workspace: Workspace

    def rows(self, detection: str, language: str) -> list[dict[str, Any]]:
        """What a shipped detection finds, read strictly, with the columns' names."""
        found = next(d for d in shipped().detections if d.id == detection)
        query = next(q for q in found.queries if q.platform == PLATFORMS[language])
        result = self.workspace.query(
            query.text, query.language, EVENING, strict=True, name=query.page.name
        )
        assert (result.problems, result.repairs) == ((), ())
        names = [column.name for column in result.columns]
        assert {entity.column for entity in found.entities} <= set(names)
        return [dict(zip(names, row, strict=True)) for row in result.rows()]
