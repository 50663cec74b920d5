"""The plan of a measurement in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from batchgauge.core.bound import Bound
from batchgauge.core.cost.cost import Cost
from batchgauge.core.journal import EnvironmentFacts, ForeignJobs
from batchgauge.core.planning.measurement_plan import LevelPlan, MeasurementPlan
from batchgauge.messages import Translator
from batchgauge.reports.quantities import count, duration


def plan_lines(
    plan: MeasurementPlan,
    others: Mapping[str | None, ForeignJobs],
    environment: EnvironmentFacts,
    translate: Translator,
) -> Iterator[str]:
    """A line a fact; what is not known is said to be unknown. `others` by variant."""
    unknown = translate("plan.unknown")
    if plan.is_at_most:
        yield translate("plan.at-most")
    levels = ", ".join(map(_level, plan.levels))
    yield translate("plan.jobs", jobs=count(plan.jobs), levels=levels, submissions=count(plan.submissions))
    rounds = ", ".join(unknown if level.rounds is None else count(level.rounds) for level in plan.levels)
    yield translate(
        "plan.room",
        vcpus=unknown if plan.max_vcpus is None else count(plan.max_vcpus),
        jobs=unknown if plan.capacity_jobs is None else count(plan.capacity_jobs),
        rounds=rounds,
    )
    yield _expected_duration(plan, unknown, translate)
    hours = plan.vcpu_hours
    yield translate("plan.vcpu-hours", hours=unknown if hours is None else _range(hours, "{:,.2f}"))
    yield translate("plan.cost", cost=cost_in_words(plan.cost, translate))
    if plan.cost.amount is not None:
        words = "plan.prices-provisional" if plan.cost.is_provisional else "plan.prices"
        yield "  " + translate(
            words if plan.cost.idle_s is None else "plan.prices-shared",
            idle=duration((plan.cost.idle_s or 0.0) * 1000),
            as_of=plan.cost.as_of,
            source=translate(f"price-source.{plan.cost.source}"),
            region=plan.cost.region,
            system=plan.cost.system,
            minimum=duration((plan.cost.billing_minimum_s or 0.0) * 1000),
        )
    yield translate("plan.calls", calls=", ".join(f"{name} {count(calls)}" for name, calls in plan.calls.items()))
    for variant, counted in others.items():
        before = "" if variant is None else f"{variant}: "
        if counted.error is not None:
            yield before + translate("plan.others-unknown", error=counted.error)
        else:
            yield before + translate("plan.others", jobs=others_in_words(counted))
    if environment.is_local:
        yield translate("plan.embedded")


def _expected_duration(plan: MeasurementPlan, unknown: str, translate: Translator) -> str:
    start_up = _seconds(plan.start_up_s, unknown)
    if plan.run_s is None:
        return translate("plan.duration-open", start_up=start_up)
    lasts, run = _seconds(plan.duration_s, unknown), duration(plan.run_s * 1000)
    return translate("plan.duration", duration=lasts, start_up=start_up, run=run)


def _level(level: LevelPlan) -> str:
    """Its jobs, and whose variant's it is."""
    return count(level.jobs) if level.variant is None else f"{level.variant}: {count(level.jobs)}"


def cost_in_words(cost: Cost, translate: Translator) -> str:
    """A range of money, or why there is none."""
    if cost.amount is not None:
        return f"{_range(cost.amount, '{:,.2f}')} {cost.currency}"
    return translate(f"no-cost.{cost.reason}", region=cost.region, system=cost.system, as_of=cost.as_of)


def others_in_words(others: ForeignJobs) -> str:
    """``3 (RUNNABLE 2, RUNNING 1)``, with a ``+`` where there may be more."""
    total = f"{others.total:,}" + ("+" if others.is_at_least else "")
    if not others.states:
        return total
    return f"{total} ({', '.join(f'{state} {jobs:,}' for state, jobs in others.states.items())})"


def _seconds(bound: Bound | None, unknown: str) -> str:
    if bound is None or bound.earliest is None or bound.latest is None:
        return unknown
    if bound.is_exact:
        return duration(bound.latest * 1000)
    return f"{duration(bound.earliest * 1000)} – {duration(bound.latest * 1000)}"


def _range(bound: Bound, shape: str) -> str:
    low, high = shape.format(bound.earliest or 0.0), shape.format(bound.latest or 0.0)
    return low if low == high else f"{low} – {high}"
