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


def events_of(server: Any, stack: str, status: str) -> list[tuple[str, str]]:
    events = server.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [
        (event["LogicalResourceId"], event.get("ResourceStatusReason", ""))
        for event in events
        if event["ResourceStatus"] == status
    ]


def test_what_batch_refuses_is_told_by_the_resource_s_event_and_undone(server: Any) -> None:
    stacks = server.client("cloudformation")
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
    stacks.create_stack(StackName="bad", TemplateBody=json.dumps(body))
    [stack] = stacks.describe_stacks(StackName="bad")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    [(failed, reason)] = events_of(server, "bad", "CREATE_FAILED")
    assert failed == "Queue"
    assert "CreateJobQueue" in reason
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        stacks.update_stack(StackName="bad", TemplateBody=json.dumps(body))
    stacks.delete_stack(StackName="bad")
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe_stacks(StackName="bad")


def test_a_stack_that_fails_leaves_nothing_behind(server: Any) -> None:
    batch, stacks = server.client("batch"), server.client("cloudformation")
    known = [
        len(batch.describe_compute_environments()["computeEnvironments"]),
        len(batch.describe_job_queues()["jobQueues"]),
    ]
    body = json.loads(template(server))
    body["Resources"]["Definition"]["Properties"]["ContainerProperties"]["ResourceRequirements"][0]["Value"] = "3"
    body["Resources"]["Definition"]["DependsOn"] = "Queue"
    body["Outputs"] = {"Queue": {"Value": {"Ref": "Queue"}, "Export": {"Name": "half-made"}}}
    stacks.create_stack(StackName="half", TemplateBody=json.dumps(body))
    assert [name for name, _ in events_of(server, "half", "CREATE_FAILED")] == ["Definition"]
    undone = [name for name, _ in events_of(server, "half", "DELETE_COMPLETE")]
    assert (sorted(undone), undone[-1]) == (["Environment", "Policy", "Queue"], "Queue")  # newest event first
    assert [
        len(batch.describe_compute_environments()["computeEnvironments"]),
        len(batch.describe_job_queues()["jobQueues"]),
    ] == known
    assert stacks.list_exports()["Exports"] == []
    assert "stack-policy" not in str(batch.list_scheduling_policies()["schedulingPolicies"])
    stacks.delete_stack(StackName="half")


def log_groups(**properties: Any) -> str:
    """A log group, and another one where the parameter says so."""
    return json.dumps(
        {
            "Parameters": {
                "Days": {"Type": "Number", "Default": 7},
                "HasOther": {"Type": "String", "Default": "no"},
                "Repository": {"Type": "String", "Default": "windows-countdown"},
                "IsBroken": {"Type": "String", "Default": "no"},
            },
            "Conditions": {
                "HasTwo": {"Fn::Equals": [{"Ref": "HasOther"}, "yes"]},
                "Breaks": {"Fn::Equals": [{"Ref": "IsBroken"}, "yes"]},
            },
            "Resources": {
                "One": {
                    "Type": "AWS::Logs::LogGroup",
                    "Properties": {"LogGroupName": "/one", "RetentionInDays": {"Ref": "Days"}, **properties},
                },
                "Two": {
                    "Type": "AWS::Logs::LogGroup",
                    "Condition": "HasTwo",
                    "Properties": {"LogGroupName": {"Fn::Sub": "/two/${Days}"}},
                },
                "Taken": {
                    "Type": "AWS::ECR::Repository",
                    "Condition": "Breaks",
                    "Properties": {"RepositoryName": {"Ref": "Repository"}},
                },
            },
        }
    )


