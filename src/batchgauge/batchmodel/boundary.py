"""What goes into the model and what comes out: the only words it shares with those who drive it.

``BatchModel.step(now_ms, inputs) -> effects`` is the whole traffic. The model never sleeps, reads no clock and does no I/O: whoever
drives it (``localaws`` in real time, ``predict`` and the virtual-time gateway at once) tells it the time and what came from outside,
and performs the effects that come back, in order.

Times are milliseconds since the Unix epoch, as floats; AWS's integer milliseconds are their floor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

JsonObject: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A request of the Batch API whose shape has been validated; answered by exactly one `Answer` or `Refusal` of the same step."""

    call_id: int
    operation: str
    """As in the service model: ``SubmitJob``, ``DescribeJobs`` …"""
    parameters: JsonObject


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """A process that `StartProcess` asked for has ended (or could not be started: then `reason` says why and `exit_code` is None)."""

    task_id: str
    exit_code: int | None
    reason: str | None = None


Input: TypeAlias = ApiCall | ProcessEnded


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a successful answer, ready for JSON; camelCase as on the wire."""

    call_id: int
    body: JsonObject


@dataclass(frozen=True, slots=True)
class Refusal:
    """An AWS-shaped error: 400 ``ClientException``, 429 ``TooManyRequestsException``, 500 ``ServerException``."""

    call_id: int
    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StartProcess:
    """The container of an attempt starts now (the job has just become RUNNING)."""

    task_id: str
    job_id: str
    attempt: int
    """From 1."""
    command: Sequence[str]
    """``Ref::`` already substituted."""
    environment: Mapping[str, str]
    """The definition's and the override's variables with Batch's own (``AWS_BATCH_JOB_ID`` …)."""
    operating_system_family: str
    """``LINUX`` or ``WINDOWS_SERVER_…``."""
    log_group: str
    log_stream: str
    region: str = "us-west-2"


@dataclass(frozen=True, slots=True)
class SignalProcess:
    """End the process of an attempt: politely (SIGTERM) or at once (SIGKILL)."""

    task_id: str
    signal: Literal["term", "kill"]


@dataclass(frozen=True, slots=True)
class EmitEvent:
    """An EventBridge event of ``source: aws.batch``; `time_ms` is exact, the envelope's own time has one second's resolution."""

    detail_type: str
    resources: Sequence[str]
    detail: JsonObject
    time_ms: float


@dataclass(frozen=True, slots=True)
class Transition:
    """Ground truth: a job changed its state at this exact time, and why. Not visible through any AWS API."""

    job_id: str
    time_ms: float
    from_state: str | None
    to_state: str
    attempt: int
    cause: str


Effect: TypeAlias = Answer | Refusal | StartProcess | SignalProcess | EmitEvent | Transition


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


WINDOWS_START_UP = StartUp(
    provisioning=Distribution(45_000, 0.15),
    image_pull=Distribution(100_000, 0.20),
    container_start=Distribution(35_000, 0.15),
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
    extra: Mapping[str, Any] = field(default_factory=dict)


class Model(Protocol):
    """What ``localaws`` and ``predict`` drive. `BatchModel` (model.py) is the one implementation."""

    def step(self, now_ms: float, inputs: Sequence[Input] = ()) -> list[Effect]:
        """Let time pass to `now_ms` (never backwards), then take the inputs in order; effects come in the order they happened."""
        ...

    def next_event_ms(self) -> float | None:
        """When the model next wants to be stepped even if nothing comes from outside; None where it waits for the world only."""
        ...

    def describe_task(self, task_arn: str) -> JsonObject | None:
        """The ECS task of an attempt, as ECS DescribeTasks shows it, with its start-up split; None where there is none."""
        ...
