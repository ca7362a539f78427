"""Functions in Python over what an attacker may write in a log: an answer or a refusal, soon."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from vedette.engines.duckdb.computed import FUNCTIONS, json_values
from vedette.engines.duckdb.computed.arrays import MOST_ELEMENTS
from vedette.engines.duckdb.computed.parsing import text_pairs
from vedette.plan.types import Type

MANY = 20_000
"""So many that what takes time by the square of a text's length would not end."""

HOSTILE = {
    "deep arrays": "[" * MANY + "]" * MANY,
    "deep bags": '{"a":' * MANY + "1" + "}" * MANY,
    "a long number": "1" * 5_000,
    "a wide array": "[" + "1," * MANY + "1]",
    "nulls": "[" + "null," * MANY + "null]",
    "infinities": '["NaN","Infinity",1e308,-1e308,0.0,-0.0]',
    "deep XML": "<a>" * MANY + "</a>" * MANY,
    "entities": '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    "a bomb": base64.b64encode(gzip.compress(bytes(64 << 20))).decode(),
    "quotes": '"' * MANY,
    "backslashes": "\\" * MANY,
    "quotes and backslashes": '"\\' * MANY,
    "brackets": "([{<" * MANY,
    "delimiters": "&=;,|:/?#@%+" * (MANY // 10),
    "letters": "a" * MANY,
    "nothing": "",
    "surrogates": '"\\ud800\\udfff"',
    "beyond ASCII": "".join(chr(0x3400 + n % 20_000) for n in range(MANY)),
}

OF_ONE_TEXT = [
    name for name, f in FUNCTIONS.items() if f.takes in ((Type.STRING,), (Type.DYNAMIC,))
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", OF_ONE_TEXT)
def test_what_takes_one_value_takes_any(name: str, hostile: str) -> None:
    function = FUNCTIONS[name]
    text = HOSTILE[hostile]
    given: Any = text
    if function.takes == (Type.DYNAMIC,) and not text.startswith(("[", "{", '"', "1")):
        given = json.dumps(text, ensure_ascii=False)
    try:
        found = function.value(given)
    except ValueError as refusal:
        assert len(str(refusal)) < 200
        assert "Error" not in str(refusal)
        return
    assert found is None or len(str(found)) < 64 * MANY


@pytest.mark.parametrize("escapes", ["", "\\"])
@pytest.mark.parametrize("quotes", ['["\'"]', '["()"]', '["()","\\"","\'"]'])
@pytest.mark.parametrize("text", ["'", "(", "\\'", "'=", "(=", "a=b ", "'\\", "=", "() "])
def test_pairs_are_found_in_one_walk(text: str, quotes: str, escapes: str) -> None:
    found = text_pairs(text * MANY + " a=1", '["a"]', " ", "=", quotes, escapes, True)
    assert found is not None


def test_the_first_pair_counts_whatever_stands_around() -> None:
    chance = random.Random(3)
    for _ in range(300):
        noise = "".join(chance.choice("'(\\ b") for _ in range(chance.randrange(12)))
        text = f"a='x\\'y' {noise} c=2"
        assert text_pairs(text, '["a"]', " ", "=", '["\'"]', "\\", False) == '["x\'y"]'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HOSTILE["deep arrays"], "nested more than 1,024 deep"),
        (HOSTILE["a long number"], "a number beyond the largest real"),
    ],
)
def test_json_beyond_what_is_read_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        json_values.read(text)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("range_of_longs", (1, 10**18, 1)),
        ("range_of_longs", (10**18, -(10**18), -1)),
        ("range_of_reals", (0.0, 1e308, 1e-308)),
    ],
)
def test_ranges_end(name: str, arguments: tuple[Any, ...]) -> None:
    function: Callable[..., Any] = FUNCTIONS[name].value
    assert len(json.loads(function(*arguments))) == MOST_ELEMENTS
