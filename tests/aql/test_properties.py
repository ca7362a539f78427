"""Names that a stock QRadar lacks: mapped by default, by a workspace's settings, or refused."""

from collections.abc import Callable

import pytest
from tests.aql.conftest import SYSMON, Ask

from vedette.aql import Mappings
from vedette.aql.functions import HIDDEN
from vedette.aql.properties import LOG_SOURCE_TYPES, PROPERTIES
from vedette.aql.reading.grammar import parse_expression
from vedette.aql.reading.syntax_tree import Call
from vedette.syntax import Findings, QueryError, Source
from vedette.tables.catalog import builtin_table
from vedette.tables.log_source_types import log_source_types


def test_every_default_mapping_leads_to_what_there_is() -> None:
    events = builtin_table("events")
    assert events is not None
    for name, target in PROPERTIES.items():
        assert name.lower() not in {c.lower() for c in events.columns}
        if target not in events.columns:
            source = Source(target)
            call = parse_expression(source, Findings(source))
            assert isinstance(call, Call)
            assert call.name in HIDDEN


def test_no_mapped_log_source_type_is_a_stock_one() -> None:
    assert not set(LOG_SOURCE_TYPES) & set(log_source_types().values())
    assert log_source_types()[12] == "Microsoft Windows Security Event Log"


def test_a_workspace_s_mapping_goes_before_the_default(ask: Ask) -> None:
    ask.store("process_event", {**SYSMON, "process_path": "/bin/a", "process_name": "a"})
    query = "SELECT image, boss FROM events LAST 1 HOURS"
    mappings = Mappings.of({"property:IMAGE": "Process Name", "property:Boss": "UPPER(image)"})
    answer = ask(query, mappings=mappings)
    assert answer.rows == [("a", "A")]
    assert answer.repairs == ["property-mapping"] * 2


def test_a_mapping_can_be_taken_away(ask: Ask) -> None:
    mappings = Mappings.of({"property:image": "", "log-source-type:Microsoft Sysmon": " "})
    assert mappings.property("Image") is None
    assert "Microsoft Sysmon" not in mappings.log_source_types


def test_a_log_source_type_of_one_s_own(ask: Ask) -> None:
    ask.store("process_event", SYSMON, {"provider": "Contoso", "user": "eve"})
    query = "SELECT username FROM events WHERE LOGSOURCETYPENAME(devicetype) = 'Shop' LAST 1 HOURS"
    assert ask(query).rows == []
    assert "VD212" in ask(query).advice
    mappings = Mappings.of({"log-source-type:Shop": "Contoso|Contoso Web"})
    answer = ask(query, mappings=mappings)
    assert answer.rows == [("eve",)]
    assert answer.repairs == ["log-source-type-mapping"]


@pytest.mark.parametrize("key", ["Image", "properties:Image", ""])
def test_another_key_is_no_mapping(key: str) -> None:
    with pytest.raises(ValueError, match="not a mapping"):
        Mappings.of({key: "x"})


@pytest.mark.parametrize("target", ["UPPER(", "boss", "Nobody", "UPPER(boss)"])
def test_a_mapping_that_leads_nowhere_is_refused(ask: Ask, target: str) -> None:
    with pytest.raises(QueryError) as refused:
        ask("SELECT boss FROM events", mappings=Mappings.of({"property:boss": target}))
    assert {p.code for p in refused.value.problems if p.severity == "error"} == {"2000"}


def test_strict_takes_no_mapping(refusal: Callable[..., list[tuple[str, str]]]) -> None:
    query = "SELECT \"Image\" FROM events WHERE LOGSOURCETYPENAME(devicetype) ILIKE '%sysmon%'"
    assert refusal(query, strict=True) == [
        ("2000", 'Field "Image" does not exist in catalog "events"'),
        ("VD207", "no log source type matches '%sysmon%'"),
    ]
