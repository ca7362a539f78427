"""What is read of JSON by its form is what orjson reads; whatever differs is left to it."""

import json
import random
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.logs.columnar.json_alike import FEWEST, Alike, Forms, are_better_parsed
from vedette.logs.columnar.json_forms import Form, Place
from vedette.logs.columnar.spans import Lines
from vedette.logs.columnar.texts import Values

RECORD = {
    "time": "2026-02-20T01:02:03Z", "status": 200, "path": "C:\\a\\b \"c\"", "took": 0.25,
    "who": {"name": "ann", "id": 5, "roles": ["a", "b", 7], "none": {}}, "ok": True, "gone": None,
    "sizes": [1, 2, 3], "empty": [], "objects": [{"a": "x"}, {"b": 1}], "said": "", "last": -1,
}  # fmt: skip
VALUES: list[Any] = [
    "", "a", "é\n\t\r\b\f", '\\', '"', '\\"', "\\\\", "/", "{}", "[1]", "5", "\x7f", "\u2028", "😀",
    0, -1, 5, 10**17, 10**18, 2**63, 2**64, 2**70, 0.0, -0.0, 0.5, 1e-5, 1e16, 123456.789, 1e300,
    True, False, None, [], [1, 2.5], ["x"], {}, {"a": 1}, "\u0001",
]  # fmt: skip


def read(data: bytes) -> tuple[list[Alike], list[bytes]]:
    """The texts that are alike, and the lines that are left."""
    found: list[Alike] = []

    def of_form(alike: Alike, begins: Any) -> tuple[list[Any], Any]:
        found.append(alike)
        return [], alike.rows[:0]

    lines = Lines.of(data)
    _, left = Forms().parts(lines, lines.starts, of_form)
    return found, [line for _, line in left if line]


def listed(values: Values | None, count: int) -> list[Any]:
    """Values as Python's."""
    if values is None:
        return [None] * count
    return values.to_pylist() if isinstance(values, pa.Array) else values


def filled(record: Any, values: dict[Place, list[Any]], row: int) -> Any:
    """A form's record with the values of one text."""
    if isinstance(record, Place):
        return values[record][row]
    return {name: filled(inner, values, row) for name, inner in record.items()}


def places(record: Any) -> list[Place]:
    """All places of a form's record."""
    if isinstance(record, Place):
        return [record]
    return [place for inner in record.values() for place in places(inner)]


def proven(data: bytes) -> int:
    """How many lines are read by a form: as orjson does, and each line is told once."""
    lines = [line.rstrip(b"\r") for line in data.split(b"\n")]
    found, left = read(data)
    rows = [row for alike in found for row in alike.rows.tolist()]
    assert sorted([*(lines[row] for row in rows), *left]) == sorted(line for line in lines if line)
    for alike in found:
        raws = alike.raws().to_pylist()
        those = places(alike.form.record)
        columns = alike.values(those)
        values = {p: listed(v, len(raws)) for p, v in zip(those, columns, strict=True)}
        for number, row in enumerate(alike.rows.tolist()):
            parsed = orjson.loads(lines[row])
            assert raws[number].encode() == lines[row]
            # Text by text: True is 1, and 0.0 is -0.0.
            assert repr(filled(alike.form.record, values, number)) == repr(parsed)
        written, _ = alike.as_written()
        own = written.own(written.raws()).to_pylist()
        for number, row in enumerate(written.rows.tolist()):
            assert own[number].encode() == orjson.dumps(orjson.loads(lines[row]))
    return len(rows)


def lines_of(records: list[Any], chance: random.Random, blanks: bool) -> list[bytes]:
    """Each record as a line."""
    style: dict[str, Any] = {} if blanks else {"separators": (",", ":")}
    ascii_only = chance.random() < 0.3
    return [json_of(record, ascii_only, style) for record in records]


def json_of(record: Any, ascii_only: bool, style: dict[str, Any]) -> bytes:
    """A record as the standard library writes it."""
    return json.dumps(record, ensure_ascii=ascii_only, **style).encode()


