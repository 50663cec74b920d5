"""ECS's tasks and CloudWatch's Container Insights: AWS's shapes and ours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from batchgauge.core.journal import MetricPoint, TaskSighting
from batchgauge.ports import ClusterMetrics, TaskEnd

NAMESPACE: Final = "ECS/ContainerInsights"
PERIOD_S: Final = 60
"""Container Insights has a value a minute."""
METRICS: Final = {"cpu": "CpuUtilized", "memory": "MemoryUtilized"}
STATISTICS: Final = ("Average", "Maximum")


def read_task(detail: Mapping[str, Any]) -> TaskSighting:
    """A task of DescribeTasks."""
    return TaskSighting(
        task_arn=detail["taskArn"],
        created_ms=_stamp(detail.get("createdAt")),
        pull_started_ms=_stamp(detail.get("pullStartedAt")),
        pull_stopped_ms=_stamp(detail.get("pullStoppedAt")),
        started_ms=_stamp(detail.get("startedAt")),
        stopped_ms=_stamp(detail.get("stoppedAt")),
    )


def read_task_end(answer: Mapping[str, Any]) -> TaskEnd | None:
    """Of DescribeTasks for one task: why it stopped."""
    detail = next(iter(answer["tasks"]), None)
    if detail is None:
        return None
    reasons = [container["reason"] for container in detail.get("containers", ()) if container.get("reason")]
    return TaskEnd(
        stop_code=detail.get("stopCode", ""),
        stopped_reason=detail.get("stoppedReason", ""),
        container_reason=next(iter(reasons), ""),
        last_status=detail.get("lastStatus", ""),
    )


def metric_arguments(cluster: str, begin_ms: float, end_ms: float) -> dict[str, Any]:
    """GetMetricData's arguments: whole minutes around the time that is asked for."""
    period_ms = PERIOD_S * 1000
    dimensions = [{"Name": "ClusterName", "Value": cluster}]
    queries = [
        {
            "Id": f"{name}_{statistic.lower()}",
            "MetricStat": {
                "Metric": {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions},
                "Period": PERIOD_S,
                "Stat": statistic,
            },
        }
        for name, metric in METRICS.items()
        for statistic in STATISTICS
    ]
    return {
        "MetricDataQueries": queries,
        "StartTime": _moment(math.floor(begin_ms / period_ms) * period_ms),
        "EndTime": _moment(math.ceil(end_ms / period_ms) * period_ms),
        "ScanBy": "TimestampAscending",
    }


def read_cluster_metrics(answer: Mapping[str, Any]) -> ClusterMetrics:
    """A page of GetMetricData; runs that are longer than 100,800 values of all four series together are cut off by CloudWatch."""
    series = {
        result["Id"]: dict(zip(map(_stamp, result["Timestamps"]), result["Values"], strict=True))
        for result in answer["MetricDataResults"]
    }
    cpu, memory = (_points(series, name) for name in METRICS)
    return ClusterMetrics(cpu, memory)


def _points(series: Mapping[str, Mapping[float | None, float]], name: str) -> tuple[MetricPoint, ...]:
    averages, maxima = (series.get(f"{name}_{statistic.lower()}", {}) for statistic in STATISTICS)
    return tuple(
        MetricPoint(at_ms=at_ms, average=float(averages[at_ms]), maximum=float(maxima[at_ms]))
        for at_ms in sorted(at_ms for at_ms in averages if at_ms is not None)
        if at_ms in maxima
    )


def _moment(time_ms: float) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC)


def _stamp(moment: datetime | float | None) -> float | None:
    """In whole microseconds, as both forms carry them: a time of botocore's, or seconds since the epoch as ECS has it on the wire."""
    if moment is None:
        return None
    seconds = moment.timestamp() if isinstance(moment, datetime) else moment
    return round(seconds * 1000, 3)
