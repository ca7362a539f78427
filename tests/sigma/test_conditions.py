"""Conditions, keywords and log sources: a rule, and the events that it finds."""

import pytest
from tests.sigma.conftest import Ask, rule

CONDITIONS = [
    ("a and b", "cmd"),
    ("a or c", "audit cmd ps"),
    ("a and not b", "audit"),
    ("not a", "bare ps"),
    ("not (a or c)", "bare"),
    ("not not a", "audit cmd"),
    ("1 of them", "audit bare cmd ps"),
    ("all of them", ""),
    ("1 of b*", "cmd"),
    ("all of b* and a", "cmd"),
    ("a and not 1 of b*", "audit"),
    ("absent", "bare"),
    ("not absent", "audit cmd ps"),
]
DETECTIONS = (
    "a: {Image|endswith: '\\cmd.exe'}, b: {CommandLine|contains: whoami}, "
    "c: [{Image|endswith: '\\powershell.exe'}, {User: nobody}], absent: {CommandLine: null}"
)


@pytest.mark.parametrize(("condition", "found"), CONDITIONS)
def test_a_condition_holds(ask: Ask, condition: str, found: str) -> None:
    assert ask.hosts(f"{{{DETECTIONS}, condition: {condition}}}") == found.split()


def test_several_conditions_are_alternatives(ask: Ask) -> None:
    detection = f"{{{DETECTIONS}, condition: [a and b, c]}}"
    assert ask.hosts(detection) == ["cmd", "ps"]


KEYWORDS = [
    ("[whoami]", "cmd"),
    ("[WHOAMI, svchost]", "bare cmd"),
    ("{'|all': [cmd.exe, whoami]}", "cmd"),
    ("[CommandLine]", ""),
    (r"['System32\cmd.exe']", "audit cmd"),
    ("['-enc*100%']", ""),
    ("['wget*done']", "ps"),
    ("{'|re': 'who[a]mi'}", "cmd"),
    ("[4321]", "cmd"),
]


@pytest.mark.parametrize(("keywords", "found"), KEYWORDS)
def test_keywords_are_looked_for_in_every_value(ask: Ask, keywords: str, found: str) -> None:
    assert ask.hosts(f"{{words: {keywords}, condition: words}}") == found.split()


RECORDS = [
    ("deletetrail", 1),
    ("one", 1),
    ("eventName", 0),  # a name, not a value
    ("event_data", 0),
    ("trail", 1),
]


@pytest.mark.parametrize(("word", "count"), RECORDS)
def test_keywords_are_no_names_of_a_record(ask: Ask, word: str, count: int) -> None:
    text = rule(f"{{words: [{word}], condition: words}}", "product: aws, service: cloudtrail")
    assert len(ask.workspace.query(text, "sigma")) == count


SOURCES = [
    ("category: file_event", r"Image: 'C:\a.exe'", "made"),
    ("category: file_delete", r"TargetFilename|fieldref: Image", "gone"),
    ("category: registry_set", r"Details: ['DWORD 0', x]", "set value"),
    ("category: registry_set", r"TargetObject|endswith: \Run\x", "set"),
    ("category: registry_event", "EventType: SetValue", "set"),
    ("category: dns_query", "QueryName: pastebin.com", "asked"),
    ("category: image_load", r"ImageLoaded|endswith: '\amsi.dll'", "load"),
    ("category: ps_script", "ScriptBlockText|contains: mimikatz", "script"),
    ("category: ps_classic_start", r"Data|contains: 'HostApplication=C:\ps.exe \"-V 2'", ""),
    ("category: ps_classic_start", r"Data|contains: 'hostapplication=c:\ps.exe'", "start"),
    ("service: security", "EventID: 4625", "logon"),
    ("service: security", "EventID: [4625, 4657, 4688]", "audit logon value"),
    ("service: security", "EventID: 4657, ObjectName|contains: MACHINE", "value"),
    ("service: security", "Status: 0xC000006D", "logon"),
    ("service: sysmon", "EventID: 22", "asked"),
    ("service: powershell", "Channel: microsoft-windows-powershell/operational", "script"),
    ("service: system", "EventID: 7045", ""),
]


