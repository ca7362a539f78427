"""Chains of tests of one text become one test, and the rows stay the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette import Workspace
from vedette.engines.base import Compiled, Limits
from vedette.engines.duckdb.lowering.terms import delimits, escape, fold, found_in_any_case
from vedette.engines.duckdb.writing import text_literal
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Fields
from vedette.plan.passes.fuse_text_tests import fuse_text_tests
from vedette.plan.relations import Filter, Plan, Scan
from vedette.plan.show import show
from vedette.plan.types import Type

BEFORE, AFTER = r"(?:^|[^\pL\pN])", r"(?:[^\pL\pN]|$)"
FIELDS = Fields()
PATH, LINE = (FIELDS.new(name, Type.STRING) for name in ("path", "line"))
DATA = FIELDS.new("data", Type.DYNAMIC)
LETTERS = "aAsSkKiI\u017f\u212a\u0130\u0131ßé1-_ ./\n"
NEEDLES = st.text(alphabet="askiASKI1-é", min_size=1, max_size=3)
TEXTS = st.text(alphabet=LETTERS, max_size=9)


def has(field: str, needle: str, operation: str = "text_has_term") -> Expression:
    column = Column(PATH if field == "path" else LINE)
    return apply(operation, column, text(needle))


def inside(name: str, needle: str, operation: str = "text_contains") -> Expression:
    value = apply("value_at", Column(DATA), text(name))
    return apply(operation, apply("plain_text_of", value), text(needle))


def no(condition: Expression) -> Expression:
    return apply("not", condition)


def either(*parts: Expression) -> Expression:
    return apply("or", *parts)


def both(*parts: Expression) -> Expression:
    return apply("and", *parts)


def fused(condition: Expression) -> str:
    columns = ("process_path", "command_line", "event_data")
    scan = Scan("process_event", (PATH, LINE, DATA), columns)
    shown = show(fuse_text_tests(Plan(Filter(scan, condition))))
    return next(line.strip() for line in shown.splitlines() if "ilter" in line)


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (either(has("path", "a"), has("line", "b"), has("path", "c")), 2),
        (either(has("path", "a"), either(has("path", "b"), has("path", "c"))), 1),
        (either(has("path", "a"), has("path", "b", "text_contains")), 2),
        (both(no(has("path", "a")), has("line", "x"), no(has("path", "b"))), 2),
        (both(has("path", "a"), has("path", "b")), 2),
        (either(has("path", ""), has("path", "b")), 2),
        (either(has("path", "a"), both(has("path", "A"), has("line", "b"))), 1),
        (either(has("path", "a"), both(has("path", "b"), has("line", "b"))), 3),
        (either(*(has("line", f"%{n}%", "text_like_ignore_case") for n in "abc")), 1),
        (either(*(has("line", f"%{n}", "text_like_ignore_case") for n in "abc")), 3),
        (either(*(has("line", f"%{n}_%", "text_like_ignore_case") for n in "abc")), 3),
        (either(*(has("line", n, "text_equals_ignore_case") for n in "abc")), 1),
        (either(*(inside("Payload", n) for n in "abc")), 1),
        (either(inside("Payload", "a"), inside("Path", "b"), inside("Payload", "c")), 2),
        (either(inside("Payload", "a"), inside("Payload", "b", "text_starts_with")), 2),
    ],
)
def test_chains_become_lists(condition: Expression, count: int) -> None:
    assert fused(condition).replace("plain_text_of", "").count("text_") == count


def test_what_is_no_chain_stays_the_very_same() -> None:
    plan = Plan(Filter(Scan("t", (PATH,), ("path",)), has("path", "a")))
    assert fuse_text_tests(plan).root is plan.root


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace() as opened:
        yield opened


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=20), st.lists(NEEDLES, min_size=1, max_size=6))
def test_patterns_of_letters_forms_find_what_those_of_lower_case_find(
    workspace: Workspace, texts: list[str], needles: list[str]
) -> None:
    folded = [fold(n) for n in needles]
    rows = ", ".join(f"({text_literal(t)})" for t in texts)
    for terms in (False, True):
        forms = " OR ".join(found_in_any_case("t", folded, terms=terms))
        patterns = [
            BEFORE * (terms and not delimits(n[0]))
            + escape(n)
            + AFTER * (terms and not delimits(n[-1]))
            for n in folded
        ]
        lower = " OR ".join(f"regexp_matches(lower(t), {text_literal(p)})" for p in patterns)
        sql = f"SELECT {forms} AS a, {lower} AS b FROM (VALUES {rows}) AS r(t)"
        compiled = Compiled(sql, (("a", Type.BOOL), ("b", Type.BOOL)))
        found = workspace.engine.run(compiled, Limits())
        assert found.column(0).to_pylist() == found.column(1).to_pylist()


TESTS = ("has", "contains", "=~", "!has", "!contains", "!~", "has_any")
CONDITIONS = st.lists(
    st.tuples(st.sampled_from(TESTS), st.sampled_from(["a", "b"]), NEEDLES), min_size=2, max_size=5
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    CONDITIONS,
    st.sampled_from([" or ", " and "]),
    st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12),
)
def test_a_chain_gives_what_its_parts_give(
    workspace: Workspace,
    tests: list[tuple[str, str, str]],
    joined: str,
    rows: list[tuple[str, str]],
) -> None:
    table = ", ".join(json.dumps(v, ensure_ascii=False) for row in rows for v in row)
    source = f"datatable(a: string, b: string) [{table}]"
    parts = [
        f"{column} {test} ({json.dumps(n)})" if test == "has_any" else f"{column} {test} '{n}'"
        for test, column, n in tests
    ]
    chain = workspace.query(f"{source} | extend hit = {joined.join(parts)} | project hit")
    each = workspace.query(
        f"{source} | project {', '.join(f'x{i} = {p}' for i, p in enumerate(parts))}"
    )
    fold = any if joined == " or " else all
    assert [row[0] for row in chain.rows()] == [fold(row) for row in each.rows()]


def test_ingested_rows_are_found_by_a_fused_chain(tmp_path: Path) -> None:
    with Workspace() as opened:
        opened.declare("Runs", {"Line": "string"})
        file = tmp_path / "runs.jsonl"
        lines = ["nmap -sV", "NMAP", "nmapper", "run masscan;", "", "dnsenum"]
        file.write_text("".join(json.dumps({"Line": line}) + "\n" for line in lines))
        opened.ingest(file, table="Runs")
        found = opened.query("Runs | where Line has 'nmap' or Line has 'masscan' | count")
        assert found.rows() == [(3,)]


def test_long_texts_in_json_are_looked_at_once_for_many_needles() -> None:
    needles = " or ".join(f"tostring(bag.line) contains 'tool{n}.ps1'" for n in range(150))
    texts = "range n from 1 to 2000 step 1 | extend bag = bag_pack('line', strcat(n, filler))"
    query = f"let filler = strrep('0123456789abcdef', 1000); {texts} | where {needles} | count"
    with Workspace(limits=Limits(memory_bytes=700_000_000)) as opened:
        assert opened.query(query).rows() == [(0,)]
