"""What CloudWatch's Container Insights says the jobs' tasks used."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import msgspec

from batchgauge.core.journal import MetricLook, MetricPoint


class ClusterUse(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One cluster, between the first start and the last stop of the run's jobs; whatever else ran in it is in these figures too.

    The figures are None where the cluster has no such metrics: Container Insights is then not turned on for it.
    """

    cluster: str
    minutes: int = 0
    """How many minutes have a value."""
    cpu_units_mean: float | None = None
    """The mean over the minutes of the average over the tasks; 1,024 units are a vCPU."""
    cpu_units_max: float | None = None
    """The largest of one task in one minute."""
    memory_mib_mean: float | None = None
    memory_mib_max: float | None = None
    error: str | None = None
    """Why they could not be read."""


def cluster_use(look: MetricLook) -> ClusterUse:
    """One read of one cluster in a few figures."""
    return ClusterUse(
        cluster=look.cluster,
        minutes=len(look.cpu_units),
        cpu_units_mean=_mean(look.cpu_units),
        cpu_units_max=max((point.maximum for point in look.cpu_units), default=None),
        memory_mib_mean=_mean(look.memory_mib),
        memory_mib_max=max((point.maximum for point in look.memory_mib), default=None),
        error=look.error,
    )


def _mean(points: Sequence[MetricPoint]) -> float | None:
    return fsum(point.average for point in points) / len(points) if points else None
