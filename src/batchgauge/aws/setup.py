"""What jobs stand on, read from Batch, STS, IAM, ECR, CloudWatch Logs, EC2 and Service Quotas."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from batchgauge.aws.batch_shapes import read_newest
from batchgauge.aws.calling import call
from batchgauge.aws.download import download_text
from batchgauge.aws.role_rights import read_role_rights
from batchgauge.aws.session import AwsSession
from batchgauge.aws.setup_shapes import (
    read_definition_setup,
    read_environment_setup,
    read_image_configuration,
    read_platforms,
    read_queue_setup,
    read_role_setup,
    read_subnets,
)
from batchgauge.core.checks.setup import (
    DefinitionSetup,
    EnvironmentSetup,
    Identity,
    ImagePlatform,
    ImageSetup,
    OthersJobs,
    QueueSetup,
    QuotaSetup,
    RoleRights,
    RoleSetup,
    SubnetSetup,
)
from batchgauge.core.images.name import ImageName
from batchgauge.core.journal import CallOutcome
from batchgauge.core.submitting.refusals import error_of
from batchgauge.ports import Clock

NO_SUCH_ROLE: Final = ("NoSuchEntity",)
NO_SUCH_IMAGE: Final = ("ImageNotFoundException", "RepositoryNotFoundException")
NO_SUCH_QUOTA: Final = ("NoSuchResourceException",)
MANIFEST_TYPES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
BYTES_PER_MIB: Final = 1 << 20


class BotoSetup:
    """`SetupSource` and `Networks` over one session; one request on the wire a call but where AWS pages."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    @property
    def region(self) -> str:
        """The Region that is asked."""
        return self._session.region

    async def identity(self) -> Identity:
        """Whose credentials these are."""
        answer = await self._ask("sts", "GetCallerIdentity", "get_caller_identity")
        return Identity(account_id=answer["Account"], arn=answer["Arn"])

    async def queue(self, name: str) -> QueueSetup | None:
        """By name or ARN."""
        answer = await self._ask("batch", "DescribeJobQueues", "describe_job_queues", jobQueues=[name])
        return next(map(read_queue_setup, answer["jobQueues"]), None)

    async def environments(self, names: Sequence[str]) -> tuple[EnvironmentSetup, ...]:
        """By name or ARN, in the order of the names."""
        method = "describe_compute_environments"
        answer = await self._ask("batch", "DescribeComputeEnvironments", method, computeEnvironments=list(names))
        details = sorted(answer["computeEnvironments"], key=lambda detail: _place(detail, names))
        return tuple(map(read_environment_setup, details))

    async def definition(self, name: str) -> DefinitionSetup | None:
        """The newest active revision of a name, or the one of ``name:revision`` or an ARN."""
        arguments: dict[str, Any] = {"jobDefinitions": [name]}
        if ":" not in name:
            arguments = {"jobDefinitionName": name, "status": "ACTIVE"}
        answer = await self._ask("batch", "DescribeJobDefinitions", "describe_job_definitions", **arguments)
        newest = read_newest(answer["jobDefinitions"])
        return read_definition_setup(newest) if newest is not None else None

    async def role(self, name: str) -> RoleSetup | None:
        """By its name or ARN."""
        short = name.rpartition("/")[2]
        answer = await self._ask("iam", "GetRole", "get_role", NO_SUCH_ROLE, RoleName=short)
        return read_role_setup(answer["Role"]) if answer is not None else None

    async def role_rights(self, name: str) -> RoleRights:
        """What the policies of a role that is there say."""
        return await read_role_rights(self._ask, name.rpartition("/")[2])

    async def image(self, name: ImageName) -> ImageSetup | None:
        """An image in a private registry of this Region; its manifest is read for what it is for."""
        wanted = {"imageDigest": name.digest} if name.digest else {"imageTag": name.tag}
        arguments = {"registryId": name.account_id, "repositoryName": name.repository, "imageIds": [wanted]}
        described, platforms = await asyncio.gather(
            self._ask("ecr", "DescribeImages", "describe_images", NO_SUCH_IMAGE, **arguments),
            self._platforms(arguments),
        )
        if described is None or not described["imageDetails"]:
            return None
        detail = described["imageDetails"][0]
        size = detail.get("imageSizeInBytes")
        mib = round(size / BYTES_PER_MIB, 1) if size is not None else None
        return ImageSetup(digest=detail["imageDigest"], mib=mib, platforms=platforms)

    async def _platforms(self, arguments: Mapping[str, Any]) -> tuple[ImagePlatform, ...]:
        """None of them where these credentials may not read the manifest: that the image is there is known all the same."""
        reply = await self._reply(
            "ecr", "BatchGetImage", "batch_get_image", **arguments, acceptedMediaTypes=list(MANIFEST_TYPES)
        )
        images = reply.value["images"] if reply.value is not None else ()
        if not images:
            return ()
        manifest = _parsed(images[0].get("imageManifest", "{}"))
        digest = manifest.get("config", {}).get("digest")
        return read_platforms(manifest) or (await self._configured(arguments, digest) if digest else ())

    async def _configured(self, arguments: Mapping[str, Any], digest: str) -> tuple[ImagePlatform, ...]:
        """What the configuration of a single image says, which ECR hands out as it does a layer."""
        where = {name: arguments[name] for name in ("registryId", "repositoryName")}
        reply = await self._reply(
            "ecr", "GetDownloadUrlForLayer", "get_download_url_for_layer", **where, layerDigest=digest
        )
        if reply.value is None:
            return ()
        text = await download_text(reply.value["downloadUrl"], self._session.ca_bundle)
        return read_image_configuration(_parsed(text))

    async def has_log_group(self, name: str) -> bool:
        """Whether there is such a log group: the shortest name that begins so comes first."""
        answer = await self._ask("logs", "DescribeLogGroups", "describe_log_groups", logGroupNamePrefix=name)
        return any(group["logGroupName"] == name for group in answer["logGroups"])

    async def subnets(self, ids: Sequence[str]) -> tuple[SubnetSetup, ...]:
        """Subnets with where their default routes go."""
        described = await self._ask("ec2", "DescribeSubnets", "describe_subnets", SubnetIds=list(ids))
        return await self._with_ways(described["Subnets"])

    async def find_subnets(self, ids: Sequence[str]) -> tuple[SubnetSetup, ...]:
        """The same of those that are there: where one is asked for that is not, EC2 would show none."""
        named = [{"Name": "subnet-id", "Values": list(ids)}]
        described = await self._ask("ec2", "DescribeSubnets", "describe_subnets", Filters=named)
        return await self._with_ways(described["Subnets"]) if described["Subnets"] else ()

    async def has_vpc(self, vpc_id: str) -> bool:
        """Whether there is such a VPC in the Region."""
        named = [{"Name": "vpc-id", "Values": [vpc_id]}]
        return bool((await self._ask("ec2", "DescribeVpcs", "describe_vpcs", Filters=named))["Vpcs"])

    async def _with_ways(self, subnets: Sequence[Mapping[str, Any]]) -> tuple[SubnetSetup, ...]:
        of_vpcs = [{"Name": "vpc-id", "Values": sorted({subnet["VpcId"] for subnet in subnets})}]
        tables, endpoints = await asyncio.gather(
            self._ask("ec2", "DescribeRouteTables", "describe_route_tables", Filters=of_vpcs),
            self._ask("ec2", "DescribeVpcEndpoints", "describe_vpc_endpoints", Filters=of_vpcs),
        )
        return read_subnets(subnets, tables["RouteTables"], endpoints["VpcEndpoints"])

    async def fargate_quota(self, code: str) -> QuotaSetup | None:
        """A quota of Fargate's, as the account has it."""
        arguments = {"ServiceCode": "fargate", "QuotaCode": code}
        answer = await self._ask("service-quotas", "GetServiceQuota", "get_service_quota", NO_SUCH_QUOTA, **arguments)
        if answer is None:
            return None
        quota = answer["Quota"]
        return QuotaSetup(code=quota["QuotaCode"], name=quota["QuotaName"], value=float(quota["Value"]))

    async def others(self, queue: str) -> OthersJobs:
        """What stands in a queue now, as far as a page of each state shows."""
        states = ("RUNNABLE", "STARTING", "RUNNING")
        pages = await asyncio.gather(
            *(self._ask("batch", "ListJobs", "list_jobs", jobQueue=queue, jobStatus=state) for state in states)
        )
        runnable, starting, running = (len(page["jobSummaryList"]) for page in pages)
        return OthersJobs(
            runnable=runnable,
            running=starting + running,
            is_at_least=any(page.get("nextToken") for page in pages),
        )

    async def _ask(
        self, service: str, operation: str, method: str, nothing: Sequence[str] = (), **arguments: Any
    ) -> Any:
        """The answer; None where AWS refused with one of the `nothing` codes.

        Raises:
            AwsError: AWS refused with another one, or there was no answer.
        """
        reply = await self._reply(service, operation, method, **arguments)
        if reply.outcome is CallOutcome.OK:
            return reply.value
        if reply.error in nothing:
            return None
        raise error_of(reply, self._session.endpoint_url or f"{service}, {self.region}")

    async def _reply(self, service: str, operation: str, method: str, **arguments: Any) -> Any:
        client = await self._session.client(service)
        request: Callable[[], Awaitable[dict[str, Any]]] = lambda: getattr(client, method)(**arguments)  # noqa: E731
        return await call(self._clock, operation, request, lambda answer: answer)


def _place(detail: Mapping[str, Any], names: Sequence[str]) -> int:
    own = (detail["computeEnvironmentName"], detail.get("computeEnvironmentArn"))
    return next((place for place, name in enumerate(names) if name in own), len(names))


def _parsed(manifest: str) -> Mapping[str, Any]:
    try:
        read = json.loads(manifest)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
