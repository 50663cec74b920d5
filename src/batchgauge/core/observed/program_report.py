"""What a job's program says of itself: the numbered, timestamped lines of the countdown, and its last line's measurements.

    countdown seq=0 remaining_s=30 utc=2026-11-22T10:15:00.123Z monotonic_s=12345.678901
    countdown done seconds=30 elapsed_s=30.000142 drift_ms=0.142 worst_tick_ms=0.310 cpu_s=0.001 peak_memory_kib=1120

A program that writes no such lines is not spoken of. Lines are a stranger's text: only numbers are taken from them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import ProgramEnd, ProgramLines
from batchgauge.core.program_load import LoadSummary, ProgramLoad, read_load, summarise_loads
from batchgauge.core.stats.summary import Summary, summarise

UTC_RESOLUTION_MS: Final = 1.0
"""The lines' times are whole milliseconds, cut off."""
MAX_SEQUENCE: Final = 10**9
_TICK: Final = re.compile(r"countdown seq=(\d{1,10}) .*\butc=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z(?: |$)")
_DONE: Final = re.compile(r"countdown done (.+)")


class ProgramReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One job's program in its own words; its times are by the container's clock."""

    lines: int
    """Numbered lines that are there, each number counted once."""
    missing: int
    """Numbers that are not there though a later one is, or though the program says how far it counted."""
    duplicates: int = 0
    disordered: int = 0
    """Lines that stand after one of a higher number."""
    is_complete: bool = False
    """Whether its last line is there."""
    first_line_ms: float | None = None
    """The first line's own time."""
    last_line_ms: float | None = None
    """The last numbered line's own time."""
    started_ms: Bound | None = None
    """When the program began, by the container's clock."""
    ended_ms: Bound | None = None
    """When it came to its end, by the container's clock."""
    elapsed_ms: float | None = None
    """By its own monotonic clock."""
    drift_ms: float | None = None
    """How much longer it took than it was to."""
    worst_tick_ms: float | None = None
    """The latest that one of its ticks was."""
    cpu_ms: float | None = None
    peak_memory_kib: int | None = None
    load: ProgramLoad | None = None
    """What became of the load that it was to make; None where there was none to make."""


class ProgramSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What the programs of one level say of themselves; milliseconds, and KiB for memory."""

    jobs: int
    """Jobs whose log stream was read and holds such lines."""
    lines: int
    missing: int
    duplicates: int
    disordered: int
    incomplete: int
    """Jobs whose last line is not there."""
    outside: Summary
    """AWS's run time minus the program's own: what the container takes before the program begins and after it ends."""
    drift: Summary
    worst_tick: Summary
    cpu: Summary
    peak_memory_kib: Summary
    load: LoadSummary | None = None
    """None where no program was to make a load."""


def read_program_lines(messages: Iterable[str]) -> ProgramLines | None:
    """The numbered lines among a stream's messages, in their order; None where there is none."""
    ticks: list[tuple[int, float]] = []
    end: ProgramEnd | None = None
    load: ProgramLoad | None = None
    for message in messages:
        if not message.startswith("countdown "):
            continue
        tick = _tick(message)
        if tick is not None:
            ticks.append(tick)
        else:
            end = _end(message) or end
            load = read_load(message) or load
    if not ticks and end is None:
        return None
    return ProgramLines(ticks=tuple(ticks), end=end, load=load)


def program_report(said: ProgramLines, *, is_truncated: bool) -> ProgramReport:
    """What the lines amount to; of a stream that was not read to its end, what comes later is not missed."""
    numbers = [number for number, _ in said.ticks]
    distinct = set(numbers)
    expected = max(distinct, default=-1) + 1
    end = said.end
    if end is not None and end.seconds is not None and not is_truncated:
        expected = max(expected, math.ceil(end.seconds))
    times = [time_ms for _, time_ms in said.ticks]
    started, ended = _life(said)
    return ProgramReport(
        lines=len(distinct),
        missing=expected - len(distinct),
        duplicates=len(numbers) - len(distinct),
        disordered=_disordered(numbers),
        is_complete=end is not None,
        first_line_ms=min(times, default=None),
        last_line_ms=max(times, default=None),
        started_ms=started,
        ended_ms=ended,
        elapsed_ms=end.elapsed_ms if end is not None else None,
        drift_ms=end.drift_ms if end is not None else None,
        worst_tick_ms=end.worst_tick_ms if end is not None else None,
        cpu_ms=end.cpu_ms if end is not None else None,
        peak_memory_kib=end.peak_memory_kib if end is not None else None,
        load=said.load,
    )


