"""Do stated 95 % intervals hold the truth as often as they say? Simulated experiments, each with its own distribution.

    python benchmarks/coverage.py [--experiments 2000] [--seed 1] [--only NAME]

Durations are a fixed part and a log-normal one, or two kinds of jobs mixed, as start-up and run times are; the truth is that of the
distribution. Comparisons are of two such samples, the second shifted or stretched. *Behind bounds*: of each job only the two looks are
known between which it lies, a third of the usual duration apart, or all at the same times for jobs that were made at once. *Share that
fails*: of jobs of which some had not ended when they were last seen. Intervals over runs are in coverage_of_runs.py.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats.bootstrap import bootstrap_interval, ratio_interval
from batchgauge.core.stats.incidence import incidence_of
from batchgauge.core.stats.intervals import mean_interval, quantile_interval
from batchgauge.core.stats.share import share_interval
from batchgauge.core.stats.summary import quantile
from batchgauge.core.stats.turnbull import distribution_of
from batchgauge.core.stats.two_samples import shift_of_quantile

DRAWS = 500
"""Of each resampling: fewer than the product's, which makes an interval a little less certain and no narrower."""
SIZES = (10, 100, 1_000)


@dataclass(frozen=True)
class Durations:
    """A fixed part and a log-normal one."""

    fixed_s: float
    median_s: float
    sigma: float

    def sample(self, chance: random.Random, size: int) -> list[float]:
        """Independent draws."""
        return [self.fixed_s + self.median_s * math.exp(self.sigma * chance.gauss(0, 1)) for _ in range(size)]

    def quantile(self, probability: float) -> float:
        """The distribution's own."""
        return self.fixed_s + self.median_s * math.exp(self.sigma * NormalDist().inv_cdf(probability))

    @property
    def mean(self) -> float:
        """The distribution's own."""
        return self.fixed_s + self.median_s * math.exp(self.sigma**2 / 2)


def draw(chance: random.Random) -> Durations:
    """As phases of jobs are: from nearly constant to spread by a half."""
    return Durations(chance.uniform(0, 30), chance.uniform(5, 100), chance.choice((0.05, 0.1, 0.2, 0.3, 0.5)))


Interval = Callable[[Durations, list[float], random.Random], tuple[Bound | None, float]]


def _shift(durations: Durations, sample: list[float], chance: random.Random) -> tuple[Bound | None, float]:
    true = chance.uniform(-1, 1) * durations.median_s * durations.sigma
    new = [exactly(value + true) for value in durations.sample(chance, len(sample))]
    return shift_of_quantile([exactly(value) for value in sample], new, 0.5, chance).interval, true


def _ratio(durations: Durations, sample: list[float], chance: random.Random) -> tuple[Bound | None, float]:
    true = chance.uniform(0.5, 2)
    new = [value * true for value in durations.sample(chance, len(sample))]
    found = ratio_interval(sample, new, chance, draws=DRAWS)
    return (None if found is None else Bound(found.low, found.high)), true


def _resampled_mean(durations: Durations, sample: list[float], chance: random.Random) -> tuple[Bound | None, float]:
    found = bootstrap_interval(sample, lambda values: math.fsum(values) / len(values), chance, draws=DRAWS)
    return (None if found is None else Bound(found.low, found.high)), durations.mean


def _share(durations: Durations, sample: list[float], chance: random.Random) -> tuple[Bound | None, float]:
    true = chance.uniform(0.5, 0.99)
    found = share_interval(sum(chance.random() < true for _ in sample), len(sample))
    return Bound(found.low, found.high), true


def _incidence(durations: Durations, sample: list[float], chance: random.Random) -> tuple[Bound | None, float]:
    """Failures of a share, as quick as successes; a fifth of the jobs is watched for less than they take, each until another time."""
    true = chance.uniform(0.05, 0.5)
    ends: list[tuple[float, bool | None]] = []
    for value in sample:
        seen_until = chance.uniform(0, 1) * value if chance.random() < 0.2 else math.inf
        ends.append((min(value, seen_until), None if seen_until < value else chance.random() < true))
    found = incidence_of(True, ends).final
    return Bound(found.low, found.high), true


