"""Many formulas over one table made ready: takes formulas, gives their tests and where to begin.

Equal tests of different formulas are one test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vedette.hunt.one_pass.anchors import (
    MOST_OFTEN,
    NO_ANCHOR,
    Anchor,
    Thing,
    expected,
    of_texts,
    rarest,
    together,
)
from vedette.hunt.one_pass.chunks import Chunk
from vedette.hunt.one_pass.requirements import (
    Length,
    Options,
    Text,
    least_length,
    required,
    stands_where_not_null,
)
from vedette.hunt.one_pass.scanning import Scanner
from vedette.hunt.one_pass.value_tests import ValueTest, value_test, with_texts
from vedette.hunt.one_pass.values import Memory
from vedette.plan.expressions import Apply, Column, Expression, Field, fields_of
from vedette.plan.formulas import Every, Formula, Not, Test
from vedette.plan.types import Type

SAMPLE = 4_000
_USUAL = 0.05  # of the rows pass a test of a number that was never made
_FOREIGN = 1_000
_UNLIKE = 0.4  # of the rows of a column have a value of their own, so that it hardly repeats
_RARE = 0.002  # of the rows have a text that is looked for though nothing begins at it
_COSTS = {"is_null": 0, "equals": 1, "is_in": 1, "text_equals_ignore_case": 1}


@dataclass(frozen=True, slots=True)
class Shown:
    """A test of a value that the engine works out: which value, and the test of it."""

    subject: Expression
    test: ValueTest


@dataclass(frozen=True, slots=True)
class KnownTest:
    """A test with its number; ``value`` is None where the engine has to make it.

    One text of each set of ``texts`` stands where it holds; it holds where the one text of a set of
    ``sure_without`` does not stand.
    """

    number: int
    expression: Expression
    value: ValueTest | None
    texts: Options
    cost: int
    shown: Shown | None = None
    sure_without: Options = field(default_factory=list)
    length: Length | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A test in a formula."""

    test: KnownTest

    @property
    def cost(self) -> int:
        """How dear it is beside others."""
        return self.test.cost

    @property
    def is_foreign(self) -> bool:
        """Whether it asks something of the engine."""
        return self.test.value is None


@dataclass(frozen=True, slots=True)
class Opposite:
    """What does not hold."""

    part: Node

    @property
    def cost(self) -> int:
        """How dear it is beside others."""
        return self.part.cost

    @property
    def is_foreign(self) -> bool:
        """Whether it asks something of the engine."""
        return self.part.is_foreign


@dataclass(frozen=True, slots=True)
class Branch:
    """All parts (``is_every``) or at least one, the cheapest first."""

    is_every: bool
    parts: tuple[Node, ...]
    cost: int
    is_foreign: bool


Node = Leaf | Opposite | Branch


@dataclass(frozen=True, slots=True)
class Looked:
    """The texts that are looked for in a column, and the formulas that begin at each."""

    scanner: Scanner
    texts: tuple[str, ...]
    numbers: Mapping[str, int]
    behind: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """Where to begin looking for each formula.

    ``texts`` has what is looked for by column, and by whether it is read as JSON, ``tests`` the
    formulas behind a test; ``anywhere`` lists the formulas that any row may hold of.
    """

    texts: Mapping[tuple[str, bool], Looked]
    tests: Mapping[int, list[int]]
    anywhere: tuple[int, ...]


