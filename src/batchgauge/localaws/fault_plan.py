"""What is to go wrong on purpose, as a file or an admin call says it (docs/reference/faults.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from batchgauge.batchmodel.boundary import Distribution, ModelFaults

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
DurationMs: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=86_400_000)]
FaultName: TypeAlias = Literal[
    "throttle", "error", "error-after", "slow", "lost-answer", "cut-before", "cut-after", "denied", "expired"
]
TAKES_EFFECT: frozenset[str] = frozenset({"error-after", "slow", "lost-answer", "cut-after"})
"""Faults of requests that have done what they asked for all the same."""


class FaultPlanError(Exception):
    """A plan that is not of its shape; the message says what and where."""


class _Document(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    pass


class RequestFault(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What happens to some requests of an operation."""

    fault: FaultName
    operation: str = "*"
    service: str = "batch"
    """As in the signature's scope; ``*``: any."""
    share: Share = 1.0
    """Of the requests that match, drawn from the seed."""
    count: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """After so many it is over; None: never."""
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    """So many matching requests go well first."""
    delay_ms: DurationMs = 1000.0
    """``slow`` only: how much later the answer comes."""


class EventFaults(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What happens to Batch's events between Batch and EventBridge."""

    duplicated: Share = 0.01
    """EventBridge delivers at least once."""
    reordered: Share = 0.01
    """It promises no order: such an event comes after the next one."""
    delayed: Share = 0.0
    delay_ms: DurationMs = 5000.0


class LogFaults(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What happens to the lines of containers."""

    delay_ms: DurationMs = 0.0
    """From a line's writing to its being readable; the ingestion time says so."""


class Duration(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """As `Distribution`."""

    median_ms: DurationMs
    sigma: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.0


class JobFaults(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What happens to jobs and capacity; as `ModelFaults`, which says what each field means."""

    throttled: dict[str, Share] = {}
    server_errors: dict[str, Share] = {}
    withheld_vcpus: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}
    image_pull_failures: Share = 0.0
    crashes: Share = 0.0
    crash_after: Duration = Duration(2_000, 0.5)
    vanishing: Share = 0.0
    hanging: Share = 0.0

    def for_model(self) -> ModelFaults:
        """In the model's own words."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        values["crash_after"] = Distribution(self.crash_after.median_ms, self.crash_after.sigma)
        return ModelFaults(**values)


class FaultPlan(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """All of it; an empty one is an AWS on a good day (whose events are doubled and reordered now and then)."""

    requests: tuple[RequestFault, ...] = ()
    events: EventFaults = EventFaults()
    logs: LogFaults = LogFaults()
    jobs: JobFaults = JobFaults()

    def as_document(self) -> dict[str, Any]:
        """As it was given, defaults filled in."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document


def decode(content: bytes, is_toml: bool = False) -> FaultPlan:
    """A plan from JSON or TOML; raises `FaultPlanError`."""
    try:
        if is_toml:
            return msgspec.toml.decode(content, type=FaultPlan)
        return msgspec.json.decode(content, type=FaultPlan)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FaultPlanError(str(error)) from error


def read(path: Path) -> FaultPlan:
    """The plan of a file, TOML where its name ends so; raises `FaultPlanError` or OSError."""
    return decode(path.read_bytes(), is_toml=path.suffix == ".toml")
