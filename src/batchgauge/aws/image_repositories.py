"""ECR, as far as pushing an image needs it."""

from __future__ import annotations

from typing import Final

from batchgauge.aws.account import BotoAccount

NO_REPOSITORY: Final = "RepositoryNotFoundException"


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
