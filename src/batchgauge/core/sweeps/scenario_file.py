"""What a scenario file may say: the fields of ``--scenario FILE``, each of which stands for a flag of `run` or `sweep`.

A field that is left out leaves its flag to the command line and to the default. The JSON Schema of these types is published
(docs/reference/schemas/scenario.schema.json).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from batchgauge.core.sweeps.variants import NAME_PATTERN

Text = Annotated[str, Meta(min_length=1)]
AtLeastOne = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(gt=0, le=1)]
Levels = Annotated[str, Meta(pattern=r"^auto(:[0-9]+(,[0-9]+)*)?$")]
"""``auto``, or ``auto:2,5,10,20`` with the levels to begin with."""
Scalar = str | int | float | bool
Duration = str | float
"""``90s``, ``30m``, ``1h30m``, or seconds."""


class JobFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one job is."""

    queue: Text | UnsetType = UNSET
    definition: Text | UnsetType = UNSET
    countdown: NotNegative | UnsetType = UNSET
    parameters: dict[str, Scalar] | UnsetType = UNSET
    command: str | Annotated[list[str], Meta(min_length=1)] | UnsetType = UNSET
    environment: dict[str, Scalar] | UnsetType = UNSET
    vcpus: Positive | UnsetType = UNSET
    memory: AtLeastOne | UnsetType = UNSET


class WatchingFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where what is known of the jobs comes from."""

    monitor: bool | UnsetType = UNSET
    interval: Positive | UnsetType = UNSET
    api_budget: Share | UnsetType = UNSET
    events: bool | UnsetType = UNSET
    events_queue: Text | UnsetType = UNSET
    tasks: bool | UnsetType = UNSET
    logs: bool | UnsetType = UNSET
    container_insights: bool | UnsetType = UNSET


class BudgetFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it may take at most, and what becomes of it where somebody or something is in the way."""

    deadline: Duration | UnsetType = UNSET
    max_jobs: AtLeastOne | UnsetType = UNSET
    max_cost: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    assumed_run: Duration | UnsetType = UNSET
    billing_minimum: Duration | UnsetType = UNSET
    shared_queue: Literal["ask", "ok"] | UnsetType = UNSET
    on_interrupt: Literal["cancel", "leave"] | UnsetType = UNSET
    check: bool | UnsetType = UNSET


class AwsFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which AWS."""

    region: Text | UnsetType = UNSET
    profile: Text | UnsetType = UNSET
    endpoint_url: Text | UnsetType = UNSET


class LocalFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The embedded AWS in its place."""

    enabled: bool | UnsetType = UNSET
    time_scale: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    max_vcpus: AtLeastOne | UnsetType = UNSET


class OutputFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results go, and what is said."""

    results: Text | UnsetType = UNSET
    file: Text | UnsetType = UNSET
    force: bool | UnsetType = UNSET
    redact: bool | UnsetType = UNSET
    json: bool | UnsetType = UNSET
    quiet: bool | UnsetType = UNSET
    lang: Literal["en", "ja"] | UnsetType = UNSET


class VariantFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is other in one variant of a sweep; its levels are all measured."""

    name: Annotated[str, Meta(pattern=NAME_PATTERN)]
    queue: Text | UnsetType = UNSET
    definition: Text | UnsetType = UNSET
    vcpus: Positive | UnsetType = UNSET
    memory: AtLeastOne | UnsetType = UNSET


class ScenarioFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file. `run` takes `num_jobs`; `sweep` takes `levels` and all of their like down to `pause`."""

    num_jobs: AtLeastOne | UnsetType = UNSET
    levels: Annotated[list[AtLeastOne], Meta(min_length=1)] | Levels | UnsetType = UNSET
    largest_level: AtLeastOne | UnsetType = UNSET
    repeats: AtLeastOne | UnsetType = UNSET
    warm_up: NotNegative | UnsetType = UNSET
    order: Literal["given", "random"] | UnsetType = UNSET
    seed: NotNegative | UnsetType = UNSET
    variants: Annotated[list[VariantFields], Meta(min_length=1)] | UnsetType = UNSET
    pause: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    load: Text | UnsetType = UNSET
    max_workers: AtLeastOne | UnsetType = UNSET
    array: bool | UnsetType = UNSET
    job: JobFields | UnsetType = UNSET
    watching: WatchingFields | UnsetType = UNSET
    thresholds: list[Text] | UnsetType = UNSET
    abort_on_breach: bool | UnsetType = UNSET
    abort_grace: Duration | UnsetType = UNSET
    budget: BudgetFields | UnsetType = UNSET
    aws: AwsFields | UnsetType = UNSET
    local: LocalFields | UnsetType = UNSET
    output: OutputFields | UnsetType = UNSET


def _same(value: Any) -> Any:
    return value


def _not(value: bool) -> bool:
    return not value


def _with_commas(levels: list[int] | str) -> str:
    return levels if isinstance(levels, str) else ",".join(map(str, levels))


def _variants(variants: list[VariantFields]) -> list[str]:
    """As ``--variant`` takes them."""
    texts = [(variant.name, ",".join(_overrides(variant))) for variant in variants]
    return [f"{name}:{changes}" if changes else name for name, changes in texts]


def _overrides(variant: VariantFields) -> Iterator[str]:
    for key in ("queue", "definition", "vcpus", "memory"):
        value = getattr(variant, key)
        if value is not UNSET:
            yield f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"


def _pairs(values: Mapping[str, Scalar]) -> list[str]:
    return [f"{name}={_scalar(value)}" for name, value in values.items()]


def _scalar(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(command: str | list[str]) -> str:
    return command if isinstance(command, str) else json.dumps(command, ensure_ascii=False)


def _seconds(duration: str | float) -> str:
    return duration if isinstance(duration, str) else f"{duration:g}"


@dataclass(frozen=True, slots=True)
class Field:
    """How a field stands for a flag."""

    flag: str
    """With its dashes, as it is typed."""
    example: str
    """A value as YAML: the default, where there is one."""
    as_option: Callable[[Any], Any] = _same
    """From the field's value to the flag's."""


FIELDS: Final[Mapping[str, Field]] = {
    "num_jobs": Field("--num-jobs", "5"),
    "levels": Field("--levels", "[2, 5, 10, 20]", _with_commas),
    "largest_level": Field("--largest-level", "1000"),
    "repeats": Field("--repeats", "1"),
    "warm_up": Field("--warm-up", "0"),
    "order": Field("--order", "given"),
    "seed": Field("--seed", "1"),
    "variants": Field(
        "--variant", "[{ name: small, vcpus: 1, memory: 2048 }, { name: large, vcpus: 4, memory: 8192 }]", _variants
    ),
    "pause": Field("--pause", "30"),
    "load": Field("--load", "workers"),
    "max_workers": Field("--max-workers", "10"),
    "array": Field("--array", "false"),
    "job.queue": Field("--job-queue", "YOUR_QUEUE"),
    "job.definition": Field("--job-definition", "windows-countdown-job"),
    "job.countdown": Field("--countdown", "30"),
    "job.parameters": Field("--parameter", '{ key: "value" }', _pairs),
    "job.command": Field("--command", '["countdown.exe", "30"]', _words),
    "job.environment": Field("--environment", '{ NAME: "value" }', _pairs),
    "job.vcpus": Field("--vcpus", "1"),
    "job.memory": Field("--memory", "2048"),
    "watching.monitor": Field("--monitor", "true"),
    "watching.interval": Field("--monitor-interval", "10"),
    "watching.api_budget": Field("--api-budget", "0.2"),
    "watching.events": Field("--events", "false"),
    "watching.events_queue": Field("--events-queue", "https://sqs.us-west-2.amazonaws.com/123456789012/batch-events"),
    "watching.tasks": Field("--no-tasks", "true", _not),
    "watching.logs": Field("--no-logs", "true", _not),
    "watching.container_insights": Field("--container-insights", "false"),
    "thresholds": Field("--threshold", '["success_rate >= 99%", "p95(queue_s) < 60"]'),
    "abort_on_breach": Field("--abort-on-breach", "false"),
    "abort_grace": Field("--abort-grace", "10s", _seconds),
    "budget.deadline": Field("--deadline", "2h", _seconds),
    "budget.max_jobs": Field("--max-jobs", "1000"),
    "budget.max_cost": Field("--max-cost", "5.00"),
    "budget.assumed_run": Field("--assumed-run", "1m", _seconds),
    "budget.billing_minimum": Field("--billing-minimum", "1m", _seconds),
    "budget.shared_queue": Field("--shared-queue", "ask"),
    "budget.on_interrupt": Field("--on-interrupt", "cancel"),
    "budget.check": Field("--no-check", "true", _not),
    "aws.region": Field("--region", "us-west-2"),
    "aws.profile": Field("--profile", "default"),
    "aws.endpoint_url": Field("--endpoint-url", "http://127.0.0.1:4566"),
    "local.enabled": Field("--local", "true"),
    "local.time_scale": Field("--time-scale", "0.05"),
    "local.max_vcpus": Field("--max-vcpus", "16"),
    "output.results": Field("--results", "test-results"),
    "output.file": Field("--output", "result.json"),
    "output.force": Field("--force", "false"),
    "output.redact": Field("--redact", "false"),
    "output.json": Field("--json", "false"),
    "output.quiet": Field("--quiet", "false"),
    "output.lang": Field("--lang", "en"),
}
"""By the field's path."""


def options_of(file: ScenarioFile) -> dict[str, Any]:
    """Flag → value, of the fields that the file has."""
    found: dict[str, Any] = {}
    for path, field in FIELDS.items():
        value: Any = file
        for name in path.split("."):
            value = getattr(value, name) if value is not UNSET else UNSET
        if value is not UNSET:
            found[field.flag] = field.as_option(value)
    return found
