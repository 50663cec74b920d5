"""CloudWatch Logs for virtual jobs: streams of lines with their times, a page at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from batchgauge.batchmodel.boundary import VirtualOutput

PAGE_SIZE = 10_000
TOKEN_PREFIX = "f/"  # noqa: S105 - not a password


class LogStreams:
    """Every stream's output; a line can be read `delay_ms` after it was written, and not before its job has ended."""

    def __init__(self, delay_ms: float) -> None:
        self._delay_ms = delay_ms
        self._outputs: dict[tuple[str, str], VirtualOutput] = {}

    def add(self, output: VirtualOutput) -> None:
        """A job has ended; its lines are made when somebody reads them."""
        self._outputs[output.log_group, output.log_stream] = output

    def page(self, arguments: Mapping[str, Any], now_ms: float) -> dict[str, Any] | None:
        """GetLogEvents from the head; None where there is no such stream."""
        output = self._outputs.get((arguments["logGroupName"], arguments["logStreamName"]))
        if output is None:
            return None
        start = int(arguments.get("nextToken", TOKEN_PREFIX + "0").removeprefix(TOKEN_PREFIX))
        lines = list(output.lines)
        there = bisect_right(lines, now_ms - self._delay_ms, key=lambda line: line[0])
        end = max(start, min(start + PAGE_SIZE, there))
        events = [self._event(time_ms, message) for time_ms, message in lines[start:end]]
        return {"events": events, "nextForwardToken": f"{TOKEN_PREFIX}{end}"}

    def _event(self, time_ms: float, message: str) -> dict[str, Any]:
        return {"timestamp": int(time_ms), "ingestionTime": int(time_ms + self._delay_ms), "message": message}

    def names(self) -> Sequence[tuple[str, str]]:
        """Groups and streams, in the order of their jobs' ends."""
        return list(self._outputs)
