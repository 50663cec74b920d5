"""Two samples compared without assuming a distribution: by how much they differ, how sure that is, and how often one is above the other."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import msgspec

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.summary import quantile

LARGEST: Final = 400
"""Of a larger sample, so many evenly spaced quantiles stand for it: all pairs are looked at."""
CONFIDENCE: Final = 0.95


class Comparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `new` is against `base`; the unit of the shift is theirs."""

    shift: Estimate
    """Hodges and Lehmann's: the median of all differences new - base, with its 95 % interval."""
    delta: float
    """Cliff's: how much more often a new one is above a base one than below, from -1 to 1."""
    p_value: float
    """Mann and Whitney's, two-sided, with ties and continuity corrected: how often chance alone would differ so much."""


def compare(base: Sequence[float], new: Sequence[float]) -> Comparison | None:
    """None where either is empty.

    J. L. Hodges and E. L. Lehmann, "Estimates of Location Based on Rank Tests", Annals of Mathematical Statistics 34 (1963); the interval
    from M. Hollander, D. A. Wolfe and E. Chicken, "Nonparametric Statistical Methods", 3rd edition, Wiley 2013, section 4.3; N. Cliff,
    "Dominance Statistics", Psychological Bulletin 114 (1993).
    """
    if not base or not new:
        return None
    old, fresh = sorted(base), sorted(new)
    delta = _delta(old, fresh)
    differences = sorted(b - a for a in _thinned(old) for b in _thinned(fresh))
    return Comparison(shift=_shift(differences, len(old), len(fresh)), delta=delta, p_value=_p_value(old, fresh, delta))


def _shift(differences: Sequence[float], old: int, fresh: int) -> Estimate:
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
    # Of all old * fresh differences so many are left out at either end; of thinned samples, the same part of them.
    left_out = old * fresh / 2 - z * math.sqrt(old * fresh * (old + fresh + 1) / 12)
    rank = max(0, math.floor(left_out / (old * fresh) * len(differences)))
    return Estimate(value=quantile(differences, 0.5), low=differences[rank], high=differences[-1 - rank])


def _delta(old: Sequence[float], fresh: Sequence[float]) -> float:
    more = sum(bisect_left(old, value) - (len(old) - bisect_right(old, value)) for value in fresh)
    return more / (len(old) * len(fresh))


def _p_value(old: Sequence[float], fresh: Sequence[float], delta: float) -> float:
    size, pairs = len(old) + len(fresh), len(old) * len(fresh)
    together = sorted([*old, *fresh])
    ties = sum((number := bisect_right(together, v) - bisect_left(together, v)) ** 3 - number for v in set(together))
    variance = pairs / 12 * (size + 1 - ties / (size * (size - 1)))
    if variance <= 0:
        return 1.0
    # delta · pairs / 2 is how far the rank sum is from its expectation.
    z = max(0.0, abs(delta) * pairs / 2 - 0.5) / math.sqrt(variance)
    return 2 * (1 - NormalDist().cdf(z))


def _thinned(ordered: Sequence[float]) -> Sequence[float]:
    if len(ordered) <= LARGEST:
        return ordered
    return [quantile(ordered, (number + 0.5) / LARGEST) for number in range(LARGEST)]
