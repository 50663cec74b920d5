"""Where everything that happens in a run goes: the journal, the result in the making, and whoever watches."""

from __future__ import annotations

from collections import Counter
from typing import Final

from batchgauge.core.job import TERMINAL_STATES, JobState
from batchgauge.core.journal import NO_WAIT_MS, Call, CallOutcome, Discovered, Header, PlannedJob, Record, Sighting
from batchgauge.core.observed.trace import progress
from batchgauge.core.progress.snapshot import ProgressSnapshot, RunStage, WaitingNow, estimate_remaining_s
from batchgauge.core.progress.waiting import Waiting, WaitingReason
from batchgauge.core.result.builder import ResultBuilder
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.submitting.plan import child_id
from batchgauge.ports import Clock, Journal, Progress, Reply

SUBMIT_JOB: Final = "SubmitJob"


class Recorder:
    """Takes each record once and passes it to all three."""

    def __init__(
        self, header: Header, journal: Journal, clock: Clock, progress: Progress, *, is_taken_up: bool = False
    ) -> None:
        """Of a run that `is_taken_up` the header is in the journal, and what else is there is yet to be replayed."""
        self._header = header
        self._journal = journal
        self._clock = clock
        self._progress = progress
        self._builder = ResultBuilder(header)
        self._states: dict[int, JobState] = {}
        self._counts: Counter[JobState] = Counter()
        self._refused: dict[int, int] = {}
        """Jobs that will not be tried again, and the submission that each belongs to."""
        self._throttles = 0
        self._waiting: WaitingNow | None = None
        self.stage = RunStage.SUBMITTING
        self.job_ids: dict[int, str] = {}
        """Index → AWS's id, of every job that AWS took."""
        self._furthest: dict[int, tuple[bool, int, int]] = {}
        self._behind: set[int] = set()
        self.last_seen: dict[int, Sighting] = {}
        self.logs_read: set[int] = set()
        """Jobs whose log streams are in the journal."""
        self.tasks_read: dict[int, int] = {}
        """By job: how many of its attempts' tasks are in the journal."""
        self.lost_answers: set[int] = set()
        """Submissions of which a request may have made a job that nobody knows of."""
        self.unresolved: set[int] = set()
        """Of those, the ones that nobody could look up since."""
        self.strangers: dict[str, str] = {}
        """Jobs of others that bear a name of the run's: by id."""
        self.last_lost_ms = 0.0
        """When the last such answer was given up."""
        if not is_taken_up:
            journal.append(header)

    def record(self, record: Record) -> None:
        """Take in a record."""
        self._journal.append(record)
        self._builder.add(record)

    def replay(self, record: Record) -> None:
        """Take in a record that an earlier process wrote: what it says of the jobs is told apart."""
        self._builder.add(record)
        if isinstance(record, Call):
            self._throttles += record.outcome is CallOutcome.THROTTLED

    def call(
        self,
        reply: Reply[object],
        *,
        job: int | None = None,
        attempt: int = 1,
        job_id: str | None = None,
        back_off_s: float = 0.0,
    ) -> None:
        """Take in a call and its answer."""
        self._throttles += reply.outcome is CallOutcome.THROTTLED
        if reply.operation == SUBMIT_JOB and reply.outcome is CallOutcome.AMBIGUOUS and job is not None:
            self.lost_answers.add(job)
            self.unresolved.add(job)
            self.last_lost_ms = reply.received_ms
        self.record(
            Call(
                operation=reply.operation,
                sent_ms=reply.sent_ms,
                received_ms=reply.received_ms,
                outcome=reply.outcome,
                status=reply.status,
                request_id=reply.request_id,
                error=reply.error,
                message=reply.message,
                job=job,
                attempt=attempt,
                job_id=job_id,
                back_off_ms=back_off_s * 1000 or NO_WAIT_MS,
                connection_wait_ms=reply.connection_wait_ms or NO_WAIT_MS,
            )
        )

    def accepted(self, planned: PlannedJob, job_id: str) -> None:
        """What was submitted is AWS's from now on: a job, or all children of an array of that id."""
        self.took(planned, job_id)
        self.show()

    def took(self, planned: PlannedJob, job_id: str) -> None:
        """As `accepted`, and nobody is told."""
        for index in planned.indexes:
            self.job_ids[index] = child_id(job_id, planned, index)
            self._refused.pop(index, None)
            self._count(index, JobState.SUBMITTED)

    def discovered(self, job: int, job_id: str, name: str) -> None:
        """A job of somebody else's is watched from now on."""
        self.record(Discovered(job=job, job_id=job_id, name=name, at_ms=self._clock.now_ms()))
        self.job_ids[job] = job_id
        self._count(job, JobState.SUBMITTED)

    def note(self, reply: Reply[object], attempt: int, back_off_s: float) -> None:
        """As `call`, for calls that are about no one job."""
        self.call(reply, attempt=attempt, back_off_s=back_off_s)

    def refused(self, planned: PlannedJob) -> None:
        """A submission will not be tried again."""
        self._refused.update(dict.fromkeys(planned.indexes, planned.index))
        self.show()

    def saw(self, sighting: Sighting) -> None:
        """A job was seen in a state that it was not seen in before. One that has ended goes on no more: what shows it so is late."""
        known = self.last_seen.get(sighting.job)
        if known is not None and known.state.is_terminal and not sighting.state.is_terminal:
            return
        self.last_seen[sighting.job] = sighting
        reached = progress(sighting)
        if reached < self._furthest.get(sighting.job, reached):
            self._behind.add(sighting.job)
        else:
            self._behind.discard(sighting.job)
            self._furthest[sighting.job] = reached
        self._count(sighting.job, sighting.state)

    def waits_for(self, waiting: Waiting | None, reasons: tuple[WaitingReason, ...]) -> None:
        """Jobs wait too long, for these reasons; None: none does any more."""
        before = self._waiting
        self._waiting = None if waiting is None else WaitingNow(len(waiting.jobs), waiting.longest_s, reasons)
        if self._waiting != before:
            self.show()

    def is_behind(self, job: int) -> bool:
        """Whether the job was seen further than it was seen last: it is tried again, or an answer was out of date.

        Whoever reads the journal takes a job that is not in a look's `changed` to be where it was furthest, so this one belongs there.
        """
        return job in self._behind

    @property
    def has_all_ended(self) -> bool:
        """Whether every job that AWS took was seen to end."""
        return sum(self._counts[state] for state in TERMINAL_STATES) == len(self.job_ids)

    def going(self) -> list[int]:
        """The jobs that AWS took and that were not seen to end."""
        seen = self.last_seen
        return [index for index in self.job_ids if index not in seen or not seen[index].state.is_terminal]

    def going_ids(self) -> tuple[str, ...]:
        """AWS's ids of the jobs that were not seen to end."""
        return tuple(self.job_ids[index] for index in self.going())

    async def sync(self) -> None:
        """Return when everything so far is on the disk."""
        await self._journal.sync()

    def show(self, stage: RunStage | None = None) -> None:
        """Tell whoever watches."""
        self.stage = stage or self.stage
        now_ms = self._clock.now_ms()
        unanswered = sum(first in self.unresolved for first in self._refused.values()) if self.unresolved else 0
        self._progress.update(
            ProgressSnapshot(
                run_id=self._header.run_id,
                stage=self.stage,
                total=max(self._header.scenario.num_jobs, len(self.job_ids) + len(self._refused)),
                accepted=len(self.job_ids),
                refused=len(self._refused) - unanswered,
                unanswered=unanswered,
                elapsed_s=(now_ms - self._header.started_ms) / 1000,
                remaining_s=self._remaining_s(now_ms),
                states=dict(self._counts),
                throttles=self._throttles,
                waiting=self._waiting,
            )
        )

    def _remaining_s(self, now_ms: float) -> float | None:
        """Only while all that happens is looking: before, it would be computed anew for each submission."""
        if self.stage is not RunStage.OBSERVING:
            return None
        return estimate_remaining_s(
            self.last_seen.values(),
            not_seen=len(self.job_ids) - len(self.last_seen),
            now_ms=now_ms,
            expected_run_s=self._header.scenario.countdown_s,
        )

    def _count(self, job: int, state: JobState) -> None:
        if (before := self._states.get(job)) is not None:
            self._counts[before] -= 1
        self._states[job] = state
        self._counts[state] += 1

    def result(self) -> RunResult:
        """The result as far as it goes."""
        return self._builder.build()
