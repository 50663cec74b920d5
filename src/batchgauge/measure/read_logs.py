"""Reading the jobs' log streams after they have ended: how long delivery took, and whether anything came at all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome, LogLook, Sighting
from batchgauge.core.observed.program_report import is_incomplete, read_program_lines
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import Clock, LogLine, LogPage, LogSource, Reply

MAX_STREAMS: Final = 40
"""Streams read after a run; of a larger run an even sample. GetLogEvents allows 10 calls a second in us-west-2, for the whole account."""
CALLS_PER_S: Final = 8.0
MAX_PAGES: Final = 5
SETTLING_S: Final = 2.0
"""Before a stream that is empty, or lacks lines that were numbered, is read a second time: CloudWatch Logs takes in lines with a delay."""


@dataclass(slots=True)
class LogReader:
    """Reads each stream once, at a pace that leaves room for others."""

    source: LogSource
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    back_off: BackOff = READ_BACK_OFF

    async def read(self) -> None:
        """Read a sample of the ended jobs' streams; what cannot be read is recorded with its error, never raised."""
        wanted = [sighting for sighting in sample(self._with_logs()) if sighting.job not in self.recorder.logs_read]
        awaited = [sighting for sighting in wanted if not await self._read_stream(sighting)]
        if not awaited or self.interruption.is_requested:
            return
        await self.interruption.sleep(self.clock, SETTLING_S)
        for sighting in awaited:
            await self._read_stream(sighting, is_final=True)

    def _with_logs(self) -> list[Sighting]:
        seen = self.recorder.last_seen
        return [seen[index] for index in sorted(seen) if seen[index].state.is_terminal and seen[index].log_stream]

    async def _read_stream(self, sighting: Sighting, *, is_final: bool = False) -> bool:
        """Whether there is nothing more to be hoped for from this stream."""
        group, stream = sighting.log_group, sighting.log_stream
        if group is None or stream is None or self.interruption.is_requested:
            return True
        begun_ms = self.clock.now_ms()
        lines: list[LogLine] = []
        token: str | None = None
        is_truncated = True
        error: str | None = None
        for _ in range(MAX_PAGES):
            reply = await self._page(group, stream, token, sighting.job)
            if reply.value is None:
                error = reply.error or reply.outcome
                is_truncated = False
                break
            lines.extend(reply.value.lines)
            if reply.value.next_token == token:
                is_truncated = False
                break
            token = reply.value.next_token
        program = read_program_lines(line.message for line in lines)
        expects_end = sighting.state is JobState.SUCCEEDED
        is_awaited = not lines or (not is_truncated and is_incomplete(program, expects_end=expects_end))
        if is_awaited and not is_final:
            return False
        self.recorder.record(
            LogLook(
                job=sighting.job,
                log_group=group,
                log_stream=stream,
                sent_ms=begun_ms,
                received_ms=self.clock.now_ms(),
                lines=tuple((line.timestamp_ms, line.ingestion_ms) for line in lines),
                is_truncated=is_truncated,
                error=error,
                program=program,
            )
        )
        return True

    async def _page(self, group: str, stream: str, token: str | None, job: int) -> Reply[LogPage]:
        tries = 0
        while True:
            tries += 1
            reply = await self.source.read_log_page(group, stream, token)
            is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries >= self.back_off.max_tries
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.recorder.call(reply, job=job, attempt=tries, back_off_s=wait_s)
            await self.interruption.sleep(self.clock, max(wait_s, 1 / CALLS_PER_S))
            if is_last or self.interruption.is_requested:
                return reply


def sample(sightings: Sequence[Sighting], at_most: int = MAX_STREAMS) -> list[Sighting]:
    """An even sample in the order of the jobs; all of them where they are few."""
    if len(sightings) <= at_most:
        return list(sightings)
    return [sightings[position * len(sightings) // at_most] for position in range(at_most)]
