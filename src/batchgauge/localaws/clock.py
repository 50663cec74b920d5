"""The server's one clock: wall time at its start, then monotonic, so that it never goes backwards."""

from __future__ import annotations

import time


class ServerClock:
    """Milliseconds since the Unix epoch."""

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()

    def now_ms(self) -> float:
        """Now, with microseconds in the fraction."""
        return (time.monotonic_ns() + self._offset_ns) / 1e6

    def advance_to(self, time_ms: float) -> None:
        """Never again before this time: an earlier server's clock may have been ahead of this machine's."""
        behind_ms = time_ms - self.now_ms()
        if behind_ms > 0:
            self._offset_ns += int(behind_ms * 1e6) + 1
