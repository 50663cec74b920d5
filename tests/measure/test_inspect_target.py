"""What a run stands on is looked at before anything is started."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.scenario import JobShape
from batchgauge.errors import (
    AccessDeniedError,
    AwsCallError,
    CredentialsRejectedError,
    EndpointUnreachableError,
    JobDefinitionNotFoundError,
    JobQueueNotFoundError,
    JobQueueNotUsableError,
)
from batchgauge.measure.inspect_target import inspect_target
from tests.measure.conftest import FACTS, Bench
from tests.measure.fake_aws import DENIED, EXPIRED, LOST_UNDONE, REFUSED, THROTTLED, UNAVAILABLE, Trouble
from tests.measure.virtual_time import run_virtually

SHAPE = JobShape(job_queue="queue", job_definition="definition")


def inspect(bench: Bench, shape: JobShape = SHAPE) -> EnvironmentFacts:
    return run_virtually(inspect_target(bench.aws, shape, FACTS, bench.aws.clock, bench.chance))


def test_the_facts_are_those_of_the_queue_its_environments_and_the_definition(bench: Bench) -> None:
    facts = inspect(bench)
    assert facts.account_id == "123456789012"
    assert facts.job_queue_arn == "arn:aws:batch:us-west-2:123456789012:job-queue/queue"
    assert facts.job_definition_arn == "arn:aws:batch:us-west-2:123456789012:job-definition/definition:3"
    assert (facts.job_vcpus, facts.job_memory_mib, facts.log_group) == (1.0, 2048, "/aws/batch/job")
    assert [(entry.name, entry.max_vcpus) for entry in facts.compute_environments] == [("environment", 16)]
    assert (facts.region, facts.tool_version) == (FACTS.region, FACTS.tool_version)


def test_what_the_user_overrides_counts_instead_of_the_definition(bench: Bench) -> None:
    facts = inspect(bench, msgspec.structs.replace(SHAPE, vcpus=0.25, memory_mib=512))
    assert (facts.job_vcpus, facts.job_memory_mib) == (0.25, 512)


def test_a_queue_without_environments_is_not_asked_about_all_of_the_account(bench: Bench) -> None:
    assert bench.aws.queue is not None
    bench.aws.queue = replace(bench.aws.queue, compute_environments=())
    assert inspect(bench).compute_environments == ()
    assert not bench.aws.called("DescribeComputeEnvironments")


def test_a_queue_that_is_not_there_is_named(bench: Bench) -> None:
    bench.aws.queue = None
    with pytest.raises(JobQueueNotFoundError) as caught:
        inspect(bench)
    assert (caught.value.queue, caught.value.region) == ("queue", "us-west-2")


@pytest.mark.parametrize(("state", "status"), [("DISABLED", "VALID"), ("ENABLED", "INVALID"), ("ENABLED", "DELETING")])
def test_a_queue_that_takes_no_jobs_is_refused(bench: Bench, state: str, status: str) -> None:
    assert bench.aws.queue is not None
    bench.aws.queue = replace(bench.aws.queue, state=state, status=status)
    with pytest.raises(JobQueueNotUsableError) as caught:
        inspect(bench)
    assert (caught.value.state, caught.value.status) == (state, status)


def test_a_definition_that_is_not_there_is_named(bench: Bench) -> None:
    bench.aws.definition = None
    with pytest.raises(JobDefinitionNotFoundError) as caught:
        inspect(bench)
    assert caught.value.definition == "definition"


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (DENIED, AccessDeniedError),
        (EXPIRED, CredentialsRejectedError),
        (REFUSED, AwsCallError),
        (UNAVAILABLE, EndpointUnreachableError),
    ],
)
def test_what_cannot_get_better_is_said_at_once(bench: Bench, trouble: Trouble, error: type[Exception]) -> None:
    bench.aws.always["*"] = trouble
    with pytest.raises(error):
        inspect(bench)
    assert len(bench.aws.calls) == 1


@pytest.mark.parametrize(("trouble", "error"), [(THROTTLED, AwsCallError), (LOST_UNDONE, EndpointUnreachableError)])
def test_what_may_get_better_is_tried_again_but_not_for_ever(
    bench: Bench, trouble: Trouble, error: type[Exception]
) -> None:
    bench.aws.trouble_next("DescribeJobQueues", trouble, trouble)
    assert inspect(bench).account_id == "123456789012"
    bench.aws.always["*"] = trouble
    with pytest.raises(error):
        inspect(bench)
