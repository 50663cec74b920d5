"""What stands before a measurement: the plan, limits, questions, others' jobs, credentials that end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.result.run_result import RunResult, from_document
from batchgauge.core.result.validity import Doubt
from tests.cli.conftest import Command
from tests.cli.plain_aws import plain_aws
from tests.cli.terminal import at_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals are POSIX's")

QUEUE = "windows-batch-queue"
RUN = ("run", "--job-queue", QUEUE, "--job-definition", "windows-countdown-job", "--countdown", "1")
WATCHED = (*RUN, "--num-jobs", "2", "--monitor", "--monitor-interval", "0.2")
DEAR = (*WATCHED, "--assumed-run", "100h")
OF_UNKNOWN_LENGTH = (*RUN[:5], "--num-jobs", "2", "--command", "countdown 1")


@pytest.fixture(scope="module")
def plain(server: Any) -> Iterator[str]:
    """The module's server, taken for AWS."""
    with plain_aws(server.endpoint) as endpoint:
        yield endpoint


@pytest.fixture
def environ(server: Any, plain: str) -> dict[str, str]:
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}
    return {**pointing, "AWS_ENDPOINT_URL": plain}


def names(server: Any) -> set[str]:
    """Of all jobs that the queue knows, alive or not."""
    batch = server.client("batch")
    found: set[str] = set()
    for status in ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"):
        page = batch.list_jobs(jobQueue=QUEUE, jobStatus=status)
        found.update(job["jobName"] for job in page["jobSummaryList"])
    return found


def result_in(folder: Path) -> RunResult:
    [document] = folder.glob("test-results/runs/*/result.json")
    return from_document(document.read_bytes())


@pytest.fixture
def foreign(server: Any) -> Iterator[str]:
    """A job of somebody else's that runs."""
    job = server.submit(parameters={"countdownSeconds": "600"})
    batch = server.patient_batch
    server.until(lambda: True if batch.describe_jobs(jobs=[job])["jobs"][0]["status"] == "RUNNING" else None)
    yield job
    batch.terminate_job(jobId=job, reason="over")
    server.finished_job(job)


def test_a_dry_run_prints_what_would_happen_and_starts_and_writes_nothing(
    server: Any, batchgauge: Command, environ: dict[str, str], tmp_path: Path
) -> None:
    before = names(server)
    planned = batchgauge(*WATCHED, "--num-jobs", "40", "--dry-run", environ=environ)
    assert planned.returncode == 0, planned.stderr
    assert "jobs: 40 (levels 40) in 40 submissions" in planned.stdout
    assert "16 vCPUs, 16 jobs at once; rounds by level: 3" in planned.stdout
    assert "SubmitJob 40" in planned.stdout
    assert "USD" in planned.stdout
    assert "provisional Fargate prices of 2026-07 (shipped table) for WINDOWS in us-west-2" in planned.stdout
    assert names(server) == before
    assert not (tmp_path / "test-results").exists()


def test_the_plan_is_to_be_had_as_json(batchgauge: Command, environ: dict[str, str]) -> None:
    planned = batchgauge(*WATCHED, "--dry-run", "--json", environ=environ)
    plan = json.loads(planned.stdout)["plan"]
    assert plan["jobs"] == 2
    assert plan["cost"]["currency"] == "USD"
    assert plan["maxVcpus"] == 16


def test_a_sweep_that_is_only_planned_leaves_an_earlier_one_alone(
    batchgauge: Command, environ: dict[str, str], tmp_path: Path
) -> None:
    earlier = tmp_path / "test-results" / "test-case-1-baseline.json"
    earlier.parent.mkdir()
    earlier.write_text("{}")
    planned = batchgauge("sweep", *RUN[1:], "--levels", "2,5", "--force", "--dry-run", environ=environ)
    assert planned.returncode == 0, planned.stderr
    assert "jobs: 7 (levels 2, 5)" in planned.stdout
    refused = batchgauge("sweep", *RUN[1:], "--levels", "2,5", "--force", "--max-jobs", "6", environ=environ)
    assert refused.returncode == 2
    assert earlier.exists()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--max-jobs", "1"), "2 jobs are more than --max-jobs 1"),
        (("--max-cost", "0.001"), "more than --max-cost 0.001"),
        (("--max-cost", "-1"), "--max-cost cannot be"),
        (("--max-jobs", "0"), "--max-jobs cannot be"),
    ],
)
def test_a_guard_that_refuses_ends_with_2_and_starts_nothing(
    server: Any, batchgauge: Command, environ: dict[str, str], flags: tuple[str, ...], said: str
) -> None:
    before = names(server)
    refused = batchgauge(*RUN, "--num-jobs", "2", *flags, environ=environ)
    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr
    assert "hint:" in refused.stderr
    assert names(server) == before


