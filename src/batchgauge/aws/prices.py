"""AWS's Price List Query API, which answers in three Regions only, for all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from batchgauge.aws.calling import call
from batchgauge.aws.session import AwsSession
from batchgauge.core.journal import CallOutcome
from batchgauge.core.submitting.refusals import error_of
from batchgauge.ports import Clock

ENDPOINTS: Final = {"eu": "eu-central-1", "ap": "ap-south-1"}
DEFAULT_ENDPOINT: Final = "us-east-1"


def price_list_region(region: str) -> str:
    """The nearest of the Regions that the Price List answers in."""
    return ENDPOINTS.get(region.partition("-")[0], DEFAULT_ENDPOINT)


class BotoPrices:
    """`PriceSource` over a session of one of those Regions."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def list_products(
        self, service: str, region: str, filters: Sequence[tuple[str, str, str]] = ()
    ) -> tuple[Mapping[str, Any], ...]:
        """The products of a service in a Region, in AWS's own shape; filters are (type, field, value)."""
        client = await self._session.client("pricing")
        wanted = [
            {"Type": kind, "Field": field, "Value": value}
            for kind, field, value in (("TERM_MATCH", "regionCode", region), *filters)
        ]
        arguments: dict[str, Any] = {"ServiceCode": service, "Filters": wanted, "FormatVersion": "aws_v1"}
        products: list[Mapping[str, Any]] = []
        while True:
            request = partial(client.get_products, **arguments)
            reply = await call(self._clock, "GetProducts", request, lambda answer: answer)
            if reply.outcome is not CallOutcome.OK or reply.value is None:
                raise error_of(reply, self._session.endpoint_url or f"pricing, {self._session.region}")
            products += map(_parsed, reply.value["PriceList"])
            token = reply.value.get("NextToken")
            if not token:
                return tuple(products)
            arguments["NextToken"] = token


def _parsed(product: Any) -> Mapping[str, Any]:
    """On the wire each product is JSON within JSON."""
    read = json.loads(product) if isinstance(product, str) else product
    return read if isinstance(read, dict) else {}
