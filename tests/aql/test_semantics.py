"""What AQL's constructs give on a few events: nulls, types, order, groups, names, windows."""

from pathlib import Path

import pytest
from tests.aql.conftest import SYSMON, WINDOWS, Ask

from vedette.plan.types import Type

PROCESSES = (
    {**SYSMON, "process_path": r"C:\a\nmap.exe", "user": "ann", "source_ip": "10.9.0.1", "ago": 10},
    {**SYSMON, "process_path": "/usr/bin/whois", "user": None, "source_ip": "10.10.0.1", "ago": 20},
    {**SYSMON, "process_path": "/usr/bin/NMAP", "user": "bob", "source_ip": "9.0.0.1", "ago": 30},
    {**SYSMON, "event_code": 4688, "provider": "Microsoft-Windows-Security-Auditing",
     "process_path": None, "user": "ann", "source_ip": None, "ago": 40},
)  # fmt: skip


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a store with four process events, newest first."""
    ask = Ask(tmp_path_factory.mktemp("processes"))
    ask.store("process_event", *PROCESSES)
    return ask


def users(ask: Ask, where: str) -> list[object]:
    """The users of the events that a condition picks, newest first."""
    return [row[0] for row in ask(f"SELECT username FROM events WHERE {where}").rows]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("username = 'ann'", ["ann", "ann"]),
        ("username = 'ANN'", []),
        ("NOT (username = 'ann')", ["bob"]),
        ("username != 'ann'", ["bob"]),
        ("username <> 'ann'", ["bob"]),
        ("username IS NULL", [None]),
        ("username IS NOT NULL", ["ann", "bob", "ann"]),
        ("username = NULL", [None]),
        ("username <> NULL", ["ann", "bob", "ann"]),
        ("NULL != username AND NOT username == NULL", ["ann", "bob", "ann"]),
        ("username > NULL", []),
        ("username = 'ann' OR username IS NULL", ["ann", None, "ann"]),
        ("username IN ('bob', 'carl')", ["bob"]),
        ("username NOT IN ('bob', 'carl')", ["ann", "ann"]),
        ('"Process Path" LIKE \'%nmap%\'', ["ann"]),
        ('"Process Path" ILIKE \'%nmap%\'', ["ann", "bob"]),
        ('"Process Path" NOT ILIKE \'%nmap%\'', [None]),
        (r""""Process Path" LIKE 'C:\a\_map.exe'""", ["ann"]),
        ('"Process Path" MATCHES \'.*(nmap|whois).*\'', ["ann", None]),
        ('"Process Path" MATCHES \'nmap\'', []),
        ('"Process Path" IMATCHES \'.*/nmap\'', ["bob"]),
        ("eventid = 1", ["ann", None, "bob"]),
        ("eventid = '4688'", ["ann"]),
        ("eventid > 5", ["ann"]),
        ("eventid > '5'", ["ann"]),
        ("'100' < \"Event ID\" AND eventid BETWEEN '1' AND '4688'", ["ann"]),
        ("username > '5'", ["ann", "bob", "ann"]),
        ("eventid BETWEEN 1 AND 2", ["ann", None, "bob"]),
        ("eventid IN (1, '4688')", ["ann", None, "bob", "ann"]),
        ("devicetype = '12'", ["ann", None, "bob", "ann"]),
        ("sourceip = '10.9.0.1'", ["ann"]),
        ("sourceip BETWEEN '10.0.0.0' AND '10.255.255.255'", ["ann", None]),
        ("sourceip < '10.10.0.1'", ["ann", "bob"]),
        ("sourceip = 'fe80::1%eth0'", []),
        ("INCIDR('10.10.0.0/16', sourceip)", [None]),
        ("LONG(sourceip) & 0xff000000 = 0x09000000", ["bob"]),
        ("iscreevent = 'False'", ["ann", None, "bob", "ann"]),
        ("NOT iscreevent AND username = 'bob'", ["bob"]),
        (f"LOGSOURCETYPENAME(devicetype) = '{WINDOWS}'", ["ann", None, "bob", "ann"]),
        ("LOGSOURCETYPENAME(devicetype) ILIKE '%sysmon%'", ["ann", None, "bob"]),
        ("LOGSOURCETYPENAME(devicetype) NOT ILIKE '%sysmon%'", ["ann"]),
        ("LOGSOURCETYPENAME(devicetype) ILIKE '%cisco%'", []),
    ],
)  # fmt: skip
def test_a_condition_picks(processes: Ask, where: str, found: list[object]) -> None:
    assert users(processes, where) == found


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("1 + 2 * 3", 7, Type.LONG),
        ("7 / 2", 3, Type.LONG),
        ("-7 / 2", -3, Type.LONG),
        ("7 / 0", None, Type.LONG),
        ("7 / 2.0", 3.5, Type.REAL),
        ("EventID / 2", 0.5, Type.REAL),
        ("7 % 4", 3, Type.LONG),
        ("-7 % 4", -3, Type.LONG),
        ("10-eventcount-eventcount", 8, Type.LONG),
        ("eventcount-eventcount*5", -4, Type.LONG),
        ("NOW()-starttime-60000", 0, Type.LONG),
        ("starttime-NOW()", -60000, Type.LONG),
        ("avt-app-name", None, Type.STRING),
        ("eventcount-avt-app-volumebytes-eventcount", None, Type.REAL),
        ("2 ^ 3", 8.0, Type.REAL),
        ("-(1 - 4)", 3, Type.LONG),
        ("6 & 3", 2, Type.LONG),
        ("6 | 3", 7, Type.LONG),
        ("1 << 4", 16, Type.LONG),
        ("'it''s'", "it's", Type.STRING),
        ("0xff", 255, Type.LONG),
        ("NULL", None, Type.STRING),
        ("TRUE", True, Type.BOOL),
        ("CASE WHEN 1 = 2 THEN 'a' WHEN 1 = 1 THEN 'b' ELSE 'c' END", "b", Type.STRING),
        ("CASE 3 WHEN 1 THEN 'a' WHEN 3 THEN 'b' END", "b", Type.STRING),
        ("CASE 4 WHEN 1 THEN 'a' WHEN 3 THEN 'b' END", None, Type.STRING),
        ("IF 1 = 1 THEN 5 ELSE 6", 5, Type.LONG),
        ("CASE WHEN 1 = 1 THEN 5 ELSE 'none' END", "5", Type.STRING),
        ("EventID + 1", 2.0, Type.REAL),
    ],
)
def test_a_value(one_event: Ask, expression: str, value: object, kind: Type) -> None:
    answer = one_event(f"SELECT {expression} AS x FROM events")
    assert (answer.only, answer.types) == (value, [kind])


@pytest.mark.parametrize(
    ("query", "columns", "rows"),
    [
        ("SELECT COUNT(*), COUNT(username), UNIQUECOUNT(username) FROM events",
         ["COUNT", "COUNT_username", "UNIQUECOUNT_username"], [(4.0, 3.0, 2.0)]),
        ("SELECT COUNT(*), MAX(sourceport) FROM events WHERE username = 'nobody'",
         ["COUNT", "MAX_sourceport"], [(0.0, None)]),
        ("SELECT username, COUNT(*) AS n FROM events GROUP BY username ORDER BY n DESC, username",
         ["username", "n"], [("ann", 2.0), (None, 1.0), ("bob", 1.0)]),
        ("SELECT username, COUNT(*) AS n FROM events GROUP BY username HAVING COUNT(*) > 1",
         ["username", "n"], [("ann", 2.0)]),
        ("SELECT username, SUM(eventcount) AS n FROM events GROUP BY username HAVING n > 1",
         ["username", "n"], [("ann", 2.0)]),
        ("SELECT username, sourceip FROM events GROUP BY username ORDER BY username",
         ["username", "FIRST_sourceip"], [(None, "10.10.0.1"), ("ann", None), ("bob", "9.0.0.1")]),
        ("SELECT FIRST(eventid), LAST(eventid), LAST(sourceport) FROM events",
         ["FIRST_eventid", "LAST_eventid", "LAST_sourceport"], [("4688", "1", None)]),
        ("SELECT UPPER(username) AS 'Who', COUNT(*) FROM events GROUP BY \"Who\" ORDER BY 'Who'",
         ["Who", "COUNT"], [(None, 1.0), ("ANN", 2.0), ("BOB", 1.0)]),
        ("SELECT IF username = 'ann' THEN 1 ELSE 2 AS k, SUM(1) FROM events GROUP BY k ORDER BY k",
         ["k", "SUM_1"], [(1, 2.0), (2, 2.0)]),
        ("SELECT COUNT(*) AS username FROM events GROUP BY username ORDER BY username DESC",
         ["username"], [(2.0,), (1.0,), (1.0,)]),
        ("SELECT DATEFORMAT(MIN(starttime), 'ss') AS first, LONG(COUNT(*)) AS n FROM events",
         ["first", "n"], [("20", 4)]),
        ("SELECT MAX(endtime) AS e, MIN(starttime) AS 'my-s', e-my-s AS d FROM events",
         ["e", "my-s", "d"], [(1795262390000.0, 1795262360000.0, 30000.0)]),
        ("SELECT COUNT(*) / 2 AS half, LONG(SUM(eventcount)) AS n FROM events",
         ["half", "n"], [(2.0, 4)]),
        ("SELECT username FROM events ORDER BY username", ["username"],
         [(None,), ("ann",), ("ann",), ("bob",)]),
        ("SELECT username FROM events ORDER BY username DESC", ["username"],
         [("bob",), ("ann",), ("ann",), (None,)]),
        ("SELECT username FROM events ORDER BY sourceip DESC LIMIT 1", ["username"], [(None,)]),
        ("SELECT sourceip AS 's i' FROM events ORDER BY \"s i\"", ["s i"],
         [(None,), ("9.0.0.1",), ("10.9.0.1",), ("10.10.0.1",)]),
        ("SELECT MIN(sourceip), MAX(sourceip) FROM events", ["MIN_sourceip", "MAX_sourceip"],
         [("9.0.0.1", "10.10.0.1")]),
        ("SELECT username AS u FROM events GROUP BY u HAVING MAX(sourceip) < '10.9.5.0' ORDER BY u",
         ["u"], [("ann",), ("bob",)]),
        ("SELECT LAST(sourceip) AS l FROM events GROUP BY username ORDER BY l", ["l"],
         [("9.0.0.1",), ("10.9.0.1",), ("10.10.0.1",)]),
        ("SELECT SUM_eventcount-COUNT*2 AS d FROM (SELECT SUM(eventcount), COUNT(*) FROM events)",
         ["d"], [(-4.0,)]),
        ("SELECT MIN(sourceaddress), MAX(destinationip) FROM events WHERE username = 'x'",
         ["MIN_sourceaddress", "MAX_destinationip"], [(None, None)]),
        ("SELECT UserName, QIDNAME(qid), 1 + 1 FROM events LIMIT 1",
         ["UserName", "qidname_qid", "1_1"], [("ann", None, 2)]),
        ("SELECT DISTINCT username FROM events ORDER BY username", ["username"],
         [(None,), ("ann",), ("bob",)]),
        ("SELECT COUNT(DISTINCT username) AS n FROM events", ["n"], [(2.0,)]),
        ("SELECT username AS x, sourceip AS x, username AS x FROM events LIMIT 1", ["x", "x_2"],
         [("ann", "10.9.0.1")]),
    ],
)  # fmt: skip
def test_a_query_gives(
    processes: Ask, query: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    answer = processes(query)
    assert answer.columns == columns
    assert answer.rows == rows


def test_a_star_is_the_columns_that_qradar_gives(processes: Ask) -> None:
    answer = processes("SELECT sourceip, * FROM events LIMIT 1")
    assert answer.columns[:4] == ["sourceip", "starttime", "protocolid", "logsourceid"]
    assert len(answer.columns) == 13
    grouped = processes("SELECT * FROM events GROUP BY username")
    assert "username" in grouped.columns
    assert "FIRST_starttime" in grouped.columns


def test_a_table_s_names_match_in_any_letter_case(processes: Ask) -> None:
    answer = processes('select USERNAME, "process path" from EVENTS limit 1 last 1 hours')
    assert answer.columns == ["USERNAME", "process path"]
    assert answer.rows == [("ann", r"C:\a\nmap.exe")]


def test_every_log_source_has_its_own_number(ask: Ask) -> None:
    hosts = [{"log_source_type": "Linux OS", "host": host} for host in ("a", "b", "a")]
    ask.store("process_event", *hosts)
    selected = "SELECT LOGSOURCENAME(logsourceid) AS n, COUNT(*) AS c FROM events"
    assert ask(f"{selected} GROUP BY logsourceid ORDER BY c").rows == [
        ("LinuxServer @ b", 1.0),
        ("LinuxServer @ a", 2.0),
    ]


def test_declared_properties_are_fields(processes: Ask) -> None:
    processes.catalog.declare("events", {"Ticket": "string"})
    answer = processes("SELECT ticket FROM events WHERE \"Ticket\" IS NULL AND username = 'bob'")
    assert answer.rows == [(None,)]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("username IN (SELECT username FROM events WHERE eventid = 4688)", ["ann", "ann"]),
        ("username NOT IN (SELECT username FROM events WHERE eventid = 4688)", ["bob"]),
        ("eventid = 4688 OR username IN (SELECT username FROM events WHERE sourceip = '9.0.0.1')",
         ["bob", "ann"]),
        ("NOT (username IN (SELECT username FROM events) AND eventid = 1)", ["ann"]),
        ("eventid IN (SELECT LONG(eventid) FROM events LIMIT 1)", ["ann", None, "bob"]),
        ("sourceip IN (SELECT destinationip FROM events)", []),
    ],
)  # fmt: skip
def test_a_query_behind_in_gives_a_list(processes: Ask, where: str, found: list[object]) -> None:
    assert users(processes, where) == found


def test_a_query_behind_in_has_a_window_of_its_own(processes: Ask) -> None:
    of_long_ago = "START '2020-01-01 00:00' STOP '2020-01-02 00:00'"
    assert users(processes, f"username IN (SELECT username FROM events {of_long_ago})") == []


def test_a_query_in_from_gives_rows_and_their_order(processes: Ask) -> None:
    inner = "SELECT username AS who, devicetype FROM events WHERE username IS NOT NULL"
    found = processes(f"SELECT who, LOGSOURCETYPENAME(devicetype) FROM ({inner}) LIMIT 2")
    assert found.columns == ["who", "logsourcetypename_devicetype"]
    assert found.rows == [("ann", WINDOWS), ("bob", WINDOWS)]
    counted = "SELECT username, COUNT(*) AS n FROM events GROUP BY username"
    assert processes(f"SELECT MAX(n), FIRST(n) FROM ({counted} ORDER BY n)").rows == [(2.0, 1.0)]


def test_the_numbers_among_a_property_s_texts_are_ordered_as_numbers(ask: Ask) -> None:
    paths = ("/b", "/a", "/c", None)
    numbers = (9, 10_000, 200, None)
    rows = ({"process_id": n, "process_path": p} for n, p in zip(numbers, paths, strict=True))
    ask.store("process_event", *rows)
    selected = (
        """SELECT MAX("Process ID") AS m, MIN("Process ID"), MAX("Process Path") FROM events"""
    )
    assert ask(selected).rows == [("10000", "9", "/c")]
    assert ask(f"{selected} HAVING m > 9999").rows == [("10000", "9", "/c")]
    for name, values in (("ID", [None, "9", "200", "10000"]), ("Path", [None, "/a", "/b", "/c"])):
        sorted_by = ask(f'SELECT "Process {name}" AS x FROM events ORDER BY x').rows
        assert [value for (value,) in sorted_by] == values
    of_words = [{"process_path": p} for p in ("nan", "9", "inf", "10")]
    ask.store("process_event", *of_words)
    assert ask('SELECT MAX("Process Path"), MIN("Process Path") FROM events').rows == [("10", "9")]


def test_groups_are_ordered_by_the_numbers_of_their_greatest_property(ask: Ask) -> None:
    ids = ({"process_id": n, "process_path": p} for n, p in ((9, "/b"), (10_000, "/a")))
    ask.store("process_event", *ids)
    groups = """SELECT MAX("Process ID") FROM events GROUP BY "Process Path" """
    greatest = ask(f'{groups} ORDER BY MAX("Process ID") DESC LIMIT 1')
    assert greatest.only == "10000"


def test_a_query_in_from_gives_the_names_of_its_groups_numbers(processes: Ask) -> None:
    grouped = "SELECT deviceType, qid, COUNT(*) AS n FROM events GROUP BY devicetype, qid"
    outer = "SELECT LOGSOURCETYPENAME(devicetype), QIDNAME(qid), n"
    assert processes(f"{outer} FROM ({grouped}) ORDER BY n", strict=True).rows == [
        (WINDOWS, "Success Audit: A new process has been created", 1.0),
        (WINDOWS, None, 3.0),
    ]
    assert processes(f"SELECT * FROM ({grouped})").columns == ["deviceType", "qid", "n"]
    types = processes("SELECT LOGSOURCETYPENAME(devicetype) FROM (SELECT deviceType FROM events)")
    assert types.rows == [(WINDOWS,)] * 4


def test_windows_events_have_the_names_that_qradar_gives_them(processes: Ask) -> None:
    """Names and numbers as answers of a QRadar 7.6.0 show them."""
    found = processes("SELECT QIDNAME(qid), qid FROM events WHERE eventid = 4688")
    assert found.rows == [("Success Audit: A new process has been created", None)]
    assert users(processes, "QIDNAME(qid) ILIKE '%process has been%'") == ["ann"]
    assert "VD216" in processes("SELECT qid FROM events WHERE QIDNAME(qid) = 'x'").advice


def test_events_whose_name_alone_is_known_are_groups_of_their_own(ask: Ask) -> None:
    security = {"log_source_type": WINDOWS, "provider": "Microsoft-Windows-Security-Auditing"}
    windows = ({**security, "event_code": code} for code in (4688, 4625, 4625, 4624))
    ask.store("process_event", SYSMON, *windows, {"log_source_type": "Contoso"})
    selected = "SELECT QIDNAME(qid) AS n, qid, COUNT(*) AS c FROM events GROUP BY qid ORDER BY c, n"
    assert ask(selected).rows == [
        ("Success Audit: A new process has been created", None, 1.0),
        ("Success Audit: An account was successfully logged on", 5000830, 1.0),
        (None, None, 2.0),
        ("Failure Audit: An account failed to log on", None, 2.0),
    ]
    types = "LOGSOURCETYPENAME(devicetype) AS n, COUNT(*) AS c FROM events GROUP BY devicetype"
    ask.store("dns_event", {"log_source_type": "Other"})
    found = ask(f"SELECT {types} ORDER BY n").rows
    assert found == [("Contoso", 1.0), (WINDOWS, 5.0), ("Other", 1.0)]


def test_texts_are_sorted_as_a_language_sorts_them(tmp_path: Path) -> None:
    ask = Ask(tmp_path)
    ask.store("process_event", *({**SYSMON, "user": name} for name in ("z", "ä", "b")))
    by = "SELECT username FROM events ORDER BY username"
    assert [u for (u,) in ask(f"{by} COLLATE 'de'").rows] == ["ä", "b", "z"]
    assert [u for (u,) in ask(f"{by} COLLATE 'sv' DESC").rows] == ["ä", "z", "b"]
    assert [u for (u,) in ask(by).rows] == ["b", "z", "ä"]
