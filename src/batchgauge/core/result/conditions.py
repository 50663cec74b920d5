"""Under which conditions runs were measured, and in which of them two measurements differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import COUNTDOWN_PARAMETER, Scenario


class ConditionDifference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A condition that is not the same on both sides; each side's values, most often one."""

    condition: str
    """A code: ``compare.condition.<code>`` has the words."""
    base: tuple[str, ...]
    new: tuple[str, ...]


_OF_SCENARIO: Final[Mapping[str, Callable[[Scenario], object]]] = {
    "load": lambda scenario: scenario.load.partition("@")[0],
    "max-workers": lambda scenario: None if scenario.load_shape.is_open else scenario.max_workers,
    "array": lambda scenario: scenario.is_array,
    "countdown": lambda scenario: scenario.countdown_s,
    "command": lambda scenario: " ".join(scenario.job.command) if scenario.job.command else None,
    "parameters": lambda scenario: _pairs(scenario.job.parameters),
    "job-environment": lambda scenario: _pairs(scenario.job.environment),
    "monitored": lambda scenario: scenario.is_monitored,
    "events": lambda scenario: scenario.watches_events,
}
_OF_ENVIRONMENT: Final[Mapping[str, Callable[[EnvironmentFacts], object]]] = {
    "vcpus": lambda facts: facts.job_vcpus,
    "memory": lambda facts: facts.job_memory_mib,
    "max-vcpus": lambda facts: ", ".join(f"{entry.name} {entry.max_vcpus}" for entry in facts.compute_environments),
    "operating-system": lambda facts: facts.operating_system_family,
    "job-platform": lambda facts: facts.job_platform,
    "region": lambda facts: facts.region,
    "embedded": lambda facts: facts.is_local,
    "time-scale": lambda facts: facts.time_scale,
    "tool": lambda facts: facts.tool_version,
    "platform": lambda facts: facts.platform,
}


def differences(base: Sequence[RunResult], new: Sequence[RunResult]) -> tuple[ConditionDifference, ...]:
    """Every condition in which the two sides differ; one that a side does not know is no difference."""
    before, after = _conditions(base), _conditions(new)
    return tuple(
        ConditionDifference(condition=name, base=before[name], new=after[name])
        for name in before
        if before[name] and after.get(name) and before[name] != after[name]
    )


def _conditions(results: Sequence[RunResult]) -> dict[str, tuple[str, ...]]:
    scenarios = [result.scenario for result in results if result.scenario is not None]
    environments = [result.environment for result in results if result.environment is not None]
    return {
        "queue": _distinct(result.job_queue for result in results),
        "definition": _distinct(result.job_definition for result in results),
        **{name: _distinct(pick(scenario) for scenario in scenarios) for name, pick in _OF_SCENARIO.items()},
        **{name: _distinct(pick(facts) for facts in environments) for name, pick in _OF_ENVIRONMENT.items()},
    }


def _distinct(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({_text(value) for value in values if value is not None}))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _pairs(pairs: Mapping[str, str]) -> str | None:
    return " ".join(f"{name}={value}" for name, value in sorted(pairs.items()) if name != COUNTDOWN_PARAMETER) or None
