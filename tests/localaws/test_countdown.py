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
from batchgauge.localaws.countdown import process_start_s
from batchgauge.localaws.countdown_load import HELP, Options, parse
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
    r"countdown done seconds=(\S+) elapsed_s=(\S+) drift_ms=(\S+) worst_tick_ms=\S+ cpu_s=(\S+)"
    r"(?: peak_memory_kib=(\d+))?(?: jitter_s=(\S+))?"
)
USAGE = (
    "usage: countdown SECONDS [--exit-code N] [--jitter SECONDS] [--cpu LOAD] [--memory SIZE] [--io SIZE[/s]] [--help]"
)


@pytest.fixture(params=["python", "native", pytest.param("wine", marks=pytest.mark.wine)])
def launcher(request: pytest.FixtureRequest) -> Launcher:
    return launcher_of(request)


@pytest.fixture(params=["python", "native"])
def native_or_python(request: pytest.FixtureRequest) -> Launcher:
    return launcher_of(request)


def launcher_of(request: pytest.FixtureRequest) -> Launcher:
    if request.param == "python":
        return Launcher(PYTHON_COUNTDOWN)
    if request.param == "wine":
        wine: Launcher = request.getfixturevalue("wine")
        return wine
    folder: Path = request.getfixturevalue("built")
    launcher = native_countdown(folder)
    assert launcher.arguments[0].startswith(str(folder))
    return launcher


def run(launcher: Launcher, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Output by files, not pipes: Wine leaves services running that would hold those open for seconds."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        completed = subprocess.run(
            [*launcher.arguments, *arguments],
            env={**os.environ, **launcher.environment, **variables},
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


BAD_ARGUMENTS = [
    [],
    ["x"],
    ["-1"],
    ["nan"],
    ["0x1f"],
    ["1_0"],
    ["1", "2"],
    ["1", "--exit-code"],
    ["1", "--exit-code", "-2"],
    ["1", "--exit-code=1.5"],
    ["1", "--exit-code", "4294967296"],
    ["1", "--jitter", "-1"],
    ["1", "--cpu", "257"],
    ["1", "--cpu=25601%"],
    ["1", "--cpu", "%"],
    ["1", "--memory", "5X"],
    ["1", "--memory", "2000G"],
    ["1", "--memory=M"],
    ["1", "--io", "1M/h"],
    ["1", "--speed", "1"],
]
"""Each is refused; what is refused without a word of its own is the missing number of seconds."""


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=" ".join)
def test_a_bad_argument_is_answered_with_the_usage(arguments: list[str], native_or_python: Launcher) -> None:
    refused_with_the_usage(native_or_python, arguments)


@pytest.mark.wine
def test_countdown_exe_answers_a_bad_argument_with_the_usage(wine: Launcher) -> None:
    for arguments in ([], ["x"], ["1", "--memory", "5X"]):
        refused_with_the_usage(wine, arguments)


def refused_with_the_usage(launcher: Launcher, arguments: list[str]) -> None:
    completed = run(launcher, *arguments)
    assert (completed.returncode, completed.stdout) == (2, "")
    *said, usage = completed.stderr.splitlines()
    assert usage == USAGE
    # An option is named with its value, since that is what is wrong as a rule.
    refused = " ".join(arguments[1:] if len(arguments) > 1 else arguments)
    assert said == ([f"countdown: not understood: {refused}"] if arguments else [])


def test_the_builds_and_the_python_countdown_give_the_same_help(launcher: Launcher) -> None:
    completed = run(launcher, "--help")
    assert completed.returncode == 0
    assert completed.stdout == f"{USAGE}\n{HELP}"


def figures(line: str, name: str) -> dict[str, float]:
    """`countdown load cpu_wanted_s=1.000 …`: its figures."""
    words = line.split()
    assert words[:2] == ["countdown", name]
    return {key: float(value) for key, value in (word.split("=") for word in words[2:])}


