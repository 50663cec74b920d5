"""Prices of Fargate and of EC2's instances: a dated table by Region, as it is shipped and as the Price List API fills it."""

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


class InstancePrices(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """Of one EC2 instance type in one Region, on demand."""

    vcpus: float
    memory_mib: float
    hour: dict[str, float]
    """By system (``LINUX``, ``WINDOWS``); that of Windows has its licence in it."""
    as_of: str | None = None
    source: str | None = None
    """Where they differ from their table's."""


class PriceTable(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Prices by Region and system."""

    as_of: str
    """``2026-07`` or ``2026-11-24``: such dates are in the order of their letters."""
    currency: str
    billing_minimum_s: dict[str, float]
    regions: dict[str, dict[str, Prices]]
    source: str = SHIPPED
    instances: dict[str, dict[str, InstancePrices]] = {}
    """By Region and instance type; those that somebody has had read."""

    def instance_of(self, region: str, name: str) -> InstancePrices | None:
        """With its date and source; None where the table has none."""
        prices = self.instances.get(region, {}).get(name)
        if prices is None:
            return None
        as_of, source = prices.as_of or self.as_of, prices.source or self.source
        return msgspec.structs.replace(prices, as_of=as_of, source=source)

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
    """One table that has of each system and instance type in a Region what the newest says of it; the first one's minima and currency."""
    first, *others = tables
    regions = {region: dict(systems) for region, systems in first.regions.items()}
    instances = {region: dict(types) for region, types in first.instances.items()}
    merged = msgspec.structs.replace(first, regions=regions, instances=instances)
    for table in others:
        if table.currency != first.currency:
            continue
        for region, systems in table.regions.items():
            for system in systems:
                held, offered = merged.prices_of(region, system), table.prices_of(region, system)
                if offered is not None and (held is None or (offered.as_of or "") > (held.as_of or "")):
                    regions.setdefault(region, {})[system] = offered
        for region, types in table.instances.items():
            for name in types:
                known, new = merged.instance_of(region, name), table.instance_of(region, name)
                if new is not None and (known is None or (new.as_of or "") > (known.as_of or "")):
                    instances.setdefault(region, {})[name] = new
    return merged
