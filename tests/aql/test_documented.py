"""Each documented function on one event, beside the page of IBM's guide that its row names."""

import pytest
from tests.aql.conftest import Ask

from vedette.aql import Mappings
from vedette.aql.functions import AGGREGATES, LOOKUPS, REFERENCES, SCALARS

EVENT = {
    "log_source_type": "Linux OS", "host": "web01", "raw": "as received", "user": "root",
    "source_ip": "10.1.2.3", "source_port": 22,
}  # fmt: skip
FILES = {
    "sets/Admins.csv": "value\nroot\n",
    "maps/Teams.csv": "key,value\nroot,red\n",
    "map-of-sets/Hosts.csv": "key,value\nroot,web01\n",
    "tables/People.csv": "login,city\nroot,Bonn\n",
    "assets.csv": "ip,hostname,user,owner\n10.1.2.3,web01,carl,it\n",
    "networks.csv": "cidr,name,full name\n10.0.0.0/8,Inside,All.Inside\n",
    "names/applications.csv": "number,name\n1,Web\n",
    "names/domains.csv": "number,name\n0,Default Domain\n",
    "names/log-source-groups.csv": "log source,group\nLinuxServer @ web01,Web\n",
    "names/processors.csv": "number,name\n8,eventprocessor0\n",
    "names/protocols.csv": "number,name\n6,TCP\n",
}
EXAMPLES = {
    "BASE64": ("BASE64(payload)", "YXMgcmVjZWl2ZWQ="),
    "CONCAT": ("CONCAT(username, ':', sourceip, ':', destinationip)", None),
    "DATEFORMAT": ("DATEFORMAT(starttime, 'yyyy-MM-dd hh:mm:ss a')", "2026-11-21 11:59:00 AM"),
    "DOUBLE": ("DOUBLE('1234')", 1234.0),
    "INCIDR": ("INCIDR('10.0.0.0/8', sourceip)", True),
    "LONG": ("LONG(sourceip)", 167838211),
    "LOWER": ("LOWER('ROOT')", "root"),
    "NOW": ("NOW() - starttime", 60_000),
    "PARSEDATETIME": ("NOW() - PARSEDATETIME('1 week ago')", 604_800_000),
    "PARSETIMESTAMP": ("PARSETIMESTAMP('yyyy-MM-dd', '1970-01-02')", 86_400_000),
    "REPLACEALL": (r"REPLACEALL('\d', sourceip, '#')", "##.#.#.#"),
    "REPLACEFIRST": (r"REPLACEFIRST('\d+', sourceip, '#')", "#.1.2.3"),
    "STR": ("STR(sourceip)", "10.1.2.3"),
    "STRLEN": ("STRLEN(username)", 4),
    "STRPOS": ("STRPOS(username, 'ot')", 2),
    "SUBSTRING": ("SUBSTRING(username, 1, 2)", "oo"),
    "UPPER": ("UPPER(username)", "ROOT"),
    "UTF8": ("UTF8(payload)", "as received"),
    "AVG": ("AVG(sourceport)", 22.0),
    "COUNT": ("COUNT(destinationip)", 0.0),
    "DISTINCTCOUNT": ("DISTINCTCOUNT(username)", 1.0),
    "FIRST": ("FIRST(username)", "root"),
    "LAST": ("LAST(username)", "root"),
    "MAX": ("MAX(sourceport)", 22.0),
    "MIN": ("MIN(username)", "root"),
    "STDEV": ("STDEV(sourceport)", None),
    "STDEVP": ("STDEVP(sourceport)", 0.0),
    "SUM": ("SUM(eventcount)", 1.0),
    "UNIQUECOUNT": ("UNIQUECOUNT(username)", 1.0),
    "CATEGORYNAME": ("CATEGORYNAME(highlevelcategory)", "System"),
    "LOGSOURCENAME": ("LOGSOURCENAME(logsourceid)", "LinuxServer @ web01"),
    "LOGSOURCETYPENAME": ("LOGSOURCETYPENAME(devicetype)", "Linux OS"),
    "QIDNAME": ("QIDNAME(qid)", None),
    "REFERENCESETCONTAINS": ("REFERENCESETCONTAINS('Admins', username)", True),
    "REFERENCEMAP": ("REFERENCEMAP('Teams', username)", "red"),
    "REFERENCEMAPSETCONTAINS": ("REFERENCEMAPSETCONTAINS('Hosts', username, 'web01')", True),
    "REFERENCETABLE": ("REFERENCETABLE('People', 'city', username)", "Bonn"),
    "ASSETHOSTNAME": ("ASSETHOSTNAME(sourceip, starttime)", "web01"),
    "ASSETUSER": ("ASSETUSER(sourceip, NOW())", "carl"),
    "ASSETPROPERTY": ("ASSETPROPERTY('Owner', sourceip)", "it"),
    "NETWORKNAME": ("NETWORKNAME(sourceip)", "Inside"),
    "FULLNETWORKNAME": ("FULLNETWORKNAME(sourceip)", "All.Inside"),
    "APPLICATIONNAME": ("APPLICATIONNAME(1)", "Web"),
    "DOMAINNAME": ("DOMAINNAME(domainid)", None),
    "LOGSOURCEGROUPNAME": ("LOGSOURCEGROUPNAME(devicegrouplist)", "Web"),
    "PROCESSORNAME": ("PROCESSORNAME(8)", "eventprocessor0"),
    "PROTOCOLNAME": ("PROTOCOLNAME(6)", "TCP"),
}
PAGES = {row.name: row.page for of in (SCALARS, AGGREGATES, LOOKUPS, REFERENCES) for row in of}


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a store with one event."""
    ask = Ask(tmp_path_factory.mktemp("event"))
    ask.store("process_event", EVENT)
    return ask


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mappings:
    """Return what a deployment tells of itself."""
    folder = tmp_path_factory.mktemp("deployment")
    for name, text in FILES.items():
        file = folder / "reference" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Mappings.of_folder(folder)


def test_every_function_has_an_example_and_a_page() -> None:
    assert EXAMPLES.keys() == PAGES.keys()
    assert set(PAGES.values()) == {
        "aql-data-calculation-formatting-functions",
        "aql-data-aggregation-functions",
        "aql-data-retrieval-functions",
    }


@pytest.mark.parametrize("name", EXAMPLES, ids=lambda name: f"{PAGES[name]}:{name}")
def test_a_function_gives(event: Ask, told: Mappings, name: str) -> None:
    call, value = EXAMPLES[name]
    answer = event(f"SELECT {call} AS x FROM events", mappings=told, strict=True)
    assert [answer.only, type(answer.only)] == [value, type(value)]
