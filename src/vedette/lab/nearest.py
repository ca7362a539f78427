"""How near rows come to a condition that none passes: takes a part and the rows, gives words.

Of a text that is looked for, the values that hold it, or are written much like it, come first, with
what keeps them from passing; where no value of the column is near, it is said which other columns
hold the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from vedette.lab.conditions import WIDEST, has_value, is_joined
from vedette.plan.build import apply, text
from vedette.plan.expressions import (
    Apply,
    Column,
    Expression,
    Field,
    Fields,
    Literal,
    fields_of,
    walk,
)  # fmt: skip
from vedette.plan.relations import Aggregate, Filter, FirstPer, Limit, Plan, Project, Relation, Scan
from vedette.plan.rewrite import relations
from vedette.plan.types import Type
from vedette.plan.value_text import cell_text
from vedette.workspace import Workspace

SHOWN = 3
_MOST_WORDS = 20
_MOST_ROWS = 10_000
"""In how many rows of a table a text is looked for in other columns."""
_MOST_VALUES = 2_000
"""How many distinct values are looked through for one that is written much like the text."""
_ALIKE = 0.8
_SHORTEST = 3
_PATTERNS = re.compile(r"[%*?_]+")
_REGEX_PLAIN = re.compile(r"(?:[A-Za-z0-9 @:/=-]|\\[.\\/-])+")
_REGEX_NOT_TEXT = re.compile(r"\(\?[^)]*\)|\\x\{[^}]*\}|\\[A-Za-z]|\[[^\]]*\]|.[?*]|\{[^}]*\}")
_WHOLE = ("equals", "text_equals_ignore_case", "equals_or_false", "text_is_in_ignore_case",
          "is_in", "is_in_or_false")  # fmt: skip


class Nearest:
    """Looks for what comes nearest to parts of conditions, in a workspace."""

    def __init__(self, workspace: Workspace, fields: Fields, *, whole: bool) -> None:
        """Look among the rows; *fields* are the plan's, *whole* says that no event was chosen."""
        self._workspace = workspace
        self._whole = whole
        self._fields = fields

    def examples(self, rows: Relation, part: Expression) -> str:
        """Some values of the one column that a part looks at; nothing where it looks at several."""
        found = fields_of(part)
        if len(found) != 1 or _is_made_of_others(part):
            return ""
        (field,) = found
        if not _name(field):  # one that the language made for itself, as for search
            return ""
        values = self._values(rows, field, has_value(field), SHOWN)
        if not values:
            return f"{_name(field)} is empty in every row"
        return f"{_name(field)} is {_listed(values)}"

    def misses(self, rows: Relation, part: Expression) -> str:
        """The values that come nearest to the text that a part looks for, and where else it stands.

        Nothing where the part looks for no text, or nothing is near.
        """
        found, words = fields_of(part), words_of(part)
        if len(found) != 1 or not words or (isinstance(part, Apply) and part.operation == "not"):
            return ""
        (field,) = found
        if field.type is not Type.STRING:
            return ""
        column = Column(field)
        holds = _any_of([apply("text_contains", column, text(word)) for word in words])
        values = self._values(rows, field, holds, SHOWN)
        if values:
            return f"{_name(field)} is {_listed(values)}: {_why_not(values[0], words, part)}"
        values = self._values(rows, field, has_value(field), _MOST_VALUES)
        alike = _alike(values, words, whole=isinstance(part, Apply) and part.operation in _WHOLE)
        if alike:
            word, value = alike
            return f"{_name(field)} is {_listed([value])}: nearly '{word}'"
        return self._elsewhere(rows, field, words) if values and self._whole else ""

    def _values(self, rows: Relation, field: Field, those: Expression, most: int) -> list[str]:
        some = Limit(FirstPer(Filter(rows, those), (Column(field),)), most)
        plan = Plan(Project(some, ((self._fields.new(field.name, field.type), Column(field)),)))
        return [cell_text(row[0]) for row in self._workspace.run_plan(plan).rows()]

    def _elsewhere(self, rows: Relation, field: Field, words: Sequence[str]) -> str:
        """Which other columns of the table hold the text; a number must be all that they hold."""
        scans = [r for r in relations(rows) if isinstance(r, Scan)]
        table = self._workspace.catalog.table(scans[0].table) if len(scans) == 1 else None
        if table is None:
            return ""
        texts = [n for n, type in table.columns.items() if type is Type.STRING]
        names = [n for n in texts if n != "raw" and not n.startswith("$")]
        made = [self._fields.new(name, Type.STRING) for name in names]
        tests = [apply("count_if", _any_of([_stands(w, Column(f)) for w in words])) for f in made]
        if not tests:
            return ""
        asked = [apply("count_rows"), *tests]
        counts = tuple((self._fields.new("n", t.type), t) for t in asked)
        scan = Scan(table.name, tuple(made), tuple(names))
        some = Limit(scan, _MOST_ROWS)  # a view's columns may each be worked out of the record
        ((looked, *row),) = self._workspace.run_plan(Plan(Aggregate(some, (), counts))).rows()
        held = {name: n for name, n in zip(names, row, strict=True) if n}
        if not held or field.name in held:  # other rows of the column hold it: a stage before
            return ""  # left them out, which is told there
        of = f" of the first {_MOST_ROWS:,}" if looked == _MOST_ROWS else ""
        shown = [f"{name} ({rows_of(n)}{of})" for name, n in held.items()]
        return f"it stands in {', '.join(shown[:SHOWN])}" + (" …" if len(shown) > SHOWN else "")