def varied(record: dict[str, Any], chance: random.Random, odd: float) -> dict[str, Any]:
    """The record with some other values."""
    found = {}
    for name, value in record.items():
        if isinstance(value, dict) and chance.random() > odd:
            found[name] = varied(value, chance, odd)
        else:
            found[name] = chance.choice(VALUES) if chance.random() < odd else value
    return found


@pytest.mark.parametrize("blanks", [False, True])
def test_texts_that_are_alike_are_all_read_by_their_form(blanks: bool) -> None:
    records = [{**RECORD, "time": f"x{n}\n", "status": n, "took": n / 8 + 0.5} for n in range(100)]
    lines = lines_of(records, random.Random(1), blanks)
    assert proven(b"\n".join(lines)) == 100
    assert proven(b"\r\n".join(lines) + b"\r\n") == 100


def test_so_are_texts_of_several_forms() -> None:
    kinds = [RECORD, {"a": 1}, {"a": "x", "b": {"c": []}}]
    lines = [orjson.dumps(kinds[n % 3]) for n in range(3 * FEWEST)]
    assert proven(b"\n".join(lines)) == len(lines)
    assert proven(b"\n".join(lines[:-3])) == 0


@pytest.mark.parametrize("seed", range(40))
def test_other_values_are_read_the_same_or_left(seed: int) -> None:
    chance = random.Random(seed)
    odd = chance.choice([0.01, 0.1, 0.4])
    records = [varied(RECORD, chance, odd) for _ in range(400)]
    lines = lines_of(records, chance, blanks=seed % 2 == 0)
    read_so = proven(b"\n".join(lines))
    assert read_so > 100 or odd > 0.05


@pytest.mark.parametrize("seed", range(40))
def test_damaged_texts_are_left(seed: int) -> None:
    """A byte is lost, doubled, or another; what is still JSON may be read."""
    chance = random.Random(f"damaged {seed}")
    lines = lines_of([RECORD] * 400, chance, blanks=seed % 2 == 0)
    for row in range(0, len(lines), 2):
        line = bytearray(lines[row])
        for _ in range(chance.choice([1, 1, 2, 3])):
            at = chance.randrange(len(line))
            how = chance.randrange(4)
            if how == 0:
                del line[at]
            elif how == 1:
                line.insert(at, line[at])
            elif how == 2:
                line[at] = chance.choice(b'"\\{}[],:0-.e \x00\x1f\xc3ntu/a')
            else:
                line.insert(at, chance.choice(b'"\\{}[],:0-.e \ttru'))
        lines[row] = bytes(line).replace(b"\n", b" ")
    data = b"\n".join(lines)
    assert proven(data if seed % 4 else data.decode("utf-8", "replace").encode()) >= 0


CLOSE = [
    (b'{"a":"x","b":1}', b'{"a":"x"\\"}'),
    (b'{"a":"x"}', b'{"a":"x"\\"}'),
    (b'{"a":"x","b":"y"}', b'{"a":"x\\",b":"y"}'),
    (b'{"a":[1,2],"b":"y"}', b'{"a":[1,2]],"b":"y"}'),
    (b'{"a":["x",1],"b":"y"}', b'{"a":["x",1],2],"b":"y"}'),
    (b'{"a":1,"b":"y"}', b'{"a":1,2,"b":"y"}'),
    (b'{"a":1,"b":"y"}', b'{"a":01,"b":"y"}'),
    (b'{"a":1,"b":"y"}', b'{"a":,"b":"y"}'),
    (b'{"a":1,"b":"y"}', b'{"a":nul,"b":"y"}'),
    (b'{"a":0.5,"b":"y"}', b'{"a":0.5.5,"b":"y"}'),
    (b'{"a":1}', b'{"a":1}}'),
    (b'{"a":1}', b'{"a":{}}'),
    (b'{"a":{"b":1}}', b'{"a":{"b":1,}}'),
    (b'{"a":"x"}', b'{"a":"\\x"}'),
    (b'{"a":"x"}', b'{"a":"\\ud800"}'),
    (b'{"a":"x"}', b'{"a":"\t"}'),
    (b'{"a":"x"}', b'{"a":"x"} '),
    (b'{"a":"x"}', b' {"a":"x"}'),
    (b'{"a":"x"}', b'{"b":"x"}'),
    (b'{"a":"x","c":"y"}', b'{"a":"x","a":"y"}'),
]


