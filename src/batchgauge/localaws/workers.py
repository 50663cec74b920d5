"""Threads that run what must not hold up the event loop, and that never hold up the end of the process."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

LOG = logging.getLogger(__name__)
T = TypeVar("T")


class DaemonWorkers:
    """A pool like ThreadPoolExecutor, but of daemon threads: a long poll of 20 s does not keep a server from ending."""

    def __init__(self, count: int, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        for index in range(count):
            threading.Thread(target=self._work, name=f"{name}-{index}", daemon=True).start()

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            try:
                task()
            except Exception:
                LOG.exception("a background task failed")

    def submit(self, task: Callable[[], None]) -> None:
        """Run it some time."""
        self._tasks.put(task)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run it and wait for its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(setter: Callable[[Any], None], value: object) -> None:
            if not future.cancelled():
                setter(value)

        def task() -> None:
            try:
                result = function(*arguments)
            except Exception as error:
                loop.call_soon_threadsafe(settle, future.set_exception, error)
            else:
                loop.call_soon_threadsafe(settle, future.set_result, result)

        self._tasks.put(task)
        return await future
