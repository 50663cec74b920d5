"""From an account that holds nothing to a measurement and back: each command as a user types it, with the real AWS CLI beside them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.everything import everything

Command = Callable[..., subprocess.CompletedProcess[str]]
LEVELS = (2, 5, 10, 20)
MAX_VCPUS = 16
LIMIT_S = 60
pytestmark = pytest.mark.skipif(shutil.which("aws") is None, reason="needs the AWS CLI on PATH")


@dataclass(frozen=True)
class User:
    """Somebody with credentials, a folder, `batchgauge` and the AWS CLI."""

    at_server: Command
    server: Any
    folder: Path

    def batchgauge(self, *arguments: object, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
        done = self.at_server(*arguments)
        assert done.returncode == exit_code, f"{arguments}\n{done.stdout}{done.stderr}"
        return done

    def aws(self, *arguments: str) -> Any:
        """What the AWS CLI answers, where it answers in JSON."""
        done = subprocess.run(
            ["aws", *arguments, "--output", "json"],
            cwd=self.folder,
            env=self.server.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else None

    def document(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text(encoding="utf-8"))


@pytest.fixture
def user(at_server: Command, server: Any, tmp_path: Path) -> Iterator[User]:
    yield User(at_server, server, tmp_path)
    for name in everything(server)["stacks"]:  # of a test that failed
        server.client("cloudformation").delete_stack(StackName=name)


def by_deploy_up(user: User) -> dict[str, str]:
    made = user.batchgauge("deploy", "up", "--max-vcpus", MAX_VCPUS, "--yes", "--json")
    outputs: dict[str, str] = json.loads(made.stdout)["outputs"]
    return outputs


def by_the_aws_cli(user: User) -> dict[str, str]:
    """The printed template, deployed as somebody does who lets no other tool make things."""
    printed = user.batchgauge("deploy", "template", "--max-vcpus", MAX_VCPUS).stdout
    (user.folder / "batchgauge.yaml").write_text(printed, encoding="utf-8")
    user.aws("cloudformation", "validate-template", "--template-body", "file://batchgauge.yaml")
    named = ("--stack-name", "batchgauge", "--template-file", "batchgauge.yaml")
    user.aws("cloudformation", "deploy", *named, "--capabilities", "CAPABILITY_IAM")
    [stack] = user.aws("cloudformation", "describe-stacks", "--stack-name", "batchgauge")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def down_by_deploy(user: User) -> None:
    gone = user.batchgauge("deploy", "down", "--yes")
    assert "nothing is left" in gone.stderr


def down_by_the_aws_cli(user: User) -> None:
    """A stack that has neither jobs nor instances any more goes by CloudFormation alone."""
    user.aws("cloudformation", "delete-stack", "--stack-name", "batchgauge")
    user.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "batchgauge")


def checked(user: User, *target: str, exit_code: int = 0) -> dict[str, str]:
    """The lines of ``check`` that are not ok, by code."""
    done = user.batchgauge("check", *target, "--num-jobs", MAX_VCPUS, "--json", exit_code=exit_code)
    return {line["code"]: line["status"] for line in json.loads(done.stdout)["checks"] if line["status"] != "ok"}


def put_image(user: User, repository: str, tag: str) -> None:
    """There is no registry behind the embedded AWS's ECR: the seed's manifest under the stack's name."""
    named = ("--repository-name", "windows-countdown", "--image-ids", "imageTag=latest")
    [image] = user.aws("ecr", "batch-get-image", *named)["images"]
    (user.folder / "manifest.json").write_text(image["imageManifest"], encoding="utf-8")
    put = ("--repository-name", repository, "--image-tag", tag, "--image-manifest", "file://manifest.json")
    user.aws("ecr", "put-image", *put)


def sweep_and_report(user: User, *target: str) -> None:
    """Levels 2, 5, 10 and 20: the last does not fit at once."""
    quick = ("--countdown", 0, "--pause", 0, "--monitor-interval", 0.2, "--quiet", "--no-logs")
    user.batchgauge("sweep", *target, "--levels", ",".join(map(str, LEVELS)), *quick)
    documents = [user.document(str(path)) for path in sorted((user.folder / "test-results").glob("test-case-*.json"))]
    assert [(each["totalJobs"], each["successfulJobs"]) for each in documents] == [(level, level) for level in LEVELS]
    assert {job["status"] for each in documents for job in each["jobs"]} == {"SUCCEEDED"}
    user.batchgauge("analyze", "test-results", "--lang", "ja")
    report = (user.folder / "test-results" / "performance-report.md").read_text(encoding="utf-8")
    assert "maxvCpus" in report
    assert (user.folder / "test-results" / "report.html").stat().st_size > 0
    assert (user.folder / "test-results" / "performance-charts.png").stat().st_size > 0


