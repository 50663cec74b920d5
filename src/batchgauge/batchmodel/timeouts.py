"""Time-outs of attempts: those of one length run out in the order in which they began, so a line each does for a heap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from batchgauge.batchmodel.agenda import Agenda, Appointment
from batchgauge.batchmodel.jobs import RUNNING, Attempt, Job


class _Line:
    """The attempts with time-outs of one length."""

    __slots__ = ("appointment", "entries", "running")

    def __init__(self) -> None:
        self.entries: deque[tuple[float, Job, Attempt]] = deque()
        """When, whose; may hold some that have ended."""
        self.running = 0
        self.appointment: Appointment | None = None
        """For the first entry."""


class Timeouts:
    """Tells `on_timeout` of each attempt that still runs when its time is up."""

    def __init__(self, agenda: Agenda, on_timeout: Callable[[Job], None]) -> None:
        self._agenda = agenda
        self._on_timeout = on_timeout
        self._lines: dict[int, _Line] = {}

    def begin(self, job: Job, attempt: Attempt, timeout_s: int) -> None:
        """An attempt runs from now on."""
        line = self._lines.get(timeout_s)
        if line is None:
            line = self._lines[timeout_s] = _Line()
        due_ms = self._agenda.now_ms + timeout_s * 1000
        line.entries.append((due_ms, job, attempt))
        line.running += 1
        if line.appointment is None:
            line.appointment = self._agenda.at(due_ms, self._due, line)

    def end(self, timeout_s: int) -> None:
        """One of those has ended. Its entry stays until it comes up, or until none of its length runs."""
        line = self._lines[timeout_s]
        line.running -= 1
        if line.running == 0 and line.appointment is not None:
            self._agenda.call_off(line.appointment)
            line.appointment = None
            line.entries.clear()

    def _due(self, line: _Line) -> None:
        now_ms, entries = self._agenda.now_ms, line.entries
        line.appointment = None
        while entries and (entries[0][0] <= now_ms or not _is_running(entries[0][1], entries[0][2])):
            _, job, attempt = entries.popleft()
            if _is_running(job, attempt):
                self._on_timeout(job)
        if entries and line.appointment is None:
            line.appointment = self._agenda.at(entries[0][0], self._due, line)


def _is_running(job: Job, attempt: Attempt) -> bool:
    return job.state == RUNNING and job.attempts[-1] is attempt