def test_a_load_is_made_and_measured(launcher: Launcher) -> None:
    completed = run(launcher, "1", "--cpu", "50%", "--memory=24M", "--io", "3M/s", "--exit-code", "9")
    assert completed.returncode == 9
    _, load_line, done_line = completed.stdout.splitlines()
    load, done = figures(load_line, "load"), figures(done_line, "done")
    assert load["cpu_wanted_s"] == 0.5
    assert load["cpu_rounds"] > 0
    # More than this it cannot be, however busy this computer is: Windows counts in steps of 15.6 ms.
    assert 0 < load["cpu_used_s"] < 0.6
    assert done["cpu_s"] >= load["cpu_used_s"] - 0.02
    assert load["memory_wanted_bytes"] == load["memory_touched_bytes"] == 24 * 2**20
    assert load["memory_passes"] >= 1
    assert 0 < load["memory_first_pass_ms"] <= load["memory_worst_pass_ms"]
    if "peak_memory_kib" in done:
        assert done["peak_memory_kib"] > 24 * 1024
    assert load["io_wanted_bytes"] == load["io_written_bytes"] == 3 * 2**20
    assert 0 < load["io_worst_ms"] <= load["io_busy_ms"]


def test_an_amount_is_written_once_in_laps_of_the_file(native_or_python: Launcher) -> None:
    """More than a lap, and no multiple of a block; into memory where there is such a folder, so that no disk is too slow."""
    folder = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
    load_line = run(native_or_python, "1", "--io", f"{65 * 2**20 + 1}", **folder).stdout.splitlines()[-2]
    load = figures(load_line, "load")
    assert set(load) == {"io_wanted_bytes", "io_written_bytes", "io_busy_ms", "io_worst_ms"}
    assert load["io_written_bytes"] == 65 * 2**20 + 1


def test_a_load_that_asks_for_nothing_says_nothing(launcher: Launcher) -> None:
    completed = run(launcher, "0.1", "--cpu", "0", "--memory", "0", "--io", "0/s")
    assert [line.split()[1] for line in completed.stdout.splitlines()] == ["seq=0", "done"]


def test_jitter_lengthens_the_countdown_by_a_time_that_it_tells(launcher: Launcher) -> None:
    drawn = set()
    for _ in range(3):
        done = figures(run(launcher, "0.05", "--jitter", "0.2").stdout.splitlines()[-1], "done")
        drawn.add(done.get("jitter_s", 0.0))
        assert done["seconds"] == pytest.approx(0.05 + done.get("jitter_s", 0.0), abs=0.0005)
        assert done["elapsed_s"] >= done["seconds"]
    assert len(drawn) > 1
    assert all(0 <= jitter_s < 0.2 for jitter_s in drawn)


def test_memory_that_cannot_be_had_is_said_at_once(launcher: Launcher) -> None:
    completed = run(launcher, "1", "--memory", "1024G")
    assert (completed.returncode, completed.stdout) == (1, "")
    assert completed.stderr.splitlines()[-1] == "countdown: cannot have that much memory"


def test_without_a_folder_for_the_file_nothing_is_counted(native_or_python: Launcher) -> None:
    completed = run(native_or_python, "1", "--io", "1", TMPDIR="/nowhere")
    assert (completed.returncode, completed.stdout) == (1, "")
    assert completed.stderr.splitlines()[-1] == "countdown: cannot make a temporary file"


def test_the_file_is_gone_when_the_program_is(native_or_python: Launcher, tmp_path: Path) -> None:
    assert run(native_or_python, "0.1", "--io", "1K", TMPDIR=str(tmp_path)).returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_sigterm_ends_the_build_as_it_ends_any_program(built: Path) -> None:
    """A handler of its own: as a container's first process it would not be ended without."""
    command = [*native_countdown(built).arguments, "60", "--cpu", "1%"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=30) == 143


def test_exit_codes_of_windows_are_taken() -> None:
    assert parse(["3", "--exit-code=3221225786"]) == Options(seconds=3.0, exit_code=3221225786)


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
