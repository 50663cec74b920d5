"""`BatchGateway`, `LogSource` and `TaskSource` straight on the model: no wire, and the same reading of answers as over the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from batchgauge.aws.batch_shapes import read_job
from batchgauge.aws.operations import AwsOperations
from batchgauge.batchmodel.boundary import Answer, Refusal
from batchgauge.core.journal import CallOutcome
from batchgauge.ports import Clock, ObservedJob, Reply
from batchgauge.virtualaws.account import VirtualAccount

T = TypeVar("T")
THROTTLED_CODES = frozenset({"TooManyRequestsException", "ThrottlingException"})


class VirtualGateway(AwsOperations):
    """Every call takes `latency_s`; AWS acts in the middle of it."""

    def __init__(self, account: VirtualAccount, clock: Clock, latency_s: float = 0.02) -> None:
        self._account = account
        self._clock = clock
        self._latency_s = latency_s
        self._calls = 0
        self._observed: dict[str, tuple[Mapping[str, Any], ObservedJob]] = {}
        """By job id: what was read last, and what came of it. Polling reads the same again and again."""

    def way_s(self) -> float:
        """How long a request, or an answer, is on its way."""
        return self._latency_s / 2

    async def warm_up(self, connections: int) -> None:
        """There are no connections."""

    async def cool_down(self) -> None:
        """There are none."""

    async def describe_jobs(self, job_ids: Sequence[str]) -> Reply[tuple[ObservedJob, ...]]:
        """At most 100 jobs; AWS leaves out those it does not know."""

        def read(answer: Mapping[str, Any]) -> tuple[ObservedJob, ...]:
            return tuple(map(self._read_job, answer["jobs"]))

        return await self._call("batch", "DescribeJobs", {"jobs": list(job_ids)}, read)

    def _read_job(self, detail: Mapping[str, Any]) -> ObservedJob:
        job_id = detail["jobId"]
        known = self._observed.get(job_id)
        if known is None or known[0] is not detail:  # the model answers with the same object while nothing has changed
            known = self._observed[job_id] = detail, read_job(detail)
        return known[1]

    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        self._calls += 1
        request_id = f"request-{self._calls}"
        sent_ms = self._clock.now_ms()
        await self._clock.sleep(self.way_s())
        answer = self._answer(service, operation, arguments)
        value = None if isinstance(answer, Refusal) else read(answer)  # at once: the model's objects go on changing
        await self._clock.sleep(self.way_s())
        received_ms = self._clock.now_ms()
        if isinstance(answer, Refusal):
            return _refused(operation, answer, sent_ms, received_ms, request_id)
        return Reply(operation, sent_ms, received_ms, CallOutcome.OK, value, status=200, request_id=request_id)

    def _answer(self, service: str, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        if service == "logs":
            return self._account.get_log_events(arguments)
        if service == "ecs":
            tasks = [self._account.describe_task(arn) for arn in arguments["tasks"]]
            return {"tasks": [task for task in tasks if task is not None]}
        if service == "cloudwatch":
            return {"MetricDataResults": []}
        outcome = self._account.call(operation, arguments)
        return outcome.body if isinstance(outcome, Answer) else outcome


def _refused(operation: str, refusal: Refusal, sent_ms: float, received_ms: float, request_id: str) -> Reply[Any]:
    if refusal.status == 429 or refusal.code in THROTTLED_CODES:
        outcome = CallOutcome.THROTTLED
    else:
        outcome = CallOutcome.AMBIGUOUS if refusal.status >= 500 else CallOutcome.REFUSED
    return Reply(
        operation,
        sent_ms,
        received_ms,
        outcome,
        status=refusal.status,
        request_id=request_id,
        error=refusal.code,
        message=refusal.message,
    )
