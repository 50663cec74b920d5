"""In which conditions runs differ besides their level: what they show can then not be laid at the level's door."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.findings.kinds import Difference
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.scenario import COUNTDOWN_PARAMETER, Scenario

Pick = Callable[[AnalysedRun], str | None]
"""A condition of a run as text; None where it is not known."""
OF_DEFINITION: Final = "of-definition"
"""The code of a command that the run did not override."""
UNSHOWN: Final = frozenset({"environment"})
"""Conditions whose values are not repeated in a report: variables may hold what is nobody else's business."""


def differences_between(runs: Sequence[AnalysedRun]) -> Iterator[Difference]:
    """The conditions of which the runs have more than one value."""
    for condition, pick in _CONDITIONS.items():
        values = sorted({value for run in runs if (value := pick(run)) is not None})
        if len(values) > 1:
            yield Difference(condition, () if condition in UNSHOWN else tuple(values))


def _of_scenario(pick: Callable[[Scenario], str | None]) -> Pick:
    return lambda run: pick(run.result.scenario) if run.result.scenario is not None else None


def _of_environment(pick: Callable[[EnvironmentFacts], str | None]) -> Pick:
    return lambda run: pick(run.result.environment) if run.result.environment is not None else None


def _revision(facts: EnvironmentFacts) -> str | None:
    return facts.job_definition_arn.rpartition(":")[2] if facts.job_definition_arn else None


def _job_size(facts: EnvironmentFacts) -> str | None:
    if facts.job_vcpus is None or facts.job_memory_mib is None:
        return None
    return f"{facts.job_vcpus:g} vCPU, {facts.job_memory_mib:,} MiB"


def _max_vcpus(facts: EnvironmentFacts) -> str | None:
    limits = [entry.max_vcpus for entry in facts.compute_environments if entry.max_vcpus is not None]
    return f"{sum(limits):,}" if limits and len(limits) == len(facts.compute_environments) else None


def _time_scale(facts: EnvironmentFacts) -> str | None:
    return None if facts.time_scale is None else f"{facts.time_scale:g}"


def _parameters(scenario: Scenario) -> str:
    given = sorted(scenario.job.parameters.items())
    return shlex.join(f"{name}={value}" for name, value in given if name != COUNTDOWN_PARAMETER) or OF_DEFINITION


def _environment(scenario: Scenario) -> str:
    return shlex.join(f"{name}={value}" for name, value in sorted(scenario.job.environment.items()))


def countdowns_of(run: AnalysedRun) -> set[int]:
    """How long the jobs of a run were told to take, in seconds, where they were."""
    if run.table is None:
        return {job.countdown_seconds for job in run.result.jobs if job.countdown_seconds is not None}
    return run.table.whole_numbers("countdown_seconds")


def _countdown(run: AnalysedRun) -> str | None:
    return ", ".join(sorted(f"{value} s" for value in countdowns_of(run))) or None


def _max_workers(scenario: Scenario) -> str | None:
    return None if scenario.load_shape.is_open or scenario.is_array else str(scenario.max_workers)


_CONDITIONS: Final[dict[str, Pick]] = {
    "job-queue": lambda run: run.result.job_queue,
    "job-definition": lambda run: run.result.job_definition,
    "definition-revision": _of_environment(_revision),
    "job-size": _of_environment(_job_size),
    "command": _of_scenario(lambda scenario: shlex.join(scenario.job.command or ()) or OF_DEFINITION),
    "parameters": _of_scenario(_parameters),
    "environment": _of_scenario(_environment),
    "countdown": _countdown,
    "max-vcpus": _of_environment(_max_vcpus),
    "time-scale": _of_environment(_time_scale),
    "region": _of_environment(lambda facts: facts.region),
    "aws": _of_environment(lambda facts: "embedded" if facts.is_local else "real"),
    "load": _of_scenario(lambda scenario: scenario.load),
    "submission": _of_scenario(lambda scenario: "array" if scenario.is_array else "single"),
    "max-workers": _of_scenario(_max_workers),
}
