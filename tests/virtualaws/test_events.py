"""Events in virtual time: late, doubled, out of order, and none of them twice once it is acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Answer, Distribution, EmitEvent, ModelSettings
from batchgauge.ports import JobEvent
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.events import EventSettings, VirtualEventQueue, VirtualEventSource

START_MS = 1_790_000_000_000.0
MakeRegion = Callable[..., Any]


class Region:
    """A region with a rule and a queue, of which every event is remembered exactly."""

    def __init__(self, make_region: MakeRegion, settings: EventSettings, offset_ms: float = 0.0) -> None:
        self.queue = VirtualEventQueue(settings)
        self.emitted: list[EmitEvent] = []
        self.region = make_region()
        self.account = VirtualAccount(ModelSettings(), VirtualClock(START_MS + offset_ms), on_event=self._emit)
        self.region.account = self.account
        self.source = VirtualEventSource(self.account, self.queue, self.region.clock)

    def _emit(self, event: EmitEvent) -> None:
        self.emitted.append(event)
        self.queue.emit(event)

    async def events_of(self, jobs: int, patience_s: float = 600.0) -> list[tuple[float, float, JobEvent]]:
        """Submit jobs and receive until nothing comes any more: (sent, received, event), all acknowledged."""
        self.region.make_seed()
        for number in range(jobs):
            answer = self.account.call(
                "SubmitJob",
                {
                    "jobName": f"job-{number}",
                    "jobQueue": "windows-batch-queue",
                    "jobDefinition": "linux-countdown-job",
                    "parameters": {"countdownSeconds": "30"},
                },
            )
            assert isinstance(answer, Answer)
        received = []
        deadline = asyncio.get_running_loop().time() + patience_s
        while asyncio.get_running_loop().time() < deadline:
            reply = await self.source.receive_events(20.0)
            assert reply.value is not None
            assert len(reply.value) <= 10
            for message in reply.value:
                assert message.event is not None
                received.append((reply.sent_ms, reply.received_ms, message.event))
            if reply.value:
                await self.source.acknowledge_events([message.receipt for message in reply.value])
        return received


def test_every_change_of_state_comes_with_what_the_job_showed_then(make_region: MakeRegion) -> None:
    region = Region(make_region, EventSettings(Distribution(200.0, 0.5), duplicated=0.0, reordered=0.0))
    received = run_virtually(region.events_of(5))
    states: dict[str, list[str]] = {}
    for _, _, event in sorted(received, key=lambda entry: entry[2].time_ms):
        states.setdefault(event.job.job_id, []).append(event.job.sighting.state)
    assert len(states) == 5
    for seen in states.values():
        assert Counter(seen) == Counter({"RUNNABLE": 1, "STARTING": 1, "RUNNING": 1, "SUCCEEDED": 1})
    assert len(region.queue) == 0


@pytest.mark.parametrize("offset_ms", [-3_000.0, 0.0, 3_000.0])
def test_the_envelope_has_whole_seconds_of_awss_clock_and_the_call_our_own_times(
    make_region: MakeRegion, offset_ms: float
) -> None:
    region = Region(make_region, EventSettings(), offset_ms)
    received = run_virtually(region.events_of(5))
    true_ms = {(event.detail["jobId"], event.detail["status"]): event.time_ms for event in region.emitted}
    for sent_ms, received_ms, event in received:
        truth = true_ms[event.job.job_id, event.job.sighting.state]
        assert event.time_ms == truth // 1000 * 1000
        assert sent_ms < received_ms
        assert truth - offset_ms < received_ms


def test_duplicates_carry_the_same_id_and_disorder_is_drawn_from_the_seed(make_region: MakeRegion) -> None:
    settings = EventSettings(duplicated=0.5, reordered=0.5, seed=4)
    first = run_virtually(Region(make_region, settings).events_of(30))
    second = run_virtually(Region(make_region, settings).events_of(30))
    ids = [event.event_id for _, _, event in first]
    assert ids == [event.event_id for _, _, event in second]
    assert len(set(ids)) == 30 * 4
    assert 30 < len(ids) - len(set(ids)) < 90
    times = [event.time_ms for _, _, event in first]
    assert times != sorted(times)


def test_a_lost_event_never_comes(make_region: MakeRegion) -> None:
    assert run_virtually(Region(make_region, EventSettings(lost=1.0)).events_of(3)) == []


def test_what_is_not_acknowledged_comes_again_and_what_is_released_comes_at_once(make_region: MakeRegion) -> None:
    region = Region(make_region, EventSettings(Distribution(0.0), duplicated=0.0, reordered=0.0))

    async def go() -> tuple[list[Any], list[Any], list[Any], float]:
        loop = asyncio.get_running_loop()
        region.region.make_seed()
        region.account.call(
            "SubmitJob", {"jobName": "a", "jobQueue": "windows-batch-queue", "jobDefinition": "linux-countdown-job"}
        )
        first = (await region.source.receive_events(20.0)).value
        assert first is not None
        await region.source.release_events([message.receipt for message in first])
        second = (await region.source.receive_events(0.0)).value
        assert second is not None
        begun_s = loop.time()
        third: list[Any] = []
        while not any(message.event == second[0].event for message in third):
            third = list((await region.source.receive_events(20.0)).value or ())
        return list(first), list(second), third, loop.time() - begun_s

    first, second, third, waited_s = run_virtually(go())
    assert first[0].event == second[0].event
    assert first[0].receipt != second[0].receipt
    assert 29.0 < waited_s < 31.0, "the visibility timeout"
    assert third
