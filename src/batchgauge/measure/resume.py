"""Taking a run up again that another process began: after a crash, a kill, a reboot or an expired session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from batchgauge.core.journal import PlannedJob, Resumed
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.past import Past
from batchgauge.measure.reconcile import LANDING_S
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.run import RunInProgress, RunReport
from batchgauge.measure.surroundings import Surroundings
from batchgauge.ports import Journal

AFTER_LAST_MS: Final = 1.0
"""A clock that says less than the journal's last record is believed to have been set back: the run's own goes on from so much after it."""


async def resume(past: Past, journal: Journal, surroundings: Surroundings, interruption: Interruption) -> RunReport:
    """Find out what AWS holds of the run, submit what it does not, and go on to the end.

    `surroundings.clock` must not begin before the journal's last record.

    Raises:
        JournalError: the journal cannot be written.
    """
    recorder = Recorder(past.header, journal, surroundings.clock, surroundings.progress, is_taken_up=True)
    past.replay(recorder)
    return await _ResumedRun(past, recorder, surroundings, interruption).carry_out()


class _ResumedRun(RunInProgress):
    def __init__(self, past: Past, recorder: Recorder, surroundings: Surroundings, interruption: Interruption) -> None:
        super().__init__(past.header, recorder, surroundings, interruption)
        self._past = past
        self._has_sent = False

    async def _begin(self) -> Sequence[PlannedJob]:
        """Say that the run goes on, and find out what of the plan was never submitted."""
        self._recorder.record(
            Resumed(
                at_ms=self._around.clock.now_ms(),
                since_ms=self._past.last_ms,
                tool_version=self._around.facts.tool_version,
                delivery=None if self._around.delivery == self._past.delivery else self._around.delivery,
            )
        )
        await self._write_plan([planned for planned in self._plan if planned.index not in self._past.submissions])
        # Whatever was sent last, and of which the journal has no answer, may have made a job.
        if self._past.has_started:
            self._recorder.unresolved.update(planned.index for planned in self._to_send())
        await self._reconciler.look()
        if self._to_send():
            # The last requests may have been on their way when we were ended, and what they made not be visible yet.
            await self._interruption.sleep(self._around.clock, LANDING_S)
            await self._reconciler.look()
        to_send = self._to_send()
        self._has_sent = bool(to_send)
        return to_send

    def _to_send(self) -> list[PlannedJob]:
        """What AWS neither took nor refused in a way that it would refuse again."""
        past, taken = self._past.submissions, self._recorder.job_ids
        return [
            planned
            for planned in self._plan
            if planned.index not in taken and not (planned.index in past and past[planned.index].is_refused_for_good)
        ]

    async def _settle(self) -> None:
        """What is not watched has no later look: requests that the other process had sent may have landed by now, beside ours."""
        if self._scenario.is_monitored or not self._has_sent or self._interruption.is_requested:
            await super()._settle()
            return
        await self._interruption.sleep(self._around.clock, LANDING_S)
        await self._reconciler.look()

    def _shift_ms(self, to_send: Sequence[PlannedJob]) -> float:
        return to_send[0].offset_ms

    def _suspects(self) -> Collection[int] | None:
        """Whatever the other process had sent last may have come late."""
        return None
