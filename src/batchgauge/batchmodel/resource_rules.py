"""Which vCPU and memory values a job may ask for, on EC2 and on Fargate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from batchgauge.batchmodel.capacity import Requirement
from batchgauge.batchmodel.refusals import client_error, invalid_request

GIB: Final = 1024
FARGATE_MEMORY_MIB: Final[Mapping[float, Sequence[int]]] = {
    0.25: (512, 1 * GIB, 2 * GIB),
    0.5: range(1 * GIB, 4 * GIB + 1, GIB),
    1.0: range(2 * GIB, 8 * GIB + 1, GIB),
    2.0: range(4 * GIB, 16 * GIB + 1, GIB),
    4.0: range(8 * GIB, 30 * GIB + 1, GIB),
    8.0: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16.0: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
    32.0: (60 * GIB, 120 * GIB, 244 * GIB),
}
"""The API reference, `ResourceRequirement`."""
WINDOWS_VCPUS: Final = frozenset({1.0, 2.0, 4.0})
MIN_MEMORY_MIB: Final = 4


def merged_requirements(
    base: Sequence[Mapping[str, str]], override: Sequence[Mapping[str, str]]
) -> list[dict[str, str]]:
    """The definition's requirements, each replaced by the override's of the same type."""
    merged = {entry["type"]: entry["value"] for entry in base}
    merged.update({entry["type"]: entry["value"] for entry in override})
    return [{"value": value, "type": kind} for kind, value in merged.items()]


def requirement_of(container: Mapping[str, Any]) -> Requirement:
    """vCPUs and memory of container properties: ``resourceRequirements`` first, the older fields where it has none."""
    given = {entry["type"]: entry["value"] for entry in container.get("resourceRequirements", ())}
    vcpus = given.get("VCPU", container.get("vcpus"))
    memory = given.get("MEMORY", container.get("memory"))
    if vcpus is None:
        raise invalid_request("vCPU is not provided.")
    if memory is None:
        raise invalid_request("Memory is not provided.")
    return Requirement(_number(vcpus, "VCPU"), int(_number(memory, "MEMORY")))


def _number(value: object, kind: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 < number < 1e9 or (kind == "MEMORY" and number != int(number)):
        raise client_error(f"Resource requirement {kind} has an invalid value: {value}")
    return number


def check_fargate(requirement: Requirement, is_windows: bool) -> None:
    """Refuse what Fargate has no size for."""
    vcpus, memory_mib = requirement
    is_size = memory_mib in FARGATE_MEMORY_MIB.get(vcpus, ())
    if not is_size or (is_windows and vcpus not in WINDOWS_VCPUS):
        raise client_error(f"Fargate resource requirements ({vcpus:.2f} vCPU, {memory_mib} MiB) not valid.")


def check_ec2(requirement: Requirement) -> None:
    """Refuse what no container on EC2 may ask for."""
    if requirement.vcpus < 1 or requirement.vcpus != int(requirement.vcpus):
        raise client_error(
            f"Resource requirement VCPU must be a whole number of at least 1 on EC2: {requirement.vcpus}"
        )
    if requirement.memory_mib < MIN_MEMORY_MIB:
        raise client_error(f"Resource requirement MEMORY must be at least {MIN_MEMORY_MIB} MiB")
