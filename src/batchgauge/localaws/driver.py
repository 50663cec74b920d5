"""The model in real time: calls step it at once, a timer steps it when it wants to be, and its effects are performed in order.

All of it happens on the event loop's thread, so the model is never entered twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from batchgauge.batchmodel.boundary import (
    Answer,
    ApiCall,
    Effect,
    EmitEvent,
    FaultInjected,
    Input,
    Model,
    ModelFaults,
    ProcessEnded,
    ProcessStarted,
    Refusal,
    SetFaults,
    SignalProcess,
    StartProcess,
    Transition,
    VirtualOutput,
)
from batchgauge.localaws.clock import ServerClock
from batchgauge.localaws.ground_truth import GroundTruth
from batchgauge.localaws.state import StateFolder

LOG = logging.getLogger(__name__)
MAX_TIMER_S = 3600.0
MIN_TIMER_S = 0.001
FLUSH_S = 0.05
"""How long the ground truth of a step may wait for its file."""
SLICE_S = 0.004
"""For so long processes are started at a stretch; requests wait no longer than this for them."""
LOST_EXIT_CODE, LOST_REASON = 137, "The embedded AWS ended and took the container's process with it"
SERVER_FAULT = "The server encountered an internal error"


class ProcessPort(Protocol):
    """Who performs `StartProcess` and `SignalProcess` (`ProcessExecution`)."""

    def start(self, start: StartProcess) -> None:
        """Start it, report that it runs, and its end later."""
        ...

    def signal(self, effect: SignalProcess) -> None:
        """Signal it; one that has ended is no error."""
        ...


class EventPort(Protocol):
    """Who performs `EmitEvent` (`EventDelivery`)."""

    def emit(self, event: EmitEvent) -> None:
        """Take it for delivery."""
        ...


class LogPort(Protocol):
    """Who performs `VirtualOutput` (`LogDelivery`)."""

    def write_lines(self, group: str, stream: str, lines: Iterable[tuple[float, str]]) -> None:
        """Take lines with their times."""
        ...


class Driver:
    """Owns the model."""

    def __init__(
        self,
        *,
        model: Model,
        clock: ServerClock,
        events: EventPort,
        logs: LogPort,
        ground_truth: GroundTruth,
        state: StateFolder | None = None,
    ) -> None:
        self._model = model
        self._clock = clock
        self._events = events
        self._logs = logs
        self._ground_truth = ground_truth
        self._state = state
        self._processes: ProcessPort | None = None
        self._process_effects: deque[StartProcess | SignalProcess] = deque()
        self._has_process_effects = asyncio.Event()
        self._performer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_ms = float("inf")
        self._flushing: asyncio.TimerHandle | None = None
        self._call_id = 0

    def restore(self) -> None:
        """Tell the model again what it was told before the restart, then what has become of the processes: they have ended.

        Nothing of it is performed a second time, but for the lines of virtual jobs, whose logs are gone. What has happened since
        (virtual jobs go on while no server runs, as jobs on AWS do) is performed with the next step.
        """
        assert self._state is not None  # noqa: S101 - only a server with state restores it
        lost: dict[str, StartProcess] = {}
        waiting: dict[str, StartProcess] = {}
        last_ms = 0.0
        for last_ms, given in self._state.replay():
            inputs = () if isinstance(given, str) else (given,)
            for effect in self._effects(last_ms, inputs):
                if isinstance(effect, StartProcess):
                    waiting[effect.task_id] = effect
                elif isinstance(effect, Transition | FaultInjected):
                    self._ground_truth.restore(effect)
                elif isinstance(effect, VirtualOutput):
                    self._perform(effect)
            if isinstance(given, str) and given in waiting:
                lost[given] = waiting.pop(given)
            elif isinstance(given, ProcessEnded):
                lost.pop(given.task_id, None)
            elif isinstance(given, ApiCall):
                self._call_id = given.call_id
        self._clock.advance_to(last_ms)
        for effect in waiting.values():
            self._perform(effect)
        for task_id in lost:
            self._step((ProcessEnded(task_id, LOST_EXIT_CODE, LOST_REASON),))

    def start(self, processes: ProcessPort) -> None:
        """Begin to perform process effects and to wake when the model wants it; needs a running event loop."""
        self._processes = processes
        self._performer = asyncio.create_task(self._perform_process_effects(), name="process-effects")
        self._set_timer()

    async def stop(self) -> None:
        """Let the model sleep for good."""
        for due in (self._timer, self._flushing):
            if due is not None:
                due.cancel()
        if self._performer is not None:
            self._performer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._performer
        self._ground_truth.flush()

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Answer | Refusal:
        """Take a request to the model; its answer comes in the same step."""
        self._call_id += 1
        call_id = self._call_id
        for effect in self._step((ApiCall(call_id, operation, parameters),)):
            if isinstance(effect, Answer | Refusal) and effect.call_id == call_id:
                return effect
        return Refusal(call_id, 500, "ServerException", SERVER_FAULT)

    def tell(self, given: ProcessStarted | ProcessEnded) -> None:
        """Tell the model what has become of a process, at this moment."""
        self._step((given,))

    def set_faults(self, faults: ModelFaults) -> None:
        """From now on these."""
        self._step((SetFaults(faults),))

    def describe_task(self, task_arn: str) -> Mapping[str, Any] | None:
        """The ECS task of an attempt as it is now."""
        self._step(())
        return self._model.describe_task(task_arn)

    def _step(self, inputs: Sequence[Input]) -> list[Effect]:
        """Step the model to now; gives the effects, all but the answers already taken care of."""
        now_ms = self._clock.now_ms()
        if self._state is not None:
            for given in inputs:
                self._state.note(now_ms, given)
        effects = self._effects(now_ms, inputs)
        for effect in effects:
            self._perform(effect)
        self._set_timer()
        self._flush_soon()
        return effects

    def _flush_soon(self) -> None:
        """The model may sleep for long: what a request or a process has just changed is not to wait in memory for its next turn."""
        if self._performer is not None and self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        self._ground_truth.flush()

    def _effects(self, now_ms: float, inputs: Sequence[Input]) -> list[Effect]:
        try:
            return self._model.step(now_ms, inputs)
        except Exception:
            LOG.exception("the model failed on %r", inputs)
            return []

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, Transition | FaultInjected):
            self._ground_truth.append(effect)
        elif isinstance(effect, StartProcess | SignalProcess):
            self._process_effects.append(effect)
            self._has_process_effects.set()
        elif isinstance(effect, EmitEvent):
            self._events.emit(effect)
        elif isinstance(effect, VirtualOutput):
            self._logs.write_lines(effect.log_group, effect.log_stream, effect.lines)

    async def _perform_process_effects(self) -> None:
        """One after the other, requests in between: a start takes about a millisecond, and a thousand may be due at once."""
        assert self._processes is not None  # noqa: S101 - `start` has set it
        while True:
            await self._has_process_effects.wait()
            slice_end_s = time.monotonic() + SLICE_S
            while self._process_effects:
                effect = self._process_effects.popleft()
                if isinstance(effect, StartProcess):
                    if self._state is not None:
                        self._state.note_started(self._clock.now_ms(), effect.task_id)
                    self._processes.start(effect)
                else:
                    self._processes.signal(effect)
                if time.monotonic() >= slice_end_s:
                    await asyncio.sleep(0)
                    slice_end_s = time.monotonic() + SLICE_S
            self._has_process_effects.clear()

    def _set_timer(self) -> None:
        """Wake at the model's next event; a timer that is already early enough stays."""
        at_ms = self._model.next_event_ms()
        if self._performer is None or at_ms is None or at_ms >= self._timer_at_ms:
            return
        if self._timer is not None:
            self._timer.cancel()
        delay_s = min(max((at_ms - self._clock.now_ms()) / 1000, MIN_TIMER_S), MAX_TIMER_S)
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)
        self._timer_at_ms = at_ms

    def _wake(self) -> None:
        self._timer = None
        self._timer_at_ms = float("inf")
        self._step(())
