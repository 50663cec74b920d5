"""STS, IAM, ECR, CloudWatch Logs and Batch's definitions, as far as provisioning needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from batchgauge.aws.calling import call
from batchgauge.aws.session import AwsSession
from batchgauge.core.journal import CallOutcome
from batchgauge.core.submitting.refusals import error_of
from batchgauge.ports import Clock, ContainerImage, ImageRepository, RegisteredDefinition

NO_SUCH_ROLE: Final = "NoSuchEntity"
LOG_GROUP_EXISTS: Final = "ResourceAlreadyExistsException"


class BotoAccount:
    """`Account` over one session."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    @property
    def region(self) -> str:
        """The Region that is asked."""
        return self._session.region

    async def account_id(self) -> str:
        """Whose credentials these are."""
        sts = await self._session.client("sts")
        answer = await self._ask("sts", "GetCallerIdentity", sts.get_caller_identity)
        return str(answer["Account"])

    async def find_role(self, name: str) -> str | None:
        """The role's ARN; None where there is no such role."""
        iam = await self._session.client("iam")
        answer = await self._ask("iam", "GetRole", lambda: iam.get_role(RoleName=name), expected=NO_SUCH_ROLE)
        return str(answer["Role"]["Arn"]) if answer else None

    async def list_repositories(self) -> tuple[ImageRepository, ...]:
        """All repositories."""
        ecr = await self._session.client("ecr")
        pages = self._pages("ecr", "DescribeRepositories", ecr.describe_repositories)
        return tuple(
            [
                ImageRepository(entry["repositoryName"], entry["repositoryUri"])
                async for page in pages
                for entry in page["repositories"]
            ]
        )

    async def list_images(self, repository: str) -> tuple[ContainerImage, ...]:
        """All images of a repository."""
        ecr = await self._session.client("ecr")
        pages = self._pages("ecr", "DescribeImages", ecr.describe_images, repositoryName=repository)
        return tuple([_read_image(entry) async for page in pages for entry in page["imageDetails"]])

    async def create_log_group(self, name: str) -> bool:
        """Make a log group; False where it exists already."""
        logs = await self._session.client("logs")
        answer = await self._ask(
            "logs", "CreateLogGroup", lambda: logs.create_log_group(logGroupName=name), expected=LOG_GROUP_EXISTS
        )
        return answer is not None

    async def register_job_definition(self, definition: Mapping[str, object]) -> RegisteredDefinition:
        """Register a definition in AWS's own shape: its first revision, or the next."""
        batch = await self._session.client("batch")
        answer = await self._ask("batch", "RegisterJobDefinition", lambda: batch.register_job_definition(**definition))
        return RegisteredDefinition(answer["jobDefinitionName"], answer["revision"], answer["jobDefinitionArn"])

    async def _pages(
        self, service: str, operation: str, request: Callable[..., Awaitable[dict[str, Any]]], **arguments: str
    ) -> AsyncIterator[dict[str, Any]]:
        token: str | None = None
        while True:
            page = await self._ask(service, operation, partial(request, **arguments, **_position(token)))
            yield page
            token = page.get("nextToken")
            if not token:
                return

    async def _ask(
        self,
        service: str,
        operation: str,
        request: Callable[[], Awaitable[dict[str, Any]]],
        expected: str | None = None,
    ) -> Any:
        """The answer; None where AWS refused with the `expected` code.

        Raises:
            AwsError: AWS refused with another one, or there was no answer.
        """
        reply = await call(self._clock, operation, request, lambda answer: answer)
        if reply.outcome is CallOutcome.OK:
            return reply.value
        if expected is not None and reply.error == expected:
            return None
        raise error_of(reply, self._session.endpoint_url or f"{service}, {self.region}")


def _position(token: str | None) -> dict[str, str]:
    return {"nextToken": token} if token else {}


def _read_image(entry: dict[str, Any]) -> ContainerImage:
    pushed = entry.get("imagePushedAt")
    return ContainerImage(
        digest=entry["imageDigest"],
        tags=tuple(entry.get("imageTags", ())),
        pushed_ms=pushed.timestamp() * 1000 if pushed is not None else 0.0,
    )