@pytest.mark.parametrize(("usual", "other"), CLOSE)
def test_what_only_looks_alike_is_left(usual: bytes, other: bytes) -> None:
    lines = [usual] * 50 + [other] + [usual] * 50
    assert proven(b"\n".join(lines)) == 100


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"5",
        b"[1]",
        b"{}",
        b'{"a":1,"a":2}',
        b'{"\\u0061":1}',
        b'{"a":["x",1,2]}',
        b'{"a":1',
        b"\xff",
        b'{"a":' + b" " * 2000 + b"1}",
        b'{"a":"' + b"x" * 20_000 + b'"}',
    ],
)
def test_texts_without_a_form(text: bytes) -> None:
    assert Form.of(text) is None


@pytest.mark.parametrize("line", [b"{}", b"{oops}", b"{ }", b"{1}", b""])
def test_texts_without_quotes_are_left(line: bytes) -> None:
    assert proven(b"\n".join([b'{"a":1}'] * 50 + [line] * 50)) == 50
    assert proven(b"\n".join([line] * 50)) == 0


def test_a_form_is_known_in_the_next_text() -> None:
    forms, found = Forms(), []

    def of_form(alike: Alike, begins: Any) -> tuple[list[Any], Any]:
        found.append(alike)
        return [], alike.rows[:0]

    for value, is_json in ((b"1", True), (b"25", True), (b"nul", False)):
        lines = Lines.of((b'{"a":' + value + b',"b":"y"}\n') * 100)
        _, left = forms.parts(lines, lines.starts, of_form)
        assert len(list(left)) == (0 if is_json else 100)
    first, second = found
    assert first.form is second.form


def test_where_few_are_alike_others_are_not_looked_at_for_a_while() -> None:
    lines = Lines.of(b"\n".join(b'{"%d":1}' % (n if n % 5 else 0) for n in range(500)))
    forms, made = Forms(), []

    def of_form(alike: Alike, begins: Any) -> tuple[list[Any], Any]:
        made.append(len(alike.rows))
        return [], alike.rows[:0]

    for _ in range(40):
        _, left = forms.parts(lines, lines.starts, of_form)
        assert len(list(left)) >= 400
    assert 0 < len(made) < 10


def test_a_text_that_is_no_utf8_leaves_all() -> None:
    assert proven(b'{"a":"x"}\n' * 100 + b"{\xff}") == 0


def test_blanks_of_any_number_are_no_part_of_what_orjson_writes() -> None:
    line = b'  {"a" :  [1,  2], "b": {"c":   "x  y"} , "d":[ "z" ]}'.strip()
    assert proven(b"\n".join([line] * 50)) == 50


def test_many_escapes_and_lines_of_other_lengths_are_better_parsed() -> None:
    assert are_better_parsed(b'{"a":"C:\\\\b\\\\c"}\n' * 100)
    assert are_better_parsed(b'{"a":"quite a long text"}\n' * 5000 + b"\\n" * 20_000)
    assert are_better_parsed(b'{"a":1}\n' * 100 + b'{"a":"' + b"x" * 2**25 + b'"}')
    assert are_better_parsed(b"\n" * 100)
    assert not are_better_parsed(
        b'{"a":"the quick brown fox jumps over the lazy dog \\"so\\""}' * 9 + b" " * 900
    )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    record=st.dictionaries(st.text(), JSON, min_size=1, max_size=5),
    others=st.lists(JSON, min_size=1, max_size=9),
)
def test_any_record(record: dict[str, Any], others: list[Any]) -> None:
    """Records with the same names, each with another value under one of them."""
    name = next(iter(record))
    records = [record] * 40 + [{**record, name: other} for other in others * 5]
    try:
        lines = [orjson.dumps(one) for one in records]
    except TypeError:  # numbers over 64 bits, lone surrogates
        return
    proven(b"\n".join(lines))
