"""``declare pattern``: texts that stand for queries."""

from __future__ import annotations

import pytest
from tests.kql.conftest import bound

from vedette.workspace import Workspace

PLACES = """
let Tides = datatable(port:string, height:long)["Brest", 7, "Kiel", 0, "Sete", 1];
declare pattern tides = (sea:string, tide:string)[port:string]
{
  ("Atlantic", "spring").["Brest"] = { Tides | where port == "Brest" | extend sea };
  ("Baltic", "spring").["Kiel"] = { let least = 0; Tides | where height == least };
  ("Atlantic", "neap").["Le Havre"] = { print height = 3 };
};
declare pattern named = (port:string) { ("Sete") = { Tides | where port == 'Sete' }; };
"""


@pytest.mark.parametrize(
    ("call", "rows"),
    [
        ('tides("Atlantic", "spring").Brest', [("Brest", 7, "Atlantic")]),
        ('tides("Baltic", "spring").["Kiel"] | project height', [(0,)]),
        ('tides("Atlantic", "neap").["Le Havre"] | extend h2 = height * 2', [(3, 6)]),
        ('named("Sete") | project port', [("Sete",)]),
        ('print n = toscalar(named("Sete") | project height)', [(1,)]),
        ('union (named("Sete") | project height), (print height = 5)', [(1,), (5,)]),
    ],
)
def test_values_stand_for_what_is_mapped_to_them(
    workspace: Workspace, call: str, rows: list[tuple[object, ...]]
) -> None:
    assert sorted(workspace.query(PLACES + call).rows()) == rows


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('p("z")', ["KS188"]),
        ('p("x", "y")', ["KS118"]),
        ("p(1)", ["KS141"]),
        ('let k = "x"; p(k)', ["KS131"]),
        ('p("x").y', ["KS142"]),
        ('twice("x")', ["VD001"]),
        ('empty("x")', ["KS118"]),
        ('deep("x").z', ["KS188"]),
        ('deep("x")', ["KS188"]),
        ('deep("x").y', []),
        ('declare pattern q = (a:string) { ("x") = { print 1 } }; print 1', ["KS005"]),
    ],
)
def test_what_no_pattern_says_is_a_mistake(text: str, codes: list[str]) -> None:
    declared = """
    declare pattern empty;
    declare pattern p = (a:string) { ("x") = { print q = a }; };
    declare pattern deep = (a:string)[b:string] { ("x").["y"] = { print q = b }; };
    declare pattern twice = (a:string) { ("x") = { print 1 }; ("x") = { print 2 }; };
    """
    assert bound(declared + text).codes == codes
