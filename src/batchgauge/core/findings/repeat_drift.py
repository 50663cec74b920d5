"""Whether the repeats of a sweep drift: caches that fill, an account that gets busier, a machine that heats up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.bound import Bound, hull
from batchgauge.core.findings.differences import differences_between
from batchgauge.core.findings.kinds import Phase
from batchgauge.core.findings.repeats import PICKS
from batchgauge.core.stats.drift import FEWEST, Drift, drift_of

RISK: Final = 0.05
"""Of calling anything a drift where nothing drifts: shared evenly by the phases (C. E. Bonferroni)."""


class PhaseDrift(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A phase's mean, from one repeat to the next, as a part of the level's median; for all values that bounds allow."""

    phase: Phase
    per_repeat: Bound
    interval: Bound
    p_value: float
    is_drift: bool
    levels: int
    repeats: int


def repeat_drifts(analysis: Analysis) -> tuple[PhaseDrift, ...]:
    """For each phase that four repeats of a level or more have; none where runs differ in more than their level."""
    if any(True for _ in differences_between(analysis.runs)):
        return ()
    levels = [list(group) for _, group in groupby(analysis.runs, key=lambda run: run.summary.level)]
    repeated = [runs for runs in levels if len(runs) >= FEWEST]
    found = list(_drifts(repeated))
    return tuple(msgspec.structs.replace(drift, is_drift=drift.p_value <= RISK / len(found)) for drift in found)


def _drifts(levels: Sequence[Sequence[AnalysedRun]]) -> Iterator[PhaseDrift]:
    for phase, pick in PICKS.items():
        means = [
            [summary.mean for run in runs if (summary := pick(run.summary)) is not None and summary.count]
            for runs in levels
        ]
        ends = [
            drift_of([[end for end in side if end is not None] for side in sides])
            for sides in (
                [[mean.earliest for mean in level] for level in means],
                [[mean.latest for mean in level] for level in means],
            )
        ]
        if ends[0] is not None and ends[1] is not None and ends[0].repeats == ends[1].repeats:
            yield _together(phase, ends[0], ends[1])


def _together(phase: Phase, low: Drift, high: Drift) -> PhaseDrift:
    """Where the two ends of the bounds go opposite ways, nothing goes anywhere."""
    is_either = low.per_repeat * high.per_repeat < 0
    return PhaseDrift(
        phase=phase,
        per_repeat=Bound(min(low.per_repeat, high.per_repeat), max(low.per_repeat, high.per_repeat)),
        interval=hull([low.interval, high.interval]),
        p_value=1.0 if is_either else max(low.p_value, high.p_value),
        is_drift=False,
        levels=low.levels,
        repeats=low.repeats,
    )
