"""The command, run as a user runs it: a process of its own, with nothing of this machine's AWS configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def batchgauge(tmp_path: Path, bare_environment: dict[str, str]) -> Command:
    """Runs ``batchgauge ARGUMENTS`` in the test's folder; `environ` is added to the environment."""

    def run(*arguments: object, environ: dict[str, str] | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "batchgauge", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={**bare_environment, **(environ or {})},
            timeout=LIMIT_S,
            check=False,
            **more,
        )

    return run


@pytest.fixture
def at_server(server: Any, batchgauge: Command) -> Command:
    """The same, with the variables that ``batchgauge local serve`` prints for the AWS CLI."""
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return batchgauge(*arguments, environ=pointing)

    return run
