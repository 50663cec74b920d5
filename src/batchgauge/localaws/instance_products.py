"""EC2's instance types as the Price List has them; the prices are made up, by a rule, and are no source of any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchgauge.batchmodel.instance_types import FAMILY_SIZES, MEMORY_GIB_PER_VCPU, InstanceType, instance_type

FAMILIES: Final = ("c5", "m5", "r5", "c6i", "m6i", "r6i", "c7i", "c6g", "m6g", "r6g", "c7g")
VCPU_HOUR: Final = {"c": 0.0425, "m": 0.048, "r": 0.063}
LICENCE_VCPU_HOUR: Final = 0.046
BRING_YOUR_OWN: Final = "Bring your own license"
INCLUDED: Final = "No License required"


def instance_products() -> Iterator[tuple[dict[str, str], str]]:
    """(attributes, price an hour): on Linux, on Windows with its licence, and with one's own, which nobody is to take for it."""
    for family in FAMILIES:
        for size in FAMILY_SIZES:
            kind = instance_type(f"{family}.{size}")
            if kind is not None:
                hour = kind.vcpus * VCPU_HOUR[family[0]]
                yield _attributes(kind, "Linux", INCLUDED), f"{hour:.10f}"
                yield _attributes(kind, "Windows", BRING_YOUR_OWN), f"{hour:.10f}"
                yield _attributes(kind, "Windows", INCLUDED), f"{hour + kind.vcpus * LICENCE_VCPU_HOUR:.10f}"


def _attributes(kind: InstanceType, system: str, licence: str) -> dict[str, str]:
    memory_gib = kind.vcpus * MEMORY_GIB_PER_VCPU[kind.name[0]]
    return {
        "instanceType": kind.name,
        "vcpu": str(kind.vcpus),
        "memory": f"{memory_gib:,} GiB",
        "operatingSystem": system,
        "licenseModel": licence,
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "operation": "RunInstances" if system == "Linux" else "RunInstances:0002",
    }