def parameters(**given: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def groups(server: Any) -> dict[str, int | None]:
    found = server.client("logs").describe_log_groups()["logGroups"]
    return {group["logGroupName"]: group.get("retentionInDays") for group in found}


def test_an_update_follows_parameters_and_conditions(server: Any) -> None:
    stacks, before = server.client("cloudformation"), groups(server)
    stacks.create_stack(StackName="groups", TemplateBody=log_groups())
    assert groups(server) == {**before, "/one": 7}
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update_stack(StackName="groups", TemplateBody=log_groups())
    stacks.update_stack(StackName="groups", TemplateBody=log_groups(), Parameters=parameters(HasOther="yes", Days="3"))
    assert groups(server) == {**before, "/one": 3, "/two/3": None}
    stacks.update_stack(StackName="groups", UsePreviousTemplate=True, Parameters=parameters(HasOther="no", Days="3"))
    assert groups(server) == {**before, "/one": 3}
    stacks.delete_stack(StackName="groups")
    assert groups(server) == before


def test_an_update_that_fails_is_undone(server: Any) -> None:
    stacks, before = server.client("cloudformation"), groups(server)
    stacks.create_stack(StackName="groups", TemplateBody=log_groups())
    stacks.update_stack(
        StackName="groups", TemplateBody=log_groups(), Parameters=parameters(HasOther="yes", Days="3", IsBroken="yes")
    )
    [stack] = stacks.describe_stacks(StackName="groups")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    [(failed, reason)] = events_of(server, "groups", "CREATE_FAILED")
    assert (failed, "already exists" in reason) == ("Taken", True)
    assert groups(server) == {**before, "/one": 7}
    stacks.delete_stack(StackName="groups")
    assert groups(server) == before


@pytest.mark.parametrize("is_by_id", [True, False])
def test_a_subnet_lies_in_the_zone_that_is_named(server: Any, is_by_id: bool) -> None:
    zones = {
        each["ZoneId"]: each["ZoneName"]
        for each in server.client("ec2").describe_availability_zones()["AvailabilityZones"]
    }
    zone_id, name = list(zones.items())[1]
    zone = {"AvailabilityZoneId": zone_id} if is_by_id else {"AvailabilityZone": name}
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.0.0/24", **zone},
        },
    }
    stacks = server.client("cloudformation")
    stacks.create_stack(StackName="zone", TemplateBody=json.dumps({"Resources": resources}))
    named = [{"Name": "cidr-block", "Values": ["10.9.0.0/24"]}]
    [subnet] = server.client("ec2").describe_subnets(Filters=named)["Subnets"]
    assert (subnet["AvailabilityZoneId"], subnet["AvailabilityZone"]) == (zone_id, name)
    stacks.delete_stack(StackName="zone")
    assert server.client("ec2").describe_subnets(Filters=named)["Subnets"] == []


@pytest.mark.parametrize("is_emptied", [True, False])
def test_a_repository_with_images_goes_only_where_the_template_says_so(server: Any, is_emptied: bool) -> None:
    stacks, ecr = server.client("cloudformation"), server.client("ecr")
    repository = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "some", "EmptyOnDelete": is_emptied}}
    stacks.create_stack(StackName="images", TemplateBody=json.dumps({"Resources": {"Repository": repository}}))
    manifest = ecr.batch_get_image(repositoryName="windows-countdown", imageIds=[{"imageTag": "latest"}])["images"][0]
    ecr.put_image(repositoryName="some", imageManifest=manifest["imageManifest"], imageTag="latest")
    stacks.delete_stack(StackName="images")
    if is_emptied:
        with pytest.raises(ClientError, match="does not exist"):
            stacks.describe_stacks(StackName="images")
        return
    [stack] = stacks.describe_stacks(StackName="images")["Stacks"]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert events_of(server, "images", "DELETE_FAILED")[-1][0] == "Repository"
    ecr.batch_delete_image(repositoryName="some", imageIds=[{"imageTag": "latest"}])
    stacks.delete_stack(StackName="images")
    assert "'some'" not in str(ecr.describe_repositories()["repositories"])


def test_change_sets_make_and_change_a_stack(server: Any) -> None:
    stacks, before = server.client("cloudformation"), groups(server)
    for kind, days in (("CREATE", "7"), ("UPDATE", "3")):
        stacks.create_change_set(
            StackName="sets",
            ChangeSetName=f"set-{days}",
            ChangeSetType=kind,
            TemplateBody=log_groups(),
            Parameters=parameters(Days=days, HasOther="yes"),
        )
        stacks.execute_change_set(StackName="sets", ChangeSetName=f"set-{days}")
        [stack] = stacks.describe_stacks(StackName="sets")["Stacks"]
        assert stack["StackStatus"] == f"{kind}_COMPLETE"
        assert groups(server)["/one"] == int(days)
    stacks.delete_stack(StackName="sets")
    assert groups(server) == before


def test_roles_want_a_capability(server: Any) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    with pytest.raises(ClientError) as caught:
        server.client("cloudformation").create_stack(
            StackName="roles", TemplateBody=json.dumps({"Resources": {"R": role}})
        )
    assert caught.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"
    assert "Requires capabilities : [CAPABILITY_IAM]" in caught.value.response["Error"]["Message"]


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
