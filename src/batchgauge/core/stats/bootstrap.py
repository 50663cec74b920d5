"""Confidence intervals by resampling, for what no order statistic bounds: a mean, a ratio of means, anything of a sample of equals.

Bias-corrected and accelerated: B. Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987), with the acceleration by the jackknife
(B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall 1993, section 14.3). Chance is an argument: the same
seed gives the same interval. What is resampled must be independent: runs, or jobs that do not wait for each other.

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

DRAWS: Final = 2_000
CONFIDENCE: Final = 0.95
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
    return _interval((base, new), lambda samples: _mean(samples[1]) / _mean(samples[0]), chance, draws)


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
    low, high = (_corrected(side, bias, acceleration) for side in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
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


def _corrected(probability: float, bias: float, acceleration: float) -> float:
    z = bias + _NORMAL.inv_cdf(probability)
    return _NORMAL.cdf(bias + z / max(1e-9, 1 - acceleration * z))


def _at(ordered: Sequence[float], probability: float) -> float:
    return ordered[min(len(ordered) - 1, max(0, round(probability * len(ordered) - 0.5)))]


def _mean(values: Sample) -> float:
    return math.fsum(values) / len(values)
