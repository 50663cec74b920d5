"""The steps of a sweep, those included that only follow from what the ones before have shown."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from batchgauge.core.limits.searches import results_of, shown_by
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.sweeps.auto_levels import Left, Stopped, next_level
from batchgauge.core.sweeps.record import AutoSearch, SearchEnd, SweepRecord, taken_up
from batchgauge.core.sweeps.steps import SweepStep, steps_of_level
from batchgauge.ports import Clock


class Steps:
    """Which run comes next; `record` grows with the steps that a search adds."""

    def __init__(
        self, record: SweepRecord, clock: Clock, *, done: Sequence[RunResult] = (), deadline_ms: float | None = None
    ) -> None:
        self.record = taken_up(record)
        self._clock = clock
        self._deadline_ms = deadline_ms
        self._done = list(done)
        self._longest_s = 0.0
        self._begun_ms: float | None = None

    def at(self, position: int) -> SweepStep | None:
        """The step of a position, from 1; None where there is none, and none will be."""
        while position > len(self.record.steps) and not self.record.is_planned:
            self._plan()
        return self.record.steps[position - 1] if position <= len(self.record.steps) else None

    def begun(self) -> None:
        """A run begins now."""
        self._begun_ms = self._clock.now_ms()

    def took(self, result: RunResult) -> None:
        """A run is over, and this is what it showed."""
        self._done.append(result)
        if self._begun_ms is not None:
            self._longest_s = max(self._longest_s, (self._clock.now_ms() - self._begun_ms) / 1000)

    def _plan(self) -> None:
        auto = self.record.auto
        assert auto is not None  # noqa: S101  (what is not planned is a search)
        ended = {end.variant or "" for end in auto.ends}
        name = next(name for name in auto.rules if name not in ended)
        variant = name or None
        history = shown_by(results_of(self.record, self._done, name))
        choice = next_level(auto.rules[name], history, self._left(auto, name, len(auto.rules) - len(ended)))
        if isinstance(choice, Stopped):
            end = SearchEnd(stop=choice.stop, variant=variant, next_level=choice.next_level)
            auto = msgspec.structs.replace(auto, ends=(*auto.ends, end))
            self.record = msgspec.structs.replace(self.record, auto=auto)
            return
        steps = steps_of_level(len(history) + 1, choice, auto.rules[name].repeats, variant)
        self.record = msgspec.structs.replace(self.record, steps=(*self.record.steps, *steps))

    def _left(self, auto: AutoSearch, name: str, searches: int) -> Left:
        """What this search may take: of what is left, the part that leaves as much to each that follows it.

        A cost is counted as it was planned, at the most: what it came to may only be known by a range, too.
        """
        budget = auto.budget
        jobs = sum(result.total_jobs for result in self._done)
        cost = sum(
            result.total_jobs * each
            for part, each in budget.cost_per_job.items()
            for result in results_of(self.record, self._done, part)
        )
        return Left(
            jobs=None if budget.max_jobs is None else (budget.max_jobs - jobs) // searches,
            cost=None if budget.max_cost is None else (budget.max_cost - cost) / searches,
            cost_per_job=budget.cost_per_job.get(name, 0.0),
            seconds=None
            if self._deadline_ms is None
            else (self._deadline_ms - self._clock.now_ms()) / 1000 - self.record.pause_s,
            level_s=self._longest_s,
        )
