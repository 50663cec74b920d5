"""Other people's clients of AWS Batch, each in a virtual environment of its own that is made when a test asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

INSTALL_LIMIT_S = 900


@dataclass(frozen=True)
class Installed:
    """A virtual environment with some packages."""

    bin: Path

    @property
    def as_image(self) -> dict[str, str]:
        """For a server whose jobs find these programs, as a container finds those of its image."""
        return {"PATH": os.pathsep.join((str(self.bin), os.environ["PATH"]))}

    def run(self, server: Any, folder: Path, program: str, *arguments: str, exit_code: int = 0) -> str:
        """Run one of its programs against the server; what it says."""
        completed = subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=folder,
            env={**server.environment, **self.as_image, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert completed.returncode == exit_code, completed.stdout
        return completed.stdout


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Installed]:
    """``install(name, *requirements)``; where that cannot be, the test is skipped and says why."""
    made: dict[str, Installed] = {}

    def install(name: str, *requirements: str) -> Installed:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            completed = subprocess.run(
                [*pip, *requirements], capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False
            )
            if completed.returncode != 0:
                cause = (completed.stderr.strip().splitlines() or ["no reason given"])[-1]
                pytest.skip(f"{name}: {', '.join(requirements)} cannot be installed here: {cause}")
            made[name] = Installed(folder / "bin")
        return made[name]

    return install


@pytest.fixture
def instances_queue() -> Callable[[Any], str]:
    """Makes a queue ``instances`` with EC2 capacity on a server, for job definitions that name no platform; its ARN."""

    def make(server: Any) -> str:
        batch = server.client("batch")
        batch.create_compute_environment(
            computeEnvironmentName="instances",
            type="MANAGED",
            computeResources={
                "type": "EC2",
                "minvCpus": 0,
                "maxvCpus": 16,
                "instanceTypes": ["optimal"],
                "subnets": ["subnet-1"],
                "securityGroupIds": ["sg-1"],
                "instanceRole": "arn:aws:iam::123456789012:instance-profile/BatchInstanceRole",
            },
        )
        made = batch.create_job_queue(
            jobQueueName="instances",
            priority=1,
            computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "instances"}],
        )
        return str(made["jobQueueArn"])

    return make
