"""snakemake with its aws-batch executor plugin, as their authors publish them: sources, inputs and outputs travel through S3."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]

QUEUE = "instances"
SNAKEFILE = """
rule total:
    input: expand("squares-{part}.txt", part=[0, 1, 2])
    output: "total.txt"
    run:
        with open(output[0], "w") as file:
            file.write(str(sum(int(open(name).read()) for name in input)))

rule squares:
    input: "numbers-{part}.txt"
    output: "squares-{part}.txt"
    shell: "awk '{{ total += $1 * $1 }} END {{ printf \\"%d\\", total }}' {input} > {output}"

rule broken:
    output: "never.txt"
    shell: "exit 3"
"""


@pytest.fixture
def snakemake(install: Callable[..., Any]) -> Any:
    return install(
        "snakemake", "snakemake>=9", "snakemake-executor-plugin-aws-batch>=0.2", "snakemake-storage-plugin-s3>=0.3"
    )


@pytest.fixture
def project(
    snakemake: Any, start_server: Callable[..., Any], instances_queue: Callable[[Any], str], tmp_path: Path
) -> Any:
    """A server whose jobs have snakemake, a bucket, and a workflow in `tmp_path`."""
    server = start_server(environment=snakemake.as_image)
    instances_queue(server)
    server.client("s3").create_bucket(
        Bucket="snakemake", CreateBucketConfiguration={"LocationConstraint": server.announced["region"]}
    )
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    return server


def arguments(server: Any, target: str) -> tuple[str, ...]:
    prefix = f"arn:aws:batch:{server.announced['region']}:{server.announced['accountId']}"
    return (
        *("--executor", "aws-batch", "--jobs", "4", "--container-image", "snakemake"),
        *("--aws-batch-region", server.announced["region"], "--aws-batch-job-queue", f"{prefix}:job-queue/{QUEUE}"),
        *("--aws-batch-job-role", "arn:aws:iam::123456789012:role/BatchJobRole"),
        *("--default-storage-provider", "s3", "--default-storage-prefix", "s3://snakemake/run"),
        target,
    )


def test_rules_compute_on_batch(snakemake: Any, project: Any, tmp_path: Path) -> None:
    s3, batch = project.client("s3"), project.client("batch")
    for part in range(3):
        numbers = range(part * 100, part * 100 + 100)
        s3.put_object(Bucket="snakemake", Key=f"run/numbers-{part}.txt", Body="\n".join(map(str, numbers)) + "\n")
    said = snakemake.run(project, tmp_path, "snakemake", *arguments(project, "total"))
    total = s3.get_object(Bucket="snakemake", Key="run/total.txt")["Body"].read().decode()
    assert int(total) == sum(number * number for number in range(300)), said
    done = batch.list_jobs(jobQueue=QUEUE, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert sorted(job["jobName"].split("-")[1] for job in done) == ["squares", "squares", "squares", "total"]
    definitions = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    # It tidies up after itself.
    assert not [known for known in definitions if known["jobDefinitionName"].startswith("snakejob-")]


def test_a_rule_that_fails_is_told_with_its_exit_code(snakemake: Any, project: Any, tmp_path: Path) -> None:
    said = snakemake.run(project, tmp_path, "snakemake", *arguments(project, "broken"), exit_code=1)
    assert "AWS Batch job failed. Code: 1, Msg: Essential container in task exited" in said
    [job] = project.client("batch").list_jobs(jobQueue=QUEUE, jobStatus="FAILED")["jobSummaryList"]
    assert job["container"]["exitCode"] == 1
