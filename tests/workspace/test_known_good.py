"""Known crawlers: lists that come with Vedette, new ones of published files, and their forms."""

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vedette.cli import main
from vedette.workspace.known_good import CRAWLERS, FOLDER, KEYS, NAMES
from vedette.workspace.known_good.update import (
    KnownGoodError,
    publishers,
    updated,
)
from vedette.workspace.workspace import Workspace

DAY = dt.date(2026, 9, 5)
EMPTY: dict[str, tuple[tuple[str, ...], ...]] = {CRAWLERS: (), NAMES: ()}
GOOGLE = {
    "creationTime": "2026-09-05T00:00:00",
    "prefixes": [
        {"ipv4Prefix": "192.178.5.0/27"},
        {"ipv4Prefix": "192.178.5.32/27"},
        {"ipv6Prefix": "2001:4860:4801:10::/64"},
    ],
}


def written(folder: Path, name: str, value: object) -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return path


def is_known(workspace: Workspace, address: str) -> tuple[bool, bool]:
    """Whether KQL and AQL know an address."""
    kql = f"""let Networks = toscalar(_GetWatchlist('{CRAWLERS}') | summarize make_set(Network));
        print Known = ipv6_is_in_any_range('{address}', Networks)"""
    aql = f"SELECT REFERENCESETCONTAINS('{CRAWLERS}', '{address}') AS Known FROM events LIMIT 1"
    noon = dt.datetime(2026, 9, 1, 1, 1, tzinfo=dt.UTC)
    return workspace.query(kql).rows()[0][0], workspace.query(aql, "aql", noon).rows()[0][0]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    log = written(
        tmp_path,
        "a.log",
        '192.0.2.1 - - [01/Sep/2026:01:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n',
    )
    opened = Workspace(tmp_path / "workspace")
    opened.ingest(log)
    return opened


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("66.249.64.1", True), ("66.249.95.255", False), ("157.55.39.14", True),
        ("2001:4860:4801:10::5", True), ("2001:4860:4801:fff::5", False), ("203.0.113.1", False),
    ],
)  # fmt: skip
def test_addresses_are_told_apart_as_shipped(
    workspace: Workspace, address: str, known: bool
) -> None:
    assert is_known(workspace, address) == (known, known)


