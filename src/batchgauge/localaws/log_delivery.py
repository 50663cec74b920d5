"""Lines of containers on their way to CloudWatch Logs: gathered for a moment, then put, as the awslogs driver does."""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from batchgauge.localaws.clock import ServerClock

LOG = logging.getLogger(__name__)

LogEvents: TypeAlias = list[dict[str, Any]]
PutLogEvents: TypeAlias = Callable[[str, str, LogEvents], None]


class LogDelivery:
    """Stamps each line with its arrival and puts a batch a stream, some times a second and whenever a stream is flushed.

    `put` is called on the event loop's thread, with ``{"timestamp", "message"}`` in order of time, and only after `open`. With a
    delay, lines are put only once they are so old, whoever flushes.
    """

    def __init__(self, clock: ServerClock, flush_interval_s: float) -> None:
        self._clock = clock
        self._flush_interval_s = flush_interval_s
        self._delay_ms = 0.0
        self._waiting: dict[tuple[str, str], LogEvents] = {}
        self._put: PutLogEvents | None = None
        self._timer: asyncio.TimerHandle | None = None

    def open(self, put: PutLogEvents) -> None:
        """The logs are there now: what has waited for them goes first."""
        self._put = put
        self.flush()

    def set_delay(self, delay_ms: float) -> None:
        """How old a line must be before it can be read; holds for lines that wait already, too."""
        self._delay_ms = delay_ms

    def write_line(self, group: str, stream: str, line: bytes) -> None:
        """Take a line; it becomes visible with the next flush."""
        event = {"timestamp": int(self._clock.now_ms()), "message": line.decode(errors="replace")}
        self._waiting.setdefault((group, stream), []).append(event)
        self._flush_later()

    def write_lines(self, group: str, stream: str, lines: Iterable[tuple[float, str]]) -> None:
        """Take lines that were written earlier, with their times in milliseconds."""
        events = [{"timestamp": int(time_ms), "message": message} for time_ms, message in lines]
        self._waiting.setdefault((group, stream), []).extend(events)
        self._flush_later()

    def _flush_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._flush_interval_s, self._flush_in_time)

    def _flush_in_time(self) -> None:
        self._timer = None
        self.flush()
        if self._waiting and self._put is not None:
            self._flush_later()

    def flush(self) -> None:
        """Put everything that waits."""
        for group, stream in list(self._waiting):
            self.flush_stream(group, stream)

    def flush_stream(self, group: str, stream: str) -> None:
        """Put what waits for one stream, so that a job that has ended has its lines."""
        if self._put is None:
            return
        events = self._due(group, stream)
        if not events:
            return
        try:
            self._put(group, stream, events)
        except Exception:
            LOG.exception("%d log lines for %s %s are lost", len(events), group, stream)

    def _due(self, group: str, stream: str) -> LogEvents:
        events = self._waiting.pop((group, stream), [])
        if self._delay_ms == 0 or not events:
            return events
        newest_ms = self._clock.now_ms() - self._delay_ms
        count = bisect_right(events, newest_ms, key=lambda event: float(event["timestamp"]))
        if count < len(events):
            self._waiting[group, stream] = events[count:]
        return events[:count]
