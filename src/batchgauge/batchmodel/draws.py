"""Randomness without a state: what is drawn depends on the seed, on what it is for and on its number, never on the order of drawing.

So a job's start-up stays the same whatever happens to the other jobs, and runs that differ in one setting can be compared job by job.
"""

from __future__ import annotations

from hashlib import blake2b
from math import exp
from statistics import NormalDist
from struct import unpack

from batchgauge.batchmodel.boundary import Distribution

_INVERSE_NORMAL = NormalDist().inv_cdf
_STEP = 2.0**-52


class Draws:
    """Draws of one seed."""

    def __init__(self, seed: int) -> None:
        self._key = str(seed).encode()[:64]

    def hexadecimal(self, purpose: str, number: int) -> str:
        """32 random hexadecimal digits."""
        return blake2b(f"{purpose}/{number}".encode(), digest_size=16, key=self._key).hexdigest()

    def uuid(self, purpose: str, number: int) -> str:
        """A random UUID (version 4)."""
        digits = self.hexadecimal(purpose, number)
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def normals(self, purpose: str, number: int, count: int) -> list[float]:
        """`count` (at most 8) independent standard normal values."""
        digest = blake2b(f"{purpose}/{number}".encode(), digest_size=8 * count, key=self._key).digest()
        # 52 bits and a half: neither 0 nor 1, where the quantile would be infinite.
        return [_INVERSE_NORMAL(((word >> 12) + 0.5) * _STEP) for word in unpack(f">{count}Q", digest)]


def duration_ms(distribution: Distribution, normal: float) -> float:
    """The log-normal duration that a standard normal value stands for."""
    if distribution.sigma == 0:
        return distribution.median_ms
    return distribution.median_ms * exp(distribution.sigma * normal)
