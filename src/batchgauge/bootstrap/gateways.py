"""Which AWS: the real one or the embedded one, to measure or to provision."""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from batchgauge import __version__
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.host.clock import SystemClock

if TYPE_CHECKING:
    from batchgauge.host.local_child import LocalAws
    from batchgauge.ports import (
        Account,
        BatchGateway,
        EventRoutes,
        JobTraces,
        LogSource,
        MetricSource,
        PriceSource,
        SetupSource,
        TaskSource,
    )


ACCOUNT_ATTEMPTS = 4


MOST_SUBMISSION_CONNECTIONS = 1_000
"""What finds none of them free waits, and is counted as late."""


FEWEST_SUBMISSION_CONNECTIONS = 10


OTHER_OPEN_FILES = 150
"""Of the limit, what is left for everything else: looks, journal, the embedded AWS's child, the terminal."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which AWS to measure, as flags say."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    max_connections: int = 20


@dataclass(frozen=True, slots=True)
class OpenAws:
    """An AWS that answers: gateways and what is known of it so far."""

    batch: BatchGateway
    logs: LogSource
    tasks: TaskSource
    metrics: MetricSource
    event_routes: EventRoutes
    setup: SetupSource
    traces: JobTraces
    clock: SystemClock
    facts: EnvironmentFacts
    credentials_expire_ms: Callable[[], Awaitable[float | None]]
    """When they stop to be good and cannot be refreshed; None where that is never, or not known."""


@asynccontextmanager
async def open_aws(
    target: Target, local: LocalAws | None = None, *, not_before_ms: float = 0.0
) -> AsyncIterator[OpenAws]:
    """Gateways to the AWS that is meant; to an embedded one where `local` is given. The clock begins not before that moment.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.embedded import embedded_time_scale
    from batchgauge.aws.events import BotoEventRoutes
    from batchgauge.aws.gateway import BotoGateway
    from batchgauge.aws.session import AwsSession, Connection, Credentials
    from batchgauge.aws.setup import BotoSetup

    clock = SystemClock(not_before_ms)
    connection = Connection(
        region=local.region if local else target.region,
        profile=None if local else target.profile,
        endpoint_url=local.endpoint if local else target.endpoint_url,
        credentials=Credentials(local.access_key_id, local.secret_access_key) if local else None,
        max_connections=target.max_connections,
        most_submissions_at_once=most_submissions_at_once(),
        find_death=local.find_death if local else None,
    )
    async with AwsSession(connection, clock, os.environ) as session:
        gateway = BotoGateway(session, clock)
        time_scale = local.time_scale if local else await embedded_time_scale(session.endpoint_url)
        facts = EnvironmentFacts(
            region=session.region,
            tool_version=__version__,
            endpoint_url=session.endpoint_url,
            is_local=time_scale is not None,
            has_own_server=local is not None,
            profile=None if local else target.profile,
            time_scale=time_scale,
            python_version=platform.python_version(),
            platform=platform.platform(),
        )
        yield OpenAws(
            gateway,
            gateway,
            gateway,
            gateway,
            BotoEventRoutes(session, clock),
            BotoSetup(session, clock),
            gateway,
            clock,
            facts,
            session.credentials_expire_ms,
        )


def most_submissions_at_once() -> int:
    """How many connections submissions may have: our own bound, or what the limit on open files leaves."""
    from batchgauge.host.open_files import open_file_limit

    room = open_file_limit() - OTHER_OPEN_FILES
    return max(FEWEST_SUBMISSION_CONNECTIONS, min(MOST_SUBMISSION_CONNECTIONS, room))


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """An AWS for provisioning: nothing is measured, so botocore may try again by itself."""

    account: Account
    batch: BatchGateway


@asynccontextmanager
async def open_account(target: Target) -> AsyncIterator[OpenAccount]:
    """What provisioning needs of the AWS that is meant.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.account import BotoAccount
    from batchgauge.aws.gateway import BotoGateway
    from batchgauge.aws.session import AwsSession, Connection

    clock = SystemClock()
    connection = Connection(target.region, target.profile, target.endpoint_url, max_attempts=ACCOUNT_ATTEMPTS)
    async with AwsSession(connection, clock, os.environ) as session:
        yield OpenAccount(BotoAccount(session, clock), BotoGateway(session, clock))


@asynccontextmanager
async def open_setup(target: Target) -> AsyncIterator[SetupSource]:
    """What a check reads of the AWS that is meant; nothing is measured, so botocore may try again by itself.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.session import AwsSession, Connection
    from batchgauge.aws.setup import BotoSetup

    clock = SystemClock()
    connection = Connection(target.region, target.profile, target.endpoint_url, max_attempts=ACCOUNT_ATTEMPTS)
    async with AwsSession(connection, clock, os.environ) as session:
        yield BotoSetup(session, clock)


@dataclass(frozen=True, slots=True)
class OpenPrices:
    """AWS's Price List, and the Regions that are meant."""

    prices: PriceSource
    regions: tuple[str, ...]
    is_embedded: bool
    """Whether it is an embedded AWS's, which are made up."""


@asynccontextmanager
async def open_prices(target: Target, regions: Sequence[str]) -> AsyncIterator[OpenPrices]:
    """The Price List, for some Regions or, where none is named, for the one that the flags, the environment or the profile mean.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.embedded import embedded_time_scale
    from batchgauge.aws.prices import BotoPrices, price_list_region
    from batchgauge.aws.session import AwsSession, Connection

    clock = SystemClock()
    usual = AwsSession(Connection(target.region, target.profile, target.endpoint_url), clock, os.environ)
    wanted = tuple(dict.fromkeys(regions)) or (usual.region,)
    connection = Connection(
        price_list_region(wanted[0]), target.profile, target.endpoint_url, max_attempts=ACCOUNT_ATTEMPTS
    )
    async with AwsSession(connection, clock, os.environ) as session:
        is_embedded = await embedded_time_scale(session.endpoint_url) is not None
        yield OpenPrices(BotoPrices(session, clock), wanted, is_embedded)
