"""Rules for sensors, proxies and web servers see their logs under Sigma's and their own names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sigma.conftest import rule

from vedette.workspace import QueryError, Workspace

SAMPLES = Path(__file__).parents[1] / "logs/samples"


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The samples of network logs, read."""
    names = ("zeek", "suricata", "w3c", "squid", "web_json", "access_log")
    with Workspace() as made:
        made.ingest([SAMPLES / name for name in names])
        yield made


def zeek(service: str) -> str:
    return f"product: zeek, service: {service}"


CASES: list[tuple[str, str, int]] = [
    (zeek("conn"), "id.resp_p: 443, service: ssl", 1),
    (zeek("conn"), "id.orig_h|cidr: 192.0.2.0/24", 3),
    (zeek("conn"), "orig_bytes|gte: 1000, local_orig: 'true'", 1),
    (zeek("conn"), "tunnel_parents|contains: CpAr2", 1),
    (zeek("conn"), "dst_port: 22", 1),
    (zeek("dns"), "query|endswith: .example.org, qtype_name: A, rcode: 0", 1),
    (zeek("dns"), "answers|contains: 198.51.100.7, id.resp_p: 53", 1),
    (zeek("http"), "method: GET, uri|contains: /login, status_code: 200", 1),
    (zeek("http"), "user_agent|startswith: curl, host: www.example.org", 1),
    (zeek("http"), "c-useragent|startswith: curl, resp_mime_types|contains: html", 1),
    (zeek("http"), "id.resp_p: 8080, username: ann", 1),
    (zeek("smtp"), "mailfrom|contains: bounce, rcptto|contains: bob@", 1),
    (zeek("kerberos"), "request_type: TGS, cipher: rc4-hmac, id.orig_h: 192.0.2.10", 1),
    (zeek("kerberos"), "id.resp_p: 88", 1),
    (zeek("x509"), "certificate.serial: 00AB", 1),
    (zeek("ssl"), "established: 'false'", 1),
    (zeek("notice"), "note: Scan::Port_Scan", 1),
    (zeek("rdp"), "id.resp_p|gt: 0", 0),
    ("category: proxy", "c-uri|endswith: tool.exe?x=1, cs-host: files.example.net", 1),
    ("category: proxy", "cs-method: CONNECT, r-dns|endswith: .example.net, sc-status: 403", 3),
    ("category: proxy", "c-useragent|contains: 'Mozilla/4.0'", 1),
    ("category: proxy", "cs-username: ann, c-uri-extension: exe", 2),
    ("category: webserver", "cs-uri-query|contains: /owa/auth.owa", 1),
    ("category: webserver", "cs-cookie|contains: x=2", 1),
    ("category: webserver", "sc-status: 404", 3),
    ("category: webserver", "cs-host: files.example.net", 0),
    ("category: webserver", "cs-user-agent|contains: Mozilla, cs-host: cdn.example.org", 2),
    ("product: windows, service: iis", "cs-uri-stem|contains: /", 7),
    ("service: nginx", "cs-method: POST", 1),
    ("service: apache", "cs-uri-stem|contains: café", 0),
    ("category: firewall", "dst_port: 3389", 1),
    ("category: firewall", "src_ip|cidr: 203.0.113.0/24, dst_port: 137", 1),
    ("category: firewall", "action: [DROP, Denied]", 3),
    ("service: netflow", "destination.port: [22, 3389]", 2),
    ("category: dns", "query: v3.example.org, record_type: TXT", 1),
    ("category: dns", "answer|contains: 198.51.100.8", 1),
]  # fmt: skip


@pytest.mark.parametrize(("source", "detection", "count"), CASES)
def test_a_rule(workspace: Workspace, source: str, detection: str, count: int) -> None:
    result = workspace.query(rule(detection, source), "sigma")
    assert len(list(result.rows())) == count


def test_only_a_source_whose_records_keep_their_data_knows_its_names(workspace: Workspace) -> None:
    with pytest.raises(QueryError, match="status_code"):
        workspace.query(rule("status_code: 200", "category: webserver"), "sigma")
