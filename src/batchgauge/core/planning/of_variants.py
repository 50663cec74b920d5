"""The plans of a sweep's variants as one: what all of them together do, take and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from batchgauge.core.bound import Bound, exactly, hull
from batchgauge.core.cost.cost import Cost
from batchgauge.core.planning.measurement_plan import MeasurementPlan


def together(plans: Mapping[str | None, MeasurementPlan], *, pause_s: float) -> MeasurementPlan:
    """One after the other; what the variants do not have in common (room, start-up) as far as it can be said of all."""
    if len(plans) == 1:
        return next(iter(plans.values()))
    parts = list(plans.values())
    calls: Counter[str] = Counter()
    for plan in parts:
        calls.update(plan.calls)
    return MeasurementPlan(
        levels=tuple(
            msgspec.structs.replace(level, variant=variant) for variant, plan in plans.items() for level in plan.levels
        ),
        jobs=sum(plan.jobs for plan in parts),
        submissions=sum(plan.submissions for plan in parts),
        calls=dict(sorted(calls.items())),
        cost=_cost([plan.cost for plan in parts]),
        start_up_s=hull([plan.start_up_s for plan in parts]),
        run_s=parts[0].run_s,
        duration_s=_sum([plan.duration_s for plan in parts], extra=pause_s * (len(parts) - 1)),
        vcpu_hours=_sum([plan.vcpu_hours for plan in parts]),
        max_vcpus=_same([plan.max_vcpus for plan in parts]),
        capacity_jobs=_same([plan.capacity_jobs for plan in parts]),
    )


def _cost(costs: Sequence[Cost]) -> Cost:
    """Of one that is not known, that; else the sum, with the words of one that costs something."""
    unknown = next((cost for cost in costs if not cost.is_known), None)
    if unknown is not None:
        return unknown
    priced = [cost for cost in costs if cost.amount is not None]
    if not priced:
        return costs[0]
    return msgspec.structs.replace(
        priced[0],
        amount=_sum([cost.amount for cost in priced]),
        is_provisional=any(cost.is_provisional for cost in priced),
    )


def _sum(bounds: Sequence[Bound | None], extra: float = 0.0) -> Bound | None:
    total = exactly(extra)
    for bound in bounds:
        if bound is None:
            return None
        total = total.shift(bound)
    return total


def _same(values: Sequence[int | None]) -> int | None:
    return values[0] if len(set(values)) == 1 else None
