"""Do stated 95 % intervals hold the truth as often as they say? Simulated experiments, each with its own distribution.

    python benchmarks/coverage.py [--experiments 2000] [--seed 1]

Durations are a fixed part and a log-normal one, or two kinds of jobs mixed, as start-up and run times are; the truth is that of the
distribution. Comparisons are of two such samples, the second shifted.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats.intervals import mean_interval, quantile_interval
from batchgauge.core.stats.two_samples import shift_of_quantile

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


INTERVALS: dict[str, Interval] = {
    "mean": lambda durations, sample, _: (mean_interval(sample), durations.mean),
    "median": lambda durations, sample, _: (quantile_interval(sample, 0.5), durations.quantile(0.5)),
    "90th percentile": lambda durations, sample, _: (quantile_interval(sample, 0.9), durations.quantile(0.9)),
    "shift of two medians": _shift,
}


def holds(bound: Bound, value: float) -> bool:
    """Whether the interval holds it; an open end does."""
    return (bound.earliest is None or bound.earliest <= value) and (bound.latest is None or value <= bound.latest)


def main() -> None:
    """A row for each interval, a column for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"{given.experiments:,} experiments; wanted: at least 93 %, and at most 97 % from 100 jobs on")
    for name, interval in INTERVALS.items():
        cells = []
        for size in SIZES:
            experiments = min(given.experiments, 300) if size == SIZES[-1] and interval is _shift else given.experiments
            chance = random.Random(f"{given.seed}/{name}/{size}")
            held = refused = 0
            for _ in range(experiments):
                durations = draw(chance)
                bound, true = interval(durations, durations.sample(chance, size), chance)
                refused += bound is None
                held += bound is not None and holds(bound, true)
            stated = experiments - refused
            cells.append(f"{size:,} jobs: {held / stated:.1%} of {stated:,}" if stated else f"{size:,} jobs: refused")
        print(f"  {name:21} " + "; ".join(cells))


if __name__ == "__main__":
    main()
