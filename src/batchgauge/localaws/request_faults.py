"""Faults of single requests: which request is met is decided here, by count or by the seed, and what was done is ground truth."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import orjson

from batchgauge.localaws.aws_errors import WireProtocol, error_response, protocol_of
from batchgauge.localaws.fault_plan import TAKES_EFFECT, RequestFault
from batchgauge.localaws.ground_truth import RequestFaultRecord
from batchgauge.localaws.http_messages import Request, Response

HELD_S = 3600.0
"""How long a connection whose answer is lost stays open at most: longer than any client waits."""
THROTTLED = {
    WireProtocol.REST_JSON: (429, "TooManyRequestsException", "Too Many Requests"),
    WireProtocol.JSON: (400, "ThrottlingException", "Rate exceeded"),
    WireProtocol.QUERY: (400, "Throttling", "Rate exceeded"),
    WireProtocol.EC2: (503, "RequestLimitExceeded", "Request limit exceeded."),
    WireProtocol.S3: (503, "SlowDown", "Please reduce your request rate."),
}
FAILED = {
    WireProtocol.REST_JSON: (500, "ServerException", "Internal server error"),
    WireProtocol.JSON: (500, "InternalFailure", "Internal server error"),
    WireProtocol.QUERY: (500, "InternalFailure", "Internal server error"),
    WireProtocol.EC2: (500, "InternalError", "An internal error has occurred"),
    WireProtocol.S3: (500, "InternalError", "We encountered an internal error. Please try again."),
}
DENIED = {
    WireProtocol.REST_JSON: (403, "AccessDeniedException"),
    WireProtocol.JSON: (400, "AccessDeniedException"),
    WireProtocol.QUERY: (403, "AccessDenied"),
    WireProtocol.EC2: (403, "UnauthorizedOperation"),
    WireProtocol.S3: (403, "AccessDenied"),
}
EXPIRED = {
    WireProtocol.REST_JSON: (403, "ExpiredTokenException"),
    WireProtocol.JSON: (400, "ExpiredTokenException"),
    WireProtocol.QUERY: (403, "ExpiredToken"),
    WireProtocol.EC2: (400, "RequestExpired"),
    WireProtocol.S3: (400, "ExpiredToken"),
}
EXPIRED_MESSAGE = "The security token included in the request is expired"

Answer: TypeAlias = Response | Awaitable[Response]


class _Rule:
    """One fault of the plan, and how far it has come."""

    def __init__(self, fault: RequestFault, chance: random.Random) -> None:
        self.fault = fault
        self.seen = 0
        self.happened = 0
        self._chance = chance

    def meets(self, service: str, operation: str) -> bool:
        """Whether this request is met; each one that matches is counted."""
        fault = self.fault
        if fault.service not in (service, "*") or fault.operation not in (operation, "*"):
            return False
        if fault.count is not None and self.happened >= fault.count:
            return False
        self.seen += 1
        if self.seen <= fault.skip or (fault.share < 1 and self._chance.random() >= fault.share):
            return False
        self.happened += 1
        return True


class RequestFaults:
    """The rules in their order: the first one that meets a request has it."""

    def __init__(self, seed: int, note: Callable[[RequestFaultRecord], None], now_ms: Callable[[], float]) -> None:
        self._seed = seed
        self._note = note
        self._now_ms = now_ms
        self._rules: list[_Rule] = []

    def set(self, faults: Sequence[RequestFault]) -> None:
        """These from now on, counted from nothing."""
        self._rules = [
            _Rule(fault, random.Random(f"{self._seed}/request-fault/{index}"))  # noqa: S311 - no secret
            for index, fault in enumerate(faults)
        ]

    @property
    def is_active(self) -> bool:
        """Whether there is any rule."""
        return bool(self._rules)

    @property
    def happened(self) -> list[int]:
        """How often each rule has struck."""
        return [rule.happened for rule in self._rules]

    def answer(
        self, request: Request, service: str, operation: str, respond: Callable[[], Answer]
    ) -> Answer | Awaitable[Response | None] | None:
        """What becomes of the request: `respond` is called where it takes effect. None: its connection is cut."""
        fault = next((rule.fault for rule in self._rules if rule.meets(service, operation)), None)
        if fault is None:
            return respond()
        record = RequestFaultRecord(self._now_ms(), fault.fault, service, operation, request.request_id)
        if fault.fault not in TAKES_EFFECT:
            self._note(record)
            return _without_effect(record, request, protocol_of(request, service))
        answer = respond()
        if isinstance(answer, Response):
            self._note(_with_effect(record, answer))
            if fault.fault == "cut-after":
                return None
            if fault.fault == "error-after":
                return _failed(request, protocol_of(request, service))
        return self._answer_later(fault, request, service, record, answer)

    async def _answer_later(
        self, fault: RequestFault, request: Request, service: str, record: RequestFaultRecord, answer: Answer
    ) -> Response | None:
        if not isinstance(answer, Response):
            answer = await answer
            self._note(_with_effect(record, answer))
        match fault.fault:
            case "slow":
                await asyncio.sleep(fault.delay_ms / 1000)
                return answer
            case "error-after":
                return _failed(request, protocol_of(request, service))
            case "lost-answer":
                await asyncio.sleep(HELD_S)
        return None


def _without_effect(record: RequestFaultRecord, request: Request, protocol: WireProtocol) -> Response | None:
    match record.fault:
        case "throttle":
            return error_response(request, protocol, *THROTTLED[protocol])
        case "error":
            return _failed(request, protocol)
        case "denied":
            status, code = DENIED[protocol]
            message = f"User is not authorized to perform: {record.service}:{record.operation}"
            return error_response(request, protocol, status, code, message)
        case "expired":
            status, code = EXPIRED[protocol]
            return error_response(request, protocol, status, code, EXPIRED_MESSAGE)
        case _:
            return None


def _failed(request: Request, protocol: WireProtocol) -> Response:
    return error_response(request, protocol, *FAILED[protocol])


def _with_effect(record: RequestFaultRecord, answer: Response) -> RequestFaultRecord:
    """What the request has done although its client may not have learnt it: its status, and the job where it made one."""
    job_id = None
    if record.operation == "SubmitJob" and answer.status == 200:
        job_id = orjson.loads(answer.body)["jobId"]
    return record._replace(status=answer.status, job_id=job_id)
