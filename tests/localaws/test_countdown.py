"""The countdown that jobs run: the Python one, and the builds of the C source natively and under Wine, all of the same words."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from batchgauge.localaws import countdowns
from batchgauge.localaws.countdown import parse, process_start_s
from batchgauge.localaws.countdowns import (
    PYTHON_COUNTDOWN,
    Countdowns,
    Launcher,
    native_countdown,
    wine_countdown,
)

IMPORTED_S = time.monotonic()
TICK = re.compile(
    r"countdown seq=(\d+) remaining_s=(\S+) utc=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z monotonic_s=\d+\.\d{6}"
)
LAST = re.compile(
    r"countdown done seconds=(\S+) elapsed_s=(\S+) drift_ms=(\S+) worst_tick_ms=\S+ cpu_s=\S+( peak_memory_kib=\d+)?"
)
BAD_ARGUMENTS = [[], ["x"], ["-1"], ["nan"], ["1", "2"], ["1", "--exit-code"], ["1", "--exit-code", "-2"]]


@pytest.fixture(params=["python", "native", pytest.param("wine", marks=pytest.mark.wine)])
def launcher(request: pytest.FixtureRequest) -> Launcher:
    if request.param == "python":
        return Launcher(PYTHON_COUNTDOWN)
    if request.param == "wine":
        wine: Launcher = request.getfixturevalue("wine")
        return wine
    folder: Path = request.getfixturevalue("built")
    launcher = native_countdown(folder)
    assert launcher.arguments[0].startswith(str(folder))
    return launcher


def run(launcher: Launcher, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Output by files, not pipes: Wine leaves services running that would hold those open for seconds."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        completed = subprocess.run(
            [*launcher.arguments, *arguments],
            env={**os.environ, **launcher.environment},
            stdout=output,
            stderr=errors,
            check=False,
            timeout=60,
        )
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(completed.args, completed.returncode, output.read(), errors.read())


def test_it_ticks_once_a_second_and_measures_itself(launcher: Launcher) -> None:
    completed = run(launcher, "2")
    *ticks, last = completed.stdout.splitlines()
    matches = [TICK.fullmatch(line) for line in ticks]
    assert [(match[1], match[2]) for match in matches if match] == [("0", "2"), ("1", "1")]
    summary = LAST.fullmatch(last)
    assert summary is not None
    assert summary[1] == "2"
    assert float(summary[2]) >= 2
    assert float(summary[3]) == pytest.approx((float(summary[2]) - 2) * 1000, abs=0.002)
    assert completed.returncode == 0


def test_a_fraction_of_a_second_is_taken(launcher: Launcher) -> None:
    completed = run(launcher, "0.1", "--exit-code", "7")
    assert len(completed.stdout.splitlines()) == 2
    assert completed.returncode == 7


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS)
def test_a_bad_argument_is_answered_with_the_usage(arguments: list[str], launcher: Launcher) -> None:
    completed = run(launcher, *arguments)
    assert completed.returncode == 2
    assert completed.stdout == ""
    assert completed.stderr.splitlines()[-1:] == ["usage: countdown SECONDS [--exit-code N]"]


def test_exit_codes_of_windows_are_taken() -> None:
    assert parse(["3", "--exit-code=3221225786"]) == (3.0, 3221225786)


def test_without_a_build_the_python_countdown_is_the_native_one(tmp_path: Path) -> None:
    assert native_countdown(tmp_path).arguments == PYTHON_COUNTDOWN


def test_wine_is_used_only_where_it_is_and_countdown_exe_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(countdowns, "WINE_FOLDERS", ())
    wine = tmp_path / "wine64"
    wine.write_text("#!/bin/sh\nexit 0\n")
    wine.chmod(0o755)
    assert wine_countdown(str(tmp_path), tmp_path) is None
    (tmp_path / "countdown.exe").touch()
    found = wine_countdown(str(tmp_path), tmp_path)
    assert found is not None
    assert found.arguments == (str(wine), str(tmp_path / "countdown.exe"))
    assert wine_countdown(str(tmp_path / "bin"), tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for Wine")
@pytest.mark.parametrize(("exit_code", "is_used"), [(0, True), (1, False)])
def test_windows_jobs_go_to_wine_once_it_has_worked(tmp_path: Path, exit_code: int, is_used: bool) -> None:
    wine = tmp_path / "wine64"
    wine.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    wine.chmod(0o755)

    async def scenario() -> None:
        both = Countdowns(Launcher(PYTHON_COUNTDOWN))
        launcher = Launcher((str(wine),), {"WINEPREFIX": str(tmp_path / "a" / "b")})
        thread = both.prepare_wine(launcher, asyncio.get_running_loop().call_soon_threadsafe)
        assert (both.windows.arguments, both.windows_kind) == (PYTHON_COUNTDOWN, "python")
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)
        assert (both.windows is launcher) == is_used
        assert both.windows_kind == ("wine" if is_used else "python")
        assert both.linux.arguments == PYTHON_COUNTDOWN

    asyncio.run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_it_counts_from_the_start_of_its_process() -> None:
    """This process began before it imported this module; two readings differ by rounding only."""
    assert process_start_s() < IMPORTED_S
    assert process_start_s() == pytest.approx(process_start_s(), abs=0.02)


def test_without_proc_it_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", nothing)
    before_s = time.monotonic()
    started_s = process_start_s()
    monkeypatch.undo()
    assert before_s <= started_s <= time.monotonic()
