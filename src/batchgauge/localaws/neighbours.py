"""The services around Batch, from moto in this process: loaded in the background, so that Batch answers at once."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from batchgauge.batchmodel.boundary import Answer, Refusal
from batchgauge.localaws import wsgi
from batchgauge.localaws.aws_errors import error_response, protocol_of
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.iam_gate import CALLER, Gate, Principal
from batchgauge.localaws.service_model import ServiceModel
from batchgauge.localaws.settings import ServerSettings
from batchgauge.localaws.signature import ALGORITHM, Signed
from batchgauge.localaws.workers import DaemonWorkers

if TYPE_CHECKING:
    from batchgauge.localaws.moto_backends import MotoBackends

CallBatch: TypeAlias = Callable[[str, Mapping[str, Any]], Answer | Refusal]

LOG = logging.getLogger(__name__)
LONG_POLL_WORKERS = 8
CALL_LIMIT_S = 30.0
HIDDEN_PATHS = ("/moto-api", "/latest/", "/favicon.ico")
"""moto's own doors, which AWS does not have: resetting, seeding, instance metadata."""


class Neighbours:
    """moto behind one worker (it is not made for more), with some more for queues, whose receivers wait for up to 20 seconds."""

    def __init__(self, settings: ServerSettings, call_batch: CallBatch, service_model: ServiceModel) -> None:
        """`call_batch` is called on this event loop's thread."""
        self._settings = settings
        self._call_batch = call_batch
        self._service_model = service_model
        self._is_loaded = asyncio.Event()
        self._load_error: Exception | None = None
        self._application: wsgi.WsgiApplication | None = None
        self._workers = DaemonWorkers(1, "moto")
        self._long_poll_workers = DaemonWorkers(LONG_POLL_WORKERS, "moto-sqs")
        self._event_worker = DaemonWorkers(1, "moto-events")
        self.backends: MotoBackends | None = None
        self.gate: Gate | None = None
        """What stacks may do on their callers' behalf; None: everything."""

    @property
    def is_ready(self) -> bool:
        """Loaded and seeded."""
        return self.backends is not None

    def load_in_background(self, on_loaded: Callable[[MotoBackends | None], None]) -> None:
        """Import and seed moto in a thread, then call `on_loaded` on this event loop (with None where that failed)."""
        loop = asyncio.get_running_loop()

        def finished(backends: MotoBackends | None) -> None:
            self.backends = backends
            on_loaded(backends)
            self._is_loaded.set()

        def call_batch(operation: str, parameters: Mapping[str, Any]) -> Answer | Refusal:
            future: Future[Answer | Refusal] = Future()
            loop.call_soon_threadsafe(lambda: future.set_result(self._call_batch(operation, parameters)))
            return future.result(CALL_LIMIT_S)

        def load() -> None:
            backends: MotoBackends | None = None
            try:
                backends = self._load(call_batch)
            except Exception as error:
                LOG.exception("the neighbours of Batch could not be loaded")
                self._load_error = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(finished, backends)

        threading.Thread(target=load, name="load-moto", daemon=True).start()

    def _load(self, call_batch: CallBatch) -> MotoBackends:
        os.environ["MOTO_ACCOUNT_ID"] = self._settings.account_id
        os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"  # no web page has any business here
        from batchgauge.localaws.moto_backends import MotoBackends  # noqa: PLC0415 - a second
        from batchgauge.localaws.moto_dispatch import make_application  # noqa: PLC0415

        backends = MotoBackends(self._settings, call_batch, self._service_model, self.gate)
        backends.make_seed()
        self._application = make_application()
        return backends

    async def loaded(self) -> None:
        """Wait until moto is there, or will never be."""
        await self._is_loaded.wait()

    def secret_of(self, access_key_id: str) -> str | None:
        """The secret of a key that IAM or STS has given out here."""
        return self.backends.secret_of(access_key_id) if self.backends is not None else None

    def deliver_event(self, envelope: dict[str, Any]) -> None:
        """Give an event to EventBridge, in a thread and in order."""
        backends = self.backends
        if backends is not None:
            self._event_worker.submit(lambda: backends.event_targets.deliver(envelope))

    def principal_of(self, access_key_id: str) -> Principal | None:
        """Whom a key that IAM or STS has given out here belongs to, with its policies."""
        return self.backends.principal_of(access_key_id) if self.backends is not None else None

    def _call(self, service: str, environ: dict[str, Any], access_key_id: str) -> Response:
        assert self.backends is not None  # noqa: S101 - `respond` has waited for it
        assert self._application is not None  # noqa: S101 - likewise
        self.backends.prepare(service)
        CALLER.set(access_key_id)
        return wsgi.call(self._application, environ)

    async def respond(self, request: Request, signed: Signed) -> Response:
        """moto's answer; waits while it loads."""
        await self._is_loaded.wait()
        protocol = protocol_of(request, signed.service)
        if self._application is None:
            return error_response(
                request, protocol, 500, "InternalFailure", f"{signed.service} is not available: {self._load_error}"
            )
        if request.raw_path.startswith(HIDDEN_PATHS):
            return error_response(
                request, protocol, 404, "UnknownOperationException", "The requested operation does not exist"
            )
        # moto reads the service out of this header only, presigned or not.
        credential = f"{signed.access_key_id}/{signed.date}/{signed.region}/{signed.service}/aws4_request"
        names = ";".join(signed.signed_headers)
        authorization = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signed.signature}"
        environ = wsgi.environ_of(request, authorization)
        workers = self._long_poll_workers if signed.service == "sqs" else self._workers
        try:
            return await workers.run(self._call, signed.service, environ, signed.access_key_id)
        except NotImplementedError as error:
            # 501 is not retried by SDKs, and what is missing will not come by asking again.
            message = f"This embedded AWS has no such operation of {signed.service}: {error}"
            return error_response(request, protocol, 501, "NotImplemented", message)
        except Exception:
            LOG.exception("moto failed on %s %s %s", signed.service, request.method, request.raw_path)
            # Not a 500 either, which SDKs would ask again after: no fault has asked for it, and moto fails at the same every time.
            message = f"This embedded AWS's {signed.service} failed at this request; its log says how"
            return error_response(request, protocol, 501, "NotImplemented", message)
