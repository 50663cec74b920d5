"""A share of a few, with its interval."""

from __future__ import annotations

import math
from typing import Final

from batchgauge.core.stats.estimate import Estimate

Z_95: Final = 1.959963984540054


def share_interval(met: int, of: int, z: float = Z_95) -> Estimate:
    """The share `met / of` and Wilson's score interval for the probability behind it, 95 % by default; `of` must not be 0.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927); recommended for small samples by
    L. D. Brown, T. T. Cai and A. DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16 (2001).
    """
    found = share_interval_of(met / of, of, z)
    # The ends that are certain are so whatever rounding makes of them.
    return Estimate(value=found.value, low=0.0 if met == 0 else found.low, high=1.0 if met == of else found.high)


def share_interval_of(share: float, of: float, z: float = Z_95) -> Estimate:
    """The same of a share that was estimated, from as many as that is worth; of none anything is possible."""
    if of <= 0:
        return Estimate(value=share, low=0.0, high=1.0)
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Estimate(value=share, low=max(0.0, middle - half), high=min(1.0, middle + half))