def summarise_programs(reports: Sequence[tuple[ProgramReport, Bound | None]]) -> ProgramSummary | None:
    """The statistics of one level, from each job's report and AWS's run time; None for none."""
    if not reports:
        return None
    programs = [report for report, _ in reports]

    def over(pick: Callable[[ProgramReport], float | None]) -> Summary:
        return summarise([exactly(float(value)) for report in programs if (value := pick(report)) is not None])

    outside = [run_ms.minus(exactly(p.elapsed_ms)) for p, run_ms in reports if run_ms and p.elapsed_ms is not None]
    return ProgramSummary(
        jobs=len(programs),
        lines=sum(report.lines for report in programs),
        missing=sum(report.missing for report in programs),
        duplicates=sum(report.duplicates for report in programs),
        disordered=sum(report.disordered for report in programs),
        incomplete=sum(not report.is_complete for report in programs),
        outside=summarise(outside),
        drift=over(lambda report: report.drift_ms),
        worst_tick=over(lambda report: report.worst_tick_ms),
        cpu=over(lambda report: report.cpu_ms),
        peak_memory_kib=over(lambda report: report.peak_memory_kib),
        load=summarise_loads([report.load for report in programs if report.load is not None]),
    )


def is_incomplete(said: ProgramLines | None, *, expects_end: bool) -> bool:
    """Whether numbered lines are missing among those that are there, or the last line of a program that came to its end."""
    if said is None:
        return False
    return program_report(said, is_truncated=False).missing > 0 or (expects_end and said.end is None)


def _tick(message: str) -> tuple[int, float] | None:
    found = _TICK.match(message)
    if found is None or int(found[1]) > MAX_SEQUENCE:
        return None
    try:
        moment = datetime.fromisoformat(f"{found[2]}+00:00")
    except ValueError:  # the 31st of February
        return None
    return int(found[1]), round(moment.timestamp() * 1000, 3)


def _end(message: str) -> ProgramEnd | None:
    found = _DONE.match(message)
    if found is None:
        return None
    said = dict(part.split("=", 1) for part in found[1].split() if "=" in part)
    elapsed_s, cpu_s, memory = (_number(said.get(name)) for name in ("elapsed_s", "cpu_s", "peak_memory_kib"))
    return ProgramEnd(
        seconds=_number(said.get("seconds")),
        elapsed_ms=None if elapsed_s is None else round(elapsed_s * 1000, 3),
        drift_ms=_number(said.get("drift_ms")),
        worst_tick_ms=_number(said.get("worst_tick_ms")),
        cpu_ms=None if cpu_s is None else round(cpu_s * 1000, 3),
        peak_memory_kib=None if memory is None else int(memory),
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_SEQUENCE else None


def _disordered(numbers: Sequence[int]) -> int:
    highest = -1
    count = 0
    for number in numbers:
        count += number < highest
        highest = max(highest, number)
    return count


def _life(said: ProgramLines) -> tuple[Bound | None, Bound | None]:
    """When the program began and ended, by the container's clock.

    Line 0 is written after the beginning and every other before the end; that is certain however the program was held up in between. From
    the program's own elapsed time, the one end gives the other as well.
    """
    if not said.ticks:
        return None, None
    first_ms = min(time_ms for _, time_ms in said.ticks) + UTC_RESOLUTION_MS
    last_ms = max(time_ms for _, time_ms in said.ticks)
    elapsed_ms = said.end.elapsed_ms if said.end is not None else None
    if elapsed_ms is not None and first_ms >= last_ms - elapsed_ms:
        return Bound(last_ms - elapsed_ms, first_ms), Bound(last_ms, first_ms + elapsed_ms)
    # Without a last line, or where the container's clock was set in between: then only the lines are believed.
    return Bound(None, first_ms), Bound(last_ms, None)
