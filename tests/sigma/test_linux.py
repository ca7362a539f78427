"""Rules for Linux and for devices see auditd, syslog, Sysmon for Linux, CEF by Sigma's names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sigma.conftest import rule

from vedette.workspace import Workspace

SAMPLES = Path(__file__).parents[1] / "logs/samples"


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The samples of hosts' and devices' logs, read."""
    with Workspace() as made:
        made.ingest([SAMPLES / name for name in ("auditd", "syslog", "cef", "leef")])
        yield made


def linux(service: str) -> str:
    return f"product: linux, service: {service}"


def of(category: str) -> str:
    return f"product: linux, category: {category}"


CASES: list[tuple[str, str, int]] = [
    (linux("auditd"), "type: EXECVE, a0: cat, a2|endswith: shadow", 1),
    (linux("auditd"), "type: EXECVE, a1|contains: a file", 1),
    (linux("auditd"), "type: SYSCALL, SYSCALL: connect, exe|endswith: /curl", 1),
    (linux("auditd"), "type: SYSCALL, SYSCALL: execve", 2),
    (linux("auditd"), "type: SYSCALL, key: shadow, euid: 0", 1),
    (linux("auditd"), "type: PATH, name: wtmp, nametype: DELETE", 1),
    (linux("auditd"), "type: PROCTITLE, proctitle|contains: https", 1),
    (linux("auditd"), "type: USER_AUTH, res: failed", 1),
    (linux("auditd"), "type: SOCKADDR, laddr: 198.51.100.7", 1),
    (of("process_creation"), "Image|endswith: [/cat, /whoami], User: ann", 2),
    (of("process_creation"), "CommandLine|contains: 'sh -c echo', Image: /usr/bin/dash", 1),
    (of("process_creation"), "ParentImage: /usr/bin/bash", 1),
    (of("network_connection"), "Image: /usr/bin/curl, DestinationIp: 198.51.100.7", 1),
    (of("network_connection"), "DestinationPort: 443, Initiated: 'true'", 1),
    (of("file_delete"), "TargetFilename: /var/log/wtmp, Image: /usr/bin/rm", 1),
    (of("file_event"), "TargetFilename|contains: /", 0),
    ("category: webserver", "cs-user-agent|contains: [sqlmap, Nikto]", 2),
    ("category: webserver", "cs-uri-query|contains: '%27', cs-method: GET", 1),
    ("category: webserver", "sc-status: 403", 1),
    ("category: proxy", "r-dns: www.example.org, c-useragent|startswith: curl", 1),
    ("category: firewall", "dst_ip: 198.51.100.20, src_port: 54190", 1),
    ("category: firewall", "dst_port: 22", 1),
]


@pytest.mark.parametrize(("source", "selection", "count"), CASES)
def test_a_rule_finds_the_events(
    workspace: Workspace, source: str, selection: str, count: int
) -> None:
    rows = workspace.query(rule(selection, source), "sigma").rows()
    assert len(list(rows)) == count


KEYWORDS: list[tuple[str, str, int]] = [
    (linux("sshd"), "Failed password for invalid user", 1),
    (linux("sshd"), "COMMAND=", 0),
    (linux("sudo"), "COMMAND=/usr/bin/id", 1),
    (linux("auth"), "su root", 1),
    (linux("auth"), "link up", 1),  # a file without priorities does not tell its facility
    (linux("auth"), "Started Daily", 0),
    (linux("cron"), "run-parts", 1),
    (linux("syslog"), "session 3 of user", 1),
    ("product: linux", "eth0", 1),
    ("product: cisco, service: aaa", "configured from console", 1),
    ("product: cisco, service: asa", "Built outbound", 1),
    ("product: cisco, service: asa", "configured from console", 0),
]


@pytest.mark.parametrize(("source", "word", "count"), KEYWORDS)
def test_keywords_are_looked_for_in_messages(
    workspace: Workspace, source: str, word: str, count: int
) -> None:
    detection = f"{{words: ['{word}'], condition: words}}"
    rows = workspace.query(rule(detection, source), "sigma").rows()
    assert len(list(rows)) == count
