"""`VirtualGateway` behind a network that loses answers and holds requests up: what was sent takes effect whatever becomes of its sender."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from batchgauge.core.journal import CallOutcome
from batchgauge.ports import Clock, Reply
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.gateway import VirtualGateway

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Losses:
    """What becomes of SubmitJob calls; shares are from 0 to 1, each drawn for each call."""

    lost: float = 0.0
    """Done, and the answer never comes."""
    late: float = 0.0
    """Held up on the way until after their sender has given up, and then done."""
    timeout_s: float = 10.0
    """When a sender gives up."""
    latest_s: float = 15.0
    """After that, at most so much later a late request is done."""


class Network:
    """Carries requests as tasks of its own, so that nothing that happens to a sender stops them."""

    def __init__(self, clock: Clock, losses: Losses, chance: random.Random) -> None:
        self.clock = clock
        self.losses = losses
        self.chance = chance
        self.lost = 0
        """Answers so far that were lost, late ones among them."""
        self.under_way: set[asyncio.Task[Any]] = set()

    def carry(self, work: Any) -> asyncio.Task[Any]:
        """Send a request on its way."""
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        return task


class LosingGateway(VirtualGateway):
    """One process's way to an account; the network outlasts the process."""

    def __init__(self, account: VirtualAccount, network: Network, latency_s: float = 0.02) -> None:
        super().__init__(account, network.clock, latency_s)
        self._network = network

    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        network, losses = self._network, self._network.losses
        begun_ms = self._clock.now_ms()
        draw = network.chance.random()
        is_lossy = operation == "SubmitJob"
        is_late = is_lossy and draw < losses.late
        is_lost = is_lossy and draw < losses.late + losses.lost
        held_up_s = losses.timeout_s + network.chance.random() * losses.latest_s if is_late else 0.0
        sending = super()._call(service, operation, arguments, read)
        request = network.carry(self._after(held_up_s, sending))
        if not is_lost:
            reply: Reply[T] = await asyncio.shield(request)
            return reply
        network.lost += 1
        await self._clock.sleep(losses.timeout_s)
        return Reply(
            operation,
            begun_ms,
            self._clock.now_ms(),
            CallOutcome.AMBIGUOUS,
            error="ReadTimeoutError",
            message="Timeout",
        )

    async def _after(self, seconds: float, sending: Any) -> Any:
        if seconds:
            await self._clock.sleep(seconds)
        return await sending
