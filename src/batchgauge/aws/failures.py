"""What botocore raises before, or instead of, an answer: as errors of ours, and as outcomes of a call."""

from __future__ import annotations

import os
import socket
import ssl
import traceback
from typing import Final

import aiohttp
import botocore.exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from batchgauge.aws.secrets import without_secrets
from batchgauge.core.journal import CallOutcome
from batchgauge.errors import (
    AwsConfigurationError,
    AwsError,
    CredentialsExpiredError,
    CredentialsRejectedError,
    EndpointUnreachableError,
    NoCredentialsError,
    ProfileNotFoundError,
)

CREDENTIAL_FAILURES: Final = (
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.CredentialRetrievalError,
    botocore_errors.UnknownCredentialError,
    botocore_errors.RefreshWithMFAUnsupportedError,
    botocore_errors.MetadataRetrievalError,
    botocore_errors.NoAuthTokenError,
    botocore_errors.TokenRetrievalError,
    botocore_errors.UnknownTokenProviderError,
    botocore_errors.SSOError,
    botocore_errors.LoginError,
    botocore_errors.ProfileNotFound,
    botocore_errors.ConfigNotFound,
    botocore_errors.ConfigParseError,
    botocore_errors.InvalidConfigError,
)
"""What ends every call alike: nobody can sign it."""

_CONFIGURATION: Final = (
    botocore_errors.ConfigNotFound,
    botocore_errors.ConfigParseError,
    botocore_errors.InvalidConfigError,
)

_WHERE_TO: Final = (
    botocore_errors.BaseEndpointResolverError,
    botocore_errors.EndpointProviderError,
    botocore_errors.InvalidEndpointConfigurationError,
    botocore_errors.InvalidRegionError,
    botocore_errors.UnknownRegionError,
    ValueError,  # an endpoint that is not a URL
)


_CREDENTIAL_MODULES: Final = frozenset({"aiobotocore.credentials", "botocore.credentials"})


def is_credential_failure(error: Exception) -> bool:
    """Whether nobody can sign any more.

    botocore does not put all of it into errors of its own: keys that have reached their known end are a bare RuntimeError, a
    ``credential_process`` that prints no JSON a ValueError, one that is not there an OSError. So whatever was raised while
    credentials were looked for counts, of whichever type it is; but not that nobody answered there (AWS STS, say): that may pass.
    """
    if isinstance(error, botocore_errors.BotoCoreError):
        return isinstance(error, CREDENTIAL_FAILURES)
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") in _CREDENTIAL_MODULES for frame, _ in frames)


def error_before_calls(error: Exception, endpoint: str) -> AwsError:
    """The error for what makes every call impossible: credentials that cannot be had, or an endpoint that cannot be."""
    if isinstance(error, botocore_errors.NoCredentialsError):
        return NoCredentialsError()
    if isinstance(error, botocore_errors.ProfileNotFound):
        return ProfileNotFoundError(profile=str(error.kwargs.get("profile", "")))
    if isinstance(error, _CONFIGURATION):
        return AwsConfigurationError(detail=without_secrets(str(error)))
    if isinstance(error, RuntimeError) and is_credential_failure(error):
        return CredentialsExpiredError()
    if isinstance(error, _WHERE_TO) and not is_credential_failure(error):
        return EndpointUnreachableError(endpoint=endpoint, reason=without_secrets(str(error)))
    return CredentialsRejectedError(error=type(error).__name__, detail=without_secrets(str(error)))


def outcome_without_answer(error: Exception) -> CallOutcome:
    """What may have become of a request that ended with an exception instead of an answer.

    Whatever is not known to have gone wrong before the request was on its way may have arrived.
    """
    if isinstance(error, botocore_errors.EndpointConnectionError):
        # aiobotocore raises this one too for a connection that was cut in the middle of the request.
        return CallOutcome.UNAVAILABLE if _never_connected(error.kwargs.get("error")) else CallOutcome.AMBIGUOUS
    if isinstance(error, botocore_errors.ConnectionError):
        return CallOutcome.UNAVAILABLE
    if isinstance(error, botocore_errors.HTTPClientError | botocore_errors.IncompleteReadError | ResponseParserError):
        return CallOutcome.AMBIGUOUS
    return CallOutcome.REFUSED  # parameters that do not fit the service model, say: it was never sent


def words_of(error: Exception) -> str:
    """What an exception says, with what its cause knows of a proxy or a certificate, and without the chain of who told whom."""
    cause = error.kwargs.get("error") if isinstance(error, botocore_errors.BotoCoreError) else None
    refusal = getattr(cause, "certificate_error", cause)
    if isinstance(refusal, ssl.SSLCertVerificationError):
        return without_secrets(refusal.verify_message)
    said = str(error)
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        said = f"{said}: {cause.status} {cause.message}"
    elif isinstance(cause, aiohttp.ClientProxyConnectionError):
        said = f"{said}: {_reason(cause.os_error)}"
    return without_secrets(said)


def _reason(error: OSError) -> str:
    """The system's words; asyncio puts the address in their place."""
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return os.strerror(error.errno)


def _never_connected(cause: object) -> bool:
    if isinstance(cause, aiohttp.ClientConnectionError):
        return isinstance(cause, aiohttp.ClientConnectorError)
    return isinstance(cause, OSError)  # a name that was not resolved
