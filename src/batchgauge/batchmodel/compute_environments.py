"""Compute environments: their record and the operations on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.capacity import Capacity
from batchgauge.batchmodel.draws import Draws
from batchgauge.batchmodel.identifiers import Names, check_resource_name, name_in
from batchgauge.batchmodel.pages import page_of, with_token
from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.tags import checked_tags

KIND: Final = "compute-environment"
MAX_ENVIRONMENTS: Final = 50
FARGATE_TYPES: Final = frozenset({"FARGATE", "FARGATE_SPOT"})
NOT_ON_FARGATE: Final = (
    "allocationStrategy",
    "bidPercentage",
    "desiredvCpus",
    "ec2Configuration",
    "ec2KeyPair",
    "imageId",
    "instanceRole",
    "instanceTypes",
    "launchTemplate",
    "minvCpus",
    "placementGroup",
    "spotIamFleetRole",
)


class ComputeEnvironment:
    """One environment; `capacity` is what the scheduler takes slots from."""

    def __init__(self, name: str, arn: str, cluster: str, parameters: Mapping[str, Any], capacity: Capacity) -> None:
        self.name = name
        self.arn = arn
        self.placing_cause = f"placed in {name}"
        """For the ground truth."""
        self.cluster = cluster
        """The name of its ECS cluster."""
        self.kind: str = parameters["type"].upper()
        self.state: str = parameters.get("state", "ENABLED").upper()
        self.status = "CREATING"
        self.set_resources(parameters.get("computeResources") or {})
        self.others = {
            key: parameters[key] for key in ("serviceRole", "unmanagedvCpus", "context") if key in parameters
        }
        self.tags: Mapping[str, str] = parameters.get("tags", {})
        self.capacity = capacity
        self.queue_count = 0

    def set_resources(self, resources: Mapping[str, Any]) -> None:
        """``computeResources``; of type ``FARGATE``, ``FARGATE_SPOT``, ``SPOT`` or ``EC2``, as an unmanaged one counts."""
        kind = str(resources.get("type", "EC2")).upper()
        self.resources: dict[str, Any] = dict(resources)
        self.platform = "FARGATE" if kind in FARGATE_TYPES else "EC2"
        """What job definitions call it."""
        self.takes_windows = kind == "FARGATE"
        """Windows containers run on Fargate, and not on Fargate Spot."""

    @property
    def takes_jobs(self) -> bool:
        """Whether new attempts may be placed here."""
        return self.state == "ENABLED" and self.status in ("VALID", "UPDATING")


class ComputeEnvironments:
    """Every environment by name, and the operations on them."""

    def __init__(
        self,
        names: Names,
        agenda: Agenda,
        draws: Draws,
        capacity_of: Callable[[Mapping[str, Any]], Capacity],
        on_change: Callable[[], None],
    ) -> None:
        self._names = names
        self._agenda = agenda
        self._draws = draws
        self._capacity_of = capacity_of
        self._on_change = on_change
        self._environments: dict[str, ComputeEnvironment] = {}
        self._made = 0

    def create(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateComputeEnvironment; VALID in a moment."""
        name = parameters["computeEnvironmentName"]
        check_resource_name(name)
        if name in self._environments:
            raise client_error("Object already exists")
        if len(self._environments) >= MAX_ENVIRONMENTS:
            raise client_error(f"Maximum number of compute environments is {MAX_ENVIRONMENTS}")
        checked_tags(parameters.get("tags", {}))
        _check_resources(parameters)
        self._made += 1
        cluster = f"AWSBatch-{name}-{self._draws.uuid('cluster', self._made)}"
        capacity = self._capacity_of(parameters)
        environment = ComputeEnvironment(name, self._names.arn(KIND, name), cluster, parameters, capacity)
        self._environments[name] = environment
        self._agenda.at(self._agenda.now_ms, self._become_valid, environment)
        return _identity(environment)

    def _become_valid(self, environment: ComputeEnvironment) -> None:
        if environment.status in ("CREATING", "UPDATING"):
            environment.status = "VALID"
            self._on_change()

    def update(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """UpdateComputeEnvironment; what runs goes on."""
        environment = self.named(parameters["computeEnvironment"])
        changes = parameters.get("computeResources") or {}
        merged = {**environment.resources, **changes}
        if environment.kind == "MANAGED":
            _check_resources({"type": "MANAGED", "computeResources": merged})
        if "maxvCpus" in changes:
            environment.capacity.max_vcpus = changes["maxvCpus"]
        environment.set_resources(merged)
        environment.state = parameters.get("state", environment.state).upper()
        for key in ("serviceRole", "unmanagedvCpus", "context"):
            if key in parameters:
                environment.others[key] = parameters[key]
        environment.status = "UPDATING"
        self._agenda.at(self._agenda.now_ms, self._become_valid, environment)
        return _identity(environment)

    def delete(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DeleteComputeEnvironment: a disabled one that no queue uses; one that is not there is no error."""
        environment = self.find(parameters["computeEnvironment"])
        if environment is None:
            return {}
        if environment.state != "DISABLED":
            raise client_error("Cannot delete, state must be DISABLED")
        if environment.queue_count:
            raise client_error("Cannot delete, found existing JobQueue relationship")
        environment.status = "DELETING"
        self._agenda.at(self._agenda.now_ms, self._be_gone, environment)
        return {}

    def _be_gone(self, environment: ComputeEnvironment) -> None:
        environment.capacity.close()
        if self._environments.get(environment.name) is environment:
            del self._environments[environment.name]

    def describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeComputeEnvironments; unknown names are left out."""
        asked = parameters.get("computeEnvironments")
        found = [self.find(name) for name in asked] if asked else list(self._environments.values())
        page, token = page_of([environment for environment in found if environment is not None], parameters)
        return with_token({"computeEnvironments": [self._shown(environment) for environment in page]}, token)

    def _shown(self, environment: ComputeEnvironment) -> dict[str, Any]:
        shown = {
            **_identity(environment),
            "ecsClusterArn": self._names.ecs_arn("cluster", environment.cluster),
            "tags": dict(environment.tags),
            "type": environment.kind,
            "state": environment.state,
            "status": environment.status,
            "statusReason": "ComputeEnvironment Healthy",
            **environment.others,
            "containerOrchestrationType": "ECS",
            "uuid": environment.cluster[-36:],
        }
        if environment.resources:
            shown["computeResources"] = environment.resources
        return shown

    def find(self, name_or_arn: str) -> ComputeEnvironment | None:
        """The environment of this name or ARN."""
        return self._environments.get(name_in(name_or_arn, KIND))

    def named(self, name_or_arn: str) -> ComputeEnvironment:
        """The same, or a refusal."""
        environment = self.find(name_or_arn)
        if environment is None:
            raise client_error(f"{name_or_arn} does not exist")
        return environment


def _identity(environment: ComputeEnvironment) -> dict[str, Any]:
    return {"computeEnvironmentName": environment.name, "computeEnvironmentArn": environment.arn}


def _check_resources(parameters: Mapping[str, Any]) -> None:
    resources = parameters.get("computeResources")
    if parameters.get("eksConfiguration"):
        raise client_error("Compute environments on EKS are not supported by the embedded AWS")
    if parameters["type"].upper() == "UNMANAGED":
        if resources:
            raise client_error("computeResources must not be specified for an UNMANAGED compute environment")
        return
    if not resources:
        raise client_error("computeResources must be specified for a MANAGED compute environment")
    if resources["maxvCpus"] < 1:
        raise client_error("maxvCpus must be at least 1")
    if resources["type"].upper() in FARGATE_TYPES:
        for name in NOT_ON_FARGATE:
            if resources.get(name):
                raise client_error(f"{name} is not applicable for Fargate.")
        if not resources.get("securityGroupIds"):
            raise client_error("securityGroupIds must be specified for Fargate.")
    else:
        _check_instances(resources)
    if not resources.get("subnets"):
        raise client_error("subnets must be specified.")


def _check_instances(resources: Mapping[str, Any]) -> None:
    if not resources.get("instanceRole"):
        raise client_error("instanceRole must be specified.")
    if resources.get("minvCpus", 0) < 0 or resources.get("minvCpus", 0) > resources["maxvCpus"]:
        raise client_error("minvCpus must be between 0 and maxvCpus")
