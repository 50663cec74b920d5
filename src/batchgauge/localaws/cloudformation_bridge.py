"""CloudFormation's Batch resources are the job plane's own: moto reads the template, and these classes call our Batch.

Imported after moto's CloudFormation, whose table of classes takes the last one of each type.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

from moto.cloudformation.exceptions import ValidationError
from moto.core.common_models import CloudFormationModel

from batchgauge.batchmodel.boundary import Answer, Refusal
from batchgauge.localaws.cloudformation_properties import parameters_of
from batchgauge.localaws.service_model import ServiceModel

SETTLING_LIMIT_S = 30.0
POLL_INTERVAL_S = 0.05
THROTTLED_PAUSE_S = 0.2

Call = Callable[[str, Mapping[str, Any]], Answer | Refusal]


class Batch:
    """Our Batch, as a thread of moto's calls it."""

    def __init__(self, call: Call, service_model: ServiceModel) -> None:
        self._call = call
        self._service_model = service_model

    def ask(self, operation: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer; a refusal becomes CloudFormation's own error."""
        shape = self._service_model.input_shapes[operation]
        parameters = parameters_of(dict(properties), shape, self._service_model.shapes)
        deadline_s = time.monotonic() + SETTLING_LIMIT_S
        outcome = self._call(operation, parameters)
        while isinstance(outcome, Refusal) and outcome.status == 429 and time.monotonic() < deadline_s:
            time.sleep(THROTTLED_PAUSE_S)
            outcome = self._call(operation, parameters)
        if isinstance(outcome, Refusal):
            _refuse(f"{operation}: {outcome.message}")
        return outcome.body

    def settle(self, operation: str, properties: Mapping[str, Any], key: str, status: str | None) -> None:
        """Wait until the one resource is in this status; None: until it is gone."""
        deadline_s = time.monotonic() + SETTLING_LIMIT_S
        while time.monotonic() < deadline_s:
            found = self.ask(operation, properties)[key]
            if (found[0].get("status") if found else None) == status:
                return
            time.sleep(POLL_INTERVAL_S)
        _refuse(f"{operation}: did not become {status or 'deleted'} in {SETTLING_LIMIT_S:g} s")


def _refuse(message: str) -> NoReturn:
    raise ValidationError(message=message)


class BatchResource(CloudFormationModel):  # type: ignore[misc]
    """What the four types share: a resource is its ARN, and everything else is asked of Batch."""

    batch: ClassVar[Batch]
    type_name: ClassVar[str]
    name_property: ClassVar[str]
    arn_attribute: ClassVar[str]

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """The property that holds the name."""
        return cls.name_property

    @classmethod
    def cloudformation_type(cls) -> str:
        """As templates name it."""
        return f"AWS::Batch::{cls.type_name}"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """What ``Fn::GetAtt`` takes."""
        return attr == cls.arn_attribute

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """``Fn::GetAtt``."""
        if not self.has_cfn_attr(attribute_name):
            _refuse(f"AWS::Batch::{self.type_name} has no attribute {attribute_name}")
        return self.physical_resource_id

    def is_created(self) -> bool:
        """Creation waits until it is."""
        return True

    @classmethod
    def create(cls, properties: Mapping[str, Any]) -> str:
        """Make it, wait until it can be used, give its ARN."""
        raise NotImplementedError

    @classmethod
    def update(cls, arn: str, properties: Mapping[str, Any]) -> str:
        """Change it, or make its successor; the ARN."""
        raise NotImplementedError

    @classmethod
    def remove(cls, arn: str) -> None:
        """Delete it and wait until it is gone."""
        raise NotImplementedError

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> BatchResource:
        """Called by moto."""
        return cls(cls.create({**cloudformation_json["Properties"], cls.name_property: resource_name}))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: BatchResource,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> BatchResource:
        """Called by moto. A name that the template does not give is generated anew each time: then the old one stays."""
        properties = cloudformation_json["Properties"]
        arn = original_resource.physical_resource_id
        name = _name_in(arn)
        given_name = properties.get(cls.name_property, name)
        if given_name != name:
            successor = cls(cls.create({**properties, cls.name_property: given_name}))
            cls.remove(arn)
            return successor
        return cls(cls.update(arn, {**properties, cls.name_property: name}))

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        """Called by moto with the physical id, which is the ARN. What is gone already is no error, as on AWS."""
        cls.remove(resource_name)


def _name_in(arn: str) -> str:
    return arn.rpartition("/")[2].partition(":")[0]


class BatchComputeEnvironment(BatchResource):
    """``Ref`` and ``ComputeEnvironmentArn``: the ARN."""

    type_name, name_property = "ComputeEnvironment", "ComputeEnvironmentName"
    arn_attribute = "ComputeEnvironmentArn"

    @classmethod
    def create(cls, properties: Mapping[str, Any]) -> str:
        """Until it is VALID, as no queue takes it before."""
        arn = str(cls.batch.ask("CreateComputeEnvironment", properties)["computeEnvironmentArn"])
        cls._settle(arn, "VALID")
        return arn

    @classmethod
    def update(cls, arn: str, properties: Mapping[str, Any]) -> str:
        """In place."""
        cls.batch.ask("UpdateComputeEnvironment", {**properties, "computeEnvironment": arn})
        cls._settle(arn, "VALID")
        return arn

    @classmethod
    def remove(cls, arn: str) -> None:
        """Disabled first, as Batch wants it."""
        if cls.batch.ask("DescribeComputeEnvironments", {"computeEnvironments": [arn]})["computeEnvironments"]:
            cls.batch.ask("UpdateComputeEnvironment", {"computeEnvironment": arn, "state": "DISABLED"})
            cls._settle(arn, "VALID")
            cls.batch.ask("DeleteComputeEnvironment", {"computeEnvironment": arn})
            cls._settle(arn, None)

    @classmethod
    def _settle(cls, arn: str, status: str | None) -> None:
        cls.batch.settle("DescribeComputeEnvironments", {"computeEnvironments": [arn]}, "computeEnvironments", status)


class BatchJobQueue(BatchResource):
    """``Ref`` and ``JobQueueArn``: the ARN."""

    type_name, name_property, arn_attribute = "JobQueue", "JobQueueName", "JobQueueArn"

    @classmethod
    def create(cls, properties: Mapping[str, Any]) -> str:
        """Until it is VALID."""
        arn = str(cls.batch.ask("CreateJobQueue", properties)["jobQueueArn"])
        cls._settle(arn, "VALID")
        return arn

    @classmethod
    def update(cls, arn: str, properties: Mapping[str, Any]) -> str:
        """In place."""
        cls.batch.ask("UpdateJobQueue", {**properties, "jobQueue": arn})
        cls._settle(arn, "VALID")
        return arn

    @classmethod
    def remove(cls, arn: str) -> None:
        """Disabled first, as Batch wants it; its jobs end with it."""
        if cls.batch.ask("DescribeJobQueues", {"jobQueues": [arn]})["jobQueues"]:
            cls.batch.ask("UpdateJobQueue", {"jobQueue": arn, "state": "DISABLED"})
            cls._settle(arn, "VALID")
            cls.batch.ask("DeleteJobQueue", {"jobQueue": arn})
            cls._settle(arn, None)

    @classmethod
    def _settle(cls, arn: str, status: str | None) -> None:
        cls.batch.settle("DescribeJobQueues", {"jobQueues": [arn]}, "jobQueues", status)


class BatchJobDefinition(BatchResource):
    """``Ref``: the ARN with the revision."""

    type_name, name_property, arn_attribute = "JobDefinition", "JobDefinitionName", "JobDefinitionArn"

    @classmethod
    def create(cls, properties: Mapping[str, Any]) -> str:
        """Registered: a new revision where the name is known."""
        return str(cls.batch.ask("RegisterJobDefinition", properties)["jobDefinitionArn"])

    @classmethod
    def update(cls, arn: str, properties: Mapping[str, Any]) -> str:
        """Every change is a new revision; the old one is deregistered."""
        successor = cls.create(properties)
        cls.remove(arn)
        return successor

    @classmethod
    def remove(cls, arn: str) -> None:
        """Deregistered; jobs of it go on."""
        cls.batch.ask("DeregisterJobDefinition", {"jobDefinition": arn})


class BatchSchedulingPolicy(BatchResource):
    """``Ref`` and ``Arn``: the ARN."""

    type_name, name_property, arn_attribute = "SchedulingPolicy", "Name", "Arn"

    @classmethod
    def create(cls, properties: Mapping[str, Any]) -> str:
        """There at once."""
        return str(cls.batch.ask("CreateSchedulingPolicy", properties)["arn"])

    @classmethod
    def update(cls, arn: str, properties: Mapping[str, Any]) -> str:
        """In place."""
        cls.batch.ask("UpdateSchedulingPolicy", {**properties, "arn": arn})
        return arn

    @classmethod
    def remove(cls, arn: str) -> None:
        """Refused while a queue uses it."""
        if cls.batch.ask("DescribeSchedulingPolicies", {"arns": [arn]})["schedulingPolicies"]:
            cls.batch.ask("DeleteSchedulingPolicy", {"arn": arn})


def install(call: Call, service_model: ServiceModel) -> None:
    """From now on templates make resources of this Batch."""
    from moto.cloudformation import parsing  # noqa: PLC0415 - a second, and needed by nobody else

    from batchgauge.localaws import cloudformation_functions, cloudformation_gaps, cloudformation_stacks  # noqa: PLC0415

    cloudformation_functions.install()
    cloudformation_stacks.install()
    BatchResource.batch = Batch(call, service_model)
    classes = (BatchComputeEnvironment, BatchJobQueue, BatchJobDefinition, BatchSchedulingPolicy)
    parsing.get_model_list.cache_clear()
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
    known = [model for model in parsing.get_model_list() if model is not BatchResource]
    assert cloudformation_gaps.QueuePolicy in known  # noqa: S101 - moto lists what has been imported
    ours = {each.cloudformation_type(): each for each in classes}
    others = [model for model in known if model.cloudformation_type() not in ours]
    parsing.get_model_list = lambda: [*others, *classes]
