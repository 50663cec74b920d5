"""From the records of a journal to the result of the run; nothing else is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.bound import Bound
from batchgauge.core.concurrency.resources import resources_of
from batchgauge.core.cost.billing import billing_of
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.journal import (
    ENDED_BY_ITSELF,
    ArrayLook,
    Attempt,
    Call,
    Discovered,
    Doubled,
    Ended,
    EventBatch,
    Found,
    Header,
    Interrupted,
    Look,
    Plan,
    PollingPlanned,
    Record,
    Resumed,
    RunOutcome,
    Sighting,
    Started,
    WaitingLook,
    from_ranges,
)
from batchgauge.core.levels import summarise_level
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.other_sources import OtherRecord, OtherSources
from batchgauge.core.observed.polling_history import PollingHistory
from batchgauge.core.observed.run_evidence import RunEvidence, WatchedJob, weigh
from batchgauge.core.observed.timeline import (
    Evidence,
    Instants,
    attempts_of,
    first_attempt,
    first_started_ms,
    phases_of,
)
from batchgauge.core.observed.trace import JobTrace
from batchgauge.core.private_values import documented
from batchgauge.core.progress.waiting import WaitingCollector, longest_wait
from batchgauge.core.result.run_result import SCHEMA_VERSION, RunResult, local_naive
from batchgauge.core.result.validity import Circumstances, judge
from batchgauge.core.submitting.lateness import Lateness, LatenessTally
from batchgauge.core.submitting.ledger import Ledger, LedgerCollector
from batchgauge.core.submitting.probe import ApiUsage, GapCounter, UsageCounter
from batchgauge.core.submitting.submission import Submission, discovered
from batchgauge.core.thresholds.thresholds import judge_all

LIST_JOBS: Final = "ListJobs"
"""The operation whose answers are summaries."""


@dataclass(slots=True)
class _Job:
    index: int
    submission: Submission
    trace: JobTrace = field(default_factory=JobTrace)
    started_ms: float | None = None
    """What its intended time counts from: where a run is taken up, what was not sent before is meant to go out later than planned."""
    missing_since_ms: float | None = None
    """When it was asked for and first not in the answer, unless it was seen since."""

    @property
    def job_id(self) -> str | None:
        """AWS's id; None for a job that AWS did not take."""
        return self.submission.id_of(self.index)

    def watched(self) -> WatchedJob:
        """The job as evidence of the clocks and of AWS's lag."""
        submission = self.submission
        array_call = submission.array_call(self.index)
        return WatchedJob(self.trace, submission.creation_call_ms, submission.spawned_after_ms, array_call)


