"""One imitated account in virtual time: the model, stepped to the present by whoever asks it something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from batchgauge.batchmodel.boundary import (
    Answer,
    ApiCall,
    Effect,
    EmitEvent,
    Input,
    ModelFaults,
    ModelSettings,
    Refusal,
    SetFaults,
    TokenBucket,
    Transition,
    VirtualOutput,
)
from batchgauge.batchmodel.model import BatchModel
from batchgauge.batchmodel.throttling import Bucket
from batchgauge.ports import Clock
from batchgauge.virtualaws.logs import LogStreams

GET_LOG_EVENTS = TokenBucket(10, 10)
"""Calls a second for the account, in us-west-2."""


class VirtualAccount:
    """The model with its time, its logs and its ground truth. All jobs are virtual: there is nothing to run a process in."""

    def __init__(
        self,
        settings: ModelSettings,
        clock: Clock,
        *,
        on_event: Callable[[EmitEvent], None] | None = None,
        log_delay_ms: float = 1_000.0,
        log_bucket: TokenBucket = GET_LOG_EVENTS,
    ) -> None:
        wants_events = on_event is not None and settings.emits_events
        self._model = BatchModel(replace(settings, max_processes=0, emits_events=wants_events))
        self._clock = clock
        self._on_event = on_event
        self._logs = LogStreams(log_delay_ms)
        self._log_calls = Bucket(log_bucket)
        self._call_id = 0
        self._was_called = asyncio.Event()
        self.transitions: list[Transition] = []
        """The ground truth so far, in order."""

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Answer | Refusal:
        """A request of Batch, answered at this moment."""
        self._call_id += 1
        self._was_called.set()
        answer = self._step(ApiCall(self._call_id, operation, arguments))[-1]
        assert isinstance(answer, Answer | Refusal)  # noqa: S101 - the last effect of a call is its answer
        return answer

    def get_log_events(self, arguments: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        """A request of CloudWatch Logs, answered at this moment."""
        self.catch_up()
        now_ms = self._clock.now_ms()
        if not self._log_calls.take(now_ms):
            return Refusal(0, 400, "ThrottlingException", "Rate exceeded")
        page = self._logs.page(arguments, now_ms)
        return page or Refusal(0, 400, "ResourceNotFoundException", "The specified log stream does not exist.")

    def set_faults(self, faults: ModelFaults) -> None:
        """Let this go wrong from now on."""
        self._step(SetFaults(faults))

    def catch_up(self) -> None:
        """Let everything happen that has happened by now."""
        self._step()

    def now_ms(self) -> float:
        """AWS's own time."""
        return self._clock.now_ms()

    def next_event_ms(self) -> float | None:
        """When something happens next by itself; None where nothing will."""
        return self._model.next_event_ms()

    def describe_task(self, task_arn: str) -> Mapping[str, Any] | None:
        """The ECS task of an attempt at this moment."""
        self.catch_up()
        return self._model.describe_task(task_arn)

    async def passes(self, milliseconds: float) -> None:
        """Return after that time, or as soon as somebody makes a request, which may change what comes next."""
        self._was_called.clear()
        # Time is a large number of milliseconds: much less than one of them would not move it.
        patience_s = max(milliseconds, 1.0) / 1000
        with suppress(TimeoutError):
            await asyncio.wait_for(self._was_called.wait(), patience_s)

    def _step(self, *inputs: Input) -> list[Effect]:
        effects = self._model.step(self._clock.now_ms(), inputs)
        for effect in effects:
            if isinstance(effect, Transition):
                self.transitions.append(effect)
            elif isinstance(effect, VirtualOutput):
                self._logs.add(effect)
            elif isinstance(effect, EmitEvent) and self._on_event is not None:
                self._on_event(effect)
        return effects
