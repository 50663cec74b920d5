"""Whether repeats of a measurement drift: what was measured later is longer, or shorter, than what was measured before.

Mann and Kendall's test for a trend (M. G. Kendall, "Rank Correlation Methods", 4th edition, Griffin 1970), several levels together as
Hirsch, Slack and Smith take several seasons together ("Techniques of Trend Analysis for Monthly Water Quality Data", Water Resources
Research 18 (1982)), since four repeats of one level alone can prove nothing. The slope is the median of all slopes within a level (P. K.
Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", JASA 63 (1968)), its interval the order statistics of the same
slopes that the test would not refuse. No distribution is assumed; without ties and below forty repeats the probabilities are exact.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from statistics import NormalDist, median
from typing import Final

import msgspec

from batchgauge.core.bound import Bound

CONFIDENCE: Final = 0.95
FEWEST: Final = 4
"""Repeats of a level below which it says nothing of a drift."""
EXACT_UP_TO: Final = 40
"""Repeats of all levels together; beyond, the sum is normal."""


class Drift(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """From one repeat to the next, as a part of the level's median."""

    per_repeat: float
    interval: Bound
    """At 95 %; an end is open where so few repeats do not carry it."""
    p_value: float
    """Two-sided: how often repeats without a drift would come in such an order."""
    levels: int
    repeats: int
    """Of all levels together."""


def drift_of(levels: Sequence[Sequence[float]]) -> Drift | None:
    """From each level's values in the order of their measurement; None where no level has enough, or a median is not above 0."""
    used = [values for values in levels if len(values) >= FEWEST]
    if not used or min(map(median, used)) <= 0:
        return None
    slopes, score = [], 0
    for values in used:
        middle = median(values)
        for (first, before), (second, after) in combinations(enumerate(values), 2):
            slopes.append((after - before) / (second - first) / middle)
            score += (after > before) - (after < before)
    law = _Null(used)
    return Drift(
        per_repeat=median(slopes),
        interval=_interval(sorted(slopes), law.reach(CONFIDENCE)),
        p_value=law.p_value(score),
        levels=len(used),
        repeats=sum(map(len, used)),
    )


def _interval(slopes: Sequence[float], reach: float) -> Bound:
    """So many slopes are left out at either end that the score of what remains could be chance."""
    left_out = math.floor((len(slopes) - reach) / 2)
    if left_out < 1:
        return Bound(None, None)
    return Bound(slopes[left_out - 1], slopes[-left_out])


class _Null:
    """How the score (pairs that rise, less pairs that fall) lies where nothing drifts."""

    def __init__(self, levels: Sequence[Sequence[float]]) -> None:
        sizes = [len(values) for values in levels]
        ties = [number for values in levels for number in Counter(values).values()]
        self.variance = math.fsum(_term(size) for size in sizes) - math.fsum(_term(tied) for tied in ties)
        is_exact = sum(sizes) <= EXACT_UP_TO and max(ties) == 1
        self.chances = _exact(sizes) if is_exact else None

    def p_value(self, score: int) -> float:
        if self.chances is not None:
            return min(1.0, math.fsum(chance for value, chance in self.chances.items() if abs(value) >= abs(score)))
        if self.variance <= 0:
            return 1.0
        z = max(0, abs(score) - 1) / math.sqrt(self.variance)
        return math.erfc(z / math.sqrt(2))

    def reach(self, confidence: float) -> float:
        """The least score that is not exceeded on either side with this probability."""
        if self.chances is None:
            return NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt(max(0.0, self.variance))
        beyond = 0.0
        for value in sorted(self.chances, reverse=True):
            beyond += self.chances[value]
            if beyond > (1 - confidence) / 2:
                return value
        return 0.0


def _term(size: int) -> float:
    return size * (size - 1) * (2 * size + 5) / 18


def _exact(sizes: Sequence[int]) -> dict[int, float]:
    """Each value of a level falls behind 0 … all of those before it with like chance, whatever the others did."""
    chances = {0: 1.0}
    for size in sizes:
        for place in range(1, size):
            grown: dict[int, float] = {}
            for value, chance in chances.items():
                for change in range(-place, place + 1, 2):
                    grown[value + change] = grown.get(value + change, 0.0) + chance / (place + 1)
            chances = grown
    return chances
