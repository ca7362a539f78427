"""Filters, pipelines, placeholders and actions: what rules count on beside their own text."""

from pathlib import Path

import pytest
from tests.sigma.conftest import Ask, rule

from vedette.syntax import Problem, QueryError
from vedette.workspace import Workspace

WINDOWS = "product: windows, category: process_creation"
CMD = rule("Image|endswith: '\\cmd.exe'", WINDOWS)
"""Matches the events cmd and audit."""


def hosts(workspace: Workspace, text: str) -> str:
    result = workspace.query(text, "sigma")
    place = [c.name for c in result.columns].index("host")
    return " ".join(sorted(row[place] for row in result.rows()))


def refusal(workspace: Workspace, text: str) -> Problem:
    with pytest.raises(QueryError) as refused:
        workspace.compile(text, "sigma")
    return refused.value.problems[0]


@pytest.fixture
def apart(ask: Ask) -> Workspace:
    """The events in a workspace of its own settings."""
    return Workspace(ask.folder)


# --- filters --------------------------------------------------------------------------------------


def filter_of(body: str, source: str = WINDOWS) -> str:
    return (
        f"{CMD}id: 1b9a9a4e-1c1f-4b9f-9d3a-000000000001\nname: cmd\n---\n"
        f"title: ours\nlogsource: {{{source}}}\nfilter: {{{body}}}\n"
    )


FILTERS = [
    ("rules: any, a: {User|contains: bob}, condition: not a", WINDOWS, "cmd"),
    ("rules: any, a: {User|contains: bob}, condition: a", WINDOWS, "audit"),
    ("rules: [cmd], a: {User|contains: bob}, condition: not a", "product: windows", "cmd"),
    (
        "rules: 1B9A9A4E-1c1f-4b9f-9d3a-000000000001, a: {User|contains: bob}, condition: not a",
        WINDOWS,
        "cmd",
    ),
    ("rules: [other], a: {User|contains: bob}, condition: not a", WINDOWS, "audit cmd"),
    ("rules: any, a: {Image: x}, condition: a", "product: linux", "audit cmd"),
    (
        ("rules: any, a_1: {User|contains: bob}, a_2: {User|contains: SYSTEM}, b: {Image: x}, "
        "condition: not 1 of a_*"),
        WINDOWS,
        "",
    ),
    ("rules: any, a: {User|contains: bob}, b: {Image: x}, condition: not all of them", WINDOWS,
     "audit cmd"),
    ("rules: any, selection: {User|contains: bob}, condition: not (selection or selection)",
     WINDOWS, "cmd"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "source", "found"), FILTERS)
def test_a_filter_is_for_the_rules_it_names(ask: Ask, body: str, source: str, found: str) -> None:
    assert hosts(ask.workspace, filter_of(body, source)) == found


def test_an_applied_filter_is_told_and_an_idle_one_too(ask: Ask) -> None:
    text = filter_of("rules: any, a: {User: x}, condition: not a")
    (problem,) = ask.workspace.compile(text, "sigma").problems
    assert (problem.code, problem.severity, problem.line) == ("VD408", "information", 1)
    assert problem.message == "The filter 'ours' is applied to the rule"
    text = filter_of("rules: [no], a: {User: x}, condition: not a")
    (problem,) = ask.workspace.compile(text, "sigma").problems
    assert (problem.code, problem.severity, problem.line) == ("VD408", "warning", 9)


WRONG_FILTERS = [
    ("a: {User: x}, condition: not a", "must have a 'rules' field"),
    ("rules: any, a: {User: x}", "exactly one condition"),
    ("rules: any, a: {User|wrong: x}, condition: a", "Unknown modifier"),
]


@pytest.mark.parametrize(("body", "message"), WRONG_FILTERS)
def test_a_wrong_filter_refuses_the_rule(ask: Ask, body: str, message: str) -> None:
    problem = refusal(ask.workspace, filter_of(body))
    assert (problem.code, problem.line) == ("VD408", 9)
    assert message in problem.message


def test_many_filters_are_for_one_rule(ask: Ask) -> None:
    one = filter_of("rules: any, a: {User|contains: bob}, condition: not a").split("---\n")[1]
    assert hosts(ask.workspace, "---\n".join([CMD, *[one] * 150])) == "cmd"
    long = one.replace("not a", f"not ({'a or ' * 1_900}a)")
    with pytest.raises(QueryError, match="longer than 50,000"):
        ask.workspace.compile("---\n".join([CMD, *[long] * 6]), "sigma")


def test_a_filter_alone_is_no_rule(ask: Ask) -> None:
    text = filter_of("rules: any, a: {User: x}, condition: a").split("---\n")[1]
    assert "only filters" in refusal(ask.workspace, text).message


# --- placeholders ---------------------------------------------------------------------------------


def expanding(detection: str) -> str:
    return rule(detection, WINDOWS)