def test_a_cost_that_nobody_knows_is_not_taken_to_be_within_the_limit(
    batchgauge: Command, environ: dict[str, str]
) -> None:
    refused = batchgauge(*OF_UNKNOWN_LENGTH, "--max-cost", "1", environ=environ)
    assert refused.returncode == 2
    assert "it is not known how long a job runs" in refused.stderr
    assert (
        batchgauge(
            *OF_UNKNOWN_LENGTH, "--max-cost", "1", "--assumed-run", "1s", "--dry-run", environ=environ
        ).returncode
        == 0
    )


def test_what_is_within_the_limits_starts(batchgauge: Command, environ: dict[str, str], tmp_path: Path) -> None:
    done = batchgauge(*WATCHED, "--max-jobs", "2", "--max-cost", "1", environ=environ)
    assert done.returncode == 0, done.stderr
    shared = result_in(tmp_path).shared_queue
    assert shared is not None
    assert shared.was_empty
    assert shared.before == 0


def test_a_region_without_prices_is_said_and_not_guessed(batchgauge: Command, environ: dict[str, str]) -> None:
    elsewhere = {**environ, "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    planned = batchgauge(*WATCHED, "--dry-run", environ=elsewhere)
    assert "cost: not known: the table of 2026-07 has no price for WINDOWS in eu-west-1" in planned.stdout
    refused = batchgauge(*WATCHED, "--dry-run", "--max-cost", "5", environ=elsewhere)
    assert refused.returncode == 2


def test_the_billing_minimum_is_a_setting(batchgauge: Command, environ: dict[str, str]) -> None:
    longer = batchgauge(*WATCHED, "--dry-run", "--json", "--billing-minimum", "1h", environ=environ)
    cost = json.loads(longer.stdout)["plan"]["cost"]
    assert cost["billingMinimumS"] == 3600
    assert cost["amount"][0] == cost["amount"][1]


def test_what_is_large_is_refused_where_nobody_can_be_asked(
    server: Any, batchgauge: Command, environ: dict[str, str]
) -> None:
    before = names(server)
    refused = batchgauge(*DEAR, environ=environ)
    assert refused.returncode == 2
    assert "somebody must say yes" in refused.stderr
    assert names(server) == before
    assert batchgauge(*DEAR, "--yes", environ=environ).returncode == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\x04", 2)])
def test_what_is_large_is_asked_about_at_a_terminal(
    environ: dict[str, str], bare_environment: dict[str, str], tmp_path: Path, answer: str, code: int
) -> None:
    with at_terminal(DEAR, tmp_path, {**bare_environment, **environ}) as seen:
        seen.until_said("2 jobs are about to be started")
        seen.type(answer)
        assert seen.ended() == code, seen.said
    assert (tmp_path / "test-results" / "runs").exists() == (code == 0)


def test_ctrl_c_at_the_question_starts_nothing(
    environ: dict[str, str], bare_environment: dict[str, str], tmp_path: Path
) -> None:
    with at_terminal(DEAR, tmp_path, {**bare_environment, **environ}) as seen:
        seen.until_said("2 jobs are about to be started")
        seen.interrupt()
        assert seen.ended() == 130, seen.said
    assert not (tmp_path / "test-results" / "runs").exists()


@pytest.mark.usefixtures("foreign")
def test_a_queue_that_others_use_is_refused_where_nobody_can_be_asked(
    server: Any, batchgauge: Command, environ: dict[str, str]
) -> None:
    before = names(server)
    refused = batchgauge(*WATCHED, environ=environ)
    assert refused.returncode == 2
    assert "the queue holds jobs of others" in refused.stderr
    assert names(server) == before


@pytest.mark.usefixtures("foreign")
def test_a_queue_that_others_use_is_asked_about_at_a_terminal(
    environ: dict[str, str], bare_environment: dict[str, str], tmp_path: Path
) -> None:
    with at_terminal(WATCHED, tmp_path, {**bare_environment, **environ}) as seen:
        seen.until_said("1 (RUNNING 1)")
        seen.type("n\n")
        assert seen.ended() == 2, seen.said
    assert not (tmp_path / "test-results" / "runs").exists()


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("flag", [("--shared-queue", "ok"), ("--yes",)])
def test_where_it_is_known_the_result_says_what_others_had_and_is_suspect(
    batchgauge: Command, environ: dict[str, str], tmp_path: Path, flag: tuple[str, ...]
) -> None:
    done = batchgauge(*WATCHED, *flag, environ=environ)
    assert done.returncode == 0, done.stderr
    assert "holds jobs of others that have not ended: 1 (RUNNING 1)" in done.stderr
    result = result_in(tmp_path)
    assert result.shared_queue is not None
    assert (result.shared_queue.before, result.shared_queue.states) == (1, {"RUNNING": 1})
    assert result.validity is not None
    assert Doubt.SHARED_QUEUE in {finding.doubt for finding in result.validity.findings}
    # What it cost is known afterwards, too: two Windows tasks, each billed for the least that one is.
    cost = result.levels[0].cost
    assert cost is not None
    assert cost.amount is not None
    assert cost.amount.earliest == pytest.approx(2 * (0.046552 + 0.046 + 2 * 0.0051117) * 300 / 3600, abs=1e-5)
    assert cost.is_provisional


@pytest.mark.usefixtures("foreign")
def test_on_an_embedded_aws_nobody_is_asked(at_server: Command, tmp_path: Path) -> None:
    done = at_server(*WATCHED, "--assumed-run", "1000h")
    assert done.returncode == 0, done.stderr
    shared = result_in(tmp_path).shared_queue
    assert shared is not None
    assert shared.most == 1


def test_credentials_that_end_before_the_run_does_are_named(batchgauge: Command, environ: dict[str, str]) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=40)
    ending = {**environ, "AWS_SESSION_TOKEN": "token", "AWS_CREDENTIAL_EXPIRATION": soon.isoformat()}
    short = batchgauge(*WATCHED, "--dry-run", environ=ending)
    assert "credentials expire" not in short.stderr
    long = batchgauge(*WATCHED, "--dry-run", "--assumed-run", "2h", environ=ending)
    assert "the credentials expire in" in long.stderr
    assert "renew them first" in long.stderr
    unknown = batchgauge(*OF_UNKNOWN_LENGTH, "--dry-run", environ=ending)
    assert "the credentials expire in" in unknown.stderr
    assert "how long the measurement takes is not known" in unknown.stderr
    assert "expected duration: not known, since nobody said how long a job runs" in unknown.stdout
    assert "not recorded" not in unknown.stdout + unknown.stderr


def test_a_deadline_that_is_shorter_than_the_plan_is_named(batchgauge: Command, environ: dict[str, str]) -> None:
    short = batchgauge(*WATCHED, "--dry-run", "--assumed-run", "2h", "--deadline", "1h", environ=environ)
    assert "warning: the deadline (60.0 min) comes before the end that the plan expects (12" in short.stderr
    enough = batchgauge(*WATCHED, "--dry-run", "--assumed-run", "2h", "--deadline", "8h", environ=environ)
    assert "deadline" not in enough.stderr
    japanese = batchgauge(
        *WATCHED, "--dry-run", "--assumed-run", "2h", "--deadline", "1h", "--lang", "ja", environ=environ
    )
    assert "期限 (" in japanese.stderr
