"""What a run is asked to do."""

from __future__ import annotations

from typing import Final

import msgspec

DEFAULT_NUM_JOBS: Final = 5
DEFAULT_COUNTDOWN_S: Final = 30
DEFAULT_MAX_WORKERS: Final = 10
DEFAULT_MONITOR_INTERVAL_S: Final = 10.0
DEFAULT_REGION: Final = "us-west-2"
DEFAULT_LEVELS: Final = (2, 5, 10, 20)
DEFAULT_PAUSE_S: Final = 30.0
"""All of the above are the specification's."""

COUNTDOWN_PARAMETER: Final = "countdownSeconds"
"""The job definition's parameter that carries ``--countdown``."""


class JobShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one job is: everything of SubmitJob that is the same for all jobs of a run."""

    job_queue: str
    job_definition: str
    parameters: dict[str, str] = {}
    command: tuple[str, ...] | None = None
    environment: dict[str, str] = {}
    vcpus: float | None = None
    memory_mib: int | None = None
    tags: dict[str, str] = {}


class ObservedJobs(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Which jobs of somebody else's a run only watches: those of a name prefix, or an array's children."""

    name_prefix: str | None = None
    array_job_id: str | None = None
    since_ms: float | None = None
    """Only jobs that AWS made at or after this moment (AWS's clock)."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One run at one level: `num_jobs` jobs of one shape, submitted by at most `max_workers` requests in flight."""

    job: JobShape
    num_jobs: int = DEFAULT_NUM_JOBS
    countdown_s: int | None = DEFAULT_COUNTDOWN_S
    """None where the program is not the countdown."""
    max_workers: int = DEFAULT_MAX_WORKERS
    is_monitored: bool = False
    monitor_interval_s: float = DEFAULT_MONITOR_INTERVAL_S
    observed: ObservedJobs | None = None
    """Set where the jobs were submitted by something else: `num_jobs` are then those found at the start, and more may have come."""
