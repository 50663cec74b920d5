"""A job's life: every change of state happens here, with its ground truth and its event."""

from __future__ import annotations

from typing import Final, Protocol

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.boundary import ModelSettings
from batchgauge.batchmodel.capacity import Slot
from batchgauge.batchmodel.compute_environments import ComputeEnvironment
from batchgauge.batchmodel.containers import Containers
from batchgauge.batchmodel.draws import Draws
from batchgauge.batchmodel.faults import CANNOT_PULL, Faults
from batchgauge.batchmodel.jobs import (
    FAILED,
    PENDING,
    RUNNABLE,
    RUNNING,
    STARTING,
    SUBMITTED,
    SUCCEEDED,
    TERMINAL,
    Attempt,
    Job,
)
from batchgauge.batchmodel.outbox import Outbox
from batchgauge.batchmodel.retries import is_retried
from batchgauge.batchmodel.start_up import NEVER, StartUps
from batchgauge.batchmodel.tasks import TaskRegistry
from batchgauge.batchmodel.timeouts import Timeouts

EXITED: Final = "Essential container in task exited"
FAILED_TO_START: Final = "Task failed to start"
TIMED_OUT: Final = "Job attempt duration exceeded timeout"


class Followers(Protocol):
    """Who must know at once what happens to jobs: the scheduler and the ties between jobs."""

    def runnable(self, job: Job) -> None:
        """A job has become RUNNABLE."""
        ...

    def left_runnable(self, job: Job) -> None:
        """A job is RUNNABLE no more."""
        ...

    def gave_room_back(self, job: Job) -> None:
        """A job has given its slot back."""
        ...

    def moved(self, job: Job, from_state: str, to_state: str) -> None:
        """A change of a child's state, or the end of a job that is an array or that others wait for; once it is complete."""
        ...


