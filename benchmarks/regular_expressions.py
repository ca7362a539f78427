"""Kusto's regular expressions in DuckDB's RE2: takes nothing, prints differences and costs.

The corpus of real queries is read from ``shared/conformance`` beside the repository, where it is.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from measure import connection, costs, ratios, say, shown, table, value_of
from vedette.kql.binding.regular import translation as regular
from vedette.kql.reading import literals, tokens
from vedette.syntax.scan import Token

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "conformance" / "kql_corpus.jsonl.gz"
ROWS = 1_000_000
_ARGUMENT = {
    "extract": 0, "extract_all": 0, "replace_regex": 1, "trim": 0, "trim_start": 0, "trim_end": 0,
}  # fmt: skip

# Kusto's documented syntax that RE2 lacks: what, pattern, text, and whether Kusto finds it.
_SYNTAX = (
    (r"\d is \p{Nd}", r"^\d$", "٣", True),
    (r"\w is Unicode's", r"^\w+$", "naïve", True),
    (r"\s is Unicode's", r"^\s$", "\u00a0", True),
    (r"\b is Unicode's", r"\bé", "é", True),
    ("nested class", "^[x[yz]]$", "z", True),
    ("intersection", "^[a-y&&xyz]$", "y", True),
    ("difference", "^[0-9--4]$", "4", False),
    ("symmetric difference", "^[a-g~~b-h]$", "b", False),
    ("negated class in a class", r"^[\S]$", "é", True),
    ("script", r"^\p{Greek}$", "α", True),
    ("binary property", r"^\p{Alphabetic}$", "a", True),
    ("flag x", "(?x) a b", "ab", True),
    (r"\u{…} and \uFFFF", r"\u0061", "a", True),
    ("named group (?<n>…)", "(?<n>a)", "a", True),
    ("ASCII classes (?-u:…)", r"(?-u:\w)", "a", True),
    (r"half boundary \b{start}", r"\b{start}a", "a", True),
    ("repetition beyond 1,000", "a{1001}", "a", False),
    ("repeated repetition", "a**", "a", True),
)

_SUBJECTS = (
    "", "a", "abc ABC 123", "10.0.0.1", "https://user@example.org/a?b=c&d=%41", "naïve_ß x", "٣٤",
    "a\u00a0b", "C:\\Windows\\system32\\cmd.exe /c \"dir\"", "{\"Name\":\"Block\",\"Value\":\"x\"}",
    "S-1-5-21-1-2-3-500", "key=value; other='v'", "line one\nline two", "<a href='x'>", "é", "µ",
    "2026-06-01T12:34:56.1234567Z", "CN=a,OU=b,DC=c", "name@example.com", "αβγ 中文 😀",
)  # fmt: skip


@dataclass(slots=True)
class _Found:
    """The patterns of the corpus by text, their uses, and those that are not written down."""

    uses: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    computed: int = 0
    queries: int = 0


def run(folder: Path) -> None:
    """Print the tables of this part; *folder* is not used."""
    database = connection()
    say("\n## Regular expressions")
    rows = [
        [what, shown(pattern), shown(text), _yes(expected), _re2(database, pattern, text),
         _translation(database, pattern, text)]
        for what, pattern, text, expected in _SYNTAX
    ]  # fmt: skip
    heads = ("Kusto's syntax", "pattern", "text", "Kusto finds it", "RE2 as it is", "translated")
    say(table("What RE2 lacks", heads, rows))
    if CORPUS.exists():
        _report(database, _corpus())
    else:
        say("\nThe corpus is not beside the repository: its patterns are not counted.")
    _costs(database)


def _yes(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else "?"


def _re2(database: duckdb.DuckDBPyConnection, pattern: str, text: str) -> str:
    found = _matches(database, pattern, text)
    return "refused" if isinstance(found, str) else _yes(found)


def _translation(database: duckdb.DuckDBPyConnection, pattern: str, text: str) -> str:
    try:
        written = regular.translated(pattern)
    except regular.Untranslatable as reason:
        return f"refused: {reason}"
    return _re2(database, written, text)


def _matches(database: duckdb.DuckDBPyConnection, pattern: str, text: str) -> object:
    arguments = ", ".join("'" + s.replace("'", "''") + "'" for s in (text, pattern))
    return value_of(database, f"SELECT regexp_matches({arguments})")


def _corpus() -> _Found:
    found = _Found()
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if not case["parses"]:
                continue
            found.queries += 1
            _collect(tokens.tokens(case["query"]), found)
    return found


def _collect(stream: list[Token], found: _Found) -> None:
    known = dict(_bound(stream))
    for call, place in _places(stream):
        token = stream[place]
        pattern = known.get(token.text) if token.kind == "name" else None
        if token.kind == "string":
            try:
                pattern = literals.string_value(token.text)
            except literals.Malformed:
                pattern = None
        if pattern is None:
            found.computed += 1
        else:
            found.uses[pattern] += 1
            found.calls[call] += 1


def _bound(stream: list[Token]) -> Iterator[tuple[str, str]]:
    """Names that ``let`` gives to a string literal."""
    for word, name, sign, value in zip(stream, stream[1:], stream[2:], stream[3:], strict=False):
        if word.text == "let" and sign.text == "=" and value.kind == "string":
            yield name.text, literals.string_value(value.text)


def _places(stream: list[Token]) -> Iterator[tuple[str, int]]:
    """Where a regular expression stands: the call, and the index of its first token."""
    for index, token in enumerate(stream[:-2]):
        if token.text == "matches" and stream[index + 1].text == "regex":
            yield "matches regex", index + 2
        elif token.text in _ARGUMENT and stream[index + 1].text == "(":
            place, depth, commas = index + 2, 0, _ARGUMENT[token.text]
            while (commas or depth) and stream[place].kind != "end":
                text = stream[place].text if stream[place].kind == "operator" else ""
                depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
                commas -= text == "," and depth == 0
                place += 1
            yield token.text, place


def _report(database: duckdb.DuckDBPyConnection, found: _Found) -> None:
    """Print the fates of the corpus's patterns."""
    fates: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    silent, bare = 0, 0
    agreed, compared, tested = 0, 0, 0
    for pattern in found.uses:
        raw = isinstance(_matches(database, pattern, ""), bool)
        bare += raw
        try:
            written = regular.translated(pattern)
        except regular.Untranslatable as reason:
            fate = "refused"
            reasons[re.sub(r"'.*' repeats", "'…' repeats", str(reason))] += 1
        else:
            fate = "as it is" if written == pattern else "translated"
            silent += raw and re.search(r"\\[dwsDWS]", pattern) is not None
            same, of = _agreement(database, pattern, written)
            agreed, compared, tested = agreed + same, compared + of, tested + (of > 0)
        fates[fate] += 1
        uses[fate] += found.uses[pattern]
    total, used = len(found.uses), sum(found.uses.values())
    rows: list[list[object]] = [
        [fate, count, f"{count / total:.1%}", uses[fate], f"{uses[fate] / used:.1%}"]
        for fate, count in fates.most_common()
    ]
    rows.append(["all", total, "100.0%", used, "100.0%"])
    heads = ("fate in `kql/regular.py`", "patterns", "of patterns", "uses", "of uses")
    say(table(f"The corpus: {found.queries:,} queries", heads, rows))
    calls = ", ".join(f"{call} {count}" for call, count in found.calls.most_common())
    say(f"\nUses: {calls}; {found.computed} more have a pattern that no literal gives.")
    say(
        f"RE2 takes {bare} of {total} patterns untranslated; {silent} of them would read `\\d`,\n"
        "`\\w` or `\\s` as ASCII's. Translated in RE2 and untranslated in Python's `re`, which\n"
        f"has Unicode's classes too, {agreed:,} of {compared:,} answers agree ({tested} patterns\n"
        f"that both take, over {len(_SUBJECTS)} texts)."
    )
    say(table("Why refused", ("reason", "patterns"), list(reasons.most_common())))


