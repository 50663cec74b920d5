"""How the pace of work grows with the level, over a sweep.

The pace is that of a full house: the most places that jobs surely held at once (from STARTING to their end) over the mean time for which
one is held, which by Little's law (J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research 9 (1961)) is how many
jobs a second are done while so many are held. It is the same interval in both, so that wide bounds of STARTING shorten both alike. Jobs
over the time of a whole run would not do: a level just above a capacity takes two rounds for little more than one's jobs, and would look
like a collapse. Nor would those that run, without their start-up: where that takes longer than the run and not the same for all, few of
many run at the same moment.
"""

from __future__ import annotations

import math
import random
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.analysis.listed_jobs import listed_jobs
from batchgauge.core.findings.differences import differences_between
from batchgauge.core.findings.rules import most_surely_held
from batchgauge.core.observed.job_result import JobResult
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
    """None where there is a single level, or no run has a pace (nobody watched, or jobs are many columns)."""
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
    """Jobs a second while as many places are held as ever were; None where no job was seen to run and succeed."""
    held_ms = [time_ms for job in listed_jobs(run) if (time_ms := _surely_held_ms(job)) is not None]
    if not run.summary.is_monitored or not held_ms or math.fsum(held_ms) <= 0:
        return None
    return most_surely_held(run) / (math.fsum(held_ms) / len(held_ms)) * 1000


def _surely_held_ms(job: JobResult) -> float | None:
    """From the latest that STARTING can have been to the end."""
    phases = job.phases
    if not job.is_succeeded or phases is None or phases.run_ms is None or phases.run_ms.earliest is None:
        return None
    start_up_ms = phases.start_up_ms.earliest if phases.start_up_ms is not None else None
    return phases.run_ms.earliest + max(0.0, start_up_ms or 0.0)
