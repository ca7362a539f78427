"""Custom properties that a workspace defines over payloads, in each of their forms."""

from pathlib import Path
from typing import Any

import pytest
from tests.aql.conftest import SYSMON, Ask

from vedette.aql import Mappings

LINES = (
    "<13>Nov 21 11:00:00 fw ticket=17 from=carl",
    '<13>Nov 21 11:00:01 app {"user": {"name": "ann"}, "ids": [7, {"n": true}]}',
    "LEEF:1.0|V|P|1|E|usrName=bob\tresource=x",
    "CEF:0|V|P|1|7|n|5|suser=eve act=shut down",
    "<Event><System><EventID>1102</EventID></System></Event>",
)


def mappings(folder: Path, text: str) -> Mappings:
    (folder / "properties.toml").write_text(text, encoding="utf-8")
    return Mappings.of_folder(folder)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a store with an event a line, the first the newest."""
    ask = Ask(tmp_path_factory.mktemp("lines"))
    other: dict[str, Any] = {"log_source_type": "Universal DSM"}
    events: list[dict[str, Any]] = [
        {"log_source_type": "Linux OS"},
        other,
        other,
        other,
        {**SYSMON},
    ]
    for number, line in enumerate(LINES):
        events[number] = dict(events[number], raw=line, ago=10 + number)
    ask.store("process_event", *events)
    return ask


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (r"regex = 'ticket=(\d+)'", ["17", None, None, None, None]),
        ("regex = '(?i)FROM=(c)(.*)'\ngroup = 2", ["arl", None, None, None, None]),
        ("regex = 'ticket=..'\ngroup = 0", ["ticket=17", None, None, None, None]),
        ("""json = '/"user"/"name"'""", [None, "ann", None, None, None]),
        ("""json = '/"ids"[1]/"n"'""", [None, "true", None, None, None]),
        ("""json = '/"ids"[0]'""", [None, "7", None, None, None]),
        ("leef = 'usrName'", [None, None, "bob", None, None]),
        ("cef = 'act'", [None, None, None, "shut down", None]),
        ("xml = '/Event/System/EventID'", [None, None, None, None, "1102"]),
        ("regex = '^(.)'\nlog_source_types = ['Linux OS']", ["<", None, None, None, None]),
        ("regex = '^(.)'\nlog_source_types = ['Microsoft Sysmon', 'Linux OS']",
         ["<", None, None, None, "<"]),
    ],
)  # fmt: skip
def test_a_property_is_read_out_of_the_payload(
    lines: Ask, tmp_path: Path, told: str, found: list[object]
) -> None:
    own = mappings(tmp_path, f'[[property]]\nname = "My Property"\n{told}\n')
    answer = lines('SELECT "my property" FROM events LAST 1 HOURS', mappings=own, strict=True)
    assert [value for (value,) in answer.rows] == found


def test_the_first_expression_that_finds_a_value_counts_then_the_stock_property(
    lines: Ask, tmp_path: Path
) -> None:
    own = mappings(
        tmp_path,
        """
        [[property]]
        name = "Event ID"
        cef = "suser"
        [[property]]
        name = "EVENT ID"
        regex = 'usrName=(.)'
        """,
    )
    answer = lines('SELECT "Event ID", EventCode FROM events LAST 1 HOURS', mappings=own)
    assert answer.rows == [(None, None), (None, None), ("b", "b"), ("eve", "eve"), ("1", "1")]
    where = 'SELECT "Event ID" FROM events WHERE "Event ID" ILIKE \'E%\' LAST 1 HOURS'
    assert lines(where, mappings=own).rows == [("eve",)]


def test_a_property_that_the_workspace_defines_is_not_never_filled(
    lines: Ask, tmp_path: Path
) -> None:
    query = 'SELECT "Threat Name" FROM events WHERE "Threat Name" = \'17\' LAST 1 HOURS'
    assert lines(query).advice == ["VD213"]
    own = mappings(tmp_path, "[[property]]\nname = 'Threat Name'\nregex = 'ticket=(..)'")
    answer = lines(query, mappings=own)
    assert (answer.rows, answer.advice) == ([("17",)], [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "it has [[property]] tables and nothing else"),
        ("[[property]]\nname = 'a'", "property 1: it has one of regex, json, leef, cef, xml"),
        ("[[property]]\nname = 'a'\ncef = 'a'\nleef = 'a'", "property 1: it has one of regex"),
        ("[[property]]\ncef = 'a'", "property 1: it has no name"),
        ("[[property]]\nname = 'a'\ncfe = 'a'", "there is no key 'cfe'"),
        ("[[property]]\nname = 'a'\ncef = 'a'\ngroup = 1", "group goes with regex"),
        ("[[property]]\nname = 'a'\nregex = 'x'", "the expression has no group 1"),
        ("[[property]]\nname = 'a'\nregex = '(?=x)'\ngroup = 0", "(?=x in a regular expression"),
        ("[[property]]\nname = 'a'\njson = 'user.name'", "'user.name' is no path such as"),
        ("[[property]]\nname = 'a'\nxml = '//x'", "'//x' is no path such as"),
        ("[[property]]\nname = 'a'\ncef = 'x'\nlog_source_types = ['Linux']",
         "no log source type is named 'Linux'"),
        ("[[property", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_property_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"properties\.toml") as wrong:
        mappings(tmp_path, text)
    assert told in str(wrong.value)


def test_rows_of_another_query_have_no_payload_to_look_into(lines: Ask, tmp_path: Path) -> None:
    own = mappings(tmp_path, "[[property]]\nname = 'Ticket'\nregex = 'ticket=(..)'")
    inner = "SELECT Ticket AS t FROM events WHERE Ticket IS NOT NULL LAST 1 HOURS"
    assert lines(f"SELECT t FROM ({inner})", mappings=own).rows == [("17",)]


def test_a_property_s_numbers_are_ordered_as_numbers(ask: Ask, tmp_path: Path) -> None:
    told = mappings(tmp_path, "[[property]]\nname = 'sent-bytes'\nregex = 'sent=(\\d+)'\n")
    ask.store("process_event", *({"raw": f"sent={n}", "ago": n} for n in (9, 200, 75)))
    asked = {
        "sent-bytes FROM events ORDER BY sent-bytes DESC": ["200", "75", "9"],
        "MAX(sent-bytes) AS most FROM events HAVING most > 100": ["200"],
        "sent-bytes FROM events WHERE sent-bytes BETWEEN '10' AND '100'": ["75"],
        "sent-bytes-eventcount AS x FROM events LIMIT 1": [8.0],
    }
    for query, values in asked.items():
        assert [v for (v,) in ask(f"SELECT {query}", mappings=told).rows] == values
