"""Events are doubled, held back and overtaken as the plan says, and none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.batchmodel.boundary import EmitEvent
from batchgauge.localaws.event_delivery import EventDelivery
from batchgauge.localaws.fault_plan import EventFaults
from batchgauge.localaws.ground_truth import EventFaultRecord


class Bus:
    """A delivery to nowhere, with what came of it."""

    def __init__(self, faults: EventFaults, seed: int = 0) -> None:
        self.delivered: list[dict[str, Any]] = []
        self.noted: list[EventFaultRecord] = []
        self.delivery = EventDelivery("123456789012", "us-west-2", seed, self.noted.append)
        self.delivery.set_faults(faults)

    def open(self) -> None:
        self.delivery.open(lambda: True, self.delivered.append)

    def emit(self, number: int) -> None:
        self.delivery.emit(EmitEvent("Batch Job State Change", ["arn"], {"number": number}, 1500.0))

    @property
    def numbers(self) -> list[int]:
        return [envelope["detail"]["number"] for envelope in self.delivered]


def test_without_a_rule_nothing_is_kept() -> None:
    async def scenario() -> None:
        bus = Bus(EventFaults(duplicated=0, reordered=0))
        bus.emit(1)
        bus.open()
        bus.emit(2)
        assert bus.numbers == [2]
        assert (bus.delivered[0]["time"], bus.delivered[0]["source"]) == (1, "aws.batch")

    asyncio.run(scenario())


def test_an_overtaken_event_comes_after_the_next_one() -> None:
    async def scenario() -> None:
        bus = Bus(EventFaults(duplicated=0, reordered=1))
        bus.open()
        bus.emit(1)
        assert bus.numbers == []
        bus.delivery.set_faults(EventFaults(duplicated=0, reordered=0))
        bus.emit(2)
        assert bus.numbers == [2, 1]
        assert [record.fault for record in bus.noted] == ["event-reordered"]

    asyncio.run(scenario())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.5]), st.sampled_from([0.0, 0.5]))
def test_no_event_is_lost_and_as_many_are_doubled_as_the_truth_says(
    seed: int, duplicated: float, reordered: float, delayed: float
) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        bus = Bus(EventFaults(duplicated=duplicated, reordered=reordered, delayed=delayed), seed)
        bus.open()
        later: list[tuple[Any, ...]] = []
        # Whatever is put off happens at once, at the end.
        loop.call_later = lambda delay, call, *arguments: later.append((call, arguments))  # type: ignore[method-assign,assignment]
        for number in range(50):
            bus.emit(number)
        for call, arguments in later:
            call(*arguments)
        doubled = sum(record.fault == "event-duplicated" for record in bus.noted)
        assert set(bus.numbers) == set(range(50))
        assert len(bus.numbers) == 50 + doubled
        assert max(Counter(bus.numbers).values()) <= 2
        ids = Counter(envelope["id"] for envelope in bus.delivered)
        assert len(ids) == 50  # a duplicate has the id of its original

    asyncio.run(scenario())
