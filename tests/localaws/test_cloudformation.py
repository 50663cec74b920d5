"""A template's Batch resources are the job plane's: jobs run in them, and both doors see the same objects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from batchgauge.localaws.cloudformation_properties import parameters_of
from batchgauge.localaws.service_model import load_service_model

PREFIX = "arn:aws:batch:us-west-2:123456789012"


def template(server: Any, max_vcpus: int = 2, share: int = 10, command: str = "countdown") -> str:
    seeded = server.client("batch").describe_compute_environments()["computeEnvironments"][0]["computeResources"]
    roles = f"arn:aws:iam::{server.announced['accountId']}:role"
    container = {
        "Image": "busybox",
        "Command": [command, "Ref::seconds"],
        "ExecutionRoleArn": f"{roles}/BatchExecutionRole",
        "ResourceRequirements": [{"Type": "VCPU", "Value": 1}, {"Type": "MEMORY", "Value": "2048"}],
        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/aws/batch/job"}},
    }
    resources = {
        "Environment": {
            "Type": "AWS::Batch::ComputeEnvironment",
            "Properties": {
                "Type": "MANAGED",
                "ServiceRole": f"{roles}/BatchServiceRole",
                "ComputeResources": {
                    "Type": "FARGATE",
                    "MaxvCpus": str(max_vcpus),
                    "Subnets": seeded["subnets"],
                    "SecurityGroupIds": seeded["securityGroupIds"],
                },
            },
        },
        "Policy": {
            "Type": "AWS::Batch::SchedulingPolicy",
            "Properties": {"Name": "stack-policy", "FairsharePolicy": {"ShareDecaySeconds": share}},
        },
        "Queue": {
            "Type": "AWS::Batch::JobQueue",
            "Properties": {
                "JobQueueName": "stack-queue",
                "Priority": 1,
                "SchedulingPolicyArn": {"Ref": "Policy"},
                "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": {"Ref": "Environment"}}],
                "Tags": {"Cost-Center": "x"},
            },
        },
        "Definition": {
            "Type": "AWS::Batch::JobDefinition",
            "Properties": {
                "Type": "container",
                "JobDefinitionName": "stack-definition",
                "PlatformCapabilities": ["FARGATE"],
                "Parameters": {"seconds": "0"},
                "ContainerProperties": container,
            },
        },
    }
    outputs = {
        "Queue": {"Value": {"Ref": "Queue"}},
        "Definition": {"Value": {"Ref": "Definition"}},
        "Environment": {"Value": {"Fn::GetAtt": ["Environment", "ComputeEnvironmentArn"]}},
    }
    return json.dumps({"Resources": resources, "Outputs": outputs})


def outputs_of(server: Any) -> dict[str, str]:
    [stack] = server.client("cloudformation").describe_stacks(StackName="stack")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_a_stack_lives_changes_and_goes_and_jobs_run_in_it(server: Any) -> None:
    stacks, batch = server.client("cloudformation"), server.client("batch")
    stacks.create_stack(StackName="stack", TemplateBody=template(server))
    made = outputs_of(server)
    assert made["Queue"] == f"{PREFIX}:job-queue/stack-queue"
    assert made["Definition"] == f"{PREFIX}:job-definition/stack-definition:1"
    [queue] = batch.describe_job_queues(jobQueues=["stack-queue"])["jobQueues"]
    assert (queue["status"], queue["tags"]["Cost-Center"]) == ("VALID", "x")
    assert queue["computeEnvironmentOrder"][0]["computeEnvironment"] == made["Environment"]

    job = server.client("batch").submit_job(
        jobName="in-a-stack", jobQueue=made["Queue"], jobDefinition=made["Definition"], shareIdentifier="a"
    )
    assert server.finished_job(job["jobId"])["status"] == "SUCCEEDED"

    stacks.update_stack(StackName="stack", TemplateBody=template(server, max_vcpus=7, command="sleep"))
    [environment] = batch.describe_compute_environments(computeEnvironments=[made["Environment"]])[
        "computeEnvironments"
    ]
    assert environment["computeResources"]["maxvCpus"] == 7
    active = batch.describe_job_definitions(jobDefinitionName="stack-definition", status="ACTIVE")["jobDefinitions"]
    assert [definition["revision"] for definition in active] == [2]

    stacks.delete_stack(StackName="stack")
    assert batch.describe_job_queues(jobQueues=["stack-queue"])["jobQueues"] == []
    assert batch.describe_compute_environments(computeEnvironments=[made["Environment"]])["computeEnvironments"] == []
    assert batch.describe_job_definitions(jobDefinitionName="stack-definition", status="ACTIVE")["jobDefinitions"] == []
    assert "stack-policy" not in str(batch.list_scheduling_policies()["schedulingPolicies"])


def test_what_batch_refuses_cloudformation_refuses(server: Any) -> None:
    body = {
        "Resources": {
            "Queue": {
                "Type": "AWS::Batch::JobQueue",
                "Properties": {
                    "Priority": 1,
                    "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": "nowhere"}],
                },
            }
        }
    }
    with pytest.raises(ClientError) as caught:
        server.client("cloudformation").create_stack(StackName="bad", TemplateBody=json.dumps(body))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "CreateJobQueue" in caught.value.response["Error"]["Message"]


def test_a_stack_that_is_refused_leaves_nothing_behind(server: Any) -> None:
    batch, stacks = server.client("batch"), server.client("cloudformation")
    known = [
        len(batch.describe_compute_environments()["computeEnvironments"]),
        len(batch.describe_job_queues()["jobQueues"]),
    ]
    body = json.loads(template(server))
    body["Resources"]["Definition"]["Properties"]["ContainerProperties"]["ResourceRequirements"][0]["Value"] = "3"
    body["Resources"]["Definition"]["DependsOn"] = "Queue"
    body["Outputs"] = {"Queue": {"Value": {"Ref": "Queue"}, "Export": {"Name": "half-made"}}}
    with pytest.raises(ClientError, match="RegisterJobDefinition"):
        stacks.create_stack(StackName="half", TemplateBody=json.dumps(body))
    assert [
        len(batch.describe_compute_environments()["computeEnvironments"]),
        len(batch.describe_job_queues()["jobQueues"]),
    ] == known
    assert "half" not in str(stacks.describe_stacks()["Stacks"])
    assert stacks.list_exports()["Exports"] == []
    assert "stack-policy" not in str(batch.list_scheduling_policies()["schedulingPolicies"])


def test_properties_become_parameters_by_the_shapes_of_the_service_model() -> None:
    model = load_service_model()
    properties = {
        "JobDefinitionName": "d",
        "Parameters": {"Seconds": 3},
        "PropagateTags": "true",
        "SchedulingPriority": "7",
        "Unknown": 1,
        "ContainerProperties": {"Vcpus": "2", "LogConfiguration": {"Options": {"awslogs-Group": "g"}}},
    }
    assert parameters_of(properties, model.input_shapes["RegisterJobDefinition"], model.shapes) == {
        "jobDefinitionName": "d",
        "parameters": {"Seconds": "3"},
        "propagateTags": True,
        "schedulingPriority": 7,
        "containerProperties": {"vcpus": 2, "logConfiguration": {"options": {"awslogs-Group": "g"}}},
    }
