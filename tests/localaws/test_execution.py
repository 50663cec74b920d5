"""Processes are really started, signalled and ended, and their output arrives whole before their end does."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from batchgauge.batchmodel.boundary import ProcessEnded, ProcessStarted, SignalProcess, StartProcess
from batchgauge.localaws import process_watch
from batchgauge.localaws.execution import MAX_LINE_BYTES, ProcessExecution

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of a POSIX machine")
LIMIT_S = 60


@dataclass
class Recorder:
    """What an execution reported, in order."""

    happened: list[tuple[str, object]] = field(default_factory=list)
    ended: asyncio.Queue[ProcessEnded] = field(default_factory=asyncio.Queue)
    line: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    def write_line(self, group: str, stream: str, line: bytes) -> None:
        self.happened.append(("line", line))
        self.line.put_nowait(line)

    def flush_stream(self, group: str, stream: str) -> None:
        self.happened.append(("flush", stream))

    def tell(self, told: ProcessStarted | ProcessEnded) -> None:
        if isinstance(told, ProcessStarted):
            self.happened.append(("started", told.task_id))
            return
        self.happened.append(("ended", told.task_id))
        self.ended.put_nowait(told)

    @property
    def lines(self) -> list[object]:
        return [what for kind, what in self.happened if kind == "line"]


@pytest.fixture(params=["descriptors", "threads"])
def watching(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both ways of watching, so that what macOS and Windows use is tested here too."""
    if request.param == "descriptors" and not process_watch.HAS_PIDFD:
        pytest.skip("no pidfd here")
    monkeypatch.setattr(process_watch, "HAS_PIDFD", request.param == "descriptors")
    return iter(())


def start_of(*command: str, task_id: str = "task1", **environment: str) -> StartProcess:
    return StartProcess(task_id, "job1", 1, command, environment, "LINUX", "/group", "stream")


def running(scenario: Callable[[ProcessExecution, Recorder], Awaitable[None]]) -> Recorder:
    async def run() -> Recorder:
        recorder = Recorder()
        execution = ProcessExecution({"AWS_REGION": "eu-west-1"}, recorder, recorder.tell)
        try:
            await asyncio.wait_for(scenario(execution, recorder), LIMIT_S)
        finally:
            execution.close()
        return recorder

    return asyncio.run(run())


def ran(*command: str, **environment: str) -> tuple[ProcessEnded, Recorder]:
    found: list[ProcessEnded] = []

    async def scenario(execution: ProcessExecution, recorder: Recorder) -> None:
        execution.start(start_of(*command, **environment))
        found.append(await recorder.ended.get())

    recorder = running(scenario)
    return found[0], recorder


@pytest.mark.usefixtures("watching")
def test_output_of_both_kinds_arrives_in_order_and_before_the_end() -> None:
    ended, recorder = ran("sh", "-c", "echo one; echo two >&2; echo; printf three; exit 3")
    assert ended == ProcessEnded("task1", 3)
    assert recorder.happened == [
        ("started", "task1"),
        ("line", b"one"),
        ("line", b"two"),
        ("line", b"three"),
        ("flush", "stream"),
        ("ended", "task1"),
    ]


