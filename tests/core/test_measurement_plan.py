"""The plan of a measurement, and what is refused by it."""

from __future__ import annotations

import msgspec
import pytest

from batchgauge import bootstrap
from batchgauge.core.bound import Bound
from batchgauge.core.cost.cost import NoCost
from batchgauge.core.journal import ComputeEnvironmentFacts, EnvironmentFacts
from batchgauge.core.planning.measurement_plan import (
    Assumptions,
    Limits,
    MeasurementPlan,
    is_large,
    plan_measurement,
    refuse_beyond,
)
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.errors import CostUnknownError, TooExpensiveError, TooManyJobsError

FACTS = EnvironmentFacts(
    region="us-west-2",
    tool_version="0",
    job_platform="FARGATE",
    operating_system_family="LINUX",
    job_vcpus=1.0,
    job_memory_mib=2048,
    compute_environments=(ComputeEnvironmentFacts(name="environment", max_vcpus=16),),
)
USUAL = Assumptions()
SCENARIO = Scenario(job=JobShape(job_queue="q", job_definition="d"), countdown_s=30, is_monitored=True)


def plan(
    *levels: int, assumptions: Assumptions = USUAL, facts: EnvironmentFacts = FACTS, **changes: object
) -> MeasurementPlan:
    scenario = msgspec.structs.replace(SCENARIO, **changes)
    return plan_measurement(scenario, levels, facts, bootstrap.price_table(), assumptions)


def test_jobs_that_do_not_fit_at_once_take_several_rounds() -> None:
    planned = plan(16, 17, 40)
    assert [level.rounds for level in planned.levels] == [1, 2, 3]
    assert planned.levels[0].duration_s == Bound(60.0, 90.0), "30–60 s to start, 30 s to run"
    assert planned.duration_s == Bound(6 * 60.0, 6 * 90.0)
    assert (planned.jobs, planned.submissions, planned.max_vcpus, planned.capacity_jobs) == (73, 73, 16, 16)


def test_pauses_count_and_a_deadline_ends_it() -> None:
    assert plan(1, 1, assumptions=Assumptions(pause_s=100)).duration_s == Bound(220.0, 280.0)
    assert plan(1, 1, assumptions=Assumptions(deadline_s=130)).duration_s == Bound(120.0, 130.0)


def test_a_rate_stretches_the_launch() -> None:
    assert plan(11, load="rate:0.1").duration_s == Bound(160.0, 190.0)


def test_on_windows_starting_takes_minutes_and_on_a_scaled_aws_less() -> None:
    windows = msgspec.structs.replace(FACTS, operating_system_family="WINDOWS_SERVER_2022_CORE")
    assert plan(1, facts=windows).start_up_s == Bound(180.0, 480.0)
    scaled = msgspec.structs.replace(windows, is_local=True, time_scale=0.1)
    assert plan(1, facts=scaled).start_up_s == Bound(18.0, 48.0)


def test_reserved_hours_are_what_all_jobs_take_together() -> None:
    assert plan(120).vcpu_hours == Bound(2.0, 3.0)


def test_arrays_are_few_submissions() -> None:
    planned = plan(20_000, is_array=True)
    assert (planned.jobs, planned.submissions, planned.calls["SubmitJob"]) == (20_000, 2, 2)


def test_calls_of_watching_are_counted_where_the_duration_is_known() -> None:
    planned = plan(50)
    assert planned.calls["DescribeJobs"] >= planned.levels[0].duration_s.latest / 10  # type: ignore[union-attr, operator]
    assert planned.calls["GetLogEvents"] == 80
    assert "DescribeJobs" not in plan(50, is_monitored=False).calls
    assert plan(50, watches_events=True).calls["ReceiveMessage"] > 25


def test_without_a_run_time_neither_duration_nor_cost_is_made_up() -> None:
    planned = plan(5, countdown_s=None)
    assert (planned.duration_s, planned.vcpu_hours, planned.cost.reason) == (None, None, NoCost.RUN_TIME_UNKNOWN)
    assert plan(5, countdown_s=None, assumptions=Assumptions(run_s=30)).duration_s == plan(5).duration_s


def test_where_no_job_fits_nobody_knows_how_long_it_takes() -> None:
    small = msgspec.structs.replace(FACTS, job_vcpus=32.0)
    assert plan(5, facts=small).duration_s is None


def test_limits_are_of_all_levels_together() -> None:
    refuse_beyond(plan(50, 50), Limits(max_jobs=100, max_cost=5.0))
    with pytest.raises(TooManyJobsError):
        refuse_beyond(plan(50, 51), Limits(max_jobs=100))
    with pytest.raises(TooExpensiveError) as refused:
        refuse_beyond(plan(1000, assumptions=Assumptions(run_s=3600)), Limits(max_cost=5.0))
    assert refused.value.exit_code == 2
    refuse_beyond(plan(1000), Limits())


def test_a_cost_that_is_not_known_is_over_every_limit_but_an_embedded_aws_costs_nothing() -> None:
    elsewhere = msgspec.structs.replace(FACTS, region="eu-west-1")
    with pytest.raises(CostUnknownError):
        refuse_beyond(plan(1, facts=elsewhere), Limits(max_cost=1000))
    refuse_beyond(plan(1000, facts=msgspec.structs.replace(elsewhere, is_local=True)), Limits(max_cost=0))


def test_large_is_many_jobs_or_much_money() -> None:
    assert not is_large(plan(100))
    assert is_large(plan(101))
    assert is_large(plan(2, assumptions=Assumptions(run_s=360_000)))
    assert not is_large(plan(10_000, facts=msgspec.structs.replace(FACTS, is_local=True)))
