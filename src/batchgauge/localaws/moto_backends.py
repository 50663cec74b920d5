"""moto's backends, reached directly: the account's seed, log lines, events, and the keys that IAM and STS give out.

Imported late and in a thread of its own (moto takes a second to import, and as long again for EC2).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import ModuleType
from typing import Any, TypeAlias

from moto.ecr.models import ecr_backends
from moto.iam.access_control import AssumedRoleAccessKey, IAMUserAccessKey
from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.logs.models import logs_backends
from moto.sts.models import sts_backends

from batchgauge.batchmodel.boundary import Answer, Refusal
from batchgauge.localaws import seed
from batchgauge.localaws.event_targets import EventTargets
from batchgauge.localaws.iam_gate import Gate, Principal
from batchgauge.localaws.service_model import ServiceModel
from batchgauge.localaws.settings import ServerSettings

CallBatch: TypeAlias = Callable[[str, Mapping[str, Any]], Answer | Refusal]
IMAGE_MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_MEDIA_TYPE = "application/vnd.docker.container.image.v1+json"
LAYER_MEDIA_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ANYWHERE = "0.0.0.0/0"
WITHOUT_EC2 = frozenset({"ecr", "events", "iam", "logs", "monitoring", "s3", "sqs", "sts"})
"""Services of which moto never looks into EC2: they do not wait for it, and most runs never need it. It is two thirds of the time that
moto takes to import."""
IMAGE_BYTES = 2_300_000_000
"""A Server Core image with a small program on it, compressed."""


class MotoBackends:
    """One account in one Region."""

    def __init__(
        self, settings: ServerSettings, call_batch: CallBatch, service_model: ServiceModel, gate: Gate | None = None
    ) -> None:
        self._settings = settings
        self._install_bridge: Callable[[], None] | None = lambda: _install_bridge(call_batch, service_model, gate)
        self._has_network = False
        self._iam = iam_backends[settings.account_id]["aws"]
        self._ecr = ecr_backends[settings.account_id][settings.region]
        self._logs = logs_backends[settings.account_id][settings.region]
        self._sts = sts_backends[settings.account_id]["aws"]
        self._groups_written: set[str] = set()
        self.event_targets = EventTargets(settings.account_id, settings.region)

    def prepare(self, service: str) -> None:
        """What a service needs before its first request and costs too much at the start; by one thread for all but WITHOUT_EC2."""
        if service not in WITHOUT_EC2 and not self._has_network:
            self._make_network()
            self._has_network = True
        if service == "cloudformation" and self._install_bridge is not None:
            install, self._install_bridge = self._install_bridge, None
            install()

    def make_seed(self) -> None:
        """What `seed` says of the neighbours but EC2, which `prepare` makes."""
        self._make_roles()
        self._make_user()
        self._make_image()
        for group in seed.LOG_GROUPS:
            self._logs.ensure_log_group(group)

    def _make_network(self) -> None:
        from moto.ec2.models import ec2_backends, security_groups, subnets, vpcs  # noqa: PLC0415 - see WITHOUT_EC2

        network = seed.network_of(self._settings)
        with (
            _ids_given(vpcs, "random_vpc_id", network.vpc_id),
            _ids_given(security_groups, "random_security_group_id", network.security_group_id),
            _ids_given(subnets, "random_subnet_id", *network.subnet_ids),
        ):
            # The first look into it makes the default VPC.
            ec2 = ec2_backends[self._settings.account_id][self._settings.region]
        # AWS's default VPC has a way out, which moto's has not.
        gateway = ec2.create_internet_gateway()
        ec2.attach_internet_gateway(gateway.id, network.vpc_id)
        main = ec2.describe_route_tables(filters={"vpc-id": network.vpc_id, "association.main": "true"})
        ec2.create_route(main[0].id, ANYWHERE, gateway_id=gateway.id)

    def _make_roles(self) -> None:
        for name, service in seed.TRUSTED_SERVICE.items():
            trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
            self._iam.create_role(
                role_name=name,
                assume_role_policy_document=_policy(trust),
                path="/",
                permissions_boundary=None,
                description="",
                tags=[],
                max_session_duration="3600",
            )
            if name in seed.ROLE_ACTIONS:
                grant = {"Effect": "Allow", "Action": list(seed.ROLE_ACTIONS[name]), "Resource": "*"}
                self._iam.put_role_policy(name, f"{name}Policy", _policy(grant))
        self._make_policy_of_aws().attach_to(self._iam.get_role(seed.EXECUTION_ROLE))
        self._iam.create_instance_profile(name=seed.INSTANCE_ROLE, path="/", role_names=[seed.INSTANCE_ROLE])

    def _make_policy_of_aws(self) -> AWSManagedPolicy:
        """The one that jobs need; moto would read all of AWS's, which takes seconds."""
        grant = {"Effect": "Allow", "Action": list(seed.ROLE_ACTIONS[seed.EXECUTION_ROLE]), "Resource": "*"}
        policy = AWSManagedPolicy(
            seed.POLICY_OF_AWS,
            account_id=self._settings.account_id,
            region=self._settings.region,
            default_version_id="v1",
            path="/service-role/",
            document=_policy(grant),
        )
        self._iam.managed_policies[policy.arn] = policy
        return policy

    def _make_user(self) -> None:
        """The server's own key belongs to a user, as any key does on AWS."""
        self._iam.create_user(self._settings.region, seed.USER_NAME)
        key = self._iam.create_access_key(seed.USER_NAME)
        del self._iam.access_keys[key.access_key_id]
        key.access_key_id = self._settings.credentials.access_key_id
        key.secret_access_key = self._settings.credentials.secret_access_key
        self._iam.access_keys[key.access_key_id] = key

    def _make_image(self) -> None:
        ecr = self._ecr
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE_MEDIA_TYPE,
            # moto takes the configuration's size for the image's.
            "config": {"mediaType": CONFIG_MEDIA_TYPE, "size": IMAGE_BYTES, "digest": "sha256:" + "c" * 64},
            "layers": [{"mediaType": LAYER_MEDIA_TYPE, "size": IMAGE_BYTES, "digest": "sha256:" + "a" * 64}],
        }
        for repository in (seed.REPOSITORY, *seed.OTHER_REPOSITORIES):
            ecr.create_repository(repository, None, {"encryptionType": "AES256"}, {"scanOnPush": False}, "MUTABLE", [])
            ecr.put_image(repository, json.dumps(manifest), seed.IMAGE_TAG, IMAGE_MEDIA_TYPE)

    def secret_of(self, access_key_id: str) -> str | None:
        """The secret of a key that IAM or STS of this account has given out and that is active."""
        key = self._iam.access_keys.get(access_key_id)
        return str(key.secret_access_key) if key is not None and key.status == "Active" else None

    def principal_of(self, access_key_id: str) -> Principal | None:
        """The user or the assumed role that a key belongs to, with all policies of it; None where nobody's is such a key."""
        key = self._iam.access_keys.get(access_key_id)
        if key is not None:
            found: Any = IAMUserAccessKey(self._settings.account_id, "aws", access_key_id, {})
        else:
            [role] = [each for each in self._sts.assumed_roles if each.access_key_id == access_key_id] or [None]
            if role is None:
                return None
            headers = {"X-Amz-Security-Token": role.session_token}
            found = AssumedRoleAccessKey(self._settings.account_id, "aws", access_key_id, headers)
        return Principal(found.arn, tuple(_document(policy) for policy in found.collect_policies()))

    def has_log_group(self, name: str) -> bool:
        """See `container_needs.Holdings`."""
        return name in self._logs.groups

    def has_repository(self, name: str) -> bool:
        """See `container_needs.Holdings`."""
        return name in self._ecr.repositories

    def has_image(self, repository: str, tag: str, digest: str) -> bool:
        """See `container_needs.Holdings`."""
        held = self._ecr.repositories.get(repository)
        return held is not None and any(_is_called(image, tag, digest) for image in held.images)

    def put_log_events(
        self, group: str, stream: str, events: list[dict[str, Any]], ingestion_ms: Sequence[int] | None = None
    ) -> None:
        """Put them; group and stream come to be where they are missing.

        (On AWS the group of another name than ``/aws/batch/job`` must exist, or the container fails to start.) A group that was deleted
        does not come again: lines that are late for it are lost, as on AWS.
        """
        if group in self._groups_written and group not in self._logs.groups:
            return
        self._groups_written.add(group)
        self._logs.ensure_log_group(group)
        self._logs.ensure_log_stream(group, stream)
        self._logs.put_log_events(group, stream, events)
        if ingestion_ms is not None:
            put = self._logs.groups[group].streams[stream].events[-len(events) :]
            for event, moment_ms in zip(put, ingestion_ms, strict=True):
                event.ingestion_time = moment_ms