def _agreement(database: duckdb.DuckDBPyConnection, pattern: str, written: str) -> tuple[int, int]:
    """How many of the subjects get one answer of both libraries, and of how many."""
    try:
        other = re.compile(pattern)
    except re.error:
        return 0, 0
    listed = ", ".join("'" + s.replace("'", "''") + "'" for s in _SUBJECTS)
    quoted = "'" + written.replace("'", "''") + "'"
    sql = f"SELECT list(regexp_matches(s, {quoted})) FROM (SELECT unnest([{listed}]) AS s)"
    answers = value_of(database, sql)
    if not isinstance(answers, list):
        return 0, len(_SUBJECTS)
    expected = [other.search(subject) is not None for subject in _SUBJECTS]
    return sum(a == e for a, e in zip(answers, expected, strict=True)), len(_SUBJECTS)


def _costs(database: duckdb.DuckDBPyConnection) -> None:
    """Print what Unicode's classes, and boundaries for some rows in Python, cost."""
    database.execute(
        "CREATE TABLE lines AS SELECT 'user ' || (i * 7919 % 100003) || ' opened https://host'"
        " || (i % 977) || '.example.org/path/' || i"
        " || CASE WHEN i % 100 = 0 THEN '?q=é' ELSE '' END"
        f" AS s FROM range({ROWS}) AS r(i)"
    )
    groups = {
        r"\d{4,} opened": r"\d{4,} opened",
        r"^\w+\s\d+\s\w+": r"^\w+\s\d+\s\w+",
        r"https://([\w.-]+)/(\w+)/(\d+)": r"https://([\w.-]+)/(\w+)/(\d+)",
    }
    rows: list[list[str]] = []
    count = "SELECT count(*) FROM lines WHERE "
    for name, pattern in groups.items():
        measured = ratios(
            costs(
                database,
                {
                    "ascii": f"{count} regexp_matches(s, '{pattern}')",
                    "unicode": f"{count} regexp_matches(s, '{regular.translated(pattern)}')",
                },
            ),
            "ascii",
        )
        rows.append([shown(name), measured["ascii"], measured["unicode"]])
    pattern = r"\bhost9[0-9]*\b"
    measured = ratios(
        costs(
            database,
            {
                "ascii": f"{count} regexp_matches(s, '{pattern}')",
                "guarded": f"{count} CASE WHEN strlen(s) = length(s) THEN"
                f" regexp_matches(s, '{pattern}') END",
            },
        ),
        "ascii",
        agreeing=False,
    )
    rows.append([f"{shown(pattern)} only where a text is ASCII", "1.00", measured["guarded"]])
    heads = (f"CPU time, {ROWS:,} rows", "RE2's ASCII classes", "Unicode's")
    say(table("Cost, RE2's own classes = 1", heads, rows))
