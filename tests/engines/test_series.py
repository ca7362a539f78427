"""Series in the engine's Python: seasons found, outliers that stand out, limits that hold."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from vedette.engines.duckdb.computed.series import FUNCTIONS_OF_SERIES
from vedette.engines.duckdb.computed.series_analysis import FUNCTIONS_OF_ANALYSIS
from vedette.engines.duckdb.computed.sketches import FUNCTIONS_OF_SKETCHES, MOST

FUNCTIONS = FUNCTIONS_OF_SERIES | FUNCTIONS_OF_ANALYSIS | FUNCTIONS_OF_SKETCHES


def of(name: str) -> Callable[..., Any]:
    return FUNCTIONS[name].value


def week(days: int, noise: float = 0.0) -> list[float]:
    chance = random.Random(3)
    return [(2.0 if day % 7 in (5, 6) else 10.0) + noise * chance.random() for day in range(days)]


def test_a_week_is_found_in_days() -> None:
    season = json.loads(of("series_season")(json.dumps(week(70, 0.5)), -1))
    assert season[:7] == season[7:14]
    assert season[0] == pytest.approx(10.25, abs=0.25)
    assert season[5] == pytest.approx(2.25, abs=0.25)


@pytest.mark.parametrize("values", [[5] * 40, list(range(40)), [3, 1, 2]])
def test_what_does_not_come_again_has_no_season(values: list[int]) -> None:
    season = json.loads(of("series_season")(json.dumps(values), -1))
    assert season == [0.0] * len(values)


def test_a_spike_in_a_week_is_the_only_anomaly() -> None:
    values = week(70, 0.5)
    values[33] += 8  # a weekend, as high as other days are
    found = of("series_anomalies")(json.dumps(values), 3.0, -1, "avg", 0, "ctukey", 0.6)
    flags = json.loads(found)["ad_flag"]
    assert [place for place, flag in enumerate(flags) if flag] == [33]


def test_a_forecast_goes_on_with_line_and_season() -> None:
    values = [day + (5 if day % 7 == 0 else 0) for day in range(49)]
    series = json.dumps(values[:42] + [0] * 7)
    parts = json.loads(of("series_parts")(series, 7, "linefit", 7, 0.6))
    assert parts["baseline"][42] - parts["baseline"][43] == pytest.approx(4, abs=1)


def test_two_lines_part_where_the_slope_changes() -> None:
    values = [float(v) for v in [*range(10), *range(50, 40, -1)]]
    found = json.loads(of("series_two_lines")(json.dumps(values)))
    assert found["split_idx"] == 10
    assert (found["left"]["slope"], found["right"]["slope"]) == (1.0, -1.0)
    assert found["line_fit"] == pytest.approx(values)


def test_a_polynomial_is_found_again() -> None:
    at = [0.0, 0.5, 1.5, 2.0, 3.0]
    values = [2 * x * x - x + 1 for x in at]
    found = json.loads(of("series_polynomial")(json.dumps(values), json.dumps(at), 2))
    assert found["coefficients"] == pytest.approx([2.0, -1.0, 1.0])
    assert found["rsquare"] == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["series_line", "series_two_lines", "series_season"])
def test_a_missing_element_leaves_nothing_to_fit(name: str) -> None:
    arguments = (-1,) if name == "series_season" else ()
    assert of(name)("[1, null, 3, 4, 5]", *arguments) is None


def test_too_many_bins_end_the_run_with_a_hint() -> None:
    with pytest.raises(ValueError, match="take a longer step"):
        of("series_filled")(["0 1"], 0, 2_000_000, "0")


def test_too_many_values_end_the_run_with_a_hint() -> None:
    digest = '["distinct",' + ",".join(map(str, range(MOST + 1))) + "]"
    with pytest.raises(ValueError, match="count or rank the values themselves"):
        of("distinct_digests")([digest])


def test_spans_and_moments_are_ranked_by_time() -> None:
    pairs = ['1 "\ufdd01.00:00:00"', '1 "\ufdd002:00:00"', '1 "\ufdd0-03:00:00"']
    digest = of("rank_digest")(pairs)
    least, middle = (of("rank_digest_percentile")(digest, p) for p in (0.0, 50.0))
    assert (least, middle) == ('"\ufdd0-03:00:00"', '"\ufdd002:00:00"')
