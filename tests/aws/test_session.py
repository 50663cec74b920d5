"""Credentials, Region and endpoint are found as every tool of AWS finds them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from batchgauge.aws.failures import error_before_calls, is_credential_failure
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
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
from batchgauge.host.clock import SystemClock
from tests.aws.conftest import CLOSED_ENDPOINT
from tests.aws.wire import Wire, answer, wire

KEYS = Credentials("AKIDEXAMPLE", "secret")
QUEUES = answer(200, {"jobQueues": []})


def session(connection: Connection | None = None) -> AwsSession:
    return AwsSession(connection or Connection(), SystemClock(), os.environ)


def asked(connection: Connection) -> Wire:
    """What one call sends to an endpoint of ours, with these settings besides."""

    async def ask() -> Wire:
        async with wire(QUEUES) as served:
            os.environ["AWS_ENDPOINT_URL"] = served.endpoint
            async with session(connection) as opened:
                reply = await BotoGateway(opened, SystemClock()).describe_job_queue("queue")
                assert reply.outcome is CallOutcome.OK
            return served

    try:
        return asyncio.run(ask())
    finally:
        del os.environ["AWS_ENDPOINT_URL"]


def call_once(connection: Connection | None = None) -> AwsError:
    """The error of a call that cannot even be made."""

    async def ask() -> None:
        async with session(connection) as opened:
            await BotoGateway(opened, SystemClock()).describe_job_queue("queue")

    with pytest.raises(AwsError) as caught:
        asyncio.run(ask())
    return caught.value


# --- the Region -------------------------------------------------------------------------------------------------------


def test_the_region_is_the_flags_then_the_environments_then_the_profiles_then_the_specifications(
    aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (aws_home / "config").write_text("[default]\nregion = eu-west-1\n[profile other]\nregion = sa-east-1\n")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setenv("AWS_REGION", "ap-northeast-3")
    assert session(Connection(region="us-east-1")).region == "us-east-1"
    assert session().region == "ap-northeast-3"
    monkeypatch.delenv("AWS_REGION")
    assert session().region == "ap-northeast-1"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert session().region == "eu-west-1"
    assert session(Connection(profile="other")).region == "sa-east-1"
    (aws_home / "config").unlink()
    assert session().region == "us-west-2"


@pytest.mark.parametrize("region", ["us west 2", "日本", "-", "us-west-2/", "a" * 70])
def test_what_is_no_region_is_said_and_never_a_traceback(region: str) -> None:
    error = call_once(Connection(region=region, credentials=KEYS))
    assert isinstance(error, EndpointUnreachableError)
    assert region in error.endpoint


def test_requests_are_signed_for_the_region() -> None:
    served = asked(Connection(region="ap-northeast-1", credentials=KEYS))
    assert b"/ap-northeast-1/batch/aws4_request" in served.requests[0]


# --- credentials ------------------------------------------------------------------------------------------------------


def test_credentials_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    served = asked(Connection())
    assert b"Credential=AKIDENVIRONMENT/" in served.requests[0]
    assert b"a-token" in served.requests[0]


def test_credentials_of_a_profile(aws_home: Path) -> None:
    (aws_home / "credentials").write_text(
        "[default]\naws_access_key_id=AKIDDEFAULT\naws_secret_access_key=s\n"
        "[other]\naws_access_key_id=AKIDOTHER\naws_secret_access_key=s\n"
    )
    assert b"Credential=AKIDDEFAULT/" in asked(Connection()).requests[0]
    assert b"Credential=AKIDOTHER/" in asked(Connection(profile="other")).requests[0]


def test_a_profile_named_by_the_environment(aws_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (aws_home / "credentials").write_text("[other]\naws_access_key_id=AKIDOTHER\naws_secret_access_key=s\n")
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert b"Credential=AKIDOTHER/" in asked(Connection()).requests[0]


@pytest.mark.parametrize("way", ["flag", "environment"])
def test_a_profile_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "environment":
        monkeypatch.setenv("AWS_PROFILE", "missing")
    with pytest.raises(ProfileNotFoundError) as caught:
        session(Connection(profile="missing" if way == "flag" else None))
    assert caught.value.profile == "missing"
    assert caught.value.exit_code == 2


def expiry(connection: Connection | None = None) -> float | None:
    async def ask() -> float | None:
        async with session(connection) as opened:
            return await opened.credentials_expire_ms()

    return asyncio.run(ask())


def test_the_end_of_keys_out_of_the_environment_is_known_where_the_environment_says_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    assert expiry() is None
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2100-01-01T00:00:00Z")
    assert expiry() == 4_102_444_800_000
    assert expiry(Connection(credentials=KEYS)) is None


def test_keys_out_of_a_file_have_no_end_that_anybody_knows(aws_home: Path) -> None:
    (aws_home / "credentials").write_text(
        "[default]\naws_access_key_id=A\naws_secret_access_key=s\naws_session_token=t\n"
    )
    assert expiry() is None


def test_what_refreshes_itself_has_no_end(aws_home: Path) -> None:
    script = aws_home / "keys"
    script.write_text(
        '#!/bin/sh\necho \'{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t",'
        ' "Expiration": "2100-01-01T00:00:00Z"}\'\n'
    )
    script.chmod(0o700)
    (aws_home / "config").write_text(f"[default]\ncredential_process = {script}\n")
    assert expiry() is None


def test_without_credentials_there_is_no_end_either() -> None:
    assert expiry() is None


def test_no_credentials_anywhere() -> None:
    assert isinstance(call_once(Connection(endpoint_url=CLOSED_ENDPOINT)), NoCredentialsError)


def test_the_instance_metadata_service_is_asked_once_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> Wire:
        async with wire(answer(404, b"")) as metadata:
            monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.endpoint)
            async with session(Connection(endpoint_url=CLOSED_ENDPOINT)) as opened:
                with pytest.raises(NoCredentialsError):
                    await opened.client("batch")
            return metadata

    assert len(asyncio.run(ask()).requests) <= 2  # for a token, then for a role


def test_half_of_a_pair_of_keys_is_told_from_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
    error = call_once(Connection(endpoint_url=CLOSED_ENDPOINT))
    assert isinstance(error, CredentialsRejectedError)
    assert "AWS_SECRET_ACCESS_KEY" in error.detail


def test_a_login_that_has_expired_says_so(aws_home: Path) -> None:
    (aws_home / "config").write_text(
        "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\nregion = us-west-2\n"
        "[sso-session s]\nsso_region = us-west-2\nsso_start_url = https://example.invalid/start\n"
    )
    error = call_once(Connection(endpoint_url=CLOSED_ENDPOINT))
    assert isinstance(error, CredentialsRejectedError)
    assert "SSO" in error.detail


def test_a_credential_process_that_fails_says_so(aws_home: Path) -> None:
    (aws_home / "config").write_text("[default]\ncredential_process = sh -c 'echo no such vault >&2; exit 3'\n")
    error = call_once(Connection(endpoint_url=CLOSED_ENDPOINT))
    assert isinstance(error, CredentialsRejectedError)
    assert "no such vault" in error.detail


def test_a_configuration_file_that_cannot_be_read_is_named(aws_home: Path) -> None:
    (aws_home / "config").write_text("this is not\nan ini file [\n")
    with pytest.raises(AwsConfigurationError) as caught:
        session()
    assert str(aws_home / "config") in caught.value.detail


# --- the endpoint -----------------------------------------------------------------------------------------------------


def test_the_endpoint_is_the_flags_then_the_environments_then_the_profiles(
    aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (aws_home / "config").write_text("[default]\nendpoint_url = http://profile:1\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://environment:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BATCH", "http://batch:1")
    assert session(Connection(endpoint_url="http://flag:1")).endpoint_url == "http://flag:1"
    assert session().endpoint_url == "http://batch:1"
    monkeypatch.delenv("AWS_ENDPOINT_URL_BATCH")
    assert session().endpoint_url == "http://environment:1"
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert session().endpoint_url == "http://profile:1"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert session().endpoint_url is None


@pytest.mark.parametrize(
    ("configuration", "environment"),
    [
        ("[default]\nendpoint_url = http://one:1\n", {}),
        ("[default]\nservices = s\n[services s]\nbatch =\n  endpoint_url = http://two:2\n", {}),
        ("", {"AWS_ENDPOINT_URL": "http://three:3"}),
        ("", {"AWS_ENDPOINT_URL": "http://three:3", "AWS_ENDPOINT_URL_BATCH": "http://four:4"}),
        (
            "[default]\nendpoint_url = http://one:1\nservices = s\n[services s]\nbatch =\n  endpoint_url = http://two:2\n",
            {"AWS_ENDPOINT_URL": "http://three:3"},
        ),
        ("[default]\nendpoint_url = http://one:1\n", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}),
        ("", {}),
    ],
)
def test_the_endpoint_that_we_name_is_the_one_that_botocore_uses(
    aws_home: Path, monkeypatch: pytest.MonkeyPatch, configuration: str, environment: dict[str, str]
) -> None:
    (aws_home / "config").write_text(configuration)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    async def compare() -> None:
        async with session(Connection(credentials=KEYS)) as opened:
            used = (await opened.client("batch")).meta.endpoint_url
            assert used == (opened.endpoint_url or "https://batch.us-west-2.amazonaws.com")

    asyncio.run(compare())


@pytest.mark.parametrize(
    "endpoint",
    ["nonsense", "http://", "http://127.0.0.1:99999", "ftp://127.0.0.1", "http://[::1", "http://127.0.0.1:x", ""],
)
def test_what_is_no_endpoint_is_said_and_never_a_traceback(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    if not endpoint:  # as if it were not there
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        assert session().endpoint_url is None
        return
    with pytest.raises(EndpointUnreachableError) as caught:
        session(Connection(endpoint_url=endpoint, credentials=KEYS))
    assert caught.value.endpoint == endpoint


def test_a_proxy_is_not_asked_for_this_computers_own_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, CLOSED_ENDPOINT)
    assert asked(Connection(credentials=KEYS)).requests


def test_given_credentials_need_no_configuration_whatever_is_wrong_with_it(
    aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "missing")
    (aws_home / "config").write_text("this is not\nan ini file [\n")
    served = asked(Connection(region="us-west-2", credentials=KEYS))
    assert b"Credential=AKIDEXAMPLE/" in served.requests[0]


# --- clients ----------------------------------------------------------------------------------------------------------


def test_many_who_ask_at_once_get_one_client() -> None:
    async def ask() -> None:
        async with session(Connection(endpoint_url=CLOSED_ENDPOINT, credentials=KEYS)) as opened:
            clients = await asyncio.gather(*(opened.client("batch") for _ in range(20)))
            assert len({id(client) for client in clients}) == 1
            assert await opened.client("logs") is not clients[0]

    asyncio.run(ask())


def test_every_request_says_who_sent_it() -> None:
    assert b"batchgauge/" in asked(Connection(credentials=KEYS)).requests[0]


def raised_within(module: str, error: Exception) -> Exception:
    """The error as it comes out of a module of that name."""
    try:
        exec(compile("raise error", module, "exec"), {"__name__": module, "error": error})
    except Exception as caught:
        return caught
    raise AssertionError("unreachable")


def test_whatever_a_provider_of_credentials_raises_ends_every_call_but_an_outage_does_not() -> None:
    expired = raised_within("aiobotocore.credentials", RuntimeError("still expired"))
    assert is_credential_failure(expired)
    assert isinstance(error_before_calls(expired, ""), CredentialsExpiredError)
    garbled = raised_within("aiobotocore.credentials", ValueError("no JSON"))
    assert is_credential_failure(garbled)
    assert isinstance(error_before_calls(garbled, ""), CredentialsRejectedError)
    outage = EndpointConnectionError(endpoint_url="https://sts.amazonaws.com", error=OSError())
    assert not is_credential_failure(raised_within("aiobotocore.credentials", outage))
    assert not is_credential_failure(raised_within("aiohttp.client", RuntimeError("Session is closed")))
