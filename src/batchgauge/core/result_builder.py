"""From the records of a journal to the result of the run; nothing else is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.bound import Bound
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.job_result import JobResult
from batchgauge.core.journal import (
    DEADLINE,
    Attempt,
    Call,
    Discovered,
    Ended,
    EventBatch,
    Found,
    Header,
    Interrupted,
    LogLook,
    Look,
    Plan,
    PlannedJob,
    Record,
    RunOutcome,
    Sighting,
    Started,
    WaitingLook,
    from_ranges,
)
from batchgauge.core.levels import summarise_level
from batchgauge.core.log_delivery import log_delivery
from batchgauge.core.probe import ApiUsage, GapCounter, UsageCounter
from batchgauge.core.resources import resources_of
from batchgauge.core.result import SCHEMA_VERSION, RunResult, local_naive
from batchgauge.core.run_evidence import RunEvidence, WatchedJob, weigh
from batchgauge.core.timeline import Evidence, Instants, attempts_of, first_attempt, first_started_ms, phases_of
from batchgauge.core.trace import JobTrace
from batchgauge.core.validity import Circumstances, judge
from batchgauge.core.waiting import WaitingCollector

LIST_JOBS: Final = "ListJobs"
"""The operation whose answers are summaries."""


@dataclass(slots=True)
class _Job:
    planned: PlannedJob
    trace: JobTrace = field(default_factory=JobTrace)
    tries: int = 0
    last_call: Call | None = None
    accepted_call: Call | None = None
    found: Found | None = None
    discovered: Discovered | None = None
    logs: LogLook | None = None

    @property
    def job_id(self) -> str | None:
        """AWS's id; None for a job that AWS did not take."""
        if self.accepted_call is not None:
            return self.accepted_call.job_id
        known = self.found or self.discovered
        return known.job_id if known is not None else None

    def watched(self) -> WatchedJob:
        """The job as evidence of the clocks and of AWS's lag."""
        call = self.accepted_call
        return WatchedJob(self.trace, (call.sent_ms, call.received_ms) if call is not None else None)


@dataclass(slots=True)
class ResultBuilder:
    """Takes a run's records in order; `build` may be called at any time, also in the middle of the run."""

    header: Header
    _jobs: dict[int, _Job] = field(default_factory=dict)
    _usage: UsageCounter = field(default_factory=UsageCounter)
    _gaps: GapCounter = field(default_factory=GapCounter)
    _waiting: WaitingCollector = field(default_factory=WaitingCollector)
    _started_ms: float | None = None
    _interrupted: Interrupted | None = None
    _ended: Ended | None = None

    def add(self, record: Record) -> None:
        """Take in the next record."""
        match record:
            case Plan():
                for planned in record.jobs:
                    self._jobs[planned.index] = _Job(planned)
            case Call():
                self._usage.count(record)
                if record.operation == "SubmitJob" and record.job is not None:
                    self._submitted(self._jobs[record.job], record)
            case Started():
                self._started_ms = record.at_ms
            case Found():
                self._jobs[record.job].found = record
            case Discovered():
                self._jobs[record.job] = _Job(PlannedJob(record.job, record.name, 0.0), discovered=record)
            case WaitingLook():
                self._waiting.add(record, self.header.environment.job_vcpus)
            case Interrupted():
                self._interrupted = record
            case Ended():
                self._ended = record
            case Header():
                self.header = record
            case _:
                self._observed(record)

    def _observed(self, record: Look | EventBatch | LogLook) -> None:
        """What was learned of jobs that are under way or over."""
        match record:
            case Look():
                self._usage.count(record)
                self._gaps.look(record.sent_ms, record.received_ms)
                self._looked(record)
            case EventBatch():
                self._gaps.look(record.sent_ms, record.received_ms)
                for event in record.events:
                    self._jobs[event.job].trace.hear(event.sighting, event.time_ms, record.received_ms)
            case LogLook():
                self._jobs[record.job].logs = record

    def states(self) -> dict[int, JobState | None]:
        """The last state known of each job that was accepted; None where it was not seen yet."""
        return {
            index: job.trace.last.state if job.trace.last is not None else None
            for index, job in self._jobs.items()
            if job.job_id is not None
        }

    def build(self) -> RunResult:
        """The result as far as the records go."""
        evidence = weigh([job.watched() for job in self._jobs.values()])
        scenario = self.header.scenario
        jobs = tuple(self._job_result(self._jobs[index], evidence) for index in sorted(self._jobs))
        api = self._api()
        successful = sum(job.is_accepted and not job.is_failed for job in jobs)
        summary = summarise_level(
            jobs,
            is_monitored=scenario.is_monitored,
            environment=self.header.environment,
            throttles=api.throttles,
            clock=evidence.clock,
        )
        return RunResult(
            timestamp=local_naive(self.header.started_ms, self.header.utc_offset_s),
            job_queue=scenario.job.job_queue,
            job_definition=scenario.job.job_definition,
            total_jobs=len(jobs),
            successful_jobs=successful,
            failed_jobs=len(jobs) - successful,
            jobs=jobs,
            schema_version=SCHEMA_VERSION,
            run_id=self.header.run_id,
            outcome=self._outcome(),
            scenario=scenario,
            environment=self.header.environment,
            clock=evidence.clock,
            allowances=evidence.allowances,
            validity=judge(jobs, self._circumstances(evidence, api)),
            api=api,
            waiting=self._waiting.findings(),
            resources=resources_of(jobs, self.header.environment, evidence.clock) if scenario.is_monitored else None,
            levels=(summary,),
        )

    def _api(self) -> ApiUsage:
        if self._ended is None:
            return self._usage.usage(None)
        return self._usage.usage(self._ended.cpu_s, round((self._ended.at_ms - self.header.started_ms) / 1000, 3))

    def _submitted(self, job: _Job, call: Call) -> None:
        job.tries += 1
        job.last_call = call
        if call.job_id is not None:
            job.accepted_call = call

    def _looked(self, look: Look) -> None:
        changed = {sighting.job: sighting for sighting in look.changed}
        for index in from_ranges(look.covered):
            trace = self._jobs[index].trace
            sighting = changed.get(index, trace.last)
            if sighting is not None:
                trace.see(sighting, look.sent_ms, look.received_ms, is_summary=look.operation == LIST_JOBS)

    def _circumstances(self, evidence: RunEvidence, api: ApiUsage) -> Circumstances:
        return Circumstances(
            is_monitored=self.header.scenario.is_monitored,
            outcome=self._outcome(),
            clock=evidence.clock,
            allowances=evidence.allowances,
            longest_gap_ms=self._gaps.longest_ms,
            usual_gap_ms=self.header.scenario.monitor_interval_s * 1000,
            busy_share=api.cpu_share,
        )

    def _outcome(self) -> RunOutcome | None:
        if self._ended is not None:
            return self._ended.outcome
        if self._interrupted is None:
            return None
        return RunOutcome.DEADLINE if self._interrupted.cause == DEADLINE else RunOutcome.INTERRUPTED

    def _job_result(self, job: _Job, run: RunEvidence) -> JobResult:
        last = job.trace.last
        evidence = Evidence(job.trace, run.clock, run.allowances)
        runnable, starting = first_attempt(evidence)
        instants = _instants(
            job,
            self._started_ms,
            runnable_ms=runnable.bound if runnable is not None else None,
            starting_ms=starting.bound if starting is not None else None,
        )
        attempts = _attempts(last) if last is not None else ()
        sent_ms = _submitted_ms(job) or self.header.started_ms
        return JobResult(
            job_id=job.job_id,
            job_name=job.planned.name,
            submission_time=local_naive(sent_ms, self.header.utc_offset_s),
            submit_duration=_submit_duration_s(job),
            countdown_seconds=self.header.scenario.countdown_s,
            status=_status(job),
            error=_error(job),
            index=job.planned.index,
            submit_tries=job.tries if job.discovered is None else None,
            status_reason=last.status_reason if last is not None else None,
            exit_code=last.exit_code if last is not None else None,
            reason=last.reason if last is not None else None,
            log_group=last.log_group if last is not None else None,
            log_stream=last.log_stream if last is not None else None,
            instants=instants,
            phases=phases_of(instants, evidence, _answer_lost_ms(job)),
            attempts=attempts,
            attempt_instants=attempts_of(evidence, attempts),
            is_contradicted=any(entry is not None and entry.is_contradicted for entry in (runnable, starting)),
            log_delivery=log_delivery(job.logs) if job.logs is not None else None,
        )