def _install_bridge(call_batch: CallBatch, service_model: ServiceModel, gate: Gate | None) -> None:
    from batchgauge.localaws import cloudformation_bridge, cloudformation_permissions  # noqa: PLC0415 - imports forty services

    cloudformation_bridge.install(call_batch, service_model)
    if gate is not None:
        cloudformation_permissions.enforce(gate)


def _document(policy: Any) -> dict[str, Any]:
    """moto gives inline policies as a mapping or as text, and managed ones as an object."""
    if isinstance(policy, dict):
        policy = policy.get("policy_document", policy)
    elif not isinstance(policy, str):
        version = next(each for each in policy.versions if each.version_id == policy.default_version_id)
        policy = version.document
    found: dict[str, Any] = json.loads(policy) if isinstance(policy, str) else policy
    return found


def _is_called(image: Any, tag: str, digest: str) -> bool:
    return digest == image.image_digest if digest else tag in image.image_tags


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextlib.contextmanager
def _ids_given(module: ModuleType, generator_name: str, *ids: str) -> Iterator[None]:
    """Let moto's generator of ids give these first: the compute environment has named them before EC2 was there."""
    original: Callable[[], str] = getattr(module, generator_name)
    given = chain(ids, iter(original, None))
    setattr(module, generator_name, lambda: next(given))
    try:
        yield
    finally:
        setattr(module, generator_name, original)
