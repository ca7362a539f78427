"""Reference data and assets: what CSV files in a workspace's folder tell AQL's functions."""

from pathlib import Path

import pytest
from tests.aql.conftest import Ask

from vedette import QueryError, Workspace
from vedette.aql.reference import ReferenceData

FILES = {
    "sets/Admins.csv": "value\nann\nbob\n",
    "maps/Teams.csv": "key,value\nann,red\n",
    "map-of-sets/Hosts.csv": "key,value\nann,web1\nann,web2\n",
    "tables/People.csv": 'login,City,"Post code"\nann,Bonn,53111\n',
    "networks.csv": "cidr,name,full name\n10.0.0.0/8,Inside,\n10.1.0.0/16,DMZ,Inside.DMZ\n",
    "names/protocols.csv": "number,name\n6,TCP\n",
    "names/domains.csv": "id,name\n0,Default Domain\n",
    "names/log-source-groups.csv": "log source,group\nLinuxServer @ web01,Web servers\n",
    "assets.csv": "ip,hostname,user,Owner\n10.0.0.1,web1,carl,it\n",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("deployment")
    for name, text in FILES.items():
        file = folder / "reference" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Workspace(folder)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("REFERENCESETCONTAINS('Admins', 'ann')", True),
        ("REFERENCESETCONTAINS('Admins', 'Ann')", False),
        ("REFERENCEMAP('Teams', 'ann')", "red"),
        ("REFERENCEMAP('Teams', 'bob')", None),
        ("REFERENCEMAPSETCONTAINS('Hosts', 'ann', 'web2')", True),
        ("REFERENCEMAPSETCONTAINS('Hosts', 'web2', 'ann')", False),
        ("REFERENCETABLE('People', 'post code', 'ann')", "53111"),
        ("ASSETUSER('10.0.0.1')", "carl"),
        ("ASSETHOSTNAME('10.0.0.9')", None),
        ("ASSETPROPERTY('Owner', '10.0.0.1')", "it"),
        ("NETWORKNAME('10.1.2.3')", "DMZ"),
        ("FULLNETWORKNAME('10.1.2.3')", "Inside.DMZ"),
        ("FULLNETWORKNAME('10.2.2.3', 0)", "Inside"),
        ("NETWORKNAME('192.0.2.1')", None),
        ("PROTOCOLNAME(6)", "TCP"),
        ("PROTOCOLNAME(7)", None),
        ("DOMAINNAME(0)", "Default Domain"),
    ],
)
def test_functions_read_the_deployments_files(
    workspace: Workspace, call: str, value: object
) -> None:
    """AQL data retrieval functions; the row of the count is there without events."""
    result = workspace.query(f"SELECT {call} AS x, COUNT(*) FROM events", "aql")
    assert [row[0] for row in result.rows()] == [value]
    assert result.repairs == ()


def test_a_text_that_is_an_alias_means_it_where_a_value_is_looked_up(workspace: Workspace) -> None:
    """IBM's "AQL search string examples": REFERENCETABLE('user_data', 'FullName', 'Global ID')."""
    items = (
        "CONCAT('a', 'nn') AS 'Global ID', REFERENCETABLE('People', 'City', 'Global ID') AS City"
    )
    result = workspace.query(f"SELECT {items}, COUNT(*) FROM events", "aql")
    assert [row[:2] for row in result.rows()] == [("ann", "Bonn")]


def test_what_a_workspace_lacks_is_empty_or_refused_when_strict() -> None:
    query = "SELECT REFERENCEMAP('Teams', 'ann') AS x, COUNT(*) FROM events"
    workspace = Workspace()
    result = workspace.query(query, "aql")
    assert [r.name for r in result.repairs] == ["no-reference-data"]
    assert result.rows()[0][0] is None
    with pytest.raises(QueryError, match="no reference map 'Teams'"):
        workspace.query(query, "aql", strict=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [("a,b\n1\n", ":2: 1 columns, 2 are wanted"), ('a,b\n"1', "cannot be read")],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "Teams.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"Teams\.csv") as wrong:
        ReferenceData.of_folder(tmp_path)
    assert told in str(wrong.value)


def test_a_log_source_has_the_group_that_the_workspace_tells(
    ask: Ask, workspace: Workspace
) -> None:
    ask.store(
        "process_event", *({"log_source_type": "Linux OS", "host": h} for h in ("web01", "b"))
    )
    query = "SELECT LOGSOURCEGROUPNAME(devicegrouplist) AS x FROM events ORDER BY x"
    answer = ask(query, mappings=workspace.mappings)
    assert answer.rows == [(None,), ("Web servers",)]
    assert answer.repairs == []


def test_names_that_nobody_tells_are_null_where_they_are_shown_and_else_refused(ask: Ask) -> None:
    shown = ask("SELECT NETWORKNAME(sourceip) AS x, COUNT(*) FROM events")
    assert shown.rows == [(None, 0.0)]
    assert shown.repairs == ["lookup-as-null"]
    with pytest.raises(QueryError) as refused:
        ask("SELECT sourceip FROM events WHERE PROTOCOLNAME(protocolid) = 'TCP'")
    (problem,) = [p for p in refused.value.problems if p.severity == "error"]
    assert problem.hint == "tell it in the workspace's reference/names/protocols.csv"


def test_a_network_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "networks.csv").write_text("cidr,name\n10.0.0.0/99,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"networks\.csv: no IPv4 network"):
        ReferenceData.of_folder(tmp_path)
