"""The options of the Python countdown, and the load that they ask for; `deploy/windows/countdown` has the same in C, and the same words.

No other module of ours is imported here: the countdown runs outside the package, isolated.
"""

from __future__ import annotations

import mmap
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HELP = """
Counts SECONDS down (a fraction is allowed), a line each second with a number, a UTC time and a monotonic time;
then says what it measured of itself. Numbers of bytes are plain or end in K, M or G (1024 times each).

  --exit-code N      end with exit code N, from 0 to 4294967295 (0)
  --jitter SECONDS   count longer, by a random time from 0 to SECONDS that each process draws for itself (0)
  --cpu LOAD         keep processors busy: 2 is two of them, 50% half of one, 150% one and a half; 256 at most.
                     Each is a thread of its own; a part of one works for that part of every tenth of a second
  --memory SIZE      hold SIZE bytes, and write to each of their pages at the start and once a second
  --io SIZE          write SIZE bytes to a temporary file, as fast as the disk takes them
  --io SIZE/s        write SIZE bytes each second. What is written is flushed to the disk; the file begins anew
                     after 64 MiB, and is gone when the program is. Where: TMPDIR or /tmp; on Windows TMP, TEMP
  --help             show this

Exit codes: 0 or N; 1 where a load could not be made; 2 for a bad argument.
"""
MAX_SECONDS = 1e9
MAX_EXIT_CODE = 0xFFFFFFFF
MAX_CPU_LOAD = 256.0
MAX_BYTES = 2.0**40
UNITS = {"K": 2.0**10, "M": 2.0**20, "G": 2.0**30}
SLOT_S = 0.1
"""What a share of a processor is a share of."""
PAGE_BYTES = 4096
CHUNK_BYTES = 4096 * PAGE_BYTES
BLOCK_BYTES = 2**20
LAP_BYTES = 64 * BLOCK_BYTES
"""After which the file begins anew."""


@dataclass(frozen=True)
class Options:
    """A command line."""

    seconds: float = 0.0
    exit_code: int = 0
    jitter_s: float = 0.0
    cpu_load: float = 0.0
    """Processors kept busy: 0.5 is half of one."""
    memory_bytes: int = 0
    io_bytes: int = 0
    is_io_a_second: bool = False
    wants_help: bool = False

    @property
    def has_load(self) -> bool:
        """Whether there is more to do than to count."""
        return self.cpu_load > 0 or self.memory_bytes > 0 or self.io_bytes > 0

    def drawn_jitter_s(self) -> float:
        """Drawn by the system's own randomness: processes that start at the same moment draw differently."""
        return int(random.SystemRandom().random() * self.jitter_s * 1000) / 1000


def parse(arguments: list[str]) -> Options:
    """A command line's options; raises ValueError with what was not understood, or with nothing for what is missing."""
    said: dict[str, object] = {}
    rest = list(arguments)
    while rest:
        text = named = rest.pop(0)
        if text == "--help":
            return Options(wants_help=True)
        try:
            if text.startswith("--"):
                name, equals, value = text.partition("=")
                if not equals:
                    value = rest.pop(0)
                    named = f"{text} {value}"
                said.update(OPTIONS[name](value))
            elif "seconds" in said:
                raise ValueError
            else:
                said["seconds"] = _number(text, MAX_SECONDS)
        except (ValueError, KeyError, IndexError):
            raise ValueError(named) from None
    if "seconds" not in said:
        raise ValueError
    return Options(**said)  # type: ignore[arg-type]


def _number(text: str, most: float) -> float:
    number = float(text) if text[:1] in tuple("0123456789.") and "_" not in text else -1.0
    if not 0 <= number <= most:
        raise ValueError(text)
    return number


def _exit_code(text: str) -> dict[str, object]:
    number = _number(text, MAX_EXIT_CODE)
    if number != int(number):
        raise ValueError(text)
    return {"exit_code": int(number)}


def _cpu(text: str) -> dict[str, object]:
    share = _number(text[:-1], MAX_CPU_LOAD * 100) / 100 if text.endswith("%") else _number(text, MAX_CPU_LOAD)
    return {"cpu_load": share}


