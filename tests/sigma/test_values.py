"""What each kind of value and modifier matches: a detection, and the events that it finds."""

import pytest
from tests.sigma.conftest import Ask

PROCESSES = [
    # strings: without case, the whole value
    (r"Image: 'c:\windows\SYSTEM32\cmd.EXE'", "audit cmd"),
    (r"Image: 'cmd.exe'", ""),
    (r"Image|endswith: ['\cmd.exe', '\svchost.exe']", "audit bare cmd"),
    (r"Image|startswith: 'c:\temp'", "ps"),
    ("CommandLine|contains: WHOAMI", "cmd"),
    ("CommandLine|contains|all: [whoami, '/c']", "cmd"),
    ("CommandLine|contains|all: [whoami, nothing]", ""),
    ("CommandLine|contains|cased: WHOAMI", ""),
    ("CommandLine|contains|cased: whoami", "cmd"),
    (r"Image|cased: 'C:\Temp\PowerShell.exe'", "ps"),
    (r"Image|cased: 'C:\Temp\powershell.exe'", ""),
    # wildcards and what takes them literally
    (r"Image: 'C:\\*\cmd.exe'", "audit cmd"),
    (r"Image: 'C:\*\cmd.exe'", ""),
    (r"Image: 'C:\Windows\System32\\?md.exe'", "audit cmd"),
    (r"CommandLine|contains: 'out\*'", "cmd"),
    (r"CommandLine|contains: 'who\*'", ""),
    (r"CommandLine: 'cmd*whoami*'", "cmd"),
    ("CommandLine: '*100%_d*'", "ps"),
    ("CommandLine: '*1%d*'", ""),
    ("CommandLine|contains: 'one*two'", "audit"),
    # null, empty, a dash, and whether there is a field at all
    ("CommandLine: null", "bare"),
    ("CommandLine: ''", ""),
    ("CommandLine: '*'", "audit cmd ps"),
    ("ParentImage: null", "audit bare"),
    ("ParentImage: '-'", "ps"),
    ("ParentImage|contains: '-'", "ps"),
    ("ParentImage: '?'", "ps"),
    ("ParentImage|re: '^-$'", "ps"),
    ("Company: ''", "bare ps"),
    ("Company: null", "audit bare"),
    ("Company: ['', null]", "audit bare ps"),
    ("Company|exists: true", "bare cmd ps"),
    ("Company|exists: false", "audit"),
    # numbers: against a number, and against text
    ("ProcessId: 4321", "cmd"),
    ("ProcessId: 99", "ps"),
    ("ProcessId: '99'", "ps"),
    ("ProcessId: 500", "audit"),
    ("LogonId: 0x3e7", "cmd"),
    ("LogonId: '0x3E7'", "cmd"),
    ("FileVersion: 10", ""),
    ("FileVersion: 9", "ps"),
    ("FileVersion|gte: 9", "cmd ps"),
    ("FileVersion|gt: 9.5", "cmd"),
    ("FileVersion|lt: 10", "ps"),
    ("FileVersion|lte: 10", "cmd ps"),
    ("CurrentDirectory|gte: 0", ""),  # inf
    ("CurrentDirectory|lt: 0", ""),
    ("EventID: 4688", "audit"),
    ("EventID: [1, 2]", "bare cmd ps"),
    # parts of a moment: 2026-11-21 10:00
    ("UtcTime|hour: 10", "audit bare cmd ps"),
    ("UtcTime|hour|gte: 10", "audit bare cmd ps"),
    ("UtcTime|hour|lt: 10", ""),
    ("UtcTime|day|gt: 20, UtcTime|minute|lte: 0", "audit bare cmd ps"),
    # regular expressions: with case, anywhere
    ("CommandLine|re: 'WHO'", ""),
    ("CommandLine|re|i: 'WHO.{2}i'", "cmd"),
    ("CommandLine|re: 'one.line'", ""),
    ("CommandLine|re|s: 'one.line'", "audit"),
    ("CommandLine|re: '^line two'", ""),
    ("CommandLine|re|m: '^line two$'", "audit"),
    ("CommandLine|re|i|m: '^LINE two$'", "audit"),
    # encodings and dashes
    ("CommandLine|base64: 'http://x'", ""),
    ("CommandLine|base64|contains: 'http://x'", "ps"),
    ("CommandLine|base64offset|contains: 'ttp:/'", "ps"),
    ("CommandLine|wide|base64offset|contains: 'ttp:/'", ""),
    ("CommandLine|contains|windash: ' -enc '", "ps"),
    ("CommandLine|contains|windash: ' -all'", "cmd"),
    # other fields
    ("User|fieldref: ParentUser", "audit cmd"),
    ("Image|fieldref|endswith: Image", "audit bare cmd ps"),
    (r"User: 'corp\bob'", "audit"),
    ("IntegrityLevel: High", "audit"),
    ("Hashes|contains: 'SHA256=cd34'", "cmd"),
    ("sha256: cd34", "cmd"),
    ("MandatoryLabel: 'S-1-16-12288'", "audit"),
    ("NoSuchField: x", ""),
    ("NoSuchField: null", "audit bare cmd ps"),
    ("CommandLine|neq: 'line one*'", "bare cmd ps"),
]


@pytest.mark.parametrize(("detection", "found"), PROCESSES)
def test_a_process_matches(ask: Ask, detection: str, found: str) -> None:
    assert ask.hosts(detection) == found.split()


CONNECTIONS = [
    ("DestinationIp|cidr: 10.0.0.0/8", "v4"),
    ("DestinationIp|cidr: [192.168.0.0/16, 'fe80::/10']", "v6"),
    ("DestinationIp|cidr: '::/0'", "v6"),
    ("Initiated: 'true'", "v4"),
    ("Initiated: true", "v4"),
    ("Initiated: false", "v6"),
    ("DestinationPort: 443", "v4"),
    ("DestinationPort: '443'", "v4"),
    ("DestinationPort|startswith: '4'", "v4"),
    ("DestinationPort|lt: 100", "v6"),
    ("DestinationPort|fieldref: SourcePort", "v6"),
    ("dst_port: 80", "v6"),
]


@pytest.mark.parametrize(("detection", "found"), CONNECTIONS)
def test_a_connection_matches(ask: Ask, detection: str, found: str) -> None:
    assert ask.hosts(detection, "category: network_connection") == found.split()
