"""A token bucket from the outside: how deep it is and how fast it fills, from what it gave and what it refused.

A bucket that refuses holds less than one token at that moment. Between two refusals it has therefore given what flowed in, to within one
token, unless it overflowed in between; and until its first refusal it has given its depth and what flowed in meanwhile. So the intervals
are not of chance: within the uncertainty of the moments they surely hold the truth, where nobody else takes from the same bucket. Where
others do, what is estimated is what they left.

(The counting argument is that of network calculus: J.-Y. Le Boudec and P. Thiran, "Network Calculus", Springer 2001, section 1.2, where a
bucket's output over any time t is bounded by depth + rate · t.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from batchgauge.core.stats.estimate import Estimate

OVERFLOW_SHARE: Final = 0.7
"""Where less than this part of what should have flowed in was taken between two refusals, nobody asked for a while and the bucket ran over:
that time tells nothing of its rate."""
MIN_TAKEN: Final = 5
"""Fewer tokens between refusals carry no rate."""
ROUNDS: Final = 20


class BucketEstimate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Tokens a second, and tokens."""

    refill_per_s: Estimate
    depth: Estimate


class _Between(NamedTuple):
    """From one refusal to the next."""

    taken: int
    seconds: float


def estimate_bucket(
    taken_ms: Sequence[float], refused_ms: Sequence[float], moment_error_ms: float = 0.0
) -> BucketEstimate | None:
    """The bucket that gave tokens at these moments and refused at those; None where they do not tell.

    At the same moment what was given is taken to come first. `moment_error_ms` is how far each moment may be off.
    """
    taken, refused = sorted(taken_ms), sorted(set(refused_ms))
    if len(refused) < 2 or not taken:
        return None
    given_by = [bisect_right(taken, moment) for moment in refused]
    gaps = [
        _Between(given_by[number + 1] - given_by[number], (refused[number + 1] - refused[number]) / 1000)
        for number in range(len(refused) - 1)
    ]
    kept = _without_overflow(gaps)
    count, seconds = sum(gaps[number].taken for number in kept), sum(gaps[number].seconds for number in kept)
    if count < MIN_TAKEN or seconds <= 0:
        return None
    # A stretch of adjoining gaps is off by one token at most, however many refusals lie in it.
    stretches = sum(number - 1 not in kept for number in kept)
    error_s = 2 * stretches * moment_error_ms / 1000
    low_per_s = max(0.0, count - stretches) / (seconds + error_s)
    high_per_s = (count + stretches) / max(seconds - error_s, seconds / 2)
    refill = Estimate(value=count / seconds, low=low_per_s, high=high_per_s)
    since_s = max(0.0, (refused[0] - taken[0]) / 1000)
    return BucketEstimate(refill_per_s=refill, depth=_depth(given_by[0], refill, since_s))


def _depth(given: int, refill: Estimate, since_s: float) -> Estimate:
    """Less than one token was left then."""
    return Estimate(
        value=max(1.0, given - refill.value * since_s + 0.5),
        low=max(1.0, given - refill.high * since_s),
        high=max(1.0, given - refill.low * since_s + 1),
    )


def _without_overflow(gaps: Sequence[_Between]) -> set[int]:
    kept = set(range(len(gaps)))
    for _ in range(ROUNDS):
        count, seconds = sum(gaps[number].taken for number in kept), sum(gaps[number].seconds for number in kept)
        if not seconds:
            break
        rate = count / seconds
        fitting = {n for n in kept if gaps[n].taken + 1 >= OVERFLOW_SHARE * rate * gaps[n].seconds}
        if fitting == kept:
            break
        kept = fitting
    return kept
