"""Credentials, Region and clients: botocore's own way of finding them, with each request sent exactly once unless told otherwise."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import botocore.exceptions
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from batchgauge import __version__
from batchgauge.aws.ca_bundle import require_ca_bundle
from batchgauge.aws.call_times import current_call
from batchgauge.aws.failures import error_before_calls, is_credential_failure
from batchgauge.aws.secrets import without_secrets
from batchgauge.aws.warm_session import WarmSession
from batchgauge.core.scenario import DEFAULT_REGION
from batchgauge.errors import AwsError, EndpointWithPasswordError, NoCredentialsError, NotAnEndpointError
from batchgauge.ports import Clock

CONNECT_TIMEOUT_S: Final = 10
READ_TIMEOUT_S: Final = 60
"""Long: an answer that is given up on may have started a job (SubmitJob has no idempotency token)."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials that are not to be looked for: those of an embedded AWS."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, slots=True)
class Connection:
    """Which AWS to speak to, as flags say; None leaves it to the environment and the AWS configuration files."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    credentials: Credentials | None = None
    max_connections: int = 20
    """For all calls but submissions."""
    most_submissions_at_once: int = 500
    """Connections for submissions, opened as they are needed."""
    max_attempts: int = 1
    """Requests on the wire per call; more than one only where nothing is measured, since a retry below us would be a job unknown to us."""
    find_death: Callable[[], Awaitable[AwsError | None]] | None = None
    """Asked after a call that nobody answered: the error, where whoever should have answered is known to be gone for good."""


# What goes wrong is said by us, in words and with its secrets hidden; Python's last resort would print aiobotocore's own traceback, with
# whatever a credential_process wrote. Whoever sets logging up still gets it.
logging.getLogger("aiobotocore").addHandler(logging.NullHandler())


class AwsSession:
    """Clients of one account and Region; an async context manager that closes them."""

    def __init__(self, connection: Connection, clock: Clock, environ: Mapping[str, str]) -> None:
        self._connection = connection
        self._clock = clock
        try:
            self._session = _session(connection)
            configured = self._session.get_config_variable("region")
            self.endpoint_url = connection.endpoint_url or _configured_endpoint(self._session, environ)
            self.ca_bundle = _ca_bundle(self._session, environ)
        except botocore.exceptions.BotoCoreError as error:
            raise error_before_calls(error, "") from error
        _require_url(self.endpoint_url)
        if not _is_plain_loopback(self.endpoint_url):
            require_ca_bundle(self.ca_bundle)
        self.region = connection.region or environ.get("AWS_REGION") or configured or DEFAULT_REGION
        self.most_submissions_at_once = connection.most_submissions_at_once
        self._creating = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._clients: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def client(self, service: str) -> Any:
        """The one client of a service.

        Raises:
            NoCredentialsError, CredentialsRejectedError: none are found anywhere that the AWS SDK looks, or they cannot be had.
            EndpointUnreachableError: the endpoint or the Region is not one.
        """
        async with self._creating:
            if service not in self._clients:
                self._clients[service] = await self._new_client(service)
        return self._clients[service]

    async def require_alive(self) -> None:
        """Raise the error where nobody will ever answer again; only to be asked after a call without an answer."""
        find_death = self._connection.find_death
        if find_death is not None and (death := await find_death()) is not None:
            raise death

    async def _new_client(self, service: str) -> Any:
        await self._require_credentials()
        try:
            creator = self._session.create_client(service, **self._client_arguments())
            client = await self._stack.enter_async_context(creator)
        except (botocore.exceptions.BotoCoreError, ValueError) as error:
            endpoint = self.endpoint_url or f"AWS {service}, {self.region}"
            raise error_before_calls(error, endpoint) from error
        client.meta.events.register("before-send", self._note_sent)
        client.meta.events.register("before-parse", self._note_received)
        return client

    def _client_arguments(self) -> dict[str, Any]:
        credentials = self._connection.credentials
        config = AioConfig(
            retries={"total_max_attempts": self._connection.max_attempts, "mode": "standard"},
            max_pool_connections=self._connection.max_connections,
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            http_session_cls=WarmSession,
            user_agent_extra=f"batchgauge/{__version__}",
            # No proxy of a company's reaches this computer's own loopback; AWS's tools would ask it all the same.
            proxies={} if _is_loopback(self.endpoint_url) else None,
        )
        return {
            "region_name": self.region,
            "endpoint_url": self._connection.endpoint_url,
            "aws_access_key_id": credentials.access_key_id if credentials else None,
            "aws_secret_access_key": credentials.secret_access_key if credentials else None,
            "config": config,
            # Where nothing is encrypted no certificate is read: a file of them that is not there must not matter.
            "verify": False if _is_plain_loopback(self.endpoint_url) else None,
        }

    async def _require_credentials(self) -> None:
        if self._connection.credentials is not None:
            return
        try:
            found = await self._session.get_credentials()
        except Exception as error:
            if not isinstance(error, botocore.exceptions.BotoCoreError) and not is_credential_failure(error):
                raise
            raise error_before_calls(error, "") from error
        if found is None:
            raise NoCredentialsError()

    async def credentials_expire_ms(self) -> float | None:
        """When the credentials stop to be good, where they cannot be refreshed by themselves: UTC milliseconds.

        botocore refreshes what it can (roles, SSO, a process, the instance's); of keys out of the environment it knows the end where
        ``AWS_CREDENTIAL_EXPIRATION`` says it, and a role that wants a second factor it assumes once only. Session keys out of a file
        carry no end at all.
        """
        if self._connection.credentials is not None:
            return None
        try:
            found = await self._session.get_credentials()
            if found is None or not self._is_final(getattr(found, "method", "")):
                return None
        except Exception as error:
            if not isinstance(error, botocore.exceptions.BotoCoreError) and not is_credential_failure(error):
                raise
            return None  # whoever makes a call will hear of it
        expires: datetime | None = getattr(found, "_expiry_time", None)
        return expires.timestamp() * 1000 if expires is not None else None

    def _is_final(self, method: str) -> bool:
        if method == "assume-role":
            return bool(self._session.get_scoped_config().get("mfa_serial"))
        return method == "env"

    def _note_sent(self, **_: object) -> None:
        if (times := current_call()) is not None:
            times.sent_ms = self._clock.now_ms()

    def _note_received(self, **_: object) -> None:
        # Where the last byte was stamped itself, nothing is better.
        if (times := current_call()) is not None and times.received_ms is None:
            times.received_ms = self._clock.now_ms()


def _session(connection: Connection) -> AioSession:
    """A session; one with credentials of its own looks into no AWS configuration, which may name a profile that is not there."""
    if connection.credentials is None:
        return AioSession(profile=connection.profile)
    nothing = (None, None, None, None)
    nowhere = (None, None, os.devnull, None)
    return AioSession(session_vars={"profile": nothing, "config_file": nowhere, "credentials_file": nowhere})


def _ca_bundle(session: AioSession, environ: Mapping[str, str]) -> str | None:
    bundle = session.get_config_variable("ca_bundle") or environ.get("REQUESTS_CA_BUNDLE")
    return str(bundle) if bundle else None


def usable_ca_bundle(profile: str | None, environ: Mapping[str, str]) -> str | None:
    """The file of certificates of the environment or the profile, for what is spoken to besides AWS's own services.

    Raises:
        CaBundleError: it cannot be used.
        AwsError: there is no such profile.
    """
    try:
        bundle = _ca_bundle(AioSession(profile=profile), environ)
    except botocore.exceptions.BotoCoreError as error:
        raise error_before_calls(error, "") from error
    require_ca_bundle(bundle)
    return bundle


def _is_loopback(endpoint: str | None) -> bool:
    host = urlsplit(endpoint).hostname if endpoint is not None else None
    return host is not None and (host in ("localhost", "::1") or host.startswith("127."))


def _is_plain_loopback(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.startswith("http://") and _is_loopback(endpoint)


def _configured_endpoint(session: AioSession, environ: Mapping[str, str]) -> str | None:
    """The endpoint of AWS Batch that the environment or the profile sets, as botocore itself looks for it."""
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    profile = session.get_scoped_config()
    services = session.full_config.get("services", {}).get(profile.get("services"), {})
    return (
        environ.get("AWS_ENDPOINT_URL_BATCH")
        or environ.get("AWS_ENDPOINT_URL")
        or services.get("batch", {}).get("endpoint_url")
        or profile.get("endpoint_url")
        or None
    )


def _require_url(endpoint: str | None) -> None:
    if endpoint is None:
        return
    shown = without_secrets(endpoint)
    try:
        parts = urlsplit(endpoint)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:  # a port beyond 65535
        raise NotAnEndpointError(endpoint=shown, reason=without_secrets(str(error))) from error
    if not is_url:
        raise NotAnEndpointError(endpoint=shown, reason=f"Invalid endpoint: {shown}")
    if "@" in parts.netloc:  # a request has room for one authorization, and that is AWS's signature
        raise EndpointWithPasswordError(endpoint=shown, reason="")