def _bounds(durations: Durations, sample: list[float], chance: random.Random, *, at_once: bool) -> list[Bound]:
    every = durations.quantile(0.5) / 3
    begin = chance.uniform(0, every)
    found = []
    for value in sample:
        begin = begin if at_once else chance.uniform(0, every)
        before = begin + every * math.floor((value - begin) / every)
        found.append(Bound(max(0.0, before), before + every))
    return found


def _behind_bounds(*, at_once: bool) -> Interval:
    def interval(durations: Durations, sample: list[float], chance: random.Random) -> tuple[Bound | None, float]:
        bounds = _bounds(durations, sample, chance, at_once=at_once)
        low = quantile_interval([bound.earliest or 0.0 for bound in bounds], 0.5)
        high = quantile_interval([bound.latest or 0.0 for bound in bounds], 0.5)
        whole = None if low is None or high is None else Bound(low.earliest, high.latest)
        return whole, durations.quantile(0.5)

    return interval


INTERVALS: dict[str, Interval] = {
    "mean": lambda durations, sample, _: (mean_interval(sample), durations.mean),
    "mean, resampled": _resampled_mean,
    "median": lambda durations, sample, _: (quantile_interval(sample, 0.5), durations.quantile(0.5)),
    "90th percentile": lambda durations, sample, _: (quantile_interval(sample, 0.9), durations.quantile(0.9)),
    "shift of two medians": _shift,
    "ratio of two means": _ratio,
    "share of successes": _share,
    "share that fails": _incidence,
    "median behind bounds": _behind_bounds(at_once=False),
    "median behind bounds, made at once": _behind_bounds(at_once=True),
}
SLOW = frozenset({"shift of two medians", "mean, resampled", "ratio of two means"})
"""Of a thousand jobs in fewer experiments."""


def holds(bound: Bound, value: float) -> bool:
    """Whether the interval holds it; an open end does."""
    return (bound.earliest is None or bound.earliest <= value) and (bound.latest is None or value <= bound.latest)


def errors_of_estimates(experiments: int, seed: int) -> None:
    """How far Turnbull's median, and the envelope's middle, lie from the truth, in parts of the time between two looks."""
    for at_once in (False, True):
        chance = random.Random(f"{seed}/estimates")
        errors: dict[str, list[float]] = {"Turnbull": [], "envelope": []}
        for _ in range(experiments):
            durations = draw(chance)
            bounds = _bounds(durations, durations.sample(chance, 100), chance, at_once=at_once)
            every, true = durations.quantile(0.5) / 3, durations.quantile(0.5)
            found = distribution_of(bounds)
            assert found is not None
            lows, highs = (
                sorted(end or 0.0 for end in ends)
                for ends in zip(*((b.earliest, b.latest) for b in bounds), strict=True)
            )
            envelope = Bound(quantile(lows, 0.5), quantile(highs, 0.5))
            for name, cell in (("Turnbull", found.quantile(0.5)), ("envelope", envelope)):
                errors[name].append(abs((cell.earliest or 0.0) + (cell.width or 0.0) / 2 - true) / every)
        means = ", ".join(f"{name} {math.fsum(found) / len(found):.2f}" for name, found in errors.items())
        print(f"  median of 100 jobs behind bounds{', made at once' if at_once else ''}: mean error {means} looks")


def main() -> None:
    """A row for each interval, a column for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    given = parser.parse_args()
    print(f"{given.experiments:,} experiments; wanted: at least 93 %, and at most 97 % from 100 jobs on")
    for name, interval in INTERVALS.items():
        if given.only not in (None, name):
            continue
        cells = []
        for size in SIZES:
            experiments = min(given.experiments, 300) if size == SIZES[-1] and name in SLOW else given.experiments
            chance = random.Random(f"{given.seed}/{name}/{size}")
            held = refused = 0
            for _ in range(experiments):
                durations = draw(chance)
                bound, true = interval(durations, durations.sample(chance, size), chance)
                refused += bound is None
                held += bound is not None and holds(bound, true)
            stated = experiments - refused
            cells.append(f"{size:,} jobs: {held / stated:.1%} of {stated:,}" if stated else f"{size:,} jobs: refused")
        print(f"  {name:21} " + "; ".join(cells), flush=True)
    errors_of_estimates(min(given.experiments, 300), given.seed)


if __name__ == "__main__":
    main()
