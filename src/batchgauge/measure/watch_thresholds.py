"""``--abort-on-breach``: the end of a run is asked for once a threshold can no longer be met."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from batchgauge.core.journal import BREACH
from batchgauge.core.result.breach import breached
from batchgauge.core.scenario import Scenario
from batchgauge.core.thresholds.thresholds import Threshold, parse_thresholds
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.ports import Clock

SHORTEST_PAUSE_S: Final = 1.0
REST_FACTOR: Final = 50
"""The pause after a judgement is so many times what it took: it may cost two parts in a hundred of a processor, and no more."""


class BreachWatch:
    """Judges the run so far, now and then, while it goes on."""

    def __init__(
        self,
        scenario: Scenario,
        recorder: Recorder,
        clock: Clock,
        interruption: Interruption,
        cpu_s: Callable[[], float],
    ) -> None:
        self._grace_s = scenario.abort_grace_s
        self._thresholds = parse_thresholds(scenario.thresholds)
        self._recorder = recorder
        self._clock = clock
        self._interruption = interruption
        self._cpu_s = cpu_s
        self._pause_s = SHORTEST_PAUSE_S

    async def beside(
        self,
        watching: Awaitable[None],
        launched: asyncio.Event,
        on_breach: Callable[[Sequence[str], float], None],
    ) -> None:
        """Await `watching`, and judge meanwhile where the scenario wants it."""
        if self._grace_s is None or not self._thresholds:
            await watching
            return
        judging = asyncio.create_task(self._judge(launched, self._grace_s, on_breach))
        try:
            await watching
        finally:
            judging.cancel()
            await asyncio.gather(judging, return_exceptions=True)

    async def _judge(
        self, launched: asyncio.Event, grace_s: float, on_breach: Callable[[Sequence[str], float], None]
    ) -> None:
        await launched.wait()
        while not (missed := self._missed()):
            await self._interruption.sleep(self._clock, self._pause_s)
            if self._interruption.is_requested:
                return
        on_breach([threshold.text for threshold in missed], grace_s)
        await self._interruption.sleep(self._clock, grace_s)
        self._interruption.request(BREACH)

    def _missed(self) -> tuple[Threshold, ...]:
        begun_s = self._cpu_s()
        missed = breached(self._thresholds, self._recorder.result())
        self._pause_s = max(SHORTEST_PAUSE_S, REST_FACTOR * (self._cpu_s() - begun_s))
        return missed
