"""Runs as the tool would have measured them, from a small model of a queue: a fixed number of places, first in, first out."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    Attempt,
    Call,
    CallOutcome,
    ComputeEnvironmentFacts,
    Ended,
    EnvironmentFacts,
    Header,
    LogLook,
    Look,
    Plan,
    PlannedJob,
    Record,
    RunOutcome,
    Sighting,
    Started,
    to_ranges,
)
from batchgauge.core.naming import job_name
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import AttemptInstants
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.core.submitting.submission import NO_ANSWER

EPOCH_MS = 1_790_000_000_000.0
QUEUE = "windows-batch-queue"
DEFINITION = "windows-countdown-job"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a run is like; times in seconds."""

    capacity: int = 16
    interval_s: float = 10.0
    countdown_s: int = 30
    max_workers: int = 10
    submit_per_s: float = 50.0
    is_monitored: bool = True
    is_local: bool = False
    knows_capacity: bool = True
    failing: int = 0
    """Every so-many-th job fails."""
    refused: int = 0
    """Every so-many-th job is refused."""
    unanswered: int = 0
    """Every so-many-th submission meets with no answer."""
    looks: int | None = None
    """Stop looking after so many looks."""
    queue: str = QUEUE
    status_reason: str = "Essential container in task exited"
    outcome: RunOutcome = RunOutcome.COMPLETE
    load: str = "workers"
    """All are meant to go out at once and do so at `submit_per_s`: under an open load, all but the first are late."""


@dataclass(frozen=True)
class Life:
    created_ms: float
    runnable_ms: float
    starting_ms: float
    started_ms: float
    stopped_ms: float
    fails: bool

    def seen_at(self, job: int, at_ms: float, reason: str) -> Sighting:
        state = JobState.SUBMITTED
        end = JobState.FAILED if self.fails else JobState.SUCCEEDED
        steps = (
            (self.runnable_ms, JobState.RUNNABLE),
            (self.starting_ms, JobState.STARTING),
            (self.started_ms, JobState.RUNNING),
            (self.stopped_ms, end),
        )
        for moment, reached in steps:
            if at_ms >= moment:
                state = reached
        is_over = state.is_terminal
        return Sighting(
            job=job,
            state=state,
            created_ms=float(int(self.created_ms)),
            started_ms=float(int(self.started_ms)) if at_ms >= self.started_ms else None,
            stopped_ms=float(int(self.stopped_ms)) if is_over else None,
            exit_code=(3 if self.fails else 0) if is_over else None,
            status_reason=reason if is_over else None,
            log_group="/aws/batch/windows-jobs" if is_over else None,
            log_stream=f"{DEFINITION}/default/{job}" if is_over else None,
        )


def measured(level: int, setting: Setting | None = None, *, seed: int = 1) -> RunResult:
    """The result of a run at a level."""
    return build_result(_records(level, setting or Setting(), random.Random(seed * 100_003 + level)))


def as_array(result: RunResult, size: int | None = None) -> RunResult:
    """The same, but submitted as array jobs of so many jobs: one, where it is not said."""
    of_one = size or len(result.jobs)
    assert result.scenario is not None
    left_over = len(result.jobs) - 1 if len(result.jobs) % of_one == 1 else None
    jobs = tuple(
        msgspec.structs.replace(job, array_index=None if n == left_over else n % of_one)
        for n, job in enumerate(result.jobs)
    )
    return msgspec.structs.replace(result, jobs=jobs, scenario=msgspec.structs.replace(result.scenario, is_array=True))


def tried_again(result: RunResult, jobs: int) -> RunResult:
    """The same, but the first so many jobs had failed before: a first attempt of 2 s with exit code 1, a second one as it was."""
    changed = [_with_a_failed_first_attempt(job) if n < jobs else _once(job) for n, job in enumerate(result.jobs)]
    return msgspec.structs.replace(result, jobs=tuple(changed))


def _once(job: JobResult) -> JobResult:
    times = job.instants
    assert times is not None
    only = Attempt(started_ms=times.started_ms, stopped_ms=times.stopped_ms, exit_code=job.exit_code)
    return msgspec.structs.replace(job, attempts=(only,))


def _with_a_failed_first_attempt(job: JobResult) -> JobResult:
    [last] = _once(job).attempts
    times = job.instants
    assert times is not None
    assert times.started_ms is not None
    again_ms = times.started_ms + 2_000
    first = Attempt(started_ms=times.started_ms, stopped_ms=again_ms, exit_code=1)
    second = msgspec.structs.replace(last, started_ms=again_ms + 20_000)
    return msgspec.structs.replace(
        job,
        attempts=(first, second),
        attempt_instants=(
            AttemptInstants(
                runnable_ms=times.runnable_ms,
                starting_ms=times.starting_ms,
                started_ms=first.started_ms,
                stopped_ms=first.stopped_ms,
            ),
            AttemptInstants(
                runnable_ms=Bound(again_ms, again_ms + 500),
                starting_ms=Bound(again_ms + 400, again_ms + 1_000),
                started_ms=second.started_ms,
                stopped_ms=second.stopped_ms,
            ),
        ),
    )


