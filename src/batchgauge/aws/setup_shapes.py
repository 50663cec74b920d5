"""AWS's shapes of what jobs stand on, and ours: nothing of the wire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from batchgauge.core.checks.setup import (
    DefinitionSetup,
    EnvironmentSetup,
    ImagePlatform,
    LogSetup,
    QueueSetup,
    RoleSetup,
    SubnetSetup,
    Way,
)

ANYWHERE: Final = frozenset({"0.0.0.0/0"})
READ_ELSEWHERE: Final = frozenset(
    {
        "image",
        "vcpus",
        "memory",
        "command",
        "jobRoleArn",
        "executionRoleArn",
        "resourceRequirements",
        "logConfiguration",
        "networkConfiguration",
        "runtimePlatform",
        "environment",
        "secrets",
        "volumes",
        "mountPoints",
        "fargatePlatformConfiguration",
    }
)
"""Settings of a container that the facts have fields for, or that nothing is judged by."""
OTHER_SHAPES: Final = ("ecsProperties", "eksProperties", "nodeProperties")
LATEST: Final = "LATEST"
WINDOWS_LAYER: Final = "foreign"
"""In the media type of a layer that only Microsoft may hand out."""


def read_queue_setup(detail: Mapping[str, Any]) -> QueueSetup:
    """A queue of DescribeJobQueues."""
    ordered = sorted(detail.get("computeEnvironmentOrder", ()), key=lambda entry: entry["order"])
    return QueueSetup(
        name=detail["jobQueueName"],
        arn=detail["jobQueueArn"],
        state=detail["state"],
        status=detail.get("status", ""),
        status_reason=detail.get("statusReason", ""),
        environments=tuple(entry["computeEnvironment"] for entry in ordered),
    )


def read_environment_setup(detail: Mapping[str, Any]) -> EnvironmentSetup:
    """An environment of DescribeComputeEnvironments."""
    resources = detail.get("computeResources", {})
    return EnvironmentSetup(
        name=detail["computeEnvironmentName"],
        state=detail.get("state", ""),
        status=detail.get("status", ""),
        status_reason=detail.get("statusReason", ""),
        is_managed=detail.get("type") != "UNMANAGED",
        type=resources.get("type", ""),
        max_vcpus=resources.get("maxvCpus"),
        subnets=tuple(resources.get("subnets", ())),
        instance_types=tuple(resources.get("instanceTypes") or ()),
    )


def read_definition_setup(detail: Mapping[str, Any]) -> DefinitionSetup:
    """A definition of DescribeJobDefinitions: of a container job, all that is judged."""
    container = detail.get("containerProperties", {})
    runtime = container.get("runtimePlatform", {})
    sizes = {entry["type"]: entry["value"] for entry in container.get("resourceRequirements", ())}
    vcpus, memory_mib = sizes.get("VCPU", container.get("vcpus")), sizes.get("MEMORY", container.get("memory"))
    has_container = "containerProperties" in detail
    return DefinitionSetup(
        name=detail["jobDefinitionName"],
        revision=detail["revision"],
        status=detail.get("status", ""),
        # A container job may also be written as ecsProperties or eksProperties, which hold several containers.
        type=detail.get("type", "container")
        if has_container
        else next((key for key in OTHER_SHAPES if key in detail), ""),
        platform=next(iter(detail.get("platformCapabilities", ())), "EC2"),
        operating_system_family=runtime.get("operatingSystemFamily", ""),
        cpu_architecture=runtime.get("cpuArchitecture", ""),
        image=container.get("image", ""),
        vcpus=float(vcpus) if vcpus is not None else None,
        memory_mib=int(memory_mib) if memory_mib is not None else None,
        execution_role=container.get("executionRoleArn", ""),
        job_role=container.get("jobRoleArn", ""),
        assigns_public_ip=container.get("networkConfiguration", {}).get("assignPublicIp") == "ENABLED",
        log=_log(container.get("logConfiguration")),
        command=tuple(container.get("command", ())),
        parameters=dict(detail.get("parameters", {})),
        timeout_s=detail.get("timeout", {}).get("attemptDurationSeconds"),
        attempts=detail.get("retryStrategy", {}).get("attempts", 1),
        settings=tuple(_settings(container)),
    )


def _log(configuration: Mapping[str, Any] | None) -> LogSetup:
    if configuration is None:
        return LogSetup()
    options = configuration.get("options", {})
    return LogSetup(
        driver=configuration.get("logDriver", ""),
        group=options.get("awslogs-group", LogSetup().group),
        creates_group=options.get("awslogs-create-group") == "true",
    )


def _settings(container: Mapping[str, Any]) -> Iterator[str]:
    """Those that say something; DescribeJobDefinitions shows empty ones too."""
    yield from sorted(name for name, value in container.items() if name not in READ_ELSEWHERE and value)
    if any("efsVolumeConfiguration" in volume for volume in container.get("volumes", ())):
        yield "efsVolumeConfiguration"
    version = container.get("fargatePlatformConfiguration", {}).get("platformVersion", LATEST)
    if version != LATEST:
        yield f"platformVersion={version}"


def read_role_setup(detail: Mapping[str, Any]) -> RoleSetup:
    """A role of GetRole; its policy is percent-encoded JSON on the wire, which botocore decodes."""
    policy = detail.get("AssumeRolePolicyDocument", {})
    if isinstance(policy, str):
        policy = json.loads(unquote(policy))
    services = [
        service
        for statement in _listed(policy.get("Statement"))
        if statement.get("Effect") == "Allow"
        for service in _services(statement.get("Principal"))
    ]
    return RoleSetup(arn=detail["Arn"], trusted_services=tuple(dict.fromkeys(services)))


def _services(principal: Any) -> list[str]:
    return [str(service) for service in _listed(principal.get("Service"))] if isinstance(principal, Mapping) else []


def _listed(value: Any) -> Sequence[Any]:
    """IAM writes one as itself and several as a list."""
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def read_platforms(manifest: Mapping[str, Any]) -> tuple[ImagePlatform, ...]:
    """What an image's manifest shows of its platforms: those of an index; of a single image, no more than that it is a Windows one."""
    entries = [entry.get("platform") for entry in manifest.get("manifests", ())]
    platforms = [
        ImagePlatform(
            system=entry["os"], architecture=entry.get("architecture", ""), version=entry.get("os.version", "")
        )
        # An index also holds attestations, of no platform.
        for entry in entries
        if entry and entry.get("os") not in (None, "unknown")
    ]
    if not platforms and any(WINDOWS_LAYER in layer.get("mediaType", "") for layer in manifest.get("layers", ())):
        return (ImagePlatform(system="windows"),)
    return tuple(platforms)


