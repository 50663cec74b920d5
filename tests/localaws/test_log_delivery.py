"""Lines wait for the logs to be there, keep their time of arrival, and are put in batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from batchgauge.localaws.clock import ServerClock
from batchgauge.localaws.log_delivery import LogDelivery

Put = tuple[str, str, list[dict[str, Any]]]


class Logs:
    """What was put, and a way to wait for it."""

    def __init__(self) -> None:
        self.puts: list[Put] = []
        self.ingestions: list[Sequence[int] | None] = []
        self.arrived = asyncio.Event()

    def put(self, group: str, stream: str, events: list[dict[str, Any]], ingestion_ms: Sequence[int] | None) -> None:
        if group == "/broken":
            raise RuntimeError(group)
        self.puts.append((group, stream, events))
        self.ingestions.append(ingestion_ms)
        self.arrived.set()


def delivering(scenario: Callable[[LogDelivery, Logs], Awaitable[None]], flush_interval_s: float = 3600.0) -> None:
    async def run() -> None:
        await asyncio.wait_for(scenario(LogDelivery(ServerClock(), flush_interval_s), Logs()), 30)

    asyncio.run(run())


def test_lines_wait_until_the_logs_are_open() -> None:
    async def scenario(delivery: LogDelivery, logs: Logs) -> None:
        before_ms = int(ServerClock().now_ms())
        delivery.write_line("/g", "s", b"one")
        delivery.flush_stream("/g", "s")
        assert logs.puts == []
        delivery.open(logs.put)
        [(_, _, [event])] = logs.puts
        assert event["message"] == "one"
        assert before_ms - 1 <= event["timestamp"] <= ServerClock().now_ms() + 1

    delivering(scenario)


def test_a_flushed_stream_is_put_whole_and_alone() -> None:
    async def scenario(delivery: LogDelivery, logs: Logs) -> None:
        delivery.open(logs.put)
        for line in (b"one", b"two \xff", b"three"):
            delivery.write_line("/g", "s", line)
        delivery.write_line("/g", "other", b"x")
        delivery.flush_stream("/g", "s")
        delivery.flush_stream("/g", "s")
        [(group, stream, events)] = logs.puts
        assert (group, stream) == ("/g", "s")
        assert [event["message"] for event in events] == ["one", "two \ufffd", "three"]

    delivering(scenario)


def test_lines_are_put_after_a_moment_without_being_asked() -> None:
    async def scenario(delivery: LogDelivery, logs: Logs) -> None:
        delivery.open(logs.put)
        delivery.write_line("/g", "s", b"one")
        assert logs.puts == []
        await logs.arrived.wait()
        assert len(logs.puts) == 1

    delivering(scenario, flush_interval_s=0.01)


def test_lines_that_cannot_be_put_do_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(delivery: LogDelivery, logs: Logs) -> None:
        delivery.open(logs.put)
        delivery.write_line("/broken", "s", b"one")
        delivery.write_line("/g", "s", b"two")
        delivery.flush()
        assert [group for group, _, _ in logs.puts] == ["/g"]

    delivering(scenario)
    assert "1 log lines for /broken s are lost" in caplog.text


def test_with_a_delay_lines_wait_until_they_are_old_enough_whoever_flushes() -> None:
    async def scenario(delivery: LogDelivery, logs: Logs) -> None:
        delivery.open(logs.put)
        delivery.set_delay(3_600_000)
        delivery.write_line("/g", "s", b"one")
        delivery.flush_stream("/g", "s")
        delivery.flush()
        assert logs.puts == []
        delivery.set_delay(0)
        delivery.flush()
        assert [event["message"] for event in logs.puts[0][2]] == ["one"]

    delivering(scenario)


def test_lines_of_virtual_jobs_are_made_when_somebody_looks() -> None:
    async def scenario(delivery: LogDelivery, logs: Logs) -> None:
        made: list[int] = []

        def lines(number: int) -> Iterator[tuple[float, str]]:
            made.append(number)
            yield 1000.7, f"line of {number}"

        for number in range(3):
            delivery.write_lines("/g", f"s{number}", lines(number))
        delivery.write_lines("/other", "s", lines(9))
        delivery.materialise("/g", "s1")
        assert made == []  # the logs are not there yet
        delivery.open(logs.put)
        delivery.flush()
        delivery.materialise("/g", "s1")
        delivery.materialise("/g", "nobody")
        assert made == [1]
        assert logs.puts == [("/g", "s1", [{"timestamp": 1000, "message": "line of 1"}])]
        assert logs.ingestions == [[1000]]  # not when the job ended
        delivery.materialise("/g", None)
        assert made == [1, 0, 2]
        delivery.set_delay(3_600_000)
        delivery.materialise(None, None)
        assert made == [1, 0, 2]
        delivery.set_delay(0)
        delivery.materialise(None, None)
        assert made == [1, 0, 2, 9]

    delivering(scenario)
