"""What stands in AWS, and is not as a run needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.root import BatchgaugeError


class ResourceError(BatchgaugeError):
    """Something the run needs in AWS is missing or not usable."""


@dataclass(eq=False)
class JobQueueNotFoundError(ResourceError):
    """No such job queue in this account and Region."""

    queue: str
    region: str
    code: ClassVar[str] = "job-queue-not-found"


@dataclass(eq=False)
class JobQueueNotUsableError(ResourceError):
    """The job queue does not take jobs now."""

    queue: str
    state: str
    status: str
    code: ClassVar[str] = "job-queue-not-usable"


@dataclass(eq=False)
class JobDefinitionNotFoundError(ResourceError):
    """No active job definition of this name or ARN in this account and Region."""

    definition: str
    region: str
    code: ClassVar[str] = "job-definition-not-found"


@dataclass(eq=False)
class ResourceMissingError(ResourceError):
    """A role, repository or image that is needed is missing; `kind` is a code of ``messages`` (``resource.<kind>``)."""

    kind: str
    name: str
    region: str
    flag: str
    code: ClassVar[str] = "resource-missing"


@dataclass(eq=False)
class ResourceAmbiguousError(ResourceError):
    """More than one thing fits where one is needed; `kind` is a code of ``messages`` (``resource.<kind>``)."""

    kind: str
    names: str
    region: str
    flag: str
    code: ClassVar[str] = "resource-ambiguous"


@dataclass(eq=False)
class ArrayJobNotFoundError(ResourceError):
    """AWS knows no such job, or it is not the parent of an array."""

    array_job: str
    code: ClassVar[str] = "array-job-not-found"


@dataclass(eq=False)
class NoJobsFoundError(ResourceError):
    """No job of that name came within the time that was given."""

    prefix: str
    queue: str
    waited: str
    code: ClassVar[str] = "no-jobs-found"


@dataclass(eq=False)
class SetupNotReadyError(ResourceError):
    """Every job would fail; which checks failed has been said."""

    failed: int
    code: ClassVar[str] = "setup-not-ready"


@dataclass(eq=False)
class JobNotFoundError(ResourceError):
    """AWS knows no job of this id, or none whose name begins so."""

    job: str
    code: ClassVar[str] = "job-not-found"


@dataclass(eq=False)
class JobAmbiguousError(ResourceError):
    """More than one job is meant."""

    job: str
    jobs: str
    code: ClassVar[str] = "job-ambiguous"


@dataclass(eq=False)
class PricesNotFoundError(ResourceError):
    """AWS's Price List has no complete price of Fargate's for a Region."""

    region: str
    code: ClassVar[str] = "prices-not-found"
