"""The countdown that jobs run: the Python one, and the builds of the C source natively and under Wine, all of the same words."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from batchgauge.localaws.countdown import parse, process_start_s
from batchgauge.localaws.countdowns import (
    PYTHON_COUNTDOWN,
    Countdowns,
    Launcher,
    is_working,
    native_countdown,
    wine_countdown,
)

ROOT = Path(__file__).parents[2]
IMPORTED_S = time.monotonic()
WINE_FOLDERS = os.pathsep.join((os.environ["PATH"], "/usr/lib/wine"))
"""Debian's wine64 without its wrapper is on nobody's PATH."""
TICK = re.compile(
    r"countdown seq=(\d+) remaining_s=(\S+) utc=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z monotonic_s=\d+\.\d{6}"
)
LAST = re.compile(
    r"countdown done seconds=(\S+) elapsed_s=(\S+) drift_ms=(\S+) worst_tick_ms=\S+ cpu_s=\S+( peak_memory_kib=\d+)?"
)
BAD_ARGUMENTS = [[], ["x"], ["-1"], ["nan"], ["1", "2"], ["1", "--exit-code"], ["1", "--exit-code", "-2"]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `scripts/build-countdown`; on Linux a C compiler of the machine does where ziglang is missing."""
    folder = tmp_path_factory.mktemp("native")
    if find_spec("ziglang") is not None and os.environ.get("BATCHGAUGE_BUILD_COUNTDOWN"):
        subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "build-countdown"), str(folder)], check=True, timeout=900
        )
        return folder
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler, or ziglang and BATCHGAUGE_BUILD_COUNTDOWN=1 (its first build takes minutes)")
    program = folder / f"countdown-linux-{os.uname().machine}"
    source = str(ROOT / "deploy" / "countdown" / "countdown.c")
    subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", source, "-o", str(program), "-lm"], check=True)
    return folder


@pytest.fixture(params=["python", "native", pytest.param("wine", marks=pytest.mark.wine)])
def launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    if request.param == "python":
        return Launcher(PYTHON_COUNTDOWN)
    folder: Path = request.getfixturevalue("built")
    if request.param == "native":
        launcher = native_countdown(folder)
        assert launcher.arguments[0].startswith(str(folder))
        return launcher
    return wine_of(folder, request, monkeypatch)


def wine_of(folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """Wine with a drive of this test session's own."""
    if sys.platform == "win32" or not any(shutil.which(name, path=WINE_FOLDERS) for name in ("wine64", "wine")):
        pytest.skip("needs Wine")
    if not (folder / "countdown.exe").exists():
        pytest.skip("needs countdown.exe: ziglang and BATCHGAUGE_BUILD_COUNTDOWN=1")
    base = request.getfixturevalue("tmp_path_factory").getbasetemp()
    monkeypatch.setenv("XDG_CACHE_HOME", str(base / "cache"))
    launcher = wine_countdown(WINE_FOLDERS, folder)
    assert launcher is not None
    assert is_working(launcher)
    return launcher


def run(launcher: Launcher, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*launcher.arguments, *arguments],
        env={**os.environ, **launcher.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


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


def test_wine_is_used_only_where_it_is_and_countdown_exe_is_built(tmp_path: Path) -> None:
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
        countdowns = Countdowns(Launcher(PYTHON_COUNTDOWN))
        launcher = Launcher((str(wine),), {"WINEPREFIX": str(tmp_path / "a" / "b")})
        thread = countdowns.prepare_wine(launcher, asyncio.get_running_loop().call_soon_threadsafe)
        assert countdowns.windows.arguments == PYTHON_COUNTDOWN
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)
        assert (countdowns.windows is launcher) == is_used
        assert countdowns.linux.arguments == PYTHON_COUNTDOWN

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
