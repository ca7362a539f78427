"""``geo_info_from_ip_address`` over a MaxMind file of a few networks, written by the test."""

import ipaddress
import struct
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vedette import QueryError, Workspace
from vedette.cli import main

ASK = "print Place = geo_info_from_ip_address('{}')"
CITY = {
    "country": {"names": {"en": "Atlantis", "de": "Atlantis (de)"}},
    "subdivisions": [{"names": {"en": "North"}}],
    "city": {"names": {"en": "Poseidonis"}},
    "location": {"latitude": 31.25, "longitude": -24.5},
}
COUNTRY = {"country": {"names": {"en": "Lemuria"}}}
NETWORKS: dict[str, dict[str, Any]] = {
    "203.0.113.0/24": CITY,
    "198.51.100.0/25": COUNTRY,
    "192.0.2.0/24": {"traits": {}},
}


class Whole(int):
    """A number with the kind and size that the format wants of it."""

    kind, size = 5, 2


class Count(Whole):
    kind, size = 6, 4


class Moment(Whole):
    kind, size = 9, 8


def encoded(value: Any) -> bytes:
    """A value as MaxMind's format has it."""
    if isinstance(value, str):
        return headed(2, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return headed(3, 8) + struct.pack(">d", value)
    if isinstance(value, Whole):
        return headed(value.kind, value.size) + value.to_bytes(value.size, "big")
    if isinstance(value, dict):
        inner = b"".join(encoded(k) + encoded(v) for k, v in value.items())
        return headed(7, len(value)) + inner
    return headed(11, len(value)) + b"".join(map(encoded, value))


def headed(kind: int, size: int) -> bytes:
    more = b"" if size < 29 else bytes([size - 29])
    first = (0 if kind > 7 else kind << 5) | min(size, 29)
    return bytes([first]) + (bytes([kind - 7]) if kind > 7 else b"") + more


def database(networks: dict[str, dict[str, Any]]) -> bytes:
    """A database of IPv4 networks: a tree of bits, the records, what is said of both."""
    nodes: list[list[int | bytes | None]] = [[None, None]]
    for network, record in networks.items():
        parsed = ipaddress.IPv4Network(network)
        bits = f"{int(parsed.network_address):032b}"[: parsed.prefixlen]
        at = 0
        for bit in map(int, bits[:-1]):
            following = nodes[at][bit]
            if not isinstance(following, int):
                nodes.append([None, None])
                following = nodes[at][bit] = len(nodes) - 1
            at = following
        nodes[at][int(bits[-1])] = encoded(record)
    tree, data = b"", b""
    for node in nodes:
        for leaf in node:
            if isinstance(leaf, bytes):
                number = len(nodes) + 16 + len(data)
                data += leaf
            else:
                number = len(nodes) if leaf is None else leaf
            tree += number.to_bytes(3, "big")
    about = {
        "node_count": Count(len(nodes)), "record_size": Whole(24), "ip_version": Whole(4),
        "database_type": "GeoLite2-City", "languages": ["en"],
        "binary_format_major_version": Whole(2), "binary_format_minor_version": Whole(0),
        "build_epoch": Moment(1), "description": {"en": "a test"},
    }  # fmt: skip
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encoded(about)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is named by the machine that the tests run on."""
    monkeypatch.delenv("VEDETTE_GEO", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "places.mmdb"
    written.write_bytes(database(NETWORKS))
    return written


ATLANTIS = {
    "country": "Atlantis", "state": "North", "city": "Poseidonis",
    "latitude": 31.25, "longitude": -24.5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.77", ATLANTIS),
        (" 203.0.113.0 ", ATLANTIS),
        ("198.51.100.127", {"country": "Lemuria"}),
        ("198.51.100.128", None),
        ("192.0.2.1", None),
        ("10.0.0.1", None),
        ("2001:db8::1", None),
        ("203.0.113", None),
        ("", None),
    ],
)
def test_an_address_is_where_the_file_says(file: Path, address: str, place: Any) -> None:
    result = Workspace(geo=file).query(ASK.format(address))
    assert result.rows() == [(place,)]
    assert [str(c.type) for c in result.columns] == ["dynamic"]
    assert result.repairs == ()


def test_rows_are_looked_up_and_grouped(file: Path) -> None:
    query = (
        "datatable(IP:string)['203.0.113.1', '203.0.113.2', '10.0.0.1', '198.51.100.1']"
        " | extend Country = tostring(geo_info_from_ip_address(IP).country)"
        " | summarize n = count() by Country | sort by n desc, Country asc"
    )
    rows = [("Atlantis", 2), ("", 1), ("Lemuria", 1)]
    assert Workspace(geo=file).query(query).rows() == rows


def test_a_file_is_named_in_four_ways(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "print C = tostring(geo_info_from_ip_address('203.0.113.1').country)"
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "geo.mmdb").write_bytes(file.read_bytes())
    with Workspace(folder) as workspace:
        assert workspace.query(query).rows() == [("Atlantis",)]
    workspace = Workspace()
    assert workspace.query(query).rows() == [("",)]
    workspace.use_geo(file)
    assert workspace.query(query).rows() == [("Atlantis",)]
    done = CliRunner().invoke(main, ["query", query, "--geo", str(file), "--format", "csv"])
    assert done.stdout.split() == ["C", "Atlantis"]
    monkeypatch.setenv("VEDETTE_GEO", str(file))
    assert Workspace().query(query).rows() == [("Atlantis",)]


def test_without_a_file_a_place_is_unknown_and_that_is_said() -> None:
    workspace = Workspace()
    result = workspace.query(ASK.format("203.0.113.1"))
    assert result.rows() == [(None,)]
    assert [r.name for r in result.repairs] == ["no-geo-data"]
    with pytest.raises(QueryError, match="No file says where addresses are") as refused:
        workspace.query(ASK.format("203.0.113.1"), strict=True)
    assert refused.value.problems[0].kind == "source"


@pytest.mark.parametrize(
    ("content", "told"), [(None, "there is no"), (b"no database", "is no MaxMind database")]
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "bad.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(QueryError, match=told):
        Workspace(geo=file).query(ASK.format("203.0.113.1"))


@pytest.mark.parametrize("call", ["geo_info_from_ip_address()", "geo_info_from_ip_address(7)"])
def test_what_is_no_address_is_refused(call: str) -> None:
    with pytest.raises(QueryError):
        Workspace().query(f"print {call}")
