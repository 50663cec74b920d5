"""From products of AWS's Price List to prices: a usage type counts only where it is the wanted one exactly, behind its Region's prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from batchgauge.core.cost.prices import LINUX, LINUX_ARM64, WINDOWS, Prices

SERVICE: Final = "AmazonECS"
USAGES: Final[Mapping[str, tuple[str, str]]] = {
    "Fargate-vCPU-Hours:perCPU": (LINUX, "vcpu_hour"),
    "Fargate-GB-Hours": (LINUX, "gb_hour"),
    "Fargate-ARM-vCPU-Hours:perCPU": (LINUX_ARM64, "vcpu_hour"),
    "Fargate-ARM-GB-Hours": (LINUX_ARM64, "gb_hour"),
    "Fargate-Windows-vCPU-Hours:perCPU": (WINDOWS, "vcpu_hour"),
    "Fargate-Windows-GB-Hours": (WINDOWS, "gb_hour"),
    "Fargate-Windows-OS-Hours:perCPU": (WINDOWS, "licence_vcpu_hour"),
}
"""Usage type, without its prefix → system and kind of price."""
USAGE_TYPE: Final = re.compile(r"(?:[A-Z0-9]+-)?(Fargate-.*)")
"""``USE1-``, ``APN1-``; an older Region's has none. ``…SpotUsage-Fargate-…`` is another thing."""
NEEDED: Final[Mapping[str, frozenset[str]]] = {
    LINUX: frozenset({"vcpu_hour", "gb_hour"}),
    LINUX_ARM64: frozenset({"vcpu_hour", "gb_hour"}),
    WINDOWS: frozenset({"vcpu_hour", "gb_hour", "licence_vcpu_hour"}),
}
"""Without its licence Windows would look cheaper than it is."""


def read_products(products: Iterable[Mapping[str, Any]], region: str, currency: str = "USD") -> dict[str, Prices]:
    """The prices of a Region by system; one that is not complete is left out."""
    found: dict[str, dict[str, float]] = {system: {} for system in NEEDED}
    for product in products:
        attributes = product.get("product", {}).get("attributes", {})
        match = USAGE_TYPE.fullmatch(str(attributes.get("usagetype", "")))
        usage = USAGES.get(match[1]) if match is not None else None
        price = price_on_demand(product, currency)
        if usage is None or price is None or attributes.get("regionCode") != region:
            continue
        system, kind = usage
        found[system][kind] = price
    return {
        system: Prices(
            vcpu_hour=prices["vcpu_hour"],
            gb_hour=prices["gb_hour"],
            licence_vcpu_hour=prices.get("licence_vcpu_hour", 0.0),
        )
        for system, prices in found.items()
        if NEEDED[system] <= prices.keys()
    }


def price_on_demand(product: Mapping[str, Any], currency: str) -> float | None:
    """On demand, of the first unit on."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            text = dimension.get("pricePerUnit", {}).get(currency)
            try:
                price = float(text)
            except (TypeError, ValueError):
                continue
            if price >= 0 and dimension.get("beginRange", "0") == "0":
                return price
    return None
