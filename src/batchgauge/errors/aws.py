"""AWS itself, and the way to it; the embedded one too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.root import BatchgaugeError


class AwsError(BatchgaugeError):
    """A call to AWS failed, or could not be made."""


@dataclass(eq=False)
class NoCredentialsError(AwsError):
    """No credentials were found where the AWS SDK looks for them."""

    code: ClassVar[str] = "no-credentials"


@dataclass(eq=False)
class AwsConfigurationError(AwsError):
    """The AWS configuration files cannot be read, or say something that cannot be."""

    detail: str
    code: ClassVar[str] = "aws-configuration"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class ProfileNotFoundError(AwsError):
    """The named profile is in neither of the AWS configuration files."""

    profile: str
    code: ClassVar[str] = "profile-not-found"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class CredentialsRejectedError(AwsError):
    """AWS knows no such credentials, or they have expired."""

    error: str
    detail: str
    code: ClassVar[str] = "credentials-rejected"


@dataclass(eq=False)
class CredentialsExpiredError(AwsError):
    """The credentials have reached the end that was known of them, and there are no newer ones where they come from."""

    code: ClassVar[str] = "credentials-expired"


@dataclass(eq=False)
class AccessDeniedError(AwsError):
    """The credentials are valid and may not do this."""

    operation: str
    detail: str
    code: ClassVar[str] = "access-denied"


@dataclass(eq=False)
class EndpointUnreachableError(AwsError):
    """No answer from the endpoint."""

    endpoint: str
    reason: str
    code: ClassVar[str] = "endpoint-unreachable"


@dataclass(eq=False)
class NotAnEndpointError(EndpointUnreachableError):
    """What a flag, the environment or a profile names as the endpoint is not a URL."""

    code: ClassVar[str] = "not-an-endpoint"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class EndpointWithPasswordError(NotAnEndpointError):
    """An endpoint holds a user and a password, which cannot be sent beside AWS's signature."""

    code: ClassVar[str] = "endpoint-with-password"


@dataclass(eq=False)
class LocalAwsDiedError(AwsError):
    """The embedded AWS that a command started has ended by itself; `detail` is the end of what it said."""

    detail: str
    code: ClassVar[str] = "local-aws-died"


@dataclass(eq=False)
class EventRouteLeftError(AwsError):
    """A run's rule or queue for events could not be taken away, or not all of it."""

    code: ClassVar[str] = "event-route-left"
    name: str
    """Of both."""
    detail: str
    """AWS's words of what went wrong last."""


@dataclass(eq=False)
class JobsLeftError(AwsError):
    """Jobs were asked to end, and AWS still shows some, or cannot be asked."""

    jobs: int
    """How many are left; 0 where that could not be found out."""
    ids: str
    detail: str
    code: ClassVar[str] = "jobs-left"


@dataclass(eq=False)
class AwsCallError(AwsError):
    """Any other error that AWS answered with."""

    operation: str
    error: str
    detail: str
    code: ClassVar[str] = "aws-call"


@dataclass(eq=False)
class LocalAwsError(BatchgaugeError):
    """The embedded AWS did not start; `detail` is the end of what it said."""

    detail: str
    code: ClassVar[str] = "local-aws"


@dataclass(eq=False)
class PortInUseError(BatchgaugeError):
    """Another program listens on the port that the embedded AWS was to have."""

    host: str
    port: int
    code: ClassVar[str] = "port-in-use"
