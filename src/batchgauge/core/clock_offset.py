"""How far AWS's clock is from ours, as a bound, from the jobs themselves.

A job's ``createdAt`` was set while its SubmitJob call was under way, so with ``aws = ours + offset``:
``sent ≤ createdAt - offset ≤ received``. Each accepted call gives such a bound; their intersection is as narrow as the luckiest calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from batchgauge.core.bound import UNKNOWN, Bound, hull

AWS_RESOLUTION_MS: Final = 1.0
"""AWS's time stamps are whole milliseconds, cut off: the moment lies in [stamp, stamp + 1 ms)."""


class ClockOffset(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """AWS's clock minus ours."""

    offset_ms: Bound
    jobs: int
    """How many accepted calls it rests on."""
    is_contradicted: bool = False
    """No one offset satisfies all calls (a clock was set, or drifts): the bound is then the hull of all of them."""


def estimate_clock_offset(calls: Iterable[tuple[float, float, float]]) -> ClockOffset:
    """From (sent, received, createdAt) of each accepted SubmitJob call; unknown for none."""
    bounds = [Bound(created - received, created + AWS_RESOLUTION_MS - sent) for sent, received, created in calls]
    offset = UNKNOWN
    for bound in bounds:
        offset = offset.intersect(bound)
    if offset.is_empty:
        return ClockOffset(offset_ms=hull(bounds), jobs=len(bounds), is_contradicted=True)
    return ClockOffset(offset_ms=offset, jobs=len(bounds))
