"""What each variant of a sweep measures: its job, and what AWS says of its queue and its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from batchgauge.cli.language import current_translator
from batchgauge.cli.pricing import with_price
from batchgauge.cli.talk import say_warning
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.levels import capacity_in_jobs
from batchgauge.core.scenario import Scenario
from batchgauge.core.sweeps.variants import Variant
from batchgauge.measure.inspect_target import inspect_target

if TYPE_CHECKING:
    import random

    from batchgauge.bootstrap import OpenAws


@dataclass(frozen=True, slots=True)
class VariantTarget:
    """One variant; a measurement without variants has one, by the name of None."""

    scenario: Scenario
    """Of every level, but for its number of jobs."""
    facts: EnvironmentFacts


Targets = Mapping[str | None, VariantTarget]


async def look_at_targets(
    scenario: Scenario,
    variants: Sequence[Variant],
    aws: OpenAws,
    chance: random.Random,
    billing_minimum_s: float | None = None,
) -> Targets:
    """Each variant's target, in their order.

    Raises:
        JobQueueNotFoundError, JobQueueNotUsableError, JobDefinitionNotFoundError, AwsError: a run could not start a job.
    """
    targets: dict[str | None, VariantTarget] = {}
    for name, own in scenarios_of(scenario, variants).items():
        facts = await inspect_target(aws.batch, own.job, aws.facts, aws.clock, chance)
        targets[name] = VariantTarget(own, with_price(facts, billing_minimum_s))
    return targets


def scenarios_of(scenario: Scenario, variants: Sequence[Variant]) -> dict[str | None, Scenario]:
    """What each variant measures, by its name; without variants one, by the name of None."""
    if not variants:
        return {None: scenario}
    return {variant.name: msgspec.structs.replace(scenario, job=variant.of(scenario.job)) for variant in variants}


def warn_of_no_room(targets: Targets) -> None:
    """Say it of each variant whose job is larger than what the queue's environments hold."""
    for target in targets.values():
        if capacity_in_jobs(target.facts) == 0:
            vcpus = f"{target.facts.job_vcpus:g}"
            say_warning(current_translator()("cli.no-room", vcpus=vcpus, queue=target.scenario.job.job_queue))
