"""ECR, as far as pushing an image needs it."""

from __future__ import annotations

from typing import Final

from batchgauge.aws.account import BotoAccount
from batchgauge.aws.embedded import embedded_time_scale

NO_REPOSITORY: Final = "RepositoryNotFoundException"
SAME_IMAGE: Final = "ImageAlreadyExistsException"


class BotoImageRepositories(BotoAccount):
    """`ImageRepositories` over one session."""

    async def find_or_create(self, name: str) -> str:
        """The URI of a repository, which is made where it is missing."""
        ecr = await self._session.client("ecr")
        found = await self._ask(
            "ecr",
            "DescribeRepositories",
            lambda: ecr.describe_repositories(repositoryNames=[name]),
            expected=NO_REPOSITORY,
        )
        if found is not None:
            return str(found["repositories"][0]["repositoryUri"])
        made = await self._ask("ecr", "CreateRepository", lambda: ecr.create_repository(repositoryName=name))
        return str(made["repository"]["repositoryUri"])

    async def authorization(self) -> str:
        """What the registry is to be shown in the header ``Authorization``, for twelve hours."""
        ecr = await self._session.client("ecr")
        answer = await self._ask("ecr", "GetAuthorizationToken", ecr.get_authorization_token)
        return f"Basic {answer['authorizationData'][0]['authorizationToken']}"

    async def has_registry(self) -> bool:
        """Whether images can be pushed there: an embedded AWS's ECR has names of images and nothing behind them."""
        return await embedded_time_scale(self._session.endpoint_url) is None

    async def keep_manifest(self, name: str, tag: str, manifest: str) -> str:
        """Put a manifest under a tag by ECR's own call, which asks for no layers; its digest."""
        ecr = await self._session.client("ecr")
        await self._ask(
            "ecr",
            "PutImage",
            lambda: ecr.put_image(repositoryName=name, imageTag=tag, imageManifest=manifest),
            expected=SAME_IMAGE,
        )
        kept = await self._ask(
            "ecr", "BatchGetImage", lambda: ecr.batch_get_image(repositoryName=name, imageIds=[{"imageTag": tag}])
        )
        return str(kept["images"][0]["imageId"]["imageDigest"])
