"""Sensors', proxies' and web servers' logs in the tables of the platforms, as queries see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.workspace import Workspace

SAMPLES = Path(__file__).parents[1] / "logs/samples"
FORMATS = ("zeek", "suricata", "w3c", "squid", "web_json", "access_log")


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The samples of network logs, read."""
    with Workspace() as made:
        report = made.ingest([SAMPLES / name for name in FORMATS])
        assert report.quarantined == 0
        yield made


TABLES: list[tuple[str, list[tuple[Any, ...]]]] = [
    # Nothing of a sensor happened on a machine that Defender or Windows watches.
    ("union WindowsEvent, Event, SecurityEvent, DeviceNetworkEvents, DeviceEvents | count", [(0,)]),
    (
        ("W3CIISLog | where csUriStem startswith '/owa' or scSubStatus == '7'"
        " | project sSiteName, csUriStem, csUriQuery, csUserAgent, csCookie, csUserName,"
        " TimeTaken"),
        [
            ("W3SVC1", "/a+b.aspx", "", "", "", "", 0),
            ("W3SVC1", "/owa/auth.owa", "a=1+2&b=%20", 'Mozilla/5.0+(X11;+"odd")', "id=1;+x=2",
             "EXAMPLE\\ann", 31),
        ],
    ),
    ("W3CIISLog | count", [(6,)]),
    (
        ("WindowsFirewall"
        " | project FirewallAction, CommunicationDirection, SourceIP, DestinationPort"),
        [
            ("ALLOW", "SEND", "192.0.2.10", 443), ("DROP", "", "fe80::1", None),
            ("DROP", "RECEIVE", "203.0.113.9", 137),
        ],
    ),
    (
        ("ASimWebSessionLogs | where EventProduct !in ('HTTP Server', '')"
        " | summarize by EventVendor, EventProduct, EventType, DvcAction"),
        [
            ("Amazon", "CloudFront", "WebServerSession", ""),
            ("Caddy", "Caddy", "WebServerSession", ""),
            ("F5", "NGINX", "WebServerSession", ""),
            ("Microsoft", "Forefront TMG", "HTTPsession", "Allow"),
            ("Microsoft", "HTTP.sys", "WebServerSession", ""),
            ("Microsoft", "IIS", "WebServerSession", ""),
            ("OISF", "Suricata", "HTTPsession", ""),
            ("Squid", "Squid Proxy", "HTTPsession", "Allow"),
            ("Squid", "Squid Proxy", "HTTPsession", "Deny"),
            ("Symantec", "ProxySG", "HTTPsession", "Allow"),
            ("Symantec", "ProxySG", "HTTPsession", "Deny"),
            ("Traefik Labs", "Traefik", "WebServerSession", ""),
            ("Zeek", "Zeek", "HTTPsession", ""),
        ],
    ),
    (
        "_Im_WebSession(url_has_any=dynamic(['login'])) | summarize by EventProduct",
        [("NGINX",), ("Suricata",), ("Zeek",)],
    ),
    (
        ("ASimNetworkSessionLogs | where EventProduct in ('Zeek', 'Suricata')"
        " | project NetworkSessionId, EventType, NetworkDuration, SrcBytes, DstPackets,"
        " NetworkBytes"),
        [
            ("1007", "Flow", 30500, 1500, 8, 10500), ("1008", "Flow", 30500, 180, None, None),
            ("CaBcD1", "Flow", 12500, 1200, 31, 35767), ("CaBcD2", "Flow", None, None, 0, None),
            ("CaBcD3", "Flow", 100, 56, 1, 112),
            ("CaBcD4", "NetworkSession", None, None, None, None),
        ],
    ),
    (
        ("_Im_NetworkSession | where EventProduct !in ('Zeek', 'Suricata')"
        " | summarize count() by EventProduct, DvcAction"),
        [
            ("Forefront TMG", "", 1), ("Forefront TMG", "Deny", 1),
            ("Windows Firewall", "Allow", 1), ("Windows Firewall", "Drop", 2),
        ],
    ),
    (
        ("ASimDnsActivityLogs | where EventProduct == 'Suricata'"
        " | project EventSubType, EventResult,"
        " DnsQuery, DnsQueryType, DnsResponseCode, DnsResponseName, SrcIpAddr"),
        [
            ("request", "NA", "www.example.org", 1, None, "", "192.0.2.10"),
            ("response", "Failure", "no.example.org", 1, 3, "gone.example.org, 198.51.100.8",
             "192.0.2.10"),
            ("response", "Success", "v3.example.org", 16, 0, "a, b", "192.0.2.10"),
            ("response", "Success", "www.example.org", 1, 0, "198.51.100.7", "192.0.2.10"),
        ],
    ),
    (
        "EmailEvents | project SenderFromAddress, RecipientEmailAddress, SenderIPv4",
        [
            ("pay@Example.net", "ann@example.org", "203.0.113.25"),
            ("pay@example.net", "ann@example.org", "192.0.2.10"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), TABLES)
def test_platforms_tables(workspace: Workspace, query: str, rows: list[tuple[Any, ...]]) -> None:
    assert sorted(workspace.query(query, "kql").rows(), key=repr) == sorted(rows, key=repr)


SEARCHES: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        ("SELECT sourceip, sourcebytes, destinationbytes, sourcepackets, protocolid, sourceport,"
        " icmptype, lastpackettime - firstpackettime AS lasted, flowsource FROM flows"),
        [
            ("192.0.2.10", 180, None, 3, 6, 50008, None, 30500, "Suricata"),
            ("192.0.2.10", 1500, 9000, 10, 6, 50007, None, 30500, "Suricata"),
            ("192.0.2.10", 1200, 34567, 20, 6, 50123, None, 12500, "Zeek"),
            ("192.0.2.10", None, None, None, 6, 50124, None, 0, "Zeek"),
            ("192.0.2.11", 56, 56, 1, 1, None, 8, 100, "Zeek"),
            ("2001:db8::5", None, None, 1, 17, 137, None, 0, "Zeek"),
        ],
    ),
    (
        ("SELECT LOGSOURCETYPENAME(devicetype) AS t, COUNT(*) AS n FROM events"
        " WHERE devicetype NOT IN (10, 39) GROUP BY devicetype"),
        [
            ("Amazon CloudFront", 2.0), ("Blue Coat SG Appliance", 2.0), ("Microsoft IIS", 9.0),
            ("Microsoft ISA", 3.0), ("NGINX HTTP Server", 5.0), ("Squid Web Proxy", 11.0),
            ("Suricata", 15.0),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), SEARCHES)
def test_qradars_tables(workspace: Workspace, query: str, rows: list[tuple[Any, ...]]) -> None:
    answer = workspace.query(f"{query} START '2020-01-01 00:00' STOP '2030-01-01 00:00'", "aql")
    assert sorted(answer.rows(), key=repr) == sorted(rows, key=repr)
