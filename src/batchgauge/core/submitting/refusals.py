"""From a reply that makes going on impossible to the error that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

from batchgauge.core.journal import CallOutcome
from batchgauge.errors import (
    AccessDeniedError,
    AwsCallError,
    AwsError,
    CertificateNotTrustedError,
    CredentialsRejectedError,
    EndpointUnreachableError,
    ProxyFailedError,
)

REJECTED_CREDENTIALS: Final = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "AuthFailure",
        "InvalidToken",
    }
)
_NO_QUEUE: Final = re.compile(r"JobQueue \S+ not found")
"""AWS has no code of its own for it."""
WITHOUT_ANSWER: Final[Mapping[str, type[EndpointUnreachableError]]] = {
    "SSLError": CertificateNotTrustedError,
    "ProxyConnectionError": ProxyFailedError,
}
"""botocore's names for what happened on the way, where there is more to say of it than that nobody answered."""
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class Answered(Protocol):
    """What is to be known of a reply; `ports.Reply` has it."""

    @property
    def operation(self) -> str:
        """AWS's name of the call."""
        ...

    @property
    def outcome(self) -> CallOutcome:
        """What came of it."""
        ...

    @property
    def status(self) -> int | None:
        """The HTTP status, where there was an answer."""
        ...

    @property
    def error(self) -> str | None:
        """AWS's code of the error."""
        ...

    @property
    def message(self) -> str | None:
        """AWS's words."""
        ...


def error_of(reply: Answered, endpoint: str) -> AwsError:
    """The error for a reply that was not OK."""
    code, detail = reply.error or "", reply.message or ""
    if reply.outcome is CallOutcome.UNAVAILABLE or (reply.outcome is CallOutcome.AMBIGUOUS and reply.status is None):
        return WITHOUT_ANSWER.get(code, EndpointUnreachableError)(endpoint=endpoint, reason=detail or code)
    if code in REJECTED_CREDENTIALS:
        return CredentialsRejectedError(error=code, detail=detail)
    if code in DENIED:
        return AccessDeniedError(operation=reply.operation, detail=detail)
    return AwsCallError(operation=reply.operation, error=code, detail=detail)


def is_queue_gone(error: AwsError) -> bool:
    """Whether AWS refused since there is no such queue: one that is deleted takes its jobs along."""
    return isinstance(error, AwsCallError) and _NO_QUEUE.match(error.detail) is not None


def is_fatal(reply: Answered) -> bool:
    """Whether every further call of the run will meet with the same answer."""
    return (reply.error or "") in REJECTED_CREDENTIALS | DENIED
