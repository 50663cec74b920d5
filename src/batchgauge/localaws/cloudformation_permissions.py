"""What CloudFormation does with its caller's rights for each type of resource: the handlers' own permissions, where they change something.

Source: the ``handlers`` of the types' schemas in the CloudFormation registry. What only reads is in `READS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchgauge.localaws.iam_actions import Needed
from batchgauge.localaws.iam_gate import CALLER, Gate

Lines = tuple[tuple[str, str], ...]
"""(action, the resource after the account; ``*`` where the action takes none)."""

CREATES: Mapping[str, Lines] = {
    "AWS::Batch::ComputeEnvironment": (
        ("batch:CreateComputeEnvironment", "compute-environment/{name}"),
        ("batch:TagResource", "compute-environment/{name}"),
    ),
    "AWS::Batch::JobDefinition": (
        ("batch:RegisterJobDefinition", "job-definition/{name}"),
        ("batch:TagResource", "job-definition/{name}"),
    ),
    "AWS::Batch::JobQueue": (
        ("batch:CreateJobQueue", "job-queue/{name}"),
        ("batch:TagResource", "job-queue/{name}"),
    ),
    "AWS::EC2::InternetGateway": (
        ("ec2:CreateInternetGateway", "internet-gateway/*"),
        ("ec2:CreateTags", "internet-gateway/*"),
    ),
    "AWS::EC2::Route": (("ec2:CreateRoute", "route-table/*"),),
    "AWS::EC2::RouteTable": (("ec2:CreateRouteTable", "route-table/*"), ("ec2:CreateTags", "route-table/*")),
    "AWS::EC2::SecurityGroup": (
        ("ec2:CreateSecurityGroup", "security-group/*"),
        ("ec2:RevokeSecurityGroupEgress", "security-group/*"),
        ("ec2:AuthorizeSecurityGroupEgress", "security-group/*"),
        ("ec2:CreateTags", "security-group/*"),
    ),
    "AWS::EC2::Subnet": (
        ("ec2:CreateSubnet", "subnet/*"),
        ("ec2:ModifySubnetAttribute", "subnet/*"),
        ("ec2:CreateTags", "subnet/*"),
    ),
    "AWS::EC2::SubnetRouteTableAssociation": (("ec2:AssociateRouteTable", "route-table/*"),),
    "AWS::EC2::VPC": (("ec2:CreateVpc", "vpc/*"), ("ec2:ModifyVpcAttribute", "vpc/*"), ("ec2:CreateTags", "vpc/*")),
    "AWS::EC2::VPCGatewayAttachment": (("ec2:AttachInternetGateway", "internet-gateway/*"),),
    "AWS::ECR::Repository": (("ecr:CreateRepository", "repository/{name}"), ("ecr:TagResource", "repository/{name}")),
    "AWS::Events::Rule": (
        ("events:PutRule", "rule/{name}"),
        ("events:PutTargets", "rule/{name}"),
        ("events:TagResource", "rule/{name}"),
    ),
    "AWS::IAM::InstanceProfile": (
        ("iam:CreateInstanceProfile", "instance-profile/{name}"),
        ("iam:AddRoleToInstanceProfile", "instance-profile/{name}"),
    ),
    "AWS::IAM::Role": (
        ("iam:CreateRole", "role/{name}"),
        ("iam:PutRolePolicy", "role/{name}"),
        ("iam:TagRole", "role/{name}"),
    ),
    "AWS::Logs::LogGroup": (
        ("logs:CreateLogGroup", "log-group:{name}"),
        ("logs:PutRetentionPolicy", "log-group:{name}"),
        ("logs:TagResource", "log-group:{name}"),
    ),
    "AWS::SQS::Queue": (("sqs:CreateQueue", "{name}"), ("sqs:TagQueue", "{name}")),
    "AWS::SQS::QueuePolicy": (("sqs:SetQueueAttributes", "{queue}"),),
}
DELETES: Mapping[str, Lines] = {
    "AWS::Batch::ComputeEnvironment": (
        ("batch:UpdateComputeEnvironment", "compute-environment/{name}"),
        ("batch:DeleteComputeEnvironment", "compute-environment/{name}"),
    ),
    "AWS::Batch::JobDefinition": (("batch:DeregisterJobDefinition", "job-definition/{name}:1"),),
    "AWS::Batch::JobQueue": (
        ("batch:UpdateJobQueue", "job-queue/{name}"),
        ("batch:DeleteJobQueue", "job-queue/{name}"),
    ),
    "AWS::EC2::InternetGateway": (("ec2:DeleteInternetGateway", "internet-gateway/*"),),
    "AWS::EC2::Route": (("ec2:DeleteRoute", "route-table/*"),),
    "AWS::EC2::RouteTable": (("ec2:DeleteRouteTable", "route-table/*"),),
    "AWS::EC2::SecurityGroup": (("ec2:DeleteSecurityGroup", "security-group/*"),),
    "AWS::EC2::Subnet": (("ec2:DeleteSubnet", "subnet/*"),),
    "AWS::EC2::SubnetRouteTableAssociation": (("ec2:DisassociateRouteTable", "route-table/*"),),
    "AWS::EC2::VPC": (("ec2:DeleteVpc", "vpc/*"),),
    "AWS::EC2::VPCGatewayAttachment": (("ec2:DetachInternetGateway", "internet-gateway/*"),),
    "AWS::ECR::Repository": (("ecr:DeleteRepository", "repository/{name}"),),
    "AWS::Events::Rule": (("events:RemoveTargets", "rule/{name}"), ("events:DeleteRule", "rule/{name}")),
    "AWS::IAM::InstanceProfile": (
        ("iam:RemoveRoleFromInstanceProfile", "instance-profile/{name}"),
        ("iam:DeleteInstanceProfile", "instance-profile/{name}"),
    ),
    "AWS::IAM::Role": (("iam:DeleteRolePolicy", "role/{name}"), ("iam:DeleteRole", "role/{name}")),
    "AWS::Logs::LogGroup": (("logs:DeleteLogGroup", "log-group:{name}"),),
    "AWS::SQS::Queue": (("sqs:DeleteQueue", "{name}"),),
    "AWS::SQS::QueuePolicy": (("sqs:SetQueueAttributes", "{queue}"),),
}
CHANGES: Mapping[str, Lines] = {
    "AWS::Batch::ComputeEnvironment": (("batch:UpdateComputeEnvironment", "compute-environment/{name}"),),
    "AWS::Batch::JobQueue": (("batch:UpdateJobQueue", "job-queue/{name}"),),
    "AWS::Batch::JobDefinition": (
        ("batch:RegisterJobDefinition", "job-definition/{name}"),
        ("batch:DeregisterJobDefinition", "job-definition/{name}:1"),
    ),
    "AWS::Logs::LogGroup": (("logs:PutRetentionPolicy", "log-group:{name}"),),
}
READS: Mapping[str, tuple[str, ...]] = {
    "AWS::Batch::ComputeEnvironment": ("batch:DescribeComputeEnvironments",),
    "AWS::Batch::JobDefinition": ("batch:DescribeJobDefinitions",),
    "AWS::Batch::JobQueue": ("batch:DescribeJobQueues",),
    "AWS::EC2::InternetGateway": ("ec2:DescribeInternetGateways",),
    "AWS::EC2::Route": ("ec2:DescribeRouteTables",),
    "AWS::EC2::RouteTable": ("ec2:DescribeRouteTables",),
    "AWS::EC2::SecurityGroup": ("ec2:DescribeSecurityGroups",),
    "AWS::EC2::Subnet": ("ec2:DescribeSubnets", "ec2:DescribeAvailabilityZones"),
    "AWS::EC2::VPC": ("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"),
}
"""On ``*``, as they take no resource; with each making, changing and deleting."""
NAME_PROPERTIES = {
    "AWS::Batch::ComputeEnvironment": "ComputeEnvironmentName",
    "AWS::Batch::JobDefinition": "JobDefinitionName",
    "AWS::Batch::JobQueue": "JobQueueName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SQS::Queue": "QueueName",
}
EC2_MANAGED_POLICY = "iam:AttachRolePolicy"
SERVICE_OF_ROLE = "ecs-tasks.amazonaws.com"

_gate: list[Gate] = []


def enforce(gate: Gate) -> None:
    """From now on stacks need their caller's rights."""
    _gate[:] = [gate]


