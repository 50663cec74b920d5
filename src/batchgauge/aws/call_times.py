"""When the request of the call under way was written, and when its answer had been read."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass


@dataclass(slots=True)
class CallTimes:
    """On our clock; None: not yet, or not known."""

    sent_ms: float | None = None
    received_ms: float | None = None


_times: contextvars.ContextVar[CallTimes | None] = contextvars.ContextVar("call_times", default=None)


def begin_call() -> CallTimes:
    """Where the times of the call that this task makes next will be noted."""
    times = CallTimes()
    _times.set(times)
    return times


def current_call() -> CallTimes | None:
    """The times of the call that this task makes; None for one that nobody times."""
    return _times.get()
