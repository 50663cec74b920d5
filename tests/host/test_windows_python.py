"""The tool in Windows's own Python, under Wine: for those who have made one with scripts/windows-python."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

VARIABLE = "BATCHGAUGE_WINDOWS_PYTHON"
PYTHON = os.environ.get(VARIABLE)

pytestmark = [
    pytest.mark.wine,
    pytest.mark.skipif(PYTHON is None, reason=f"{VARIABLE} names no interpreter (scripts/windows-python makes one)"),
]


def call(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(PYTHON), *arguments],
        cwd=folder,
        env={**os.environ, "BATCHGAUGE_LANG": "en", **variables},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=150,
        check=False,
    )


def test_it_is_windows(tmp_path: Path) -> None:
    done = call(tmp_path, "-c", "import sys, asyncio; print(sys.platform, type(asyncio.new_event_loop()).__name__)")
    assert done.stdout.split() == [b"win32", b"ProactorEventLoop"]


@pytest.mark.parametrize("definition", ["windows-countdown-job", "linux-countdown-job"])
def test_a_run_on_the_embedded_aws_works(definition: str, tmp_path: Path) -> None:
    run = ("run", "--local", "--job-definition", definition, "--num-jobs", "2", "--countdown", "1", "--json")
    done = call(tmp_path, "-m", "batchgauge", *run, "--time-scale", "0.001")
    assert done.returncode == 0, done.stderr
    assert b"\r\n" not in done.stdout
    assert json.loads(done.stdout)["successfulJobs"] == 2
    [journal] = (tmp_path / "test-results" / "runs").glob("*/journal.jsonl")
    assert journal.read_bytes().count(b"\r\n") == 0


def test_the_japanese_code_page_is_spoken(tmp_path: Path) -> None:
    done = call(tmp_path, "-m", "batchgauge", "run", "--help", BATCHGAUGE_LANG="ja", PYTHONIOENCODING="cp932")
    assert done.returncode == 0
    assert "ジョブ" in done.stdout.decode("cp932")


def test_what_depends_on_the_system_passes_its_own_tests(tmp_path: Path) -> None:
    tests = Path(__file__).parents[1]
    modules = ("host/test_signals.py", "host/test_clock.py", "store/test_journal_taken_up.py", "store/test_results.py")
    named = [f"Z:{tests / name}" for name in modules]
    done = call(tests.parent, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "60", *named)
    assert done.returncode == 0, done.stdout.decode("cp1252", "replace")
