"""Jobs that took far longer than the rest of their run: named, and left in every figure.

Of run time, start-up and submission. Not of waiting: that jobs wait for those before them is what a limit does, and the verdict says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.analysis.listed_jobs import listed_jobs
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.findings.kinds import FarJob, Phase, TookFarLonger
from batchgauge.core.findings.trends import CHANGE_FLOOR_MS
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.stats.outliers import outliers

NAMED: Final = 5
"""A finding names so many; the table of jobs has all."""
_ATTRIBUTES: Final = {Phase.SUBMIT: "submit_ms", Phase.START_UP: "start_up_ms", Phase.RUN: "run_ms"}


def took_far_longer(analysis: Analysis) -> Iterator[TookFarLonger]:
    """For each run and phase in which any did; of many columns, nothing (`listed_jobs`)."""
    for run in analysis.runs:
        jobs = listed_jobs(run)
        for phase in _ATTRIBUTES:
            found = _of_phase(run, jobs, phase)
            if found is not None:
                yield found


def _of_phase(run: AnalysedRun, jobs: Sequence[JobResult], phase: Phase) -> TookFarLonger | None:
    sample = [(job, bound) for job in jobs if (bound := _duration(job, phase)) is not None]
    found = outliers([bound for _, bound in sample])
    if found is None:
        return None
    outside = [
        FarJob(sample[outlier.place][0].job_name, sample[outlier.place][1], outlier.times)
        for outlier in found.outside
        if (outlier.times - 1) * found.median >= CHANGE_FLOOR_MS
    ]
    if not outside:
        return None
    return TookFarLonger(
        level=run.summary.level,
        phase=phase,
        count=len(outside),
        jobs=_named(outside),
        median=exactly(found.median),
        limit=exactly(max(found.limit, found.median + CHANGE_FLOOR_MS)),
        repeats=(run.repeat,),
    )


def _named(outside: Sequence[FarJob]) -> tuple[FarJob, ...]:
    return tuple(outside[:NAMED])


def _duration(job: JobResult, phase: Phase) -> Bound | None:
    if not job.is_accepted or job.phases is None:
        return None
    if phase is Phase.SUBMIT and not job.has_own_submission:
        return None
    found: Bound | None = getattr(job.phases, _ATTRIBUTES[phase])
    return found
