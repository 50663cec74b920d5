"""Looking at a run's jobs until all have ended."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.journal import PollingPlanned
from batchgauge.core.polling_plan import (
    DEFAULT_API_BUDGET,
    LookPlan,
    PollingRules,
    next_budget_factor,
    plan_interval_s,
)
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.live_jobs import LiveJobs
from batchgauge.measure.look_at_all import LookAtAll
from batchgauge.measure.looks import Looks
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import BatchGateway, Clock

IDLE_S: Final = 0.1
"""While there is no job to look at yet: the first look comes this soon after the first job."""
WORTH_A_RECORD: Final = 0.1
"""By what part the interval must change for a record of its own."""


@dataclass(slots=True)
class Observer:
    """Looks at all jobs that have not ended, again and again; never at one that has.

    Each look is planned anew: what it costs changes with the jobs. Without a `queue` jobs are only asked for by their ids.
    """

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    endpoint: str
    interval_s: float
    """Kept exactly, or the coarsest that is wanted."""
    back_off: BackOff = READ_BACK_OFF
    queue: str = ""
    is_interval_exact: bool = True
    api_budget: float = DEFAULT_API_BUDGET
    _recorded: PollingPlanned | None = None
    _budget_factor: float = field(default=1.0)

    async def observe(self, launched: asyncio.Event, interruption: Interruption) -> None:
        """Return when `launched` is set and every job has ended, or is gone, or somebody asks for the end.

        Raises:
            AwsError: no look can succeed any more, or none has for `BLIND_LIMIT_S`.
        """
        looks = Looks(self.gateway, self.recorder, self.clock, self.chance, self.endpoint, self.back_off)
        live = LiveJobs(self.recorder, self.clock, looks.missing_since_ms)
        rules = PollingRules(self.interval_s, self.is_interval_exact, self.api_budget)
        look_at_all = LookAtAll(self.gateway, looks, live, self.queue, rules)
        due_ms = self.clock.now_ms()
        while not interruption.is_requested:
            is_complete = launched.is_set()
            waiting = live.waiting()
            if is_complete and not waiting:
                return
            if not waiting:
                await interruption.sleep(self.clock, min(IDLE_S, self.interval_s))
                continue
            throttles = looks.throttles
            plan = look_at_all.plan(waiting)
            interval_s = plan_interval_s(rules, plan.calls, self._budget_factor)
            self._record(plan, interval_s)
            await look_at_all.look(plan, waiting, interval_s, interruption)
            self.recorder.show()
            if is_complete and not live.waiting():
                return
            self._budget_factor = next_budget_factor(self._budget_factor, was_throttled=looks.throttles > throttles)
            # On a fixed grid: the time that a look takes must not stretch the interval.
            late_s = (self.clock.now_ms() - due_ms) / 1000
            due_ms += max(1, math.floor(late_s / interval_s) + 1) * interval_s * 1000
            await interruption.sleep(self.clock, (due_ms - self.clock.now_ms()) / 1000)

    def _record(self, plan: LookPlan, interval_s: float) -> None:
        """In the journal, where it is another plan than before."""
        planned = PollingPlanned(
            at_ms=self.clock.now_ms(),
            interval_s=round(interval_s, 3),
            calls_per_look=plan.calls,
            listed=tuple(sorted({state.value for _, state in plan.listed})),
            budget_factor=self._budget_factor,
        )
        before = self._recorded
        if before is None or _is_other(before, planned):
            self.recorder.record(planned)
            self._recorded = planned


def _is_other(before: PollingPlanned, planned: PollingPlanned) -> bool:
    is_near = math.isclose(before.interval_s, planned.interval_s, rel_tol=WORTH_A_RECORD)
    return not is_near or (before.listed, before.budget_factor) != (planned.listed, planned.budget_factor)
