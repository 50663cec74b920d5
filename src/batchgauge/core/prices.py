"""Fargate's prices: a dated table by Region and system, as it is shipped and as the Price List API fills it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

MIB_PER_GB: Final = 1024.0
"""Fargate's GB are GiB."""
LINUX: Final = "LINUX"
LINUX_ARM64: Final = "LINUX_ARM64"
WINDOWS: Final = "WINDOWS"
SHIPPED: Final = "shipped"
PRICE_LIST: Final = "price-list-api"
EMBEDDED: Final = "embedded-aws"
"""Where a table comes from."""


class Prices(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """Of one system in one Region."""

    vcpu_hour: float
    gb_hour: float
    licence_vcpu_hour: float = 0.0
    """Of Windows, added."""
    is_provisional: bool = False
    """Whether it is a field report, and not AWS's own word."""
    as_of: str | None = None
    source: str | None = None
    """Where they differ from their table's: of a table that was put together from two."""

    def task_hour(self, vcpus: float, memory_mib: float) -> float:
        """What a task of this size costs an hour."""
        return vcpus * (self.vcpu_hour + self.licence_vcpu_hour) + memory_mib / MIB_PER_GB * self.gb_hour


class PriceTable(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Prices by Region and system."""

    as_of: str
    """``2026-07`` or ``2026-11-24``: such dates are in the order of their letters."""
    currency: str
    billing_minimum_s: dict[str, float]
    regions: dict[str, dict[str, Prices]]
    source: str = SHIPPED

    def prices_of(self, region: str, system: str) -> Prices | None:
        """With their date and source; None where the table has none."""
        prices = self.regions.get(region, {}).get(system)
        if prices is None:
            return None
        as_of, source = prices.as_of or self.as_of, prices.source or self.source
        return msgspec.structs.replace(prices, as_of=as_of, source=source)

    def minimum_s(self, system: str) -> float:
        """The shortest time that a task is billed for."""
        return self.billing_minimum_s.get(system, self.billing_minimum_s.get(LINUX, 0.0))


def read_price_table(document: bytes) -> PriceTable:
    """Read the table.

    Raises:
        ValueError: it is not such a table.
    """
    return msgspec.json.decode(document, type=PriceTable)


def table_document(table: PriceTable) -> bytes:
    """The table as a file."""
    return msgspec.json.format(msgspec.json.encode(table), indent=2) + b"\n"


def newest_of(tables: Iterable[PriceTable]) -> PriceTable:
    """One table that has of each system in each Region what the newest table says of it; the first one's minima and currency."""
    first, *others = tables
    regions = {region: dict(systems) for region, systems in first.regions.items()}
    merged = msgspec.structs.replace(first, regions=regions)
    for table in others:
        if table.currency != first.currency:
            continue
        for region, systems in table.regions.items():
            for system in systems:
                held, offered = merged.prices_of(region, system), table.prices_of(region, system)
                if offered is not None and (held is None or (offered.as_of or "") > (held.as_of or "")):
                    regions.setdefault(region, {})[system] = offered
    return merged
