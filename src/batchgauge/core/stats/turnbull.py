"""The distribution of durations of which only bounds are known: the nonparametric maximum likelihood estimate.

B. W. Turnbull, "The Empirical Distribution Function with Arbitrarily Grouped, Censored and Truncated Data", J. of the Royal Statistical
Society B 38 (1976). Of exact durations it is their own distribution; of exact and right-censored ones E. L. Kaplan's and P. Meier's
("Nonparametric Estimation from Incomplete Observations", JASA 53 (1958)), which is then computed as such. Otherwise its self-consistent
iteration is run, quickened by R. Varadhan and C. Roland's extrapolation ("Simple and Globally Convergent Methods for Accelerating the
Convergence of Any EM Algorithm", Scandinavian Journal of Statistics 35 (2008)), until no cell's weight could still raise the likelihood
(R. Gentleman and C. J. Geyer, "Maximum Likelihood for Interval Censored Data: Consistency and Computation", Biometrika 81 (1994)).

It supposes that when somebody looked has nothing to do with how long the job took, and that a job which was last seen waiting would have
gone on like those that waited as long.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from batchgauge.core.bound import Bound

MAX_ENDS: Final = 256
"""With more different ends than this, bounds are widened outwards to a grid of so many steps: no truth leaves its bound, and ten thousand
jobs take a fraction of a second."""
TOLERANCE: Final = 1e-5
"""How far, relatively, the best cell may still be from raising the likelihood."""
MOST_ROUNDS: Final = 400
ROUNDING: Final = 1e-9

NEVER: Final = Bound(math.inf, math.inf)

_CLOSED, _END, _OPEN = 0, 1, 2
"""Of ends with the same value: bounds that hold it begin, bounds that hold it end, bounds of what is longer begin."""


class Mass(NamedTuple):
    """So much of the distribution lies somewhere within `low` … `high`, and where, nothing says; `high` may be infinite."""

    low: float
    high: float
    mass: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is known of the distribution of a duration."""

    masses: tuple[Mass, ...]
    """Ascending, without overlap; together 1."""

    def quantile(self, probability: float) -> Bound:
        """Where the estimate reaches it, as far as it says: a cell is no point."""
        reached = 0.0
        for low, high, mass in self.masses:
            reached += mass
            if reached >= probability - ROUNDING:
                return _bound(low, high)
        return _bound(self.masses[-1].low, math.inf)


def distribution_of(durations: Sequence[Bound]) -> Distribution | None:
    """The estimate from bounds and exact durations; one without an upper end is longer than its lower one. None of none.

    What is known never to come (`NEVER`: the job failed before) is at infinity, so that quantiles are those of the cumulative incidence,
    with failures as a competing risk: J. P. Fine and R. J. Gray, "A Proportional Hazards Model for the Subdistribution of a Competing
    Risk", JASA 94 (1999), section 2.
    """
    groups = Counter((_low(bound), math.inf if bound.latest is None else bound.latest) for bound in durations)
    if not groups:
        return None
    if all(low == high or math.isinf(high) for low, high in groups):
        return Distribution(tuple(_product_limit(groups)))
    is_fine = len({end for pair in groups for end in pair}) <= MAX_ENDS
    return Distribution(tuple(_most_likely(groups) if is_fine else _coarsely(groups)))


def _low(bound: Bound) -> float:
    return -math.inf if bound.earliest is None else bound.earliest


def _product_limit(groups: Mapping[tuple[float, float], int]) -> list[Mass]:
    """Kaplan and Meier's steps; what is left lies beyond the longest that was seen."""
    ended = Counter({low: number for (low, high), number in groups.items() if low == high})
    at_risk, left = sum(groups.values()), 1.0
    waiting = sorted((low, number) for (low, high), number in groups.items() if low != high)
    masses, place = [], 0
    for time in sorted(ended):
        while place < len(waiting) and waiting[place][0] < time:
            at_risk -= waiting[place][1]
            place += 1
        masses.append(Mass(time, time, left * ended[time] / at_risk))
        left *= 1 - ended[time] / at_risk
        at_risk -= ended[time]
    return [*masses, Mass(waiting[-1][0], math.inf, left)] if at_risk else masses


