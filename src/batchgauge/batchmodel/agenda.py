"""What the model has planned: actions, each with its exact time, run in the order of time and then of planning."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, TypeAlias

Appointment: TypeAlias = list[Any]
"""``[time_ms, number, action, argument]``; an action of None has been called off. Opaque to all but `Agenda`."""

MANY_CALLED_OFF = 1024


class Agenda:
    """A heap of appointments, and the model's present time."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self._heap: list[Appointment] = []
        self._number = 0
        self._called_off = 0

    def at(self, time_ms: float, action: Callable[[Any], object], argument: Any = None) -> Appointment:
        """Plan ``action(argument)`` for a time that is not in the past."""
        self._number += 1
        appointment = [time_ms, self._number, action, argument]
        heappush(self._heap, appointment)
        return appointment

    def call_off(self, appointment: Appointment) -> None:
        """It will not happen; one that has happened already is no error."""
        if appointment[2] is None:
            return
        appointment[2] = appointment[3] = None
        self._called_off += 1
        # Time-outs are nearly always called off, hours ahead: without this the heap would be full of them.
        if self._called_off > MANY_CALLED_OFF and self._called_off * 2 > len(self._heap):
            self._heap = [kept for kept in self._heap if kept[2] is not None]
            heapify(self._heap)
            self._called_off = 0

    def run_until(self, now_ms: float) -> None:
        """Do everything that is due, each at its own time; then it is `now_ms`."""
        while self._heap and self._heap[0][0] <= now_ms:
            appointment = heappop(self._heap)
            time_ms, _, action, argument = appointment
            if action is None:
                self._called_off -= 1
                continue
            appointment[2] = None
            self.now_ms = time_ms
            action(argument)
        self.now_ms = now_ms

    def next_ms(self) -> float | None:
        """When the next appointment is; None where there is none."""
        while self._heap and self._heap[0][2] is None:
            heappop(self._heap)
            self._called_off -= 1
        return float(self._heap[0][0]) if self._heap else None
