"""How far a run is, from its journal alone: for whoever looks at a run that goes on elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    DEADLINE,
    Call,
    CallOutcome,
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
    WaitingLook,
)
from batchgauge.core.progress.snapshot import ProgressSnapshot, RunStage, WaitingNow, estimate_remaining_s
from batchgauge.core.progress.waiting import explain, find_waiting


@dataclass(slots=True)
class RunProgress:
    """Takes a run's records in order; `snapshot` may be asked for at any time."""

    header: Header | None = None
    outcome: RunOutcome | None = None
    """How the run ended; None while no end is in the journal."""
    last_ms: float = 0.0
    """The newest moment in the records, on the run's own clock."""
    _planned: int = 0
    _arrays: dict[int, PlannedJob] = field(default_factory=dict)
    """By the index that their submissions carry."""
    _accepted: set[int] = field(default_factory=set)
    _refused: set[int] = field(default_factory=set)
    _unanswered: set[int] = field(default_factory=set)
    """Jobs whose last request met with no answer, and that were not found by their names."""
    _seen: dict[int, Sighting] = field(default_factory=dict)
    _throttles: int = 0
    _waiting: WaitingLook | None = None
    _moved_ms: float = 0.0
    """When a job was last seen in a new state."""
    _stage: RunStage = RunStage.SUBMITTING

    def add(self, record: Record) -> None:
        """Take in the next record; kinds that do not change how far the run is are passed over."""
        if self.outcome is not None:
            # Something comes after the end: another process has taken the run up again.
            self.outcome, self._stage = None, RunStage.SUBMITTING
        match record:
            case Header():
                self.header = record
                self._at(record.started_ms)
            case Plan():
                self._planned += sum(planned.size for planned in record.jobs)
                self._arrays.update({planned.index: planned for planned in record.jobs if planned.size > 1})
            case Call():
                self._called(record)
            case Found() | Discovered():
                self._is_accepted(*self._indexes(record.job))
            case Look():
                self._at(record.received_ms)
                for sighting in record.changed:
                    self._saw(sighting)
            case EventBatch():
                self._at(record.received_ms)
                for event in record.events:
                    self._heard(event.sighting)
            case WaitingLook():
                self._at(record.received_ms)
                self._waiting = record
            case LogLook():
                self._at(record.received_ms)
                self._stage = RunStage.READING_LOGS
            case Interrupted() | Ended():
                self._comes_to_its_end(record)

    @property
    def total(self) -> int:
        """The jobs of the run."""
        asked = self.header.scenario.num_jobs if self.header is not None else 0
        return max(asked, self._planned, self._decided)

    @property
    def _decided(self) -> int:
        return len(self._accepted) + len(self._refused) + len(self._unanswered)

    def count(self, *states: JobState) -> int:
        """How many jobs were last seen in one of these states."""
        return sum(sighting.state in states for sighting in self._seen.values())

    @property
    def accepted(self) -> int:
        """Jobs that AWS took."""
        return len(self._accepted)

    @property
    def refused(self) -> int:
        """Jobs that AWS did not take; of a run that has ended, those too that were never sent."""
        if self.outcome is not None:
            return self.total - self.accepted - self.unanswered
        return len(self._refused)

    @property
    def unanswered(self) -> int:
        """Jobs that AWS took or did not: nobody knows."""
        return len(self._unanswered)

    def snapshot(self, now_ms: float) -> ProgressSnapshot:
        """How far the run is; `now_ms` is believed only as far as it lies after what the run itself wrote."""
        begun_ms = self.header.started_ms if self.header is not None else now_ms
        until_ms = self.last_ms if self.outcome is not None else max(now_ms, self.last_ms)
        states = Counter(sighting.state for sighting in self._seen.values())
        states[JobState.SUBMITTED] += len(self._accepted - self._seen.keys())
        stage = self._current_stage()
        return ProgressSnapshot(
            run_id=self.header.run_id if self.header is not None else "",
            stage=stage,
            total=self.total,
            accepted=len(self._accepted),
            refused=self.refused,
            unanswered=self.unanswered,
            elapsed_s=(until_ms - begun_ms) / 1000,
            remaining_s=self._remaining_s(until_ms) if stage is RunStage.OBSERVING else None,
            states=dict(states),
            throttles=self._throttles,
            waiting=self._waiting_now(until_ms) if stage is RunStage.OBSERVING else None,
        )

    def _current_stage(self) -> RunStage:
        is_submitted = self._decided >= self.total > 0
        return RunStage.OBSERVING if self._stage is RunStage.SUBMITTING and is_submitted else self._stage

    def _comes_to_its_end(self, record: Interrupted | Ended) -> None:
        self._at(record.at_ms)
        if isinstance(record, Ended):
            self._stage = RunStage.DONE
            self.outcome = record.outcome
        elif record.cause != DEADLINE and self._watches_own_jobs():
            self._stage = RunStage.ENDING_JOBS

    def _watches_own_jobs(self) -> bool:
        return self.header is not None and self.header.scenario.observed is None

    def _called(self, call: Call) -> None:
        self._at(call.received_ms)
        self._throttles += call.outcome is CallOutcome.THROTTLED
        if call.operation != "SubmitJob" or call.job is None:
            return
        jobs = tuple(self._indexes(call.job))
        if call.job_id is not None:
            self._is_accepted(*jobs)
            return
        self._unanswered.difference_update(jobs)
        if call.outcome is CallOutcome.REFUSED:
            self._refused.update(jobs)
        elif call.outcome is CallOutcome.AMBIGUOUS:
            self._unanswered.update(jobs)

    def _indexes(self, job: int) -> Iterable[int]:
        """The jobs of one submission: an array's are all its children."""
        return self._arrays[job].indexes if job in self._arrays else (job,)

    def _is_accepted(self, *jobs: int) -> None:
        self._accepted.update(jobs)
        self._refused.difference_update(jobs)
        self._unanswered.difference_update(jobs)

    def _saw(self, sighting: Sighting) -> None:
        before = self._seen.get(sighting.job)
        if before is None or before.state is not sighting.state:
            self._moved_ms = self.last_ms
        self._is_accepted(sighting.job)
        self._seen[sighting.job] = sighting

    def _heard(self, sighting: Sighting) -> None:
        """Events come late and in any order: none takes a job back, but for a retry, which the next look shows."""
        before = self._seen.get(sighting.job)
        if before is None or before.state.rank <= sighting.state.rank:
            self._saw(sighting)

    def _waiting_now(self, now_ms: float) -> WaitingNow | None:
        """The jobs that wait too long now, for the reasons that the last look gave."""
        look, header = self._waiting, self.header
        if look is None or header is None:
            return None
        environment = header.environment
        unmoved_s = (now_ms - self._moved_ms) / 1000
        waiting = find_waiting(
            self._seen.values(), now_ms=now_ms, unmoved_s=unmoved_s, time_scale=environment.time_scale
        )
        if waiting is None:
            return None
        return WaitingNow(len(waiting.jobs), waiting.longest_s, explain(look, environment.job_vcpus))

    def _at(self, moment_ms: float) -> None:
        self.last_ms = max(self.last_ms, moment_ms)

    def _remaining_s(self, now_ms: float) -> float | None:
        return estimate_remaining_s(
            self._seen.values(),
            not_seen=len(self._accepted - self._seen.keys()),
            now_ms=now_ms,
            expected_run_s=self.header.scenario.countdown_s if self.header is not None else None,
        )
