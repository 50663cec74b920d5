"""What a program says of itself: numbered lines and a last line, and nothing of what others may write."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import ProgramEnd, ProgramLines
from batchgauge.core.observed.program_report import (
    is_incomplete,
    program_report,
    read_program_lines,
    summarise_programs,
)
from batchgauge.localaws.countdowns import PYTHON_COUNTDOWN

NOON_MS = 1_795_521_600_000.0


def tick(number: int, at: str = "2026-11-24T12:00:00.123Z") -> str:
    return f"countdown seq={number} remaining_s={9 - number} utc={at} monotonic_s=5.000000"


DONE = "countdown done seconds=3 elapsed_s=3.000142 drift_ms=0.142 worst_tick_ms=0.310 cpu_s=0.012 peak_memory_kib=9120"


def ticks(*numbers: int, end: ProgramEnd | None = None) -> ProgramLines:
    return ProgramLines(ticks=tuple((number, NOON_MS + number * 1000) for number in numbers), end=end)


def test_the_embedded_countdowns_own_lines_are_read() -> None:
    """The measuring side knows the format on its own account; here the two meet."""
    said = subprocess.run([*PYTHON_COUNTDOWN, "1.2"], capture_output=True, text=True, check=True).stdout
    read = read_program_lines(said.splitlines())
    assert read is not None
    assert [number for number, _ in read.ticks] == [0, 1]
    assert read.end is not None
    assert read.end.seconds == 1.2
    assert read.end.elapsed_ms is not None
    assert read.end.elapsed_ms >= 1200
    assert read.end.cpu_ms is not None
    if sys.platform == "linux":
        assert (read.end.peak_memory_kib or 0) > 1000
    report = program_report(read, is_truncated=False)
    assert (report.missing, report.duplicates, report.disordered, report.is_complete) == (0, 0, 0, True)


def test_numbers_and_times_are_taken_from_the_lines() -> None:
    read = read_program_lines([tick(0), "something else", tick(1, "2026-11-24T12:00:01.124Z"), DONE])
    assert read == ProgramLines(
        ticks=((0, NOON_MS + 123), (1, NOON_MS + 1124)),
        end=ProgramEnd(
            seconds=3.0,
            elapsed_ms=3000.142,
            drift_ms=0.142,
            worst_tick_ms=0.31,
            cpu_ms=12.0,
            peak_memory_kib=9120,
        ),
    )


LOAD = (
    "countdown load cpu_wanted_s=2.000 cpu_used_s=1.500 cpu_rounds=3000 memory_wanted_bytes=8589934592"
    " memory_touched_bytes=4294967296 memory_passes=0 memory_first_pass_ms=0.000 memory_worst_pass_ms=0.000"
    " io_wanted_bytes=2097152 io_written_bytes=2097152 io_busy_ms=500.000 io_worst_ms=12.500"
)


def test_what_became_of_a_load_is_read_and_summarised() -> None:
    read = read_program_lines([tick(0), LOAD, DONE])
    assert read is not None
    assert read.load is not None
    assert (read.load.cpu_share, read.load.cpu_rounds_per_s) == (0.75, 2000.0)
    assert read.load.written_bytes_per_s == 4 * 2**20
    assert read.load.memory_touched_bytes == 2**32
    assert read.end is not None
    report = program_report(read, is_truncated=False)
    without = program_report(ticks(0), is_truncated=False)
    summary = summarise_programs([(report, None), (report, None), (without, None)])
    assert summary is not None
    assert summary.load is not None
    assert summary.load.cpu_share.count == 2
    assert summary.load.cpu_share.minimum == exactly(0.75)
    assert (summary.load.memory_short, summary.load.io_short) == (2, 0)
    assert summary.load.memory_first_pass_ms.count == 0, "no pass came to its end"


@pytest.mark.parametrize(
    "line", ["countdown load cpu_wanted_s=0 cpu_used_s=0 cpu_rounds=0 io_busy_ms=0", "countdown load x=y"]
)
def test_a_load_of_nothing_has_no_shares(line: str) -> None:
    read = read_program_lines([tick(0), line])
    assert read is not None
    assert read.load is not None
    assert (read.load.cpu_share, read.load.cpu_rounds_per_s, read.load.written_bytes_per_s) == (None, None, None)


def test_a_load_alone_is_no_countdown() -> None:
    assert read_program_lines([LOAD]) is None


def test_levels_without_a_load_say_nothing_of_one() -> None:
    summary = summarise_programs([(program_report(ticks(0), is_truncated=False), None)])
    assert summary is not None
    assert summary.load is None


def test_the_embedded_countdowns_own_load_is_read() -> None:
    command = [*PYTHON_COUNTDOWN, "0.3", "--cpu", "20%", "--memory", "1M", "--io", "1K"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    read = read_program_lines(said.splitlines())
    assert read is not None
    assert read.load is not None
    assert all(figure is not None for figure in msgspec.structs.astuple(read.load))


def test_of_a_program_that_writes_no_such_lines_nothing_is_said() -> None:
    assert read_program_lines(["hello", "Countdown seq=1", "countdown", "countdown begins"]) is None
    assert read_program_lines([]) is None


@pytest.mark.parametrize(
    "line",
    [
        tick(0, "2026-02-31T12:00:00.123Z"),
        tick(0, "yesterdayZ"),
        "countdown seq=99999999999999999999 remaining_s=1 utc=2026-11-24T12:00:00.123Z monotonic_s=1",
        "countdown seq=-1 remaining_s=1 utc=2026-11-24T12:00:00.123Z monotonic_s=1",
    ],
)
def test_a_line_that_only_looks_like_one_is_left_alone(line: str) -> None:
    assert read_program_lines([line]) is None


def test_figures_that_are_none_are_left_out() -> None:
    read = read_program_lines(["countdown done seconds=nan elapsed_s=inf drift_ms=1e300 cpu_s=x peak_memory_kib= y"])
    assert read == ProgramLines(end=ProgramEnd())


@given(st.lists(st.text(), max_size=5))
def test_no_text_of_a_stranger_is_a_mistake_of_ours(lines: list[str]) -> None:
    for prefix in ("", "countdown ", "countdown done ", "countdown load ", "countdown seq=1 "):
        read = read_program_lines([prefix + line for line in lines])
        if read is not None:
            program_report(read, is_truncated=False)


@given(st.integers(1, 40), st.data())
def test_what_was_lost_doubled_and_disordered_is_counted_exactly(length: int, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(range(length)), unique=True, max_size=length))
    doubled = data.draw(st.lists(st.sampled_from(kept), unique=True)) if kept else []
    end = ProgramEnd(seconds=float(length))
    report = program_report(ticks(*sorted([*kept, *doubled]), end=end), is_truncated=False)
    assert (report.lines, report.missing, report.duplicates) == (len(kept), length - len(kept), len(doubled))
    assert report.disordered == 0
    reverse = program_report(ticks(*sorted(kept, reverse=True), end=end), is_truncated=False)
    assert reverse.disordered == max(0, len(kept) - 1)


def test_without_a_last_line_only_gaps_are_known_to_be_losses() -> None:
    assert program_report(ticks(0, 1, 3), is_truncated=False).missing == 1
    assert program_report(ticks(0, 1, 3, end=ProgramEnd(seconds=6.0)), is_truncated=False).missing == 3
    assert program_report(ticks(0, 1, 3, end=ProgramEnd(seconds=6.0)), is_truncated=True).missing == 1


def test_the_programs_start_and_end_are_bounds_on_the_containers_clock() -> None:
    end = ProgramEnd(seconds=3.0, elapsed_ms=3000.5, worst_tick_ms=2.0)
    report = program_report(ticks(0, 1, 2, end=end), is_truncated=False)
    assert report.started_ms == Bound(NOON_MS - 1000.5, NOON_MS + 1.0)
    assert report.ended_ms == Bound(NOON_MS + 2000.0, NOON_MS + 3001.5)
    unfinished = program_report(ticks(0, 1, 2), is_truncated=False)
    assert unfinished.started_ms == Bound(None, NOON_MS + 1.0)
    assert unfinished.ended_ms == Bound(NOON_MS + 2000, None)


def test_a_clock_that_was_set_in_between_leaves_what_the_lines_say() -> None:
    said = ProgramLines(
        ticks=((0, NOON_MS), (1, NOON_MS + 3_600_000)),
        end=ProgramEnd(seconds=2.0, elapsed_ms=2000.0, worst_tick_ms=0.1),
    )
    report = program_report(said, is_truncated=False)
    assert report.started_ms == Bound(None, NOON_MS + 1.0)
    assert report.ended_ms == Bound(NOON_MS + 3_600_000, None)


def test_lines_are_awaited_while_there_are_gaps_or_a_finished_program_has_no_last_line() -> None:
    end = ProgramEnd(seconds=2.0)
    assert not is_incomplete(None, expects_end=True)
    assert is_incomplete(ticks(0, 1), expects_end=True)
    assert not is_incomplete(ticks(0, 1), expects_end=False)
    assert is_incomplete(ticks(0, 2), expects_end=False)
    assert not is_incomplete(ticks(0, 1, end=end), expects_end=True)


def test_a_level_says_what_lies_outside_the_programs() -> None:
    end = ProgramEnd(seconds=2.0, elapsed_ms=2000.0, cpu_ms=4.0, peak_memory_kib=2048)
    complete = program_report(ticks(0, 1, end=end), is_truncated=False)
    cut_off = program_report(ticks(0, 2), is_truncated=False)
    summary = summarise_programs([(complete, exactly(2150.0)), (cut_off, Bound(5000.0, None))])
    assert summary is not None
    assert (summary.jobs, summary.lines, summary.missing, summary.incomplete) == (2, 4, 1, 1)
    assert summary.outside.mean == exactly(150.0)
    assert summary.cpu.mean == exactly(4.0)
    assert summary.peak_memory_kib.maximum == exactly(2048.0)
    assert summarise_programs([]) is None