@pytest.mark.usefixtures("watching")
def test_a_lot_of_output_arrives_whole() -> None:
    _, recorder = ran("sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
    assert recorder.lines == [f"line {number}".encode() for number in range(20000)]


def test_a_line_without_end_is_cut() -> None:
    _, recorder = ran("sh", "-c", f"head -c {MAX_LINE_BYTES * 2 + 5} /dev/zero | tr '\\0' x")
    assert [len(line) for line in recorder.lines if isinstance(line, bytes)] == [MAX_LINE_BYTES, MAX_LINE_BYTES, 5]


def test_a_job_sees_its_own_environment_and_not_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_SERVER", "x")
    _, recorder = ran("env", AWS_BATCH_JOB_ID="j", AWS_REGION="us-east-1")
    environment = dict(line.decode().split("=", 1) for line in recorder.lines if isinstance(line, bytes))
    assert environment["AWS_BATCH_JOB_ID"] == "j"
    assert environment["AWS_REGION"] == "us-east-1"  # the definition's word counts more than ours
    assert set(environment) <= {"PATH", "HOME", "LANG", "AWS_BATCH_JOB_ID", "AWS_REGION", "PWD", "OLDPWD", "SHLVL", "_"}
    assert environment["PATH"].endswith(os.environ["PATH"])


def test_a_job_works_in_a_folder_of_its_own_that_goes_with_it() -> None:
    _, recorder = ran("sh", "-c", "pwd; echo x > file; mkdir sub; ls")
    folder = Path(str(recorder.lines[0], "utf-8") if isinstance(recorder.lines[0], bytes) else "")
    assert recorder.lines[1:] == [b"file", b"sub"]
    assert folder.name == "task1"
    assert not folder.parent.exists()


def test_standard_input_is_empty() -> None:
    ended, recorder = ran("cat")
    assert (ended.exit_code, recorder.lines) == (0, [])


def test_a_program_that_is_not_there_ends_with_a_reason() -> None:
    ended, _ = ran("no-such-program")
    assert ended.exit_code is None
    assert ended.reason is not None
    assert ended.reason.startswith("CannotStartContainerError: ")


def test_a_file_that_is_no_program_ends_with_a_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELFnothing")
    broken.chmod(0o755)
    ended, _ = ran(str(broken))
    assert ended.exit_code is None
    assert ended.reason is not None


def test_a_nul_in_an_argument_ends_with_a_reason() -> None:
    ended, _ = ran("echo", "a\0b")
    assert ended.exit_code is None


@pytest.mark.usefixtures("watching")
@pytest.mark.parametrize(("signal", "exit_code"), [("term", 143), ("kill", 137)])
def test_a_signal_reaches_the_whole_group(signal: str, exit_code: int) -> None:
    async def scenario(execution: ProcessExecution, recorder: Recorder) -> None:
        execution.start(start_of("sh", "-c", "sleep 1000 & echo $!; wait"))
        child = int(await recorder.line.get())
        execution.signal(SignalProcess("task1", "kill" if signal == "kill" else "term"))
        assert (await recorder.ended.get()).exit_code == exit_code
        await until_gone(child)

    running(scenario)


async def until_gone(pid: int) -> None:
    while is_alive(pid):  # noqa: ASYNC110 - nobody tells of a foreign process
        await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # One that nobody waits for has ended all the same.
    return not (status.exists() and ") Z " in status.read_text())


@pytest.mark.usefixtures("watching")
def test_what_a_container_leaves_behind_dies_with_it() -> None:
    async def scenario(execution: ProcessExecution, recorder: Recorder) -> None:
        execution.start(start_of("sh", "-c", "sleep 1000 & echo $!"))
        child = int(await recorder.line.get())
        assert (await recorder.ended.get()).exit_code == 0
        await until_gone(child)

    running(scenario)


@pytest.mark.usefixtures("watching")
def test_closing_kills_all_and_reports_nothing() -> None:
    async def scenario(execution: ProcessExecution, recorder: Recorder) -> None:
        for number in range(5):
            execution.start(start_of("sh", "-c", "echo $$; exec sleep 1000", task_id=f"task{number}"))
        pids = [int(await recorder.line.get()) for _ in range(5)]
        assert execution.running_count == 5
        execution.close()
        assert not any(is_alive(pid) for pid in pids)
        assert execution.running_count == 0

    assert [what for what in running(scenario).happened if what[0] == "ended"] == []


def test_a_signal_to_what_has_ended_is_no_error() -> None:
    async def scenario(execution: ProcessExecution, recorder: Recorder) -> None:
        execution.signal(SignalProcess("never", "kill"))

    running(scenario)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="reads /proc")
def test_a_job_has_none_of_the_servers_descriptors(tmp_path: Path) -> None:
    with (tmp_path / "left-open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        _, recorder = ran("sh", "-c", "ls -l /proc/$$/fd")
    descriptors = [line.split(b" -> ")[1] for line in recorder.lines if isinstance(line, bytes) and b" -> " in line]
    assert len(descriptors) >= 3
    assert not [each for each in descriptors if not each.startswith((b"/dev/null", b"pipe:"))]
