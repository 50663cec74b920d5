"""The model in real time: answers in the same step, effects in order, and a wake-up when the model wants one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import (
    Answer,
    ApiCall,
    Effect,
    EmitEvent,
    Input,
    ProcessEnded,
    Refusal,
    SignalProcess,
    StartProcess,
    Transition,
)
from batchgauge.localaws.clock import ServerClock
from batchgauge.localaws.driver import Driver
from batchgauge.localaws.ground_truth import GroundTruth


class ScriptedModel:
    """Gives prepared effects, and notes what it was told."""

    def __init__(self) -> None:
        self.inputs: list[Input] = []
        self.times_ms: list[float] = []
        self.effects: list[Effect] = []
        self.wake_at_ms: float | None = None
        self.woken = asyncio.Event()

    def step(self, now_ms: float, inputs: Sequence[Input] = ()) -> list[Effect]:
        self.times_ms.append(now_ms)
        self.inputs.extend(inputs)
        effects, self.effects = self.effects, []
        if not inputs and self.wake_at_ms is not None and now_ms >= self.wake_at_ms:
            self.wake_at_ms = None
            self.woken.set()
        for given in inputs:
            if isinstance(given, ApiCall):
                if given.operation == "Break":
                    raise ZeroDivisionError
                effects.append(Answer(given.call_id, {"operation": given.operation}))
        return effects

    def next_event_ms(self) -> float | None:
        return self.wake_at_ms

    def describe_task(self, task_arn: str) -> dict[str, Any] | None:
        return {"taskArn": task_arn}


class Performed:
    """A process port and an event port that only note."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.processes = asyncio.Queue[object]()

    def start(self, start: StartProcess) -> None:
        self.done.append(start)
        self.processes.put_nowait(start)

    def signal(self, effect: SignalProcess) -> None:
        self.done.append(effect)
        self.processes.put_nowait(effect)

    def emit(self, event: EmitEvent) -> None:
        self.done.append(event)

    def write_lines(self, group: str, stream: str, lines: Iterable[tuple[float, str]]) -> None:
        self.done.append((group, stream, list(lines)))


def driven(
    scenario: Callable[[Driver, ScriptedModel, Performed, GroundTruth], Awaitable[None]], truth_file: Path | None = None
) -> None:
    async def run() -> None:
        model, performed, truth = ScriptedModel(), Performed(), GroundTruth(truth_file)
        driver = Driver(model=model, clock=ServerClock(), events=performed, logs=performed, ground_truth=truth)
        driver.start(performed)
        try:
            await asyncio.wait_for(scenario(driver, model, performed, truth), 30)
        finally:
            await driver.stop()

    asyncio.run(run())


def start_of(task_id: str) -> StartProcess:
    return StartProcess(task_id, "job", 1, ["x"], {}, "LINUX", "g", "s")


def test_each_call_gets_its_own_answer() -> None:
    async def scenario(driver: Driver, model: ScriptedModel, performed: Performed, truth: GroundTruth) -> None:
        assert driver.call("ListJobs", {}) == Answer(1, {"operation": "ListJobs"})
        model.effects = [Refusal(99, 400, "ClientException", "someone else's")]
        assert driver.call("SubmitJob", {}) == Answer(2, {"operation": "SubmitJob"})

    driven(scenario)


def test_effects_are_performed_in_order() -> None:
    async def scenario(driver: Driver, model: ScriptedModel, performed: Performed, truth: GroundTruth) -> None:
        transition = Transition("job", 1.0, None, "SUBMITTED", 0, "SubmitJob")
        event = EmitEvent("Batch Job State Change", [], {}, 1.0)
        wanted: list[Effect] = [start_of("a"), SignalProcess("a", "term"), start_of("b"), SignalProcess("a", "kill")]
        model.effects = [transition, event, *wanted]
        driver.tell(ProcessEnded("z", 0))
        assert [await performed.processes.get() for _ in wanted] == wanted
        assert performed.done == [event, *wanted]
        assert list(truth.records(0, 9)) == [transition]
        assert model.inputs == [ProcessEnded("z", 0)]

    driven(scenario)


def test_the_ground_truth_reaches_its_file_though_the_model_sleeps_for_long(tmp_path: Path) -> None:
    async def scenario(driver: Driver, model: ScriptedModel, performed: Performed, truth: GroundTruth) -> None:
        model.wake_at_ms = ServerClock().now_ms() + 3_600_000
        model.effects = [Transition("job", 1.0, None, "RUNNING", 0, "ProcessStarted")]
        driver.tell(ProcessEnded("z", 0))
        while '"RUNNING"' not in (tmp_path / "truth.jsonl").read_text():  # noqa: ASYNC110 (a file tells nobody)
            await asyncio.sleep(0.01)

    driven(scenario, tmp_path / "truth.jsonl")


def test_the_model_is_woken_at_its_time_and_not_before() -> None:
    async def scenario(driver: Driver, model: ScriptedModel, performed: Performed, truth: GroundTruth) -> None:
        wake_at_ms = ServerClock().now_ms() + 50
        model.wake_at_ms = wake_at_ms + 60_000
        driver.call("ListJobs", {})
        model.wake_at_ms = wake_at_ms  # sooner than what the timer was set to
        driver.call("ListJobs", {})
        await model.woken.wait()
        assert model.times_ms[-1] >= wake_at_ms
        assert model.times_ms == sorted(model.times_ms)

    driven(scenario)


def test_a_failing_model_answers_500_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(driver: Driver, model: ScriptedModel, performed: Performed, truth: GroundTruth) -> None:
        with caplog.at_level(logging.CRITICAL, "batchgauge.localaws.driver"):
            refusal = driver.call("Break", {})
        assert isinstance(refusal, Refusal)
        assert (refusal.status, refusal.code) == (500, "ServerException")
        assert isinstance(driver.call("ListJobs", {}), Answer)

    driven(scenario)


def test_the_clock_never_goes_backwards() -> None:
    clock = ServerClock()
    times = [clock.now_ms() for _ in range(1000)]
    assert times == sorted(times)
