"""Do intervals over runs hold the truth as often as they say? Simulated sweeps, each with its own truth.

    python benchmarks/coverage_of_runs.py [--experiments 1000] [--seed 1]

*Drift*: repeats of levels whose mean changes by a share of itself from one to the next, beside scatter of 1 to 10 %. *Scaling*: paces after
each law, with scatter of 0.5 to 5 %; the intervals are those of the law that was named, where it is the true one.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter

from batchgauge.core.stats.drift import drift_of
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.laws import Law, Parameters, pace_of
from batchgauge.core.stats.scaling import Scaling, scaling_of

LEVELS = (2, 5, 10, 20)
SWEEPS = {
    "4 levels, 2 repeats": [float(level) for level in LEVELS for _ in range(2)],
    "8 levels": [1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0],
    "6 levels, 3 repeats": [float(level) for level in (1, 2, 5, 10, 20, 40) for _ in range(3)],
}


def drift(experiments: int, repeats: int, chance: random.Random) -> str:
    """How often its interval holds the slope, and how often a drift is seen where there is none."""
    held = refused = seen = 0
    for _ in range(experiments):
        slope, scatter = chance.uniform(-0.05, 0.05), chance.uniform(0.01, 0.1)
        still = [[math.exp(chance.gauss(0, scatter)) for _ in range(repeats)] for _ in LEVELS]
        moving = [[value + slope * place for place, value in enumerate(values)] for values in still]
        found, nothing = drift_of(moving), drift_of(still)
        if found is None or nothing is None:
            refused += 1
            continue
        # The interval is of the slope as a part of the level's median, which moves by half the way too.
        true = slope / (1 + slope * (repeats - 1) / 2)
        low, high = found.interval.earliest, found.interval.latest
        held += (low is None or low <= true) and (high is None or true <= high)
        seen += nothing.p_value <= 0.05
    stated = experiments - refused
    return f"drift over {len(LEVELS)} levels, {repeats} repeats: {held / stated:.1%}; seen where there is none: {seen / stated:.1%}"


def parameters_of(law: Law, highest: float, chance: random.Random) -> Parameters:
    """A truth that the levels can show."""
    alone = chance.uniform(0.01, 2)
    match law:
        case Law.LINEAR:
            return (alone,)
        case Law.PLATEAU:
            return alone, chance.uniform(highest / 8, highest * 0.8)
        case Law.UNIVERSAL:
            return alone, chance.uniform(0.02, 0.2), chance.uniform(0.0005, 0.01)


def estimates_of(scaling: Scaling) -> list[Estimate]:
    """In the order of the parameters."""
    found = (scaling.pace, scaling.number, scaling.contention, scaling.coherency)
    return [estimate for estimate in found if estimate is not None]


def scaling(experiments: int, levels: list[float], law: Law, chance: random.Random) -> str:
    """How often the law is named, and how often the intervals of its parameters hold them."""
    held: Counter[int] = Counter()
    named: Counter[Law] = Counter()
    for _ in range(experiments):
        true, scatter = parameters_of(law, levels[-1], chance), chance.choice((0.005, 0.02, 0.05))
        points = [(level, pace_of(law, true, level) * math.exp(chance.gauss(0, scatter))) for level in levels]
        found = scaling_of(points, chance, draws=300)
        assert found is not None
        named[found.law] += 1
        if found.law is law:
            for place, (estimate, value) in enumerate(zip(estimates_of(found), true, strict=True)):
                held[place] += estimate.low <= value <= estimate.high
    shares = ", ".join(f"{held[place] / max(1, named[law]):.1%}" for place in range(len(true)))
    return f"{law}: named {named[law] / experiments:.1%}; its parameters held {shares}"


def main() -> None:
    """A line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"{given.experiments:,} experiments; wanted: at least 93 %")
    for repeats in (4, 6, 10):
        print(f"  {drift(given.experiments, repeats, random.Random(f'{given.seed}/{repeats}'))}", flush=True)
    for name, levels in SWEEPS.items():
        for law in Law:
            line = scaling(given.experiments, levels, law, random.Random(f"{given.seed}/{name}/{law}"))
            print(f"  {name}, {line}", flush=True)


if __name__ == "__main__":
    main()
