"""What an attempt's container does while its job is RUNNING: a process of the driver's, or virtual work; and what goes wrong with it."""

from __future__ import annotations

from typing import Final, Protocol

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.boundary import ModelSettings, SignalProcess
from batchgauge.batchmodel.draws import Draws, duration_ms
from batchgauge.batchmodel.faults import KILLED_EXIT_CODE, OUT_OF_MEMORY, Faults
from batchgauge.batchmodel.jobs import RUNNING, Attempt, Job, attempt_number
from batchgauge.batchmodel.outbox import Outbox
from batchgauge.batchmodel.process_start import log_stream, process_start
from batchgauge.batchmodel.shared_pace import SharedPace
from batchgauge.batchmodel.virtual_work import TERMINATED_EXIT_CODE, CountdownLines

KILL_DELAY_MS: Final = 30_000.0
NEVER: Final = float("inf")


class OnEnd(Protocol):
    """Who is told that a container has ended."""

    def __call__(self, job: Job, exit_code: int | None, reason: str | None) -> None:
        """With its exit code, or without one."""
        ...


class Containers:
    """Starts and stops them."""

    def __init__(
        self,
        *,
        settings: ModelSettings,
        agenda: Agenda,
        draws: Draws,
        outbox: Outbox,
        faults: Faults,
        on_end: OnEnd,
    ) -> None:
        self._settings = settings
        self._agenda = agenda
        self._draws = draws
        self._outbox = outbox
        self._faults = faults
        self._on_end = on_end
        self._processes = 0
        contention = settings.contention
        self._pace: SharedPace | None = None
        if contention is not None:
            slowdown = contention.slowdown
            self._pace = SharedPace(agenda, lambda running: 1.0 / slowdown(running))

    def launch(self, job: Job, attempt: Attempt) -> bool:
        """Ask for the attempt's process; False where it is virtual, and there is nothing to wait for."""
        limit = self._settings.max_processes
        attempt.is_virtual = (
            job.specification.virtual_work.is_asked_for
            or (limit is not None and self._processes >= limit)
            or attempt.fault == "hanging"
        )
        if attempt.is_virtual:
            return False
        self._processes += 1
        attempt.is_launching = True
        self._outbox.effects.append(process_start(job, attempt, self._settings))
        return True

    def run(self, job: Job, attempt: Attempt) -> None:
        """The job has just become RUNNING."""
        if attempt.fault is not None:
            self._meet_fault(job, attempt)
        if attempt.is_virtual:
            self._work_virtually(job, attempt)
        elif self._pace is not None:
            attempt.errand = self._pace.begin(NEVER, 1.0, self._worked, job)

    def _meet_fault(self, job: Job, attempt: Attempt) -> None:
        if attempt.fault == "hanging":
            self._faults.tell("hanging", attempt.task_id, job.job_id)
        elif attempt.fault == "crash":
            attempt.fault = None  # until it happens: a short one gets away
            delay_ms = self._faults.crash_after_ms(attempt_number(job, attempt))
            self._agenda.at(self._agenda.now_ms + delay_ms, self._crash, (job, attempt))

    def _work_virtually(self, job: Job, attempt: Attempt) -> None:
        work_ms = NEVER if attempt.fault == "hanging" else self._duration_ms(job, attempt)
        if self._pace is not None:
            attempt.errand = self._pace.begin(work_ms, 1.0, self._worked, job)
        elif work_ms != NEVER:
            attempt.appointment = self._agenda.at(self._agenda.now_ms + work_ms, self._worked, job)

    def _duration_ms(self, job: Job, attempt: Attempt) -> float:
        """How long a virtual one takes if nothing slows it."""
        said_ms = job.specification.virtual_work.duration_ms
        if said_ms is not None:
            return said_ms
        [normal] = self._draws.normals("virtual", attempt_number(job, attempt), 1)
        return duration_ms(self._settings.virtual_duration, normal)

    def _worked(self, job: Job) -> None:
        """A virtual one is done."""
        job.attempt.appointment = job.attempt.errand = None
        self.ended(job, job.specification.virtual_work.exit_code, None)

    def ended(self, job: Job, exit_code: int | None, reason: str | None) -> None:
        """The container of a job that is RUNNING has ended; whether anybody hears of it is another matter."""
        attempt = job.attempt
        if attempt.fault == "vanished" and exit_code is not None:
            if attempt.stopping_ms is None:
                self._faults.tell("vanished", attempt.task_id, job.job_id)
            return
        self._on_end(job, exit_code, OUT_OF_MEMORY if attempt.fault == "crash" else reason)

    def _crash(self, met: tuple[Job, Attempt]) -> None:
        job, attempt = met
        if job.state != RUNNING or job.attempts[-1] is not attempt or attempt.stopping_ms is not None:
            return
        attempt.fault = "crash"
        self._faults.tell("crash", attempt.task_id, job.job_id)
        if attempt.is_virtual:
            self.ended(job, KILLED_EXIT_CODE, None)
        else:
            self.kill(attempt)

    def kill(self, attempt: Attempt) -> None:
        """End its process at once."""
        self._outbox.effects.append(SignalProcess(attempt.task_id, "kill"))

    def stop(self, job: Job, attempt: Attempt) -> None:
        """End it before its time: politely first."""
        if attempt.stopping_ms is not None:
            return
        if attempt.appointment is not None:
            self._agenda.call_off(attempt.appointment)
        attempt.stopping_ms = self._agenda.now_ms
        if attempt.is_virtual and attempt.fault is None:
            self._on_end(job, TERMINATED_EXIT_CODE, None)
            return
        attempt.appointment = self._agenda.at(self._agenda.now_ms + KILL_DELAY_MS, self._kill, job)
        if not attempt.is_virtual:
            self._outbox.effects.append(SignalProcess(attempt.task_id, "term"))

    def _kill(self, job: Job) -> None:
        attempt = job.attempt
        attempt.appointment = None
        if not attempt.is_virtual:
            self.kill(attempt)
        if attempt.fault == "vanished":
            self._on_end(job, None, None)
        elif attempt.is_virtual:
            self._on_end(job, KILLED_EXIT_CODE, None)

    def gone(self, job: Job, attempt: Attempt) -> None:
        """The attempt is over: nothing of it goes on, and what a virtual one has written is told."""
        if attempt.errand is not None and self._pace is not None:
            self._pace.leave(attempt.errand)
            attempt.errand = None
        if not attempt.is_virtual:
            self._processes -= 1
        elif attempt.fault != "hanging" and attempt.stopped_ms is not None:
            self._tell_output(job, attempt, attempt.stopped_ms)

    def _tell_output(self, job: Job, attempt: Attempt, ended_ms: float) -> None:
        is_complete = attempt.exit_code == job.specification.virtual_work.exit_code and attempt.fault is None
        seconds = self._duration_ms(job, attempt) / 1000
        lines = CountdownLines(attempt.started_ms, ended_ms, seconds, is_complete)
        self._outbox.written(attempt, job.specification.log_group, log_stream(job, attempt), lines)
