"""AWS's words are passed on without what could sign a request."""

from __future__ import annotations

import pytest

from batchgauge.aws.secrets import without_secrets
from tests.aws.test_calling import submitted_to
from tests.aws.wire import answer

TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//token+with/signs=="
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
KEY = "AKIAIOSFODNN7EXAMPLE"
QUOTING = (
    "The Canonical String for this request should have been\n'POST\n/v1/submitjob\n\nhost:batch.us-west-2.amazonaws.com\n"
    f"x-amz-date:20261122T101500Z\nx-amz-security-token:{TOKEN}\n\nhost;x-amz-date'",
    f"Authorization=AWS4-HMAC-SHA256 Credential={KEY}/20261122/us-west-2/batch/aws4_request, Signature={SIGNATURE}",
    f"https://sqs.us-west-2.amazonaws.com/?X-Amz-Credential={KEY}%2F2026&X-Amz-Security-Token={TOKEN}&X-Amz-Signature={SIGNATURE}",
    f'{{"AccessKeyId": "{KEY}", "SecretAccessKey": "wJalrXUtnFEMI", "SessionToken": "{TOKEN}"}}',
)


@pytest.mark.parametrize("message", QUOTING)
def test_what_aws_quotes_of_a_signature_is_hidden(message: str) -> None:
    shown = without_secrets(message)
    for secret in (TOKEN, SIGNATURE, KEY, "wJalrXUtnFEMI"):
        assert secret not in shown


@pytest.mark.parametrize(
    "message",
    [
        "JobQueue windows-batch-queue not found.",
        "User: arn:aws:sts::123456789012:assumed-role/measure/me is not authorized to perform: batch:SubmitJob",
        "The security token included in the request is expired",
    ],
)
def test_other_words_of_aws_stay(message: str) -> None:
    assert without_secrets(message) == message


def test_a_refusal_that_quotes_the_request_is_recorded_without_it() -> None:
    message = QUOTING[0] + QUOTING[1]
    [reply], _ = submitted_to(answer(403, {"message": message}, code="InvalidSignatureException"))
    assert reply.message is not None
    assert "Canonical String" in reply.message
    assert TOKEN not in reply.message
    assert SIGNATURE not in reply.message


def test_a_password_in_a_url_is_hidden_whatever_it_holds() -> None:
    said = without_secrets("Cannot connect to http://user:p@ss:w@proxy.example:3128/path (http://plain.example/@)")
    assert said == "Cannot connect to http://***@proxy.example:3128/path (http://plain.example/@)"