def _records(level: int, setting: Setting, chance: random.Random) -> Iterator[Record]:
    run = f"concurrent-test-20261122T101500-l{level}"
    begun = EPOCH_MS
    yield Header(
        run_id=run,
        started_ms=begun - 50,
        utc_offset_s=32_400,
        scenario=Scenario(
            job=JobShape(job_queue=setting.queue, job_definition=DEFINITION),
            num_jobs=level,
            countdown_s=setting.countdown_s,
            max_workers=setting.max_workers,
            load=setting.load,
            is_monitored=setting.is_monitored,
            monitor_interval_s=setting.interval_s,
        ),
        environment=_environment(setting),
    )
    yield Plan(jobs=tuple(PlannedJob(index, job_name(run, index), 0.0) for index in range(1, level + 1)))
    yield Started(at_ms=begun)
    lives: dict[int, Life] = {}
    places = [0.0] * setting.capacity
    now = begun
    for index in range(1, level + 1):
        now += 1000 / setting.submit_per_s
        took = 60 + chance.expovariate(1 / 40) * (1 + level / 50)
        is_refused = setting.refused and index % setting.refused == 0
        if index % 40 == 0:
            yield _call(index, now - took, now, CallOutcome.THROTTLED, "TooManyRequestsException", 1)
        if setting.unanswered and index % setting.unanswered == 0:
            yield _call(index, now, now + took, CallOutcome.AMBIGUOUS, NO_ANSWER, 1)
            continue
        outcome = CallOutcome.REFUSED if is_refused else CallOutcome.OK
        yield _call(index, now, now + took, outcome, "ClientException" if is_refused else None, 1 + (index % 40 == 0))
        if not is_refused:
            lives[index] = _life(now + took / 2, places, setting, chance, fails=_is_nth(index, setting.failing))
    if setting.is_monitored:
        yield from _looks(lives, setting)
        yield from _logs(lives, chance, setting)
    yield Ended(at_ms=begun + 1e7, outcome=setting.outcome, cpu_s=1.5)


def _is_nth(index: int, nth: int) -> bool:
    return bool(nth) and index % nth == 0


def _life(created: float, places: list[float], setting: Setting, chance: random.Random, *, fails: bool) -> Life:
    runnable = created + chance.uniform(400, 900)
    starting = max(runnable + chance.uniform(50, 400), heapq.heappop(places))
    started = starting + chance.uniform(18_000, 32_000)
    stopped = started + setting.countdown_s * 1000 * (0.2 if fails else 1) + chance.uniform(150, 900)
    heapq.heappush(places, stopped)
    return Life(created, runnable, starting, started, stopped, fails)


def _looks(lives: dict[int, Life], setting: Setting) -> Iterator[Record]:
    seen: dict[int, Sighting] = {}
    now = min((life.created_ms for life in lives.values()), default=EPOCH_MS)
    looks = 0
    while any(index not in seen or not seen[index].state.is_terminal for index in lives):
        if setting.looks is not None and looks >= setting.looks:
            return
        looks += 1
        now += setting.interval_s * 1000
        open_jobs = [i for i, life in lives.items() if life.created_ms < now and not _is_over(seen.get(i))]
        for first in range(0, len(open_jobs), 100):
            page = open_jobs[first : first + 100]
            sightings = [lives[index].seen_at(index, now, setting.status_reason) for index in page]
            changed = tuple(sighting for sighting in sightings if seen.get(sighting.job) != sighting)
            seen |= {sighting.job: sighting for sighting in changed}
            yield Look(
                operation="DescribeJobs",
                sent_ms=now,
                received_ms=now + 45,
                covered=to_ranges(page),
                changed=changed,
            )


def _is_over(sighting: Sighting | None) -> bool:
    return sighting is not None and sighting.state.is_terminal


def _logs(lives: dict[int, Life], chance: random.Random, setting: Setting) -> Iterator[Record]:
    if setting.looks is not None:
        return
    for index in list(lives)[:20]:
        stamp = int(lives[index].stopped_ms)
        lines = tuple((stamp + n, stamp + n + chance.randint(80, 900)) for n in range(5)) if index != 3 else ()
        yield LogLook(
            job=index,
            log_group="/aws/batch/windows-jobs",
            log_stream=f"{DEFINITION}/default/{index}",
            sent_ms=EPOCH_MS + 9e6,
            received_ms=EPOCH_MS + 9e6 + 30,
            lines=lines,
        )


def _environment(setting: Setting) -> EnvironmentFacts:
    return EnvironmentFacts(
        region="us-west-2",
        tool_version="0.1.0",
        endpoint_url="http://127.0.0.1:4566" if setting.is_local else None,
        is_local=setting.is_local,
        time_scale=0.05 if setting.is_local else None,
        account_id="123456789012",
        python_version="3.11.2",
        platform="Linux",
        job_platform="FARGATE",
        operating_system_family="WINDOWS_SERVER_2022_CORE",
        job_vcpus=1.0,
        job_memory_mib=2048,
        log_group="/aws/batch/windows-jobs",
        compute_environments=(
            ComputeEnvironmentFacts(
                name="windows-fargate",
                type="FARGATE",
                max_vcpus=setting.capacity if setting.knows_capacity else None,
                state="ENABLED",
                status="VALID",
            ),
        ),
    )


def _call(job: int, sent_ms: float, received_ms: float, outcome: CallOutcome, error: str | None, attempt: int) -> Call:
    return Call(
        operation="SubmitJob",
        sent_ms=sent_ms,
        received_ms=received_ms,
        outcome=outcome,
        job=job,
        attempt=attempt,
        job_id=f"00000000-0000-0000-0000-{job:012d}" if outcome is CallOutcome.OK else None,
        error=error,
        message="Rate exceeded" if outcome is CallOutcome.THROTTLED else None,
        back_off_ms=250.0 if outcome is CallOutcome.THROTTLED else 0.0,
    )