class LifeCycle:
    """Moves jobs from state to state."""

    def __init__(
        self,
        *,
        settings: ModelSettings,
        agenda: Agenda,
        draws: Draws,
        outbox: Outbox,
        tasks: TaskRegistry,
        faults: Faults,
    ) -> None:
        self._agenda = agenda
        self._draws = draws
        self._outbox = outbox
        self._tasks = tasks
        self._faults = faults
        self._start_ups = StartUps(settings, agenda, self._start_container, self._pull_failed)
        self._containers = Containers(
            settings=settings, agenda=agenda, draws=draws, outbox=outbox, faults=faults, on_end=self._container_ended
        )
        self._timeouts = Timeouts(agenda, self._time_out)
        self._followers: Followers

    def tell(self, followers: Followers) -> None:
        """Say who is told; once, before the first job."""
        self._followers = followers

    def submitted(self, job: Job, cause: str) -> None:
        """A job is there."""
        if job.parent is not None and job.parent.array is not None:
            job.parent.array.index_by_state[SUBMITTED].add(job.number, job)
        else:
            job.queue.listing.add(job)
            job.queue.listing.by_state[SUBMITTED].add(job.number, job)
        self._outbox.submitted(job, self._agenda.now_ms, cause)

    def make_pending(self, job: Job, cause: str) -> None:
        """It waits for other jobs, or its children are on their way."""
        self._move(job, PENDING, cause)

    def make_runnable(self, job: Job, cause: str) -> None:
        """It waits for room."""
        job.runnable_ms = self._agenda.now_ms
        self._move(job, RUNNABLE, cause)

    def start(self, job: Job, environment: ComputeEnvironment, slot: Slot) -> None:
        """It has been given room: the start-up of an attempt begins."""
        now_ms = self._agenda.now_ms
        number = len(job.attempts) + 1
        drawn_by = job.number * 16 + number
        task_id, first, second, third = self._draws.attempt(drawn_by)
        attempt = Attempt(number, task_id, environment, slot, now_ms)
        attempt.fault = self._faults.of_attempt(drawn_by)
        job.attempts = (*job.attempts, attempt)
        self._tasks.add(job, attempt, now_ms)
        job.status_reason = None
        self._start_ups.begin(job, attempt, first, second, third)
        self._move(job, STARTING, environment.placing_cause)

    def _start_container(self, job: Job) -> None:
        """A virtual one runs at once, a process when the driver says so: starting a thousand takes it a second."""
        attempt = job.attempts[-1]
        attempt.appointment = None
        if self._containers.launch(job, attempt):
            attempt.started_ms = NEVER
        else:
            self._run(job, attempt)

    def process_started(self, task_id: str) -> None:
        """The container's process runs; one whose job has been ended in the meantime is no error."""
        job = self._tasks.current_job(task_id)
        if job is not None and job.attempt.is_launching:
            job.attempt.started_ms = self._agenda.now_ms
            self._run(job, job.attempt)

    def _run(self, job: Job, attempt: Attempt) -> None:
        attempt.was_running = True
        attempt.is_launching = False
        timeout_s = job.specification.timeout_s
        if timeout_s is not None:
            self._timeouts.begin(job, attempt, timeout_s)
        self._move(job, RUNNING, "container started")
        self._containers.run(job, attempt)

    def _pull_failed(self, job: Job) -> None:
        attempt = job.attempt
        attempt.appointment = None
        self._faults.tell("image-pull", attempt.task_id, job.job_id)
        attempt.pull_stopped_ms = NEVER
        attempt.reason = CANNOT_PULL
        attempt.has_failed_to_start = True
        self._end_attempt(job, FAILED_TO_START)

    def process_ended(self, task_id: str, exit_code: int | None, reason: str | None) -> None:
        """The container's process has ended, or could not be started; a task that is not running is no error."""
        if exit_code is not None:
            self.process_started(task_id)  # where that has not been told, as after a restart
        job = self._tasks.current_job(task_id)
        if job is not None and (job.attempt.is_launching or (job.state == RUNNING and not job.attempt.is_virtual)):
            self._containers.ended(job, exit_code, reason)

    def _container_ended(self, job: Job, exit_code: int | None, reason: str | None) -> None:
        attempt = job.attempts[-1]
        attempt.exit_code = exit_code
        attempt.reason = reason[:255] if reason else None
        status_reason = EXITED
        if exit_code is None and reason is not None and job.end_reason is None:
            attempt.has_failed_to_start = True
            status_reason = FAILED_TO_START
        self._end_attempt(job, status_reason)

    def _end_attempt(self, job: Job, status_reason: str) -> None:
        attempt, now_ms = job.attempts[-1], self._agenda.now_ms
        if attempt.appointment is not None:
            self._agenda.call_off(attempt.appointment)
            attempt.appointment = None
        if attempt.stopping_ms is None:
            attempt.stopping_ms = now_ms
        attempt.stopped_ms = now_ms
        attempt.status_reason = job.end_reason or status_reason
        self._tasks.stopped(attempt)
        if attempt.was_running and job.specification.timeout_s is not None:
            self._timeouts.end(job.specification.timeout_s)
        if attempt.was_running or attempt.is_launching:
            self._containers.gone(job, attempt)
        self._settle(job, attempt, status_reason)
        slot, attempt.slot = attempt.slot, None
        if slot is not None:
            attempt.environment.capacity.give_back(slot, now_ms)
        self._followers.gave_room_back(job)

    def _settle(self, job: Job, attempt: Attempt, status_reason: str) -> None:
        """Where the job goes after an attempt."""
        strategy, exit_code = job.specification.retry_strategy, attempt.exit_code
        if job.end_reason is not None:
            self._end(job, FAILED, job.end_reason, "ended before its time")
        elif exit_code == 0:
            self._end(job, SUCCEEDED, status_reason, "exit code 0")
        elif is_retried(strategy, attempt.number, exit_code, attempt.reason, status_reason):
            job.status_reason = status_reason
            self.make_runnable(job, f"retried after {_failure(attempt)}")
        else:
            self._end(job, FAILED, status_reason, _failure(attempt))

    def _time_out(self, job: Job) -> None:
        self.stop(job, TIMED_OUT)

    def stop(self, job: Job, reason: str) -> None:
        """End an attempt that is STARTING or RUNNING before its time."""
        job.end_reason = reason
        attempt = job.attempt
        if job.state == STARTING:
            if attempt.is_launching:
                self._containers.kill(attempt)
            self._start_ups.cut_short(attempt)
            self._end_attempt(job, reason)
        else:
            self._containers.stop(job, attempt)

    def fail(self, job: Job, status_reason: str, cause: str) -> None:
        """End a job that has no attempt under way."""
        self._end(job, FAILED, status_reason, cause)

    def succeed(self, job: Job, cause: str) -> None:
        """End an array's parent well."""
        self._end(job, SUCCEEDED, None, cause)

    def _end(self, job: Job, state: str, status_reason: str | None, cause: str) -> None:
        job.status_reason = status_reason
        job.stopped_ms = self._agenda.now_ms
        self._move(job, state, cause)

    def _move(self, job: Job, to_state: str, cause: str) -> None:
        from_state, parent = job.state, job.parent
        array = parent.array if parent is not None else None
        index = job.queue.listing.by_state if array is None else array.index_by_state
        index[from_state].move(job.number, job, index[to_state])
        job.state = to_state
        job.changes += 1
        self._outbox.moved(job, from_state, self._agenda.now_ms, cause)
        if to_state == RUNNABLE:
            self._followers.runnable(job)
        elif from_state == RUNNABLE:
            self._followers.left_runnable(job)
        if array is not None or (to_state in TERMINAL and (job.array is not None or job.dependents is not None)):
            self._followers.moved(job, from_state, to_state)


def _failure(attempt: Attempt) -> str:
    """For the ground truth."""
    if attempt.fault is not None:
        return f"fault {attempt.fault}"
    return f"exit code {attempt.exit_code}"
