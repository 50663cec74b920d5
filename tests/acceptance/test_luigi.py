"""luigi's BatchTask (luigi.contrib.batch), as its authors publish it: jobs compute, S3 carries, luigi adds up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1200)]

TASKS = """
import luigi
from luigi.contrib.batch import BatchTask
from luigi.contrib.s3 import S3Target


class SquaresOf(BatchTask):
    first = luigi.IntParameter()
    job_definition = "sum-of-squares"
    poll_time = 1

    @property
    def parameters(self):
        return {"first": str(self.first), "key": self.key}

    @property
    def key(self):
        return f"squares-{self.first}"

    def output(self):
        return S3Target(f"s3://luigi/{self.key}")


class Total(luigi.Task):
    def requires(self):
        return [SquaresOf(first=first) for first in (0, 100, 200)]

    def output(self):
        return luigi.LocalTarget("total")

    def run(self):
        total = 0
        for target in self.input():
            with target.open() as file:
                total += int(file.read())
        with self.output().open("w") as file:
            file.write(str(total))


class Failing(BatchTask):
    job_definition = "failing"
    poll_time = 1
"""
SUM_OF_SQUARES = """
import boto3, sys
first, key = int(sys.argv[1]), sys.argv[2]
total = sum(number * number for number in range(first, first + 100))
boto3.client("s3").put_object(Bucket="luigi", Key=key, Body=str(total))
"""


@pytest.fixture
def luigi(install: Callable[..., Any]) -> Any:
    return install("luigi", "luigi>=3.5", "boto3")


def define(server: Any, name: str, *command: str) -> None:
    needs = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    role = "arn:aws:iam::123456789012:role/BatchExecutionRole"
    server.client("batch").register_job_definition(
        jobDefinitionName=name,
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "python",
            "command": list(command),
            "executionRoleArn": role,
            "resourceRequirements": needs,
        },
    )


def test_tasks_compute_on_batch_and_luigi_adds_up(luigi: Any, start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(environment=luigi.as_image)
    server.client("s3").create_bucket(
        Bucket="luigi", CreateBucketConfiguration={"LocationConstraint": server.announced["region"]}
    )
    define(server, "sum-of-squares", "python", "-c", SUM_OF_SQUARES, "Ref::first", "Ref::key")
    (tmp_path / "tasks.py").write_text(TASKS)
    luigi.run(
        server, tmp_path, "python", "-m", "luigi", "--module", "tasks", "Total", "--local-scheduler", "--workers", "3"
    )
    assert int((tmp_path / "total").read_text()) == sum(number * number for number in range(300))
    done = server.client("batch").list_jobs(jobQueue="windows-batch-queue", jobStatus="SUCCEEDED")["jobSummaryList"]
    assert len(done) == 3


def test_luigi_says_what_a_failed_job_said(luigi: Any, start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(environment=luigi.as_image)
    define(server, "failing", "sh", "-c", "echo the reason is $((40 + 2)); exit 3")
    (tmp_path / "tasks.py").write_text(TASKS)
    arguments = ("-m", "luigi", "--module", "tasks", "Failing", "--local-scheduler", "--retcode-task-failed", "30")
    said = luigi.run(server, tmp_path, "python", *arguments, exit_code=30)
    assert "failed: the reason is 42" in said
    [job] = server.client("batch").list_jobs(jobQueue="windows-batch-queue", jobStatus="FAILED")["jobSummaryList"]
    assert job["container"]["exitCode"] == 3, json.dumps(job)
