"""Ending many jobs: fifty a call where AWS can, one by one where it cannot, never faster than the budget allows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from batchgauge.core.journal import CallOutcome
from batchgauge.core.polling_plan import AWS_CALLS_PER_S, DEFAULT_API_BUDGET
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import AwsError
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import NOT_OFFERED, BatchGateway, BulkEnd, Clock, Reply

JOBS_PER_CALL: Final = 50
"""TerminateJobs takes no more."""
CALLS_IN_FLIGHT: Final = 10
BULK_TRIES: Final = 4
"""After so many answers that say nothing clear, a bulk call is given up for single ones: whoever answers may not know it."""

T = TypeVar("T")


class EndNote(Protocol):
    """Who is told of each call."""

    def __call__(self, reply: Reply[object], job_id: str | None, attempt: int, back_off_s: float) -> None:
        """A call and its answer; `job_id` where it was about one job."""
        ...


@dataclass(slots=True)
class Pace:
    """Gives turns, so many a second at the most."""

    clock: Clock
    calls_per_s: float = DEFAULT_API_BUDGET * AWS_CALLS_PER_S
    _next_ms: float = 0.0

    async def turn(self) -> None:
        """Return when the next call may go out."""
        now_ms = self.clock.now_ms()
        at_ms = max(now_ms, self._next_ms)
        self._next_ms = at_ms + 1000 / self.calls_per_s
        if at_ms > now_ms:
            await self.clock.sleep((at_ms - now_ms) / 1000)


@dataclass(slots=True)
class BulkEnder:
    """Terminates jobs by their ids, whatever state they are in; ending one twice does no harm."""

    gateway: BatchGateway
    clock: Clock
    chance: random.Random
    note: EndNote
    reason: str
    pace: Pace
    back_off: BackOff = READ_BACK_OFF
    troubles: dict[str, str] = field(default_factory=dict)
    """Jobs that AWS would not end → why not."""
    failure: AwsError | None = None
    """The first of those, as an error; or what made the calls impossible."""
    endpoint: str = ""
    _is_bulk_refused: bool = False

    async def end(self, job_ids: Iterable[str]) -> None:
        """Ask for the end of all; `troubles` says of which AWS would not hear."""
        ids = list(dict.fromkeys(job_ids))
        places = asyncio.Semaphore(CALLS_IN_FLIGHT)
        await self._all(self._group(group, places) for group in _groups(ids, JOBS_PER_CALL))

    async def _group(self, ids: Sequence[str], places: asyncio.Semaphore) -> None:
        left: Sequence[str] = ids
        if len(ids) > 1 and not self._is_bulk_refused:
            async with places:
                left = await self._at_once(ids)
        await self._all(self._alone(job_id, places) for job_id in left)

    async def _at_once(self, ids: Sequence[str]) -> Sequence[str]:
        """One call for all; the ids that must be tried one by one."""
        for tries in range(1, BULK_TRIES + 1):
            if self._is_bulk_refused:  # another group has found out meanwhile
                return ids
            await self.pace.turn()
            reply = await self.gateway.terminate_jobs(ids, self.reason)
            if reply.error == NOT_OFFERED:  # it was never sent
                break
            is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries == BULK_TRIES
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.note(reply, None, tries, wait_s)
            if reply.value is not None:
                return _refused(reply.value, ids)
            if is_last:
                break
            await self.clock.sleep(wait_s)
        self._is_bulk_refused = True
        return ids

    async def _alone(self, job_id: str, places: asyncio.Semaphore) -> None:
        async with places:
            for tries in range(1, self.back_off.max_tries + 1):
                await self.pace.turn()
                reply = await self.gateway.terminate_job(job_id, self.reason)
                is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries == self.back_off.max_tries
                wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
                self.note(reply, job_id, tries, wait_s)
                if is_last:
                    if reply.outcome is not CallOutcome.OK:
                        self.troubles[job_id] = f"{reply.error}: {reply.message}"
                        self.failure = self.failure or error_of(reply, self.endpoint)
                    return
                await self.clock.sleep(wait_s)

    async def _all(self, works: Iterable[Awaitable[object]]) -> None:
        """Wait for all of them; credentials that vanish under way are no reason to stop the others."""
        outcomes = await asyncio.gather(*works, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, AwsError):
                self.failure = self.failure or outcome
            elif isinstance(outcome, BaseException):
                raise outcome


def _refused(answer: BulkEnd, ids: Sequence[str]) -> Sequence[str]:
    """What the answer does not call successful: AWS may name it with an error, or not at all."""
    done = set(answer.successful)
    return [job_id for job_id in ids if job_id not in done]


def _groups(ids: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (ids[first : first + size] for first in range(0, len(ids), size))


def unnoted(reply: Reply[object], job_id: str | None, attempt: int, back_off_s: float) -> None:
    """For whoever keeps no journal."""
    del reply, job_id, attempt, back_off_s
