"""How the event loop learns of a process's output and end: by its file descriptors on Linux, by threads elsewhere."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

READ_BYTES = 64 * 1024

READER_PATIENCE_S = 5.0

HAS_PIDFD = hasattr(os, "pidfd_open")


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Whom to tell, on the event loop's thread; `end_group` alone may be called on any."""

    on_output: Callable[[bytes], None]
    on_end: Callable[[], None]
    end_group: Callable[[], None]
    """Kill what the process has left behind."""


class DescriptorWatch:
    """Output by a non-blocking pipe, the end by a pidfd: no thread at all, thousands of processes at once."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes], callbacks: Callbacks) -> None:
        self._loop = asyncio.get_running_loop()
        self._output = output
        self._callbacks = callbacks
        self._is_reading = True
        os.set_blocking(output.fileno(), False)
        self._pidfd = os.pidfd_open(process.pid)
        self._loop.add_reader(output.fileno(), self._read_once)
        self._loop.add_reader(self._pidfd, self._take_end)

    def _read_once(self) -> bool:
        """Whether there may be more to read."""
        try:
            data = os.read(self._output.fileno(), READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._stop_reading()
            return False
        self._callbacks.on_output(data)
        return True

    def _take_end(self) -> None:
        # Before it is reaped, its number cannot be anyone else's.
        self._callbacks.end_group()
        self._callbacks.on_end()

    def _stop_reading(self) -> None:
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._output.fileno())
            self._output.close()

    def finish(self) -> None:
        """Read what is left in the pipe, then let go of everything; called once the process has ended."""
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        while self._is_reading and self._read_once():
            pass
        self._stop_reading()


class ThreadWatch:
    """Two threads a process: one reads its output, one waits for it."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes], callbacks: Callbacks) -> None:
        self._loop = asyncio.get_running_loop()
        self._callbacks = callbacks
        self._reader = threading.Thread(target=self._read, args=(output,), name=f"read-{process.pid}", daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, args=(process,), name=f"wait-{process.pid}", daemon=True).start()

    def _read(self, output: IO[bytes]) -> None:
        with output:
            while data := os.read(output.fileno(), READ_BYTES):
                self._call(self._callbacks.on_output, data)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._callbacks.end_group()  # what is left of the group holds the output open
        self._reader.join(READER_PATIENCE_S)
        self._call(self._callbacks.on_end)

    def _call(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            return  # the loop has been closed: the server has ended

    def finish(self) -> None:
        """Everything has been read before the end was reported."""


def watch(process: subprocess.Popen[bytes], output: IO[bytes], callbacks: Callbacks) -> DescriptorWatch | ThreadWatch:
    """Watch a process that has just been started, by what this platform has."""
    kind = DescriptorWatch if HAS_PIDFD else ThreadWatch
    return kind(process, output, callbacks)
