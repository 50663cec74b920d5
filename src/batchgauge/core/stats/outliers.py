"""Durations far above the rest, by a rule that they cannot hide from by being far above.

B. Iglewicz and D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC Quality Press 1993: a value is named where it is more than 3.5
times the median absolute deviation (as large as the standard deviation in a normal sample) from the median; where more than half of the
values are equal, their mean absolute deviation stands for it. Durations lean to the right, so the rule is asked of their logarithms: how
many times as long, not how much longer. What is outside is named and stays in every figure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from batchgauge.core.bound import Bound

LIMIT: Final = 3.5
FROM_MEDIAN_DEVIATION: Final = 0.6745
"""The median absolute deviation of a normal sample, in standard deviations."""
FROM_MEAN_DEVIATION: Final = 1.253314
"""The standard deviation of a normal sample, in mean absolute deviations."""
FEWEST: Final = 10
"""Of fewer durations nobody knows how they usually scatter."""
MOST: Final = 0.1
"""Where a larger part is outside these are no outliers but another kind of job, and nobody is named."""
NOT_BELOW: Final = 1.25
"""Nor is one that took less than this many times the median, however alike the rest are."""


class Outlier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One that is surely outside, whatever its bound allows."""

    place: int
    """In the sample."""
    times: float
    """How many times the median it took at least."""


class Outliers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Those of a sample, the furthest first; none in most."""

    median: float
    limit: float
    """The duration above which one is named."""
    outside: tuple[Outlier, ...]


def outliers(durations: Sequence[Bound]) -> Outliers | None:
    """None where the sample is too small, or a duration is no positive number. Censored ones are judged by what is known of them.

    Of bounds the usual is taken from their upper ends and the one judged by its lower end, so that nobody is named for how he was seen.
    """
    lows = [bound.earliest for bound in durations]
    known = [low for low in lows if low is not None and low > 0]
    if len(durations) < FEWEST or len(known) < len(durations):
        return None
    highs = [low if bound.latest is None else bound.latest for low, bound in zip(known, durations, strict=True)]
    middle = median(highs)
    scale = max(_scale(known), _scale(highs))
    limit = max(middle * math.exp(LIMIT * scale), middle * NOT_BELOW)
    outside = [Outlier(place=place, times=low / middle) for place, low in enumerate(known) if low > limit]
    if len(outside) > MOST * len(durations):
        outside = []
    return Outliers(median=middle, limit=limit, outside=tuple(sorted(outside, key=lambda outlier: -outlier.times)))


def _scale(values: Sequence[float]) -> float:
    """Of the logarithms, as a standard deviation."""
    logarithms = [math.log(value) for value in values]
    middle = median(logarithms)
    deviations = [abs(value - middle) for value in logarithms]
    usual = median(deviations)
    if usual > 0:
        return usual / FROM_MEDIAN_DEVIATION
    return FROM_MEAN_DEVIATION * math.fsum(deviations) / len(deviations)
