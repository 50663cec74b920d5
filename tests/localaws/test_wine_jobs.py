"""Windows jobs on a running server, under Wine: the real countdown.exe, started and ended as AWS would."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgauge.localaws.countdowns import NATIVE_FOLDER_VARIABLE, Launcher
from tests.conftest import running_server

pytestmark = pytest.mark.wine

WINDOWS_LOG_GROUP = "/aws/batch/windows-jobs"


@pytest.fixture(scope="module")
def wine_server(wine: Launcher, built: Path) -> Iterator[Any]:
    """A server that has found Wine to work."""
    cache = Path(wine.environment["WINEPREFIX"]).parents[1]
    variables = {NATIVE_FOLDER_VARIABLE: str(built), "XDG_CACHE_HOME": str(cache)}
    # Job ids come from the seed; this one's must be those of no other server on this computer.
    with running_server("--seed", str(os.getpid()), environment=variables) as server:
        server.until(lambda: countdown_of(server) == "wine" or None)
        yield server


def countdown_of(server: Any) -> str:
    with urllib.request.urlopen(f"{server.endpoint}/_batchgauge/health") as answer:
        return str(json.load(answer)["windowsCountdown"])


def programs_of(job_id: str) -> set[str]:
    """The names of the executables that run for a job."""
    found = set()
    for folder in Path("/proc").iterdir():
        try:
            if f"AWS_BATCH_JOB_ID={job_id}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.add((folder / "exe").readlink().name)
        except OSError:
            continue  # not a process, gone, or somebody else's
    return found


def test_countdown_exe_itself_counts_down(wine_server: Any) -> None:
    job_id = wine_server.submit("windows-countdown-job", parameters={"countdownSeconds": "3"})
    assert any(name.startswith("wine") for name in wine_server.until(lambda: programs_of(job_id) or None))
    job = wine_server.finished_job(job_id)
    assert (job["status"], job["container"]["exitCode"]) == ("SUCCEEDED", 0)
    *ticks, last = wine_server.lines_of(job, WINDOWS_LOG_GROUP)
    assert [line.split()[2] for line in ticks] == ["remaining_s=3", "remaining_s=2", "remaining_s=1"]
    assert last.startswith("countdown done seconds=3 ")
    assert job["stoppedAt"] - job["startedAt"] >= 3000


def test_a_load_is_made_by_countdown_exe(wine_server: Any) -> None:
    command = ["powershell.exe", "-Command", "C:\\test\\countdown.exe", "1", "--cpu", "50%", "--io", "1M/s"]
    job = wine_server.finished_job(wine_server.submit("windows-countdown-job", containerOverrides={"command": command}))
    assert job["status"] == "SUCCEEDED"
    assert wine_server.lines_of(job, WINDOWS_LOG_GROUP)[-2].startswith("countdown load cpu_wanted_s=0.500 cpu_used_s=")


def test_its_exit_code_arrives(wine_server: Any) -> None:
    command = ["C:\\test\\countdown.exe", "0", "--exit-code", "7"]
    job = wine_server.finished_job(wine_server.submit("windows-countdown-job", containerOverrides={"command": command}))
    assert (job["status"], job["container"]["exitCode"]) == ("FAILED", 7)


def test_terminate_ends_it(wine_server: Any) -> None:
    job_id = wine_server.submit("windows-countdown-job", parameters={"countdownSeconds": "1000"})
    wine_server.until(lambda: programs_of(job_id) or None)
    wine_server.client("batch").terminate_job(jobId=job_id, reason="enough")
    job = wine_server.finished_job(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "enough")
    assert not programs_of(job_id)


def test_the_server_has_not_lost_wine_on_the_way(wine_server: Any) -> None:
    job_ids = [wine_server.submit("windows-countdown-job", parameters={"countdownSeconds": "1"}) for _ in range(8)]
    jobs = [wine_server.finished_job(job_id) for job_id in job_ids]
    assert {job["status"] for job in jobs} == {"SUCCEEDED"}
