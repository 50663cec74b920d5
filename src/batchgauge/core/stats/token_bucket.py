"""A token bucket from the outside: how deep it is and how fast it fills, from what it gave and what it refused.

A bucket that refuses holds less than one token at that moment. Between two refusals it has therefore given what flowed in, to within one
token, unless it overflowed in between; and until its first refusal it has given its depth and what flowed in meanwhile. So the
number given by the time of each refusal lies on a line, to within one token: its slope is the rate, its height the depth. Where others take
from the same bucket, what is estimated is what they left; of a bucket of one token or two, which runs over between any two calls, what it
gave and not what flowed in.

(The counting argument is that of network calculus: J.-Y. Le Boudec and P. Thiran, "Network Calculus", Springer 2001, section 1.2, where a
bucket's output over any time t is bounded by depth + rate · t.)
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
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
    # What was in flight when it first refused cannot be told from what came after.
    settled = [moment for moment in refused if moment >= refused[0] + 4 * moment_error_ms]
    refused = settled if len(settled) >= 2 else refused
    given_by = [bisect_right(taken, moment) for moment in refused]
    gaps = [
        _Between(given_by[number + 1] - given_by[number], (refused[number + 1] - refused[number]) / 1000)
        for number in range(len(refused) - 1)
    ]
    kept = _without_overflow(gaps)
    if sum(gaps[number].taken for number in kept) < MIN_TAKEN:
        return None
    begin_ms = taken[0]
    stretches = [
        [((refused[number] - begin_ms) / 1000, float(given_by[number])) for number in stretch]
        for stretch in _stretches(kept)
    ]
    return _fitted(stretches, is_first_whole=0 in kept)


def _fitted(stretches: Sequence[Sequence[tuple[float, float]]], *, is_first_whole: bool) -> BucketEstimate | None:
    """One slope for all stretches of refusals, since the bucket is the same; each with a height of its own, for what ran over before."""
    means = [(_mean([x for x, _ in part]), _mean([y for _, y in part])) for part in stretches]
    pairs = list(zip(stretches, means, strict=True))
    squares = math.fsum((x - mean_x) ** 2 for part, (mean_x, _) in pairs for x, _ in part)
    products = math.fsum((x - mean_x) * (y - mean_y) for part, (mean_x, mean_y) in pairs for x, y in part)
    seconds = math.fsum(part[-1][0] - part[0][0] for part in stretches)
    if squares <= 0 or seconds <= 0 or products <= 0:
        return None
    rate = products / squares
    misses = [y - mean_y - rate * (x - mean_x) for part, (mean_x, mean_y) in pairs for x, y in part]
    scatter = math.sqrt(math.fsum(miss**2 for miss in misses) / len(misses))
    error_per_s = (len(stretches) + 2 * scatter) / seconds
    refill = Estimate(value=rate, low=max(0.0, rate - error_per_s), high=rate + error_per_s)
    mean_x, mean_y = means[0]
    # Less than one token was left at each refusal.
    depth = mean_y + 0.5 - rate * mean_x
    error = 0.5 + 2 * scatter + error_per_s * stretches[0][0][0] if is_first_whole else mean_y
    return BucketEstimate(
        refill_per_s=refill,
        depth=Estimate(value=max(1.0, depth), low=max(1.0, depth - error), high=max(1.0, depth + error)),
    )


def _stretches(kept: set[int]) -> Iterator[list[int]]:
    """The refusals at the ends of adjoining gaps."""
    stretch: list[int] = []
    for number in sorted(kept):
        if stretch and stretch[-1] != number:
            yield stretch
            stretch = []
        if not stretch:
            stretch.append(number)
        stretch.append(number + 1)
    if stretch:
        yield stretch


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


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
