"""What an earlier process wrote in a run's journal, for the one that takes the run up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from batchgauge.core.journal import (
    Call,
    Delivery,
    Ended,
    EventBatch,
    Found,
    Header,
    JobsEnded,
    LogLook,
    Look,
    Plan,
    Record,
    Resumed,
    RunOutcome,
    Started,
    TaskLook,
    moment_ms,
)
from batchgauge.core.submitting.submission import Submission
from batchgauge.measure.recorder import SUBMIT_JOB, Recorder
from batchgauge.measure.watch_events import is_news


@dataclass(slots=True)
class Past:
    """The records of a journal, and what they say in short."""

    header: Header
    records: Sequence[Record]
    submissions: dict[int, Submission] = field(default_factory=dict)
    """By the index that each submission carries: those of the plan, as far as it is in the journal."""
    outcome: RunOutcome | None = None
    """How the run ended; None where it was cut off."""
    has_started: bool = False
    """Whether sending had begun."""
    last_ms: float = 0.0
    """The latest moment in the journal."""

    @classmethod
    def of(cls, records: Sequence[Record]) -> Past | None:
        """None where not even the header is there."""
        if not records or not isinstance(records[0], Header):
            return None
        past = cls(records[0], records)
        for record in records:
            past._add(record)
        return past

    @property
    def delivery(self) -> Delivery:
        """What was asked for of the document, by whoever took the run up last too."""
        asked = [
            record.delivery for record in self.records if isinstance(record, Resumed) and record.delivery is not None
        ]
        return asked[-1] if asked else self.header.delivery

    @property
    def was_cancelled(self) -> bool:
        """Whether its jobs were ended for somebody, and nobody has taken it up since."""
        last = next((record for record in reversed(self.records) if isinstance(record, JobsEnded | Resumed)), None)
        return isinstance(last, JobsEnded)

    @property
    def jobs_left(self) -> int:
        """How many jobs could not be ended the last time that they were to be, as far as anybody knows."""
        last = next((record for record in reversed(self.records) if isinstance(record, JobsEnded)), None)
        return len(last.left) if last is not None else 0

    @property
    def unsent_jobs(self) -> int:
        """How many jobs AWS neither took, as far as the journal says, nor refused for good."""
        done = (each for each in self.submissions.values() if each.is_taken or each.is_refused_for_good)
        return self.header.scenario.num_jobs - sum(each.planned.size for each in done)

    def _add(self, record: Record) -> None:
        self.last_ms = max(self.last_ms, moment_ms(record))
        self.outcome = record.outcome if isinstance(record, Ended) else None
        match record:
            case Started():
                self.has_started = True
            case Plan():
                self.submissions.update({planned.index: Submission(planned) for planned in record.jobs})
            case Call(operation=operation, job=int() as job) if operation == SUBMIT_JOB:
                self.submissions[job].add(record)
            case Found():
                self.submissions[record.job].found = record

    def replay(self, recorder: Recorder) -> None:
        """Let the recorder know all that the earlier process knew when it wrote the last record."""
        for record in self.records[1:]:
            recorder.replay(record)
            match record:
                case Call(operation=operation, job=int() as job, job_id=str() as job_id) if operation == SUBMIT_JOB:
                    recorder.took(self.submissions[job].planned, job_id)
                case Found():
                    recorder.took(self.submissions[record.job].planned, record.job_id)
                case Look():
                    for sighting in record.changed:
                        recorder.saw(sighting)
                case EventBatch():
                    for told in record.events:
                        if is_news(told.sighting, recorder.last_seen.get(told.job)):
                            recorder.saw(told.sighting)
                case LogLook():
                    recorder.logs_read.add(record.job)
                case TaskLook():
                    for task in record.tasks:
                        recorder.tasks_read[task.job] = max(task.attempt, recorder.tasks_read.get(task.job, 0))
