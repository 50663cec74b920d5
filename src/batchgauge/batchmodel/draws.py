"""Randomness without a state: what is drawn depends on the seed, on what it is for and on its number, never on the order of drawing.

So a job's start-up stays the same whatever happens to the other jobs, and runs that differ in one setting can be compared job by job.
"""

from __future__ import annotations

from hashlib import blake2b
from math import exp
from statistics import NormalDist
from struct import unpack, unpack_from
from typing import Final

from batchgauge.batchmodel.boundary import Distribution

_INVERSE_NORMAL: Final = NormalDist().inv_cdf
_STEP: Final = 2.0**-52
"""52 bits and a half: neither 0 nor 1, where the quantile would be infinite."""


class Draws:
    """Draws of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._prepared: dict[str, blake2b] = {}

    def _digest(self, purpose: str, number: int) -> bytes:
        """64 random bytes. What seed and purpose contribute is hashed once, and copied then."""
        prepared = self._prepared.get(purpose)
        if prepared is None:
            prepared = self._prepared[purpose] = blake2b(f"{self._seed}/{purpose}/".encode())
        hashed = prepared.copy()
        hashed.update(b"%d" % number)
        return hashed.digest()

    def hexadecimal(self, purpose: str, number: int) -> str:
        """32 random hexadecimal digits."""
        return self._digest(purpose, number)[:16].hex()

    def uuid(self, purpose: str, number: int) -> str:
        """A random UUID (version 4)."""
        digest = self._digest(purpose, number)
        digits = digest[:16].hex()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[digest[8] & 3]}{digits[17:20]}-{digits[20:]}"

    def normals(self, purpose: str, number: int, count: int) -> list[float]:
        """`count` (at most 8) independent standard normal values."""
        words = unpack(f">{count}Q", self._digest(purpose, number)[: 8 * count])
        return [_INVERSE_NORMAL(((word >> 12) + 0.5) * _STEP) for word in words]

    def attempt(self, number: int) -> tuple[str, float, float, float]:
        """What every attempt needs, of one digest: its task's id and three independent standard normal values."""
        digest = self._digest("attempt", number)
        first, second, third = unpack_from(">3Q", digest, 16)
        return (
            digest[:16].hex(),
            _INVERSE_NORMAL(((first >> 12) + 0.5) * _STEP),
            _INVERSE_NORMAL(((second >> 12) + 0.5) * _STEP),
            _INVERSE_NORMAL(((third >> 12) + 0.5) * _STEP),
        )

    def share(self, purpose: str, number: int) -> float:
        """A value between 0 and 1, neither of them."""
        (word,) = unpack_from(">Q", self._digest(purpose, number))
        return float(((word >> 12) + 0.5) * _STEP)


def duration_ms(distribution: Distribution, normal: float) -> float:
    """The log-normal duration that a standard normal value stands for."""
    if distribution.sigma == 0:
        return distribution.median_ms
    return distribution.median_ms * exp(distribution.sigma * normal)
