"""A number with the interval that it lies in."""

from __future__ import annotations

import msgspec


class Estimate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is estimated, in its best value and the interval around it; what kind of interval it is, says whoever made it."""

    value: float
    low: float
    high: float

    @property
    def relative_half_width(self) -> float:
        """Half the interval as a part of the value; infinite for a value of none."""
        return (self.high - self.low) / 2 / abs(self.value) if self.value else float("inf")
