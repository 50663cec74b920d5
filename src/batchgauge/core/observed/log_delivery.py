"""How long CloudWatch Logs took to take in what the jobs wrote."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import LogLook


class LogDelivery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a job's log stream held when it was read after the job had ended."""

    lines: int
    delays_ms: tuple[float, ...] = ()
    """ingestionTime - timestamp of each line: the writer's clock to the service's. Never clamped."""
    first_line_ms: float | None = None
    last_line_ms: float | None = None
    is_truncated: bool = False
    error: str | None = None

    @property
    def mean_delay_ms(self) -> float | None:
        """Of all lines; None where there is none."""
        return math.fsum(self.delays_ms) / len(self.delays_ms) if self.delays_ms else None


def log_delivery(look: LogLook) -> LogDelivery:
    """What one look into a log stream tells."""
    stamps = [float(timestamp) for timestamp, _ in look.lines]
    return LogDelivery(
        lines=len(look.lines),
        delays_ms=tuple(float(ingestion - timestamp) for timestamp, ingestion in look.lines),
        first_line_ms=min(stamps, default=None),
        last_line_ms=max(stamps, default=None),
        is_truncated=look.is_truncated,
        error=look.error,
    )


def delay_bounds(deliveries: Sequence[LogDelivery]) -> list[Bound]:
    """The delays of all lines of all jobs."""
    return [exactly(delay) for delivery in deliveries for delay in delivery.delays_ms]
