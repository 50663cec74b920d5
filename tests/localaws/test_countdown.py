"""The countdown that jobs run."""

from __future__ import annotations

import re
import subprocess

import pytest

from batchgauge.localaws.countdown import parse
from batchgauge.localaws.programs import PYTHON_COUNTDOWN

TICK = re.compile(
    r"countdown seq=(\d+) remaining_s=(\S+) utc=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z monotonic_s=\d+\.\d{6}"
)
LAST = re.compile(
    r"countdown done seconds=(\S+) elapsed_s=(\S+) drift_ms=(\S+) worst_tick_ms=\S+ cpu_s=\S+( peak_memory_kib=\d+)?"
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PYTHON_COUNTDOWN, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_it_ticks_once_a_second_and_measures_itself() -> None:
    completed = run("2")
    *ticks, last = completed.stdout.splitlines()
    matches = [TICK.fullmatch(line) for line in ticks]
    assert [(match[1], match[2]) for match in matches if match] == [("0", "2"), ("1", "1")]
    summary = LAST.fullmatch(last)
    assert summary is not None
    assert summary[1] == "2"
    assert float(summary[2]) >= 2
    assert float(summary[3]) == pytest.approx((float(summary[2]) - 2) * 1000, abs=0.002)
    assert completed.returncode == 0


def test_a_fraction_of_a_second_is_taken() -> None:
    completed = run("0.1", "--exit-code", "7")
    assert len(completed.stdout.splitlines()) == 2
    assert completed.returncode == 7


@pytest.mark.parametrize(
    "arguments", [[], ["x"], ["-1"], ["nan"], ["1", "2"], ["1", "--exit-code"], ["1", "--exit-code", "-2"]]
)
def test_a_bad_argument_is_answered_with_the_usage(arguments: list[str]) -> None:
    completed = run(*arguments)
    assert completed.returncode == 2
    assert completed.stdout == ""
    assert completed.stderr == "usage: countdown SECONDS [--exit-code N]\n"


def test_exit_codes_of_windows_are_taken() -> None:
    assert parse(["3", "--exit-code=3221225786"]) == (3.0, 3221225786)
