"""What is asked for wrongly gets one line that names the flag or field, a hint, and the right exit code; never a traceback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]

QUEUE = ("--job-queue", "windows-batch-queue")
DEFINITION = ("--job-definition", "windows-countdown-job")


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of the error, after checking that it is one, with a hint after it."""
    error, hint = done.stderr.splitlines()[-2:]
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return error


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("run", *QUEUE, *DEFINITION, "--num-jobs", "0"), "--num-jobs"),
        (("run", *QUEUE, *DEFINITION, "--num-jobs", "many"), "--num-jobs"),
        (("run", *QUEUE, *DEFINITION, "--countdown", "-5"), "--countdown"),
        (("run", *QUEUE, *DEFINITION, "--countdown=-5"), "--countdown"),
        (("run", *QUEUE), "--job-definition"),
        (("run", *DEFINITION), "--job-queue"),
        (("run", "--nonsense"), "--nonsense"),
        (("run", *QUEUE, *DEFINITION, "--output", "file/results.json"), "--output"),
        (("run", *QUEUE, *DEFINITION, "--output", "."), "--output"),
        (("run", *QUEUE, *DEFINITION, "--results", "file"), "--results"),
        (("run", *QUEUE, *DEFINITION, "--profile", "nobody"), "--profile"),
        (("sweep", *QUEUE, *DEFINITION, "--levels", "2,x"), "--levels"),
        (("sweep", *QUEUE, *DEFINITION, "--levels", "0"), "--levels"),
        (("sweep", *QUEUE, *DEFINITION, "--pause", "-1"), "--pause"),
        (("local", "serve", "--port", "70000"), "--port"),
        (("analyze", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    batchgauge: Command, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    (tmp_path / "file").write_text("")
    done = batchgauge(*arguments)
    assert named in complaint(done)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--job-queue", "no-such-queue", *DEFINITION), "no-such-queue"),
        ((*QUEUE, "--job-definition", "no-such-definition"), "no-such-definition"),
        ((*QUEUE, "--job-definition", "windows-countdown-job:99"), "windows-countdown-job:99"),
    ],
)
def test_what_does_not_exist_is_named_and_nothing_is_submitted(
    at_server: Command, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    done = at_server("run", *arguments)
    assert named in complaint(done)
    assert done.returncode == 1
    assert not list(tmp_path.glob("test-results/runs/*"))


def test_no_credentials(batchgauge: Command) -> None:
    done = batchgauge("run", *QUEUE, *DEFINITION)
    assert "credentials" in complaint(done)
    assert done.returncode == 1


def test_an_endpoint_that_does_not_answer(batchgauge: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = batchgauge(
            *("run", *QUEUE, *DEFINITION, "--endpoint-url", endpoint),
            environ={"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"},
        )
    assert endpoint in complaint(done)
    assert done.returncode == 1


def test_an_endpoint_that_accepts_and_says_nothing_ends_at_the_first_ctrl_c(
    tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "batchgauge", "run", *QUEUE, *DEFINITION, "--endpoint-url", endpoint],
            env={**bare_environment, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"},
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        silent.accept()[0].close()  # whether it is an embedded AWS
        connection, _ = silent.accept()
        assert connection.recv(1)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        connection.close()
    assert process.returncode == 130
    assert said.strip() == b"", "there are no jobs to speak of"
    assert not list(tmp_path.glob("test-results/runs/*"))


def test_a_folder_without_a_single_result_names_what_was_skipped(batchgauge: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    done = batchgauge("analyze", ".")
    assert done.returncode == 1
    assert "broken.json" in done.stderr.splitlines()[0]


def test_credentials_that_the_endpoint_rejects(server: object, batchgauge: Command) -> None:
    endpoint = str(getattr(server, "endpoint"))  # noqa: B009
    done = batchgauge(
        *("run", *QUEUE, *DEFINITION, "--endpoint-url", endpoint),
        environ={"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"},
    )
    assert complaint(done)
    assert done.returncode == 1


def test_an_empty_results_folder(batchgauge: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = batchgauge("analyze", "empty")
    assert "empty" in complaint(done)
    assert done.returncode == 1
