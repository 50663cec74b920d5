"""Resources of templates that moto does not know, or does not change and remove as AWS does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ecr.models import ecr_backends
from moto.sqs.models import sqs_backends

Place: TypeAlias = tuple[str, str]
"""Account and Region."""


class QueuePolicy(CloudFormationModel):  # type: ignore[misc]
    """``AWS::SQS::QueuePolicy``: one policy for some queues."""

    def __init__(self, name: str, queue_names: tuple[str, ...]) -> None:
        self.physical_resource_id = name
        self.queue_names = queue_names

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """It has no name of the user's."""
        return ""

    @classmethod
    def cloudformation_type(cls) -> str:
        """As templates name it."""
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """What ``Fn::GetAtt`` takes."""
        return False

    def is_created(self) -> bool:
        """At once."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> QueuePolicy:
        """Called by moto."""
        properties = cloudformation_json["Properties"]
        names = tuple(str(url).rpartition("/")[2] for url in properties["Queues"])
        policy = json.dumps(properties["PolicyDocument"])
        for name in names:
            _set_policy((account_id, region_name), name, policy)
        return cls(resource_name, names)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: QueuePolicy,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> QueuePolicy:
        """Called by moto."""
        original_resource.delete(account_id, region_name)
        name = original_resource.physical_resource_id
        return cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)

    def delete(self, account_id: str, region_name: str) -> None:
        """The queues that are still there have none any more."""
        known = sqs_backends[account_id][region_name].queues
        for name in self.queue_names:
            if name in known:
                _set_policy((account_id, region_name), name, "")


def _set_policy(place: Place, queue_name: str, policy: str) -> None:
    sqs_backends[place[0]][place[1]].set_queue_attributes(queue_name, {"Policy": policy})


def _remove_repository(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    """Images are in its way, unless the template says that they go with it."""
    is_forced = str(properties.get("EmptyOnDelete", False)).lower() == "true"
    ecr_backends[place[0]][place[1]].delete_repository(resource.physical_resource_id, force=is_forced)


def _detach_gateway(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    _ec2(place).detach_internet_gateway(properties["InternetGatewayId"], resource.vpc_id)


def _remove_gateway(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    _ec2(place).delete_internet_gateway(resource.physical_resource_id)


def _remove_route(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    _ec2(place).delete_route(properties["RouteTableId"], properties["DestinationCidrBlock"])


def _remove_route_table(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    _ec2(place).delete_route_table(resource.physical_resource_id)


def _remove_association(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    table = _ec2(place).get_route_table(resource.route_table_id)
    for association_id, subnet_id in list(table._associations.items()):
        if subnet_id == resource.subnet_id:
            _ec2(place).disassociate_route_table(association_id)


def _ec2(place: Place) -> Any:
    return ec2_backends[place[0]][place[1]]


def _close_security_group(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    """Rules of its own for what goes out take the place of the one that lets everything out."""
    rules = properties.get("SecurityGroupEgress")
    if not rules:
        return
    resource.egress_rules.clear()
    for rule in rules:
        _ec2(place).authorize_security_group_egress(
            resource.id,
            rule["IpProtocol"],
            rule.get("FromPort"),
            rule.get("ToPort"),
            [{"CidrIp": rule["CidrIp"]}] if "CidrIp" in rule else [],
            vpc_id=resource.vpc_id,
        )


def _associate_subnet(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    """Moto keeps a list of its own of these, which DescribeRouteTables does not read."""
    _ec2(place).associate_route_table(resource.route_table_id, subnet_id=resource.subnet_id)


def _place_subnet(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    """Moto reads a zone's name only, not its id."""
    zone_id = properties.get("AvailabilityZoneId")
    zones = RegionsAndZonesBackend.zones[place[1]]
    resource._availability_zone = next((zone for zone in zones if zone.zone_id == zone_id), resource._availability_zone)


def _write_policies(resource: Any, properties: Mapping[str, Any], place: Place) -> None:
    """Moto keeps the template's mappings, and GetRolePolicy would show them as Python writes them."""
    for name, document in resource.policies.items():
        if not isinstance(document, str):
            resource.policies[name] = json.dumps(document)


def _change_log_group(resource: Any, properties: Mapping[str, Any]) -> None:
    resource.set_retention_policy(properties.get("RetentionInDays"))


REMOVALS: Mapping[str, Callable[[Any, Mapping[str, Any], Place], None]] = {
    "AWS::EC2::InternetGateway": _remove_gateway,
    "AWS::EC2::Route": _remove_route,
    "AWS::EC2::RouteTable": _remove_route_table,
    "AWS::EC2::SubnetRouteTableAssociation": _remove_association,
    "AWS::EC2::VPCGatewayAttachment": _detach_gateway,
    "AWS::ECR::Repository": _remove_repository,
}
"""How resources of these types are removed: moto leaves them where they are, or does not mind what is in the way."""
COMPLETIONS: Mapping[str, Callable[[Any, Mapping[str, Any], Place], None]] = {
    "AWS::EC2::SecurityGroup": _close_security_group,
    "AWS::EC2::Subnet": _place_subnet,
    "AWS::EC2::SubnetRouteTableAssociation": _associate_subnet,
    "AWS::IAM::Role": _write_policies,
}
"""What is done to a resource after moto has made it."""
CHANGES_IN_PLACE: Mapping[str, Callable[[Any, Mapping[str, Any]], None]] = {"AWS::Logs::LogGroup": _change_log_group}
"""What moto cannot change at all."""
