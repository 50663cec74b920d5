"""Which requests a fault meets, what becomes of them, and what the ground truth says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from batchgauge.localaws.fault_plan import RequestFault
from batchgauge.localaws.ground_truth import RequestFaultRecord
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.request_faults import RequestFaults

SUBMITTED = Response(200, b'{"jobId":"id","jobName":"n"}')


class Server:
    """Faults with what was noted and what took effect."""

    def __init__(self, *faults: RequestFault, seed: int = 0) -> None:
        self.noted: list[RequestFaultRecord] = []
        self.effects = 0
        self.faults = RequestFaults(seed, self.noted.append, lambda: 1000.0)
        self.faults.set(faults)

    def ask(self, operation: str = "SubmitJob", service: str = "batch", **headers: str) -> Any:
        request = Request("POST", "/v1/submitjob", "", headers, b"{}", request_id="r")

        def respond() -> Response:
            self.effects += 1
            return SUBMITTED

        return self.faults.answer(request, service, operation, respond)

    def result(self, operation: str = "SubmitJob") -> Response | None:
        answer = self.ask(operation)

        async def wait(promised: Awaitable[Response | None]) -> Response | None:
            return await promised

        return asyncio.run(wait(answer)) if isinstance(answer, Awaitable) else answer


def test_without_a_fault_the_answer_is_the_answer() -> None:
    server = Server()
    assert not server.faults.is_active
    assert server.ask() is SUBMITTED
    assert server.noted == []


@pytest.mark.parametrize(
    ("fault", "status", "effects"),
    [
        ("throttle", 429, 0),
        ("error", 500, 0),
        ("error-after", 500, 1),
        ("cut-before", None, 0),
        ("cut-after", None, 1),
        ("slow", 200, 1),
        ("denied", 403, 0),
        ("expired", 403, 0),
    ],
)
def test_what_a_fault_does_and_whether_the_request_took_effect(fault: Any, status: int | None, effects: int) -> None:
    server = Server(RequestFault(fault, delay_ms=0))
    answer = server.result()
    assert (answer.status if answer is not None else None, server.effects) == (status, effects)
    job_id = "id" if effects else None
    assert server.noted == [
        RequestFaultRecord(1000.0, fault, "batch", "SubmitJob", "r", 200 if effects else None, job_id)
    ]


def test_a_lost_answer_never_comes_but_the_job_is_there() -> None:
    async def scenario() -> None:
        server = Server(RequestFault("lost-answer"))
        waiting = asyncio.ensure_future(server.ask())
        await asyncio.sleep(0)
        assert not waiting.done()
        assert (server.effects, server.noted[0].job_id) == (1, "id")
        waiting.cancel()

    asyncio.run(scenario())


def test_the_next_three_and_no_more_and_other_operations_go_well() -> None:
    server = Server(RequestFault("throttle", operation="SubmitJob", count=3, skip=1))
    statuses = []
    for _ in range(6):
        answer = server.result()
        assert answer is not None
        statuses.append(answer.status)
        assert server.result("DescribeJobs") is SUBMITTED
    assert statuses == [200, 429, 429, 429, 200, 200]
    assert server.faults.happened == [3]


def test_the_same_seed_meets_the_same_requests() -> None:
    def met(seed: int) -> list[bool]:
        server = Server(RequestFault("cut-before", share=0.3), seed=seed)
        return [server.result() is None for _ in range(200)]

    assert met(1) == met(1)
    assert met(1) != met(2)
    assert 30 <= sum(met(1)) <= 90


def test_each_service_is_refused_in_its_own_words() -> None:
    server = Server(RequestFault("throttle", service="*"))
    answer = server.ask("GetLogEvents", "logs", **{"x-amz-target": "Logs_20140328.GetLogEvents"})
    assert (answer.status, b"ThrottlingException" in answer.body) == (400, True)
    assert server.ask("DescribeVpcs", "ec2").status == 503
