"""Reading what there is to be known of one job: itself, its task, its log, and while it waits its queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from batchgauge.core.diagnosis.causes import Ending, diagnose
from batchgauge.core.diagnosis.explanation import AttemptExplained, Explanation
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, CallOutcome, QueueFacts, Sighting, WaitingLook
from batchgauge.core.progress.waiting import WaitingReason, explain
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import JobAmbiguousError, JobNotFoundError
from batchgauge.measure.listing import list_named
from batchgauge.ports import BatchGateway, JobDetail, JobPage, JobTraces, ObservedJob, Reply, TaskEnd

LAST_LINES: Final = 20
NO_SUCH_STREAM: Final = "ResourceNotFoundException"
"""Of a job that has said nothing."""
MOST_NAMED: Final = 5
"""Of jobs that are meant by the same name."""
SETTLED: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.RUNNING})

T = TypeVar("T")


@dataclass(slots=True)
class JobExplainer:
    """Asks each question once: what is refused is named, and what is left is still explained."""

    batch: BatchGateway
    traces: JobTraces
    now_ms: Callable[[], float]
    endpoint: str
    unread: list[str] = field(default_factory=list)

    async def find(self, wanted: str, queue: str | None = None) -> str:
        """The id of the one job whose id is, or whose name is or begins so.

        Raises:
            JobNotFoundError, JobAmbiguousError: none is meant, or several are.
            AwsError: AWS cannot be asked.
        """
        reply = await self.batch.describe_jobs([wanted])
        if reply.outcome is CallOutcome.OK and reply.value:
            return reply.value[0].job_id
        queues = [queue] if queue is not None else await self._queues()
        listings = await asyncio.gather(*(list_named(self.batch, name, wanted, self._page) for name in queues))
        found = [job for listing in listings for job in listing.jobs]
        exact = [job for job in found if job.job_name == wanted] or found
        if not exact:
            raise JobNotFoundError(job=wanted)
        if len(exact) > 1:
            named = ", ".join(f"{job.job_name} ({job.job_id})" for job in exact[:MOST_NAMED])
            raise JobAmbiguousError(job=wanted, jobs=named + (", …" if len(exact) > MOST_NAMED else ""))
        return exact[0].job_id

    async def explain(self, job_id: str) -> Explanation:
        """All that can be read of the job.

        Raises:
            JobNotFoundError: AWS does not know it (any more).
            AwsError: AWS cannot be asked.
        """
        seen, described = await asyncio.gather(self.batch.describe_jobs([job_id]), self.batch.describe_job(job_id))
        jobs, detail = self._required(seen), self._required(described)
        if not jobs or detail is None:
            raise JobNotFoundError(job=job_id)
        return await self._explain(jobs[0], detail)

    async def _explain(self, job: ObservedJob, detail: JobDetail) -> Explanation:
        sighting = job.sighting
        last = sighting.attempts[-1] if sighting.attempts else None
        stream = sighting.log_stream or (last.log_stream if last is not None else None)
        task, lines, waiting = await asyncio.gather(
            self._task(sighting.task_arn or (last.task_arn if last is not None else None)),
            self._lines(detail.log_group, stream),
            self._waiting(job, detail),
        )
        causes = diagnose(self._ending(sighting, detail, task, lines)) if sighting.state is JobState.FAILED else ()
        is_waiting = sighting.state not in SETTLED and sighting.created_ms is not None
        return Explanation(
            job_id=job.job_id,
            job_name=job.job_name,
            state=sighting.state,
            job_queue=detail.queue.rpartition("/")[2],
            job_definition=detail.definition.rpartition("/")[2],
            causes=causes,
            waiting=waiting,
            waited_s=round((self.now_ms() - (sighting.created_ms or 0.0)) / 1000, 3) if is_waiting else None,
            is_cancelled=is_waiting and detail.is_cancelled,
            earlier=_earlier(sighting, detail),
            log_group=detail.log_group if stream else None,
            log_stream=stream,
            last_lines=lines,
            unread=tuple(dict.fromkeys(self.unread)),
        )

    def _ending(self, sighting: Sighting, detail: JobDetail, task: TaskEnd | None, lines: tuple[str, ...]) -> Ending:
        return Ending(
            status_reason=sighting.status_reason or "",
            reason=sighting.reason or (task.container_reason if task is not None else ""),
            exit_code=sighting.exit_code,
            stopped_reason=task.stopped_reason if task is not None else "",
            stop_code=task.stop_code if task is not None else "",
            is_windows=_is_windows(detail),
            timeout_s=detail.timeout_s,
            last_lines=lines,
        )

    async def _task(self, task_arn: str | None) -> TaskEnd | None:
        """None of an instance's task, of one that ECS has forgotten, or that may not be described."""
        return await self._optional(self.traces.describe_task_end(task_arn)) if task_arn else None

    async def _lines(self, group: str | None, stream: str | None) -> tuple[str, ...]:
        if not group or not stream:
            return ()
        page = await self._optional(self.traces.read_log_tail(group, stream, LAST_LINES), nothing=NO_SUCH_STREAM)
        return tuple(line.message for line in page.lines) if page is not None else ()

    async def _waiting(self, job: ObservedJob, detail: JobDetail) -> tuple[WaitingReason, ...]:
        """Why it has not started: by the same reasons as a run's jobs that wait too long; a cancelled one waits for none of them."""
        sighting = job.sighting
        if sighting.state in SETTLED or sighting.state is JobState.STARTING or detail.is_cancelled:
            return ()
        sent_ms = self.now_ms()
        queue, snapshot = await asyncio.gather(
            self._optional(self.batch.describe_job_queue(detail.queue)),
            self._optional(self.batch.get_job_queue_snapshot(detail.queue)),
        )
        names = queue.compute_environments if queue is not None else ()
        environments = await self._optional(self.batch.describe_compute_environments(names)) if names else ()
        is_pending = sighting.state is JobState.PENDING
        # The queue's front is of RUNNABLE jobs: nothing that depends on others stands in it.
        front = snapshot.front if snapshot is not None and not is_pending else ()
        look = WaitingLook(
            sent_ms=sent_ms,
            received_ms=self.now_ms(),
            jobs="1",
            longest_wait_ms=max(0.0, sent_ms - (sighting.created_ms or sent_ms)),
            pending=int(is_pending),
            said=((sighting.status_reason, 1),) if sighting.status_reason else (),
            queue=QueueFacts(name=queue.name, state=queue.state, status=queue.status, status_reason=queue.status_reason)
            if queue is not None
            else None,
            environments=environments or (),
            used_vcpus=snapshot.used_vcpus if snapshot is not None else None,
            front=None if snapshot is None or is_pending else len(front),
            position=front.index(job.job_id) if job.job_id in front else None,
        )
        return explain(look, detail.vcpus)

    async def _queues(self) -> list[str]:
        found: list[str] = []
        token: str | None = None
        while True:
            page = self._required(await self.batch.list_job_queues(token))
            found += [queue.name for queue in page.queues]
            token = page.next_token
            if not token:
                return found

    async def _page(self, request: Callable[[], Awaitable[Reply[JobPage]]]) -> JobPage:
        return self._required(await request())

    def _required(self, reply: Reply[T]) -> T:
        if reply.outcome is not CallOutcome.OK:
            raise error_of(reply, self.endpoint)
        return reply.value  # type: ignore[return-value]  # None is an answer too

    async def _optional(self, request: Awaitable[Reply[T]], nothing: str | None = None) -> T | None:
        """None where AWS refuses; with the `nothing` code that only means that there is nothing."""
        reply = await request
        if reply.outcome is not CallOutcome.OK and reply.error != nothing:
            self.unread.append(f"{reply.operation}: {reply.error or reply.outcome.value}")
        return reply.value


def _is_windows(detail: JobDetail) -> bool | None:
    family = detail.operating_system_family
    return None if family is None else family.startswith("WINDOWS")


def _earlier(sighting: Sighting, detail: JobDetail) -> tuple[AttemptExplained, ...]:
    """The attempts before the last; of a job that has not ended, all that have."""
    attempts = sighting.attempts[:-1] if sighting.state.is_terminal else sighting.attempts
    return tuple(
        AttemptExplained(number=number, causes=diagnose(_ending_of(attempt, detail)))
        for number, attempt in enumerate(attempts, start=1)
    )


def _ending_of(attempt: Attempt, detail: JobDetail) -> Ending:
    return Ending(
        status_reason=attempt.status_reason or "",
        reason=attempt.reason or "",
        exit_code=attempt.exit_code,
        is_windows=_is_windows(detail),
        timeout_s=detail.timeout_s,
    )
