"""parse, parse-where and parse-kv: what their patterns may say, and what is refused."""

from typing import Any

import pytest

from vedette import QueryError
from vedette.workspace import Workspace


def answers(workspace: Workspace, text: str, operator: str) -> tuple[Any, ...]:
    given = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    result = workspace.query(f'datatable(s:string)["{given}"] | {operator} | project-away s')
    (row,) = list(result.rows()) or [()]
    return tuple(row)


@pytest.mark.parametrize(
    ("text", "operator", "expected"),
    [
        ("a.b", 'parse s with x "." y', ("a", "b")),
        ("a.b.c", 'parse s with x "." y', ("a", "b.c")),
        ("axb", 'parse s with x "." y', ("", "")),
        ("a\nb", 'parse s with "a\\n" y', ("b",)),
        ("xa:1", 'parse s with "a:" y', ("",)),
        ("xa:1", 'parse s with * "a:" y', ("1",)),
        ("port 80/tcp", 'parse s with "port " p:int *', (80,)),
        ("port tcp", 'parse kind=relaxed s with "port " p:int * "tcp"', (None,)),
        ("1,2", 'parse s with a:long "," b:real', (1, 2.0)),
        ("1,x", 'parse s with a:long "," b:real', (None, None)),
        ("1,x", 'parse kind=relaxed s with a:long "," b:real', (1, None)),
        ("1,x", 'parse-where s with a:long "," b:real', ()),
        ("a=1,b", 'parse kind=regex s with "[a-z]=" x:long ",(b|c)"', (1,)),
        ("A=1", 'parse kind=regex flags=i s with "a=" x', ("1",)),
        ("a,b,c", 'parse kind=regex s with x "," y', ("a,b", "c")),
        ("a,b,c", 'parse kind=regex flags=U s with x "," y', ("a", "b,c")),
    ],
)
def test_what_is_read(
    workspace: Workspace, text: str, operator: str, expected: tuple[Any, ...]
) -> None:
    assert answers(workspace, text, operator) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a=1;b=2", "pair_delimiter=';', kv_delimiter='='", ("1", "2")),
        (" b = 2 ; a = 1 ", "pair_delimiter=';', kv_delimiter='='", ("1", "2")),
        ("a=1;a=3", "pair_delimiter=';', kv_delimiter='='", ("1", "")),
        ("a='x;y';b='z'", "pair_delimiter=';', kv_delimiter='=', quote=\"'\"", ("x;y", "z")),
        ("a=(x;y);b=[z;]", "pair_delimiter=';', kv_delimiter='=', quote='()', quote='[]'",
         ("x;y", "z;")),
        ("'a'=1;'b'=2", "pair_delimiter=';', kv_delimiter='=', quote=\"'\"", ("1", "2")),
        ("a='x!'y';b=2", "pair_delimiter=';', kv_delimiter='=', quote=\"'\", escape='!'",
         ("x'y", "2")),
        ("a=x y b=2", "pair_delimiter=' ', kv_delimiter='='", ("x", "2")),
        ("a=x y b=2", "pair_delimiter=' ', kv_delimiter='=', greedy=true", ("x y", "2")),
        ("a is 1. b is 2.", r"regex=@'(\w+) is (\w+)'", ("1", "2")),
    ],
)  # fmt: skip
def test_which_values_keys_have(
    workspace: Workspace, text: str, options: str, expected: tuple[Any, ...]
) -> None:
    operator = f"parse-kv s as (a:string, b:string) with ({options})"
    assert answers(workspace, text, operator) == expected


@pytest.mark.parametrize(
    ("operator", "code"),
    [
        ("parse s with * x", "KS102"),
        ("parse s with x y", "KS101"),
        ('parse s with x * "a"', "KS103"),
        ('parse kind=odd s with x "a"', "KS005"),
        ('parse s with x "a" x', "KS171"),
        ('parse s with "a" x:real *', "VD001"),
        ('parse kind=regex s with "a|b" x', "VD001"),
        ('parse kind=regex flags=x s with "a" x', "VD001"),
        ('parse kind=regex s with "a" x:real', "VD001"),
        ("parse-kv s as (a:string)", "VD001"),
        ("parse-kv s as (a:string) with (regex='(a)')", "KS134"),
        ("parse-kv s as (a:string) with (odd=1)", "KS005"),
        ("parse-kv s as (a:string) with (regex=strlen(s))", "KS222"),
        ("parse-kv s as (a:string, a:long) with (pair_delimiter=';', kv_delimiter='=')", "KS171"),
    ],
)
def test_what_is_not_read(workspace: Workspace, operator: str, code: str) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(f"datatable(s:string)['x'] | {operator}")
    assert raised.value.problems[0].code == code
