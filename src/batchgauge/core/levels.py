"""One concurrency level in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.concurrency.occupancy import Occupancy, occupancy_of
from batchgauge.core.concurrency.over_time import ConcurrencySeries, concurrency_over_time
from batchgauge.core.cost.billing import billing_of
from batchgauge.core.cost.cost import Cost
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.observed.attempts import AttemptSummary, is_retried, summarise_attempts
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.log_delivery import delay_bounds
from batchgauge.core.observed.program_report import ProgramSummary, summarise_programs
from batchgauge.core.observed.task_times import TaskSummary, summarise_tasks
from batchgauge.core.observed.timeline import Phases
from batchgauge.core.stats.summary import Summary, summarise

AT_LEAST_NOTHING: Final = Bound(0.0, None)


class LogSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the jobs' log streams held when they were read."""

    delay: Summary
    """ingestionTime - timestamp, over all lines."""
    jobs: int
    """Jobs whose stream was read; a large run reads a sample."""
    lines: int
    jobs_without_lines: int
    """Those of them that had no line, or no stream."""


class LevelSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The statistics of one level; durations in milliseconds, rates in 0…1, throughputs per second.

    What was not measured (a run that was not monitored, a file of the specification's own shape) is None, never 0.
    """

    level: int
    accepted: int
    refused: int
    """All that are not accepted, those without an answer among them."""
    unanswered: int = 0
    """Of the refused: those whose submission met with no answer that says anything. Their jobs may exist."""
    succeeded: int
    failed: int
    unfinished: int
    """Accepted and, when last seen, not at an end. For a run that was not monitored: all that were accepted."""
    ended_by_us: int = 0
    """Of the failed: those that we ended ourselves, with their run."""
    is_monitored: bool
    submission_success_rate: float | None
    """Accepted of all; None where something else submitted them."""
    job_success_rate: float | None
    """SUCCEEDED of all; None where nothing was monitored."""
    submit: Summary
    """Sent → accepted, of the accepted jobs."""
    submit_latency: Summary | None = None
    """Intended → accepted."""
    submissions_per_s: float | None = None
    """Accepted submissions over the time from the first send to the last answer. (From answer to answer, two jobs that happen to be
    answered together would seem to go at thousands a second.) None for a single one: it has a duration, and no rate."""
    arrays: int | None = None
    """Array jobs that the accepted jobs were submitted as: one submission each; 0 where none was."""
    retried: int | None = None
    """Jobs that AWS started more than once; None where nothing was monitored."""
    attempts: int | None = None
    """Of all jobs together, as far as AWS lists them."""
    by_attempt: tuple[AttemptSummary, ...] = ()
    """The first attempts, the second ones, …; nothing where no job was tried again."""
    to_runnable: Summary | None = None
    queue: Summary | None = None
    start_up: Summary | None = None
    wait: Summary | None = None
    run: Summary | None = None
    jobs_per_s: float | None = None
    """SUCCEEDED jobs over the time from the first createdAt to the last stoppedAt."""
    makespan_ms: float | None = None
    """First createdAt → last stoppedAt, where all accepted jobs have ended."""
    max_running: int | None = None
    """The most jobs that ran at once, from startedAt and stoppedAt."""
    occupancy: Occupancy | None = None
    """The same as brackets, with the vCPUs held; None where nothing was monitored."""
    capacity_jobs: int | None = None
    """How many such jobs the queue's environments can hold at once, by their maxvCpus; None where it is not known."""
    throttles: int | None = None
    """Calls of ours that AWS throttled, of every API."""
    logs: LogSummary | None = None
    """None where no log stream was read."""
    programs: ProgramSummary | None = None
    """What the jobs' programs say of themselves; None where none says anything."""
    tasks: TaskSummary | None = None
    """What start-up was made of; None where no ECS task was described."""
    cost: Cost | None = None
    """Of all jobs, or why it is not known; None where nobody watched them."""

    @property
    def surely_refused(self) -> int:
        """Jobs that there certainly are not."""
        return self.refused - self.unanswered

    @property
    def is_one_array(self) -> bool:
        """Whether a single call made all jobs: it has a duration, but no rate, and more jobs would not make it more calls."""
        return self.arrays == 1 and self.submit.count == 1


def summarise_level(
    jobs: Sequence[JobResult],
    *,
    is_monitored: bool,
    environment: EnvironmentFacts | None,
    throttles: int | None,
    clock: ClockOffset | None = None,
    unanswered: int = 0,
) -> LevelSummary:
    """The statistics of one run's jobs."""
    accepted = [job for job in jobs if job.is_accepted]
    submitted = [job for job in accepted if job.has_own_submission]
    succeeded = sum(job.is_succeeded for job in accepted)
    failed = sum(job.is_failed for job in accepted)
    unseen = [job for job in accepted if is_monitored and _is_unseen(job)]
    watched = [job for job in accepted if not _is_unseen(job)]
    billing = billing_of(accepted, environment) if is_monitored else None
    return LevelSummary(
        level=len(jobs),
        accepted=len(accepted),
        refused=len(jobs) - len(accepted),
        unanswered=unanswered,
        succeeded=succeeded,
        failed=failed,
        unfinished=len(accepted) - succeeded - failed,
        ended_by_us=sum(job.is_ended_by_us for job in accepted),
        is_monitored=is_monitored,
        submission_success_rate=len(accepted) / len(jobs) if any(map(_is_submitted_by_us, jobs)) else None,
        job_success_rate=succeeded / len(jobs) if jobs and is_monitored else None,
        submit=summarise([duration for job in submitted if (duration := _submit_duration(job)) is not None]),
        submit_latency=_phase(submitted, lambda phases: phases.submit_latency_ms),
        submissions_per_s=_submissions_per_s(submitted),
        arrays=sum(job.array_index == 0 for job in submitted),
        retried=sum(map(is_retried, accepted)) if is_monitored else None,
        attempts=sum(len(job.attempts) for job in accepted) if is_monitored else None,
        by_attempt=summarise_attempts(accepted) if is_monitored else (),
        to_runnable=_phase(watched, lambda phases: phases.to_runnable_ms, unseen=unseen),
        queue=_phase(watched, lambda phases: phases.queue_ms, unseen=unseen),
        start_up=_phase(accepted, lambda phases: phases.start_up_ms),
        wait=_phase(watched, lambda phases: phases.wait_ms, unseen=unseen),
        run=_phase(accepted, lambda phases: phases.run_ms),
        jobs_per_s=_per_second(succeeded, _span_ms(accepted)),
        makespan_ms=_span_ms(accepted) if succeeded + failed == len(accepted) else None,
        max_running=running_over_time(accepted).maximum if is_monitored else None,
        occupancy=occupancy_of(accepted, environment, clock) if is_monitored else None,
        capacity_jobs=capacity_in_jobs(environment),
        throttles=throttles,
        logs=_logs(accepted),
        programs=summarise_programs(
            [(job.program, job.phases.run_ms if job.phases else None) for job in accepted if job.program is not None]
        ),
        tasks=summarise_tasks([task for job in accepted for task in job.tasks]),
        cost=billing.cost if billing is not None else None,
    )


def running_over_time(jobs: Iterable[JobResult]) -> ConcurrencySeries:
    """How many jobs ran at once, by attempts where a job had several."""
    return concurrency_over_time(interval for job in jobs for interval in _running_intervals(job))


def capacity_in_jobs(environment: EnvironmentFacts | None) -> int | None:
    """How many jobs of the run's size fit under the maxvCpus of the queue's environments, each taken by itself."""
    if environment is None or not environment.job_vcpus or not environment.compute_environments:
        return None
    limits = [entry.max_vcpus for entry in environment.compute_environments]
    if any(limit is None for limit in limits):
        return None
    return sum(int(limit // environment.job_vcpus) for limit in limits if limit is not None)


def _is_submitted_by_us(job: JobResult) -> bool:
    return not job.is_accepted or job.submit_duration is not None


def _submit_duration(job: JobResult) -> Bound | None:
    if job.phases is not None and job.phases.submit_ms is not None:
        return job.phases.submit_ms
    return exactly(job.submit_duration * 1000) if job.submit_duration is not None else None


def _is_unseen(job: JobResult) -> bool:
    """Whether AWS took the job and no look ever showed it."""
    return job.instants is not None and job.instants.created_ms is None


def _phase(
    jobs: Sequence[JobResult], pick: Callable[[Phases], Bound | None], *, unseen: Sequence[JobResult] = ()
) -> Summary | None:
    """Jobs that were never seen stay in the sample: that they waited is all that is known of them."""
    durations = [duration for job in jobs if job.phases is not None and (duration := pick(job.phases)) is not None]
    durations += [AT_LEAST_NOTHING] * len(unseen)
    return summarise(durations) if durations else None


def _submissions_per_s(jobs: Sequence[JobResult]) -> float | None:
    times = [
        (job.instants.sent_ms, job.instants.accepted_ms)
        for job in jobs
        if job.instants is not None and job.instants.sent_ms is not None and job.instants.accepted_ms is not None
    ]
    if len(times) < 2:
        return None
    return _per_second(len(times), max(accepted for _, accepted in times) - min(sent for sent, _ in times))


def _span_ms(jobs: Sequence[JobResult]) -> float | None:
    created = [
        job.instants.created_ms for job in jobs if job.instants is not None and job.instants.created_ms is not None
    ]
    stopped = [
        job.instants.stopped_ms for job in jobs if job.instants is not None and job.instants.stopped_ms is not None
    ]
    return max(stopped) - min(created) if created and stopped else None


def _per_second(count: int, span_ms: float | None) -> float | None:
    return count * 1000 / span_ms if span_ms is not None and span_ms > 0 else None


def _running_intervals(job: JobResult) -> list[tuple[float, float | None]]:
    finished = [(attempt.started_ms, attempt.stopped_ms) for attempt in job.attempts if attempt.started_ms is not None]
    if job.attempts or job.instants is None or job.instants.started_ms is None:
        return finished
    return [(job.instants.started_ms, job.instants.stopped_ms)]


def _logs(jobs: Sequence[JobResult]) -> LogSummary | None:
    deliveries = [job.log_delivery for job in jobs if job.log_delivery is not None]
    if not deliveries:
        return None
    return LogSummary(
        delay=summarise(delay_bounds(deliveries)),
        jobs=len(deliveries),
        lines=sum(delivery.lines for delivery in deliveries),
        jobs_without_lines=sum(delivery.lines == 0 for delivery in deliveries),
    )
