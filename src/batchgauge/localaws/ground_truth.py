"""The truth that no AWS API tells: every transition with its exact time and cause."""

from __future__ import annotations

from collections import deque
from io import BufferedWriter
from pathlib import Path

import orjson

from batchgauge.batchmodel.boundary import Transition

MAX_KEPT = 200_000
"""In memory, the newest; the file has them all."""


class GroundTruth:
    """Keeps the newest transitions, and appends all of them to a file where one is named (a JSON object a line)."""

    def __init__(self, path: Path | None = None) -> None:
        """Opens `path` for appending; OSError where it cannot be."""
        self.newest: deque[Transition] = deque(maxlen=MAX_KEPT)
        self._file: BufferedWriter | None = path.open("ab") if path is not None else None

    def append(self, transition: Transition) -> None:
        """Note one; reaches the disk with the next `flush`."""
        self.newest.append(transition)
        if self._file is not None:
            self._file.write(_line(transition))

    def flush(self) -> None:
        """Hand what has been noted to the operating system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Flush and close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _line(transition: Transition) -> bytes:
    document = {
        "jobId": transition.job_id,
        "timeMs": transition.time_ms,
        "fromState": transition.from_state,
        "toState": transition.to_state,
        "attempt": transition.attempt,
        "cause": transition.cause,
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
