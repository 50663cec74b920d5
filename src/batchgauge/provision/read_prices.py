"""Reading AWS's prices into a dated table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from batchgauge.core.cost import instance_list
from batchgauge.core.cost.price_list import SERVICE, read_products
from batchgauge.core.cost.prices import PRICE_LIST, InstancePrices, Prices, PriceTable
from batchgauge.errors import JobQueueNotFoundError, PricesNotFoundError
from batchgauge.ports import PriceSource, SetupSource


async def read_prices(
    source: PriceSource,
    regions: Sequence[str],
    today: str,
    like: PriceTable,
    *,
    origin: str = PRICE_LIST,
    instance_types: Sequence[str] = (),
) -> PriceTable:
    """The prices of some Regions as of today; minima and currency are those of another table, since the Price List has none.

    Of EC2 only the named types, families and bundles are read: all would be many thousand products.

    Raises:
        PricesNotFoundError: a Region has no price of Fargate's that is complete.
        AwsError: AWS cannot be asked.
    """
    found = await asyncio.gather(*(_of_region(source, region, like.currency) for region in regions))
    names = instance_list.sought(instance_types)
    instances = [await _instances(source, region, names, like.currency) for region in regions]
    return PriceTable(
        as_of=today,
        currency=like.currency,
        billing_minimum_s=like.billing_minimum_s,
        regions=dict(zip(regions, found, strict=True)),
        source=origin,
        instances={region: types for region, types in zip(regions, instances, strict=True) if types},
    )


def without_price(table: PriceTable, region: str, instance_types: Sequence[str]) -> tuple[str, ...]:
    """Those of the types and families of which the table has nothing in that Region."""
    known = table.instances.get(region, {})
    names = instance_list.sought(instance_types)
    return tuple(name for name in names if not any(instance_list.belongs_to(kind, name) for kind in known))


async def instance_types_of(source: SetupSource, queue: str) -> tuple[str, ...]:
    """What the environments of a queue may choose from; nothing on Fargate.

    Raises:
        JobQueueNotFoundError: there is no such queue.
        AwsError: AWS cannot be asked.
    """
    found = await source.queue(queue)
    if found is None:
        raise JobQueueNotFoundError(queue=queue, region=source.region)
    environments = await source.environments(found.environments) if found.environments else ()
    return tuple(dict.fromkeys(name for each in environments for name in each.instance_types))


async def _instances(
    source: PriceSource, region: str, names: Sequence[str], currency: str
) -> dict[str, InstancePrices]:
    found: dict[str, InstancePrices] = {}
    for name in names:  # one after the other: the Price List answers few calls a second
        products = await source.list_products(instance_list.SERVICE, region, instance_list.filters_of(name))
        read = instance_list.read_instances(products, region, currency)
        found |= {kind: prices for kind, prices in read.items() if instance_list.belongs_to(kind, name)}
    return found


async def _of_region(source: PriceSource, region: str, currency: str) -> dict[str, Prices]:
    prices = read_products(await source.list_products(SERVICE, region), region, currency)
    if not prices:
        raise PricesNotFoundError(region=region)
    return prices