def build_result(records: Iterable[Record]) -> RunResult:
    """The result of a whole journal.

    Raises:
        ValueError: the journal does not begin with its header.
    """
    iterator = iter(records)
    header = next(iterator, None)
    if not isinstance(header, Header):
        raise ValueError("a journal begins with its header")
    builder = ResultBuilder(header)
    for record in iterator:
        builder.add(record)
    return builder.build()


def _submitted_ms(job: _Job) -> float | None:
    """When the job was submitted: by our own call, or, where something else did, when AWS made it."""
    call = job.accepted_call or job.last_call
    if call is not None:
        return call.sent_ms
    return job.trace.last.created_ms if job.discovered is not None and job.trace.last is not None else None


def _submit_duration_s(job: _Job) -> float | None:
    call = job.accepted_call or job.last_call
    if call is not None:
        return round((call.received_ms - call.sent_ms) / 1000, 6)
    return None if job.discovered is not None else 0.0


def _instants(job: _Job, started_ms: float | None, *, runnable_ms: Bound | None, starting_ms: Bound | None) -> Instants:
    call = job.accepted_call or job.last_call
    last = job.trace.last
    return Instants(
        intended_ms=started_ms + job.planned.offset_ms if started_ms is not None and job.discovered is None else None,
        sent_ms=call.sent_ms if call is not None else None,
        accepted_ms=job.accepted_call.received_ms if job.accepted_call is not None else None,
        created_ms=last.created_ms if last is not None else None,
        runnable_ms=runnable_ms,
        starting_ms=starting_ms,
        started_ms=first_started_ms(last),
        stopped_ms=last.stopped_ms if last is not None else None,
        seen_done_ms=job.trace.seen_done_ms,
        last_seen_ms=job.trace.last_seen_sent_ms,
    )


def _answer_lost_ms(job: _Job) -> float | None:
    """When the answer of the call that made the job was given up; None where it came, or no job was made."""
    if job.found is None or job.accepted_call is not None or job.last_call is None:
        return None
    return job.last_call.received_ms


def _attempts(last: Sighting) -> tuple[Attempt, ...]:
    """The finished attempts and, of a job that is being retried, the one under way: AWS lists the finished ones only."""
    if last.state is not JobState.RUNNING or not last.attempts:
        return last.attempts
    is_listed = any(attempt.started_ms == last.started_ms for attempt in last.attempts)
    return last.attempts if is_listed else (*last.attempts, Attempt(started_ms=last.started_ms))


def _status(job: _Job) -> str:
    if job.job_id is None:
        return FAILED_TO_SUBMIT
    return job.trace.last.state if job.trace.last is not None else JobState.SUBMITTED


def _error(job: _Job) -> str | None:
    if job.job_id is not None:
        return None
    if job.last_call is None:
        return "NotSent"
    parts = (job.last_call.error, job.last_call.message)
    return ": ".join(part for part in parts if part) or "NoAnswer"
