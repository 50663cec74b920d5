"""AWS Batch and the services that tell of its jobs, over aiobotocore."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore import xform_name

from batchgauge.aws.calling import call
from batchgauge.aws.operations import AwsOperations
from batchgauge.aws.session import AwsSession
from batchgauge.ports import Clock, Reply

T = TypeVar("T")


class BotoGateway(AwsOperations):
    """`BatchGateway`, `LogSource`, `TaskSource` and `MetricSource` over one session."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        client = await self._session.client(service)
        method = getattr(client, xform_name(operation))
        return await call(self._clock, operation, lambda: method(**arguments), read)
