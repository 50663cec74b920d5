"""Which memory goes with how many vCPUs, for jobs that may run Windows or Linux on Fargate.

Source: "Task CPU and memory" in the Amazon ECS documentation; Windows takes 1, 2 and 4 vCPUs only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STEP_MIB: Final = 1024
MEMORY_MIB: Final[Mapping[str, tuple[int, int]]] = {"1": (2048, 8192), "2": (4096, 16384), "4": (8192, 30720)}
"""vCPUs → the least and the most, in steps of `STEP_MIB`."""


def fits(vcpus: str, memory_mib: int) -> bool:
    """Whether AWS takes a job of this size."""
    least, most = MEMORY_MIB[vcpus]
    return least <= memory_mib <= most and memory_mib % STEP_MIB == 0


def least_memory_mib(vcpus: str) -> int:
    """The smallest that goes with them."""
    return MEMORY_MIB[vcpus][0]
