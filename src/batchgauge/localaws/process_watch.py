"""How the event loop learns of a process's output and end: by its file descriptors on Linux, by threads elsewhere."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable
from typing import IO, TypeAlias

READ_BYTES = 64 * 1024

OnOutput: TypeAlias = Callable[[bytes], None]
OnEnd: TypeAlias = Callable[[], None]

HAS_PIDFD = hasattr(os, "pidfd_open")


class DescriptorWatch:
    """Output by a non-blocking pipe, the end by a pidfd: no thread at all, thousands of processes at once."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes], on_output: OnOutput, on_end: OnEnd) -> None:
        self._loop = asyncio.get_running_loop()
        self._output = output
        self._on_output = on_output
        self._is_reading = True
        os.set_blocking(output.fileno(), False)
        self._pidfd = os.pidfd_open(process.pid)
        self._loop.add_reader(output.fileno(), self._read_once)
        self._loop.add_reader(self._pidfd, on_end)

    def _read_once(self) -> bool:
        """Whether there may be more to read."""
        try:
            data = os.read(self._output.fileno(), READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._stop_reading()
            return False
        self._on_output(data)
        return True

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
    """One thread a process: reads to the end of its output, then waits for it."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes], on_output: OnOutput, on_end: OnEnd) -> None:
        self._loop = asyncio.get_running_loop()
        arguments = (process, output, on_output, on_end)
        threading.Thread(target=self._watch, args=arguments, name=f"process-{process.pid}", daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes], output: IO[bytes], on_output: OnOutput, on_end: OnEnd) -> None:
        with output:
            while data := os.read(output.fileno(), READ_BYTES):
                self._call(on_output, data)
        process.wait()
        self._call(on_end)

    def _call(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            return  # the loop has been closed: the server has ended

    def finish(self) -> None:
        """Everything has been read before the end was reported."""


def watch(
    process: subprocess.Popen[bytes], output: IO[bytes], on_output: OnOutput, on_end: OnEnd
) -> DescriptorWatch | ThreadWatch:
    """Watch a process that has just been started, by what this platform has."""
    kind = DescriptorWatch if HAS_PIDFD else ThreadWatch
    return kind(process, output, on_output, on_end)
