"""How far a statistic of one sample lies from that of another, with an interval, when the values are only bounds.

An order statistic's bootstrap distribution needs no resampling: the k-th of n draws from a sample lies where the k-th of n uniform
numbers does, and that is Beta(k, n+1-k) (H. A. David and H. N. Nagaraja, "Order Statistics", 3rd ed., 2003, section 2.1; B. Efron,
"Bootstrap Methods: Another Look at the Jackknife", The Annals of Statistics 7 (1979), section 3). So 10,000 jobs cost no more than ten. A
mean is resampled where that is cheap, and drawn from its normal limit where the sample is large. Means of whole runs are compared by
B. L. Welch's test ("The Generalization of 'Student's' Problem", Biometrika 34 (1947)), since a bootstrap of three runs is far too sure.

How often one is above the other, whatever their distributions, is told by ranks (`stats.dominance`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.stats.share import share_interval_of

DRAWS: Final = 2000
CONFIDENCE: Final = 0.95
RESAMPLED_UP_TO: Final = 200
"""Larger samples' means are taken to be normal."""
FEWEST: Final = 5
"""Below so many values an interval from resampling is far too narrow, and none is given."""
FEWEST_RUNS: Final = 3
"""The runs a side from which on the run is the unit."""
_T: Final = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""Student's t at 97.5 % for 1 … 15 degrees of freedom; beyond, a series does (`_t`)."""


