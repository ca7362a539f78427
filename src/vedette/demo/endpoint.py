"""Process events of the demo: takes a seed, gives Sysmon event 1 as JSON lines.

Windows machines log as Sysmon does, Linux machines as Sysmon for Linux does. Among a day's
ordinary processes are OSINT tools in the forms that endpoints really show (an interpreter running
a module or a script, a launcher on Windows), and commands that only mention such tools.
"""

import datetime as dt
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Final

from vedette.demo.day import at, dice, moment_in

_PYTHON: Final = "/usr/bin/python3.11"
_SHELL: Final = ("/usr/bin/bash", "-bash")
_DESKTOP: Final = (r"C:\Windows\explorer.exe", r"C:\Windows\Explorer.EXE")
_SERVICES: Final = (r"C:\Windows\System32\services.exe", r"C:\Windows\system32\services.exe")
_SYSTEMD: Final = ("/usr/lib/systemd/systemd", "/usr/lib/systemd/systemd --user")
_POWERSHELL: Final = (
    r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"',
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of the company: its name and the account that works on it."""

    name: str
    account: str
    windows: bool

    @property
    def user(self) -> str:
        """The account as Sysmon writes it."""
        return f"BRACKWATER\\{self.account}" if self.windows else self.account

    @property
    def home(self) -> str:
        """The account's folder, with the separator behind it on Windows, as Sysmon writes it."""
        return f"C:\\Users\\{self.account}\\" if self.windows else f"/home/{self.account}"


@dataclass(frozen=True, slots=True)
class Command:
    """A process: its image, its command line, its parent's image and command line.

    ``folder`` is the working directory, the account's own where it is empty.
    """

    image: str
    line: str
    parent: tuple[str, str]
    folder: str = ""


ANALYST: Final = Machine("osint-ws01", "analyst", windows=False)
BUILDER: Final = Machine("build-01", "ci", windows=False)
DEVELOPER: Final = Machine("dev-02", "rlindqvist", windows=False)
SALES: Final = Machine("WS-SALES-02.brackwater.example", "mokafor", windows=True)
BUYING: Final = Machine("WS-BUY-04.brackwater.example", "jhaugen", windows=True)
ACCOUNTS: Final = Machine("WS-ACCT-01.brackwater.example", "tpereira", windows=True)

TOOL_RUNS: Final[dict[str, tuple[Machine, Command]]] = {
    "theHarvester as a module": (
        ANALYST,
        Command(
            _PYTHON,
            "python3 -m theHarvester -d northgate-foundry.example -b crtsh,certspotter -f report",
            _SHELL,
        ),
    ),
    "recon-ng behind its wrapper": (
        ANALYST,
        Command(
            _PYTHON,
            "python3 ./recon-ng -w northgate -r /tmp/recon.rc",
            ("/usr/bin/dash", "sh /usr/bin/recon-ng -w northgate -r /tmp/recon.rc"),
            "/usr/share/recon-ng",
        ),
    ),
    "CrossLinked as a script": (
        DEVELOPER,
        Command(
            _PYTHON,
            "python3 crosslinked.py -f {first}.{last}@northgate-foundry.example Northgate",
            _SHELL,
            "/home/rlindqvist/src/CrossLinked",
        ),
    ),
    "SpiderFoot in its own folder": (
        ANALYST,
        Command(
            _PYTHON,
            "python3 ./sf.py -s northgate-foundry.example -u passive -o csv",
            _SHELL,
            "/opt/spiderfoot",
        ),
    ),
    "theHarvester's launcher on Windows": (
        SALES,
        Command(
            r"C:\Tools\theHarvester\.venv\Scripts\theHarvester.exe",
            "theHarvester.exe -d alder-freight.example -b crtsh",
            _POWERSHELL,
            "C:\\Tools\\theHarvester\\",
        ),
    ),
}
"""The runs of OSINT tools that the hunt must find, by what they are."""

FETCHES: Final[dict[str, tuple[Machine, tuple[Command, ...]]]] = {
    "T1591.002": (
        DEVELOPER,
        tuple(
            Command(
                "/usr/bin/curl", f"curl -s https://www.northgate-foundry.example/{page}", _SHELL
            )
            for page in ("partners", "suppliers", "resellers", "customers", "case-studies")
        ),
    ),
    "T1591.003": (
        SALES,
        tuple(
            Command(
                r"C:\Windows\System32\curl.exe",
                f"curl.exe -s https://www.alder-freight.example/{page}",
                _POWERSHELL,
            )
            for page in ("opening-hours", "shipping", "delivery-times", "locations", "holidays")
        ),
    ),
}
"""By technique, a machine on which pages are fetched one after another, and the commands."""

LOOK_ALIKES: Final[tuple[tuple[Machine, Command], ...]] = (
    (ANALYST, Command("/usr/bin/vim.basic", "vim theharvester-notes.md", _SHELL)),
    (DEVELOPER, Command("/usr/bin/less", "less docs/recon-ng-evaluation.txt", _SHELL)),
    (DEVELOPER, Command("/usr/bin/grep", "grep -rn maltego wiki/", _SHELL)),
    (BUILDER, Command(_PYTHON, "python3 manage.py whois_report --quiet", _SHELL)),
    (ANALYST, Command("/usr/bin/git", "git clone https://git.example/theHarvester", _SHELL)),
    (
        BUYING,
        Command(
            r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
            '"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE" /n '
            '"C:\\Users\\jhaugen\\Documents\\SpiderFoot course.docx" /o ""',
            _DESKTOP,
        ),
    ),
)
"""Commands that only mention a tool: an editor, a pager, a search, a download, a document."""

_WINDOWS_NOISE: Final = (
    Command(
        r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE",
        '"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE"',
        _DESKTOP,
    ),
    Command(
        r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE",
        '"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE" '
        '"C:\\Users\\Public\\Documents\\delivery schedule.xlsx"',
        _DESKTOP,
    ),
    Command(
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        '"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" '
        "--single-argument https://intranet.brackwater.example/",
        _DESKTOP,
    ),
    Command(
        r"C:\Windows\System32\svchost.exe",
        r"C:\Windows\system32\svchost.exe -k netsvcs -p -s wlidsvc",
        _SERVICES,
        "C:\\Windows\\system32\\",
    ),
    Command(
        r"C:\Windows\System32\SearchProtocolHost.exe",
        '"C:\\Windows\\system32\\SearchProtocolHost.exe" Global\\UsGthrFltPipeMssGthrPipe3_ 1 '
        "-2147483646",
        (r"C:\Windows\System32\SearchIndexer.exe", r"C:\Windows\system32\SearchIndexer.exe"),
        "C:\\Windows\\system32\\",
    ),
    Command(r"C:\Windows\System32\notepad.exe", '"C:\\Windows\\system32\\notepad.exe"', _DESKTOP),
    Command(r"C:\Windows\System32\conhost.exe", "conhost.exe 0x4", _POWERSHELL),
)
_LINUX_NOISE: Final = (
    Command("/usr/sbin/cron", "/usr/sbin/CRON -f", _SYSTEMD, "/"),
    Command("/usr/bin/git", "git status --short", _SHELL),
    Command("/usr/bin/ls", "ls --color=auto -la", _SHELL),
    Command("/usr/bin/curl", "curl -fsS http://127.0.0.1:9100/metrics", _SHELL),
    Command("/usr/bin/make", "make test", _SHELL),
    Command(_PYTHON, "python3 -m pytest -q", ("/usr/bin/make", "make test")),
    Command(_PYTHON, "python3 -m pip install --upgrade requests", _SHELL),
    Command("/usr/bin/ssh", "ssh build-01 uptime", _SHELL),
)
_PRODUCTS: Final = {
    "C:\\Windows": ("10.0.26100.1 (WinBuild.160101.0800)", "Microsoft Windows Operating System"),
    "C:\\Program Files\\Microsoft Office": ("16.0.18827.20128", "Microsoft Office"),
}
_MACHINES: Final = (ANALYST, BUILDER, DEVELOPER, SALES, BUYING, ACCOUNTS)


def process_events(seed: int) -> str:
    """Return the day's process events as JSON lines in the order of time."""
    numbers = dice(seed, "endpoint")
    started = sorted(_processes(numbers), key=lambda process: process[0])
    lines = [
        json.dumps(_event(numbers, record, *process), ensure_ascii=False)
        for record, process in enumerate(started, start=84_001)
    ]
    return "".join(f"{line}\n" for line in lines)


def _processes(numbers: random.Random) -> Iterator[tuple[dt.datetime, Machine, Command]]:
    for machine in _MACHINES:
        noise = _WINDOWS_NOISE if machine.windows else _LINUX_NOISE
        for _ in range(numbers.randint(60, 90)):
            yield moment_in(numbers, 6, 19), machine, numbers.choice(noise)
    for machine, command in LOOK_ALIKES:
        yield moment_in(numbers, 8, 17), machine, command
    time = at(16, 20)
    for machine, commands in FETCHES.values():
        for command in commands:
            time += dt.timedelta(seconds=round(numbers.uniform(2, 9), 3))
            yield time, machine, command
    time = at(17, 30)
    for machine, command in TOOL_RUNS.values():
        time += dt.timedelta(seconds=round(numbers.uniform(300, 1500), 3))
        yield time, machine, command


def _event(
    numbers: random.Random, record: int, time: dt.datetime, machine: Machine, command: Command
) -> dict[str, object]:
    stamp = time.isoformat(timespec="milliseconds")
    return {
        **_provider(machine),
        "Level": "4",
        "Hostname": machine.name,
        "TimeCreated": f"{stamp[:-6]}Z",
        "@timestamp": f"{stamp[:-6]}Z",
        "EventID": 1,
        "Task": "1",
        "RecordNumber": record,
        "RuleName": "-",
        "UtcTime": stamp[:-6].replace("T", " "),
        "ProcessGuid": _guid(numbers),
        "ProcessId": str(numbers.randrange(1200, 30_000, 4)),
        "Image": command.image,
        **_image_details(command),
        "CommandLine": command.line,
        "CurrentDirectory": command.folder or machine.home,
        "User": machine.user,
        "LogonId": f"0x{numbers.randrange(0x20000, 0xFFFFF):x}",
        "TerminalSessionId": "1",
        "IntegrityLevel": "Medium" if machine.windows else "no level",
        "Hashes": _hashes(command.image) if machine.windows else "-",
        "ParentProcessGuid": _guid(numbers),
        "ParentProcessId": str(numbers.randrange(800, 30_000, 4)),
        "ParentImage": command.parent[0],
        "ParentCommandLine": command.parent[1],
        "ParentUser": machine.user,
    }


def _provider(machine: Machine) -> dict[str, object]:
    if machine.windows:
        return {
            "SourceName": "Microsoft-Windows-Sysmon",
            "ProviderGuid": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
            "Channel": "Microsoft-Windows-Sysmon/Operational",
        }
    return {
        "SourceName": "Linux-Sysmon",
        "ProviderGuid": "{ff032593-a8d3-4f13-b0d6-01fc615a0f97}",
        "Channel": "Linux-Sysmon/Operational",
    }


def _image_details(command: Command) -> dict[str, object]:
    path = PureWindowsPath(command.image)
    for folder, (version, product) in _PRODUCTS.items():
        if command.image.startswith(folder):
            return {
                "FileVersion": version,
                "Description": path.stem,
                "Product": product,
                "Company": "Microsoft Corporation",
                "OriginalFileName": path.name,
            }
    # So both where an image has no version resource and on Linux, which knows none.
    names = ("FileVersion", "Description", "Product", "Company", "OriginalFileName")
    return dict.fromkeys(names, "-")


def _guid(numbers: random.Random) -> str:
    digits = f"{numbers.getrandbits(128):032x}"
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"{{{'-'.join(parts)}}}"


def _hashes(image: str) -> str:
    # No real file stands behind them; the same image has the same ones, as on real machines.
    digest = hashlib.sha512(image.lower().encode()).hexdigest().upper()
    return f"MD5={digest[:32]},SHA256={digest[32:96]}"
