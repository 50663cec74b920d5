"""What a server of the embedded AWS is told at its start, and what it tells once it accepts connections."""

from __future__ import annotations

import os
import secrets
import string
from dataclasses import dataclass, field
from pathlib import Path

ACCESS_KEY_ID_VARIABLE = "BATCHGAUGE_LOCAL_ACCESS_KEY_ID"
SECRET_ACCESS_KEY_VARIABLE = "BATCHGAUGE_LOCAL_SECRET_ACCESS_KEY"  # noqa: S105 - a variable's name
BASE32_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ALPHANUMERICS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Credentials:
    """One key pair. They are made for one server, so that nobody else on the machine (nor a web page) can make it run a command."""

    access_key_id: str
    secret_access_key: str = field(repr=False)

    @classmethod
    def from_environment_or_new(cls) -> Credentials:
        """Those of the two ``BATCHGAUGE_LOCAL_…`` variables where both are set, else random ones. (A command line would show them.)"""
        given = os.environ.get(ACCESS_KEY_ID_VARIABLE), os.environ.get(SECRET_ACCESS_KEY_VARIABLE)
        if given[0] and given[1]:
            return cls(given[0], given[1])
        return cls("AKIA" + _random_text(BASE32_LETTERS, 16), _random_text(ALPHANUMERICS, 40))


def _random_text(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server. All Batch state is served whatever Region a request is signed for; `region` is where its resources say they are."""

    host: str = "127.0.0.1"
    port: int = 4566
    """0: any free one."""
    time_scale: float = 0.05
    """Shrinks provisioning, image pull, container start and scale-up only."""
    max_vcpus: int = 16
    submit_rate_per_s: float = 50.0
    submit_burst: float = 50.0
    api_rate_per_s: float = 50.0
    """Of each other operation of Batch by itself."""
    api_burst: float = 100.0
    logs_rate_scale: float = 1.0
    """Multiplies the rates of the logs API; 0: no limit."""
    max_processes: int = 5000
    """Jobs beyond so many processes are virtual."""
    seed: int = 0
    region: str = "us-west-2"
    account_id: str = "123456789012"
    ground_truth: Path | None = None
    """Every transition's exact time and cause is appended here, a JSON object a line."""
    faults_file: Path | None = None
    """What is to go wrong on purpose, from the start."""
    model_file: Path | None = None
    """What is unlike AWS's defaults about the account (`model_file.ModelFile`)."""
    state_folder: Path | None = None
    """Where Batch's state is kept, and found again by the next server."""
    enforces_iam: bool = False
    """Whether keys that IAM gives out here may do only what their users' and roles' policies allow; the server's own may do all."""
    is_ended_with_stdin: bool = False
    """The server ends when its standard input closes: whoever launched it has died."""
    max_body_bytes: int = 10 * 1024 * 1024
    log_flush_interval_s: float = 0.2
    credentials: Credentials = field(default_factory=Credentials.from_environment_or_new)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a client needs to know of a server that accepts connections now."""

    endpoint: str
    credentials: Credentials
    region: str
    account_id: str
    pid: int
    time_scale: float
    max_vcpus: int
    job_queue: str
    job_definition: str
    is_neighbours_ready: bool

    def as_json(self) -> dict[str, str | int | float | bool]:
        """As ``serve --json`` prints it."""
        return {
            "endpoint": self.endpoint,
            "accessKeyId": self.credentials.access_key_id,
            "secretAccessKey": self.credentials.secret_access_key,
            "region": self.region,
            "accountId": self.account_id,
            "pid": self.pid,
            "timeScale": self.time_scale,
            "maxvCpus": self.max_vcpus,
            "jobQueue": self.job_queue,
            "jobDefinition": self.job_definition,
            "neighboursReady": self.is_neighbours_ready,
        }
