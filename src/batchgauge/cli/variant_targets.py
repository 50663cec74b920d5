"""What each variant of a sweep measures: its job, and what AWS says of its queue and its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say_warning
from batchgauge.core.cost import no_cost, price_of
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.levels import capacity_in_jobs
from batchgauge.core.scenario import Scenario
from batchgauge.core.variants import Variant
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
    for variant in variants or (None,):
        job = scenario.job if variant is None else variant.of(scenario.job)
        facts = await inspect_target(aws.batch, job, aws.facts, aws.clock, chance)
        if no_cost(facts) is None:
            # Of the day of the run: what its jobs cost must not change with a later version's table.
            price = price_of(facts, bootstrap.price_table(), billing_minimum_s)
            facts = msgspec.structs.replace(facts, price=price)
        own = msgspec.structs.replace(scenario, job=job)
        targets[None if variant is None else variant.name] = VariantTarget(own, facts)
    return targets


def warn_of_no_room(targets: Targets) -> None:
    """Say it of each variant whose job is larger than what the queue's environments hold."""
    for target in targets.values():
        if capacity_in_jobs(target.facts) == 0:
            vcpus = f"{target.facts.job_vcpus:g}"
            say_warning(current_translator()("cli.no-room", vcpus=vcpus, queue=target.scenario.job.job_queue))