def read_image_configuration(configuration: Mapping[str, Any]) -> tuple[ImagePlatform, ...]:
    """The platform that an image's own configuration names."""
    system = configuration.get("os")
    if not isinstance(system, str):
        return ()
    architecture, version = configuration.get("architecture", ""), configuration.get("os.version", "")
    return (ImagePlatform(system=system, architecture=str(architecture), version=str(version)),)


def read_subnets(
    subnets: Sequence[Mapping[str, Any]],
    tables: Sequence[Mapping[str, Any]],
    endpoints: Sequence[Mapping[str, Any]],
) -> tuple[SubnetSetup, ...]:
    """Subnets with their routes: those of their own table, or else of their VPC's main one."""
    return tuple(
        SubnetSetup(
            subnet_id=subnet["SubnetId"],
            way=_way(_table_of(subnet, tables)),
            vpc_id=subnet["VpcId"],
            free_addresses=subnet.get("AvailableIpAddressCount"),
            endpoints=tuple(sorted(_endpoints_of(subnet["VpcId"], endpoints))),
            zone_id=subnet.get("AvailabilityZoneId", ""),
        )
        for subnet in subnets
    )


def _table_of(subnet: Mapping[str, Any], tables: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    main: Mapping[str, Any] = {}
    for table in tables:
        for association in table.get("Associations", ()):
            if association.get("SubnetId") == subnet["SubnetId"]:
                return table
            if association.get("Main") and table.get("VpcId") == subnet["VpcId"]:
                main = table
    return main


def _way(table: Mapping[str, Any]) -> Way:
    routes = [route for route in table.get("Routes", ()) if route.get("DestinationCidrBlock") in ANYWHERE]
    routes = [route for route in routes if route.get("State", "active") == "active"]
    if not routes:
        return Way.NONE
    route = routes[0]
    if str(route.get("GatewayId", "")).startswith("igw-"):
        return Way.INTERNET_GATEWAY
    if route.get("NatGatewayId") or route.get("InstanceId"):
        return Way.NAT
    return Way.OTHER


def _endpoints_of(vpc_id: str, endpoints: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """``com.amazonaws.us-west-2.ecr.api`` is ``ecr.api``."""
    for endpoint in endpoints:
        if endpoint.get("VpcId") == vpc_id and endpoint.get("State", "available").lower() == "available":
            yield ".".join(endpoint["ServiceName"].split(".")[3:])
