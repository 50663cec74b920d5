"""snakemake with its aws-batch executor plugin, as their authors publish them: sources, inputs and outputs travel through S3."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]

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
"""


@pytest.fixture
def snakemake(install: Callable[..., Any]) -> Any:
    return install(
        "snakemake", "snakemake>=9", "snakemake-executor-plugin-aws-batch>=0.2", "snakemake-storage-plugin-s3>=0.3"
    )


def test_rules_compute_on_batch(
    snakemake: Any, start_server: Callable[..., Any], instances_queue: Callable[[Any], str], tmp_path: Path
) -> None:
    server = start_server(environment=snakemake.as_image)
    queue_arn = instances_queue(server)
    s3 = server.client("s3")
    s3.create_bucket(Bucket="snakemake", CreateBucketConfiguration={"LocationConstraint": server.announced["region"]})
    for part in range(3):
        numbers = range(part * 100, part * 100 + 100)
        s3.put_object(Bucket="snakemake", Key=f"run/numbers-{part}.txt", Body="\n".join(map(str, numbers)) + "\n")
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    said = snakemake.run(
        server,
        tmp_path,
        "snakemake",
        *("--executor", "aws-batch", "--jobs", "4", "--container-image", "snakemake"),
        *("--aws-batch-region", server.announced["region"], "--aws-batch-job-queue", queue_arn),
        *("--aws-batch-job-role", "arn:aws:iam::123456789012:role/BatchJobRole"),
        *("--default-storage-provider", "s3", "--default-storage-prefix", "s3://snakemake/run"),
        "total",
    )
    total = s3.get_object(Bucket="snakemake", Key="run/total.txt")["Body"].read().decode()
    assert int(total) == sum(number * number for number in range(300)), said
    batch = server.client("batch")
    done = batch.list_jobs(jobQueue=queue_arn, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert sorted(job["jobName"].split("-")[1] for job in done) == ["squares", "squares", "squares", "total"]
    # It tidies up after itself.
    assert not [known for known in batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
        if known["jobDefinitionName"].startswith("snakejob-")]  # fmt: skip
