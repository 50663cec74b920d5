"""AWS Batch and the services that tell of its jobs, over aiobotocore."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from botocore import xform_name

from batchgauge.aws.batch_shapes import read_submitted, submit_arguments
from batchgauge.aws.calling import call
from batchgauge.aws.connection_pool import ConnectionPool
from batchgauge.aws.operations import AwsOperations
from batchgauge.aws.session import AwsSession
from batchgauge.aws.warm_session import Gate, SignatureTooOldError, gate_of_task
from batchgauge.core.journal import CallOutcome
from batchgauge.core.scenario import JobShape
from batchgauge.ports import NOT_OFFERED, Clock, PreparedSubmission, Reply, SubmittedJob

T = TypeVar("T")
EXAMPLE: Final = JobShape(job_queue="queue", job_definition="definition")
"""Of a submission that is never sent: where it would go is where all go."""


class BotoGateway(AwsOperations):
    """`BatchGateway`, `LogSource`, `TaskSource` and `MetricSource` over one session."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._pool: ConnectionPool | None = None

    async def warm_up(self, connections: int) -> None:
        """Have so many connections open for submissions, as far as it can be done."""
        prepared = await self._prepare(submit_arguments("name", EXAMPLE))
        self._pool = prepared.pool
        prepared.discard()
        if self._pool is not None:
            await self._pool.warm_up(connections)

    async def cool_down(self) -> None:
        """Keep no connection open for submissions to come."""
        if self._pool is not None:
            self._pool.cool_down()

    async def prepare_submission(self, name: str, shape: JobShape, array_size: int = 1) -> PreparedSubmission:
        """All of a submission but the sending."""
        return await self._prepare(submit_arguments(name, shape, array_size))

    async def submit_job(self, name: str, shape: JobShape, array_size: int = 1) -> Reply[SubmittedJob]:
        """Submit one job, or an array of several."""
        return await (await self._prepare(submit_arguments(name, shape, array_size))).send()

    async def _prepare(self, arguments: Mapping[str, Any]) -> _Prepared:
        prepared = _Prepared(
            partial(self._call, "batch", "SubmitJob", arguments, read_submitted),
            lambda: Gate(self._clock.now_ms, self._session.most_submissions_at_once),
        )
        await prepared.make()
        return prepared

    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        client = await self._session.client(service)
        method = getattr(client, xform_name(operation), None)
        if method is None:  # a botocore that is older than the operation
            now_ms = self._clock.now_ms()
            return Reply(operation, now_ms, now_ms, CallOutcome.REFUSED, error=NOT_OFFERED, message=operation)
        reply = await call(self._clock, operation, lambda: method(**arguments), read)
        if reply.status is None:
            await self._session.require_alive()
        return reply


class _Prepared:
    """A call of botocore's that goes on to the point where it would write to its socket, and waits there."""

    def __init__(self, make_call: Callable[[], Awaitable[Reply[SubmittedJob]]], new_gate: Callable[[], Gate]) -> None:
        self._make_call = make_call
        self._new_gate = new_gate
        self._gate = new_gate()
        self._task: asyncio.Task[Reply[SubmittedJob]] | None = None

    @property
    def pool(self) -> ConnectionPool | None:
        """The connections that it will be sent on; None where it will go the ordinary way, or nowhere."""
        return self._gate.pool

    async def make(self) -> None:
        """Return when it can be sent, or has failed before that; raises what makes every call impossible."""
        self._gate = self._new_gate()
        self._task = asyncio.create_task(self._go(self._gate))
        waiting: set[asyncio.Future[Any]] = {self._task, self._gate.reached}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            self._task.result()

    def send(self) -> Awaitable[Reply[SubmittedJob]]:
        """Send it now; what is returned is its reply to come."""
        self._gate.open()
        return self._reply()

    def discard(self) -> None:
        """Never send it."""
        if self._task is not None:
            self._task.cancel()

    async def _reply(self) -> Reply[SubmittedJob]:
        while True:
            assert self._task is not None  # noqa: S101
            try:
                reply = await self._task
            except SignatureTooOldError:
                await self.make()
                self._gate.open()
                continue
            waited_ms = self._gate.waited_ms
            return replace(reply, connection_wait_ms=waited_ms) if waited_ms else reply

    async def _go(self, gate: Gate) -> Reply[SubmittedJob]:
        gate_of_task.set(gate)
        return await self._make_call()