def explain_a_failure(user: User, *target: str) -> None:
    """A job made to fail, by its exit code; followed by AWS's own events, whose rule and queue come and go with the run."""
    failing = ("--command", "countdown.exe 0 --exit-code 3", "--output", "failed.json", "--quiet", "--events")
    user.batchgauge("run", *target, "--num-jobs", 1, "--monitor", "--monitor-interval", 0.2, *failing, exit_code=3)
    [job] = user.document("failed.json")["jobs"]
    report = json.loads(user.batchgauge("explain", job["jobId"], "--json").stdout)
    assert report["job"]["causes"][0]["code"] == "program-failed"
    assert "countdown done" in report["job"]["lastLines"][-1]
    words = user.batchgauge("explain", job["jobName"]).stdout
    assert "known: The program itself ended with exit code 3." in words


def explain_a_wrong_image(user: User, queue: str, image: str) -> None:
    """What a first run meets most often: the name of an image that was never pushed."""
    [definition] = user.aws("batch", "describe-job-definitions", "--status", "ACTIVE")["jobDefinitions"][:1]
    container = {**definition["containerProperties"], "image": image}
    named = ("--job-definition-name", "unpushed", "--type", "container", "--platform-capabilities", "FARGATE")
    made = user.aws("batch", "register-job-definition", *named, "--container-properties", json.dumps(container))
    target = ("--job-queue", queue, "--job-definition", "unpushed")
    assert checked(user, *target, exit_code=1)["image-missing"] == "failed"
    refused = user.batchgauge("run", *target, "--num-jobs", 1, "--monitor", exit_code=1)
    assert "CannotPullContainerError" in refused.stderr
    given = ("--job-name", "unpushed", *target, "--parameters", "countdownSeconds=0")
    job = user.aws("batch", "submit-job", *given)
    assert user.server.finished_job(job["jobId"])["status"] == "FAILED"
    [cause] = json.loads(user.batchgauge("explain", job["jobId"], "--json").stdout)["job"]["causes"]
    assert cause["code"] == "image-not-found"
    user.aws("batch", "deregister-job-definition", "--job-definition", made["jobDefinitionArn"])


def alive(user: User) -> list[str]:
    """The ids of all jobs that the results folder knows of and AWS has not ended."""
    ids = [
        job["jobId"]
        for path in (user.folder / "test-results" / "runs").glob("*/*.json")
        for job in json.loads(path.read_text(encoding="utf-8")).get("jobs", [])
    ]
    assert len(ids) >= sum(LEVELS)
    found = user.aws("batch", "describe-jobs", "--jobs", *ids)["jobs"]
    return [job["jobId"] for job in found if job["status"] not in ("SUCCEEDED", "FAILED")]


@pytest.mark.parametrize(
    ("up", "down"),
    [
        pytest.param(by_deploy_up, down_by_deploy, id="deploy"),
        pytest.param(by_the_aws_cli, down_by_the_aws_cli, id="aws-cli", marks=pytest.mark.acceptance),
    ],
)
def test_from_nothing_to_a_measurement_and_back(
    up: Callable[[User], dict[str, str]], down: Callable[[User], None], user: User
) -> None:
    before = everything(user.server)
    made = up(user)
    queue, target = (
        made["JobQueue"],
        ("--job-queue", made["JobQueue"], "--job-definition", made["WindowsJobDefinition"]),
    )
    assert checked(user, *target, exit_code=1) == {"image-missing": "failed"}
    put_image(user, made["RepositoryName"], "windows-ltsc2022")
    assert checked(user, *target) == {}

    sweep_and_report(user, *target)
    explain_a_failure(user, *target)
    explain_a_wrong_image(user, queue, f"{made['RepositoryUri']}:never-pushed")

    assert alive(user) == []
    down(user)
    assert everything(user.server) == before
