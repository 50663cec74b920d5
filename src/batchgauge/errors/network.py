"""What a company's network has between this computer and AWS: a proxy, and certificates of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.aws import AwsConfigurationError, EndpointUnreachableError


@dataclass(eq=False)
class CertificateNotTrustedError(EndpointUnreachableError):
    """Whoever answers for the endpoint shows a certificate that no known authority has signed, or that is another's."""

    code: ClassVar[str] = "certificate-not-trusted"


@dataclass(eq=False)
class ProxyFailedError(EndpointUnreachableError):
    """The proxy cannot be reached, or does not let us through."""

    code: ClassVar[str] = "proxy-failed"


@dataclass(eq=False)
class CaBundleError(AwsConfigurationError):
    """The file of certificates that the environment or the profile names cannot be read."""

    path: str
    code: ClassVar[str] = "ca-bundle"
