"""Confidence intervals by resampling, for what no order statistic bounds: a mean, a ratio of means, anything of a sample of equals.

Bias-corrected and accelerated: B. Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987), with the acceleration by the jackknife
(B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall 1993, section 14.3). Chance is an argument: the same
seed gives the same interval. What is resampled must be independent: runs, or jobs that do not wait for each other.

Resamples scatter less than samples do, the less the fewer values there are: the probabilities at which an interval is cut off are
therefore moved outwards, as Student's t is wider than the normal (T. C. Hesterberg, "What Teachers Should Know About the Bootstrap", The
American Statistician 69 (2015), section 4.4).

Of fewer than eight values a resample knows too little of what others there might be, and the interval is too narrow (measured in
benchmarks/coverage.py); none is given then. Student's t (`stats.intervals`) serves means there.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Final

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.intervals import student_quantile

DRAWS: Final = 2_000
CONFIDENCE: Final = 0.95
RESAMPLED_UP_TO: Final = 200
"""Means of larger samples are normal, and their ratio's logarithm nearly so: resampling would cost much and say the same."""
FEWEST: Final = 8
_NORMAL: Final = NormalDist()

Sample = Sequence[float]


def bootstrap_interval(
    values: Sample, statistic: Callable[[Sample], float], chance: random.Random, *, draws: int = DRAWS
) -> Estimate | None:
    """The 95 % interval of a statistic of one sample; None where that is too small, or the statistic has no finite value."""
    return _interval((values,), lambda samples: statistic(samples[0]), chance, draws)


def ratio_interval(base: Sample, new: Sample, chance: random.Random, *, draws: int = DRAWS) -> Estimate | None:
    """How many times the mean of `base` that of `new` is; None where a sample is too small, or the base has no mean above 0."""
    if not base or math.fsum(base) <= 0:
        return None
    if min(len(base), len(new)) > RESAMPLED_UP_TO:
        return _ratio_in_the_limit(base, new)
    return _interval((base, new), lambda samples: _mean(samples[1]) / _mean(samples[0]), chance, draws)


def _ratio_in_the_limit(base: Sample, new: Sample) -> Estimate | None:
    value = _mean(new) / _mean(base)
    if not 0 < value < math.inf:
        return None
    half = _NORMAL.inv_cdf((1 + CONFIDENCE) / 2) * math.sqrt(_relative_variance(base) + _relative_variance(new))
    return Estimate(value=value, low=value * math.exp(-half), high=value * math.exp(half))


def _relative_variance(values: Sample) -> float:
    """Of the mean, in parts of it."""
    mean = _mean(values)
    return math.fsum((value / mean - 1) ** 2 for value in values) / (len(values) - 1) / len(values)


def _interval(
    samples: tuple[Sample, ...],
    statistic: Callable[[tuple[Sample, ...]], float],
    chance: random.Random,
    draws: int,
) -> Estimate | None:
    if min(map(len, samples)) < FEWEST:
        return None
    value = statistic(samples)
    if not math.isfinite(value):
        return None
    drawn = sorted(_drawn(samples, statistic, chance, draws))
    if len(drawn) < draws or drawn[0] == drawn[-1]:
        return Estimate(value=value, low=value, high=value) if drawn and drawn[0] == drawn[-1] else None
    below = sum(draw < value for draw in drawn) + sum(draw == value for draw in drawn) / 2
    bias = _NORMAL.inv_cdf(min(max(below / draws, 1 / draws), 1 - 1 / draws))
    acceleration = _acceleration(samples, statistic)
    reach = _reach(min(map(len, samples)))
    low, high = (_corrected(side, bias, acceleration) for side in (-reach, reach))
    return Estimate(value=value, low=_at(drawn, low), high=_at(drawn, high))


def _drawn(
    samples: tuple[Sample, ...],
    statistic: Callable[[tuple[Sample, ...]], float],
    chance: random.Random,
    draws: int,
) -> list[float]:
    """What has no finite value (a ratio to nothing) is left out, and the interval with it."""
    found = []
    for _ in range(draws):
        try:
            value = statistic(tuple(chance.choices(sample, k=len(sample)) for sample in samples))
        except ZeroDivisionError:
            continue
        if math.isfinite(value):
            found.append(value)
    return found


def _acceleration(samples: tuple[Sample, ...], statistic: Callable[[tuple[Sample, ...]], float]) -> float:
    """By leaving out each value once, each sample in its own measure (Efron and Tibshirani's several-sample formula)."""
    cubes = squares = 0.0
    for place, sample in enumerate(samples):
        without = [
            statistic((*samples[:place], [*sample[:out], *sample[out + 1 :]], *samples[place + 1 :]))
            for out in range(len(sample))
        ]
        middle = _mean(without)
        cubes += math.fsum((middle - value) ** 3 for value in without)
        squares += math.fsum((middle - value) ** 2 for value in without)
    return cubes / (6 * squares**1.5) if squares > 0 else 0.0


def _reach(size: int) -> float:
    """How many standard deviations of the resamples the interval reaches; Hesterberg's."""
    return student_quantile((1 + CONFIDENCE) / 2, size - 1) * math.sqrt(size / (size - 1))


def _corrected(side: float, bias: float, acceleration: float) -> float:
    z = bias + side
    return _NORMAL.cdf(bias + z / max(1e-9, 1 - acceleration * z))


def _at(ordered: Sequence[float], probability: float) -> float:
    return ordered[min(len(ordered) - 1, max(0, round(probability * len(ordered) - 0.5)))]


def _mean(values: Sample) -> float:
    return math.fsum(values) / len(values)
