"""The template: clean for cfn-lint, and on the embedded AWS it makes what it says, runs jobs, changes, and goes whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.checks.fargate_zones import WINDOWS_ZONES
from tests.deploy.everything import everything, push_image, status_of

TEMPLATE = Path(__file__).parents[2] / "deploy" / "cloudformation" / "batchgauge.yaml"
BODY = TEMPLATE.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def goes_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """The stack of a test that failed is in no other's way."""
    yield
    if "server" in request.fixturenames:
        server = request.getfixturevalue("server")
        if status_of(server, "batchgauge") is not None:
            server.client("cloudformation").delete_stack(StackName="batchgauge")


def parameters(**given: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def create(server: Any, stack: str = "batchgauge", **given: str) -> dict[str, str]:
    """The stack's outputs."""
    stacks = server.client("cloudformation")
    stacks.create_stack(
        StackName=stack, TemplateBody=BODY, Parameters=parameters(**given), Capabilities=["CAPABILITY_IAM"]
    )
    return outputs(server, stack)


def outputs(server: Any, stack: str = "batchgauge") -> dict[str, str]:
    [found] = server.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import ManualArgs, lint

    found = lint(BODY, config=ManualArgs(regions=["us-west-2", "us-east-1", "ap-northeast-1", "eu-central-1"]))
    assert [str(match) for match in found] == []


def test_it_is_small_enough_to_be_sent_with_the_call() -> None:
    assert len(TEMPLATE.read_bytes()) <= 51_200  # CreateStack's TemplateBody


def test_jobs_run_in_it_and_it_goes_whole(server: Any) -> None:
    before = everything(server)
    made = create(server, Events="true", Ec2MaxvCpus="4")
    push_image(server, made["RepositoryName"], "linux")
    for queue, definition in (("JobQueue", "LinuxJobDefinition"), ("Ec2JobQueue", "Ec2JobDefinition")):
        job = server.client("batch").submit_job(
            jobName="j", jobQueue=made[queue], jobDefinition=made[definition], parameters={"countdownSeconds": "0"}
        )
        ended = server.finished_job(job["jobId"])
        assert ended["status"] == "SUCCEEDED"
        assert ended["container"]["image"] == made["LinuxImage"]
        assert server.lines_of(ended, made["LogGroup"])
    [message, *_] = server.until(
        lambda: server.client("sqs").receive_message(QueueUrl=made["EventsQueueUrl"]).get("Messages")
    )
    assert "Batch Job State Change" in message["Body"]
    server.client("cloudformation").delete_stack(StackName="batchgauge")
    assert everything(server) == before
    assert status_of(server, "batchgauge") is None


def test_the_windows_jobs_are_valid_for_fargate(server: Any) -> None:
    made = create(server, System="windows", WindowsVersion="WINDOWS_SERVER_2019_CORE", RepositoryName="other/images")
    definitions = server.client("batch").describe_job_definitions(
        jobDefinitionName=made["WindowsJobDefinition"], status="ACTIVE"
    )["jobDefinitions"]
    newest = max(definitions, key=lambda each: int(each["revision"]))
    container = newest["containerProperties"]
    assert newest["platformCapabilities"] == ["FARGATE"]
    assert newest["parameters"] == {"countdownSeconds": "30"}
    assert newest["timeout"] == {"attemptDurationSeconds": 3600}
    assert container["runtimePlatform"] == {
        "operatingSystemFamily": "WINDOWS_SERVER_2019_CORE",
        "cpuArchitecture": "X86_64",
    }
    assert container["image"].endswith("/other/images:windows-ltsc2019")
    assert container["command"] == ["powershell.exe", "-Command", "C:\\test\\countdown.exe", "Ref::countdownSeconds"]
    assert "LinuxJobDefinition" not in made


def test_nothing_comes_in_and_only_https_goes_out(server: Any) -> None:
    made = create(server)
    [group] = server.client("ec2").describe_security_groups(GroupIds=[made["SecurityGroupId"]])["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["IpPermissionsEgress"]] == [(443, 443)]
    subnets = server.client("ec2").describe_subnets(SubnetIds=made["SubnetIds"].split(","))["Subnets"]
    assert sorted(subnet["CidrBlock"] for subnet in subnets) == ["10.0.0.0/20", "10.0.16.0/20"]
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2


def test_its_zones_have_fargate_for_windows_where_not_all_have() -> None:
    chosen = re.findall(r"AvailabilityZoneId: !If \[IsVirginia, (\S+), !If \[IsCanada, (\S+), ", BODY)
    for region, zones in zip(("us-east-1", "ca-central-1"), zip(*chosen, strict=True), strict=True):
        assert f"!Equals [!Ref AWS::Region, {region}]" in BODY
        assert len({*zones} & {*WINDOWS_ZONES[region]}) == 2


def test_its_subnets_lead_to_the_internet(server: Any) -> None:
    made = create(server)
    for subnet in made["SubnetIds"].split(","):
        [table] = server.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
        )["RouteTables"]
        assert [route["GatewayId"][:4] for route in table["Routes"]] == ["loca", "igw-"]


def test_it_goes_into_a_network_that_is_there(server: Any) -> None:
    [seeded] = server.client("batch").describe_compute_environments()["computeEnvironments"]
    subnets = seeded["computeResources"]["subnets"]
    [vpc] = {each["VpcId"] for each in server.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]}
    before = everything(server)
    made = create(server, VpcId=vpc, SubnetIds=",".join(subnets))
    assert everything(server)["vpcs"] == before["vpcs"]
    assert (made["VpcId"], made["SubnetIds"]) == (vpc, ",".join(subnets))
    [own] = server.client("batch").describe_compute_environments(computeEnvironments=[made["ComputeEnvironment"]])[
        "computeEnvironments"
    ]
    assert own["computeResources"]["subnets"] == subnets
    server.client("cloudformation").delete_stack(StackName="batchgauge")
    assert everything(server) == before


def test_an_update_changes_the_environment_in_place(server: Any) -> None:
    before = everything(server)
    made = create(server, MaxvCpus="4")
    server.client("cloudformation").update_stack(
        StackName="batchgauge",
        UsePreviousTemplate=True,
        Parameters=parameters(MaxvCpus="32", Ec2MaxvCpus="8", Events="true", LogRetentionDays="30"),
        Capabilities=["CAPABILITY_IAM"],
    )
    changed = outputs(server)
    [environment] = server.client("batch").describe_compute_environments(
        computeEnvironments=[made["ComputeEnvironment"]]
    )["computeEnvironments"]
    assert environment["computeResources"]["maxvCpus"] == 32
    assert changed["Ec2JobQueue"] == "batchgauge-ec2-queue"
    assert changed["MaxvCpus"] == "32"
    server.client("cloudformation").delete_stack(StackName="batchgauge")
    assert everything(server) == before


@pytest.mark.parametrize(("system", "events"), list(product(["windows", "linux"], ["true", "false"])))
def test_every_output_is_there_exactly_where_its_thing_is(server: Any, system: str, events: str) -> None:
    made = create(server, System=system, Events=events)
    assert ("WindowsJobDefinition" in made, "LinuxJobDefinition" in made) == (system == "windows", system == "linux")
    assert ("EventsQueueUrl" in made) == (events == "true")
    assert "Ec2JobQueue" not in made