@dataclass(slots=True)
class ResultBuilder:
    """Takes a run's records in order; `build` may be called at any time, also in the middle of the run."""

    header: Header
    _jobs: dict[int, _Job] = field(default_factory=dict)
    _usage: UsageCounter = field(default_factory=UsageCounter)
    _gaps: GapCounter = field(default_factory=GapCounter)
    _resumed: list[Resumed] = field(default_factory=list)
    _lateness: LatenessTally = field(default_factory=LatenessTally)
    _polling: PollingHistory = field(default_factory=PollingHistory)
    _others: OtherSources = field(default_factory=OtherSources)
    _waiting: WaitingCollector = field(default_factory=WaitingCollector)
    _ledger: LedgerCollector = field(default_factory=LedgerCollector)
    _started_ms: float | None = None
    _interrupted: Interrupted | None = None
    _ended: Ended | None = None

    def add(self, record: Record) -> None:
        """Take in the next record."""
        match record:
            case Plan():
                for submission in map(Submission, record.jobs):
                    self._jobs.update(
                        {
                            index: _Job(index, submission, started_ms=self._started_ms)
                            for index in submission.planned.indexes
                        }
                    )
            case Call():
                self._usage.count(record)
                if record.operation == "SubmitJob" and record.job is not None:
                    self._jobs[record.job].submission.add(record)
                    self._lateness.add(record)
            case Started():
                self._start(record.at_ms)
            case Found():
                self._jobs[record.job].submission.found = record
            case Discovered():
                self._jobs[record.job] = _Job(record.job, discovered(record))
            case Interrupted():
                self._interrupted = record
            case Resumed():
                self._resume(record)
            case Ended():
                self._ended = record
            case Header():
                self.header = record
            case _:
                self._observed(record)

    def _observed(self, record: Doubled | Look | ArrayLook | PollingPlanned | WaitingLook | OtherRecord) -> None:
        """What was learned of jobs that are under way or over."""
        match record:
            case Doubled():
                self._ledger.double(record)
            case Look():
                self._usage.count(record)
                self._gaps.look(record.sent_ms, record.received_ms)
                self._ledger.look(record)
                self._looked(record)
            case EventBatch():
                self._gaps.look(record.sent_ms, record.received_ms)
                self._others.add(record)
                for event in record.events:
                    self._jobs[event.job].missing_since_ms = None
                    self._jobs[event.job].trace.hear(event.sighting, event.time_ms, record.received_ms)
            case ArrayLook():
                for index, created_ms in record.created:
                    self._jobs[index].submission.array_created_ms = created_ms
            case PollingPlanned():
                self._polling.add(record)
            case WaitingLook():
                self._waiting.add(record, self.header.environment.job_vcpus)
            case _:
                self._others.add(record)

    def states(self) -> dict[int, JobState | None]:
        """The last state known of each job that was accepted; None where it was not seen yet."""
        return {
            index: job.trace.last.state if job.trace.last is not None else None
            for index, job in self._jobs.items()
            if job.job_id is not None
        }

    def build(self) -> RunResult:
        """The result as far as the records go."""
        evidence = weigh([job.watched() for job in self._jobs.values()], [resumed.at_ms for resumed in self._resumed])
        scenario = self.header.scenario
        jobs = tuple(self._job_result(self._jobs[index], evidence) for index in sorted(self._jobs))
        api = self._api()
        lateness = self._late()
        ledger = self._account()
        successful = sum(job.is_accepted and not job.is_failed for job in jobs)
        summary = summarise_level(
            jobs,
            is_monitored=scenario.is_monitored,
            environment=self.header.environment,
            throttles=api.throttles,
            clock=evidence.clock,
            unanswered=ledger.unanswered if ledger is not None else 0,
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
            is_warm_up=scenario.is_warm_up,
            scenario=documented(scenario),
            environment=self.header.environment,
            clock=evidence.clock,
            allowances=evidence.allowances,
            gaps=self._gaps.left,
            validity=judge(jobs, self._circumstances(evidence, api, lateness, ledger)),
            api=api,
            lateness=lateness,
            ledger=ledger,
            polling=self._polling.summary(),
            waiting=self._waiting.findings(_waits_ms(jobs)),
            resources=resources_of(jobs, self.header.environment, evidence.clock) if scenario.is_monitored else None,
            billing=billing_of(jobs, self.header.environment) if scenario.is_monitored else None,
            levels=(summary,),
            thresholds=judge_all(scenario.thresholds, summary, jobs),
            events=self._others.events.usage(evidence.clock),
            tasks=self._others.task_usage(),
            container_insights=self._others.clusters(),
            shared_queue=self._others.others.summary(),
            jobs_ended=self._others.ended,
        )

    def _api(self) -> ApiUsage:
        if self._ended is None:
            return self._usage.usage(None)
        return self._usage.usage(self._ended.cpu_s, round((self._ended.at_ms - self.header.started_ms) / 1000, 3))

    def _account(self) -> Ledger | None:
        """None where somebody else submitted."""
        if self.header.scenario.observed is not None:
            return None
        jobs = ((job.index, job.submission, job.trace) for job in self._jobs.values())
        return self._ledger.ledger(jobs, is_over=self._outcome() is RunOutcome.COMPLETE)

    def _start(self, at_ms: float) -> None:
        """From here on the intended times of all that was not sent before count."""
        self._started_ms = at_ms if self._started_ms is None else self._started_ms
        for job in self._jobs.values():
            if job.submission.is_untouched:
                job.started_ms = at_ms

    def _resume(self, record: Resumed) -> None:
        """Whatever had ended the run before, it goes on."""
        self._resumed.append(record)
        self._gaps.resume(record.since_ms, record.at_ms)
        self._interrupted, self._ended = None, None

    def _late(self) -> Lateness | None:
        """None under the closed loop, whose submissions wait for a worker by its very nature."""
        if self._started_ms is None or not self.header.scenario.load_shape.is_open:
            return None
        return self._lateness.lateness(
            {
                index: job.started_ms + job.submission.planned.offset_ms
                for index, job in self._jobs.items()
                if job.started_ms is not None
            }
        )

    def _looked(self, look: Look) -> None:
        changed = {sighting.job: sighting for sighting in look.changed}
        for index in from_ranges(look.missing):
            if self._jobs[index].missing_since_ms is None:
                self._jobs[index].missing_since_ms = look.received_ms
        for index in from_ranges(look.covered):
            self._jobs[index].missing_since_ms = None
            trace = self._jobs[index].trace
            sighting = changed.get(index, trace.last)
            if sighting is not None:
                trace.see(sighting, look.sent_ms, look.received_ms, is_summary=look.operation == LIST_JOBS)

    def _circumstances(
        self, evidence: RunEvidence, api: ApiUsage, lateness: Lateness | None, ledger: Ledger | None
    ) -> Circumstances:
        return Circumstances(
            is_monitored=self.header.scenario.is_monitored,
            outcome=self._outcome(),
            clock=evidence.clock,
            allowances=evidence.allowances,
            unwatched_ms=self._gaps.left_ms,
            longest_gap_ms=self._gaps.longest_ms,
            lateness=lateness,
            usual_gap_ms=self._polling.usual_interval_s(self.header.scenario.look_interval_s) * 1000,
            shared_queue=self._others.others.summary(),
            busy_share=api.cpu_share,
            unanswered=ledger.unanswered if ledger is not None else 0,
        )

    def _outcome(self) -> RunOutcome | None:
        if self._ended is not None:
            return self._ended.outcome
        if self._interrupted is None:
            return None
        return ENDED_BY_ITSELF.get(self._interrupted.cause, RunOutcome.INTERRUPTED)

    def _job_result(self, job: _Job, run: RunEvidence) -> JobResult:
        last = job.trace.last
        evidence = Evidence(job.trace, run.clock, run.allowances)
        runnable, starting = first_attempt(evidence)
        instants = _instants(
            job,
            runnable_ms=runnable.bound if runnable is not None else None,
            starting_ms=starting.bound if starting is not None else None,
        )
        attempts = _attempts(last) if last is not None else ()
        sent_ms = _submitted_ms(job) or self.header.started_ms
        return JobResult(
            job_id=job.job_id,
            job_name=job.submission.planned.name,
            submission_time=local_naive(sent_ms, self.header.utc_offset_s),
            submit_duration=job.submission.duration_s,
            countdown_seconds=self.header.scenario.countdown_s,
            status=_status(job),
            error=None if job.job_id is not None else job.submission.error,
            index=job.index,
            submit_tries=job.submission.tries if job.submission.is_ours else None,
            array_index=job.submission.array_index_of(job.index),
            status_reason=last.status_reason if last is not None else None,
            exit_code=last.exit_code if last is not None else None,
            reason=last.reason if last is not None else None,
            log_group=last.log_group if last is not None else None,
            log_stream=last.log_stream if last is not None else None,
            instants=instants,
            phases=phases_of(instants, evidence, job.submission.answer_lost_ms),
            attempts=attempts,
            attempt_instants=attempts_of(evidence, attempts),
            is_contradicted=any(entry is not None and entry.is_contradicted for entry in (runnable, starting)),
            missing_since_ms=job.missing_since_ms if last is None or not last.state.is_terminal else None,
            log_delivery=self._others.log_delivery(job.index),
            program=self._others.program(job.index),
            tasks=self._others.tasks(job.index, instants.created_ms),
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


def _waits_ms(jobs: Iterable[JobResult]) -> dict[int, Bound]:
    waits = {job.index: longest_wait(job.phases, job.attempt_instants) for job in jobs}
    return {index: wait for index, wait in waits.items() if index is not None and wait is not None}


def _submitted_ms(job: _Job) -> float | None:
    """When the job was submitted: by our own call, or, where something else did, when AWS made it."""
    call = job.submission.call
    if call is not None:
        return call.sent_ms
    return job.trace.last.created_ms if not job.submission.is_ours and job.trace.last is not None else None


def _instants(job: _Job, *, runnable_ms: Bound | None, starting_ms: Bound | None) -> Instants:
    submission, started_ms = job.submission, job.started_ms
    call, accepted = submission.call, submission.accepted_call
    last = job.trace.last
    return Instants(
        intended_ms=started_ms + submission.planned.offset_ms
        if started_ms is not None and submission.is_ours
        else None,
        sent_ms=call.sent_ms if call is not None else None,
        accepted_ms=accepted.received_ms if accepted is not None else None,
        created_ms=last.created_ms if last is not None else None,
        runnable_ms=runnable_ms,
        starting_ms=starting_ms,
        started_ms=first_started_ms(last),
        stopped_ms=last.stopped_ms if last is not None else None,
        seen_done_ms=job.trace.seen_done_ms,
        last_seen_ms=job.trace.last_seen_sent_ms,
    )


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
