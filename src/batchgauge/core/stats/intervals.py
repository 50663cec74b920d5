"""Confidence intervals of a sample of independent durations: of a quantile by its order statistics, of the mean by Student's t.

Jobs of one run are not independent where they wait for each other (queue times do): take one number from each repeat then, and the interval
is of what another repeat would give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import Final

from batchgauge.core.bound import Bound

CONFIDENCE: Final = 0.95
SMALLEST_FOR_MEAN: Final = 3
"""Of two, the spread itself is not known."""


def quantile_interval(values: Sequence[float], probability: float, confidence: float = CONFIDENCE) -> Bound | None:
    """Two order statistics that hold the quantile of the distribution with at least that confidence; None for too small a sample.

    It assumes nothing about the distribution. Of all pairs that suffice the one whose ends have most alike risks. H. A. David and
    H. N. Nagaraja, "Order Statistics", 3rd edition, Wiley 2003, section 7.1. The sample may hold infinities (censored durations): an end
    that is one is open.
    """
    ranks = _ranks(len(values), probability, confidence)
    if ranks is None:
        return None
    ordered = sorted(values)
    low, high = ordered[ranks[0] - 1], ordered[ranks[1] - 1]
    return Bound(None if math.isinf(low) else low, None if math.isinf(high) else high)


@cache
def _ranks(size: int, probability: float, confidence: float) -> tuple[int, int] | None:
    """Ranks from 1: the quantile lies between them with the probability that so many of the sample lie below it."""
    if size < 1 or not 0 < probability < 1:
        return None
    below = [_binomial(size, number, probability) for number in range(size + 1)]
    cumulative = [0.0]
    for chance in below:
        cumulative.append(cumulative[-1] + chance)
    risk = 1 - confidence
    if cumulative[size] - cumulative[1] < confidence:
        return None
    # The highest lower rank and the lowest upper rank that leave half the risk on each side; else one side takes what it needs.
    low = max((rank for rank in range(1, size + 1) if cumulative[rank] <= risk / 2), default=1)
    high = min(
        (rank for rank in range(low + 1, size + 1) if cumulative[rank] - cumulative[low] >= confidence), default=None
    )
    return None if high is None else (low, high)


def _binomial(size: int, number: int, probability: float) -> float:
    logarithm = (
        math.lgamma(size + 1)
        - math.lgamma(number + 1)
        - math.lgamma(size - number + 1)
        + number * math.log(probability)
        + (size - number) * math.log1p(-probability)
    )
    return math.exp(logarithm)


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Bound | None:
    """The mean by Student's t, with Johnson's correction for a sample that leans to one side; None below three, or where one is infinite.

    N. J. Johnson, "Modified t Tests and Confidence Intervals for Asymmetrical Populations", JASA 73 (1978).
    """
    size = len(values)
    if size < SMALLEST_FOR_MEAN or not all(map(math.isfinite, values)):
        return None
    mean = math.fsum(values) / size
    variance = math.fsum((value - mean) ** 2 for value in values) / (size - 1)
    if variance == 0:
        return Bound(mean, mean)
    third = math.fsum((value - mean) ** 3 for value in values) * size / ((size - 1) * (size - 2))
    middle = mean + third / (6 * variance * size)
    half = student_quantile(1 - (1 - confidence) / 2, size - 1) * math.sqrt(variance / size)
    return Bound(middle - half, middle + half)


def student_quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's t: exact for 1 and 2 degrees of freedom, else to four digits by an expansion in their inverse.

    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 26.7.5; below 5 degrees the distribution function is inverted.
    """
    if freedom == 1:
        return math.tan(math.pi * (probability - 0.5))
    if freedom == 2:
        part = 2 * probability - 1
        return part * math.sqrt(2 / (1 - part * part))
    if freedom < 5:
        return _inverted(probability, freedom)
    x = NormalDist().inv_cdf(probability)
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92_160,
    )
    return x + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))


def _inverted(probability: float, freedom: int) -> float:
    """For 3 and 4 degrees, whose distribution functions are elementary."""
    low, high = -1e6, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _student(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _student(t: float, freedom: int) -> float:
    if freedom == 3:
        part = t / math.sqrt(3)
        return 0.5 + (part / (1 + part * part) + math.atan(part)) / math.pi
    square = 1 + t * t / 4
    return 0.5 + 3 / 8 * t / math.sqrt(square) * (1 - t * t / square / 12)