def _bytes(text: str) -> int:
    unit = UNITS.get(text[-1:].upper())
    number = _number(text, MAX_BYTES) if unit is None else _number(text[:-1], MAX_BYTES) * unit
    if number > MAX_BYTES:
        raise ValueError(text)
    return int(number)


def _io(text: str) -> dict[str, object]:
    return {"io_bytes": _bytes(text.removesuffix("/s")), "is_io_a_second": text.endswith("/s")}


OPTIONS: dict[str, Callable[[str], dict[str, object]]] = {
    "--exit-code": _exit_code,
    "--jitter": lambda text: {"jitter_s": _number(text, MAX_SECONDS)},
    "--cpu": _cpu,
    "--memory": lambda text: {"memory_bytes": _bytes(text)},
    "--io": _io,
}


@dataclass
class Load:
    """What runs beside the counting, and what came of it. Raises OSError where it cannot be had."""

    options: Options
    error: str = ""
    started_s: float = 0.0
    ended_s: float = 0.0
    used_s: float = 0.0
    """Processor time of the workers."""
    rounds: int = 0
    touched_bytes: int = 0
    passes: int = 0
    first_pass_ms: float = 0.0
    worst_pass_ms: float = 0.0
    written_bytes: int = 0
    busy_ms: float = 0.0
    worst_ms: float = 0.0
    _memory: mmap.mmap | None = None
    _file: int = -1
    _threads: list[threading.Thread] = field(default_factory=list)
    _workers: list[tuple[int, int]] = field(default_factory=list)
    """Processes, and the pipes on which they say at their end what they did."""

    def __post_init__(self) -> None:
        if self.options.memory_bytes:
            try:
                self._memory = mmap.mmap(-1, self.options.memory_bytes)
            except (OSError, ValueError, MemoryError):
                raise OSError("cannot have that much memory") from None
        if self.options.io_bytes:
            self._file = _scratch()

    def start(self, started_s: float, ended_s: float) -> None:
        """Begin; processes for the processors (threads of Python share one), threads for the rest."""
        self.started_s, self.ended_s = started_s, ended_s
        left = self.options.cpu_load
        while left > 0:
            self._start_worker(min(left, 1.0))
            left -= 1
        works = [work for work, is_on in ((self._hold, self._memory), (self._write, self._file >= 0)) if is_on]
        for work in works:
            self._start_thread(work)

    def join(self) -> float:
        """Wait for the end; the processor time that other processes took."""
        for thread in self._threads:
            thread.join()
        elsewhere_s = 0.0
        for process, pipe in self._workers:
            with open(pipe, encoding="ascii") as said:  # noqa: PTH123 - a pipe has no path
                used_s, _, rounds = said.read().partition(" ")
            os.waitpid(process, 0)
            elsewhere_s += float(used_s or 0)
            self.rounds += int(rounds or 0)
        self.used_s += elsewhere_s
        return elsewhere_s

    def line(self) -> str:
        """``countdown load …``: what was wanted and what came of it."""
        seconds, options = self.ended_s - self.started_s, self.options
        line = "countdown load"
        if options.cpu_load:
            line += (
                f" cpu_wanted_s={options.cpu_load * seconds:.3f} cpu_used_s={self.used_s:.3f} cpu_rounds={self.rounds}"
            )
        if options.memory_bytes:
            line += f" memory_wanted_bytes={options.memory_bytes} memory_touched_bytes={self.touched_bytes}"
            line += f" memory_passes={self.passes} memory_first_pass_ms={self.first_pass_ms:.3f}"
            line += f" memory_worst_pass_ms={self.worst_pass_ms:.3f}"
        if options.io_bytes:
            wanted = options.io_bytes * (-int(-seconds // 1) if options.is_io_a_second else 1)
            line += f" io_wanted_bytes={wanted} io_written_bytes={self.written_bytes}"
            line += f" io_busy_ms={self.busy_ms:.3f} io_worst_ms={self.worst_ms:.3f}"
        return line

    def _start_thread(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _start_worker(self, share: float) -> None:
        if not hasattr(os, "fork"):
            self._start_thread(lambda: self._work_here(share))
            return
        ours, theirs = os.pipe()
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            rounds = self._work(share, lambda: os.getppid() == parent)
            os.write(theirs, f"{time.process_time():.6f} {rounds}".encode())
            os._exit(0)
        os.close(theirs)
        self._workers.append((process, ours))

    def _work_here(self, share: float) -> None:
        before_s = time.thread_time()
        self.rounds += self._work(share, lambda: True)
        self.used_s += time.thread_time() - before_s

    def _work(self, share: float, is_wanted: Callable[[], bool]) -> int:
        """Work for the share of every slot, to the end, or until nobody waits for it any more; the rounds done."""
        rounds = slot = 0
        while time.monotonic() < self.ended_s and is_wanted():
            begin_s = self.started_s + slot * SLOT_S
            until_s = min(begin_s + share * SLOT_S, self.ended_s)
            while time.monotonic() < until_s:
                sum(range(200))
                rounds += 1
            self._sleep_to(begin_s + SLOT_S)
            slot += 1
        return rounds

    def _sleep_to(self, moment_s: float) -> None:
        while (left_s := min(moment_s, self.ended_s) - time.monotonic()) > 0:
            time.sleep(left_s)

    def _sleep_to_next_second(self) -> None:
        self._sleep_to(self.started_s + int(time.monotonic() - self.started_s) + 1)

    def _hold(self) -> None:
        while (begin_s := time.monotonic()) < self.ended_s:
            touched = self._touch(self.passes % 255 + 1)
            self.touched_bytes = max(self.touched_bytes, touched)
            if touched < self.options.memory_bytes:
                return
            took_ms = (time.monotonic() - begin_s) * 1000
            if self.passes == 0:
                self.first_pass_ms = took_ms
            self.worst_pass_ms = max(self.worst_pass_ms, took_ms)
            self.passes += 1
            self._sleep_to_next_second()

    def _touch(self, mark: int) -> int:
        """Write to every page, as far as the time goes; the bytes they are."""
        memory, size = self._memory, self.options.memory_bytes
        assert memory is not None  # noqa: S101 - for the type checker
        for begin in range(0, size, CHUNK_BYTES):
            if time.monotonic() >= self.ended_s:
                return begin
            end = min(begin + CHUNK_BYTES, size)
            memory[begin:end:PAGE_BYTES] = bytes([mark]) * -(-(end - begin) // PAGE_BYTES)
        return size

    def _wanted_bytes(self, elapsed_s: float) -> int:
        return self.options.io_bytes * (int(elapsed_s) + 1 if self.options.is_io_a_second else 1)

    def _write(self) -> None:
        block = os.urandom(BLOCK_BYTES)  # no disk can compress it
        while (now_s := time.monotonic()) < self.ended_s:
            wanted = self._wanted_bytes(now_s - self.started_s)
            if self.written_bytes < wanted:
                try:
                    self._write_block(block, wanted)
                except OSError:
                    self.error = "cannot write to the temporary file"
                    return
            elif self.options.is_io_a_second:
                self._sleep_to_next_second()
            else:
                return

    def _write_block(self, block: bytes, wanted: int) -> None:
        """One block, flushed where a second's share or a lap of the file is full."""
        in_lap = self.written_bytes % LAP_BYTES
        if in_lap == 0:
            os.lseek(self._file, 0, os.SEEK_SET)
        begin_s = time.monotonic()
        count = min(BLOCK_BYTES, wanted - self.written_bytes, LAP_BYTES - in_lap)
        self.written_bytes += os.write(self._file, block[:count])
        self._took(begin_s)
        if self.written_bytes == wanted or self.written_bytes % LAP_BYTES == 0:
            begin_s = time.monotonic()
            os.fsync(self._file)
            self._took(begin_s)

    def _took(self, begin_s: float) -> None:
        took_ms = (time.monotonic() - begin_s) * 1000
        self.busy_ms += took_ms
        self.worst_ms = max(self.worst_ms, took_ms)


def _scratch() -> int:
    """A temporary file that is gone when the program is."""
    names = ("TMP", "TEMP") if os.name == "nt" else ("TMPDIR",)
    folder = next((os.environ[name] for name in names if os.environ.get(name)), "/tmp")  # noqa: S108 - the file is ours alone
    path = f"{folder}/countdown-{os.getpid()}-{time.time_ns()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_TEMPORARY", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
        if os.name != "nt":
            os.unlink(path)  # noqa: PTH108
    except OSError:
        raise OSError("cannot make a temporary file") from None
    return descriptor
