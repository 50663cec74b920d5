"""Real processes: each attempt's container is a process of this machine with a session, a working folder and a PATH of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from batchgauge.batchmodel.boundary import ProcessEnded, ProcessStarted, SignalProcess, StartProcess
from batchgauge.localaws.countdowns import Countdowns
from batchgauge.localaws.process_guard import ProcessGuard
from batchgauge.localaws.process_watch import Callbacks, DescriptorWatch, ThreadWatch, watch
from batchgauge.localaws.programs import CannotStartError, Program, make_bin_folder, resolve

LAST_STANDARD_DESCRIPTOR = 2
MAX_LINE_BYTES = 256 * 1024
"""The awslogs driver cuts longer lines into events of at most this size."""


HAS_PRIVATE_DESCRIPTORS = Path("/proc/self/fd").is_dir()
"""Then none of ours is inherited (see `_keep_descriptors`), and a start need not close thousands of them one by one."""


WINDOWS_VARIABLES = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP")
"""Sockets, temporary files and the command prompt need them."""


class LineSink(Protocol):
    """Where the lines of containers go (`LogDelivery`)."""

    def write_line(self, group: str, stream: str, line: bytes) -> None:
        """Take a line as it arrives."""
        ...

    def flush_stream(self, group: str, stream: str) -> None:
        """Make what was written of a stream visible now."""
        ...


@dataclass(slots=True)
class _Container:
    """One process and what is known of it."""

    start: StartProcess
    program: Program
    process: subprocess.Popen[bytes]
    folder: Path
    watch: DescriptorWatch | ThreadWatch | None = None
    partial_line: bytes = b""


class ProcessExecution:
    """Starts, signals and ends processes; tells `tell` at once of each that runs, and of each end after all of its output
    has reached the sink."""

    def __init__(
        self,
        base_environment: Mapping[str, str],
        sink: LineSink,
        tell: Callable[[ProcessStarted | ProcessEnded], None],
        countdowns: Countdowns | None = None,
        why_not_started: Callable[[StartProcess], str | None] = lambda _start: None,
    ) -> None:
        """`why_not_started` says of a container why AWS would not have come to start it; None where it would."""
        self._sink = sink
        self._tell = tell
        self._why_not_started = why_not_started
        self._containers: dict[str, _Container] = {}
        self._root = Path(tempfile.mkdtemp(prefix="batchgauge-local-"))
        self._bin_folder = self._root / "bin"
        _keep_descriptors()
        self._guard = ProcessGuard(self._root, asyncio.get_running_loop().call_soon)
        self._countdowns = countdowns or Countdowns()
        make_bin_folder(self._bin_folder, self._countdowns)
        search_path = os.pathsep.join((str(self._bin_folder), os.environ.get("PATH", os.defpath)))
        self._base_environment = {
            **platform_environment(sys.platform, os.environ),
            **base_environment,
            "PATH": search_path,
        }

    @property
    def running_count(self) -> int:
        """How many processes there are now."""
        return len(self._containers)

    def start(self, start: StartProcess) -> None:
        """Start the process; where it cannot be, its end is reported at once with the reason."""
        reason = self._why_not_started(start)
        if reason is not None:
            self._tell(ProcessEnded(start.task_id, None, reason[:255]))
            return
        folder = self._root / "".join(letter if letter.isalnum() else "-" for letter in start.task_id)
        environment = {**self._base_environment, "HOME": str(folder), **start.environment}
        try:
            program = self._program(start, environment["PATH"])
            folder.mkdir()
            process = _spawn(program, folder, {**environment, **program.environment})
        except CannotStartError as error:
            self._tell(ProcessEnded(start.task_id, None, error.reason))
            return
        except (OSError, ValueError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            reason = f"CannotStartContainerError: Error response from daemon: {error}"[:255]
            self._tell(ProcessEnded(start.task_id, None, reason))
            return
        self._tell(ProcessStarted(start.task_id))
        self._follow(_Container(start, program, process, folder))

    def _program(self, start: StartProcess, search_path: str) -> Program:
        return resolve(start.command, start.operating_system_family, search_path, self._bin_folder, self._countdowns)

    def _follow(self, container: _Container) -> None:
        process, start = container.process, container.start
        assert process.stdout is not None  # noqa: S101 - it was asked for
        self._containers[start.task_id] = container
        self._guard.started(process.pid)
        callbacks = Callbacks(
            on_output=lambda data: self._take_output(container, data),
            on_end=lambda: self._take_end(container),
            end_group=lambda: _signal_group(process, kill=True),  # a container's other processes die with its first one
        )
        container.watch = watch(process, process.stdout, callbacks)

    def _take_output(self, container: _Container, data: bytes) -> None:
        *lines, rest = (container.partial_line + data).split(b"\n")
        while len(rest) > MAX_LINE_BYTES:
            lines.append(rest[:MAX_LINE_BYTES])
            rest = rest[MAX_LINE_BYTES:]
        container.partial_line = rest
        for line in lines:
            self._write(container, line)

    def _write(self, container: _Container, line: bytes) -> None:
        if line:  # CloudWatch Logs takes no empty message; the awslogs driver leaves them out
            self._sink.write_line(container.start.log_group, container.start.log_stream, line)

    def _take_end(self, container: _Container) -> None:
        start = container.start
        if self._containers.pop(start.task_id, None) is None:
            return  # closed in the meantime
        if container.watch is not None:
            container.watch.finish()
        self._guard.ended(container.process.pid)
        exit_code = container.process.wait()
        self._write(container, container.partial_line)
        self._sink.flush_stream(start.log_group, start.log_stream)
        _remove_folder(container.folder)
        self._tell(ProcessEnded(start.task_id, container.program.container_exit_code(exit_code)))

    def signal(self, effect: SignalProcess) -> None:
        """Signal the whole process group; a process that has ended already is left in peace."""
        container = self._containers.get(effect.task_id)
        if container is not None:
            _signal_group(container.process, kill=effect.signal == "kill")

    def close(self) -> None:
        """Kill every process, wait for it and remove the folders. No end is reported."""
        containers, self._containers = list(self._containers.values()), {}
        for container in containers:
            _signal_group(container.process, kill=True)
        for container in containers:
            if isinstance(container.watch, DescriptorWatch):
                container.watch.finish()
            self._guard.ended(container.process.pid)
            container.process.wait()
        shutil.rmtree(self._root, ignore_errors=True)
        self._guard.close()


def _keep_descriptors() -> None:
    """What Python opens is never inherited (PEP 446); this sees to what whoever started the server has left open."""
    if not HAS_PRIVATE_DESCRIPTORS:
        return
    for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if descriptor > LAST_STANDARD_DESCRIPTOR:
            with contextlib.suppress(OSError):  # the one that listed them is closed by now
                os.set_inheritable(descriptor, False)


def platform_environment(platform: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What programs of this system do not start without; nothing else of ours is a job's affair."""
    if platform == "win32":
        needed = {"SYSTEMROOT": "C:\\Windows", "PATHEXT": ".COM;.EXE;.BAT;.CMD"}
        kept = {name: environ[name] for name in WINDOWS_VARIABLES if name in environ}
        return {**needed, **kept}
    return {"LANG": "C.UTF-8"}


def _spawn(program: Program, folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Both outputs share one pipe, so that their lines keep their order."""
    return subprocess.Popen(
        program.arguments,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
        close_fds=not HAS_PRIVATE_DESCRIPTORS,
    )


def _signal_group(process: subprocess.Popen[bytes], kill: bool) -> None:
    if sys.platform == "win32":
        process.kill()  # there is no gentler way to end a process without a console
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)


def _remove_folder(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
