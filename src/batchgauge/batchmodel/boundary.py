"""What goes into the model and what comes out: the only words it shares with those who drive it.

``BatchModel.step(now_ms, inputs) -> effects`` is the whole traffic. The model never sleeps, reads no clock and does no I/O: whoever
drives it (``localaws`` in real time, ``predict`` and the virtual-time gateway at once) tells it the time and what came from outside,
and performs the effects that come back, in order.

Inputs and effects are named tuples: immutable, and made in a third of the time that a frozen dataclass takes.

Times are milliseconds since the Unix epoch, as floats; AWS's integer milliseconds are their floor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from batchgauge.batchmodel.encoded_json import EncodedJson
from batchgauge.batchmodel.settings import (
    EC2_START_UP,
    LINUX_START_UP,
    WINDOWS_START_UP,
    Contention,
    Distribution,
    ModelFaults,
    ModelSettings,
    StartUp,
    TokenBucket,
)

__all__ = [
    "EC2_START_UP",
    "LINUX_START_UP",
    "WINDOWS_START_UP",
    "Answer",
    "ApiCall",
    "Contention",
    "Distribution",
    "Effect",
    "EmitEvent",
    "EncodedJson",
    "FaultInjected",
    "FaultKind",
    "Input",
    "JsonObject",
    "Model",
    "ModelFaults",
    "ModelSettings",
    "ProcessEnded",
    "ProcessStarted",
    "Refusal",
    "SetFaults",
    "SignalProcess",
    "StartProcess",
    "StartUp",
    "TokenBucket",
    "Transition",
    "VirtualOutput",
]

JsonObject: TypeAlias = Mapping[str, Any]


class ApiCall(NamedTuple):
    """A request of the Batch API whose shape has been validated; answered by exactly one `Answer` or `Refusal` of the same step."""

    call_id: int
    operation: str
    """As in the service model: ``SubmitJob``, ``DescribeJobs`` …"""
    parameters: JsonObject


class ProcessStarted(NamedTuple):
    """A process that `StartProcess` asked for runs now: this moment is the job's ``startedAt``."""

    task_id: str


class ProcessEnded(NamedTuple):
    """A process that `StartProcess` asked for has ended (or could not be started: then `reason` says why and `exit_code` is None)."""

    task_id: str
    exit_code: int | None
    reason: str | None = None


class SetFaults(NamedTuple):
    """From now on these faults, and no others. What a fault has already done to an attempt stays."""

    faults: ModelFaults


Input: TypeAlias = ApiCall | ProcessStarted | ProcessEnded | SetFaults


class Answer(NamedTuple):
    """The body of a successful answer, ready for JSON; camelCase as on the wire. An `EncodedJson` need not be encoded."""

    call_id: int
    body: JsonObject


class Refusal(NamedTuple):
    """An AWS-shaped error: 400 ``ClientException``, 429 ``TooManyRequestsException``, 500 ``ServerException``."""

    call_id: int
    status: int
    code: str
    message: str


class StartProcess(NamedTuple):
    """The container of an attempt is to start; its job becomes RUNNING when `ProcessStarted` says that it has."""

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
    image: str = ""
    must_find_log_group: bool = False
    """Whether the container fails where its log group is missing: Batch makes its default one, a driver what it is told to."""


class SignalProcess(NamedTuple):
    """End the process of an attempt: politely (SIGTERM) or at once (SIGKILL)."""

    task_id: str
    signal: Literal["term", "kill"]


class EmitEvent(NamedTuple):
    """An EventBridge event of ``source: aws.batch``; `time_ms` is exact, the envelope's own time has one second's resolution."""

    detail_type: str
    resources: Sequence[str]
    detail: JsonObject
    time_ms: float


class Transition(NamedTuple):
    """Ground truth: a job changed its state at this exact time, and why. Not visible through any AWS API."""

    job_id: str
    time_ms: float
    from_state: str | None
    to_state: str
    attempt: int
    cause: str


FaultKind: TypeAlias = Literal["throttled", "server-error", "withheld", "image-pull", "crash", "vanished", "hanging"]


class FaultInjected(NamedTuple):
    """Ground truth: something went wrong because `ModelFaults` asked for it. Not visible through any AWS API."""

    kind: FaultKind
    time_ms: float
    subject: str
    """The operation, the compute environment's name, or the task's id."""
    job_id: str | None = None
    """Whose attempt it met."""


class VirtualOutput(NamedTuple):
    """What a virtual job has written, told when it ends: lines for its log stream, each with its own time."""

    task_id: str
    log_group: str
    log_stream: str
    lines: Iterable[tuple[float, str]]
    """Times and lines in order; made when somebody looks."""


Effect: TypeAlias = (
    Answer | Refusal | StartProcess | SignalProcess | EmitEvent | Transition | FaultInjected | VirtualOutput
)


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
