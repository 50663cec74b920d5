"""Virtual jobs: attempts without a process, that last as long as their command would and end by the model's own event.

A job is virtual if the parameter or the environment variable ``BATCHGAUGE_VIRTUAL`` is ``1``, ``true`` or ``yes``, or if as many processes
run as ``ModelSettings.max_processes`` allows. It lasts as long as

1. ``BATCHGAUGE_VIRTUAL_SECONDS`` (parameter or variable) says, or else
2. the last number of its command that is no option's value, which is the seconds of ``countdown 30 --cpu 2``, ``sleep 30`` and
   ``powershell.exe -Command C:\\test\\countdown.exe 30``, or else
3. ``ModelSettings.virtual_duration`` draws.

Its exit code is that of ``BATCHGAUGE_VIRTUAL_EXIT_CODE``, or of ``--exit-code`` in its command, or 0; SIGTERM ends it at once with 143.
What it writes are the lines of countdown.exe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from time import gmtime, strftime
from typing import Final

from batchgauge.batchmodel.refusals import client_error

MARK: Final = "BATCHGAUGE_VIRTUAL"
YES: Final = frozenset({"1", "true", "yes"})
EXIT_CODE_OPTION: Final = "--exit-code"
OTHER_OPTIONS: Final = ("--jitter", "--cpu", "--memory", "--io")
"""Of countdown.exe; virtual jobs make no load and draw no jitter."""
TERMINATED_EXIT_CODE: Final = 143
MAX_SECONDS: Final = 1e9


@dataclass(frozen=True, slots=True)
class VirtualWork:
    """What a job does if it is virtual; of its specification, so told once for all jobs that are submitted alike."""

    is_asked_for: bool
    duration_ms: float | None
    """None: drawn for each attempt."""
    exit_code: int


def virtual_work(command: Sequence[str], environment: Mapping[str, str], parameters: Mapping[str, str]) -> VirtualWork:
    """Read it off a job's command, variables and parameters."""
    told = {**parameters, **environment}
    arguments, exit_code = _without_options(command)
    seconds = _number(told.get(f"{MARK}_SECONDS"))
    if seconds is None:
        seconds = next((number for word in reversed(arguments) if (number := _number(word)) is not None), None)
    said = told.get(f"{MARK}_EXIT_CODE")
    return VirtualWork(
        is_asked_for=told.get(MARK, "").lower() in YES,
        duration_ms=None if seconds is None else seconds * 1000,
        exit_code=exit_code if said is None else _exit_code(said),
    )


def _without_options(command: Sequence[str]) -> tuple[list[str], int]:
    arguments, exit_code = list[str](), 0
    words = iter(command)
    for word in words:
        if word == EXIT_CODE_OPTION:
            exit_code = int(_number(next(words, "0")) or 0)
        elif word.startswith(f"{EXIT_CODE_OPTION}="):
            exit_code = int(_number(word.partition("=")[2]) or 0)
        elif word in OTHER_OPTIONS:
            next(words, None)
        else:
            arguments.append(word)
    return arguments, exit_code


def _exit_code(said: str) -> int:
    if not (said.isascii() and said.isdigit()):
        raise client_error(f"{MARK}_EXIT_CODE must be a number, not {said}")
    return int(said)


def _number(word: str | None) -> float | None:
    """Of a whole word, or of the last one within it (``C:\\test\\countdown.exe 30``)."""
    try:
        number = float((word or "").split()[-1])
    except (ValueError, IndexError):
        return None
    return number if isfinite(number) and 0 <= number < MAX_SECONDS else None


class CountdownLines:
    """The lines of a countdown that began and ended so, each with its time; made when somebody looks. Nothing changes it.

    No dataclass: a frozen one takes three times as long to make, and every virtual job makes one.
    """

    __slots__ = ("ended_ms", "is_complete", "seconds", "started_ms")

    def __init__(self, started_ms: float, ended_ms: float, seconds: float, is_complete: bool) -> None:
        self.started_ms = started_ms
        self.ended_ms = ended_ms
        self.seconds = seconds
        """What it was to count down, as measured alone."""
        self.is_complete = is_complete
        """It came to its end by itself."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CountdownLines) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    @property
    def _fields(self) -> tuple[float, float, float, bool]:
        return self.started_ms, self.ended_ms, self.seconds, self.is_complete

    @property
    def _ticks(self) -> int:
        """One a second while some are left; slowed ones tick slower."""
        share = 1.0
        if not self.is_complete and self.seconds > 0:
            share = min(1.0, (self.ended_ms - self.started_ms) / (self.seconds * 1000))
        ticks = share * self.seconds
        return int(ticks) + (ticks > int(ticks))

    def __iter__(self) -> Iterator[tuple[float, str]]:
        elapsed_s = (self.ended_ms - self.started_ms) / 1000
        stretch = elapsed_s / self.seconds if self.is_complete and self.seconds > 0 else 1.0
        for tick in range(self._ticks):
            at_ms = self.started_ms + tick * stretch * 1000
            moment = f"utc={_utc(at_ms)} monotonic_s={at_ms / 1000:.6f}"
            yield at_ms, f"countdown seq={tick} remaining_s={self.seconds - tick:g} {moment}"
        if self.is_complete:
            drift_ms = (elapsed_s - self.seconds) * 1000
            figures = f"elapsed_s={elapsed_s:.6f} drift_ms={drift_ms:.3f} worst_tick_ms=0.000 cpu_s=0.000"
            yield self.ended_ms, f"countdown done seconds={self.seconds:g} {figures}"


def _utc(time_ms: float) -> str:
    seconds, milliseconds = divmod(int(time_ms), 1000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(seconds))}.{milliseconds:03d}Z"