def _coarsely(groups: Mapping[tuple[float, float], int]) -> list[Mass]:
    """On a grid of equal steps, whose numbers take the place of durations: a bound covers every step that it touches."""
    ends = [end for pair in groups for end in pair if math.isfinite(end)]
    first, step = min(ends), (max(ends) - min(ends)) / MAX_ENDS
    numbered: Counter[tuple[float, float]] = Counter()
    for (low, high), number in groups.items():
        begin = math.floor((low - first) / step) if math.isfinite(low) else low
        end = math.floor((high - first) / step) if math.isfinite(high) else high
        # What is longer may still lie within the same step.
        numbered[begin - 0.5 if math.isinf(high) else begin, end] += number
    return [
        Mass(first + step * math.ceil(low) if math.isfinite(low) else low, first + step * (high + 1), mass)
        for low, high, mass in _most_likely(numbered)
    ]


def _most_likely(groups: Mapping[tuple[float, float], int]) -> list[Mass]:
    """Turnbull's: mass can only lie where a beginning is followed by an end, and there it may lie anywhere."""
    begins = {pair: (pair[0], _OPEN if pair[1] > pair[0] and math.isinf(pair[1]) else _CLOSED) for pair in groups}
    ends = sorted({*begins.values(), *((high, _END) for _, high in groups)})
    cells = [(one, other) for one, other in pairwise(ends) if one[1] != _END and other[1] == _END]
    lows, highs = [low for low, _ in cells], [high for _, high in cells]
    spans: Counter[tuple[int, int]] = Counter()
    for pair, number in groups.items():
        spans[bisect_left(lows, begins[pair]), bisect_right(highs, (pair[1], _END))] += number
    weights = _Iteration(spans, len(cells)).run()
    return [
        Mass(low[0], high[0], weight)
        for (low, high), weight in zip(cells, weights, strict=True)
        if weight > ROUNDING / len(cells)
    ]


class _Iteration:
    """Weights of cells, from how many jobs lie in which stretch of them."""

    def __init__(self, spans: Mapping[tuple[int, int], int], cells: int) -> None:
        self.spans = [(first, past, number) for (first, past), number in spans.items()]
        self.size = sum(spans.values())
        self.cells = cells

    def run(self) -> list[float]:
        weights = [1 / self.cells] * self.cells
        for _ in range(MOST_ROUNDS):
            gains, likelihood = self._gains(weights)
            if max(gains) <= 1 + TOLERANCE:
                break
            once = [weight * gain for weight, gain in zip(weights, gains, strict=True)]
            gains, _ = self._gains(once)
            twice = [weight * gain for weight, gain in zip(once, gains, strict=True)]
            further = _extrapolated(weights, once, twice)
            gains, better = self._gains(further)
            is_better = better >= likelihood
            weights = [w * gain for w, gain in zip(further, gains, strict=True)] if is_better else twice
        return weights

    def _gains(self, weights: Sequence[float]) -> tuple[list[float], float]:
        """By how much each cell's weight is to be multiplied, and the log-likelihood; a pass over jobs and cells each."""
        total = [0.0, *accumulate(weights)]
        changes = [0.0] * (self.cells + 1)
        likelihood = 0.0
        for first, past, number in self.spans:
            chance = max(total[past] - total[first], 1e-300)
            share = number / chance
            changes[first] += share
            changes[past] -= share
            likelihood += number * math.log(chance)
        return [change / self.size for change in accumulate(changes[: self.cells])], likelihood


def _extrapolated(weights: Sequence[float], once: Sequence[float], twice: Sequence[float]) -> list[float]:
    steps = [b - a for a, b in zip(weights, once, strict=True)]
    bends = [c - b - step for b, c, step in zip(once, twice, steps, strict=True)]
    bend = math.sqrt(math.fsum(value * value for value in bends))
    length = -math.sqrt(math.fsum(value * value for value in steps)) / bend if bend > 0 else -1.0
    length = min(length, -1.0)
    moved = [
        max(a - 2 * length * step + length * length * turn, least / 2)
        for a, step, turn, least in zip(weights, steps, bends, twice, strict=True)
    ]
    whole = math.fsum(moved)
    return [value / whole for value in moved]


def _bound(low: float, high: float) -> Bound:
    # What lies at infinity never comes: nothing is known to bound it.
    return Bound(None if math.isinf(low) else low, None if math.isinf(high) else high)
