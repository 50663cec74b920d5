"""AWS's Price List."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class PriceSource(Protocol):
    """Reads products; every method raises an `AwsError` where AWS refuses."""

    async def list_products(self, service: str, region: str) -> tuple[Mapping[str, Any], ...]:
        """All products of a service in a Region, in AWS's own shape."""
        ...
