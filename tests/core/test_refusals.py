"""From a reply that was not OK to the error that says so."""

from __future__ import annotations

import botocore.session
import pytest

from batchgauge.core.journal import CallOutcome
from batchgauge.core.submitting.refusals import DENIED, REJECTED_CREDENTIALS, error_of, is_fatal
from batchgauge.errors import (
    AccessDeniedError,
    AwsCallError,
    CredentialsRejectedError,
    EndpointUnreachableError,
)
from batchgauge.ports import Reply


def reply(outcome: CallOutcome, error: str | None = None, status: int | None = None) -> Reply[None]:
    return Reply("SubmitJob", 0, 1, outcome, status=status, error=error, message="words")


@pytest.mark.parametrize("code", sorted(REJECTED_CREDENTIALS))
def test_credentials_that_aws_rejects_end_everything(code: str) -> None:
    answer = reply(CallOutcome.REFUSED, code, 403)
    assert is_fatal(answer)
    error = error_of(answer, "endpoint")
    assert isinstance(error, CredentialsRejectedError)
    assert (error.error, error.detail) == (code, "words")


@pytest.mark.parametrize("code", sorted(DENIED))
def test_permissions_that_are_missing_end_everything(code: str) -> None:
    answer = reply(CallOutcome.REFUSED, code, 403)
    assert is_fatal(answer)
    error = error_of(answer, "endpoint")
    assert isinstance(error, AccessDeniedError)
    assert (error.operation, error.detail) == ("SubmitJob", "words")


@pytest.mark.parametrize("outcome", [CallOutcome.UNAVAILABLE, CallOutcome.AMBIGUOUS])
def test_no_answer_names_the_endpoint(outcome: CallOutcome) -> None:
    error = error_of(reply(outcome, "ReadTimeoutError"), "endpoint")
    assert isinstance(error, EndpointUnreachableError)
    assert (error.endpoint, error.reason) == ("endpoint", "words")
    assert not is_fatal(reply(outcome, "ReadTimeoutError"))


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        (CallOutcome.AMBIGUOUS, "ServerException", 500),
        (CallOutcome.THROTTLED, "TooManyRequestsException", 429),
        (CallOutcome.REFUSED, "ClientException", 400),
        (CallOutcome.REFUSED, None, 404),
    ],
)
def test_any_other_answer_keeps_aws_own_words_and_is_no_reason_to_stop(
    outcome: CallOutcome, code: str | None, status: int
) -> None:
    answer = reply(outcome, code, status)
    error = error_of(answer, "endpoint")
    assert isinstance(error, AwsCallError)
    assert (error.operation, error.error, error.detail) == ("SubmitJob", code or "", "words")
    assert not is_fatal(answer)


def test_no_error_of_batch_itself_is_taken_for_one_of_credentials() -> None:
    model = botocore.session.get_session().get_service_model("batch")
    assert not {shape.error_code for shape in model.error_shapes} & (REJECTED_CREDENTIALS | DENIED)
