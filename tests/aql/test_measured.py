"""What a QRadar 7.6.0 was seen to answer (recordings of October 2026), fact by fact.

Where a fact comes from a page of IBM's guide instead, the test's id names the page.
"""

from collections.abc import Callable

import pytest
from tests.aql.conftest import SYSMON, Ask

from vedette.plan.types import Type


@pytest.fixture(scope="module")
def logons(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a store with events 10, 20, 30 and 600 seconds old."""
    ask = Ask(tmp_path_factory.mktemp("logons"))
    ages_and_users = ((10, "b"), (20, None), (30, "a"), (600, "old"))
    rows = ({**SYSMON, "ago": ago, "user": u, "source_port": ago} for ago, u in ages_and_users)
    ask.store("process_event", *rows)
    return ask


NAMES = (
    ("UserName", "UserName"),
    ("sourceIP", "sourceIP"),
    ("QIDNAME(qid)", "qidname_qid"),
    ("UTF8(payload)", "utf8_payload"),
    ("DATEFORMAT(starttime,'yyyy-MM-dd HH:mm:ss')", "dateformat_starttime_yyyy_MM_dd_HH_mm_ss"),
    ("COUNT(*)", "COUNT"),
    ("COUNT(username)", "COUNT_username"),
    ("SUM(eventcount)", "SUM_eventcount"),
    ("MIN(starttime)", "MIN_starttime"),
    ("username AS 'Who'", "Who"),
)


@pytest.mark.parametrize(("item", "name"), NAMES)
def test_a_column_is_named(logons: Ask, item: str, name: str) -> None:
    assert logons(f"SELECT {item} FROM events").columns == [name]


def test_a_field_beside_groups_is_the_first_and_says_so(logons: Ask) -> None:
    found = logons("SELECT devicetype, username FROM events GROUP BY devicetype")
    assert found.columns == ["devicetype", "FIRST_username"]
    assert found.rows == [(12, "a")]


def test_every_aggregate_is_a_double_and_plain_columns_keep_their_type(logons: Ask) -> None:
    found = logons("SELECT COUNT(*), MIN(starttime), SUM(eventcount), AVG(sourceport) FROM events")
    assert found.types == [Type.REAL] * 4
    plain = logons("SELECT starttime, sourceport, devicetype FROM events LIMIT 1")
    assert plain.types == [Type.LONG, Type.INT, Type.LONG]


ROWS = (
    ("newest first without ORDER BY", "username FROM events", ["b", None, "a"]),
    ("nulls first ascending", "username FROM events ORDER BY username", [None, "a", "b"]),
    ("a negated comparison leaves nulls out", "username FROM events WHERE NOT (username = 'a')",
     ["b"]),
    ("a comparison with null is unknown", "username FROM events WHERE username != 'a'", ["b"]),
    ("COUNT of a field skips nulls", "COUNT(username) FROM events", [2.0]),
    ("MAX of no rows is null", "MAX(sourceport) FROM events WHERE username = 'x'", [None]),
    ("COUNT of no rows is 0.0", "COUNT(*) FROM events WHERE username = 'x'", [0.0]),
    ("names match in any letter case", "UserName FROM EVENTS WHERE USERNAME = 'a'", ["a"]),
    ("<> is an operator", "username FROM events WHERE username <> 'a'", ["b"]),
    ("a number is compared with its text", "COUNT(*) FROM events WHERE devicetype = '12'", [3.0]),
    ("r_qradar_aql_intro_AQL_queries: 5 minutes are covered", "COUNT(*) FROM events", [3.0]),
    ("r_qradar_aql_intro_AQL_queries: LIMIT before the window",
     "username FROM events LIMIT 1 LAST 1 HOURS", ["b"]),
    ("r_aql_start_stop: a year with slashes",
     "COUNT(*) FROM events START '2026/11/21-11:49:00' STOP '2026/11/21 11:51:00'", [1.0]),
    ("c_aql_conditional_logic: IF needs no END",
     "IF username = 'a' THEN 1 ELSE 2 AS x FROM events WHERE username = 'a'", [1]),
    ("r_aql_operators: power and modulo", "2 ^ 3 % 5 AS x FROM events LIMIT 1", [3.0]),
    ("app-time-series-charts-in-qradar-pulse: events that have a value",
     "COUNT(*) FROM events WHERE username <> NULL", [2.0]),
    ("r_Qapps_PulseDashboard_tipstricks_aql: a minute's beginning without spaces",
     "starttime-starttime%60000-NOW() FROM events LIMIT 1", [-60000]),
    ("app-time-series-charts-in-qradar-pulse: intervals of a minute",
     "COUNT(*), MIN(starttime) AS t FROM events GROUP BY starttime/60000 ORDER BY t", [3.0]),
    ("app-time-series-charts-in-qradar-pulse: a minute's beginning",
     "(minute * (1000*60)) - starttime AS x, starttime/(1000*60) AS minute FROM events LIMIT 1",
     [-50000]),
    ("r_aql_bit_operator_examples: an alias in WHERE",
     "LONG('9.1.2.3') AS n FROM events WHERE (n & 0xff000000) = 0x09000000 LIMIT 1", [151060995]),
    ("structure-quotation-marks: a plain address is a network",
     "INCIDR('10.0.0.1', '10.0.0.1') AS x FROM events LIMIT 1", [True]),
)  # fmt: skip


@pytest.mark.parametrize(("query", "values"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_rows(logons: Ask, query: str, values: list[object]) -> None:
    assert [row[0] for row in logons(f"SELECT {query}", strict=True).rows] == values


@pytest.mark.parametrize(("shift", "found"), [(0, 1), (1, 0)])
def test_start_and_stop_are_inclusive(logons: Ask, shift: int, found: int) -> None:
    (moment,) = (row[0] for row in logons("SELECT starttime FROM events WHERE username = 'a'").rows)
    for window in (f"START {moment + shift} STOP {moment + 9999}",
                   f"START {moment - 9999} STOP {moment - shift}"):  # fmt: skip
        assert logons(f"SELECT COUNT(*) FROM events {window}").only == found


REFUSED = (
    ('"Image"', "2000", 'Field "Image" does not exist in catalog "events"'),
    ("eventname", "2000", 'Field "eventname" does not exist in catalog "events"'),
    ("UTF8(username)", "2000", 'Wrong argument type: "String". "byte[]" is required.'),
    ("QIDNAME(username)", "2000", 'Wrong argument type: "String". "Long" is required.'),
    ("INREFERENCESET('x')", "28519",
     'No function matches the given name: "INREFERENCESET" in catalog "events".'),
)  # fmt: skip


@pytest.mark.parametrize(("item", "code", "message"), REFUSED)
def test_a_stock_qradar_s_refusals(
    refusal: Callable[..., list[tuple[str, str]]], item: str, code: str, message: str
) -> None:
    assert refusal(f"SELECT {item} FROM events LAST 1 HOURS", strict=True) == [(code, message)]


def test_payload_is_bytes_and_select_distinct_is_a_field(
    refusal: Callable[..., list[tuple[str, str]]],
) -> None:
    wrong = 'Wrong argument type: "byte[]". "String" is required.'
    query = "SELECT username FROM events WHERE payload ILIKE '%x%' LAST 1 HOURS"
    assert refusal(query, strict=True) == [("2000", wrong)]
    missing = 'Field "DISTINCT" does not exist in catalog "events"'
    distinct = "SELECT DISTINCT username FROM events LAST 1 HOURS"
    assert refusal(distinct, strict=True) == [("2000", missing)]


def test_one_statement_only(refusal: Callable[..., list[tuple[str, str]]]) -> None:
    found = refusal("SELECT username FROM events LAST 1 HOURS; DROP TABLE x")
    assert found == [("VD200", "a text holds one query only")]
