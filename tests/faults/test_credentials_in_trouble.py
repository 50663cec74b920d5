"""Credentials that expire, are refreshed, are taken away or may not do something, all in the middle of a run."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.journal import RunOutcome
from tests.faults.conftest import TARGET, WATCHED, StartCommand

Faults = Callable[..., None]
LONG = ("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 600)

pytestmark = pytest.mark.usefixtures("no_jobs_left")


@pytest.mark.parametrize(
    ("fault", "operations", "words", "remedy"),
    [
        ("expired", ("*",), "ExpiredTokenException", "aws sso login"),
        ("denied", ("DescribeJobs", "ListJobs"), "DescribeJobs", "IAM policy"),
    ],
)
def test_what_ends_in_the_middle_keeps_what_was_seen(
    start_at: StartCommand,
    faults: Faults,
    until_running: Callable[[int], list[str]],
    fault: str,
    operations: tuple[str, ...],
    words: str,
    remedy: str,
) -> None:
    running = start_at(*LONG)
    until_running(2)
    faults(requests=[{"fault": fault, "operation": operation} for operation in operations])
    done = running.end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert words in error
    assert remedy in hint
    assert done.result.outcome is RunOutcome.FAILED
    assert "2 jobs of concurrent-test-" in done.stderr, "what goes on is named"


def test_a_listing_that_is_denied_is_done_without(start_at: StartCommand, faults: Faults) -> None:
    faults(requests=[{"fault": "denied", "operation": "ListJobs"}])
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 1).end()
    assert done.exit_code == 0, done.stderr
    assert {job.status for job in done.result.jobs} == {"SUCCEEDED"}


def test_a_submission_that_is_denied_in_the_middle_ends_the_run(start_at: StartCommand, faults: Faults) -> None:
    faults(requests=[{"fault": "denied", "operation": "SubmitJob", "skip": 2}])
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 20, "--max-workers", 1, "--countdown", 0).end()
    assert done.exit_code == 1
    error, _ = done.complaint
    assert "SubmitJob" in error
    assert sum(job.is_accepted for job in done.result.jobs) == 2


def keys_of(server: Any) -> tuple[Any, dict[str, str]]:
    """A user's new key."""
    iam = server.client("iam")
    key = iam.create_access_key(UserName="measurer")["AccessKey"]
    return iam, {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}


@pytest.fixture
def user(server: Any) -> None:
    iam = server.client("iam")
    if "measurer" not in [user["UserName"] for user in iam.list_users()["Users"]]:
        iam.create_user(UserName="measurer")


@pytest.mark.usefixtures("user")
def test_a_key_that_is_deleted_in_the_middle_is_rejected(
    server: Any, start_at: StartCommand, until_running: Callable[[int], list[str]]
) -> None:
    iam, key = keys_of(server)
    environ = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    running = start_at(*LONG, environ=environ)
    until_running(2)
    iam.delete_access_key(UserName="measurer", AccessKeyId=key["AccessKeyId"])
    done = running.end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert "UnrecognizedClientException" in error
    assert "renew them" in hint


