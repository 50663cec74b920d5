"""No process of a job outlives its server, whatever becomes of that."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgauge.localaws.job_object import ExtendedLimits, end_children_with_this_process
from batchgauge.localaws.process_guard import ProcessGuard

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfds to see ends without reaping")
LIMIT_S = 60


def has_ended(handle: int) -> bool:
    """Whether the process behind a pidfd has ended, or does so while we wait."""
    return bool(select.select([handle], [], [], LIMIT_S)[0])


def at_once(told: Callable[[], None]) -> None:
    """Instead of an event loop, which waits for what else there is to tell."""
    told()


@pytest.fixture
def sleeper() -> Iterator[Callable[..., tuple[int, int]]]:
    """Starts a process that leads a group, with more in its environment; its number and a pidfd."""
    made: list[tuple[subprocess.Popen[bytes], int]] = []

    def make(**environment: str) -> tuple[int, int]:
        process = subprocess.Popen(
            [sys.executable, "-c", "input()"],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, **environment},
        )
        made.append((process, os.pidfd_open(process.pid)))
        return process.pid, made[-1][1]

    yield make
    for process, handle in made:
        process.kill()
        process.wait(LIMIT_S)
        assert process.stdin is not None
        process.stdin.close()
        os.close(handle)


def test_when_its_pipe_closes_it_kills_those_that_have_not_ended(
    sleeper: Callable[..., tuple[int, int]], tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    (folder / "deep").mkdir(parents=True)
    guard = ProcessGuard(folder, at_once)
    (one, one_handle), (other, other_handle) = sleeper(), sleeper()
    guard.started(one)
    guard.started(other)
    guard.ended(one)
    guard.close()
    assert has_ended(other_handle)
    assert not folder.exists()
    assert not select.select([one_handle], [], [], 0)[0]


def test_one_that_it_was_never_told_of_is_known_by_its_environment(
    sleeper: Callable[..., tuple[int, int]], tmp_path: Path
) -> None:
    folder, other = tmp_path / "work", tmp_path / "other"
    folder.mkdir()
    guard = ProcessGuard(folder, at_once)
    _, handle = sleeper(HOME=str(folder / "task"))
    _, other_handle = sleeper(HOME=str(other / "task"))
    guard.close()
    assert has_ended(handle)
    assert not select.select([other_handle], [], [], 0)[0]


def test_the_terminals_signals_do_not_end_it(sleeper: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    guard = ProcessGuard(tmp_path / "nothing", at_once)
    pid, handle = sleeper()
    guard.started(pid)
    assert guard._process is not None
    wait_until_ignored(guard._process.pid, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        guard._process.send_signal(number)
    guard.close()
    assert has_ended(handle)


def wait_until_ignored(pid: int, *numbers: int) -> None:
    """Until the program has come so far; whoever started the tests may have had some ignored from the first."""
    status = Path(f"/proc/{pid}/status")
    while True:
        mask = next(line for line in status.read_text().splitlines() if line.startswith("SigIgn:")).split()[1]
        if all(int(mask, 16) >> (number - 1) & 1 for number in numbers):
            return


def test_where_it_was_killed_itself_the_server_goes_on(
    sleeper: Callable[..., tuple[int, int]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    guard = ProcessGuard(tmp_path / "nothing", at_once)
    assert guard._process is not None
    guard._process.kill()
    guard._process.wait(LIMIT_S)
    pid, _ = sleeper()
    guard.started(pid)
    guard.ended(pid)
    guard.close()
    assert len(caplog.records) == 1


def test_a_server_that_is_killed_takes_its_jobs_processes_along(
    start_server: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server()
    written = tmp_path / "pids"
    # The container's first process, and one that has left its session.
    script = f'setsid sleep 1000 & echo $$ $! "$PWD" > {written}.new; mv {written}.new {written}; wait'
    server.submit(containerOverrides={"command": ["sh", "-c", script]})
    first, second, folder = server.until(lambda: written.read_text().split() if written.exists() else None)
    handles = [os.pidfd_open(int(pid)) for pid in (first, second)]
    server.process.send_signal(signal.SIGKILL)
    assert all(has_ended(handle) for handle in handles)
    server.until(lambda: True if not Path(folder).parent.exists() else None)
    for handle in handles:
        os.close(handle)


@pytest.mark.skipif(sys.maxsize < 2**32, reason="of 64 bits")
def test_what_windows_is_told_has_the_size_that_it_wants() -> None:
    assert ctypes.sizeof(ExtendedLimits) == 144  # winnt.h, x64
    assert end_children_with_this_process() is (sys.platform == "win32")
