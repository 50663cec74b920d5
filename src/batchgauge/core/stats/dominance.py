"""How often a value of one sample is above one of another: an effect size and a test that assume no distribution, of values or of bounds.

N. Cliff, "Dominance Statistics: Ordinal Analyses to Answer Ordinal Questions", Psychological Bulletin 114 (1993); its interval from D.
Feng and N. Cliff, "Monte Carlo Evaluation of Ordinal d with Improved Confidence Interval", Journal of Modern Applied Statistical Methods
3 (2004); H. B. Mann and D. R. Whitney, "On a Test of Whether One of Two Random Variables Is Stochastically Larger than the Other", Annals
of Mathematical Statistics 18 (1947).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby
from statistics import NormalDist
from typing import Final

import msgspec

from batchgauge.core.bound import Bound

Z_95: Final = NormalDist().inv_cdf(0.975)
FEWEST: Final = 2
"""Of one value a side nothing is known of how they scatter."""


class Dominance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `new` is against `base`."""

    delta: Bound
    """Cliff's: the probability that a new value is above a base one less that it is below, -1 to 1, for all that bounds allow."""
    interval: Bound | None
    """At 95 %, chance and bounds together; None where a side has a single value."""
    p_value: float
    """Mann and Whitney's, two-sided, ties and continuity corrected: how often chance alone would differ so much. Of bounds the largest."""


def dominance(base: Sequence[Bound], new: Sequence[Bound]) -> Dominance | None:
    """None where either is empty. A bound without an upper end is longer than anything known."""
    if not base or not new:
        return None
    lows, highs = _ends(base)
    new_lows, new_highs = _ends(new)
    least, most = _Pairs(highs, new_lows), _Pairs(lows, new_highs)
    interval = None
    if min(len(base), len(new)) >= FEWEST:
        interval = Bound(least.interval()[0], most.interval()[1])
    is_either = least.delta <= 0 <= most.delta
    # Equal ends of bounds need not be equal values: only of exact ones are ties known, and they make the test surer.
    has_known_ties = all(bound.is_exact for bound in (*base, *new))
    return Dominance(
        delta=Bound(least.delta, most.delta),
        interval=interval,
        p_value=1.0 if is_either else max(pairs.p_value(has_known_ties=has_known_ties) for pairs in (least, most)),
    )


class _Pairs:
    """Every value of one ordered sample against every value of another."""

    def __init__(self, old: Sequence[float], fresh: Sequence[float]) -> None:
        self.old, self.fresh = old, fresh
        self.number = len(old) * len(fresh)
        # For each value how many of the other sample it is above, less how many it is below.
        self.by_fresh = [bisect_left(old, value) - (len(old) - bisect_right(old, value)) for value in fresh]
        self.delta = sum(self.by_fresh) / self.number

    def interval(self) -> tuple[float, float]:
        smaller = min(len(self.old), len(self.fresh))
        square = Z_95**2
        if abs(self.delta) == 1:
            # All of one above all of the other: Feng and Cliff's limit.
            inner = (smaller - square) / (smaller + square)
            return (inner, 1.0) if self.delta > 0 else (-1.0, -inner)
        delta, variance = self.delta, self._variance()
        rest = 1 - delta**2
        middle = delta - delta**3
        half = Z_95 * math.sqrt(variance) * math.sqrt(rest**2 + square * variance)
        scale = rest + square * variance
        return max(-1.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    def _variance(self) -> float:
        """Cliff's unbiased one, not below what he says that it cannot be."""
        m, n = len(self.old), len(self.fresh)
        by_old = [(n - bisect_right(self.fresh, value)) - bisect_left(self.fresh, value) for value in self.old]
        rows = math.fsum((value / n - self.delta) ** 2 for value in by_old)
        columns = math.fsum((value / m - self.delta) ** 2 for value in self.by_fresh)
        ties = sum(bisect_right(self.old, value) - bisect_left(self.old, value) for value in self.fresh)
        cells = self.number - ties - self.number * self.delta**2
        unbiased = (n * n * rows + m * m * columns - cells) / (self.number * (m - 1) * (n - 1))
        return max(unbiased, (1 - self.delta**2) / max(1, self.number - 1))

    def p_value(self, *, has_known_ties: bool) -> float:
        size = len(self.old) + len(self.fresh)
        together = sorted([*self.old, *self.fresh]) if has_known_ties else []
        ties = sum((number := len(list(group))) ** 3 - number for _, group in groupby(together))
        variance = self.number / 12 * (size + 1 - ties / (size * (size - 1)))
        if variance <= 0:
            return 1.0
        # delta · pairs / 2 is how far the rank sum is from its expectation.
        z = max(0.0, abs(self.delta) * self.number / 2 - 0.5) / math.sqrt(variance)
        return math.erfc(z / math.sqrt(2))


def _ends(sample: Sequence[Bound]) -> tuple[list[float], list[float]]:
    lows = sorted(-math.inf if bound.earliest is None else bound.earliest for bound in sample)
    return lows, sorted(math.inf if bound.latest is None else bound.latest for bound in sample)
