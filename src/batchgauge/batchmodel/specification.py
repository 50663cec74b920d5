"""What a job is to run: a job definition and a submission's overrides merged, once for all jobs that are submitted alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import JSONEncoder
from typing import Any, Final

from batchgauge.batchmodel.capacity import Requirement
from batchgauge.batchmodel.container_rules import (
    check_environment,
    check_platform,
    is_windows_family,
    operating_system_family,
)
from batchgauge.batchmodel.job_definitions import JobDefinition, check_priority, check_timeout
from batchgauge.batchmodel.references import substituted
from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.resource_rules import merged_requirements, requirement_of
from batchgauge.batchmodel.retries import checked_retry_strategy
from batchgauge.batchmodel.virtual_work import VirtualWork, virtual_work

DEFAULT_LOG_GROUP: Final = "/aws/batch/job"
MAX_OVERRIDES_LENGTH: Final = 8192
SPECIFYING: Final = (
    "containerOverrides",
    "parameters",
    "retryStrategy",
    "timeout",
    "schedulingPriorityOverride",
    "propagateTags",
)
"""The parameters of SubmitJob that a specification is made of, beside the definition."""
MAX_KEPT: Final = 4096
_encode: Final = JSONEncoder(separators=(",", ":"), check_circular=False, default=dict).encode


@dataclass(frozen=True, slots=True)
class JobSpecification:
    """Shared by every job that was submitted with the same definition and overrides; never changed."""

    definition: JobDefinition
    container: Mapping[str, Any]
    """`container` of DescribeJobs as far as it is known before the job starts."""
    detail: Mapping[str, Any]
    """What else DescribeJobs shows of all these jobs alike."""
    command: tuple[str, ...]
    environment: Mapping[str, str]
    requirement: Requirement
    operating_system_family: str
    is_windows: bool
    retry_strategy: Mapping[str, Any]
    timeout_s: int | None
    log_group: str
    log_stream_prefix: str
    priority: int
    virtual_work: VirtualWork
    encoded: EncodedSpecification


class EncodedSpecification:
    """The parts of an entry of DescribeJobs that come from the specification, as JSON; made when first asked for."""

    __slots__ = ("_container", "_container_json", "_detail", "_detail_json")

    def __init__(self, detail: Mapping[str, Any], container: Mapping[str, Any]) -> None:
        self._detail = detail
        self._container = container
        self._detail_json: str | None = None
        self._container_json: str | None = None

    @property
    def detail(self) -> str:
        """Without its braces: more follows and comes before."""
        if self._detail_json is None:
            self._detail_json = _encode(self._detail)[1:-1]
        return self._detail_json

    @property
    def container(self) -> str:
        """Without its last brace: more follows."""
        if self._container_json is None:
            self._container_json = _encode(self._container)[:-1]
        return self._container_json


class Specifications:
    """Makes them, and finds those that have been made."""

    def __init__(self, log_stream_prefix_length: int) -> None:
        self._log_stream_prefix_length = log_stream_prefix_length
        self._made: dict[object, JobSpecification] = {}

    def of(self, definition: JobDefinition, parameters: Mapping[str, Any]) -> JobSpecification:
        """The specification for the parameters of a SubmitJob."""
        # As text, a key is made fastest; the order of keys in objects counts, which costs a little memory and no correctness.
        key = (definition.arn, *[(name, repr(parameters[name])) for name in SPECIFYING if name in parameters])
        known = self._made.get(key)
        if known is None:
            known = specify(definition, parameters, self._log_stream_prefix_length)
            if len(self._made) >= MAX_KEPT:
                self._made.clear()
            self._made[key] = known
        return known


def specify(
    definition: JobDefinition, parameters: Mapping[str, Any], log_stream_prefix_length: int
) -> JobSpecification:
    """Merge, substitute and check."""
    overrides = parameters.get("containerOverrides") or {}
    container = _container(definition, overrides)
    values = {**definition.description["parameters"], **(parameters.get("parameters") or {})}
    container["command"] = substituted(container["command"], values)
    check_timeout(parameters.get("timeout"))
    check_priority(parameters.get("schedulingPriorityOverride"))
    retry_strategy = checked_retry_strategy(
        parameters.get("retryStrategy") or definition.description.get("retryStrategy") or {}
    )
    timeout = parameters.get("timeout") or definition.description.get("timeout") or {}
    family = operating_system_family(container)
    log = container.get("logConfiguration") or {}
    options = log.get("options") or {}
    priority = parameters.get("schedulingPriorityOverride", definition.description.get("schedulingPriority", 0))
    environment = {entry["name"]: entry.get("value", "") for entry in container["environment"] if "name" in entry}
    detail = _detail(definition, parameters, values, retry_strategy, timeout)
    return JobSpecification(
        definition=definition,
        container=container,
        detail=detail,
        command=container["command"],
        environment=environment,
        requirement=requirement_of(container),
        operating_system_family=family,
        is_windows=is_windows_family(family),
        retry_strategy=retry_strategy,
        timeout_s=timeout.get("attemptDurationSeconds"),
        log_group=options.get("awslogs-group", DEFAULT_LOG_GROUP),
        log_stream_prefix=options.get("awslogs-stream-prefix") or definition.name[:log_stream_prefix_length],
        priority=priority,
        virtual_work=virtual_work(container["command"], environment, values),
        encoded=EncodedSpecification(detail, container),
    )


def _container(definition: JobDefinition, overrides: Mapping[str, Any]) -> dict[str, Any]:
    container = {**definition.container, "networkInterfaces": []}
    if len(repr(overrides)) > MAX_OVERRIDES_LENGTH and _length(overrides) > MAX_OVERRIDES_LENGTH:
        raise client_error(f"Container Overrides length must be at most {MAX_OVERRIDES_LENGTH}")
    for name in ("vcpus", "memory", "instanceType"):
        if name in overrides:
            container[name] = overrides[name]
    if overrides.get("command"):
        container["command"] = overrides["command"]
    check_environment(overrides.get("environment", ()))
    container["environment"] = _merged_environment(container["environment"], overrides.get("environment", ()))
    container["resourceRequirements"] = merged_requirements(
        container["resourceRequirements"], overrides.get("resourceRequirements", ())
    )
    check_platform(container, definition.platform)
    if definition.platform == "FARGATE":
        container.setdefault("fargatePlatformConfiguration", {"platformVersion": "LATEST"})
    return container


def _length(overrides: Mapping[str, Any]) -> int:
    """Of the overrides as JSON without spaces, about."""
    return len(repr(overrides).replace(": ", ":").replace(", ", ","))


def _merged_environment(
    base: Sequence[Mapping[str, str]], override: Sequence[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    merged = {entry.get("name", ""): entry for entry in base}
    merged.update({entry.get("name", ""): entry for entry in override})
    return list(merged.values())


def _detail(
    definition: JobDefinition,
    parameters: Mapping[str, Any],
    values: Mapping[str, str],
    retry_strategy: Mapping[str, Any],
    timeout: Mapping[str, Any],
) -> dict[str, Any]:
    described = definition.description
    detail: dict[str, Any] = {
        "jobDefinition": definition.arn,
        "parameters": values,
        "retryStrategy": {"attempts": 1, "evaluateOnExit": [], **retry_strategy},
        "platformCapabilities": described.get("platformCapabilities", [definition.platform]),
        "propagateTags": parameters.get("propagateTags", described.get("propagateTags", False)),
    }
    if timeout:
        detail["timeout"] = timeout
    return detail
