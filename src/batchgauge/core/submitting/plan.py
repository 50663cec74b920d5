"""From a scenario to its submissions: what each is named, when it is meant to go out, and how many jobs it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batchgauge.core.journal import PlannedJob
from batchgauge.core.naming import job_name
from batchgauge.core.scenario import Scenario

LARGEST_ARRAY: Final = 10_000
SMALLEST_ARRAY: Final = 2
"""AWS Batch's limits: what is left over and smaller is a job of its own."""


def plan_submissions(run_id: str, scenario: Scenario) -> tuple[PlannedJob, ...]:
    """The submissions in the order in which they are meant to go out; together they make `num_jobs` jobs."""
    sizes = array_sizes(scenario.num_jobs) if scenario.is_array else [1] * scenario.num_jobs
    offsets = scenario.load_shape.offsets_ms(len(sizes))
    plan = []
    index = 1
    for size, offset_ms in zip(sizes, offsets, strict=True):
        plan.append(PlannedJob(index, job_name(run_id, index), offset_ms, size))
        index += size
    return tuple(plan)


def array_sizes(num_jobs: int) -> Sequence[int]:
    """How so many jobs are split into as few arrays as AWS takes them in."""
    whole, rest = divmod(num_jobs, LARGEST_ARRAY)
    return [LARGEST_ARRAY] * whole + ([rest] if rest else [])


def child_id(parent_id: str, planned: PlannedJob, index: int) -> str:
    """AWS's id of the job of an index: of a plain job its own, of an array's child ``parent:number`` from 0."""
    return parent_id if planned.size < SMALLEST_ARRAY else f"{parent_id}:{index - planned.index}"


def submitted_id(job_id: str) -> str:
    """The id that SubmitJob answered with: of an array's child its parent's, of a plain job its own."""
    return job_id.partition(":")[0]
