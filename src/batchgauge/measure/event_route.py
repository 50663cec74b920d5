"""The way that a run's events take: a rule of EventBridge and a queue of SQS, made for the run and taken away after it."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from batchgauge.core.journal import CallOutcome, EventRouteChange, EventRouteStage
from batchgauge.core.naming import event_route_name
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import AwsCallError, AwsError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import BackOff, Persistence
from batchgauge.ports import Clock, EventRoutes, Reply

GONE: Final = frozenset(
    {
        "ResourceNotFoundException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)
"""What EventBridge and SQS answer about what is not there (any more)."""
ROUTE_BACK_OFF: Final = BackOff(first_s=0.2, longest_s=5.0, max_tries=6)
"""All of these calls may be made twice: what is there already stays as it is, and what is gone stays gone."""
VISIBLE_LIMIT_S: Final = 60.0
VISIBLE_INTERVAL_S: Final = 0.5
SETTLING_S: Final = 3.0
"""After EventBridge shows rule and target. AWS says only that a new rule takes "a short period" to come into effect; jobs that move before
it does are seen by polling."""

T = TypeVar("T")


@dataclass(slots=True)
class EventRoute:
    """One run's rule and queue; both are named after the run, so that they can be found whatever becomes of us."""

    routes: EventRoutes
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    endpoint: str
    run_id: str
    job_queue_arn: str
    tags: dict[str, str]
    settling_s: float = SETTLING_S
    _is_asked_for: bool = False
    _persistence: Persistence = field(init=False)

    def __post_init__(self) -> None:
        # Not ended by an interruption: what was made is taken away then.
        self._persistence = Persistence(self.clock, self.chance, ROUTE_BACK_OFF, self.recorder.note)

    async def make(self) -> str:
        """The queue's URL, once events come to it.

        Raises:
            AwsError: it could not be made; `take_away` takes away what was.
        """
        name = event_route_name(self.run_id)
        self._is_asked_for = True
        self._record(EventRouteStage.MAKING)
        # On the disk before anything is made: whatever happens then, what to look for is known.
        await self.recorder.sync()
        queue_url = await self._must(lambda: self.routes.create_queue(name, self.tags))
        queue_arn = await self._must(lambda: self.routes.queue_arn(queue_url))
        rule_arn = await self._must(lambda: self.routes.create_rule(name, self.job_queue_arn, self.tags))
        await self._persist(lambda: self.routes.allow_rule(queue_url, queue_arn, rule_arn))
        if not await self._must(lambda: self.routes.add_target(name, queue_arn)):
            raise AwsCallError(operation="PutTargets", error="FailedEntryCount", detail=queue_arn)
        await self._wait_until_visible(name, queue_arn)
        self._record(EventRouteStage.MADE)
        return queue_url

    async def take_away(self) -> bool:
        """Whether nothing of it is left; what was never asked for is not."""
        if not self._is_asked_for:
            return True
        is_gone = await take_route_away(self.routes, self.run_id, self._persistence)
        self._record(EventRouteStage.TAKEN_AWAY if is_gone else EventRouteStage.LEFT)
        return is_gone

    def _record(self, stage: EventRouteStage) -> None:
        name = event_route_name(self.run_id)
        self.recorder.record(EventRouteChange(at_ms=self.clock.now_ms(), stage=stage, rule=name, queue=name))

    async def _wait_until_visible(self, rule: str, queue_arn: str) -> None:
        """EventBridge is eventually consistent; where it never shows the target, the jobs are seen by polling all the same."""
        deadline_ms = self.clock.now_ms() + VISIBLE_LIMIT_S * 1000
        while not await self._must(lambda: self.routes.has_target(rule, queue_arn)):
            if self.clock.now_ms() > deadline_ms or self.interruption.is_requested:
                break
            await self.interruption.sleep(self.clock, VISIBLE_INTERVAL_S)
        await self.interruption.sleep(self.clock, self.settling_s)

    async def _must(self, request: Callable[[], Awaitable[Reply[T]]]) -> T:
        reply = await self._persist(request)
        assert reply.value is not None  # noqa: S101 - an answer that is OK has its value
        return reply.value

    async def _persist(self, request: Callable[[], Awaitable[Reply[T]]]) -> Reply[T]:
        reply = await self._persistence.ask(request)
        if reply.outcome is not CallOutcome.OK:
            raise error_of(reply, self.endpoint)
        return reply


async def take_route_away(routes: EventRoutes, run_id: str, persistence: Persistence) -> bool:
    """Take away the rule and the queue of a run, however much of them there is; whether nothing is left."""
    name = event_route_name(run_id)
    try:
        # Each is tried, whatever becomes of the others.
        has_no_target = _is_gone(await persistence.ask(lambda: routes.remove_target(name)))
        has_no_rule = _is_gone(await persistence.ask(lambda: routes.delete_rule(name)))
        queue = await persistence.ask(lambda: routes.find_queue(name))
        if queue.value is None:
            return has_no_target and has_no_rule and _is_gone(queue)
        queue_url = queue.value
        has_no_queue = _is_gone(await persistence.ask(lambda: routes.delete_queue(queue_url)))
    except AwsError:  # the credentials have vanished
        return False
    return has_no_rule and has_no_queue


async def remove_route(routes: EventRoutes, run_id: str, clock: Clock, chance: random.Random) -> str | None:
    """Take away what a run has left behind: None where nothing is left, else what went wrong last."""
    troubles: list[str] = []

    def note(reply: Reply[object], _tries: int, _wait_s: float) -> None:
        if reply.outcome is not CallOutcome.OK and reply.error not in GONE:
            troubles.append(f"{reply.operation}: {reply.error}: {reply.message}")

    is_gone = await take_route_away(routes, run_id, Persistence(clock, chance, ROUTE_BACK_OFF, note))
    return None if is_gone else "; ".join(troubles[-1:])


async def has_route(routes: EventRoutes, run_id: str, clock: Clock, chance: random.Random) -> bool:
    """Whether the run's queue or rule is there.

    Raises:
        AwsError: nobody can say.
    """
    name = event_route_name(run_id)
    persistence = Persistence(clock, chance, ROUTE_BACK_OFF, lambda *_: None)
    queue = await persistence.ask(lambda: routes.find_queue(name))
    if queue.outcome is CallOutcome.OK:
        return True
    if queue.error not in GONE:
        raise error_of(queue, "SQS")
    rule = await persistence.ask(lambda: routes.has_target(name, ""))
    if rule.outcome is not CallOutcome.OK and rule.error not in GONE:
        raise error_of(rule, "EventBridge")
    return rule.outcome is CallOutcome.OK


def _is_gone(reply: Reply[object]) -> bool:
    return (reply.outcome is CallOutcome.OK and reply.value is not False) or reply.error in GONE
