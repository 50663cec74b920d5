"""When each job of a run got its place and gave it back, and whether those that waited did so for room or for their turn."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, Protocol

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.concurrency.over_time import ConcurrencyBracket, Span, bracket_over_time
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.stats.token_bucket import BucketEstimate, estimate_bucket

PATIENCE_MS: Final = 1_500.0
"""A job waits where it is placed later than the run's quickest by so much and more: schedulers look at their queues in cycles."""
ADMISSION_MS: Final = 1_000.0
"""So long after the quickest job's own wait a scheduler has surely taken notice of a job."""
FULL_SHARE: Final = 0.7
"""Waiting for room: at so many of the moments at which somebody was placed and others went on waiting, all places were taken."""
NEARLY_FULL: Final = 0.97
PACED_SHARE: Final = 0.1
"""Waiting for one's turn: where of the first to fill all places more than this part had waited, although there was room."""
SAME_MOMENT_MS: Final = 20.0
"""Placements of one look at the queue."""
MANY_TURNS: Final = 20_000
"""Of more moments at which jobs were left waiting every so many-th tells as much of the pace."""


class Placed(Protocol):
    """What a verdict asks of a run's placements."""

    @property
    def number(self) -> int:
        """Jobs that were placed."""
        ...

    @property
    def never_placed(self) -> int:
        """Accepted jobs that nobody ever saw placed."""
        ...

    @property
    def number_waited(self) -> int:
        """Those that waited notably longer than the quickest."""
        ...

    @property
    def delay_ms(self) -> float:
        """How much later each was placed, on average, than if none had waited longer than the quickest."""
        ...

    @property
    def held(self) -> Bound:
        """The most places that were held at once."""
        ...

    @property
    def is_for_room(self) -> bool:
        """Whether those that waited did so because all places were taken: not for their turn."""
        ...

    @property
    def has_turns(self) -> bool:
        """Whether somebody was placed while others went on waiting: what shows a limit at work, not only that it is there."""
        ...

    @property
    def bucket(self) -> BucketEstimate | None:
        """The pace of those that waited for their turn, as a token bucket's."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """One job's first attempt in the queue, and all its attempts' stays; AWS's clock."""

    created_ms: float
    placed: Bound
    """The ECS task's createdAt where it is known, else the bound of STARTING."""
    stays: tuple[Span, ...]

    @property
    def placed_ms(self) -> float:
        """The middle."""
        low = self.placed.earliest if self.placed.earliest is not None else self.created_ms
        high = self.placed.latest if self.placed.latest is not None else low
        return (low + high) / 2

    @property
    def wait_ms(self) -> float:
        """Created → placed."""
        return self.placed_ms - self.created_ms