def require(lines_by_type: Mapping[str, Lines], body: Mapping[str, Any], stack: Any, logical_id: str) -> None:
    """Raise NotAuthorizedError where the caller may not do this to the resource; `body` has its functions resolved."""
    if not _gate:
        return
    kind, properties = str(body["Type"]), body.get("Properties", {})
    name = properties.get(NAME_PROPERTIES.get(kind, ""), f"{stack.name}-{logical_id}-XXXXXXXXXXXX")
    queue = str((properties.get("Queues") or ["*"])[0]).rpartition("/")[2]
    needed = [Needed(action) for action in READS.get(kind, ())]
    for action, resource in lines_by_type.get(kind, ()):
        needed.append(Needed(action, _arn(action, resource.format(name=name, queue=queue), stack)))
    if lines_by_type is not DELETES:
        needed += _roles_handed_on(kind, properties, name, stack)
    elif kind == "AWS::IAM::Role":
        needed += _managed_policies(properties, name, stack, "iam:DetachRolePolicy")
    _gate[0].require(CALLER.get(), needed)


def _arn(action: str, resource: str, stack: Any) -> str:
    service = action.partition(":")[0]
    if resource == "*":
        return "*"
    region = "" if service == "iam" else stack.region_name
    return f"arn:aws:{service}:{region}:{stack.account_id}:{resource}"


def _roles_handed_on(kind: str, properties: Mapping[str, Any], name: str, stack: Any) -> list[Needed]:
    if kind == "AWS::Batch::JobDefinition":
        container = properties.get("ContainerProperties", {})
        roles = {container.get("ExecutionRoleArn"), container.get("JobRoleArn")} - {None}
        return [Needed("iam:PassRole", str(role), {"iam:PassedToService": SERVICE_OF_ROLE}) for role in sorted(roles)]
    if kind == "AWS::IAM::Role":
        return _managed_policies(properties, name, stack, EC2_MANAGED_POLICY)
    if kind == "AWS::IAM::InstanceProfile":
        to = {"iam:PassedToService": "ec2.amazonaws.com"}
        return [
            Needed("iam:PassRole", _arn("iam:PassRole", f"role/{role}", stack), to)
            for role in properties.get("Roles", ())
        ]
    if kind == "AWS::Batch::ComputeEnvironment" and "ServiceRole" not in properties:
        role = f"arn:aws:iam::{stack.account_id}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
        return [Needed("iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": "batch.amazonaws.com"})]
    return []


def _managed_policies(properties: Mapping[str, Any], name: str, stack: Any, action: str) -> list[Needed]:
    arn = _arn(action, f"role/{name}", stack)
    return [Needed(action, arn, {"iam:PolicyARN": str(policy)}) for policy in properties.get("ManagedPolicyArns", ())]
