"""When to try again, and how long to wait before."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from batchgauge.ports import Reply


@dataclass(frozen=True, slots=True)
class BackOff:
    """Exponential back-off with full jitter (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015)."""

    first_s: float = 0.25
    longest_s: float = 8.0
    max_tries: int = 20

    def wait_s(self, tries: int, reply: Reply[object], chance: random.Random) -> float:
        """How long to wait after the `tries`-th try (from 1); a hint of the server's is a lower bound."""
        window = min(self.longest_s, self.first_s * 2 ** (tries - 1))
        return max(chance.uniform(0, window), reply.retry_after_s or 0.0)


SUBMIT_BACK_OFF: Final = BackOff()
READ_BACK_OFF: Final = BackOff(first_s=0.5, longest_s=20.0, max_tries=6)
