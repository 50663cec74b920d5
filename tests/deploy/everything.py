"""All that stands in an embedded AWS's account, as lists of names: what a stack leaves behind would be among them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

CLIENTS: dict[tuple[str, str], Any] = {}


def _client(server: Any, service: str) -> Any:
    """One of a kind: each costs a tenth of a second."""
    key = (server.endpoint, service)
    if key not in CLIENTS:
        CLIENTS[key] = server.client(service)
    return CLIENTS[key]


def everything(server: Any) -> dict[str, list[str]]:
    """By service and kind; sorted."""
    ec2, batch, iam = (_client(server, service) for service in ("ec2", "batch", "iam"))
    definitions = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    found = {
        "vpcs": [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]],
        "subnets": [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]],
        "gateways": [each["InternetGatewayId"] for each in ec2.describe_internet_gateways()["InternetGateways"]],
        "route tables": [each["RouteTableId"] for each in ec2.describe_route_tables()["RouteTables"]],
        "security groups": [each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]],
        "roles": [each["RoleName"] for each in iam.list_roles()["Roles"]],
        "instance profiles": [each["InstanceProfileName"] for each in iam.list_instance_profiles()["InstanceProfiles"]],
        "repositories": [
            each["repositoryName"] for each in _client(server, "ecr").describe_repositories()["repositories"]
        ],
        "log groups": [each["logGroupName"] for each in _client(server, "logs").describe_log_groups()["logGroups"]],
        "environments": [
            each["computeEnvironmentArn"] for each in batch.describe_compute_environments()["computeEnvironments"]
        ],
        "job queues": [each["jobQueueArn"] for each in batch.describe_job_queues()["jobQueues"]],
        "job definitions": [each["jobDefinitionArn"] for each in definitions],
        "queues": _client(server, "sqs").list_queues().get("QueueUrls", []),
        "rules": [each["Name"] for each in _client(server, "events").list_rules()["Rules"]],
        "stacks": [each["StackName"] for each in _client(server, "cloudformation").describe_stacks()["Stacks"]],
    }
    return {kind: sorted(names) for kind, names in found.items()}


def status_of(server: Any, stack: str) -> str | None:
    """The stack's status; None where there is none of the name."""
    try:
        [found] = server.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError:
        return None
    return str(found["StackStatus"])


def push_image(server: Any, repository: str, tag: str) -> None:
    """Put the seed's image there, as ``image push`` would one of its own."""
    ecr = _client(server, "ecr")
    [found] = ecr.batch_get_image(repositoryName="windows-countdown", imageIds=[{"imageTag": "latest"}])["images"]
    ecr.put_image(repositoryName=repository, imageManifest=found["imageManifest"], imageTag=tag)
