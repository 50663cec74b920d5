"""An AWS to make a test environment in."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from batchgauge.bootstrap.gateways import ACCOUNT_ATTEMPTS, Target
from batchgauge.host.clock import SystemClock

if TYPE_CHECKING:
    from batchgauge.ports import Account, BatchGateway, Clock, Networks, Repositories, Stack, StackEvent, Stacks

__all__ = ["OpenEnvironments", "Stack", "StackEvent", "open_environments"]


@dataclass(frozen=True, slots=True)
class OpenEnvironments:
    """An AWS for deploying: nothing is measured, so botocore may try again by itself."""

    stacks: Stacks
    repositories: Repositories
    account: Account
    batch: BatchGateway
    networks: Networks
    clock: Clock
    region: str
    endpoint: str
    """As errors name it."""
    is_embedded: bool


@asynccontextmanager
async def open_environments(target: Target) -> AsyncIterator[OpenEnvironments]:
    """What deploying needs of the AWS that is meant.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.account import BotoAccount
    from batchgauge.aws.embedded import embedded_time_scale
    from batchgauge.aws.gateway import BotoGateway
    from batchgauge.aws.session import AwsSession, Connection
    from batchgauge.aws.setup import BotoSetup
    from batchgauge.aws.stacks import BotoStacks

    clock = SystemClock()
    connection = Connection(target.region, target.profile, target.endpoint_url, max_attempts=ACCOUNT_ATTEMPTS)
    async with AwsSession(connection, clock, os.environ) as session:
        stacks = BotoStacks(session, clock)
        yield OpenEnvironments(
            stacks=stacks,
            repositories=stacks,
            account=BotoAccount(session, clock),
            batch=BotoGateway(session, clock),
            networks=BotoSetup(session, clock),
            clock=clock,
            region=session.region,
            endpoint=session.endpoint_url or f"AWS, {session.region}",
            is_embedded=await embedded_time_scale(session.endpoint_url) is not None,
        )
