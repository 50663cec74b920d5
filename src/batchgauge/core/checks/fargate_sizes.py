"""Which vCPU and memory go together on Fargate: the AWS Batch API's ResourceRequirement, and its user guide for Windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

MIB_PER_GB: Final = 1024


def _steps(first_gb: int, last_gb: int, step_gb: int = 1) -> tuple[int, ...]:
    return tuple(gb * MIB_PER_GB for gb in range(first_gb, last_gb + 1, step_gb))


LINUX_SIZES: Final[Mapping[float, Sequence[int]]] = {
    0.25: (512, 1024, 2048),
    0.5: _steps(1, 4),
    1.0: _steps(2, 8),
    2.0: _steps(4, 16),
    4.0: _steps(8, 30),
    8.0: _steps(16, 60, 4),
    16.0: _steps(32, 120, 8),
    32.0: (60 * MIB_PER_GB, 120 * MIB_PER_GB, 244 * MIB_PER_GB),
}
WINDOWS_SIZES: Final[Mapping[float, Sequence[int]]] = {size: LINUX_SIZES[size] for size in (1.0, 2.0, 4.0)}


def memory_for(vcpus: float, *, is_windows: bool) -> Sequence[int]:
    """The MiB that a task of so many vCPUs may have; none where there is no such size."""
    return (WINDOWS_SIZES if is_windows else LINUX_SIZES).get(vcpus, ())


def vcpu_sizes(*, is_windows: bool) -> tuple[float, ...]:
    """The vCPUs that a task may have."""
    return tuple(WINDOWS_SIZES if is_windows else LINUX_SIZES)
