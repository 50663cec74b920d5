"""Judgments over a queue: whether it takes jobs, where they would run, and how many of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from batchgauge.core.checks.outcome import (
    Argument,
    Check,
    CheckCode,
    CheckKind,
    aws_command,
    failed,
    not_checked,
    ok,
    warning,
)
from batchgauge.core.checks.setup import Asked, EnvironmentSetup, QueueSetup, QuotaSetup, Setup, Unread

USABLE_STATUSES: Final = frozenset({"VALID", "UPDATING", ""})
"""What is being changed takes jobs all the while; not every imitation of AWS shows a status."""


def check_queue(setup: Setup, asked: Asked) -> Iterator[Check]:
    """The queue, its environments, and what room there is."""
    queue = setup.queue
    if isinstance(queue, Unread):
        yield not_checked(CheckKind.JOB_QUEUE, queue)
        return
    yield _queue(queue, setup, asked)
    if queue is None:
        return
    environments = setup.environments
    if isinstance(environments, Unread):
        yield not_checked(CheckKind.COMPUTE_ENVIRONMENT, environments)
    else:
        yield from _environments(environments, setup, asked)
        yield from _capacity(environments, setup, asked)
    if not setup.is_quick:
        yield from _quota(setup, asked)
        yield from _others(setup, asked)


def is_usable(environment: EnvironmentSetup) -> bool:
    """Whether jobs can start in it now."""
    return environment.state == "ENABLED" and environment.status in USABLE_STATUSES


def _queue(queue: QueueSetup | None, setup: Setup, asked: Asked) -> Check:
    kind = CheckKind.JOB_QUEUE
    if queue is None:
        fix = aws_command(asked, setup.region, "batch", "describe-job-queues")
        return failed(kind, CheckCode.QUEUE_MISSING, fix=fix, queue=asked.queue, region=setup.region)
    facts: dict[str, Argument] = {"queue": queue.name, "state": queue.state, "queue_status": queue.status}
    if queue.state != "ENABLED":
        words = ("batch", "update-job-queue", "--job-queue", queue.name, "--state", "ENABLED")
        fix = aws_command(asked, setup.region, *words)
        return failed(kind, CheckCode.QUEUE_DISABLED, facts, fix=fix, said=queue.status_reason)
    if queue.status not in USABLE_STATUSES:
        return failed(kind, CheckCode.QUEUE_INVALID, facts, said=queue.status_reason)
    return ok(kind, CheckCode.QUEUE_OK, facts)


def _environments(environments: Sequence[EnvironmentSetup], setup: Setup, asked: Asked) -> Iterator[Check]:
    """One that cannot be used is only to be known where another one can."""
    kind = CheckKind.COMPUTE_ENVIRONMENT
    if not environments:
        yield failed(kind, CheckCode.ENVIRONMENT_MISSING, queue=asked.queue)
    judge = warning if any(map(is_usable, environments)) else failed
    for environment in environments:
        facts: dict[str, Argument] = {
            "environment": environment.name,
            "type": environment.type or "UNMANAGED",
            "max_vcpus": "-" if environment.max_vcpus is None else environment.max_vcpus,
            "state": environment.state,
            "environment_status": environment.status,
        }
        said = environment.status_reason
        if environment.state != "ENABLED":
            words = ("update-compute-environment", "--compute-environment", environment.name, "--state", "ENABLED")
            fix = aws_command(asked, setup.region, "batch", *words)
            yield judge(kind, CheckCode.ENVIRONMENT_DISABLED, facts, fix=fix, said=said)
        elif environment.status not in USABLE_STATUSES:
            yield judge(kind, CheckCode.ENVIRONMENT_INVALID, facts, said=said)
        else:
            yield ok(kind, CheckCode.ENVIRONMENT_OK, facts)


def job_vcpus(setup: Setup, asked: Asked) -> float | None:
    """What one job takes; None where nobody says."""
    if asked.vcpus is not None:
        return asked.vcpus
    definition = setup.definition
    return None if definition is None or isinstance(definition, Unread) else definition.vcpus


def _capacity(environments: Sequence[EnvironmentSetup], setup: Setup, asked: Asked) -> Iterator[Check]:
    kind, vcpus = CheckKind.CAPACITY, job_vcpus(setup, asked)
    usable = [environment for environment in environments if is_usable(environment)]
    limits = [environment.max_vcpus for environment in usable if environment.max_vcpus is not None]
    if not usable or len(limits) < len(usable):
        return  # said already, or an environment of the user's own instances
    most, total = max(limits), sum(limits)
    widest = next(environment for environment in usable if environment.max_vcpus == most)

    def widen(vcpus: float) -> str:
        size = f"maxvCpus={vcpus:g}"
        words = ("update-compute-environment", "--compute-environment", widest.name, "--compute-resources", size)
        return aws_command(asked, setup.region, "batch", *words)

    if total == 0:
        fix = widen((asked.num_jobs or 16) * (vcpus or 1))
        yield failed(kind, CheckCode.CAPACITY_NONE, fix=fix, environment=widest.name)
    elif vcpus is None:
        return
    elif vcpus > most:
        yield failed(kind, CheckCode.CAPACITY_TOO_SMALL, fix=widen(vcpus), vcpus=vcpus, max_vcpus=most)
    else:
        # A job takes its place in one environment: what is left over in several adds up to nothing.
        jobs = sum(int(limit // vcpus) for limit in limits)
        if asked.num_jobs is not None and jobs < asked.num_jobs:
            fix = widen(most + (asked.num_jobs - jobs) * vcpus)
            below: dict[str, Argument] = {"jobs": jobs, "level": asked.num_jobs, "max_vcpus": total}
            yield warning(kind, CheckCode.CAPACITY_BELOW_LEVEL, below, fix=fix)
        else:
            yield ok(kind, CheckCode.CAPACITY_OK, jobs=jobs, max_vcpus=total)


def _quota(setup: Setup, asked: Asked) -> Iterator[Check]:
    kind, quota = CheckKind.QUOTA, setup.quota
    if isinstance(quota, Unread):
        yield not_checked(kind, quota)
        return
    vcpus = job_vcpus(setup, asked)
    if quota is None or not vcpus:
        return
    jobs = int(quota.value // vcpus)
    facts: dict[str, Argument] = {"quota": quota.name, "quota_code": quota.code, "vcpus": quota.value, "jobs": jobs}
    if jobs == 0:
        yield failed(kind, CheckCode.QUOTA_TOO_SMALL, facts, fix=_more(quota, vcpus, setup, asked))
    elif asked.num_jobs is not None and jobs < asked.num_jobs:
        fix = _more(quota, asked.num_jobs * vcpus, setup, asked)
        yield warning(kind, CheckCode.QUOTA_BELOW_LEVEL, facts, fix=fix, level=asked.num_jobs)
    else:
        yield ok(kind, CheckCode.QUOTA_OK, facts)


def _more(quota: QuotaSetup, vcpus: float, setup: Setup, asked: Asked) -> str:
    words = ("--service-code", "fargate", "--quota-code", quota.code, "--desired-value", f"{vcpus:g}")
    return aws_command(asked, setup.region, "service-quotas", "request-service-quota-increase", *words)


def _others(setup: Setup, asked: Asked) -> Iterator[Check]:
    kind, others = CheckKind.OTHERS_JOBS, setup.others
    if isinstance(others, Unread):
        yield not_checked(kind, others)
    elif others.runnable or others.running:
        words = ("batch", "list-jobs", "--job-queue", asked.queue, "--job-status", "RUNNABLE")
        yield warning(
            kind,
            CheckCode.QUEUE_SHARED,
            fix=aws_command(asked, setup.region, *words),
            queue=asked.queue,
            runnable=others.runnable,
            running=others.running,
        )
    else:
        yield ok(kind, CheckCode.QUEUE_EMPTY, queue=asked.queue)
