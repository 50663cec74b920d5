"""A computer whose clock differs from AWS's, and goes at another rate."""

from __future__ import annotations

from dataclasses import dataclass

from batchgauge.ports import Clock


@dataclass(frozen=True, slots=True)
class SkewedClock:
    """`Clock` of ours beside `aws`, which is AWS's: behind it by `offset_ms` at `since_ms` of AWS's clock, and by more as it drifts."""

    aws: Clock
    since_ms: float
    offset_ms: float = 0.0
    drift_ppm: float = 0.0

    def now_ms(self) -> float:
        """UTC milliseconds, as this computer believes; in microseconds, as the real one gives them."""
        aws_ms = self.aws.now_ms()
        gained_ms = self.drift_ppm * 1e-6 * (aws_ms - self.since_ms)
        return round(aws_ms - self.offset_ms - gained_ms, 3)

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        await self.aws.sleep(seconds)
