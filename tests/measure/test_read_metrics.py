"""Container Insights: asked for again while there is nothing yet, and said so where there never is."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import pytest

from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome, MetricLook, MetricPoint, Sighting
from batchgauge.core.result.builder import build_result
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.read_metrics import INTERVAL_S, READS, MetricReader
from batchgauge.ports import ClusterMetrics, Reply
from tests.measure.conftest import Bench
from tests.measure.virtual_time import EPOCH_MS, VirtualClock, run_virtually

NOTHING = ClusterMetrics((), ())
SOMETHING = ClusterMetrics(
    (MetricPoint(at_ms=0.0, average=256.0, maximum=1024.0), MetricPoint(at_ms=60_000.0, average=512.0, maximum=700.0)),
    (MetricPoint(at_ms=0.0, average=300.0, maximum=400.0),),
)


@dataclass
class FakeCloudWatch:
    clock: VirtualClock
    answers: deque[ClusterMetrics | str] = field(default_factory=deque)
    asked: list[tuple[str, float, float]] = field(default_factory=list)

    async def read_cluster_metrics(self, cluster: str, begin_ms: float, end_ms: float) -> Reply[ClusterMetrics]:
        self.asked.append((cluster, begin_ms, end_ms))
        sent_ms = self.clock.now_ms()
        await asyncio.sleep(0.1)
        answer = self.answers.popleft()
        if isinstance(answer, str):
            return Reply("GetMetricData", sent_ms, self.clock.now_ms(), CallOutcome.REFUSED, status=403, error=answer)
        return Reply("GetMetricData", sent_ms, self.clock.now_ms(), CallOutcome.OK, answer, status=200)


@dataclass
class Setting:
    bench: Bench

    def read(self, *answers: ClusterMetrics | str, clusters: int = 1) -> FakeCloudWatch:
        source = FakeCloudWatch(self.bench.aws.clock, deque(answers))
        recorder = self.bench.recorder()
        for job in range(1, clusters + 1):
            recorder.saw(
                Sighting(
                    job=job,
                    state=JobState.SUCCEEDED,
                    started_ms=EPOCH_MS + job,
                    stopped_ms=EPOCH_MS + 60_000 + job,
                    task_arn=f"arn:aws:ecs:us-west-2:123456789012:task/cluster-{job}/1",
                )
            )
        reader = MetricReader(source, recorder, self.bench.aws.clock, self.bench.chance, Interruption())
        run_virtually(reader.read())
        return source


@pytest.fixture
def setting(bench: Bench) -> Setting:
    return Setting(bench)


def test_what_was_used_is_in_the_result(setting: Setting) -> None:
    source = setting.read(SOMETHING)
    assert source.asked == [("cluster-1", EPOCH_MS + 1, EPOCH_MS + 60_001)]
    clusters = build_result(setting.bench.journal.records).container_insights
    assert clusters is not None
    [use] = clusters
    assert (use.minutes, use.cpu_units_mean, use.cpu_units_max) == (2, 384.0, 1024.0)
    assert (use.memory_mib_mean, use.memory_mib_max) == (300.0, 400.0)


def test_metrics_that_are_late_are_waited_for(setting: Setting) -> None:
    source = setting.read(NOTHING, SOMETHING)
    assert len(source.asked) == 2
    [look] = [record for record in setting.bench.journal.records if isinstance(record, MetricLook)]
    assert look.sent_ms >= EPOCH_MS + INTERVAL_S * 1000


def test_where_there_are_none_that_is_what_the_result_says(setting: Setting) -> None:
    source = setting.read(*[NOTHING] * READS)
    assert len(source.asked) == READS
    clusters = build_result(setting.bench.journal.records).container_insights
    assert clusters is not None
    assert (clusters[0].minutes, clusters[0].cpu_units_mean, clusters[0].error) == (0, None, None)


def test_a_missing_permission_is_recorded_and_not_raised(setting: Setting) -> None:
    setting.read("AccessDenied", "AccessDenied", clusters=2)
    looks = [record for record in setting.bench.journal.records if isinstance(record, MetricLook)]
    assert [(look.cluster, look.error) for look in looks] == [
        ("cluster-1", "AccessDenied"),
        ("cluster-2", "AccessDenied"),
    ]
