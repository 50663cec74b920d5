"""The account's adapter against a running embedded AWS, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from batchgauge.aws.account import BotoAccount
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.errors import AwsCallError, CredentialsRejectedError, EndpointUnreachableError
from batchgauge.host.clock import SystemClock

T = TypeVar("T")
ACCOUNT_ID = "123456789012"


@pytest.fixture
def ask(server: Any) -> Callable[..., Any]:
    """Asks an account that is opened for the one question."""

    def ask(question: Callable[[BotoAccount], Awaitable[T]], **changed: Any) -> T:
        async def answer() -> T:
            settings: dict[str, Any] = {
                "region": server.announced["region"],
                "endpoint_url": server.endpoint,
                "credentials": Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"]),
            }
            clock = SystemClock()
            async with AwsSession(Connection(**{**settings, **changed}), clock, {}) as session:
                return await question(BotoAccount(session, clock))

        return asyncio.run(answer())

    return ask


def test_the_account_is_the_credentials_own(ask: Callable[..., Any]) -> None:
    assert ask(lambda account: account.account_id()) == ACCOUNT_ID


def test_a_role_is_found_by_its_name(ask: Callable[..., Any]) -> None:
    found = ask(lambda account: account.find_role("BatchExecutionRole"))
    assert found == f"arn:aws:iam::{ACCOUNT_ID}:role/BatchExecutionRole"


def test_a_role_that_is_not_there_is_none(ask: Callable[..., Any]) -> None:
    assert ask(lambda account: account.find_role("nobody")) is None


def test_repositories_and_images_are_read(ask: Callable[..., Any]) -> None:
    repositories = {entry.name: entry for entry in ask(lambda account: account.list_repositories())}
    assert repositories["windows-countdown"].uri.endswith("/windows-countdown")
    [image] = ask(lambda account: account.list_images("windows-countdown"))
    assert image.tags == ("latest",)
    assert image.digest.startswith("sha256:")
    assert image.pushed_ms > 0


def test_repositories_are_read_to_the_last_page(ask: Callable[..., Any], server: Any) -> None:
    ecr = server.client("ecr")
    names = {f"other-{number:03d}" for number in range(120)}
    for name in names:
        ecr.create_repository(repositoryName=name)
    assert names <= {entry.name for entry in ask(lambda account: account.list_repositories())}


def test_a_log_group_is_made_once(ask: Callable[..., Any]) -> None:
    assert ask(lambda account: account.create_log_group("/made/once")) is True
    assert ask(lambda account: account.create_log_group("/made/once")) is False


DEFINITION = {
    "jobDefinitionName": "registered",
    "type": "container",
    "containerProperties": {
        "image": "any",
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
    },
}


def test_each_registration_is_a_revision(ask: Callable[..., Any]) -> None:
    first = ask(lambda account: account.register_job_definition(DEFINITION))
    second = ask(lambda account: account.register_job_definition(DEFINITION))
    assert (first.name, first.revision, second.revision) == ("registered", 1, 2)
    assert second.arn.endswith(":job-definition/registered:2")


def test_what_aws_refuses_is_an_error_with_its_words(ask: Callable[..., Any]) -> None:
    with pytest.raises(AwsCallError) as caught:
        ask(lambda account: account.register_job_definition({**DEFINITION, "jobDefinitionName": "not a name!"}))
    assert caught.value.operation == "RegisterJobDefinition"


def test_a_definition_of_the_wrong_shape_is_refused_before_it_is_sent(ask: Callable[..., Any]) -> None:
    with pytest.raises(AwsCallError) as caught:
        ask(lambda account: account.register_job_definition({**DEFINITION, "containerProperties": "text"}))
    assert caught.value.error == "ParamValidationError"
    assert "containerProperties" in caught.value.detail


def test_wrong_keys_are_said_to_be_wrong(ask: Callable[..., Any]) -> None:
    with pytest.raises(CredentialsRejectedError):
        ask(lambda account: account.account_id(), credentials=Credentials("AKIA" + "A" * 16, "wrong"))


def test_an_endpoint_that_is_not_there_is_named(ask: Callable[..., Any]) -> None:
    with pytest.raises(EndpointUnreachableError) as caught:
        ask(lambda account: account.account_id(), endpoint_url="http://127.0.0.1:9")
    assert "127.0.0.1:9" in caught.value.endpoint + caught.value.reason
