"""EC2 instance types by their names: vCPUs and memory, and which of an environment's types to start."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MEMORY_GIB_PER_VCPU: Final = {"c": 2, "m": 4, "t": 4, "r": 8, "x": 16}
"""By the family's first letter; the others (accelerated and so on) are taken as general purpose."""
VCPUS_OF_SIZE: Final = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4, "metal": 96}
X86_FAMILIES: Final = ("m6i", "c6i", "r6i", "c7i")
FAMILIES_OF_BUNDLE: Final[Mapping[str, tuple[str, ...]]] = {
    "optimal": X86_FAMILIES,
    "default_x86_64": X86_FAMILIES,
    "default_arm64": ("m6g", "c6g", "r6g", "c7g"),
}
"""AWS Batch's API reference, ComputeResource, instanceTypes: from 2025-11-01 ``optimal`` is what ``default_x86_64`` is."""
FAMILY_SIZES: Final = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
ECS_AGENT_MEMORY_MIB: Final = 256
"""What the operating system and the ECS agent keep of an instance's memory, about."""
INSTANCE_TYPE: Final = re.compile(r"([a-z]+)[0-9a-z-]*\.([0-9a-z-]+)")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What one instance offers to jobs."""

    name: str
    vcpus: int
    memory_mib: int


def instance_type(name: str) -> InstanceType | None:
    """The type of this name; None where it is none."""
    matched = INSTANCE_TYPE.fullmatch(name)
    if matched is None:
        return None
    family, size = matched.groups()
    multiple = re.fullmatch(r"(\d+)xlarge", size)
    vcpus = 4 * int(multiple[1]) if multiple else VCPUS_OF_SIZE.get(size.partition("-")[0], 0)
    if vcpus == 0:
        return None
    memory_mib = vcpus * MEMORY_GIB_PER_VCPU.get(family[0], 4) * 1024 - ECS_AGENT_MEMORY_MIB
    return InstanceType(name, vcpus, memory_mib)


def instance_types(names: Sequence[str]) -> tuple[InstanceType, ...]:
    """The types that an environment may start, smallest first; families and bundles of them stand for all of their sizes."""
    spread: list[str] = []
    for name in names:
        families = FAMILIES_OF_BUNDLE.get(name, (name,))
        spread += [name] if "." in name else [f"{family}.{size}" for family in families for size in FAMILY_SIZES]
    known = {kind for kind in map(instance_type, spread) if kind is not None}
    return tuple(sorted(known, key=lambda kind: (kind.vcpus, kind.memory_mib, kind.name)))


def choose_type(
    types: Sequence[InstanceType], vcpus: float, memory_mib: int, demand_vcpus: float
) -> InstanceType | None:
    """The largest type that demand fills, else the smallest that the job fits on; None where it fits on none."""
    fitting = [kind for kind in types if kind.vcpus >= vcpus and kind.memory_mib >= memory_mib]
    if not fitting:
        return None
    filled = [kind for kind in fitting if kind.vcpus <= demand_vcpus]
    return filled[-1] if filled else fitting[0]
