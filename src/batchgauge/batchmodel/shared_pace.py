"""Work that goes on at one common pace, which depends on how much of it there is: pulls on a registry, jobs that disturb each other."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

from batchgauge.batchmodel.agenda import Agenda, Appointment


class Errand:
    """One piece of work under way."""

    __slots__ = ("action", "argument", "finish", "load")

    def __init__(self, finish: float, load: float, action: Callable[[Any], object], argument: Any) -> None:
        self.finish = finish
        """Where the common progress will be when it is done."""
        self.load = load
        self.action: Callable[[Any], object] | None = action
        """None: done, or given up."""
        self.argument = argument


class SharedPace:
    """All errands progress alike: by `pace` of their sum of loads (1: as if alone) milliseconds in a millisecond.

    So the order of their ends never changes, and an arrival or a departure costs the logarithm of their number.
    """

    def __init__(self, agenda: Agenda, pace: Callable[[float], float]) -> None:
        self._agenda = agenda
        self._pace_of = pace
        self._load = 0.0
        self._count = 0
        self._progress = 0.0
        self._at_ms = 0.0
        self._pace = 1.0
        self._heap: list[tuple[float, int, Errand]] = []
        self._number = 0
        self._next: Appointment | None = None

    def begin(self, work_ms: float, load: float, action: Callable[[Any], object], argument: Any) -> Errand:
        """Do so much work, as measured alone, and then ``action(argument)``; infinite work only weighs on the others."""
        self._advance()
        errand = Errand(self._progress + work_ms, load, action, argument)
        self._number += 1
        self._count += 1
        if work_ms != float("inf"):
            heappush(self._heap, (errand.finish, self._number, errand))
        self._load += load
        self._plan()
        return errand

    def leave(self, errand: Errand) -> None:
        """Give it up; one that is done is no error."""
        if errand.action is None:
            return
        self._advance()
        self._let_go(errand)
        self._plan()

    def _let_go(self, errand: Errand) -> None:
        errand.action = None
        self._count -= 1
        # Sums of fractions drift: nothing under way weighs nothing.
        self._load = self._load - errand.load if self._count else 0.0

    def _advance(self) -> None:
        now_ms = self._agenda.now_ms
        self._progress += (now_ms - self._at_ms) * self._pace
        self._at_ms = now_ms

    def _plan(self) -> None:
        """Settle the pace and the moment at which the next one is done."""
        self._pace = self._pace_of(self._load)
        if self._next is not None:
            self._agenda.call_off(self._next)
            self._next = None
        heap = self._heap
        while heap and heap[0][2].action is None:
            heappop(heap)
        if not heap:
            if not self._count:
                self._progress = 0.0  # begin anew, or in a long run small works would be lost in a large sum
            return
        if len(heap) > 2 * self._count + 1024:
            self._heap = heap = [entry for entry in heap if entry[2].action is not None]
            heapify(heap)
        wait_ms = max(0.0, heap[0][0] - self._progress) / self._pace
        self._next = self._agenda.at(self._agenda.now_ms + wait_ms, self._due)

    def _due(self, _: object) -> None:
        """The first is done by definition, whatever rounding says, and with it those that end with it."""
        self._next = None
        self._advance()
        self._progress = max(self._progress, self._heap[0][0])
        done: list[tuple[Callable[[Any], object], Any]] = []
        while self._heap and self._heap[0][0] <= self._progress:
            errand = heappop(self._heap)[2]
            if errand.action is not None:
                done.append((errand.action, errand.argument))
                self._let_go(errand)
        self._plan()
        for action, argument in done:
            action(argument)
