"""What is refused: a rule, and what is said at which place."""

import pytest
from tests.sigma.conftest import Ask, rule

from vedette.syntax import Problem, QueryError

WINDOWS = "product: windows, category: process_creation"


def refusal(ask: Ask, text: str) -> tuple[Problem, ...]:
    with pytest.raises(QueryError) as refused:
        ask.workspace.compile(text, "sigma")
    return refused.value.problems


DETECTIONS = [
    ("Image|regex: x", "VD401", "Unknown modifier 'regex'"),
    ("Image|re: '(?=a)b'", "VD401", "Regular expression '(?=a)b' is invalid"),
    ("Image|re: '('", "VD401", "Regular expression '(' is invalid"),
    ("DestinationIp|cidr: 10.0.0.300/8", "VD401", "Invalid CIDR expression"),
    ("CommandLine|base64: 'a*b'", "VD401", "Base64 encoding of strings with wildcards"),
    ("CommandLine|gt: many", "VD401", "the modifier does not take 'many'"),
    ("ProcessId|re: 4", "VD401", "ProcessId|re: what is no text is no regular expression"),
    ("CommandLine|gt: null", "VD401", "the modifier does not take null"),
    ("CommandLine|contains: 5", "VD401", "the modifier does not take '5'"),
    ("UtcTime|hour: '5'", "VD401", "the modifier does not take '5'"),
    ("UtcTime: 2026-11-21", "VD401", "a date is no value of Sigma's"),
    ("CommandLine: [[a]]", "VD401", "a list in a list"),
    ("CommandLine|windash|contains: ' -a -b -c -d'", "VD401", "at most three dash"),
    ("CommandLine|base64offset|contains: x", "VD401", "leaves nothing of a value of one byte"),
    ("CommandLine|expand: '%hosts%'", "VD404", "The placeholder %hosts% has no values"),
    ("Image|expand|base64: '%a%'", "VD401", "the values of placeholders are not encoded"),
    ("Image|re: null", "VD401", "Image|re: null is no regular expression"),
    ("Image|re|i: [x, null]", "VD401", "null is no regular expression"),
]


@pytest.mark.parametrize(("detection", "code", "message"), DETECTIONS)
def test_a_detection_is_refused_at_its_field(
    ask: Ask, detection: str, code: str, message: str
) -> None:
    (problem,) = refusal(ask, rule(detection, WINDOWS))
    assert (problem.code, problem.line) == (code, 3)
    assert message in problem.message
    assert problem.column == len("detection: {selection: {") + 1


TEXTS = [
    (rule("cs-scheme: x", "category: webserver"), "VD403", (3, 25), "'cs-scheme' is no field"),
    (rule("Image: x", "product: windws, category: process_creation"), "VD402", (2, 1), "windws"),
    (rule("{a: {Image: x}, condition: a and b}", WINDOWS), "VD406", (3, 28), "detection 'b'"),
    (rule("{a: {Image: x}, condition: 1 of b*}", WINDOWS), "VD406", (3, 28), "like 'b*'"),
    (rule("{a: {Image: x}, condition: a and}", WINDOWS), "VD406", (3, 28), "Expected"),
    (rule("{a: [], condition: a}", WINDOWS), "VD401", (3, 13), "'a' is an empty list"),
    (rule("{a: [null], condition: a}", WINDOWS), "VD405", (3, 17), "null without a field"),
    (rule("{a: [2026-11-21], condition: a}", WINDOWS), "VD401", (3, 1), "a date"),
    (rule("{a: {I: x}, condition: null}", WINDOWS), "VD406", (3, 24), "A condition is a text"),
    (rule("{a: {I: x}, condition: a | count() > 5}", WINDOWS), "VD406", (3, 24), "A pipe"),
    ("title: x\ndetection: {a: {b: c}, condition: a}\n", "VD402", (1, 1), "log source"),
    ("title: x\nlogsource: {product: windows}\n", "VD401", (1, 1), "detection"),
    ("- a\n", "VD400", (1, 1), "A rule is a mapping"),
    ("", "VD400", (1, 1), "it is empty"),
    ("title: [\n", "VD310", (2, 1), "not YAML"),
    ("a: &a [1]\nb: *a\n", "VD311", (1, 4), "alias"),
    ("title: a\ntitle: b\n", "VD400", (2, 1), "The key 'title' stands twice"),
    ("title: a\ndate: 2026-13-45\n", "VD400", (1, 1), "A value cannot be read"),
    ("title: !!str [a]\n", "VD400", (1, 8), "not YAML: expected a scalar node"),
    ("title: a\n? !!str [b]\n: c\n", "VD400", (2, 3), "not YAML: expected a scalar node"),
    ("title: !!map [a]\n", "VD400", (1, 8), "not YAML: expected a mapping node"),
    ("title: !!seq a\n", "VD400", (1, 8), "not YAML: expected a sequence node"),
    ("x" * 1_000_001, "VD400", (1, 1), "longer than"),
]


@pytest.mark.parametrize(("text", "code", "place", "message"), TEXTS)
def test_a_text_is_refused_at_its_place(
    ask: Ask, text: str, code: str, place: tuple[int, int], message: str
) -> None:
    problem = refusal(ask, text)[0]
    assert problem.code == code
    assert message in problem.message
    if code != "VD311":
        assert (problem.line, problem.column) == place


def test_a_deep_condition_is_refused(ask: Ask) -> None:
    condition = "not " * 2400 + "a"
    problem = refusal(ask, rule(f"{{a: {{Image: x}}, condition: {condition!r}}}", WINDOWS))[0]
    assert (problem.code, problem.kind) == ("VD406", "limit")
    problem = refusal(ask, rule(f"{{a: {{Image: x}}, condition: {'a or ' * 2500}a}}", WINDOWS))[0]
    assert (problem.code, problem.kind) == ("VD406", "limit")


def test_a_refusal_says_what_to_write(ask: Ask) -> None:
    for detection, hint in (
        ("{a: {Image: x}, b: {Image: y}, condition: a AND b}", "small letters"),
        ("{a: {ProcessId|gt: '4'}, condition: a}", "without quotes"),
        ("{a: {Image|re: '(?<!a)b'}, condition: a}", "no look-around"),
    ):
        assert hint in refusal(ask, rule(detection, WINDOWS))[0].hint


def test_a_wrong_expression_is_told_in_the_report_only(
    ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    refusal(ask, rule("Image|re: '('", WINDOWS))
    assert capfd.readouterr() == ("", "")


def test_what_describes_a_rule_does_not_hinder_it(ask: Ask) -> None:
    text = rule("Image: x", WINDOWS) + "level: awful\nstatus: new\n"
    problems = ask.workspace.compile(text, "sigma").problems
    assert [(p.code, p.severity, p.line) for p in problems] == [
        ("VD410", "warning", 4),
        ("VD410", "warning", 5),
    ]
    with pytest.raises(QueryError):
        ask.workspace.compile(text, "sigma", strict=True)


def test_a_timeframe_is_no_detection(ask: Ask) -> None:
    detection = "{a: {Image|endswith: svchost.exe}, timeframe: 5m, condition: all of them}"
    result = ask.workspace.query(rule(detection, WINDOWS), "sigma")
    assert [p.code for p in result.problems] == ["VD411"]
    assert len(result) == 1
