"""CloudFormation, and of ECR and CloudWatch Logs what taking a stack down needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from batchgauge.aws.calling import call
from batchgauge.aws.session import AwsSession
from batchgauge.core.journal import CallOutcome
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import AwsCallError
from batchgauge.ports import Clock, Stack, StackEvent, StackRequest, StackResource

CAPABILITIES: Final = ("CAPABILITY_IAM",)
"""The template makes roles, without names of their own; the command says so before it asks."""
NO_SUCH_STACK: Final = "does not exist"
NO_UPDATES: Final = "No updates are to be performed"
VALIDATION_ERROR: Final = "ValidationError"
"""CloudFormation's code for nearly everything; only its words tell what it is."""
NO_SUCH_REPOSITORY: Final = "RepositoryNotFoundException"
IMAGES_PER_CALL: Final = 100
Request = Callable[..., Awaitable[dict[str, Any]]]


class BotoStacks:
    """`Stacks` and `Repositories` over one session."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    @property
    def region(self) -> str:
        """The Region that is asked."""
        return self._session.region

    async def find(self, name_or_id: str) -> Stack | None:
        """By name, or by id also one that is deleted; None where there is none."""
        try:
            answer = await self._ask("cloudformation", "DescribeStacks", StackName=name_or_id)
        except AwsCallError as error:
            if error.error == VALIDATION_ERROR and NO_SUCH_STACK in error.detail:
                return None
            raise
        return _read_stack(answer["Stacks"][0])

    async def create(self, request: StackRequest) -> str:
        """Begin to make it; its id."""
        answer = await self._ask(
            "cloudformation", "CreateStack", **_arguments(request), Tags=[{"Key": "application", "Value": "batchgauge"}]
        )
        return str(answer["StackId"])

    async def update(self, request: StackRequest) -> bool:
        """Begin to change it; False where there is nothing to change."""
        try:
            await self._ask("cloudformation", "UpdateStack", **_arguments(request))
        except AwsCallError as error:
            if error.error == VALIDATION_ERROR and NO_UPDATES in error.detail:
                return False
            raise
        return True

    async def delete(self, stack_id: str, token: str) -> None:
        """Begin to delete it; one that is gone is no error."""
        await self._ask("cloudformation", "DeleteStack", StackName=stack_id, ClientRequestToken=token)

    async def events(self, stack_id: str, known: Collection[str] = ()) -> tuple[StackEvent, ...]:
        """The events that came after those with these ids, oldest first. AWS lists the newest first."""
        found: list[StackEvent] = []
        token: str | None = None
        while True:
            page = await self._ask("cloudformation", "DescribeStackEvents", StackName=stack_id, **_next(token))
            for entry in page["StackEvents"]:
                if entry["EventId"] in known:
                    return tuple(reversed(found))
                found.append(_read_event(entry))
            token = page.get("NextToken")
            if not token:
                return tuple(reversed(found))

    async def resources(self, stack_id: str) -> tuple[StackResource, ...]:
        """All parts, also of a stack that is deleted."""
        found: list[StackResource] = []
        token: str | None = None
        while True:
            page = await self._ask("cloudformation", "ListStackResources", StackName=stack_id, **_next(token))
            found += map(_read_resource, page["StackResourceSummaries"])
            token = page.get("NextToken")
            if not token:
                return tuple(found)

    async def count_images(self, repository: str) -> int | None:
        """How many images it holds; None where there is no such repository."""
        images = await self._images(repository)
        return None if images is None else len(images)

    async def delete_images(self, repository: str) -> int:
        """Delete all images; how many there were."""
        images = await self._images(repository) or []
        for first in range(0, len(images), IMAGES_PER_CALL):
            some = [{"imageDigest": digest} for digest in images[first : first + IMAGES_PER_CALL]]
            await self._ask("ecr", "BatchDeleteImage", repositoryName=repository, imageIds=some)
        return len(images)

    async def _images(self, repository: str) -> list[str] | None:
        """Their digests."""
        digests: dict[str, None] = {}
        token: str | None = None
        while True:
            position = {"nextToken": token} if token else {}
            try:
                page = await self._ask("ecr", "ListImages", repositoryName=repository, **position)
            except AwsCallError as error:
                if error.error == NO_SUCH_REPOSITORY:
                    return None
                raise
            digests.update((image["imageDigest"], None) for image in page["imageIds"])
            token = page.get("nextToken")
            if not token:
                return list(digests)

    async def has_log_group(self, name: str) -> bool:
        """Whether there is a log group of exactly this name."""
        answer = await self._ask("logs", "DescribeLogGroups", logGroupNamePrefix=name)
        return any(group["logGroupName"] == name for group in answer["logGroups"])

    async def _ask(self, service: str, operation: str, **arguments: Any) -> Any:
        """The answer.

        Raises:
            AwsError: AWS refused, or there was no answer.
        """
        client = await self._session.client(service)
        request: Request = getattr(client, _method(operation))
        reply = await call(self._clock, operation, partial(request, **arguments), lambda answer: answer)
        if reply.outcome is CallOutcome.OK:
            return reply.value
        raise error_of(reply, self._session.endpoint_url or f"{service}, {self._session.region}")


def _method(operation: str) -> str:
    """As botocore names it: ``describe_stacks``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def _next(token: str | None) -> dict[str, str]:
    return {"NextToken": token} if token else {}


def _arguments(request: StackRequest) -> dict[str, Any]:
    return {
        "StackName": request.name,
        "TemplateBody": request.template,
        "Parameters": [_parameter(key, value) for key, value in request.parameters.items()],
        "Capabilities": list(CAPABILITIES),
        "ClientRequestToken": request.token,
    }


def _parameter(key: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": key, "UsePreviousValue": True}
    return {"ParameterKey": key, "ParameterValue": value}


def _read_stack(entry: Mapping[str, Any]) -> Stack:
    return Stack(
        stack_id=entry["StackId"],
        name=entry["StackName"],
        status=entry["StackStatus"],
        status_reason=entry.get("StackStatusReason"),
        description=entry.get("Description", ""),
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in entry.get("Parameters", ())},
        outputs={each["OutputKey"]: each["OutputValue"] for each in entry.get("Outputs", ())},
    )


def _read_event(entry: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        event_id=entry["EventId"],
        time_ms=entry["Timestamp"].timestamp() * 1000,
        logical_id=entry.get("LogicalResourceId", ""),
        kind=entry.get("ResourceType", ""),
        status=entry.get("ResourceStatus", ""),
        reason=entry.get("ResourceStatusReason"),
    )


def _read_resource(entry: Mapping[str, Any]) -> StackResource:
    return StackResource(
        logical_id=entry["LogicalResourceId"],
        physical_id=entry.get("PhysicalResourceId", ""),
        kind=entry["ResourceType"],
        status=entry["ResourceStatus"],
    )