PLACEHOLDERS = [
    ("Image|expand: '%names%'", {"names": [r"*\cmd.exe", r"*\svchost.exe"]}, "audit bare cmd"),
    ("Image|endswith|expand: '\\%name%.exe'", {"name": "powershell"}, "ps"),
    ("CommandLine|contains|all|expand: ['%a%', whoami]", {"a": "/c"}, "cmd"),
    ("CommandLine|contains|all|expand: ['%a%', whoami]", {"a": ["/c", "nothing"]}, "cmd"),
    ("CommandLine|contains|all|expand: ['%a%', '%b%']", {"a": ["/c", "x"], "b": ["y", "z"]}, ""),
    ("Image|cased|expand: 'C:\\Temp\\%name%.exe'", {"name": ["PowerShell", "x"]}, "ps"),
    ("Image|cased|expand: 'C:\\Temp\\%name%.exe'", {"name": "powershell"}, ""),
    ("Image|re|expand: '%name%\\.exe$'", {"name": ["svc.*", "xx"]}, "bare"),
    ("ProcessId|expand: '%ids%'", {"ids": [4321, 99]}, "cmd ps"),
    ("CommandLine|expand|contains: '%a%%b%'", {"a": ["who", "x"], "b": ["ami", "y"]}, "cmd"),
]  # fmt: skip


@pytest.mark.parametrize(("detection", "values", "found"), PLACEHOLDERS)
def test_placeholders_have_their_values(
    apart: Workspace, detection: str, values: dict[str, object], found: str
) -> None:
    with apart:
        apart.add_placeholders(values)
        assert hosts(apart, expanding(detection)) == found


def test_a_query_gives_values_of_its_own(ask: Ask) -> None:
    text = expanding("Image|endswith|expand: '\\%name%.exe'")
    for names, count in ((["cmd", "svchost"], 3), ("powershell", 1)):
        assert len(ask.workspace.query(text, "sigma", parameters={"name": names})) == count


def test_a_placeholder_without_values_says_what_to_do(apart: Workspace) -> None:
    with apart:
        apart.add_placeholders({"other": "x"})
        problem = refusal(apart, expanding("Image|expand: '%programs%'"))
        assert (problem.code, problem.line) == ("VD404", 3)
        assert "--sigma-values" in problem.hint


def test_placeholders_do_not_multiply_without_end(apart: Workspace) -> None:
    with apart:
        apart.add_placeholders({"a": [str(n) for n in range(200)]})
        problem = refusal(apart, expanding("Image|expand: '%a%%a%%a%'"))
        assert (problem.code, problem.kind) == ("VD404", "limit")


VALUES = [
    ("programs: ['*\\cmd.exe']\n", ""),
    ("vars:\n  programs: '*\\cmd.exe'\n", ""),
    (
        "programs: {a: b}\n",
        "1:1: the values of the placeholder 'programs' must be texts or numbers",
    ),
    ("ok: x\nprograms: []\n", "2:1: the placeholder 'programs' has an empty list"),
    ("- a\n", "1:1: holds no mapping"),
    ("a: [\n", "2:1: error VD310: not YAML"),
]


@pytest.mark.parametrize(("text", "message"), VALUES)
def test_values_are_read_from_a_file(
    apart: Workspace, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "values.yml"
    file.write_text(text)
    with apart:
        if not message:
            apart.add_placeholders(file)
            assert hosts(apart, expanding("Image|expand: '%programs%'")) == "audit cmd"
            return
        with pytest.raises(ValueError, match=r"values\.yml") as wrong:
            apart.add_placeholders(file)
        assert message in str(wrong.value)


# --- actions --------------------------------------------------------------------------------------

GLOBAL = """action: global
logsource: {product: windows, category: process_creation}
---
title: one
detection: {a: {Image|endswith: '\\cmd.exe'}, condition: a}
"""


def test_a_global_document_is_part_of_each_rule(ask: Ask) -> None:
    assert hosts(ask.workspace, GLOBAL) == "audit cmd"
    assert refusal(ask.workspace, f"{GLOBAL}---\naction: reset\n---\ntitle: x\n").code == "VD407"
    problem = refusal(ask.workspace, GLOBAL.replace("Image|", "Image|wrong|"))
    assert (problem.code, problem.line) == ("VD401", 5)
    problem = refusal(ask.workspace, GLOBAL.replace("windows", "windos"))
    assert (problem.code, problem.line) == ("VD402", 2)


def test_a_repetition_changes_the_rule_before_it(ask: Ask) -> None:
    text = CMD.replace("title: a rule", "action: global\ntitle: a rule")
    text += "---\naction: repeat\ndetection: {selection: {%s}}\n"
    assert hosts(ask.workspace, text % "Image|endswith: '\\svchost.exe'") == "bare"
    assert hosts(ask.workspace, text % "User|contains: bob") == "audit"


@pytest.mark.parametrize(("word", "message"), [("repeat", "no rule to repeat"), ("x", "no action")])
def test_a_wrong_action_is_refused(ask: Ask, word: str, message: str) -> None:
    problem = refusal(ask.workspace, f"action: {word}\ntitle: x\n")
    assert (problem.code, problem.line) == ("VD400", 1)
    assert message in problem.message
