"""Columns give the same numbers as records."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound
from batchgauge.core.columns.job_table import table_of
from batchgauge.core.columns.summary import summarise_numbers, summarise_table
from batchgauge.core.levels import summarise_level
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.stats.summary import summarise
from tests.core.test_table_concurrency import retried
from tests.reports.runs import Setting, measured

SETTINGS = [
    Setting(),
    Setting(failing=3),
    Setting(refused=4),
    Setting(looks=4),
    Setting(is_monitored=False),
    Setting(looks=1),
]


def close(left: Any, right: Any) -> bool:
    """The same but for the last digits of floating-point sums."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(close(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(close, left, right))
    if isinstance(left, float) and isinstance(right, float | int):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return bool(left == right)


def both(result: RunResult) -> tuple[Any, Any]:
    arguments: dict[str, Any] = {
        "is_monitored": result.scenario is not None and result.scenario.is_monitored,
        "environment": result.environment,
        "throttles": 0,
        "clock": result.clock,
    }
    expected = summarise_level(result.jobs, **arguments)
    mine = summarise_table(table_of(result.jobs), **arguments)
    # What no column holds: `of_tables` takes it from the summary that was made when the jobs were still whole.
    without = msgspec.structs.replace(expected, logs=None, retried=None, attempts=None, by_attempt=(), cost=None)
    return msgspec.to_builtins(mine), msgspec.to_builtins(without)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("level", [1, 3, 40, 150])
def test_a_level_is_summarised_alike(setting: Setting, level: int) -> None:
    mine, expected = both(measured(level, setting))
    assert [name for name in expected if not close(mine[name], expected[name])] == []


def test_jobs_that_were_tried_again_are_summarised_alike() -> None:
    mine, expected = both(retried(measured(20)))
    assert [name for name in expected if not close(mine[name], expected[name])] == []


ends = st.floats(min_value=0, max_value=1e9) | st.none()
bounds = st.tuples(ends, ends).map(lambda pair: Bound(*sorted(pair)) if None not in pair else Bound(pair[0], pair[1]))  # type: ignore[type-var]


@given(st.lists(bounds, max_size=120))
def test_any_sample_of_bounds_is_summarised_alike(sample: list[Bound]) -> None:
    least, most = (
        np.array([np.nan if end is None else end for end in column], dtype=float)
        for column in ([bound.earliest for bound in sample], [bound.latest for bound in sample])
    )
    assert close(msgspec.to_builtins(summarise_numbers(least, most)), msgspec.to_builtins(summarise(sample)))
