"""Processing pipelines: what each transformation makes of a rule, and what is not let in."""

from pathlib import Path

import pytest
from tests.sigma.conftest import Ask, rule
from tests.sigma.test_beside import hosts, refusal

from vedette.workspace import Workspace

WINDOWS = "product: windows, category: process_creation"


@pytest.fixture
def through(ask: Ask, tmp_path: Path) -> "Through":
    return Through(ask.folder, tmp_path)


class Through:
    """The events, asked by rules that go through pipelines."""

    def __init__(self, store: Path, folder: Path) -> None:
        self.workspace = Workspace(store)
        self._folder = folder

    def add(self, *texts: str) -> Workspace:
        files = [self._folder / f"p{number}.yml" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        self.workspace.add_pipelines(files)
        return self.workspace


def items(*written: str, head: str = "") -> str:
    return f"name: test\n{head}transformations:\n" + "".join(f"- {one}\n" for one in written)


DETECTIONS = [
    ("{type: field_name_mapping, mapping: {proc: Image}}", r"proc|endswith: \cmd.exe", "audit cmd"),
    (
        "{type: field_name_mapping, mapping: {any: [Image, ParentImage]}}",
        r"any|endswith: \explorer.exe",
        "cmd",
    ),
    ("{type: field_name_prefix_mapping, mapping: {win.: ''}}", r"win.Image|endswith: \cmd.exe",
     "audit cmd"),
    ("{type: field_name_suffix, suffix: mage}", r"I|endswith: \cmd.exe", "audit cmd"),
    ("{type: field_name_prefix, prefix: Im}", r"age|endswith: \cmd.exe", "audit cmd"),
    (
        ("{type: drop_detection_item, field_name_conditions: [{type: include_fields, "
        "fields: [User]}]}"),
        r"Image|endswith: \cmd.exe, User: nobody",
        "audit cmd",
    ),
    ("{type: add_condition, conditions: {User|contains: bob}}", r"Image|endswith: \cmd.exe",
     "audit"),
    ("{type: add_condition, conditions: {User|contains: bob}, negated: true}",
     r"Image|endswith: \cmd.exe", "cmd"),
    ("{type: replace_string, regex: 'command', replacement: cmd}", r"Image|endswith: \command.exe",
     "audit cmd"),
    ("{type: map_string, mapping: {shell: ['*cmd.exe', '*PowerShell.exe']}}", "Image: shell",
     "audit cmd ps"),
    ("{type: set_value, value: '*svchost.exe'}", "Image: x", "bare"),
    ("{type: regex, method: ignore_case_flag}", r"Image: '*\CMD.exe'", "audit cmd"),
    ("{type: convert_type, target_type: str}", "ProcessId: 4321", "cmd"),
    ("{type: case, method: upper}", r"Image|cased|endswith: \powershell.exe", ""),
    ("{type: wildcard_placeholders}", r"Image|endswith|expand: '%x%\cmd.exe'", "audit cmd"),
    ("{type: nest, items: [{type: field_name_mapping, mapping: {proc: Image}}]}",
     r"proc|endswith: \cmd.exe", "audit cmd"),
    (
        ("{type: hashes_fields, valid_hash_algos: [SHA256], field_prefix: sha256, "
        "drop_algo_prefix: true}"),
        "Hashes: SHA256=CD34",
        "cmd",
    ),
    ("{type: rule_failure, message: no, rule_conditions: [{type: logsource, product: linux}]}",
     r"Image|endswith: \cmd.exe", "audit cmd"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "detection", "found"), DETECTIONS)
def test_a_transformation_rewrites_the_rule(
    through: Through, item: str, detection: str, found: str
) -> None:
    assert hosts(through.add(items(item)), rule(detection, WINDOWS)) == found


def test_pipelines_go_by_priority(through: Through) -> None:
    late = items("{type: field_name_mapping, mapping: {b: Image}}", head="priority: 20\n")
    early = items("{type: field_name_mapping, mapping: {a: b}}", head="priority: 10\n")
    assert hosts(through.add(late, early), rule(r"a|endswith: \cmd.exe", WINDOWS)) == "audit cmd"


def test_variables_are_values_of_placeholders(through: Through) -> None:
    text = items("{type: value_placeholders}", head="vars: {who: [bob, eve]}\n")
    assert hosts(through.add(text), rule("User|contains|expand: '%who%'", WINDOWS)) == "audit"


def test_a_log_source_is_changed(through: Through) -> None:
    text = items("{type: change_logsource, product: windows, category: process_creation}")
    workspace = through.add(text)
    assert hosts(workspace, rule(r"Image|endswith: \cmd.exe", "product: nothing")) == "audit cmd"


def test_a_written_number_no_longer_counts_when_it_was_changed(through: Through) -> None:
    workspace = through.add(items("{type: set_value, value: 99}"))
    assert hosts(workspace, rule("ProcessId: 0x10E1", WINDOWS)) == "ps"


def test_filters_and_correlations_go_through_pipelines(through: Through) -> None:
    mapping = "{type: field_name_mapping, mapping: {proc: Image, who: User}}"
    workspace = through.add(items(mapping))
    text = rule(r"proc|endswith: \cmd.exe", WINDOWS) + (
        "name: cmd\n---\ntitle: f\nlogsource: {product: windows}\n"
        "filter: {rules: any, a: {who|contains: bob}, condition: not a}\n"
    )
    assert hosts(workspace, text) == "cmd"
    text = text.split("---")[0] + (
        "---\ntitle: c\ncorrelation: {type: event_count, rules: cmd, group-by: [who], "
        "timespan: 1h, condition: {gte: 1}}\n"
    )
    assert {row[1] for row in workspace.query(text, "sigma").rows()} == {
        "NT AUTHORITY\\SYSTEM", "CORP\\bob",
    }  # fmt: skip


REFUSING = [
    ("{type: rule_failure, message: not here}", "not here"),
    ("{type: detection_item_failure, message: no such field}", "no such field"),
    ("{type: strict_field_mapping_failure}", "not mapped: Image"),
    ("{type: drop_detection_item}", "leave nothing"),
    ("{type: value_placeholders}", "'who' doesn't exist"),
]


@pytest.mark.parametrize(("item", "message"), REFUSING)
def test_a_pipeline_refuses_with_its_message(through: Through, item: str, message: str) -> None:
    problem = refusal(through.add(items(item)), rule("Image|expand: '%who%'", WINDOWS))
    assert (problem.code, problem.kind) == ("VD409", "unsupported")
    assert message in problem.message


HOSTILE = [
    (
        "{type: file_placeholders, path: /etc/passwd}",
        "3:10: the transformation 'file_placeholders'",
    ),
    ("{type: http_placeholders, url: 'http://x'}", "'http_placeholders' is refused"),
    ("{type: command_placeholders, command: 'id'}", "'command_placeholders' is refused"),
    ("{type: nest, items: [{type: command_placeholders, command: id}]}", "is refused"),
    ("{type: query_expression_placeholders, expression: '{id}'}", "is refused"),
    ("{type: field_name_transform, transform_func: print, mapping: {}}", "is refused"),
    ("{type: field_name_maping, mapping: {a: b}}", "did you mean 'field_name_mapping'"),
    ("{type: replace_string, regex: '(', replacement: x}", "is invalid"),
    ("{type: replace_string, regex: '(a)\\1', replacement: x}", "is invalid"),
    ("{type: set_value}", "not a transformation of pySigma"),
    ("[1]", "must be a mapping"),
]


@pytest.mark.parametrize(("item", "message"), HOSTILE)
def test_what_reads_or_runs_is_not_let_in(through: Through, item: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"p0\.yml:3:") as wrong:
        through.add(items(item))
    assert message in str(wrong.value)


TOPS = [
    ("postprocessing: [{type: template, template: '{{ 7 * 7 }}'}]\n", "'postprocessing'"),
    ("finalizers: [{type: template, template: x, vars: evil.py}]\n", "'finalizers'"),
    ("allowed_backends: [splunk]\n", "for ['splunk'] only"),
    ("prioriti: 5\n", "did you mean 'priority'?"),
]


@pytest.mark.parametrize(("text", "message"), TOPS)
def test_what_is_for_other_languages_is_not_let_in(
    through: Through, text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=r"p0\.yml:1:1") as wrong:
        through.add(text)
    assert message in str(wrong.value)


GROWING = [
    ["{type: field_name_mapping, mapping: {a: [a, a]}}"] * 60,
    ["{type: map_string, mapping: {x: [x, x]}}"] * 60,
    ["{type: replace_string, regex: '.', replacement: '\\\\g<0>\\\\g<0>'}"] * 60,
    ["{type: nest, items: [" + "{type: map_string, mapping: {x: [x, x]}}, " * 60 + "]}"],
    ["{type: add_condition, conditions: {Image: x}}"] * 600,
]


@pytest.mark.parametrize("written", GROWING)
def test_a_rule_does_not_grow_without_end(through: Through, written: list[str]) -> None:
    workspace = through.add(items(*written))
    problem = refusal(workspace, rule("a: x", WINDOWS))
    assert problem.code == "VD409"
    assert "too large" in problem.message


def test_a_pipeline_does_not_change_the_rules_after_it(through: Through) -> None:
    fields = "{type: set_field, fields: [User]}", "{type: add_field, field: ProcessId}"
    workspace = through.add(items(*fields))
    text = rule(r"Image|endswith: \cmd.exe", WINDOWS)
    first = [c.name for c in workspace.compile(text, "sigma").columns]
    again = [c.name for c in workspace.compile(f"{text}level: low\n", "sigma").columns]
    assert first == again
