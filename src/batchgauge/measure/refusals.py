"""From a reply that makes going on impossible to the error that says so."""

from __future__ import annotations

from typing import Final

from batchgauge.core.journal import CallOutcome
from batchgauge.errors import (
    AccessDeniedError,
    AwsCallError,
    AwsError,
    CredentialsRejectedError,
    EndpointUnreachableError,
)
from batchgauge.ports import Reply

REJECTED_CREDENTIALS: Final = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "ExpiredTokenException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "AuthFailure",
        "InvalidToken",
    }
)
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def error_of(reply: Reply[object], endpoint: str) -> AwsError:
    """The error for a reply that was not OK."""
    code, detail = reply.error or "", reply.message or ""
    if reply.outcome is CallOutcome.UNAVAILABLE or (reply.outcome is CallOutcome.AMBIGUOUS and reply.status is None):
        return EndpointUnreachableError(endpoint=endpoint, reason=detail or code)
    if code in REJECTED_CREDENTIALS:
        return CredentialsRejectedError(error=code, detail=detail)
    if code in DENIED:
        return AccessDeniedError(operation=reply.operation, detail=detail)
    return AwsCallError(operation=reply.operation, error=code, detail=detail)


def is_fatal(reply: Reply[object]) -> bool:
    """Whether every further call of the run will meet with the same answer."""
    return (reply.error or "") in REJECTED_CREDENTIALS | DENIED
