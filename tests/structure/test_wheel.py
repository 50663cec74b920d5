"""The wheel: everything that the command reads is in it, and it works where nothing else of the project is."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
NOT_SHIPPED = (".po", ".pyc")
"""Sources of catalogues may be there or not; what is read is built from them."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    line = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "hatchling" in done.stderr:
        pytest.skip("hatchling, which builds the wheel, cannot be had from a package index")
    assert done.returncode == 0, done.stderr
    [made] = folder.glob("*.whl")
    return made


def test_every_file_of_the_package_is_in_it(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [path.relative_to(SOURCE).as_posix() for path in (SOURCE / "batchgauge").rglob("*") if path.is_file()]
    wanted = {name for name in files if not name.endswith(NOT_SHIPPED) and "/native/" not in name}
    assert wanted - packed == set()
    assert {name for name in wanted if name.endswith((".mo", ".json", ".js", ".css"))}


def test_nothing_but_the_package_is_in_it(wheel: Path) -> None:
    folders = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"batchgauge"}


def test_it_works_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """The libraries by reference; the project's own folder is not among them."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=os.name == "posix")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    call(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)], tmp_path
    )
    packages = next(folder.rglob("site-packages"))
    libraries = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    (packages / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    command = str(python.with_name("batchgauge"))
    where = call([str(python), "-c", "import batchgauge; print(batchgauge.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(folder)
    assert call([command, "--version"], tmp_path).startswith("batchgauge, version ")
    assert "使い方" in call([command, "--lang", "ja", "--help"], tmp_path) + call(
        [command, "--lang", "ja", "run", "--help"], tmp_path
    )
    said = call([command, "run", "--local", "--num-jobs", "2", "--countdown", "0", "--time-scale", "0.001"], tmp_path)
    assert "2 accepted, 2 succeeded" in said


def call(line: Sequence[str], folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BATCHGAUGE_", "AWS_"))}
    done = subprocess.run(
        line,
        cwd=folder,
        env={**kept, "BATCHGAUGE_LANG": "en", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