class Shift(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far the new value lies from the old one, absolutely and as a part of the old one; a bound each."""

    measured: Bound
    """By what was measured alone: as wide as the bounds of the values make it."""
    interval: Bound | None
    """At 95 %, chance and bounds together; None where too few values carry one."""
    relative: Bound | None
    relative_interval: Bound | None


def shift_of_quantile(base: Sequence[Bound], new: Sequence[Bound], probability: float, chance: random.Random) -> Shift:
    """Of a quantile; the samples must not be empty."""
    lows, highs = _ends(base)
    new_lows, new_highs = _ends(new)

    def at(ordered: Sequence[float]) -> float:
        return _interpolated(ordered, (len(ordered) - 1) * probability)

    def draws(ordered: Sequence[float]) -> list[float]:
        return [_drawn_quantile(ordered, probability, chance) for _ in range(DRAWS)]

    # Resampling knows nothing of what lies beyond the least and the largest value.
    is_enough = min(len(base), len(new)) >= FEWEST and 0 < probability < 1
    return _shift(
        (at(lows), at(highs), at(new_lows), at(new_highs)),
        tuple(map(draws, (lows, highs, new_lows, new_highs))) if is_enough else None,
    )


def shift_of_mean(base: Sequence[Bound], new: Sequence[Bound], chance: random.Random) -> Shift:
    """Of the mean; the samples must not be empty."""
    samples = (*_ends(base), *_ends(new))
    is_enough = min(len(base), len(new)) >= FEWEST
    points = tuple(math.fsum(sample) / len(sample) for sample in samples)
    return _shift(
        (points[0], points[1], points[2], points[3]),
        tuple(_drawn_means(sample, chance) for sample in samples) if is_enough else None,
    )


def shift_of_share(base: Sequence[Bound], new: Sequence[Bound]) -> Shift:
    """Of the mean of ones and zeros, from two score intervals: resampling a sample in which all are alike finds no chance in it.

    R. G. Newcombe, "Interval Estimation for the Difference between Independent Proportions", Statistics in Medicine 17 (1998), method 10.
    """
    points = tuple(math.fsum(sample) / len(sample) for sample in (*_ends(base), *_ends(new)))
    before = [share_interval_of(share, len(base)) for share in points[:2]]
    after = [share_interval_of(share, len(new)) for share in points[2:]]
    low = after[0].value - before[1].value
    low -= math.hypot(after[0].value - after[0].low, before[1].high - before[1].value)
    high = after[1].value - before[0].value
    high += math.hypot(after[1].high - after[1].value, before[0].value - before[0].low)
    whole = _shift((points[0], points[1], points[2], points[3]), None)
    return msgspec.structs.replace(
        whole, interval=_bound(low, high), relative_interval=_ratio(low, high, points[0], points[1])
    )


def quantile_of(sample: Sequence[Bound], probability: float) -> Bound:
    """What `shift_of_quantile` compares; the sample must not be empty."""
    lows, highs = _ends(sample)
    place = (len(sample) - 1) * probability
    return _bound(_interpolated(lows, place), _interpolated(highs, place))


def mean_of(sample: Sequence[Bound]) -> Bound:
    """What `shift_of_mean` compares; the sample must not be empty."""
    lows, highs = _ends(sample)
    return _bound(math.fsum(lows) / len(lows), math.fsum(highs) / len(highs))


def shift_of_runs(base: Sequence[Bound], new: Sequence[Bound]) -> Shift:
    """Of the mean of one value a run, `FEWEST_RUNS` of them at least on each side."""
    lows, highs = _ends(base)
    new_lows, new_highs = _ends(new)
    low, high = _welch(highs, new_lows)[0], _welch(lows, new_highs)[1]
    points = tuple(math.fsum(sample) / len(sample) for sample in (lows, highs, new_lows, new_highs))
    whole = _shift((points[0], points[1], points[2], points[3]), None)
    return msgspec.structs.replace(
        whole,
        interval=_bound(low, high),
        relative_interval=_ratio(low, high, points[0], points[1]),
    )


def _shift(points: tuple[float, float, float, float], draws: tuple[list[float], ...] | None) -> Shift:
    """From (low, high) of the base and of the new: each end of the difference takes the ends that are furthest apart."""
    low, high, new_low, new_high = points
    interval = relative_interval = None
    if draws is not None:
        down = sorted(_known(_minus(new, old), -math.inf) for new, old in zip(draws[2], draws[1], strict=True))
        up = sorted(_known(_minus(new, old), math.inf) for new, old in zip(draws[3], draws[0], strict=True))
        interval = _bound(_lower(down), _upper(up))
        if low > 0 and min(*draws[0], *draws[1]) > 0:
            less = sorted(_known(_part(new, old), -1.0) for new, old in zip(draws[2], draws[1], strict=True))
            more = sorted(_known(_part(new, old), math.inf) for new, old in zip(draws[3], draws[0], strict=True))
            relative_interval = _bound(_lower(less), _upper(more))
    return Shift(
        measured=_bound(_minus(new_low, high), _minus(new_high, low)),
        interval=interval,
        relative=_bound(_part(new_low, high), _part(new_high, low)) if low > 0 else None,
        relative_interval=relative_interval,
    )


def _ends(sample: Sequence[Bound]) -> tuple[list[float], list[float]]:
    lows = sorted(0.0 if bound.earliest is None else bound.earliest for bound in sample)
    return lows, sorted(math.inf if bound.latest is None else bound.latest for bound in sample)


def _interpolated(ordered: Sequence[float], position: float) -> float:
    below = math.floor(position)
    fraction = position - below
    if fraction == 0 or ordered[below] == ordered[below + 1]:
        return ordered[below]
    return ordered[below] + fraction * (ordered[below + 1] - ordered[below])


def _drawn_quantile(ordered: Sequence[float], probability: float, chance: random.Random) -> float:
    size = len(ordered)
    position = (size - 1) * probability
    rank = math.floor(position) + 1
    place = chance.betavariate(rank, size + 1 - rank)
    value = ordered[min(size - 1, int(place * size))]
    fraction = position - (rank - 1)
    if fraction == 0 or rank == size:
        return value
    # The next one up, given this one: the least of the rest, which lie evenly above it.
    place += (1 - place) * chance.betavariate(1, size - rank)
    above = ordered[min(size - 1, int(place * size))]
    return value if above == value else value + fraction * (above - value)


def _drawn_means(sample: Sequence[float], chance: random.Random) -> list[float]:
    size = len(sample)
    if any(map(math.isinf, sample)):
        return [math.inf] * DRAWS
    mean = math.fsum(sample) / size
    if size > RESAMPLED_UP_TO:
        error = math.sqrt(math.fsum((value - mean) ** 2 for value in sample) / (size - 1) / size)
        return [chance.gauss(mean, error) for _ in range(DRAWS)]
    return [math.fsum(chance.choices(sample, k=size)) / size for _ in range(DRAWS)]


def _welch(base: Sequence[float], new: Sequence[float]) -> tuple[float, float]:
    means, errors = [], []
    for sample in (base, new):
        mean = math.fsum(sample) / len(sample)
        means.append(mean)
        spread = math.fsum((value - mean) ** 2 for value in sample) if math.isfinite(mean) else math.inf
        errors.append(spread / (len(sample) - 1) / len(sample))
    shift, variance = _minus(means[1], means[0]), sum(errors)
    if variance == 0 or not math.isfinite(variance):
        return (shift, shift) if variance == 0 else (-math.inf, math.inf)
    freedom = variance**2 / sum(
        error**2 / (len(sample) - 1) for error, sample in zip(errors, (base, new), strict=True) if error
    )
    half = _t(freedom) * math.sqrt(variance)
    return shift - half, shift + half


def _t(freedom: float) -> float:
    """Student's t at 97.5 %; from 16 degrees of freedom on by Cornish and Fisher's expansion, good to three digits there."""
    if freedom < len(_T) + 1:
        return _T[max(1, math.floor(freedom)) - 1]
    z = 1.959964
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _minus(new: float, old: float) -> float:
    if math.isinf(new) and math.isinf(old):
        return math.nan
    return new - old


def _known(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value


def _part(new: float, old: float) -> float:
    if math.isinf(old):
        return math.nan if math.isinf(new) else -1.0
    return new / old - 1


def _lower(ordered: Sequence[float]) -> float:
    return ordered[int(len(ordered) * (1 - CONFIDENCE) / 2)]


def _upper(ordered: Sequence[float]) -> float:
    return ordered[len(ordered) - 1 - int(len(ordered) * (1 - CONFIDENCE) / 2)]


def _ratio(low: float, high: float, base_low: float, base_high: float) -> Bound | None:
    """Of an interval to a base that is only a bound; chance in the base is in the interval already."""
    if base_low <= 0 or math.isinf(base_high):
        return None
    ends = [end / base for end in (low, high) for base in (base_low, base_high)]
    return _bound(min(ends), max(ends))


def _bound(low: float, high: float) -> Bound:
    return Bound(low if math.isfinite(low) else None, high if math.isfinite(high) else None)
