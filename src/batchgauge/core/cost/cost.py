"""What jobs cost, by a dated table of prices; what the table does not know is not guessed.

On Fargate, billed is each task from the start of its image's download to its end, by the second, with a minimum
(https://aws.amazon.com/fargate/pricing/). A minimum of one minute on Linux is AWS's word; five on Windows is not verified, and on the
safe side.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.cost.instance_cost import instance_types, price_on_instances
from batchgauge.core.cost.prices import LINUX, LINUX_ARM64, WINDOWS, PriceTable
from batchgauge.core.journal import EnvironmentFacts, TaskPrice

HOUR_S: Final = 3600.0
ARM64: Final = "ARM64"
FARGATE: Final = "FARGATE"


class NoCost(StrEnum):
    """Why no cost can be said."""

    EMBEDDED = "embedded"
    """The embedded AWS costs nothing."""
    NOT_FARGATE = "not-fargate"
    """The price is the instances', and which there may be is not known, or they are Spot's."""
    SIZE_UNKNOWN = "size-unknown"
    RUN_TIME_UNKNOWN = "run-time-unknown"
    PRICE_UNKNOWN = "price-unknown"
    """The table has no price for this operating system in this Region."""


class Cost(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A range of what some jobs cost, and what it stands on; or why it is not known."""

    reason: NoCost | None = None
    """None where the cost is known."""
    amount: Bound | None = None
    currency: str | None = None
    as_of: str | None = None
    """The date of the prices."""
    source: str | None = None
    """Where they come from (`prices.SHIPPED`, `prices.PRICE_LIST`)."""
    region: str | None = None
    system: str | None = None
    is_provisional: bool = False
    billing_minimum_s: float | None = None
    idle_s: float | None = None
    """Of instances of EC2, which jobs share: for how long each is taken to be billed besides, at the most; None on Fargate."""

    @property
    def is_known(self) -> bool:
        """Whether there is an amount; the embedded AWS's is none."""
        return self.amount is not None or self.reason is NoCost.EMBEDDED

    @property
    def most(self) -> float:
        """The upper end of the range; 0 where nothing costs, or nobody knows."""
        return self.amount.latest if self.amount is not None and self.amount.latest is not None else 0.0


def system_of(environment: EnvironmentFacts) -> str:
    """``WINDOWS``, ``LINUX`` or ``LINUX_ARM64``, as the job definition says; one that says nothing is for Linux on x86."""
    family = environment.operating_system_family or LINUX
    if family.startswith(WINDOWS):
        return WINDOWS
    return LINUX_ARM64 if environment.cpu_architecture == ARM64 else LINUX


def cost_of(
    jobs: int,
    billed_s: Bound | None,
    environment: EnvironmentFacts,
    table: PriceTable,
    billing_minimum_s: float | None = None,
) -> Cost:
    """What so many jobs cost whose tasks are each billed for `billed_s`, before the minimum; None where that is not known."""
    reason = no_cost(environment) or (NoCost.RUN_TIME_UNKNOWN if billed_s is None else None)
    if reason is not None:
        return Cost(reason=reason)
    assert billed_s is not None  # noqa: S101  (just looked at)
    price = price_of(environment, table, billing_minimum_s)
    if price.per_hour is None:
        return Cost(reason=NoCost.PRICE_UNKNOWN, as_of=price.as_of, region=environment.region, system=price.system)
    minimum_s = price.billing_minimum_s
    most = price.per_hour if price.most_per_hour is None else price.most_per_hour

    def of(seconds: float, hourly: float) -> float:
        return round(jobs * hourly * max(seconds, minimum_s) / HOUR_S, 4)

    earliest = billed_s.earliest if billed_s.earliest is not None else 0.0
    latest = billed_s.latest if billed_s.latest is not None else earliest
    return Cost(
        amount=Bound(of(earliest, price.per_hour), of(latest + price.idle_s, most)),
        currency=price.currency,
        as_of=price.as_of,
        source=price.source,
        region=environment.region,
        system=price.system,
        is_provisional=price.is_provisional,
        billing_minimum_s=minimum_s,
        idle_s=None if price.most_per_hour is None else price.idle_s,
    )


def price_of(environment: EnvironmentFacts, table: PriceTable, billing_minimum_s: float | None = None) -> TaskPrice:
    """What a task of this environment costs by the table, whose minimum `billing_minimum_s` may replace on Fargate."""
    if is_on_instances(environment):
        return price_on_instances(environment, table)
    system = system_of(environment)
    prices = table.prices_of(environment.region, system)
    size = (environment.job_vcpus or 0.0, environment.job_memory_mib or 0.0)
    return TaskPrice(
        per_hour=None if prices is None else prices.task_hour(*size),
        currency=table.currency,
        as_of=table.as_of if prices is None or prices.as_of is None else prices.as_of,
        system=system,
        billing_minimum_s=table.minimum_s(system) if billing_minimum_s is None else billing_minimum_s,
        is_provisional=prices is not None and prices.is_provisional,
        source=table.source if prices is None or prices.source is None else prices.source,
    )


def is_on_instances(environment: EnvironmentFacts) -> bool:
    """Whether jobs run on instances of EC2, which bill for themselves."""
    return environment.job_platform is not None and environment.job_platform != FARGATE


def no_cost(environment: EnvironmentFacts) -> NoCost | None:
    """Why nobody could say what jobs cost here, however long they run."""
    if environment.is_local:
        return NoCost.EMBEDDED
    if is_on_instances(environment) and not instance_types(environment):
        return NoCost.NOT_FARGATE
    return None if environment.job_vcpus and environment.job_memory_mib else NoCost.SIZE_UNKNOWN
