"""Reading AWS's prices into a dated table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from batchgauge.core.price_list import SERVICE, read_products
from batchgauge.core.prices import PRICE_LIST, Prices, PriceTable
from batchgauge.errors import PricesNotFoundError
from batchgauge.ports import PriceSource


async def read_prices(
    source: PriceSource, regions: Sequence[str], today: str, like: PriceTable, origin: str = PRICE_LIST
) -> PriceTable:
    """The prices of some Regions as of today; minima and currency are those of another table, since the Price List has none.

    Raises:
        PricesNotFoundError: a Region has no price of Fargate's that is complete.
        AwsError: AWS cannot be asked.
    """
    found = await asyncio.gather(*(_of_region(source, region, like.currency) for region in regions))
    return PriceTable(
        as_of=today,
        currency=like.currency,
        billing_minimum_s=like.billing_minimum_s,
        regions=dict(zip(regions, found, strict=True)),
        source=origin,
    )


async def _of_region(source: PriceSource, region: str, currency: str) -> dict[str, Prices]:
    prices = read_products(await source.list_products(SERVICE, region), region, currency)
    if not prices:
        raise PricesNotFoundError(region=region)
    return prices
