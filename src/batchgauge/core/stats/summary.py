"""A sample of durations in a few numbers, when each duration is exact or only bounded.

Every statistic is itself a bound: its value if all durations were as short as they can be, and if all were as long. Mean and order
statistics grow with each of their arguments, so these two ends are sharp. A duration that has no upper end (a job that had not finished,
or failed before it could) stays in the sample as censored, and opens the upper end of what depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from batchgauge.core.bound import UNKNOWN, Bound

PERCENTILES: Final = (50, 90, 95, 99)

MIN_EXPECTED_BEYOND: Final = 1.0
"""A percentile p is given where n·(1-p) ≥ 1, that is, where at least one observation is expected beyond it; below that the
figure would only repeat the sample's maximum under a grander name. The median is given from 2 observations on."""


class Percentile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The p-th percentile, or the refusal to give one."""

    percent: int
    value: Bound | None
    """None: refused, the sample is too small to carry it."""
    needed: int
    """The size of sample that it needs."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Statistics of one sample; the unit is that of the durations (milliseconds throughout)."""

    count: int
    censored: int
    """How many of them have no upper end."""
    inexact: int
    """How many of them are bounds, the censored ones included."""
    mean: Bound
    minimum: Bound
    maximum: Bound
    standard_deviation: float | None
    """Of the sample (n-1), over the middles of the bounds that have both ends; None below two of them."""
    percentiles: tuple[Percentile, ...]

    def percentile(self, percent: int) -> Bound | None:
        """The value of a percentile; None where it was refused."""
        return next((entry.value for entry in self.percentiles if entry.percent == percent), None)


def sample_needed(percent: int) -> int:
    """The smallest sample that carries a percentile."""
    return max(2, math.ceil(round(MIN_EXPECTED_BEYOND / (1 - percent / 100), 9)))


def summarise(durations: Sequence[Bound], percents: Sequence[int] = PERCENTILES) -> Summary:
    """Summarise a sample; one of none has unknown statistics and refuses every percentile."""
    lows = sorted(-math.inf if bound.earliest is None else bound.earliest for bound in durations)
    highs = sorted(math.inf if bound.latest is None else bound.latest for bound in durations)
    middles = [(b.earliest + b.latest) / 2 for b in durations if b.earliest is not None and b.latest is not None]
    return Summary(
        count=len(durations),
        censored=sum(1 for bound in durations if bound.latest is None),
        inexact=sum(1 for bound in durations if not bound.is_exact),
        mean=_bound(math.fsum(lows) / len(lows), math.fsum(highs) / len(highs)) if durations else UNKNOWN,
        minimum=_bound(lows[0], highs[0]) if durations else UNKNOWN,
        maximum=_bound(lows[-1], highs[-1]) if durations else UNKNOWN,
        standard_deviation=_standard_deviation(middles),
        percentiles=tuple(_percentile(lows, highs, percent) for percent in percents),
    )


def quantile(ordered: Sequence[float], probability: float) -> float:
    """The quantile of an ordered sample by linear interpolation.

    Definition 7 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996),
    which is also the default of R and NumPy. The sample must not be empty.
    """
    position = (len(ordered) - 1) * probability
    below = math.floor(position)
    fraction = position - below
    if fraction == 0:
        return ordered[below]
    if math.isinf(ordered[below]) or math.isinf(ordered[below + 1]):
        return ordered[below + 1] if math.isinf(ordered[below + 1]) else ordered[below]
    return ordered[below] + fraction * (ordered[below + 1] - ordered[below])


def _percentile(lows: Sequence[float], highs: Sequence[float], percent: int) -> Percentile:
    needed = sample_needed(percent)
    value = None
    if len(lows) >= needed:
        value = _bound(quantile(lows, percent / 100), quantile(highs, percent / 100))
    return Percentile(percent=percent, value=value, needed=needed)


def _standard_deviation(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _bound(low: float, high: float) -> Bound:
    return Bound(None if math.isinf(low) else low, None if math.isinf(high) else high)
