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


SERVER = """
import subprocess, sys
from batchgauge.localaws.job_object import end_children_with_this_process
print(end_children_with_this_process(), flush=True)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"]).pid, flush=True)
sys.stdin.read()
"""
KILLS = """
import ctypes, subprocess, sys
server = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(server.stdout.readline().decode().strip())
kernel = ctypes.WinDLL("kernel32")
kernel.OpenProcess.restype = ctypes.c_void_p
job = ctypes.c_void_p(kernel.OpenProcess(0x100000, False, int(server.stdout.readline())))
print(kernel.WaitForSingleObject(job, 0) == 0x102)
server.kill()
print(kernel.WaitForSingleObject(job, 30000) == 0)
"""


def test_a_server_that_is_killed_takes_its_jobs_along(tmp_path: Path) -> None:
    done = call(tmp_path, "-c", KILLS, SERVER)
    # Bound; its job ran; it has ended with it.
    assert done.stdout.split() == [b"True", b"True", b"True"], done.stderr


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