@pytest.mark.parametrize(("source", "detection", "found"), SOURCES)
def test_a_log_source_means_its_events(ask: Ask, source: str, detection: str, found: str) -> None:
    assert ask.hosts(detection, source) == found.split()


@pytest.mark.parametrize(
    "source",
    [
        "product: windows, category: file_delete_detected",
        "product: windows, service: application-experience",
        "product: windows, service: ntfs",
        "product: windows, service: servicebus-client",
        "product: huawei, service: ldp",
        "product: juniper, service: ldp",
        "product: modsecurity",
    ],
)
def test_the_taxonomy_s_log_sources_are_known(ask: Ask, source: str) -> None:
    assert len(ask.workspace.query(rule("EventID: 26", source), "sigma")) == 0


def test_windows_as_a_whole_is_every_table(ask: Ask) -> None:
    text = rule(
        "{words: [a.exe], not: {EventID: 7}, condition: words and not not}", "product: windows"
    )
    text = text.replace("not: {", "other: {").replace("and not not", "and not other")
    rows = ask.workspace.query(text, "sigma").rows()
    assert sorted(row[1] for row in rows) == ["asked", "gone", "made", "v4"]


def test_systems_are_kept_apart(ask: Ask) -> None:
    text = rule("CommandLine|contains: cmd.exe", "product: linux, category: process_creation")
    assert [row[1] for row in ask.workspace.query(text, "sigma").rows()] == ["linux"]
    text = rule("CommandLine|contains: cmd.exe", "category: process_creation")
    assert sorted(row[1] for row in ask.workspace.query(text, "sigma").rows()) == ["cmd", "linux"]


REQUESTS = [
    ("cs-method: get", "/a/b.php?id=1%20or"),
    ("cs-uri-query|contains: 'id='", "/a/b.php?id=1%20or"),
    ("cs-uri-query: null", "/login"),
    ("cs-uri-stem|endswith: '.PHP'", "/a/b.php?id=1%20or"),
    ("sc-status: [500, 503]", "/login"),
    ("sc-status|gte: 500", "/login"),
    ("cs-referer: '-'", "/a/b.php?id=1%20or"),
    ("cs-referer: null", "/a/b.php?id=1%20or"),
    ("cs-user-agent: ''", "/login"),
    ("c-uri-extension: php", "/a/b.php?id=1%20or"),
    ("c-ip|cidr: 10.0.0.9/32", "/a/b.php?id=1%20or"),
    ("'|all': [login, POST]", "/login"),
]


@pytest.mark.parametrize(("detection", "url"), REQUESTS)
def test_a_request_matches(ask: Ask, detection: str, url: str) -> None:
    result = ask.workspace.query(rule(detection, "category: webserver"), "sigma")
    place = [c.name for c in result.columns].index("url")
    assert [row[place] for row in result.rows()] == [url]


RECORDS = [
    ("eventName: deletetrail", 1),
    ("userIdentity.type: Root", 1),
    ("status.code: 7", 1),
    ("status.code|gt: 7", 0),
    ("requestParameters.names|contains: two", 1),
    ("errorCode: null", 1),
    ("'|all': [Root, DeleteTrail]", 1),
    ("eventName: StopLogging", 0),
]


@pytest.mark.parametrize(("detection", "count"), RECORDS)
def test_a_record_of_another_product_matches(ask: Ask, detection: str, count: int) -> None:
    text = rule(detection, "product: aws, service: cloudtrail")
    assert len(ask.workspace.query(text, "sigma")) == count
    text = rule(detection, "product: okta, service: okta")
    assert len(ask.workspace.query(text, "sigma")) == 0
