"""Lines of containers on their way to CloudWatch Logs: gathered for a moment, then put, as the awslogs driver does."""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from batchgauge.localaws.clock import ServerClock

LOG = logging.getLogger(__name__)

LogEvents: TypeAlias = list[dict[str, Any]]
PutLogEvents: TypeAlias = Callable[[str, str, LogEvents, Sequence[int] | None], None]
"""Group, stream, events, and each one's ingestion time in milliseconds (None: now)."""


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
        self._unmade: dict[str, dict[str, list[tuple[float, Iterable[tuple[float, str]]]]]] = {}
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
        """Take lines that were written earlier, with their times in milliseconds; they are made only when somebody looks."""
        self._unmade.setdefault(group, {}).setdefault(stream, []).append((self._clock.now_ms(), lines))

    def materialise(self, group: str | None, stream: str | None) -> None:
        """Put the lines of `write_lines` that are old enough, of this group and stream; None: of all of them."""
        if not self._unmade or self._put is None:
            return
        newest_ms = self._clock.now_ms() - self._delay_ms
        for its_group in [group] if group is not None else list(self._unmade):
            streams = self._unmade.get(its_group, {})
            for its_stream in [stream] if stream is not None else list(streams):
                waiting = streams.pop(its_stream, [])
                late = [taken for taken in waiting if taken[0] > newest_ms]
                if late:
                    streams[its_stream] = late
                for _, lines in waiting[: len(waiting) - len(late)]:
                    self._put_made(its_group, its_stream, lines)
            if not streams:
                self._unmade.pop(its_group, None)

    def _put_made(self, group: str, stream: str, lines: Iterable[tuple[float, str]]) -> None:
        made = list(lines)
        events = [{"timestamp": int(time_ms), "message": message} for time_ms, message in made]
        if events and self._put is not None:
            # That they are all made at the job's end is no delay of theirs.
            self._put(group, stream, events, [int(time_ms + self._delay_ms) for time_ms, _ in made])

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
            self._put(group, stream, events, None)
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