@pytest.mark.usefixtures("user")
def test_credentials_that_are_refreshed_in_the_middle_are_taken_up(
    server: Any, start_at: StartCommand, until_running: Callable[[int], list[str]], tmp_path: Path
) -> None:
    iam, first = keys_of(server)
    _, second = keys_of(server)
    # Always about to expire: botocore asks for them anew before each request.
    (tmp_path / "current.json").write_text(json.dumps(first))
    (tmp_path / "issue.py").write_text(
        textwrap.dedent(
            f"""
            import json, pathlib, time
            folder = pathlib.Path({str(tmp_path)!r})
            key = json.loads((folder / "current.json").read_text())
            with (folder / "issued").open("a") as log:
                log.write(key["AccessKeyId"] + "\\n")
            soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300))
            print(json.dumps({{"Version": 1, "Expiration": soon, **key}}))
            """
        )
    )
    (tmp_path / "config").write_text(
        f"[profile issued]\ncredential_process = {sys.executable} {tmp_path / 'issue.py'}\n"
    )
    environ = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    arguments = ("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 8, "--profile", "issued")
    running = start_at(*arguments, environ=environ)
    until_running(2)
    (tmp_path / "current.json.new").write_text(json.dumps(second))
    (tmp_path / "current.json.new").replace(tmp_path / "current.json")
    issued = tmp_path / "issued"
    # Twice: whatever was signed with the first key has been answered by then.
    server.until(lambda: issued.read_text().splitlines().count(second["AccessKeyId"]) >= 2 or None)
    iam.delete_access_key(UserName="measurer", AccessKeyId=first["AccessKeyId"])
    done = running.end()
    iam.delete_access_key(UserName="measurer", AccessKeyId=second["AccessKeyId"])
    assert done.exit_code == 0, done.stderr
    assert {job.status for job in done.result.jobs} == {"SUCCEEDED"}


def in_seconds(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def test_credentials_that_reach_their_known_end_keep_what_was_seen(
    start_at: StartCommand, until_running: Callable[[int], list[str]]
) -> None:
    environ = {"AWS_CREDENTIAL_EXPIRATION": in_seconds(12)}
    running = start_at(*LONG, environ=environ)
    until_running(2)
    done = running.end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert "end of their time" in error
    assert "aws sso login" in hint
    assert done.result.outcome is RunOutcome.FAILED
    assert {job.status for job in done.result.jobs} == {"RUNNING"}
    assert "2 jobs of concurrent-test-" in done.stderr, "what goes on is named"
    assert "batchgauge cleanup --run-id concurrent-test-" in done.stderr


@pytest.mark.parametrize(
    "command",
    [LONG, (*LONG, "--dry-run"), ("cleanup", "--run-id", "concurrent-test-20261122T101500-x7k2")],
    ids=["run", "dry-run", "cleanup"],
)
def test_credentials_that_have_ended_already_start_nothing(start_at: StartCommand, command: tuple[object, ...]) -> None:
    done = start_at(*command, environ={"AWS_CREDENTIAL_EXPIRATION": in_seconds(-60)}).end()
    assert done.exit_code == 1
    assert "end of their time" in done.complaint[0]
    assert not list(done.folder.glob("test-results/runs/*"))


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("import sys; sys.exit('broken: secret=AKIAIOSFODNN7EXAMPLE')", "CredentialRetrievalError"),
        ("print('this is no JSON')", "JSONDecodeError"),
        ("print(json.dumps({**keys, 'Expiration': '2020-01-01T00:00:00Z'}))", "end of their time"),
    ],
    ids=["fails", "prints no JSON", "hands out what has expired"],
)
def test_a_credential_process_that_fails_in_the_middle_is_said_in_our_words_only(
    server: Any,
    start_at: StartCommand,
    until_running: Callable[[int], list[str]],
    tmp_path: Path,
    then: str,
    words: str,
) -> None:
    keys = {
        "Version": 1,
        "AccessKeyId": server.announced["accessKeyId"],
        "SecretAccessKey": server.announced["secretAccessKey"],
        "Expiration": in_seconds(300),
    }
    issue = tmp_path / "issue.py"
    issue.write_text(f"import json\nkeys = {keys!r}\nprint(json.dumps(keys))\n")
    (tmp_path / "config").write_text(f"[profile issued]\ncredential_process = {sys.executable} {issue}\n")
    environ = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    running = start_at(*LONG, "--profile", "issued", environ=environ)
    until_running(2)
    (tmp_path / "issue.new").write_text(f"import json\nkeys = {keys!r}\n{then}\n")
    (tmp_path / "issue.new").replace(issue)
    done = running.end()
    assert done.exit_code == 1, done.stderr
    error, _ = done.complaint
    assert words in error
    assert "AKIAIOSFODNN7EXAMPLE" not in done.stderr
    assert "Refreshing temporary credentials" not in done.stderr, "nobody speaks but us"
    assert done.result.outcome is RunOutcome.FAILED
    assert "2 jobs of concurrent-test-" in done.stderr, "what goes on is named"
