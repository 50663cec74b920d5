"""AWS's Price List."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class PriceSource(Protocol):
    """Reads products; every method raises an `AwsError` where AWS refuses."""

    async def list_products(
        self, service: str, region: str, filters: Sequence[tuple[str, str, str]] = ()
    ) -> tuple[Mapping[str, Any], ...]:
        """The products of a service in a Region, in AWS's own shape; filters are (type, field, value)."""
        ...
