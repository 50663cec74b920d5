"""What a run is measured in, and by whom."""

from __future__ import annotations

import msgspec


class ComputeEnvironmentFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the run's queue stood on when the run began."""

    name: str
    type: str | None = None
    max_vcpus: int | None = None
    state: str | None = None
    status: str | None = None
    status_reason: str | None = None
    instance_types: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    """What it may choose from, as AWS takes it: types, families and bundles of them; unset where it has none (Fargate)."""


class TaskPrice(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one of the run's tasks costs, by the price table of that day."""

    per_hour: float | None
    """None where the table has no price for it."""
    currency: str
    as_of: str
    system: str
    billing_minimum_s: float
    is_provisional: bool = False
    source: str = ""
    """Where the price is from (`core.cost.prices`)."""
    most_per_hour: float | None = None
    """Of a job that has an instance of EC2 to itself; `per_hour` is then its part of a full one. None on Fargate, where both are one."""
    idle_s: float = 0.0
    """For how long an instance is taken to be billed at the most before and after what runs on it."""


class EnvironmentFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where a run took place; recorded once, at its start."""

    region: str
    tool_version: str
    endpoint_url: str | None = None
    is_local: bool = False
    """Whether it ran against the embedded AWS, which is a model and not AWS."""
    has_own_server: bool = False
    """Whether that embedded AWS was the measuring process's own and ends with it."""
    profile: str | None = None
    """The AWS profile that was named, where one was."""
    time_scale: float | None = None
    """The embedded AWS's time scale: provisioning, pull, container start and scale-up are shrunk by it."""
    account_id: str | None = None
    python_version: str | None = None
    platform: str | None = None
    job_queue_arn: str | None = None
    job_definition_arn: str | None = None
    job_platform: str | None = None
    """``FARGATE`` or ``EC2``."""
    operating_system_family: str | None = None
    cpu_architecture: str | None = None
    """``X86_64`` or ``ARM64``, where the job definition says."""
    job_vcpus: float | None = None
    job_memory_mib: int | None = None
    log_group: str | None = None
    compute_environments: tuple[ComputeEnvironmentFacts, ...] = ()
    price: TaskPrice | None = None
    """None where nothing costs, or nobody looked."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What was asked for of a run's document; whoever takes the run up again keeps to it."""

    is_redacted: bool = False
    """Whether names and account numbers are to be taken out of it; the journal keeps them."""
    output: str | None = None
    """The file that it goes to besides its place under ``runs/``: absolute, and a wish only, since a journal may come from others."""


class Sources(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a run reads besides the jobs themselves; whoever takes it up again reads the same."""

    reads_logs: bool = True
    reads_tasks: bool = True
    reads_metrics: bool = False
    events_queue: str | None = None
    """The URL of a queue that the events come to already; None: rule and queue are the run's own, where it watches events."""
