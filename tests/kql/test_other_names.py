"""What has two names means the same under both; functions of several columns, operators of old."""

from __future__ import annotations

import pytest

from vedette.workspace import Workspace


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("array_iif(dynamic([true, false]), 1, 2)", "array_iff(dynamic([true, false]), 1, 2)"),
        ("array_strcat(dynamic([1, 'a']), '-')", "strcat_array(dynamic([1, 'a']), '-')"),
        ("arraylength(dynamic([1, 2]))", "array_length(dynamic([1, 2]))"),
        ("base64_decodestring('dGlkZQ==')", "base64_decode_tostring('dGlkZQ==')"),
        ("base64_encodestring('tide')", "base64_encode_tostring('tide')"),
        ("columnifexists('none', 7)", "column_ifexists('none', 7)"),
        ("extractall('([a-z])', 'ab')", "extract_all('([a-z])', 'ab')"),
        ("notempty('')", "isnotempty('')"),
        ("notnull(long(null))", "isnotnull(long(null))"),
        ("parsejson('{\"a\":1}')", "parse_json('{\"a\":1}')"),
        ("todynamic('[1,\"x\"]')", "parse_json('[1,\"x\"]')"),
        ("parseurl('https://tide.example/a')", "parse_url('https://tide.example/a')"),
        ("parseurlquery('k=v')", "parse_urlquery('k=v')"),
        ("to_utf8('té')", "unicode_codepoints_from_string('té')"),
        ("toboolean('true')", "tobool('true')"),
        ("toreal('1.5')", "todouble('1.5')"),
        ("totime('01:00:00')", "totimespan('01:00:00')"),
        ("set_has_element(datetime_list_timezones(), 'Europe/Berlin')", "true"),
    ],
)
def test_two_names_mean_the_same(workspace: Workspace, old: str, new: str) -> None:
    result = workspace.query(f"print {old}, {new}")
    ((left, right),) = result.rows()
    assert left == right is not None
    assert result.columns[0].type == result.columns[1].type


@pytest.mark.parametrize(
    ("call", "columns"),
    [
        ("series_fft(dynamic([1, 1, 1, 1]))", [[4, 0, 0, 0], [0, 0, 0, 0]]),
        ("series_ifft(dynamic([4, 0, 0, 0]), dynamic([0, 0, 0, 0]))", [[1, 1, 1, 1], [0] * 4]),
        (
            "series_decompose(dynamic([1, 2, 1, 2, 1, 2]), 2)",
            [[1, 2] * 3, [1, 2] * 3, [0] * 6, [0] * 6],
        ),
        (
            "series_decompose_forecast(dynamic([1, 2, 1, 2, 1, 2, 0, 0]), 2, 2)",
            [[1, 2] * 4, [1, 2] * 4, [0] * 8, [0] * 6 + [-1, -2]],
        ),
        (
            "series_fit_poly(dynamic([3, 5, 7, 9]), dynamic([0, 1, 2, 3]), 1)",
            [1, [2, 3], 6.6666666667, 0, [3, 5, 7, 9]],
        ),
    ],
)
def test_a_function_gives_several_columns(
    workspace: Workspace, call: str, columns: list[object]
) -> None:
    names = ", ".join(f"c{number}" for number in range(len(columns)))
    (row,) = workspace.query(f"print ({names}) = {call}").rows()
    for found, expected in zip(row, columns, strict=True):
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("operators", "rows"),
    [
        ("filter x > 1", [(2,), (3,)]),
        ("where x > 1 | render table", [(2,), (3,)]),
        ("mvexpand y = dynamic([1, 2]) | count", [(6,)]),
        ("extend y = dynamic([4, 5]) | mvapply y to typeof(long) on (summarize s = sum(y))",
         [(1, 9), (2, 9), (3, 9)]),
        ("__partitionby x (summarize s = sum(x))", [(1,), (2,), (3,)]),
        ("summarize makelist(x)", [([1, 2, 3],)]),
    ],
)  # fmt: skip
def test_operators_of_old_are_answered(
    workspace: Workspace, operators: str, rows: list[tuple[object, ...]]
) -> None:
    found = workspace.query(f"range x from 1 to 3 step 1 | {operators}").rows()
    assert sorted(found, key=str) == rows


@pytest.mark.parametrize("text", ["| consume", "| reduce by tostring(x)"])
def test_what_gives_no_rows_or_hidden_ones_is_refused(workspace: Workspace, text: str) -> None:
    with pytest.raises(Exception, match="is not supported yet"):
        workspace.query(f"range x from 1 to 3 step 1 {text}")


def test_external_data_is_externaldata(workspace: Workspace) -> None:
    with pytest.raises(Exception, match="'external_data' reads data from outside"):
        workspace.query("external_data(a:long)['x']")
