"""A run's rule and queue: named after it, taken away whatever happens, and said where they could not be."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from batchgauge.core.journal import CallOutcome, EventRouteChange, EventRouteStage, RunOutcome
from batchgauge.core.scenario import Scenario
from batchgauge.errors import AccessDeniedError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.ports import EventMessage, EventSource, Reply
from tests.measure.conftest import FACTS, RUN, Bench
from tests.measure.fake_aws import THROTTLED
from tests.measure.virtual_time import run_virtually

NAME = f"batchgauge-{RUN}"


@dataclass
class FakeRoutes:
    """`EventRoutes` and `EventSource` in memory: no event ever comes. `troubles`: operation → errors of its next calls."""

    bench: Bench
    troubles: dict[str, deque[str]] = field(default_factory=dict)
    rules: dict[str, list[str]] = field(default_factory=dict)
    queues: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    looks_until_visible: int = 0

    def trouble(self, operation: str, *errors: str) -> None:
        self.troubles.setdefault(operation, deque()).extend(errors)

    async def _call(self, operation: str, value: Any = None, act: Callable[[], object] = lambda: None) -> Reply[Any]:
        self.calls.append(operation)
        sent_ms = self.bench.aws.clock.now_ms()
        await asyncio.sleep(0.05)
        now_ms = self.bench.aws.clock.now_ms()
        if queued := self.troubles.get(operation):
            error = queued.popleft()
            outcome = CallOutcome.THROTTLED if error == "ThrottlingException" else CallOutcome.REFUSED
            return Reply(operation, sent_ms, now_ms, outcome, status=400, error=error, message="No.")
        act()
        return Reply(operation, sent_ms, now_ms, CallOutcome.OK, value, status=200)

    def source(self, queue_url: str) -> EventSource:
        return self

    async def create_queue(self, name: str, tags: Any) -> Reply[str]:
        return await self._call("CreateQueue", f"url:{name}", lambda: self.queues.add(name))

    async def find_queue(self, name: str) -> Reply[str]:
        if name not in self.queues:
            self.trouble("GetQueueUrl", "QueueDoesNotExist")
        return await self._call("GetQueueUrl", f"url:{name}")

    async def queue_arn(self, queue_url: str) -> Reply[str]:
        return await self._call("GetQueueAttributes", f"arn:{queue_url}")

    async def create_rule(self, name: str, job_queue_arn: str, tags: Any) -> Reply[str]:
        return await self._call("PutRule", f"rule:{name}", lambda: self.rules.setdefault(name, []))

    async def allow_rule(self, queue_url: str, queue_arn: str, rule_arn: str) -> Reply[None]:
        return await self._call("SetQueueAttributes")

    async def add_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        return await self._call("PutTargets", True, lambda: self.rules[rule].append(queue_arn))

    async def has_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        self.looks_until_visible -= 1
        return await self._call("ListTargetsByRule", self.looks_until_visible < 0)

    async def remove_target(self, rule: str) -> Reply[bool]:
        if rule not in self.rules:
            self.trouble("RemoveTargets", "ResourceNotFoundException")
        return await self._call("RemoveTargets", True, self.rules.get(rule, []).clear)

    async def delete_rule(self, rule: str) -> Reply[None]:
        return await self._call("DeleteRule", None, lambda: self.rules.pop(rule, None))

    async def delete_queue(self, queue_url: str) -> Reply[None]:
        return await self._call("DeleteQueue", None, lambda: self.queues.discard(queue_url.removeprefix("url:")))

    async def receive_events(self, wait_s: float) -> Reply[tuple[EventMessage, ...]]:
        await asyncio.sleep(wait_s)
        return await self._call("ReceiveMessage", ())

    async def acknowledge_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        return await self._call("DeleteMessageBatch", ())

    async def release_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        return await self._call("ChangeMessageVisibilityBatch", ())


@dataclass
class Setting:
    bench: Bench

    def __post_init__(self) -> None:
        self.routes = FakeRoutes(self.bench)

    async def go(self, interruption: Interruption) -> RunReport:
        plain = self.bench.surroundings()
        around = Surroundings(
            plain.gateway,
            plain.logs,
            plain.clock,
            plain.chance,
            plain.progress,
            FACTS,
            0,
            lambda: 0.0,
            event_routes=self.routes,
        )
        scenario = Scenario(job=self.bench.scenario().job, num_jobs=3, is_monitored=True, watches_events=True)
        return await measure_run(RUN, scenario, self.bench.journal, around, interruption)

    def run(self) -> RunReport:
        return run_virtually(self.go(Interruption()))

    def stages(self) -> list[EventRouteStage]:
        return [record.stage for record in self.bench.journal.records if isinstance(record, EventRouteChange)]

    def left(self) -> tuple[set[str], set[str]]:
        return set(self.routes.rules), self.routes.queues


@pytest.fixture
def setting(bench: Bench) -> Setting:
    return Setting(bench)


def test_the_names_are_on_the_disk_before_anything_is_made(setting: Setting) -> None:
    synced: list[int] = []
    plain = setting.routes.create_queue

    async def create_queue(name: str, tags: Any) -> Reply[str]:
        assert name == NAME
        kinds = [type(record) for record in setting.bench.journal.records[: setting.bench.journal.synced]]
        synced.append(kinds.count(EventRouteChange))
        return await plain(name, tags)

    setting.routes.create_queue = create_queue  # type: ignore[method-assign]
    assert setting.run().error is None
    assert synced == [1]
    assert setting.stages() == [EventRouteStage.MAKING, EventRouteStage.MADE, EventRouteStage.TAKEN_AWAY]


def test_nothing_is_submitted_before_the_rule_is_visible(setting: Setting) -> None:
    setting.routes.looks_until_visible = 5
    report = setting.run()
    assert setting.routes.calls.count("ListTargetsByRule") == 6
    assert report.result.levels[0].succeeded == 3
    [made] = [
        record.at_ms
        for record in setting.bench.journal.records
        if isinstance(record, EventRouteChange) and record.stage is EventRouteStage.MADE
    ]
    assert all(job.instants is not None and (job.instants.sent_ms or 0) >= made for job in report.result.jobs)


@pytest.mark.parametrize("operation", ["CreateQueue", "PutRule", "SetQueueAttributes", "PutTargets"])
def test_where_the_way_cannot_be_made_nothing_is_submitted_and_nothing_left(setting: Setting, operation: str) -> None:
    setting.routes.trouble(operation, "AccessDeniedException")
    report = setting.run()
    assert isinstance(report.error, AccessDeniedError)
    assert report.result.outcome is RunOutcome.FAILED
    assert setting.bench.aws.jobs == {}
    assert setting.left() == (set(), set())
    assert not report.is_event_route_left


def test_throttling_is_waited_for_on_the_way_there_and_back(setting: Setting) -> None:
    for operation in ("CreateQueue", "PutRule", "RemoveTargets", "DeleteRule", "DeleteQueue"):
        setting.routes.trouble(operation, "ThrottlingException", "ThrottlingException")
    report = setting.run()
    assert report.error is None
    assert setting.left() == (set(), set())


@pytest.mark.parametrize("operation", ["DeleteRule", "DeleteQueue"])
def test_what_could_not_be_taken_away_is_reported_and_the_rest_is_gone(setting: Setting, operation: str) -> None:
    setting.routes.trouble(operation, "AccessDeniedException")
    report = setting.run()
    assert report.error is None
    assert report.is_event_route_left
    assert setting.stages()[-1] is EventRouteStage.LEFT
    rules, queues = setting.left()
    assert (rules == {NAME}, queues == {NAME}) == (operation == "DeleteRule", operation == "DeleteQueue")


def test_a_queue_that_answers_no_more_leaves_the_run_to_its_usual_looks(setting: Setting) -> None:
    setting.routes.trouble("ReceiveMessage", "QueueDoesNotExist")
    report = setting.run()
    assert report.error is None
    assert report.result.levels[0].succeeded == 3
    assert len(setting.bench.aws.called("DescribeJobs")) >= 3, "every ten seconds, not every sixty"


def test_an_interrupted_run_takes_the_way_away_after_its_jobs(setting: Setting) -> None:
    async def work() -> RunReport:
        interruption = Interruption()
        running = asyncio.ensure_future(setting.go(interruption))
        await asyncio.sleep(12)
        interruption.request("SIGINT")
        return await running

    report = run_virtually(work())
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert setting.left() == (set(), set())
    assert report.left_running == ()


def test_a_second_request_leaves_at_once(setting: Setting) -> None:
    setting.bench.aws.always["TerminateJob"] = THROTTLED

    async def work() -> float:
        interruption = Interruption()
        running = asyncio.ensure_future(setting.go(interruption))
        await asyncio.sleep(12)
        interruption.request("SIGINT")
        await asyncio.sleep(1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return setting.bench.aws.clock.elapsed_s

    assert run_virtually(work()) == 13
    assert setting.left() == ({NAME}, {NAME}), "what the command that was printed takes away"


def test_an_interruption_while_the_way_is_made_ends_at_once_and_submits_nothing(setting: Setting) -> None:
    setting.routes.looks_until_visible = 1_000

    async def work() -> tuple[RunReport, float]:
        interruption = Interruption()
        running = asyncio.ensure_future(setting.go(interruption))
        await asyncio.sleep(10)
        interruption.request("SIGINT")
        return await running, setting.bench.aws.clock.elapsed_s

    report, ended_s = run_virtually(work())
    assert ended_s < 12
    assert setting.bench.aws.jobs == {}
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert setting.left() == (set(), set())
