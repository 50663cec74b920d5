"""Jobs that are ended before their time: cancelled, terminated, or with their queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.jobs import PENDING, RUNNING, STARTING, Job, JobStore
from batchgauge.batchmodel.life_cycle import LifeCycle
from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.ties import SLICE, SLICE_EVERY_MS

QUEUE_DELETED: Final = "JobQueue deleted"
MAX_JOBS: Final = 50


class Endings:
    """CancelJob(s), TerminateJob(s) and the end of a queue's jobs."""

    def __init__(self, store: JobStore, agenda: Agenda, life_cycle: LifeCycle) -> None:
        self._store = store
        self._agenda = agenda
        self._life_cycle = life_cycle

    def cancel(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CancelJob; a job that is not there, or has come too far, is no error."""
        return self._one(parameters, self._cancel)

    def terminate(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """TerminateJob; a job that is not there, or is over, is no error."""
        return self._one(parameters, self._terminate)

    def cancel_many(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CancelJobs."""
        return self._many(parameters, self._cancel)

    def terminate_many(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """TerminateJobs."""
        return self._many(parameters, self._terminate)

    def _one(self, parameters: Mapping[str, Any], end: Callable[[Job, str], None]) -> dict[str, Any]:
        job = self._store.find(parameters["jobId"])
        if job is not None:
            end(job, parameters["reason"])
        return {}

    def _many(self, parameters: Mapping[str, Any], end: Callable[[Job, str], None]) -> dict[str, Any]:
        asked = parameters["jobs"]
        if not 0 < len(asked) <= MAX_JOBS:
            raise client_error(f"Number of jobs must be between 1 and {MAX_JOBS}")
        for job_id in asked:
            self._one({"jobId": job_id, "reason": parameters["reason"]}, end)
        return {"successful": list(asked), "errors": []}

    def _cancel(self, job: Job, reason: str) -> None:
        if job.is_over or job.state in (STARTING, RUNNING):
            return
        job.is_cancelled = True
        job.changes += 1
        self._end_early(job, reason, self._cancel)

    def _terminate(self, job: Job, reason: str) -> None:
        if job.is_over:
            return
        job.is_terminated = True
        job.changes += 1
        if job.state in (STARTING, RUNNING):
            self._life_cycle.stop(job, reason)
        else:
            self._end_early(job, reason, self._terminate)

    def _end_early(self, job: Job, reason: str, end: Callable[[Job, str], None]) -> None:
        """A job that has not started. One that waits for others ends when they do, as AWS has it."""
        job.end_reason = reason
        if job.array is not None and job.array.is_begun:
            self._end_children((job.array.children, 0, reason, end))
        elif job.state != PENDING:
            self._life_cycle.fail(job, reason, "ended before it started")

    def _end_children(self, ending: tuple[Sequence[Job], int, str, Callable[[Job, str], None]]) -> None:
        """Some of an array's, and the others a moment later, as they have come."""
        children, first, reason, end = ending
        last = first + SLICE
        for child in children[first:last]:
            end(child, reason)
        if last < len(children):
            self._agenda.at(self._agenda.now_ms + SLICE_EVERY_MS, self._end_children, (children, last, reason, end))

    def end_queue(self, jobs: list[Job], on_end: Callable[[], None]) -> None:
        """The queue is deleted: everything in it ends, what waits for others too; some at a time, `on_end` after the last."""
        self._end_some_of_queue((_with_children(jobs), on_end))

    def _end_some_of_queue(self, ending: tuple[Iterator[Job], Callable[[], None]]) -> None:
        left, on_end = ending
        some = list(islice(left, SLICE))
        for job in some:
            self._end_with_queue(job)
        if len(some) < SLICE:
            on_end()
        else:
            self._agenda.at(self._agenda.now_ms + SLICE_EVERY_MS, self._end_some_of_queue, ending)

    def _end_with_queue(self, job: Job) -> None:
        if job.is_over:
            return
        job.end_reason = QUEUE_DELETED
        if job.state in (STARTING, RUNNING):
            self._life_cycle.stop(job, QUEUE_DELETED)
        elif job.array is None or not job.array.is_begun:  # else it ends with the last of its children
            self._life_cycle.fail(job, QUEUE_DELETED, "its queue was deleted")


def _with_children(jobs: list[Job]) -> Iterator[Job]:
    """Each array before those of its children that are there by then; the others end as they come."""
    for job in jobs:
        yield job
        if job.array is not None and job.array.is_begun:
            yield from job.array.children
