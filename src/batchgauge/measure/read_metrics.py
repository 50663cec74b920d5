"""Reading Container Insights after a run: what the jobs' tasks used of what was reserved for them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from batchgauge.core.journal import MetricLook
from batchgauge.measure.harvest_tasks import cluster_of
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff, Persistence
from batchgauge.ports import Clock, MetricSource

READS: Final = 3
INTERVAL_S: Final = 60.0
"""Metrics come a few minutes late: where there are none yet, they are asked for again."""


@dataclass(slots=True)
class MetricReader:
    """Reads each cluster that the run's tasks ran in; never raises for what is refused."""

    source: MetricSource
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    reads: int = READS
    back_off: BackOff = READ_BACK_OFF

    async def read(self) -> None:
        """Read, and where there is nothing yet, again."""
        for cluster in sorted(self._clusters()):
            for number in range(1, self.reads + 1):
                is_last = number == self.reads
                if self.interruption.is_requested or await self._read_cluster(cluster, is_last=is_last):
                    break
                await self.interruption.sleep(self.clock, INTERVAL_S)

    def _clusters(self) -> set[str]:
        arns = {
            arn
            for sighting in self.recorder.last_seen.values()
            for arn in (sighting.task_arn, *(attempt.task_arn for attempt in sighting.attempts))
            if arn is not None
        }
        return {cluster for arn in arns if (cluster := cluster_of(arn)) is not None}

    async def _read_cluster(self, cluster: str, *, is_last: bool) -> bool:
        """Whether there is nothing more to be hoped for."""
        seen = self.recorder.last_seen.values()
        started = [s.started_ms for s in seen if s.started_ms is not None]
        stopped = [s.stopped_ms for s in seen if s.stopped_ms is not None]
        if not started or not stopped:
            return True
        persistence = Persistence(self.clock, self.chance, self.back_off, self.recorder.note, self.interruption)
        begin_ms, end_ms = min(started), max(stopped)
        reply = await persistence.ask(lambda: self.source.read_cluster_metrics(cluster, begin_ms, end_ms))
        metrics = reply.value
        if metrics is not None and not metrics.cpu_units and not is_last:
            return False
        self.recorder.record(
            MetricLook(
                sent_ms=reply.sent_ms,
                received_ms=reply.received_ms,
                cluster=cluster,
                cpu_units=metrics.cpu_units if metrics is not None else (),
                memory_mib=metrics.memory_mib if metrics is not None else (),
                error=None if metrics is not None else f"{reply.error or reply.outcome}",
            )
        )
        return True
