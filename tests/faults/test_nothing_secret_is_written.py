"""A whole run with known secrets, and then everything that was written is searched for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import TARGET, WATCHED, Ended, StartCommand

Faults = Callable[..., None]
MARKS = ("AWS4-HMAC", "X-Amz-Signature", "x-amz-security-token", "authorization:", "aws_secret_access_key")
"""Of signed requests and of credential files, whatever the secret is."""


def written(done: Ended, except_for: Path | None = None) -> Iterator[tuple[str, str]]:
    """(where, what) of every file and stream that the command left."""
    yield "stdout", done.stdout
    yield "stderr", done.stderr
    for path in done.folder.rglob("*"):
        if path.is_file() and path != except_for:
            yield str(path.relative_to(done.folder)), path.read_bytes().decode("utf-8", "replace")


def assert_silent(done: Ended, secrets: list[str], except_for: Path | None = None) -> None:
    found = dict(written(done, except_for))
    assert any(where.endswith("journal.jsonl") for where in found)
    assert any(where.endswith("result.json") for where in found)
    for where, text in found.items():
        for secret in (*secrets, *MARKS):
            assert secret.lower() not in text.lower(), (where, secret[:6])


@pytest.fixture
def session_keys(server: Any) -> Iterator[dict[str, str]]:
    """Keys that the embedded AWS takes, with a token that is sent and signed with every request."""
    iam = server.client("iam")
    iam.create_user(UserName="secretive")
    key = iam.create_access_key(UserName="secretive")["AccessKey"]
    token = "IQoJb3JpZ2luX2VjEExample//" + "TokenThatNobodyMaySee0123456789+" * 8 + "=="
    yield {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"], "SessionToken": token}
    iam.delete_access_key(UserName="secretive", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="secretive")


TROUBLE = [
    {"fault": "error-after", "operation": "SubmitJob", "count": 1},
    {"fault": "cut-before", "operation": "DescribeJobs", "count": 1},
    {"fault": "denied", "service": "ecs"},
]


def test_keys_of_the_environment_and_their_session_token(
    start_at: StartCommand, faults: Faults, session_keys: dict[str, str]
) -> None:
    faults(requests=TROUBLE)
    environ = {
        "AWS_ACCESS_KEY_ID": session_keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session_keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session_keys["SessionToken"],
    }
    running = start_at("run", *TARGET, *WATCHED, "--num-jobs", 3, "--countdown", 1, "--events", environ=environ)
    done = running.end()
    assert done.exit_code == 0, done.stderr
    assert_silent(done, list(session_keys.values()))


def test_keys_of_a_profile_also_where_they_are_rejected(
    start: StartCommand, start_at: StartCommand, faults: Faults, session_keys: dict[str, str], tmp_path: Path
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[measurer]\naws_access_key_id = {session_keys['AccessKeyId']}\n"
        f"aws_secret_access_key = {session_keys['SecretAccessKey']}\naws_session_token = {session_keys['SessionToken']}\n"
    )
    environ = {
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
    faults(requests=[{"fault": "expired", "operation": "SubmitJob", "skip": 2}])
    arguments = ("sweep", *TARGET, "--levels", "1,3", "--pause", 0, "--countdown", 1, "--monitor-interval", 0.2)
    done = start_at(*arguments, "--profile", "measurer", environ=environ).end()
    assert done.exit_code == 1, done.stderr
    assert "ExpiredTokenException" in done.stderr
    assert start("analyze", "test-results").end().exit_code == 0
    assert_silent(done, list(session_keys.values()), except_for=credentials)


def test_keys_of_the_embedded_aws_are_not_written_either(start: StartCommand) -> None:
    done = start(
        "run", "--local", "--num-jobs", 1, "--countdown", 0, "--time-scale", 0.001, "--monitor-interval", 0.2
    ).end()
    assert done.exit_code == 0, done.stderr
    assert_silent(done, [])


def test_environment_values_of_the_jobs_are_in_the_journal_only(start_at: StartCommand, start: StartCommand) -> None:
    value = "a-value-that-is-the-users"
    arguments = ("run", *TARGET, *WATCHED, "--num-jobs", 1, "--countdown", 0, "--environment", f"GREETING={value}")
    done = start_at(*arguments).end()
    assert done.exit_code == 0, done.stderr
    assert start("analyze", "test-results", "--format", "all").end().exit_code == 0
    holding = {where.rpartition("/")[2] for where, text in written(done) if value in text}
    assert holding == {"journal.jsonl"}
    scenario = done.result.scenario
    assert scenario is not None
    assert scenario.job.environment["GREETING"].startswith("sha256:")


@pytest.mark.parametrize("pair", ["AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI", "DB=postgres://app:wJalrXUtnFEMI@db/app"])
def test_an_environment_value_that_looks_like_a_secret_is_refused(start_at: StartCommand, pair: str) -> None:
    done = start_at("run", *TARGET, "--environment", pair).end()
    assert done.exit_code == 2
    error, hint = done.complaint
    assert pair.partition("=")[0] in error
    assert "secrets" in hint
    assert "wJalrXUtnFEMI" not in done.stdout + done.stderr
    assert not list(done.folder.glob("test-results/runs/*"))


@pytest.mark.parametrize("way", ["flag", "environment", "broken"])
def test_an_endpoint_with_a_password_is_refused_and_the_password_not_shown(start_at: StartCommand, way: str) -> None:
    endpoint = "http://user:hunter2@127.0.0.1:1" + ("x" if way == "broken" else "")
    arguments = () if way == "environment" else ("--endpoint-url", endpoint)
    done = start_at("run", *TARGET, *arguments, environ={"AWS_ENDPOINT_URL": endpoint}).end()
    assert done.exit_code == 2
    assert "http://***@127.0.0.1" in done.complaint[0]
    assert "hunter2" not in done.stdout + done.stderr
