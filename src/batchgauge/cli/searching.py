"""``--levels auto``: from what was asked for and what AWS says to the rules of a search, and the most that it can start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from batchgauge import bootstrap
from batchgauge.core.levels import capacity_in_jobs
from batchgauge.core.planning.measurement_plan import plan_measurement
from batchgauge.core.sweeps.auto_levels import FIRST_STEPS, AutoRules, Left, largest_for, longest_way
from batchgauge.core.sweeps.record import AutoSearch, SearchBudget
from batchgauge.core.sweeps.steps import SweepStep, steps_of

if TYPE_CHECKING:
    from batchgauge.cli.variant_targets import Targets, VariantTarget
    from batchgauge.core.planning.measurement_plan import Assumptions, Limits

COSTED_JOBS: Final = 1000
"""The cost of one is too small to be rounded."""


@dataclass(frozen=True, slots=True)
class SearchAsked:
    """What the flags say of a search."""

    steps: tuple[int, ...] = FIRST_STEPS
    largest: int | None = None
    """None: as far as the known maxvCpus need."""
    repeats: int = 1
    warm_ups: int = 0


def begin_search(
    asked: SearchAsked, targets: Targets, limits: Limits, assumptions: Assumptions
) -> tuple[AutoSearch, tuple[SweepStep, ...]]:
    """The search, and the steps that stand before it."""
    rules = {name or "": _rules(asked, capacity_in_jobs(target.facts)) for name, target in targets.items()}
    cost_per_job = {name or "": _cost_per_job(target, assumptions) for name, target in targets.items()}
    budget = SearchBudget(
        max_jobs=limits.max_jobs,
        max_cost=limits.max_cost,
        cost_per_job={name: cost for name, cost in cost_per_job.items() if cost},
    )
    warm_ups = steps_of(asked.steps[:1], repeats=0, warm_ups=asked.warm_ups, variants=list(targets))
    return AutoSearch(rules=rules, budget=budget), warm_ups


def at_most(search: AutoSearch, warm_ups: Sequence[SweepStep]) -> dict[str | None, tuple[int, ...]]:
    """By variant, the levels of the runs that the search may come to at the most; the first ones, whatever the budget is.

    A search that could not even measure its first level within the budget is for a guard to refuse.
    """
    levels: dict[str | None, tuple[int, ...]] = {}
    budget = search.budget
    before = sum(step.level for step in warm_ups)
    for name, rules in search.rules.items():
        left = Left(
            jobs=None if budget.max_jobs is None else (budget.max_jobs - before) // len(search.rules),
            cost=None if budget.max_cost is None else budget.max_cost / len(search.rules),
            cost_per_job=budget.cost_per_job.get(name, 0.0),
        )
        way = longest_way(rules, left) or rules.steps[:1]
        own = [step.level for step in warm_ups if (step.variant or "") == name]
        levels[name or None] = (*own, *(level for level in way for _ in range(rules.repeats)))
    return levels


def _rules(asked: SearchAsked, capacity: int | None) -> AutoRules:
    largest = asked.largest if asked.largest is not None else max((*asked.steps, largest_for(capacity)))
    return AutoRules(steps=asked.steps, largest=largest, repeats=asked.repeats)


def _cost_per_job(target: VariantTarget, assumptions: Assumptions) -> float:
    plan = plan_measurement(target.scenario, [COSTED_JOBS], target.facts, bootstrap.price_table(), assumptions)
    return plan.cost.most / COSTED_JOBS