@dataclass(frozen=True)
class Placements:
    """All jobs of a run that were placed, in the order in which they were."""

    places: tuple[Place, ...]
    never_placed: int
    """Accepted jobs that nobody ever saw placed."""
    given_up_ms: tuple[float, ...] = ()
    """How long these waited at least: to their end, or until they were last seen."""

    @cached_property
    def base_ms(self) -> float:
        """What the quickest job waited: nobody is quicker."""
        return min((place.wait_ms for place in self.places), default=0.0)

    @cached_property
    def patience_ms(self) -> float:
        """What is no waiting yet; moments that are only bounded may look like it."""
        return self.base_ms + PATIENCE_MS + 2 * self._within_ms

    @cached_property
    def waited(self) -> tuple[Place, ...]:
        """Those that waited notably longer than the quickest."""
        return tuple(place for place in self.places if place.wait_ms > self.patience_ms)

    @property
    def number(self) -> int:
        """How many were placed."""
        return len(self.places)

    @property
    def number_waited(self) -> int:
        """See `Placed`."""
        return len(self.waited)

    @property
    def delay_ms(self) -> float:
        """How much later each was placed, on average, than if none had waited longer than the quickest.

        A job that never got a place waited at least until its end, or until it was last seen.
        """
        waits = [place.wait_ms - self.base_ms for place in self.places]
        waits += [max(0.0, waited_ms - self.base_ms) for waited_ms in self.given_up_ms]
        return math.fsum(waits) / len(waits) if waits else 0.0

    @cached_property
    def _holding(self) -> ConcurrencyBracket:
        return bracket_over_time(stay for place in self.places for stay in place.stays)

    @cached_property
    def held(self) -> Bound:
        """The most places that were held at once."""
        return self._holding.maximum

    def possibly_held(self, moment_ms: float, within_ms: float) -> float:
        """The most that may have held a place around a moment that is only known to within so much."""
        moments = self._holding.times_ms
        first = bisect_right(moments, moment_ms - within_ms) - 1
        last = bisect_right(moments, moment_ms + within_ms)
        return max(self._holding.possibly[max(0, first) : last], default=0.0)

    @cached_property
    def _within_ms(self) -> float:
        """How well placements are known, in the median: half the width of their bounds."""
        widths = sorted(place.placed.width or 0.0 for place in self.places)
        return widths[len(widths) // 2] / 2 if widths else 0.0

    @cached_property
    def is_for_room(self) -> bool:
        """Whether those that waited did so because all places were taken: not for their turn.

        The first to fill all places have then not waited, and whenever somebody was placed while others had to wait on, all places were
        taken again.
        """
        fullest = self.held.earliest or 0.0
        if fullest >= len(self.places) + self.never_placed:
            return False  # there was room for all of them at once
        enough = math.ceil(NEARLY_FULL * fullest)
        first = [place.wait_ms > self.patience_ms for place in self._until_full(enough)]
        if sum(first) > max(1, PACED_SHARE * len(first)):
            return False
        turns = [self.possibly_held(moment, self._within_ms) >= enough for moment in self._turns()]
        return not turns or sum(turns) >= FULL_SHARE * len(turns)

    def _until_full(self, enough: int) -> list[Place]:
        begun: list[Place] = []
        for place in self.places:
            begun.append(place)
            if self.possibly_held(place.placed_ms, self._within_ms) >= enough:
                break
        return begun

    @cached_property
    def has_turns(self) -> bool:
        """See `Placed`."""
        return bool(self._turns())

    @cached_property
    def bucket(self) -> BucketEstimate | None:
        """The pace of those that waited for their turn, as a token bucket's."""
        return pace_of([place.placed_ms for place in self.places], self._turns())

    def _turns(self) -> list[float]:
        """The moments after which jobs that had been noticed were left waiting: those of the last placement before."""
        notice_ms = self.base_ms + ADMISSION_MS
        # Of all that are placed later, when the first was noticed.
        first_noticed = [*accumulate((place.created_ms + notice_ms for place in reversed(self.places)), min)][::-1]
        turns: list[float] = []
        placed = 0
        for end_ms, number in self._looks():
            placed += number
            if placed < len(first_noticed) and first_noticed[placed] <= end_ms:
                turns.append(end_ms)
        return turns

    def _looks(self) -> Iterator[tuple[float, int]]:
        """Placements that follow each other at once: the moment of the last, and how many."""
        last_ms, number = -math.inf, 0
        for place in self.places:
            if number and place.placed_ms - last_ms > SAME_MOMENT_MS:
                yield last_ms, number
                number = 0
            last_ms, number = place.placed_ms, number + 1
        if number:
            yield last_ms, number


def pace_of(placed_ms: Sequence[float], turns_ms: Sequence[float]) -> BucketEstimate | None:
    """A token bucket's, from when jobs were placed and when others were left waiting."""
    every = math.ceil(len(turns_ms) / MANY_TURNS) or 1
    return estimate_bucket(placed_ms, turns_ms[::every])


def placements_of(jobs: Sequence[JobResult]) -> Placements:
    """Of a run's accepted jobs."""
    accepted = [job for job in jobs if job.is_accepted and job.instants is not None]
    found = [(job, _place(job)) for job in accepted]
    places = [place for _, place in found if place is not None]
    waits = [_waited_ms(job) for job, place in found if place is None]
    given_up = tuple(wait for wait in waits if wait is not None)
    return Placements(tuple(sorted(places, key=lambda place: place.placed_ms)), len(accepted) - len(places), given_up)


def _waited_ms(job: JobResult) -> float | None:
    """How long a job without a place waited at least: to its end, or until it was last seen."""
    instants = job.instants
    if instants is not None and job.is_finished and instants.stopped_ms is not None:
        return instants.stopped_ms - instants.created_ms if instants.created_ms is not None else None
    return job.phases.queue_ms.earliest if job.phases is not None and job.phases.queue_ms is not None else None


def _place(job: JobResult) -> Place | None:
    instants = job.instants
    if instants is None or instants.created_ms is None:
        return None
    begins = {task.attempt: exactly(task.created_ms) for task in job.tasks if task.created_ms is not None}
    if instants.starting_ms is not None:
        begins.setdefault(1, instants.starting_ms)
    for number, attempt in enumerate(job.attempt_instants, start=1):
        if attempt.starting_ms is not None:
            begins.setdefault(number, attempt.starting_ms)
    if not begins:
        return None
    ends = {number: attempt.stopped_ms for number, attempt in enumerate(job.attempts, start=1)}
    last = max(begins)
    if job.is_finished and instants.stopped_ms is not None:
        ends[last] = instants.stopped_ms
    stays = tuple(Span(begin, _end(ends.get(number))) for number, begin in sorted(begins.items()))
    return Place(instants.created_ms, begins[min(begins)], stays)


def _end(stopped_ms: float | None) -> Bound:
    return exactly(stopped_ms) if stopped_ms is not None else Bound(None, None)
