"""A number that is known exactly, or only to lie between two others."""

from __future__ import annotations

import msgspec


class Bound(msgspec.Struct, frozen=True, array_like=True):
    """The closed interval ``[earliest, latest]`` that surely holds the value; an open end is None.

    In JSON a two-element array. The unit is the field's (milliseconds throughout).
    """

    earliest: float | None
    latest: float | None

    @property
    def is_exact(self) -> bool:
        """Whether both ends are the same number."""
        return self.earliest is not None and self.earliest == self.latest

    @property
    def is_empty(self) -> bool:
        """Whether no value satisfies both ends: what led here contradicts itself."""
        return self.earliest is not None and self.latest is not None and self.earliest > self.latest

    @property
    def width(self) -> float | None:
        """How far apart the ends are; None where one is open."""
        if self.earliest is None or self.latest is None:
            return None
        return self.latest - self.earliest

    def intersect(self, other: Bound) -> Bound:
        """What both know together; may be empty."""
        return Bound(_largest(self.earliest, other.earliest), _smallest(self.latest, other.latest))

    def shift(self, offset: Bound) -> Bound:
        """The sum of two uncertain numbers."""
        return Bound(_plus(self.earliest, offset.earliest), _plus(self.latest, offset.latest))

    def minus(self, other: Bound) -> Bound:
        """The difference of two uncertain numbers that vary freely in their bounds."""
        return Bound(_minus(self.earliest, other.latest), _minus(self.latest, other.earliest))


UNKNOWN = Bound(None, None)


def exactly(value: float) -> Bound:
    """A number known exactly."""
    return Bound(value, value)


def hull(bounds: list[Bound]) -> Bound:
    """The smallest bound that holds all of them; unknown for none."""
    if not bounds:
        return UNKNOWN
    lows = [bound.earliest for bound in bounds]
    highs = [bound.latest for bound in bounds]
    low = None if None in lows else min(value for value in lows if value is not None)
    high = None if None in highs else max(value for value in highs if value is not None)
    return Bound(low, high)


def _largest(left: float | None, right: float | None) -> float | None:
    return right if left is None else left if right is None else max(left, right)


def _smallest(left: float | None, right: float | None) -> float | None:
    return right if left is None else left if right is None else min(left, right)


def _plus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right


def _minus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left - right
