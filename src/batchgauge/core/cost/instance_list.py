"""EC2's instance types in AWS's Price List: what is asked for, and what of the answers is a price on demand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from batchgauge.core.cost.price_list import price_on_demand
from batchgauge.core.cost.prices import LINUX, MIB_PER_GB, WINDOWS, InstancePrices

SERVICE: Final = "AmazonEC2"
BUNDLES: Final[Mapping[str, tuple[str, ...]]] = {
    "optimal": ("m6i", "c6i", "r6i", "c7i"),
    "default_x86_64": ("m6i", "c6i", "r6i", "c7i"),
    "default_arm64": ("m6g", "c6g", "r6g", "c7g"),
}
"""What AWS Batch chooses from where it is told one of these (its API reference, ComputeResource; ``optimal`` since 2025-11-01)."""
SYSTEMS: Final = {"Linux": LINUX, "Windows": WINDOWS}
ORDINARY: Final = {"tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
"""Of the many products of a type, the one that AWS Batch's instances are billed as."""
LICENCE_INCLUDED: Final = "No License required"
"""What the list says of Linux, and of Windows where the licence is in the price; the other is ``Bring your own license``."""
MEMORY: Final = re.compile(r"([\d,.]+) GiB")
Filter = tuple[str, str, str]
"""(type, field, value), as the Price List takes them."""


def sought(names: Iterable[str]) -> tuple[str, ...]:
    """Types and families, with the families of bundles in their place."""
    return tuple(dict.fromkeys(each for name in names for each in BUNDLES.get(name, (name,))))


def filters_of(name: str) -> tuple[Filter, ...]:
    """For one type, or for all of a family."""
    kind = ("TERM_MATCH", "instanceType", name) if "." in name else ("CONTAINS", "instanceType", f"{name}.")
    return (kind, *(("TERM_MATCH", field, value) for field, value in ORDINARY.items()))


def belongs_to(kind: str, name: str) -> bool:
    """Whether an instance type is the named one, or of the named family."""
    return kind == name or kind.startswith(f"{name}.")


def read_instances(
    products: Iterable[Mapping[str, Any]], region: str, currency: str = "USD"
) -> dict[str, InstancePrices]:
    """By instance type; what is not an ordinary instance on demand is left out."""
    sizes: dict[str, tuple[float, float]] = {}
    hours: dict[str, dict[str, float]] = {}
    for product in products:
        attributes = product.get("product", {}).get("attributes", {})
        kind, system = str(attributes.get("instanceType", "")), SYSTEMS.get(str(attributes.get("operatingSystem")))
        size, price = _size(attributes), price_on_demand(product, currency)
        if system is None or size is None or not price or not _is_ordinary(attributes, region):
            continue
        sizes[kind] = size
        hours.setdefault(kind, {})[system] = price
    return {
        kind: InstancePrices(vcpus=sizes[kind][0], memory_mib=sizes[kind][1], hour=by_system)
        for kind, by_system in hours.items()
    }


def _is_ordinary(attributes: Mapping[str, Any], region: str) -> bool:
    is_shared = all(attributes.get(field) == value for field, value in ORDINARY.items())
    return is_shared and attributes.get("regionCode") == region and attributes.get("licenseModel") == LICENCE_INCLUDED


def _size(attributes: Mapping[str, Any]) -> tuple[float, float] | None:
    """vCPUs and MiB."""
    memory = MEMORY.fullmatch(str(attributes.get("memory", "")))
    try:
        vcpus = float(attributes["vcpu"])
    except (KeyError, TypeError, ValueError):
        return None
    return None if memory is None else (vcpus, float(memory[1].replace(",", "")) * MIB_PER_GB)