def test_the_shipped_lists_say_where_they_are_from() -> None:
    for alias, key in KEYS.items():
        with (FOLDER / f"{alias}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) > 500
        assert all(row[key] and row["Source"].startswith("https://") for row in rows)
        assert {dt.date.fromisoformat(row["Fetched"]).year for row in rows} == {2026}
    assert "MIT License" in (FOLDER / "LICENSE-crawler-user-agents").read_text("utf-8")


def test_neighbours_are_joined_and_others_stay(tmp_path: Path) -> None:
    google = written(tmp_path, "googlebot.json", GOOGLE)
    bing = written(tmp_path, "bingbot.json", {"prefixes": [{"ipv4Prefix": "157.55.39.0/24"}]})
    rows, _ = updated(EMPTY, [google, bing], DAY)
    assert [row[:3] for row in rows[CRAWLERS]] == [
        ("192.178.5.0/26", "Googlebot", "Google"),
        ("2001:4860:4801:10::/64", "Googlebot", "Google"),
        ("157.55.39.0/24", "BingPreview", "Microsoft"),
        ("157.55.39.0/24", "bingbot", "Microsoft"),
    ]
    written(tmp_path, "googlebot.json", {"prefixes": [{"ipv4Prefix": "192.178.6.0/27"}]})
    again, changes = updated(rows, [google], DAY)
    assert again[CRAWLERS][0][0] == "192.178.6.0/27"
    assert len(again[CRAWLERS]) == 3
    assert [(c.publisher.file, c.before, c.after) for c in changes] == [("googlebot.json", 2, 1)]


def test_texts_and_other_shapes_are_read(tmp_path: Path) -> None:
    written(tmp_path, "uptimerobot.txt", "# monitors\n216.144.248.16\n\n2607:ff68:107::4\n")
    written(tmp_path, "crawler-ip-ranges.json", {"ips": [{"ip_address": "5.39.1.224"}]})
    written(tmp_path, "gptbot.json", ["20.171.206.0/24"])
    rows, changes = updated(EMPTY, [tmp_path], DAY)
    assert len(changes) == 3
    networks = {row[0] for row in rows[CRAWLERS]}
    assert networks >= {"216.144.248.16/32", "2607:ff68:107::4/128", "5.39.1.224/32"}


def test_names_are_those_of_crawlers_without_addresses(tmp_path: Path) -> None:
    listed = [
        {"pattern": "S[eE][mM]rushBot", "tags": ["seo"]},
        {"pattern": "archive\\.org_bot", "tags": ["archiver"]},
        {"pattern": "Googlebot\\/", "tags": ["search-engine"]},
        {"pattern": "python-requests", "tags": ["http-library"]},
        {"pattern": "SomeScraperBot", "tags": ["seo"]},
        {"pattern": "Slurp", "tags": ["search-engine"]},
    ]
    rows, _ = updated(EMPTY, [written(tmp_path, "crawler-user-agents.json", listed)], DAY)
    assert [row[0] for row in rows[NAMES]] == ["archive.org_bot", "SEMrushBot"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("googlebot.json", "{", "no JSON"),
        ("googlebot.json", {"prefixes": []}, "no addresses"),
        ("googlebot.json", {"prefixes": [{"ipv4Prefix": "x"}]}, "[0].ipv4Prefix: 'x'"),
        ("googlebot.json", {"prefixes": [{"ipv4Prefix": "10.0.0.0/8"}]}, "nobody's public network"),
        ("googlebot.json", {"prefixes": [{"ipv4Prefix": "0.0.0.0/0"}]}, "nobody's public network"),
        ("uptimerobot.txt", "192.0.2.1x\n", "uptimerobot.txt:1:"),
        ("other.json", {}, "not the name of a list"),
        ("crawler-user-agents.json", {}, "not crawler-user-agents' list"),
        ("crawler-user-agents.json", [{}], "$[0]: no 'pattern'"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, value: object, told: str) -> None:
    with pytest.raises(KnownGoodError, match=r".*") as caught:
        updated(EMPTY, [written(tmp_path, name, value)], DAY)
    assert told in str(caught.value)


def test_a_workspace_is_updated_and_its_lists_count(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    workspace.close()
    google = written(tmp_path, "googlebot.json", {"prefixes": [{"ipv4Prefix": "1.2.3.0/24"}]})
    words = ["known-good", "update", "--from", str(google), "--workspace", str(folder)]
    result = CliRunner().invoke(main, words, standalone_mode=False)
    assert result.return_value == 0
    assert "googlebot.json" in result.stderr
    with Workspace(folder) as opened:
        assert is_known(opened, "1.2.3.4") == (True, True)
        assert is_known(opened, "66.249.64.1") == (False, False)
        assert is_known(opened, "157.55.39.14") == (True, True)


def test_every_form_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    words = ["known-good", "export", str(out)]
    named = CliRunner().invoke(main, [*words, "--workspace", "typo"])
    assert (named.exit_code, out.exists()) == (3, False)
    assert CliRunner().invoke(main, words, standalone_mode=False).return_value == 0
    sentinel = (out / "sentinel" / f"{CRAWLERS}.csv").read_text("utf-8")
    assert sentinel == (FOLDER / f"{CRAWLERS}.csv").read_text("utf-8")
    qradar = (out / "qradar" / f"{CRAWLERS}.csv").read_text("utf-8").splitlines()
    assert qradar[0] == "CIDR"
    assert "157.55.39.0/24" in qradar
    assert "157.55.39.0/24" in (out / "sigma" / "known-good-crawlers.yml").read_text("utf-8")
    assert not (tmp_path / "none").exists()


def test_a_file_of_another_name_is_told_on_the_command_line(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.close()
    other = written(tmp_path, "other.json", {})
    words = ["known-good", "update", "--from", str(other), "--workspace"]
    result = CliRunner().invoke(main, [*words, str(tmp_path / "workspace")])
    assert result.exit_code == 3
    assert "googlebot.json" in result.stderr


def test_where_lists_are_to_be_had_is_listed() -> None:
    result = CliRunner().invoke(main, ["known-good", "sources", "--format", "csv"])
    lines = result.stdout.splitlines()
    assert len(lines) == len(publishers()) + 1
    assert any(line.startswith("googlebot.json,https://") for line in lines)


def test_many_ranges_are_looked_up_as_few_are_compared() -> None:
    ranges = [f"10.{n}.0.0/{16 + n % 9}" for n in range(40)]
    addresses = ["10.3.0.1", "10.3.255.1", "10.39.0.9", "10.40.0.1", "11.0.0.1", "::1", "x", ""]
    told = ", ".join(f"'{a}'" for a in addresses)
    one_by_one = " or ".join(f"ipv4_is_in_range(Address, '{each}')" for each in ranges)
    with Workspace() as workspace:
        rows = workspace.query(
            f"""datatable(Address: string) [{told}]
            | project Many = ipv4_is_in_any_range(Address, dynamic({json.dumps(ranges)})),
                Few = {one_by_one}"""
        ).rows()
    assert [many for many, _ in rows] == [few for _, few in rows]
    assert [many for many, _ in rows][:3] == [True, False, True]
