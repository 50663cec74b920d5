"""Which countdown a job runs: the real countdown.exe under Wine, a native build of the same source, or the Python one (decision 0007)."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOG = logging.getLogger(__name__)
NATIVE_FOLDER_VARIABLE = "BATCHGAUGE_NATIVE_FOLDER"
NATIVE_FOLDER = Path(os.environ.get(NATIVE_FOLDER_VARIABLE) or Path(__file__).with_name("native"))
"""Where ``scripts/build-countdown`` puts its builds, and where it is empty in a fresh checkout; or the folder of the variable."""
PYTHON_COUNTDOWN = (sys.executable, "-I", "-S", str(Path(__file__).with_name("countdown.py")))
WINE_NAMES = ("wine64", "wine")
WINE_FOLDERS = ("/usr/lib/wine",)
"""Searched after PATH: Debian's wine64 without the wrapper of the package `wine` is on nobody's PATH."""
PREPARE_LIMIT_S = 300.0
"""The first time, Wine makes its whole drive C: seconds, and several hundred megabytes."""


@dataclass(frozen=True, slots=True)
class Launcher:
    """What stands before the countdown's own arguments, and the variables it needs."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def native_countdown(folder: Path = NATIVE_FOLDER) -> Launcher:
    """The build for this machine where there is one, else the Python countdown."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    name = "countdown.exe" if sys.platform == "win32" else f"countdown-{sys.platform}-{machine}"
    built = folder / name
    return Launcher((str(built),)) if os.access(built, os.X_OK) else Launcher(PYTHON_COUNTDOWN)


def wine_countdown(search_path: str, folder: Path = NATIVE_FOLDER) -> Launcher | None:
    """countdown.exe under the Wine of this machine; None without Wine or without the build."""
    folders = os.pathsep.join((search_path, *WINE_FOLDERS))
    wine = next((found for name in WINE_NAMES if (found := shutil.which(name, path=folders))), None)
    program = folder / "countdown.exe"
    if wine is None or not program.exists() or sys.platform == "win32":
        return None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    prefix = cache / "batchgauge" / "wine"
    return Launcher((wine, str(program)), {"WINEPREFIX": str(prefix), "WINEDEBUG": "-all"})


class Countdowns:
    """The two countdowns of a server: for Linux jobs, and for Windows jobs."""

    def __init__(self, linux: Launcher | None = None) -> None:
        self.linux = linux or native_countdown()
        self.windows = self.linux

    @property
    def windows_kind(self) -> str:
        """What Windows jobs run: ``wine``, ``native`` or ``python``."""
        if self.windows is not self.linux:
            return "wine"
        return "python" if self.linux.arguments == PYTHON_COUNTDOWN else "native"

    def prepare_wine(self, wine: Launcher, call_soon: Callable[[Callable[[], None]], object]) -> threading.Thread:
        """Let Wine make its drive in a thread; once countdown.exe has run, Windows jobs run it. Until then, the native one."""

        def prepare() -> None:
            if is_working(wine):
                call_soon(use)

        def use() -> None:
            self.windows = wine

        thread = threading.Thread(target=prepare, name="wine", daemon=True)
        thread.start()
        return thread


def is_working(wine: Launcher) -> bool:
    """Whether countdown.exe runs to its end."""
    prefix = Path(wine.environment["WINEPREFIX"])
    try:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        completed = subprocess.run(
            [*wine.arguments, "0"],
            env={**os.environ, **wine.environment},
            # No pipes: the services that Wine leaves running would hold them open.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PREPARE_LIMIT_S,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        LOG.warning("Wine does not work, Windows jobs run the native countdown: %s", error)
        return False
    if completed.returncode != 0:
        LOG.warning("Wine does not work, Windows jobs run the native countdown: exit code %d", completed.returncode)
    return completed.returncode == 0
