"""What the model has planned: actions, each with its exact time, run in the order of time and then of planning."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Final, TypeAlias

Appointment: TypeAlias = int
"""The number of what was planned; opaque to all but `Agenda`."""

MANY_CALLED_OFF: Final = 1024


class Agenda:
    """A heap of appointments, and the model's present time."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self._heap: list[tuple[float, int, Callable[[Any], object], Any]] = []
        self._number = 0
        self._called_off: set[int] = set()

    def at(self, time_ms: float, action: Callable[[Any], object], argument: Any = None) -> Appointment:
        """Plan ``action(argument)`` for a time that is not in the past."""
        self._number = number = self._number + 1
        heappush(self._heap, (time_ms, number, action, argument))
        return number

    def call_off(self, appointment: Appointment) -> None:
        """It will not happen; one that has happened already is no error."""
        called_off = self._called_off
        called_off.add(appointment)
        # What is called off may lie hours ahead: without this the heap would be full of it.
        if len(called_off) > MANY_CALLED_OFF and len(called_off) * 2 > len(self._heap):
            self._heap = [kept for kept in self._heap if kept[1] not in called_off]
            heapify(self._heap)
            called_off.clear()

    def run_until(self, now_ms: float) -> None:
        """Do everything that is due, each at its own time; then it is `now_ms`."""
        called_off = self._called_off
        while self._heap and self._heap[0][0] <= now_ms:
            time_ms, number, action, argument = heappop(self._heap)
            if called_off and number in called_off:
                called_off.remove(number)
                continue
            self.now_ms = time_ms
            action(argument)
        self.now_ms = now_ms

    def next_ms(self) -> float | None:
        """When the next appointment is; None where there is none."""
        heap, called_off = self._heap, self._called_off
        while called_off and heap and heap[0][1] in called_off:
            called_off.remove(heappop(heap)[1])
        return heap[0][0] if heap else None
