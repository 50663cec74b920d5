"""How the pace of work grows with the level, over a sweep.

The pace is that of a full house: the most jobs that ran at once over the mean run time, which by Little's law (J. D. C. Little, "A Proof
for the Queuing Formula: L = λW", Operations Research 9 (1961)) is how many a second are done while so many run. Jobs over the time of a
whole run would not do: a level just above a capacity takes two rounds for little more than one's jobs, and would look like a collapse.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from batchgauge.core.analysis import AnalysedRun, Analysis
from batchgauge.core.differences import differences_between
from batchgauge.core.stats.laws import Point
from batchgauge.core.stats.scaling import FEWEST_LEVELS, FEWEST_RUNS, Scaling, is_enough, scaling_of

SEED: Final = 20_261_124
"""Of the resampling: the same folder gives the same report, always."""


class Refusal(StrEnum):
    """Why no law is given."""

    CONDITIONS = "conditions"
    """The runs differ in more than their level."""
    RUNS = "runs"
    """Too few levels, or too few runs of them."""


class NoLaw(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="found", tag="none"):
    """No law, and why not."""

    refusal: Refusal
    levels: int
    """With jobs that were seen to run and succeed."""
    runs: int
    needed_levels: int = FEWEST_LEVELS
    needed_runs: int = FEWEST_RUNS


class FoundLaw(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="found", tag="law"):
    """The law, and what it was fitted to."""

    points: tuple[Point, ...]
    """(level, jobs a second) of each run."""
    scaling: Scaling


ScalingLaw: TypeAlias = FoundLaw | NoLaw


def scaling_law(analysis: Analysis, chance: random.Random) -> ScalingLaw | None:
    """None where there is a single level, or no run has a pace (nobody watched, or jobs are columns only)."""
    paced = [(run.summary.level, pace) for run in analysis.runs if (pace := pace_of_run(run)) is not None]
    points: tuple[Point, ...] = tuple((float(level), pace) for level, pace in paced)
    levels = len({level for level, _ in points})
    if levels < 2:
        return None
    if any(True for _ in differences_between(analysis.runs)):
        return NoLaw(refusal=Refusal.CONDITIONS, levels=levels, runs=len(points))
    found = scaling_of(points, chance) if is_enough(points) else None
    if found is None:
        return NoLaw(refusal=Refusal.RUNS, levels=levels, runs=len(points))
    return FoundLaw(points=points, scaling=found)


def pace_of_run(run: AnalysedRun) -> float | None:
    """Jobs a second while as many run as ever did at once; None where none was seen to run and succeed."""
    times_ms = _run_times_ms(run)
    if not run.summary.max_running or not times_ms or math.fsum(times_ms) <= 0:
        return None
    return run.summary.max_running / (math.fsum(times_ms) / len(times_ms)) * 1000


def _run_times_ms(run: AnalysedRun) -> Sequence[float]:
    phases = (job.phases for job in run.result.jobs if job.is_succeeded and job.phases is not None)
    bounds = (each.run_ms for each in phases if each.run_ms is not None)
    return [bound.earliest for bound in bounds if bound.is_exact and bound.earliest is not None]
