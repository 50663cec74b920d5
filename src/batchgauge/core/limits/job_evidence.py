"""What a verdict needs to know of a run's jobs: a protocol, and how it is answered from records. From columns: `table_evidence`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from batchgauge.core.bound import Bound
from batchgauge.core.concurrency.placement import Placed, placements_of
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.stats.moments import Moments, moments_of
from batchgauge.core.stats.slowing import Company, company

if TYPE_CHECKING:
    from batchgauge.core.analysis.analysis import AnalysedRun

MANY_NUMBERS: Final = 256
"""Up to here every number of companions is kept apart."""
AS_GOOD_AS_EQUAL: Final = 1.02
"""Beyond, numbers this close are taken together: no law of slowing tells them apart, and fitting one to ten thousand takes minutes."""


class Sends(NamedTuple):
    """The submissions of which it is known when they were meant to go out and when they did."""

    number: int
    delay_ms: float
    """The mean."""
    span_s: float
    """From the first to the last."""


class Group(NamedTuple):
    """Things that went on at once, and how many they were."""

    company: Company
    members: int


class Ends(NamedTuple):
    """The sum of what bounds leave, and of how many."""

    total_ms: float
    number: int


class JobEvidence(Protocol):
    """The jobs of one run; durations in milliseconds."""

    @property
    def sends(self) -> Sends:
        """Those that are counted here: an array's is one."""
        ...

    @property
    def placed(self) -> Placed:
        """When they got their places."""
        ...

    @property
    def has_tasks(self) -> bool:
        """Whether the ECS task of any job is known."""
        ...

    def provisioning(self) -> Moments:
        """From the task to the beginning of its image pull."""
        ...

    def image_pulls(self) -> Moments:
        """Of those that ended."""
        ...

    def pulled(self) -> Group | None:
        """The image pulls that ended."""
        ...

    def start_ups(self) -> Moments:
        """The middles of their bounds."""
        ...

    def start_up_least(self) -> Ends:
        """The lower ends of their bounds."""
        ...

    def start_up_most(self) -> Ends:
        """The upper ends."""
        ...

    def run_times(self) -> Moments:
        """Of jobs that succeeded."""
        ...

    def ran(self) -> Group | None:
        """The jobs that succeeded, among all that ran."""
        ...

    def log_delays(self) -> Moments:
        """A job's lines came by the same way: their mean is one observation."""
        ...


def evidence_of(run: AnalysedRun) -> JobEvidence:
    """Of a run's records, or of its columns."""
    if run.table is None:
        return RecordEvidence(run.result.jobs)
    from batchgauge.core.limits.table_evidence import TableEvidence  # noqa: PLC0415  (numpy: only where there are columns)

    return TableEvidence(run.table)


@dataclass(frozen=True)
class RecordEvidence:
    """From records."""

    jobs: Sequence[JobResult]

    @property
    def sends(self) -> Sends:
        """See `JobEvidence`."""
        sends = [
            (job.instants.sent_ms, job.instants.intended_ms)
            for job in self.jobs
            if job.has_own_submission
            and job.instants is not None
            and job.instants.sent_ms is not None
            and job.instants.intended_ms is not None
        ]
        if not sends:
            return Sends(0, 0.0, 0.0)
        span_ms = max(sent for sent, _ in sends) - min(sent for sent, _ in sends)
        return Sends(len(sends), math.fsum(sent - intended for sent, intended in sends) / len(sends), span_ms / 1000)

    @property
    def placed(self) -> Placed:
        """See `JobEvidence`."""
        return placements_of(self.jobs)

    @property
    def has_tasks(self) -> bool:
        """See `JobEvidence`."""
        return any(job.tasks for job in self.jobs)

    def provisioning(self) -> Moments:
        """See `JobEvidence`."""
        return _of_steps(task.provisioning_ms for job in self.jobs for task in job.tasks)

    def image_pulls(self) -> Moments:
        """See `JobEvidence`."""
        return _of_steps(task.image_pull_ms for job in self.jobs for task in job.tasks)

    def pulled(self) -> Group | None:
        """See `JobEvidence`."""
        intervals = [
            (task.pull_started_ms, task.pull_stopped_ms)
            for job in self.jobs
            for task in job.tasks
            if task.pull_started_ms is not None and task.pull_stopped_ms is not None
        ]
        return _group(company(intervals), len(intervals))

    def start_ups(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of(
            (bound.earliest + bound.latest) / 2
            for bound in self._start_ups()
            if bound.earliest is not None and bound.latest is not None
        )

    def start_up_least(self) -> Ends:
        """See `JobEvidence`."""
        return _ends(bound.earliest for bound in self._start_ups())

    def start_up_most(self) -> Ends:
        """See `JobEvidence`."""
        return _ends(bound.latest for bound in self._start_ups())

    def run_times(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of(
            job.phases.run_ms.earliest
            for job in self.jobs
            if job.is_succeeded
            and job.phases is not None
            and job.phases.run_ms is not None
            and job.phases.run_ms.earliest is not None
        )

    def ran(self) -> Group | None:
        """See `JobEvidence`."""
        intervals, counted = [], []
        for job in self.jobs:
            if job.instants is not None and job.instants.started_ms is not None and job.instants.stopped_ms is not None:
                intervals.append((job.instants.started_ms, job.instants.stopped_ms))
                counted.append(job.is_succeeded)
        return _group(company(intervals, counted), sum(counted))

    def log_delays(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of(
            job.log_delivery.mean_delay_ms
            for job in self.jobs
            if job.log_delivery is not None and job.log_delivery.mean_delay_ms is not None
        )

    def _start_ups(self) -> Iterator[Bound]:
        for job in self.jobs:
            if job.phases is not None and job.phases.start_up_ms is not None:
                yield job.phases.start_up_ms


def coarse(times: Company) -> Company:
    """With numbers taken together where there are very many; the highest stays what it is."""
    if len(times.times_ms) <= MANY_NUMBERS:
        return times
    times_ms: dict[int, float] = {}
    together: list[tuple[int, float]] = []
    for number, time_ms in sorted(times.times_ms.items(), reverse=True):
        if together and together[0][0] > AS_GOOD_AS_EQUAL * number:
            _put_together(times_ms, together)
            together = []
        together.append((number, time_ms))
    _put_together(times_ms, together)
    return Company(times_ms)


def _put_together(times_ms: dict[int, float], together: Sequence[tuple[int, float]]) -> None:
    total = math.fsum(time_ms for _, time_ms in together)
    middle = round(math.fsum(number * time_ms for number, time_ms in together) / total) if total else together[0][0]
    # Whoever asks for the highest number is to get it.
    number = middle if times_ms else together[0][0]
    times_ms[number] = times_ms.get(number, 0.0) + total


def _group(times: Company | None, members: int) -> Group | None:
    return Group(coarse(times), members) if times is not None else None


def _of_steps(steps: Iterable[Bound | None]) -> Moments:
    return moments_of(
        bound.earliest for bound in steps if bound is not None and bound.is_exact and bound.earliest is not None
    )


def _ends(ends: Iterable[float | None]) -> Ends:
    known = [end for end in ends if end is not None]
    return Ends(math.fsum(known), len(known))
