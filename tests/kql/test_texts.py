"""Functions of texts that are more than a row: what they answer, and why some are refused."""

import pytest

from vedette import QueryError
from vedette.workspace import Workspace


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("tostring(parse_command_line('echo \"high tide\"', 'windows'))", '["echo","high tide"]'),
        ("tostring(parse_command_line('', 'windows'))", ""),
        ("unicode_codepoints_to_string(116, dynamic([105, 100]), 101)", "tide"),
        ("make_string(116)", "t"),
        ("tostring(parse_user_agent('curl/8.5.0', 'browser').Browser.Family)", "curl"),
        ("tostring(parse_user_agent('x', dynamic(['os', 'device'])).Device.Family)", "Other"),
        ("array_length(bag_keys(parse_user_agent('x', dynamic(['os', 'device']))))", 2),
        ("hash('World')", 1846988464401551951),
        ("hash_xxhash64('Hello')", 753694413698530628),
        ("hash(datetime(2015-01-01))", 1380966698541616202),
        ("hash('') == hash_xxhash64('')", True),
        ("hash(strrep('0123456789', 7)) == hash(strrep('0123456789', 8))", False),
        ("new_guid() == new_guid()", False),
        ("ipv6_is_in_any_range('fe80::7', 'fe81::/64', 'fe80::/64')", True),
        ("ipv6_is_in_any_range('fe80::7', dynamic(['fe81::/64', '10.0.0.0/8']))", False),
        ("ipv6_is_in_any_range('10.0.0.7', dynamic(['fe81::/64', '10.0.0.0/8']))", True),
    ],
)
def test_what_is_answered(workspace: Workspace, call: str, expected: object) -> None:
    (row,) = workspace.query(f"print {call}").rows()
    assert tuple(row) == (expected,)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("parse_user_agent('x', 'engine')", 'write "browser", "os" or "device"'),
        ("parse_user_agent('x', tostring(now()))", "as a constant"),
        ("parse_version('1.2')", "32 digits"),
        ("hash_many('a', 'b')", "strcat"),
        ("hash('a', -2)", "not documented"),
        ("hash(1)", "tostring"),
        ("gzip_compress_to_base64_string('a')", "other bytes"),
        ("parse_command_line('a', 'linux')", "windows"),
        ("ipv6_is_in_any_range('fe80::7', 'x')", "cannot be read"),
    ],
)
def test_what_is_refused(workspace: Workspace, call: str, reason: str) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(f"print {call}")
    (problem,) = raised.value.problems
    assert problem.code == "VD001"
    assert reason in problem.reason


def test_the_remainder_of_a_negative_hash_is_known_of_powers_of_two(workspace: Workspace) -> None:
    negative = "print toscalar(range n from 1 to 9 step 1 | where hash(tostring(n)) < 0 | take 1)"
    text = f"{negative} | project t = tostring(print_0)"
    assert workspace.query(f"{text} | project hash(t, 8) == hash(t) % 8").rows() == [(True,)]
    with pytest.raises(Exception, match="power of two"):
        workspace.query(f"{text} | project hash(t, 10)").rows()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("parse_command_line('a')", "KS119"),
        ("new_guid(1)", "KS119"),
        ("hash()", "KS120"),
        ("make_string('a')", "KS141"),
    ],
)
def test_what_is_a_mistake(workspace: Workspace, call: str, code: str) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(f"print {call}")
    assert [p.code for p in raised.value.problems] == [code]


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        ("weekofyear(now())", "week_of_year"),
        ("geo_distance_2points(1, 2, 3, 4)", "sphere"),
        ("bin_auto(1)", "bin_at"),
        ("row_rank(1)", "row_rank_dense"),
    ],
)
def test_what_to_write_in_place_of_a_function_is_told(
    workspace: Workspace, call: str, hint: str
) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(f"print {call}")
    assert [hint in p.hint for p in raised.value.problems] == [True]
