"""What is unlike AWS's defaults about the imitated account, as a file says it (docs/reference/embedded-aws.md)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from batchgauge.batchmodel.boundary import Contention, Distribution, ModelSettings, StartUp, TokenBucket

NotNegative: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=1e12)]
DurationMs: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=86_400_000)]


class ModelFileError(Exception):
    """A file that is not of its shape; the message says what and where."""


class _Document(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    pass


class Duration(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """As `Distribution`."""

    median_ms: DurationMs
    sigma: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.0

    def for_model(self) -> Distribution:
        """In the model's own words."""
        return Distribution(self.median_ms, self.sigma)


class StartUpTimes(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """As `StartUp`."""

    provisioning: Duration
    image_pull: Duration
    container_start: Duration
    image_mib: NotNegative = 250.0

    def for_model(self) -> StartUp:
        """In the model's own words."""
        return StartUp(
            provisioning=self.provisioning.for_model(),
            image_pull=self.image_pull.for_model(),
            container_start=self.container_start.for_model(),
            image_mib=self.image_mib,
        )


class Bucket(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """As `TokenBucket`."""

    depth: Annotated[float, msgspec.Meta(ge=1, le=1e12)]
    rate_per_s: Positive

    def for_model(self) -> TokenBucket:
        """In the model's own words."""
        return TokenBucket(self.depth, self.rate_per_s)


class ContentionLaw(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """As `Contention`."""

    queueing: NotNegative = 0.0
    crosstalk: NotNegative = 0.0
    free: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 1

    def for_model(self) -> Contention:
        """In the model's own words."""
        return Contention(self.queueing, self.crosstalk, self.free)


_PARTS = (Duration, StartUpTimes, Bucket, ContentionLaw)


class ModelFile(_Document, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Fields of `ModelSettings`, which says what each means; what is left out stays as it is."""

    visibility_delay_ms: DurationMs | UnsetType = UNSET
    fargate_vcpu_quota: Positive | UnsetType = UNSET
    fargate_launch_bucket: Bucket | UnsetType = UNSET
    dispatch_bucket: Bucket | UnsetType = UNSET
    scheduler_cycle_ms: Annotated[float, msgspec.Meta(ge=1, le=86_400_000)] | UnsetType = UNSET
    registry_mib_per_s: Positive | UnsetType = UNSET
    contention: ContentionLaw | UnsetType = UNSET
    windows_start_up: StartUpTimes | UnsetType = UNSET
    linux_start_up: StartUpTimes | UnsetType = UNSET
    ec2_start_up: StartUpTimes | UnsetType = UNSET
    ec2_scale_up: Duration | UnsetType = UNSET
    ec2_scale_down: Duration | UnsetType = UNSET
    virtual_duration: Duration | UnsetType = UNSET

    def applied_to(self, settings: ModelSettings) -> ModelSettings:
        """The settings with what the file says."""
        given: dict[str, Any] = {}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not UNSET:
                given[name] = value.for_model() if isinstance(value, _PARTS) else value
        return replace(settings, **given)


def decode(content: bytes, is_toml: bool = False) -> ModelFile:
    """From JSON or TOML; raises `ModelFileError`."""
    try:
        read_as = msgspec.toml.decode if is_toml else msgspec.json.decode
        return read_as(content, type=ModelFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ModelFileError(str(error)) from error


def read(path: Path) -> ModelFile:
    """What a file says, TOML where its name ends so; raises `ModelFileError` or OSError."""
    return decode(path.read_bytes(), is_toml=path.suffix == ".toml")
