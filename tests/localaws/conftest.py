"""The builds of countdown's C source, and Wine with a drive of the test session's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from batchgauge.localaws.countdowns import Launcher, is_working, wine_countdown

ROOT = Path(__file__).parents[2]
MINGW = "x86_64-w64-mingw32-gcc"
SOURCES = ROOT / "deploy" / "windows" / "countdown"
PARTS = ("countdown", "options", "load")
FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `scripts/build-countdown`; the C compilers of the machine do where ziglang is missing."""
    folder = tmp_path_factory.mktemp("native")
    if find_spec("ziglang") is not None and os.environ.get("BATCHGAUGE_BUILD_COUNTDOWN"):
        subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "build-countdown"), str(folder)], check=True, timeout=900
        )
        return folder
    if shutil.which(MINGW) is not None:
        compile_countdown(MINGW, "-static", "platform_windows", folder / "countdown.exe")
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler, or ziglang and BATCHGAUGE_BUILD_COUNTDOWN=1 (its first build takes minutes)")
    compile_countdown(compiler, "-pthread", "platform_posix", folder / f"countdown-linux-{os.uname().machine}")
    return folder


def compile_countdown(compiler: str, flag: str, platform: str, program: Path) -> None:
    """By a C compiler of this machine."""
    sources = [str(SOURCES / f"{part}.c") for part in (*PARTS, platform)]
    subprocess.run([compiler, *FLAGS, flag, *sources, "-o", str(program), "-lm"], check=True)


@pytest.fixture(scope="session")
def wine(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """countdown.exe under Wine; its drive (690 MB) goes when the tests are over."""
    if not (built / "countdown.exe").exists():
        pytest.skip(f"needs countdown.exe: {MINGW}, or ziglang and BATCHGAUGE_BUILD_COUNTDOWN=1")
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        launcher = wine_countdown(os.environ["PATH"], built)
    if launcher is None:
        pytest.skip("needs Wine (Debian's wine64)")
    assert is_working(launcher)
    # As long as a program runs, Wine's services stay: no job of a test has to start them, or is taken for their parent.
    keeper = subprocess.Popen(
        [*launcher.arguments, "100000"],
        env={**os.environ, **launcher.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield launcher
    keeper.kill()
    keeper.wait()
    folder = Path(launcher.arguments[0]).resolve().parent
    found = next((path for path in (folder / "wineserver64", folder / "wineserver") if path.exists()), None)
    if found is not None:  # else it ends by itself in some seconds
        subprocess.run([str(found), "--kill"], env={**os.environ, **launcher.environment}, check=False)
    shutil.rmtree(cache, ignore_errors=True)
