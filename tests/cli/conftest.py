"""The command, run as a user runs it: a process of its own, with nothing of this machine's AWS configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forked import ForkServer, can_fork

Command = Callable[..., subprocess.CompletedProcess[str]]
LIMIT_S = 120


@pytest.fixture
def bare_environment(tmp_path: Path) -> dict[str, str]:
    """An English user with an empty home."""
    left_out = ("AWS_", "BATCHGAUGE_", "COLUMNS")  # xdist sets COLUMNS in its workers
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {
        **kept,
        "BATCHGAUGE_LANG": "en",
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.end()


@pytest.fixture
def batchgauge(tmp_path: Path, bare_environment: dict[str, str], fork_server: ForkServer) -> Command:
    """Runs ``batchgauge ARGUMENTS`` in the test's folder; `environ` is added to the environment."""

    def run(*arguments: object, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**bare_environment, **(environ or {})}
        words = [str(argument) for argument in arguments]
        if can_fork(environment):
            return fork_server.run(words, tmp_path, environment, LIMIT_S)
        return subprocess.run(
            [sys.executable, "-m", "batchgauge", *words],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=environment,
            timeout=LIMIT_S,
            check=False,
        )

    return run


@pytest.fixture
def at_server(server: Any, batchgauge: Command) -> Command:
    """The same, with the variables that ``batchgauge local serve`` prints for the AWS CLI."""
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return batchgauge(*arguments, environ=pointing)

    return run
