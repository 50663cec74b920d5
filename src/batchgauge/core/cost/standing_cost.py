"""What a test environment costs beside its jobs' vCPUs and memory: a few dated rates, and what they multiply.

Rates of us-east-1, in USD; other Regions differ (Tokyo takes 0.76 for a GB of logs). They were looked up on 2026-11-25 in accounts of
AWS's price pages by others, of the dates beside each: AWS's own pages were not at hand, except of public addresses. Nothing of the
environment is billed by the hour while no job runs: AWS Batch, a VPC with an internet gateway, roles, an empty repository, a log group,
a queue and a rule cost nothing to have.
"""

from __future__ import annotations

from typing import Final

import msgspec

from batchgauge.core.cost.prices import PriceTable

HOUR_S: Final = 3600.0
MIB_PER_GB: Final = 1024.0
"""Fargate's GB are GiB."""
LINUX: Final = "LINUX"
WINDOWS: Final = "WINDOWS"
"""As the price table calls them."""
RATES_AS_OF: Final = "2026-03"
"""The oldest of them."""
PUBLIC_IPV4_HOUR: Final = 0.005
"""Of each job with a public address, while it runs; in every Region since 2024-02-01 (AWS re:Post, "Why am I seeing charges for 'Public
IPv4 addresses'"; aws.amazon.com/vpc/pricing)."""
IMAGE_GB_MONTH: Final = 0.10
"""Of what is stored in ECR (aws.amazon.com/ecr/pricing, by cloudburn.io of 2026-03 and wring.co of 2026-03-15)."""
LOGGED_GB: Final = 0.50
"""Of what comes into CloudWatch Logs; 0.03 a GB and month for what is kept (aws.amazon.com/cloudwatch/pricing, by c3x.dev of 2026-06 and
an Infracost listing)."""
MILLION_QUEUE_CALLS: Final = 0.40
"""Of SQS's standard queues, after the first million of a month (aws.amazon.com/sqs/pricing, by cloudburn.io of 2026-03-14 and
factualminds.com of 2026-06)."""


class JobCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one job of a size costs on Fargate."""

    system: str
    vcpus: float
    memory_mib: float
    hour: float | None
    """While it runs, its public address included; None where the table has no price."""
    least: float | None
    """However short it is."""
    billing_minimum_s: float
    is_provisional: bool = False
    currency: str
    as_of: str


def job_cost(
    table: PriceTable, region: str, system: str, vcpus: float, memory_mib: float, *, has_public_address: bool
) -> JobCost:
    """By the table of Fargate's prices."""
    prices = table.regions.get(region, {}).get(system)
    minimum_s = table.billing_minimum_s.get(system, 0.0)
    hour = None
    if prices is not None:
        hour = prices.task_hour(vcpus, memory_mib) + (PUBLIC_IPV4_HOUR if has_public_address else 0.0)
    return JobCost(
        system=system,
        vcpus=vcpus,
        memory_mib=memory_mib,
        hour=hour,
        least=None if hour is None else hour * minimum_s / HOUR_S,
        billing_minimum_s=minimum_s,
        is_provisional=prices.is_provisional if prices is not None else False,
        currency=table.currency,
        as_of=table.as_of,
    )


def memory_gb(memory_mib: float) -> float:
    """As Fargate counts it."""
    return memory_mib / MIB_PER_GB
