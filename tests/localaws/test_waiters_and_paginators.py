"""boto3's paginators and botocore's waiters, and the AWS CLI's own paging: each sees everything, once."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

needs_aws_cli = pytest.mark.skipif(shutil.which("aws") is None, reason="needs the AWS CLI on PATH")
QUEUE = "windows-batch-queue"
COUNT = 7
PAGE = {"PageSize": 2}
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
JOB_COMPLETE = {
    "delay": 1,
    "maxAttempts": 60,
    "operation": "DescribeJobs",
    "acceptors": [
        {"matcher": "pathAll", "argument": "jobs[].status", "expected": "SUCCEEDED", "state": "success"},
        {"matcher": "pathAny", "argument": "jobs[].status", "expected": "FAILED", "state": "failure"},
    ],
}
"""botocore has no waiter for Batch; this is one as its users write it (Apache Airflow's is alike)."""


@pytest.fixture(scope="module")
def filled(server: Any) -> Any:
    """A server with seven more of everything."""
    batch = server.client("batch")
    [seeded] = batch.describe_compute_environments()["computeEnvironments"]
    for number in range(COUNT):
        batch.create_compute_environment(
            computeEnvironmentName=f"environment-{number}", type="MANAGED", computeResources=seeded["computeResources"]
        )
        batch.create_job_queue(
            jobQueueName=f"queue-{number}",
            priority=number,
            computeEnvironmentOrder=[{"order": 1, "computeEnvironment": f"environment-{number}"}],
        )
        batch.create_scheduling_policy(name=f"policy-{number}")
        batch.register_job_definition(
            jobDefinitionName="many",
            type="container",
            platformCapabilities=["FARGATE"],
            containerProperties={
                "image": "busybox",
                "command": ["true"],
                "executionRoleArn": f"arn:aws:iam::{server.announced['accountId']}:role/BatchExecutionRole",
                "resourceRequirements": NEEDS,
            },
        )
    return server


@pytest.mark.parametrize(
    ("operation", "member", "key", "prefix"),
    [
        ("describe_compute_environments", "computeEnvironments", "computeEnvironmentName", "environment-"),
        ("describe_job_queues", "jobQueues", "jobQueueName", "queue-"),
        ("list_scheduling_policies", "schedulingPolicies", "arn", "arn:"),
        ("describe_job_definitions", "jobDefinitions", "jobDefinitionName", "many"),
    ],
)
def test_a_paginator_sees_every_resource_once(filled: Any, operation: str, member: str, key: str, prefix: str) -> None:
    pages = list(filled.client("batch").get_paginator(operation).paginate(PaginationConfig=PAGE))
    assert all(len(page[member]) <= 2 for page in pages)
    everything = [one for page in pages for one in page[member]]
    ours = [json.dumps(one, sort_keys=True) for one in everything if one[key].startswith(prefix)]
    assert len(ours) == len(set(ours)) == COUNT


def test_a_paginator_sees_every_job_once_by_state_by_filter_and_in_an_array(filled: Any) -> None:
    batch = filled.client("batch")
    array = filled.submit(arrayProperties={"size": COUNT}, containerOverrides={"command": ["true"]})
    filled.finished_job(array)
    others = {filled.submit(containerOverrides={"command": ["true"]}) for _ in range(3)}
    for job_id in others:
        filled.finished_job(job_id)
    listed = batch.get_paginator("list_jobs")

    def ids(**parameters: Any) -> list[str]:
        pages = listed.paginate(**parameters, PaginationConfig=PAGE)
        return [job["jobId"] for page in pages for job in page["jobSummaryList"]]

    assert sorted(ids(arrayJobId=array, jobStatus="SUCCEEDED")) == [f"{array}:{index}" for index in range(COUNT)]
    assert sorted(ids(jobQueue=QUEUE, jobStatus="SUCCEEDED")) == sorted([array, *others])
    assert sorted(ids(jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": ["te*"]}])) == sorted([array, *others])


def test_a_paginator_reads_a_jobs_lines_in_order(filled: Any) -> None:
    job = filled.finished_job(filled.submit(containerOverrides={"command": ["seq", "1", "25"]}))
    pages = filled.client("logs").get_paginator("filter_log_events").paginate(
        logGroupName="/aws/batch/job",
        logStreamNames=[job["container"]["logStreamName"]],
        PaginationConfig={"PageSize": 10},
    )  # fmt: skip
    assert [event["message"] for page in pages for event in page["events"]] == [str(line) for line in range(1, 26)]


@needs_aws_cli
def test_the_aws_cli_pages_by_itself(filled: Any) -> None:
    def asked(*arguments: str) -> Any:
        command = ["aws", "batch", *arguments, "--page-size", "2"]
        completed = subprocess.run(command, env=filled.environment, capture_output=True, text=True, check=False)
        assert completed.returncode == 0, completed.stderr
        return json.loads(completed.stdout)

    assert len(asked("describe-job-queues")["jobQueues"]) == COUNT + 1
    assert len(asked("describe-job-queues", "--max-items", "5")["jobQueues"]) == 5


def job_waiter(server: Any) -> Callable[..., None]:
    model = WaiterModel({"version": 2, "waiters": {"JobComplete": JOB_COMPLETE}})
    waiter = create_waiter_with_client("JobComplete", model, server.client("batch"))
    return lambda *job_ids: waiter.wait(jobs=list(job_ids))


def test_a_waiter_waits_for_jobs_and_tells_of_failure(filled: Any) -> None:
    wait = job_waiter(filled)
    wait(*(filled.submit(containerOverrides={"command": ["true"]}) for _ in range(3)))
    with pytest.raises(WaiterError, match="terminal failure state"):
        wait(filled.submit(containerOverrides={"command": ["false"]}))


def test_the_waiter_for_tasks_knows_a_jobs_task(filled: Any) -> None:
    job = filled.finished_job(filled.submit(containerOverrides={"command": ["true"]}))
    arn = job["container"]["taskArn"]
    waiter = filled.client("ecs").get_waiter("tasks_stopped")
    waiter.wait(cluster=arn.split("/")[1], tasks=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def test_the_waiters_for_stacks_see_a_stack_come_and_go(filled: Any) -> None:
    cloudformation = filled.client("cloudformation")
    policy = {"Type": "AWS::Batch::SchedulingPolicy", "Properties": {"Name": "of-a-stack"}}
    cloudformation.create_stack(StackName="waited-for", TemplateBody=json.dumps({"Resources": {"Policy": policy}}))
    quickly = {"Delay": 1, "MaxAttempts": 30}
    cloudformation.get_waiter("stack_create_complete").wait(StackName="waited-for", WaiterConfig=quickly)
    cloudformation.delete_stack(StackName="waited-for")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="waited-for", WaiterConfig=quickly)