def rows_of(count: int) -> str:
    """So many rows, in words."""
    return f"{count:,} row" + ("" if count == 1 else "s")


def words_of(part: Expression) -> list[str]:
    """The texts that a part looks for: its constants, of a pattern what is no placeholder."""
    found: dict[str, None] = {}
    for inner in walk(part):
        if isinstance(inner, Apply) and inner.type is Type.BOOL:
            for argument in inner.arguments:
                if isinstance(argument, Literal) and isinstance(argument.value, str):
                    found |= dict.fromkeys(_plain(inner.operation, argument.value))
    return [word for word in found if len(word) >= _SHORTEST][:_MOST_WORDS]


def _plain(operation: str, value: str) -> Iterator[str]:
    if operation.startswith("text_matches"):
        runs = _REGEX_PLAIN.findall(_REGEX_NOT_TEXT.sub("\0", value))
        yield from (re.sub(r"\\(.)", r"\1", run) for run in [max(runs, key=len, default="")])
    elif "like" in operation:
        yield max(_PATTERNS.split(value), key=len)
    elif operation.startswith(("text_", "equals", "is_in")):
        yield value


def _is_made_of_others(part: Expression) -> bool:
    inner = part
    while isinstance(inner, Apply) and inner.operation in ("not", "is_true"):
        inner = inner.arguments[0]
    return is_joined(inner)


def _name(field: Field) -> str:
    return "" if field.name.startswith("*") else field.name.lstrip("$")


def _stands(word: str, column: Column) -> Expression:
    operation = "text_equals_ignore_case" if word.isdecimal() else "text_contains"
    return apply(operation, column, text(word))


def _is_of_column(part: Expression) -> bool:
    """Whether a comparison looks at a column itself, not at what is made of it."""
    while isinstance(part, Apply) and part.operation in (*_WHOLE, "is_true", "or_empty"):
        part = part.arguments[0]
    return isinstance(part, Column)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(f"'{value[: WIDEST // 2]}'" for value in values)
    return shown + (" …" if len(values) == SHOWN else "")


def _why_not(value: str, words: Sequence[str], part: Expression) -> str:
    """What keeps a value that holds one of the words from passing."""
    operation = part.operation if isinstance(part, Apply) else ""
    inside = value.casefold()
    word = next((w for w in words if w.casefold() in inside), words[0])
    lacks = next((w for w in words if w.casefold() not in inside), None)
    vague = f"it holds '{word}', and not as the condition wants it"
    if operation in _WHOLE and not _is_of_column(part):
        return "not as the condition wants it"
    if "_all" in operation:
        return vague if lacks is None else f"it holds '{word}', and not '{lacks}'"
    if word.casefold() == inside and word != value:
        return "the same but for upper and lower case"
    if operation in _WHOLE:
        return f"it holds '{word}' and more"
    if word not in value and _minds_case(part):
        return f"it holds '{word}' in other upper and lower case"
    if "term" in operation:
        is_term = re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", value, re.IGNORECASE)
        return vague if is_term else f"it holds '{word}' inside a longer word"
    if "start" in operation or "prefix" in operation:
        return f"it holds '{word}', and does not begin with it"
    if "end" in operation or "suffix" in operation:
        return f"it holds '{word}', and does not end with it"
    return vague


def _minds_case(part: Expression) -> bool:
    if not isinstance(part, Apply):
        return False
    if part.operation == "text_matches":
        return not any(isinstance(a, Literal) and "(?i" in str(a.value) for a in part.arguments)
    return "_cs" in part.operation or part.operation == "text_like"


def _alike(values: Sequence[str], words: Sequence[str], *, whole: bool) -> tuple[str, str] | None:
    """A word and the value with what is written much like it."""
    pieces: dict[str, str] = {}
    for value in values:
        for piece in [value] if whole else re.split(r"[^\w.-]+", value):
            pieces.setdefault(piece.casefold(), value)
    for word in words:
        (near, *_) = get_close_matches(word.casefold(), pieces, 1, _ALIKE) or [""]
        if near:
            return word, pieces[near]
    return None


def _any_of(conditions: Sequence[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else apply("or", *conditions)