@dataclass(slots=True)
class Program:
    """Formulas over one table, and what is known of how often their parts hold.

    ``read`` are the columns that the tests read, ``unlike`` those whose values hardly repeat.
    """

    columns: Mapping[str, Type]
    formulas: Sequence[Formula]
    tests: list[KnownTest] = field(init=False, default_factory=list)
    nodes: list[Node] = field(init=False, default_factory=list)
    engine_tests: list[tuple[KnownTest, ...]] = field(init=False, default_factory=list)
    shares: dict[Thing, float] = field(init=False, default_factory=dict)
    read: dict[str, Type] = field(init=False, default_factory=dict)
    memories: dict[str, Memory] = field(init=False, default_factory=dict)
    broken: set[int] = field(init=False, default_factory=set)
    _texts: list[str] = field(init=False, default_factory=list)
    unlike: set[str] = field(init=False, default_factory=set)
    _numbers: dict[Expression, int] = field(init=False, default_factory=dict)
    _begin: Begin | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Number the tests."""
        for formula in self.formulas:
            node = self._node(formula)
            self.nodes.append(node)
            foreign = {t.number: t for t in _tests(node) if t.value is None}
            self.engine_tests.append(tuple(foreign.values()))
        read = {f.name for test in self.tests for f in fields_of(test.expression)}
        here = {t.value.column for t in self.tests if t.value is not None}
        self.read = {name: type for name, type in self.columns.items() if name in read}
        self._texts = [n for n, type in self.read.items() if n in here and type is Type.STRING]

    @property
    def failing(self) -> list[int]:
        """The formulas with a test that the engine failed at."""
        every = enumerate(self.engine_tests)
        return [n for n, tests in every if any(t.number in self.broken for t in tests)]

    @property
    def coded(self) -> list[str]:
        """The texts of which distinct values are looked at."""
        return [name for name in self._texts if name not in self.unlike]

    @property
    def begin(self) -> Begin:
        """Where to begin, by what is known of how often things are found."""
        if self._begin is None:
            self._begin = self._begun()
        return self._begin

    @property
    def has_learnt(self) -> bool:
        """Whether it was looked how often things are found."""
        return bool(self.shares)

    def know(self, shares: Mapping[Text, float]) -> None:
        """Begin by how often texts were found before, by others of the same formulas."""
        known = {text for texts in self._all_texts().values() for text in texts}
        self.shares.update({text: share for text, share in shares.items() if text in known})
        self._begin = None

    def begin_as(self, shares: Mapping[Thing, float], unlike: Iterable[str]) -> None:
        """Begin as another program of the same formulas does, by what it has learnt."""
        self.shares.update(shares)
        self.unlike.update(unlike)
        self._begin = None

    def learn(self, chunk: Chunk) -> None:
        """See in some of a chunk's rows how often things are found, and begin by that."""
        rows = np.unique(np.linspace(0, chunk.length - 1, SAMPLE).astype(np.int64))
        sample = Chunk(chunk.some(self.read, rows))
        for name in self.coded:
            if sample.distinct(name) > sample.length * _UNLIKE:
                self.unlike.add(name)
        for (column, in_json), texts in self._all_texts().items():
            values = sample.values(column)
            _, found = Scanner([t.literal for t in texts], in_json).scan(values.distinct)
            met = np.bincount(found, minlength=len(texts))
            for text, count in zip(texts, met.tolist(), strict=True):
                self.shares[text] = count / sample.length + 1e-6
        everything = np.arange(sample.length)
        for test in self.tests:
            if test.value is not None and not test.texts:
                values = sample.values(test.value.column)
                passing = values.passing(test.number, test.value, everything)
                self.shares[test.number] = len(passing) / sample.length + 1e-6
        self._begin = None

    def _all_texts(self) -> dict[tuple[str, bool], list[Text]]:
        found: dict[tuple[str, bool], dict[Text, None]] = {}
        for test in self.tests:
            for text in (text for texts in (*test.texts, *test.sure_without) for text in texts):
                found.setdefault((text.column, text.in_json), {})[text] = None
        return {place: list(texts) for place, texts in found.items()}

    # --- reading formulas ---------------------------------------------------------------------

    def _node(self, formula: Formula) -> Node:
        if isinstance(formula, Test):
            return Leaf(self._known(formula.expression))
        if isinstance(formula, Not):
            return Opposite(self._node(formula.part))
        parts = sorted(map(self._node, formula.parts), key=lambda part: part.cost)
        is_foreign = any(part.is_foreign for part in parts)
        cost = sum(part.cost for part in parts)
        return Branch(isinstance(formula, Every), tuple(parts), cost, is_foreign)

    def _known(self, expression: Expression) -> KnownTest:
        number = self._numbers.setdefault(expression, len(self.tests))
        if number == len(self.tests):
            value = value_test(expression)
            name = getattr(expression, "operation", "")
            cost = _FOREIGN if value is None else _COSTS.get(name, 2 + len(name) // 12)
            texts = required(expression)
            shown = _shown(expression) if value is None else None
            if value is not None:
                value = with_texts(value, expression, texts)
            without, length = stands_where_not_null(expression), least_length(expression)
            self.tests.append(
                KnownTest(number, expression, value, texts, cost, shown, without, length)
            )
        return self.tests[number]

    # --- where to begin -----------------------------------------------------------------------

    def _ordered(self, node: Node) -> Node:
        """The formula with what holds of the fewest rows first, what only the engine tells last."""
        if isinstance(node, Leaf):
            return node
        if isinstance(node, Opposite):
            return Opposite(self._ordered(node.part))
        parts = [self._ordered(part) for part in node.parts]
        if node.is_every:
            parts.sort(key=lambda p: (p.is_foreign, min(1.0, self._anchor(p).share), p.cost))
        return replace(node, parts=tuple(parts))

    def _begun(self) -> Begin:
        self.nodes = [self._ordered(node) for node in self.nodes]
        texts: dict[tuple[str, bool], dict[Text, list[int]]] = {}
        for place, every in self._all_texts().items():  # what is rare costs nothing to look for
            rare = {t: list[int]() for t in every if self.shares.get(t, 1.0) < _RARE}
            if rare:
                texts[place] = rare
        tests: dict[int, list[int]] = {}
        anywhere: list[int] = []
        for number, node in enumerate(self.nodes):
            anchor = self._anchor(node)
            if anchor.share > MOST_OFTEN:
                anywhere.append(number)
                continue
            for thing in anchor.things:
                if isinstance(thing, Text):
                    place = (thing.column, thing.in_json)
                    texts.setdefault(place, {}).setdefault(thing, []).append(number)
                else:
                    tests.setdefault(thing, []).append(number)
        looked = {
            place: Looked(
                Scanner([t.literal for t in found], place[1]),
                tuple(t.literal for t in found),
                {t.literal: number for number, t in enumerate(found)},
                tuple(tuple(behind) for behind in found.values()),
            )
            for place, found in texts.items()
        }
        return Begin(looked, tests, tuple(anywhere))

    def _anchor(self, node: Node) -> Anchor:
        if isinstance(node, Leaf):
            test = node.test
            if test.texts:
                return of_texts(test.texts, self._share)
            if test.value is None:
                return NO_ANCHOR
            return Anchor(self._share(test.number), frozenset({test.number}))
        if isinstance(node, Opposite):
            return NO_ANCHOR
        below = [self._anchor(part) for part in node.parts]
        return rarest(below) if node.is_every else together(below)

    def _share(self, thing: Thing) -> float:
        known = self.shares.get(thing)
        if known is not None:
            return known
        return expected(thing) if isinstance(thing, Text) else _USUAL


def _shown(expression: Expression) -> Shown | None:
    """A test of what the engine works out of a row, where that is something to be kept apart."""
    if not isinstance(expression, Apply) or not expression.arguments:
        return None
    subject = expression.arguments[0]
    if not isinstance(subject, Apply) or subject.type is not Type.STRING:
        return None
    stands_for = Column(Field(0, "shown", subject.type))
    found = value_test(replace(expression, arguments=(stands_for, *expression.arguments[1:])))
    return None if found is None else Shown(subject, found)


def _tests(node: Node) -> Iterator[KnownTest]:
    stack: list[Node] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Leaf):
            yield one.test
        elif isinstance(one, Opposite):
            stack.append(one.part)
        else:
            stack.extend(one.parts)
