"""redun with its AWS Batch executor, as its authors publish it: tasks, arguments and results travel through S3."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1200)]

CONFIGURATION = """
[backend]
db_uri = sqlite:///redun.db

[executors.batch]
type = aws_batch
image = redun
queue = {queue}
s3_scratch = s3://redun/scratch
role = arn:aws:iam::123456789012:role/BatchJobRole
aws_region = us-west-2
vcpus = 1
memory = 2
job_monitor_interval = 0.5
job_stale_time = 1
min_array_size = 3
"""
WORKFLOW = """
import os
from redun import File, script, task

redun_namespace = "acceptance"


@task(executor="batch")
def square(number: int) -> dict:
    return {"square": number * number, "job": os.environ["AWS_BATCH_JOB_ID"]}


@task(executor="batch")
def add_up(squares: list) -> dict:
    return {"total": sum(one["square"] for one in squares), "jobs": sorted(one["job"] for one in squares)}


@task()
def main() -> dict:
    return add_up([square(number) for number in range(8)])


@task()
def by_script() -> File:
    numbers, total = File("s3://redun/numbers"), File("s3://redun/total")
    numbers.write("\\n".join(str(number) for number in range(100)) + "\\n")
    return script(
        "awk '{ total += $1 } END { print total }' numbers > total",
        executor="batch",
        inputs=[numbers.stage("numbers")],
        outputs=total.stage("total"),
    )


@task(executor="batch")
def divide(number: int) -> float:
    return 1 / number
"""


@pytest.fixture
def redun(install: Callable[..., Any]) -> Any:
    return install("redun", "redun>=0.20")


@pytest.fixture
def project(redun: Any, start_server: Callable[..., Any], instances_queue: Callable[[Any], str], tmp_path: Path) -> Any:
    """A server whose jobs have redun, and a project of redun's in `tmp_path`."""
    server = start_server(environment=redun.as_image)
    server.client("s3").create_bucket(
        Bucket="redun", CreateBucketConfiguration={"LocationConstraint": server.announced["region"]}
    )
    (tmp_path / ".redun").mkdir()
    (tmp_path / ".redun" / "redun.ini").write_text(CONFIGURATION.format(queue=instances_queue(server)))
    (tmp_path / "workflow.py").write_text(WORKFLOW)
    return server


def test_an_array_of_tasks_computes_and_another_adds_up(redun: Any, project: Any, tmp_path: Path) -> None:
    said = redun.run(project, tmp_path, "redun", "run", "workflow.py", "main")
    assert f"'total': {sum(number * number for number in range(8))}" in said
    jobs = project.client("batch").list_jobs(jobQueue="instances", jobStatus="SUCCEEDED")["jobSummaryList"]
    [array] = [job for job in jobs if job.get("arrayProperties", {}).get("size") == 8]
    assert all(f"'{array['jobId']}:{index}'" in said for index in range(8))
    assert len(jobs) == 2


@pytest.mark.skipif(shutil.which("aws") is None, reason="needs the AWS CLI on PATH: redun's scripts copy files by it")
def test_a_script_reads_and_writes_files_on_s3(redun: Any, project: Any, tmp_path: Path) -> None:
    redun.run(project, tmp_path, "redun", "run", "workflow.py", "by_script")
    body = project.client("s3").get_object(Bucket="redun", Key="total")["Body"].read()
    assert int(body) == sum(range(100))


def test_an_exception_in_a_job_arrives(redun: Any, project: Any, tmp_path: Path) -> None:
    said = redun.run(project, tmp_path, "redun", "run", "workflow.py", "divide", "--number", "0", exit_code=1)
    assert "ZeroDivisionError: division by zero" in said
