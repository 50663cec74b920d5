"""The front door: verifies each request's signature, then goes by the service it is signed for."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from batchgauge.localaws import account_apis, ecs_tasks
from batchgauge.localaws.admin import PREFIX, Admin
from batchgauge.localaws.aws_errors import error_response, operation_of, protocol_of, signature_response
from batchgauge.localaws.batch_api import BatchApi
from batchgauge.localaws.driver import Driver
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.http_server import Outcome
from batchgauge.localaws.iam_actions import Place, needed_for
from batchgauge.localaws.iam_gate import Gate
from batchgauge.localaws.logs_api import LogsApi
from batchgauge.localaws.neighbours import Neighbours
from batchgauge.localaws.request_faults import RequestFaults
from batchgauge.localaws.settings import ServerSettings
from batchgauge.localaws.signature import SignatureError, Signed, parse, verify

LOG = logging.getLogger(__name__)
HEALTH_PATH = "/_batchgauge/health"


class Application:
    """Answers every request of one server."""

    def __init__(
        self,
        *,
        settings: ServerSettings,
        batch_api: BatchApi,
        driver: Driver,
        logs_api: LogsApi,
        neighbours: Neighbours,
        health: Callable[[], Mapping[str, Any]],
        admin: Admin,
        faults: RequestFaults,
        fargate_vcpu_quota: float | None,
        gate: Gate | None = None,
    ) -> None:
        self._settings = settings
        self._batch_api = batch_api
        self._driver = driver
        self._logs_api = logs_api
        self._neighbours = neighbours
        self._health = health
        self._admin = admin
        self._faults = faults
        self._fargate_vcpu_quota = fargate_vcpu_quota
        self._gate = gate
        """None: every key that is known may do everything."""

    def respond(self, request: Request) -> Outcome | Awaitable[Outcome]:
        """Batch answers at once, its neighbours some time; None: the connection is to be cut."""
        if request.raw_path == HEALTH_PATH and request.method == "GET":
            return Response(200, orjson.dumps(self._health()), [(b"content-type", b"application/json")])
        service: str | None = None
        try:
            signed = parse(request)
            service = signed.service
            verify(request, signed, self._secret_of, time.time())
        except SignatureError as error:
            return signature_response(request, service, error)
        if request.raw_path.startswith(PREFIX):
            return self._admin.respond(request, signed.access_key_id)
        if self._gate is not None:
            place = Place(signed.region, self._settings.account_id)
            needed = needed_for(request, service, self._batch_operation(request, service), place)
            refusal = self._gate.refusal(request, service, signed.access_key_id, needed)
            if refusal is not None:
                return refusal
        if self._faults.is_active:
            operation = self._batch_operation(request, service) or operation_of(request)
            return self._faults.answer(request, service, operation, lambda: self._dispatch(request, signed))
        return self._dispatch(request, signed)

    def _batch_operation(self, request: Request, service: str) -> str:
        """Empty where it is another service's."""
        return self._batch_api.operation_of(request) if service == "batch" else ""

    def _dispatch(self, request: Request, signed: Signed) -> Response | Awaitable[Response]:
        service = signed.service
        try:
            if service == "batch":
                return self._batch_api.respond(request)
            response = self._answer_for_moto(request, signed)
            if response is not None:
                return response
            if service == "logs":
                return self._answer_logs(request, signed)
            return self._neighbours.respond(request, signed)
        except Exception:
            LOG.exception("%s %s %s failed", service, request.method, request.raw_path)
            return error_response(
                request, protocol_of(request, service), 500, "ServerException", "Internal server error"
            )

    def _answer_for_moto(self, request: Request, signed: Signed) -> Response | None:
        """What moto lacks; None: it may answer by itself."""
        account_id = self._settings.account_id
        match signed.service:
            case "ecs":
                return ecs_tasks.respond(request, signed.region, account_id, self._driver.describe_task)
            case "pricing":
                return account_apis.respond_to_pricing(request)
            case "servicequotas":
                return account_apis.respond_to_quotas(request, signed.region, account_id, self._fargate_vcpu_quota)
        return None

    async def _answer_logs(self, request: Request, signed: Signed) -> Response:
        await self._neighbours.loaded()  # what waits for the logs is there only then
        return self._logs_api.respond(request) or await self._neighbours.respond(request, signed)

    def _secret_of(self, access_key_id: str) -> str | None:
        own = self._settings.credentials
        if access_key_id == own.access_key_id:
            return own.secret_access_key
        return self._neighbours.secret_of(access_key_id)

    def too_large(self, request: Request) -> Response:
        """The rest of such a body is not read."""
        limit = self._settings.max_body_bytes
        return error_response(
            request,
            protocol_of(request, None),
            413,
            "RequestEntityTooLargeException",
            f"Request body exceeds {limit} bytes",
        )
