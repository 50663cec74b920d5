"""The page's curves, binned so that their size does not grow with the number of jobs."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from batchgauge.core.columns.concurrency import Bracket
from batchgauge.core.columns.job_table import JobTable, Numbers
from batchgauge.reports.page_jobs import PHASE_DECIMALS

MAX_STEPS: Final = 600
"""Steps of a curve over time; beyond them each of so many equal times shows the most that was held in it."""
QUANTILES: Final = np.round(np.linspace(0, 1, 101), 4)
DISTRIBUTIONS: Final = ("queue", "start_up", "wait", "run", "submit")


def steps_of(bracket: Bracket, base_ms: float | None) -> dict[str, Any] | None:
    """A bracket as steps since `base_ms`; None for one of nothing."""
    if not len(bracket.times_ms) or base_ms is None:
        return None
    times, is_binned = bracket.times_ms - base_ms, len(bracket.times_ms) > MAX_STEPS
    surely, possibly = bracket.surely, bracket.possibly
    if is_binned:
        edges = np.linspace(times[0], times[-1], MAX_STEPS + 1)
        surely, possibly = (_most(times, values, edges) for values in (surely, possibly))
        times = edges
    return {
        "times": np.round(times, 0).tolist(),
        "surely": surely.tolist(),
        "possibly": possibly.tolist(),
        "binned": is_binned,
    }


def _most(times: Numbers, values: Numbers, edges: Numbers) -> Numbers:
    """The most in each bin, with what it began with; the last edge has what is left."""
    starts = np.searchsorted(times, edges[:-1], side="right") - 1
    starts = np.maximum(starts, 0)
    most = np.maximum.reduceat(values, starts)
    return np.append(most, values[-1])


def distributions_of(table: JobTable) -> dict[str, Any]:
    """The quantiles of each phase, as two curves: all as short, and all as long as they can be; null where it has no end."""
    curves: dict[str, Any] = {}
    for phase in DISTRIBUTIONS:
        least, most = table.numbers[f"{phase}_least_ms"], table.numbers[f"{phase}_most_ms"]
        is_known = ~np.isnan(least)
        if not is_known.any():
            continue
        longest = np.where(np.isnan(most[is_known]), np.inf, most[is_known])
        curves[phase] = {
            "count": int(is_known.sum()),
            "least": _quantiles(least[is_known]),
            "most": _quantiles(longest),
        }
    return curves


def _quantiles(values: Numbers) -> list[float | None]:
    """Of small samples the observations themselves: interpolating between two would invent one."""
    ordered = np.quantile(values, QUANTILES, method="inverted_cdf")
    return [None if np.isinf(value) else round(value, PHASE_DECIMALS) for value in ordered.tolist()]
