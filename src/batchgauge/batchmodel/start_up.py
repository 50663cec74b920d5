"""How long an attempt's start-up takes: provisioning, image pull and container start, by platform."""

from __future__ import annotations

from batchgauge.batchmodel.boundary import ModelSettings, StartUp
from batchgauge.batchmodel.draws import Draws, duration_ms
from batchgauge.batchmodel.jobs import Attempt, Job


def plan_start_up(attempt: Attempt, job: Job, settings: ModelSettings, draws: Draws) -> None:
    """Set the attempt's planned times; the same for the same seed, job number and attempt, whatever else happens."""
    start_up = _start_up(attempt, job, settings)
    first, second, third = draws.normals("start-up", job.number * 16 + attempt.number, 3)
    scale = settings.time_scale
    attempt.pull_started_ms = attempt.created_ms + scale * duration_ms(start_up.provisioning, first)
    attempt.pull_stopped_ms = attempt.pull_started_ms + scale * duration_ms(start_up.image_pull, second)
    attempt.started_ms = attempt.pull_stopped_ms + scale * duration_ms(start_up.container_start, third)


def _start_up(attempt: Attempt, job: Job, settings: ModelSettings) -> StartUp:
    if attempt.environment.platform == "EC2":
        return settings.ec2_start_up
    return settings.windows_start_up if job.specification.is_windows else settings.linux_start_up
