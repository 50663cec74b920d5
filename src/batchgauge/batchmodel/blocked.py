"""Blocked queues: a head that no environment of its queue will ever take, what is said of it, and what is done about it."""

from __future__ import annotations

from typing import Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.compute_environments import ComputeEnvironment
from batchgauge.batchmodel.job_queues import JobQueue
from batchgauge.batchmodel.jobs import RUNNABLE, Job
from batchgauge.batchmodel.life_cycle import LifeCycle
from batchgauge.batchmodel.outbox import Outbox

INSUFFICIENT_CAPACITY: Final = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type"
)
MAX_RESOURCE: Final = (
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
    " - CE(s) associated with the job queue cannot meet the CPU requirement of the job."
)
JOB_REQUIREMENT: Final = (
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU)"
    " is higher than that can be met by the CE(s) attached to the job queue."
)
UNDETERMINED: Final = "UNDETERMINED - Batch job is blocked, root cause is undetermined."


def insufficient_capacity(environment: ComputeEnvironment) -> str:
    """Why a head is not placed where AWS itself has nothing to give."""
    kinds = environment.resources.get("instanceTypes") or [environment.platform]
    return f"{INSUFFICIENT_CAPACITY} [{kinds[0]}]"


def can_run(environment: ComputeEnvironment, job: Job) -> bool:
    """Whether jobs of this kind may be placed here at all."""
    specification = job.specification
    if not environment.takes_jobs or environment.platform != specification.definition.platform:
        return False
    return environment.takes_windows or not specification.is_windows


def blocked_reason(queue: JobQueue, job: Job) -> str:
    """Why the queue's head will not be placed as things are, in AWS's words."""
    environments = [environment for environment in queue.environments if can_run(environment, job)]
    if any(job.specification.requirement.vcpus <= environment.capacity.max_vcpus for environment in environments):
        return JOB_REQUIREMENT
    if environments:
        return MAX_RESOURCE
    return JOB_REQUIREMENT if any(environment.takes_jobs for environment in queue.environments) else UNDETERMINED


class BlockedQueues:
    """Says once that a queue is blocked, and carries out its time limit actions."""

    def __init__(self, agenda: Agenda, outbox: Outbox, life_cycle: LifeCycle) -> None:
        self._agenda = agenda
        self._outbox = outbox
        self._life_cycle = life_cycle
        self._since: dict[int, tuple[str, float]] = {}
        """By the numbers of the heads that block: why, and since when."""

    def report(self, queue: JobQueue, job: Job, reason: str) -> None:
        """The scheduler has found this head blocked."""
        since = self._since.get(job.number)
        if since is not None and since[0] == reason:
            return
        now_ms = self._agenda.now_ms
        self._since[job.number] = since = reason, now_ms
        job.status_reason = reason
        self._outbox.blocked(job, now_ms)
        code = reason.partition(" - ")[0]
        for action in queue.time_limit_actions:
            if action["reason"].partition(" - ")[0] == code:
                self._agenda.at(now_ms + action["maxTimeSeconds"] * 1000, self._act, (job, since))

    def waits(self, job: Job) -> None:
        """This head only waits for room: if it was blocked, it is no more."""
        if self._since and self._since.pop(job.number, None) is not None:
            job.status_reason = None

    def _act(self, blocked: tuple[Job, tuple[str, float]]) -> None:
        job, since = blocked
        if job.state == RUNNABLE and self._since.get(job.number) == since:
            code = since[0].partition(" - ")[0]
            self._life_cycle.fail(
                job, f"Canceled by JobStateTimeLimit action due to reason: {code}", "blocked its queue for too long"
            )
