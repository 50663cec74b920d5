"""Everything about the imitated account that is not made through its API: rates, start-up, contention, faults.

Durations are milliseconds; `Distribution` is before the time scale wherever a start-up is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MIN_CYCLE_MS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Distribution:
    """A log-normal duration by its median and the spread of its logarithm (0: always the median)."""

    median_ms: float
    sigma: float = 0.0


@dataclass(frozen=True, slots=True)
class StartUp:
    """What start-up is made of, before the time scale."""

    provisioning: Distribution
    image_pull: Distribution
    container_start: Distribution
    image_mib: float = 250.0
    """How large the image is; matters where pulls share a registry's bandwidth (`ModelSettings.registry_mib_per_s`)."""


WINDOWS_START_UP = StartUp(
    provisioning=Distribution(45_000, 0.15),
    image_pull=Distribution(100_000, 0.20),
    container_start=Distribution(35_000, 0.15),
    image_mib=2_000.0,
)
"""A bare Windows Server Core 2022 image on Fargate: about three minutes in all (one field report)."""

LINUX_START_UP = StartUp(
    provisioning=Distribution(20_000, 0.20),
    image_pull=Distribution(12_000, 0.30),
    container_start=Distribution(4_000, 0.20),
)
"""Linux on Fargate: 30 to 60 seconds (AWS documentation)."""


EC2_START_UP = StartUp(
    provisioning=Distribution(1_000, 0.20),
    image_pull=Distribution(8_000, 0.30),
    container_start=Distribution(1_500, 0.20),
)
"""On an instance that is there already (an estimate: AWS says only that EC2 dispatches faster than Fargate)."""


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """A bucket that holds `depth` tokens and gains `rate_per_s` a second; a call takes one."""

    depth: float
    rate_per_s: float


@dataclass(frozen=True, slots=True)
class Contention:
    """How jobs that run at the same time slow each other, as by a database or a network that all of them use.

    With n of them running, each goes on at 1 / s(n) of its pace alone, s(n) = 1 + `queueing` (n - `free`) + `crosstalk` (n - `free`)²
    beyond the first `free` ones, and 1 up to there: Gunther's universal scalability law, said of durations. The pace changes at once
    with every start and end. It holds for virtual jobs. Real processes contend for the computer that they run on, in its own way, and are
    not held back; but they count among the n.
    """

    queueing: float = 0.0
    """Waiting for something of which there is one."""
    crosstalk: float = 0.0
    """Agreeing with each of the others."""
    free: int = 1
    """So many do not disturb each other."""

    def slowdown(self, running: float) -> float:
        """s(n), at least 1."""
        beyond = max(0.0, running - self.free)
        return 1.0 + self.queueing * beyond + self.crosstalk * beyond * beyond


@dataclass(frozen=True, slots=True)
class ModelFaults:
    """What goes wrong on purpose. Shares are probabilities from 0 to 1, drawn from the seed; each fault is told as `FaultInjected`."""

    throttled: Mapping[str, float] = field(default_factory=dict)
    """Operation, or ``*`` for those that are not named → share of its calls that are answered with 429, whatever the bucket says."""
    server_errors: Mapping[str, float] = field(default_factory=dict)
    """The same with 500 ``ServerException``; nothing was done then."""
    withheld_vcpus: Mapping[str, float] = field(default_factory=dict)
    """Compute environment's name → vCPUs that cannot be had at the moment, though ``maxvCpus`` allows them; what runs goes on."""
    image_pull_failures: float = 0.0
    """Share of attempts whose image cannot be pulled."""
    crashes: float = 0.0
    """Share of attempts that are killed for their use of memory, after `crash_after`; those that are shorter get away."""
    crash_after: Distribution = Distribution(2_000, 0.5)
    """From the container's start."""
    vanishing: float = 0.0
    """Share of attempts whose end is never reported: RUNNING until the time-out or a TerminateJob ends them."""
    hanging: float = 0.0
    """Share of attempts whose container does nothing and never ends, and takes no notice of SIGTERM."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Everything about the imitated account that is not made through its API."""

    account_id: str = "123456789012"
    region: str = "us-west-2"
    seed: int = 0
    time_scale: float = 1.0
    """Shrinks provisioning, image pull, container start and scale-up only; never rates, processes or time stamps."""
    windows_start_up: StartUp = WINDOWS_START_UP
    linux_start_up: StartUp = LINUX_START_UP
    submit_job_bucket: TokenBucket = TokenBucket(50, 50)
    """AWS: 50 a second per account and Region; the depth is an inference."""
    other_api_bucket: TokenBucket = TokenBucket(100, 50)
    """Per operation. AWS's help page says 50/s for Batch calls in general; the depth is an inference."""
    fargate_launch_bucket: TokenBucket = TokenBucket(100, 20)
    ec2_start_up: StartUp = EC2_START_UP
    ec2_scale_up: Distribution = Distribution(150_000, 0.20)
    """From the need of an instance to its being ready; minutes."""
    ec2_scale_down: Distribution = Distribution(600_000)
    """How long an instance stays without a job; scaled as scale-up is."""
    fargate_vcpu_quota: float | None = None
    """The account's quota L-3032A538, shared by all Fargate environments; None: no limit but each environment's own."""
    dispatch_bucket: TokenBucket | None = None
    """How fast the scheduler places jobs, all queues together; None: as fast as there is room."""
    scheduler_cycle_ms: float = 500.0
    """How often the queues are looked at. AWS does not publish its cadence."""
    log_stream_prefix_length: int = 200
    visibility_delay_ms: float = 0.0
    """How long a job that was just submitted stays invisible to reads."""
    registry_mib_per_s: float | None = None
    """Bandwidth that all image pulls share, in the time of start-up before its scale; None: no pull slows another."""
    contention: Contention | None = None
    """How running jobs slow each other; None: they don't."""
    max_processes: int | None = None
    """Attempts that would start while so many processes run are virtual; 0: all are; None: only those that ask for it."""
    virtual_duration: Distribution = Distribution(30_000)
    """How long a virtual job runs that does not say it (`virtual_work`)."""
    faults: ModelFaults = field(default_factory=ModelFaults)
    """Those from the start on; `SetFaults` changes them."""
    emits_events: bool = True
    """Whether `EmitEvent` comes out; for a driver that would drop it."""
    emits_transitions: bool = True
    """Whether `Transition` comes out."""

    @property
    def cycle_ms(self) -> float:
        """The scheduler's cycle; never 0, or it would look at the queues again and again in one moment."""
        return max(self.scheduler_cycle_ms, MIN_CYCLE_MS)
