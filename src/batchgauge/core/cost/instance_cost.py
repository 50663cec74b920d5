"""What a job costs on instances of EC2, as a range: instances are shared by jobs, and billed while they boot and stand idle.

At the least a job pays for its part of an instance that is full of such jobs, of the type where that part is cheapest. At the most it has
one of the dearest type to itself, which is billed for some minutes more than the job runs. Which types AWS Batch chooses, and how it packs
them, nobody knows beforehand; Spot's prices change by the hour and are not known at all.
"""

from __future__ import annotations

from typing import Final

import msgspec

from batchgauge.core.cost.instance_list import belongs_to, sought
from batchgauge.core.cost.prices import LINUX, WINDOWS, InstancePrices, PriceTable
from batchgauge.core.journal import ComputeEnvironmentFacts, EnvironmentFacts, TaskPrice

ON_DEMAND: Final = "EC2"
IDLE_S: Final = 600.0
"""Assumed, at the most: booting, and the minutes for which AWS Batch keeps an instance that is idle. AWS publishes neither."""


def instance_types(environment: EnvironmentFacts) -> tuple[str, ...]:
    """What the queue may start: types, families and bundles; empty where anything else than EC2 on demand is among its environments."""
    found: list[str] = []
    for each in environment.compute_environments:
        named = _named(each)
        if each.type != ON_DEMAND or not named:
            return ()
        found += named
    return tuple(dict.fromkeys(found))


def _named(environment: ComputeEnvironmentFacts) -> tuple[str, ...]:
    return () if isinstance(environment.instance_types, msgspec.UnsetType) else environment.instance_types


def price_on_instances(environment: EnvironmentFacts, table: PriceTable) -> TaskPrice:
    """By the table; no price where it lacks all of a name of the queue's (a bundle's families are not in every Region)."""
    system = WINDOWS if (environment.operating_system_family or LINUX).startswith(WINDOWS) else LINUX
    wanted = instance_types(environment)
    found = {name: _offers(environment, table, name, system) for name in wanted}
    offers = [offer for each in found.values() for offer in each]
    if not all(found.values()):
        return _price(None, None, table, system)
    vcpus, memory_mib = environment.job_vcpus or 0.0, environment.job_memory_mib or 0
    fitting = [each for each in offers if each.vcpus >= vcpus and each.memory_mib >= memory_mib]
    if not fitting:
        return _price(None, None, table, system)
    least = min(each.hour[system] * max(vcpus / each.vcpus, memory_mib / each.memory_mib) for each in fitting)
    most = max(each.hour[system] for each in fitting)
    oldest = min(fitting, key=lambda each: each.as_of or "")
    return _price(
        least, most, msgspec.structs.replace(table, as_of=oldest.as_of or "", source=oldest.source or ""), system
    )


def _offers(environment: EnvironmentFacts, table: PriceTable, name: str, system: str) -> list[InstancePrices]:
    names = sought([name])
    there = table.instances.get(environment.region, {})
    kinds = (kind for kind in there if any(belongs_to(kind, each) for each in names))
    known = (table.instance_of(environment.region, kind) for kind in kinds)
    return [prices for prices in known if prices is not None and system in prices.hour]


def _price(least: float | None, most: float | None, table: PriceTable, system: str) -> TaskPrice:
    return TaskPrice(
        per_hour=least,
        most_per_hour=most,
        idle_s=IDLE_S,
        currency=table.currency,
        as_of=table.as_of,
        system=system,
        billing_minimum_s=0.0,
        source=table.source,
    )
