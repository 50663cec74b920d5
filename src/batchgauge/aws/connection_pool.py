"""Connections to one server, opened before they are needed; whoever finds none free waits in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, cast

from batchgauge.aws.http_connection import Exchange, HttpConnection

OPENING_AT_ONCE: Final = 50
"""More handshakes at once only make each of them slower, and a server may refuse them."""
LONGEST_IDLE_S: Final = 15.0
"""A connection that was idle for longer is replaced before anything is sent on it: servers close idle ones, and what is written to one
that is being closed is lost without an answer. Well below what AWS's load balancers grant."""
UPKEEP_S: Final = 1.0

Connect = Callable[[Callable[[HttpConnection], None], Callable[[HttpConnection], None]], Awaitable[HttpConnection]]
"""Opens a connection with what it is to call when it is free and when it is lost; raises a botocore exception where it cannot."""


class ConnectionPool:
    """At most `most` connections; the one that was idle longest is used next, so that all are kept alive."""

    def __init__(self, connect: Connect, most: int) -> None:
        self._connect = connect
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._all: set[HttpConnection] = set()
        self._idle: deque[HttpConnection] = deque()
        self._waiting: deque[Exchange] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._wanted = 0
        self._upkeep: asyncio.Task[None] | None = None

    @property
    def open_connections(self) -> int:
        """How many there are, in use or idle."""
        return len(self._all)

    def start(self, exchange: Exchange) -> bool:
        """Write the request before this returns, if a connection is free; or else as soon as one is. Whether it need not wait."""
        while self._idle:
            connection = self._idle.popleft()
            if not connection.is_usable or self._loop.time() - connection.idle_since_s > LONGEST_IDLE_S:
                connection.close()
                continue
            if not connection.begin(exchange):
                self._idle.append(connection)
            return True
        self._waiting.append(exchange)
        self._open_for_waiting()
        return False

    async def warm_up(self, connections: int) -> None:
        """Open so many, and keep so many open until `cool_down`."""
        self._wanted = min(connections, self._most)
        self._close_idle()
        await self._top_up()
        if self._upkeep is None:
            self._upkeep = asyncio.create_task(self._keep_warm())

    def cool_down(self) -> None:
        """Close what is idle, and open nothing more that nobody waits for."""
        self._wanted = 0
        if self._upkeep is not None:
            self._upkeep.cancel()
            self._upkeep = None
        self._close_idle(longest_s=0.0)

    async def close(self) -> None:
        """Close all, whatever is under way."""
        self.cool_down()
        opening = list(self._opening)
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        for connection in list(self._all):
            connection.close()
        for exchange in self._waiting:
            exchange.answer.cancel()
        self._waiting.clear()
        await asyncio.sleep(0)  # the transports tell of their end in the loop's next turn

    async def _keep_warm(self) -> None:
        while True:
            await asyncio.sleep(UPKEEP_S)
            self._close_idle()
            await self._top_up()

    async def _top_up(self) -> None:
        if self._wanted and not self._all and not self._opening:
            await self._begin_opening(self._open())
            if not self._all:  # nobody is there: a hundred times as many tries would only take longer to tell
                return
        missing = self._wanted - len(self._all) - len(self._opening)
        places = asyncio.Semaphore(OPENING_AT_ONCE)

        async def one() -> None:
            async with places:
                await self._open()

        tasks = [self._begin_opening(one()) for _ in range(missing)]
        await asyncio.gather(*tasks, return_exceptions=True)

    def _open_for_waiting(self) -> None:
        """Every request that waits has a connection being opened for it, up to the bound; beyond, those in use serve it in turn."""
        while len(self._opening) < len(self._waiting) and len(self._all) + len(self._opening) < self._most:
            self._begin_opening(self._open())

    def _begin_opening(self, opening: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(opening)
        self._opening.add(task)
        return task

    async def _open(self) -> None:
        failure = None
        try:
            connection = await self._connect(self._freed, self._lost)
        except Exception as error:
            failure = error
        finally:
            self._opening.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        if failure is not None:
            self._not_opened(failure)
            return
        self._all.add(connection)
        self._freed(connection)

    def _not_opened(self, error: Exception) -> None:
        """One that waits meets with it: it would have been sent on this connection."""
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.answer.done():
                exchange.answer.set_exception(error)
                break
        self._open_for_waiting()

    def _freed(self, connection: HttpConnection) -> None:
        while self._waiting:
            if connection.begin(self._waiting.popleft()):
                return
        self._idle.append(connection)

    def _lost(self, connection: HttpConnection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._open_for_waiting()

    def _close_idle(self, longest_s: float = LONGEST_IDLE_S) -> None:
        earliest_s = self._loop.time() - longest_s
        while self._idle and self._idle[0].idle_since_s <= earliest_s:
            self._idle.popleft().close()
