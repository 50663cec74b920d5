"""Every command line that the specification prints for Linux, run as printed in a shell against the embedded AWS.

Apart from what only the reader can know: names that the specification leaves open, and what it says to install.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

PREREQUISITES = (
    "python3 --version",
    "aws configure list",
    "pip3 install boto3",
    "pip3 install matplotlib pandas",
)
QUICK_SETUP = (
    "cd batch/",
    "./setup.sh",
    "export AWS_REGION=us-west-2",
    "./create-job-definition.sh",
)
JOB_DEFINITION = (
    "export AWS_REGION=us-west-2",
    "./create-job-definition.sh",
)
CONFIRMATION = (
    "aws batch describe-job-queues --region us-west-2",
    "aws batch describe-job-definitions --job-definition-name windows-countdown-job --region us-west-2",
)
QUICK_START = (
    "./setup.sh",
    "python3 concurrent-job-launcher.py --job-queue YOUR_JOB_QUEUE_NAME --job-definition windows-countdown-job"
    " --num-jobs 3 --countdown 30 --monitor",
)
BASIC_USE = (
    "python3 concurrent-job-launcher.py --job-queue YOUR_JOB_QUEUE_NAME --job-definition windows-countdown-job"
    " --num-jobs 5 --countdown 30 --monitor",
)
SCENARIOS = (
    "export JOB_QUEUE=your-windows-batch-queue",
    "export JOB_DEFINITION=windows-countdown-job",
    "./run-concurrency-tests.sh",
    './run-concurrency-tests.sh --job-queue "your-queue" --job-definition "windows-countdown-job"',
)
ANALYSIS = (
    "python3 analyze-test-results.py test-results/",
    "python analyze-test-results.py test-results\\",  # for Windows, as the comment above it says
)
SUBMISSION_FAILED = (
    "aws iam get-role --role-name BatchJobRole",
    "aws batch describe-job-queues --job-queues YOUR_QUEUE_NAME",
)
CONTAINER_FAILED = (
    "aws batch describe-compute-environments",
    "aws ecr describe-images --repository-name your-windows-repo",
)
JOB_PENDING = ("aws batch describe-compute-environments --compute-environments YOUR_COMPUTE_ENV",)
LOGS = (
    'aws logs describe-log-streams --log-group-name "/aws/batch/windows-jobs"',
    'aws logs get-log-events --log-group-name "/aws/batch/windows-jobs"'
    ' --log-stream-name "windows-countdown-job/default/JOB_ID"',
)
ALL = [
    PREREQUISITES,
    QUICK_SETUP,
    JOB_DEFINITION,
    CONFIRMATION,
    QUICK_START,
    BASIC_USE,
    SCENARIOS,
    ANALYSIS,
    SUBMISSION_FAILED,
    CONTAINER_FAILED,
    JOB_PENDING,
    LOGS,
]
LEFT_OPEN = {
    "YOUR_JOB_QUEUE_NAME": "windows-batch-queue",
    "YOUR_QUEUE_NAME": "windows-batch-queue",
    "your-windows-batch-queue": "windows-batch-queue",
    "your-queue": "windows-batch-queue",
    "YOUR_COMPUTE_ENV": "windows-batch-environment",
}
LEVEL_FILES = (
    "test-case-1-baseline.json",
    "test-case-2-medium.json",
    "test-case-3-high.json",
    "test-case-4-very-high.json",
)
PNG = b"\x89PNG\r\n\x1a\n"


def filled(lines: Sequence[str], **more: str) -> list[str]:
    names = {**LEFT_OPEN, **more}
    open_names = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    return [open_names.sub(lambda found: names[found[0]], line) for line in lines]


def documents_in(text: str) -> list[Any]:
    """The JSON documents that the AWS CLI has printed one after the other."""
    decoder, documents = json.JSONDecoder(), []
    text = text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        documents.append(document)
        text = text[end:].lstrip()
    return documents


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lines_here_are_the_specifications(chapters: Callable[[str], list[Any]]) -> None:
    """Nothing of it is forgotten, and nothing of it is changed."""
    assert [chapter.lines for chapter in chapters("bash")] == ALL


@pytest.mark.usefixtures("aws_cli")
def test_the_prerequisites_can_be_looked_at(shell: Any, project: Any) -> None:
    said = succeeded(shell.bash(project.root, *[line for line in PREREQUISITES if not line.startswith("pip3 install")]))
    assert "access_key" in said


def test_the_quick_setup_registers_the_job_definition(shell: Any, project: Any, server: Any) -> None:
    before = newest_revision(server)
    succeeded(shell.bash(project.root, *QUICK_SETUP))
    assert newest_revision(server) == before + 1


def test_the_job_definition_is_registered_again(shell: Any, project: Any, server: Any) -> None:
    before = newest_revision(server)
    said = succeeded(shell.bash(project.batch, *JOB_DEFINITION))
    assert f"windows-countdown-job:{before + 1}" in said


def newest_revision(server: Any) -> int:
    answer = server.client("batch").describe_job_definitions(jobDefinitionName="windows-countdown-job", status="ACTIVE")
    return max(int(definition["revision"]) for definition in answer["jobDefinitions"])


@pytest.mark.usefixtures("aws_cli")
def test_the_resources_can_be_looked_at(shell: Any, project: Any) -> None:
    queues, definitions = documents_in(succeeded(shell.bash(project.batch, *CONFIRMATION)))
    assert "windows-batch-queue" in [queue["jobQueueName"] for queue in queues["jobQueues"]]
    assert {entry["jobDefinitionName"] for entry in definitions["jobDefinitions"]} == {"windows-countdown-job"}


def test_jobs_are_started_at_once_and_watched_to_their_end(shell: Any, make_project: Callable[..., Any]) -> None:
    """Two readers at the same time, who both wait 30 seconds."""
    projects = {3: make_project("three"), 5: make_project("five")}
    with ThreadPoolExecutor() as readers:
        three = readers.submit(shell.bash, projects[3].batch, *filled(QUICK_START))
        five = readers.submit(shell.bash, projects[5].batch, *filled(BASIC_USE))
    for num_jobs, done in ((3, three.result()), (5, five.result())):
        assert_are_watched(projects[num_jobs], num_jobs, succeeded(done))


def assert_are_watched(project: Any, num_jobs: int, said: str) -> None:
    assert "SUCCEEDED" in said or f"{num_jobs}" in said
    [path] = (project.batch / "test-results").glob("runs/*/result.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["totalJobs"], document["successfulJobs"], document["failedJobs"]) == (num_jobs, num_jobs, 0)
    assert {job["status"] for job in document["jobs"]} == {"SUCCEEDED"}
    assert {job["countdownSeconds"] for job in document["jobs"]} == {30}


SCENARIOS_BY_ENVIRONMENT, SCENARIOS_BY_FLAGS = SCENARIOS[:3], SCENARIOS[3:]
"""They are alternatives ("または"), so each has a project of its own."""


@pytest.mark.parametrize("lines", [SCENARIOS_BY_ENVIRONMENT, SCENARIOS_BY_FLAGS], ids=["environment", "flags"])
def test_the_scenarios_run_level_by_level(lines: Sequence[str], shell: Any, project: Any) -> None:
    """Shortened by two flags behind the line; scripts/acceptance runs it as it is printed."""
    *exports, sweep = filled(lines)
    succeeded(shell.bash(project.batch, *exports, f"{sweep} --countdown 1 --pause 0 --monitor-interval 0.5"))
    assert_is_swept(project.batch / "test-results", countdown_s=1)


@pytest.mark.acceptance
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lines", [SCENARIOS_BY_ENVIRONMENT, SCENARIOS_BY_FLAGS], ids=["environment", "flags"])
def test_the_scenarios_run_as_printed(lines: Sequence[str], shell: Any, project: Any) -> None:
    succeeded(shell.bash(project.batch, *filled(lines), limit_s=590))
    assert_is_swept(project.batch / "test-results", countdown_s=30)


def assert_is_swept(results: Path, countdown_s: int) -> None:
    for level, name in zip((2, 5, 10, 20), LEVEL_FILES, strict=True):
        document = json.loads((results / name).read_text(encoding="utf-8"))
        assert (document["totalJobs"], document["successfulJobs"]) == (level, level)
        assert {job["countdownSeconds"] for job in document["jobs"]} == {countdown_s}
    assert_is_analysed(results)


def assert_is_analysed(results: Path) -> None:
    assert (results / "performance-report.md").read_text(encoding="utf-8").startswith("#")
    assert (results / "performance-charts.png").read_bytes().startswith(PNG)


def test_results_of_the_specifications_own_shape_are_analysed(shell: Any, project: Any, result_example: str) -> None:
    results = project.batch / "test-results"
    results.mkdir()
    (results / "test-case-3-high.json").write_text(result_example, encoding="utf-8")
    succeeded(shell.bash(project.batch, *[line for line in ANALYSIS if line.startswith("python3 ")]))
    assert_is_analysed(results)


@pytest.mark.usefixtures("aws_cli")
def test_the_commands_for_trouble_find_what_they_look_for(shell: Any, project: Any) -> None:
    lines = filled([*SUBMISSION_FAILED, *CONTAINER_FAILED, *JOB_PENDING])
    role, queues, environments, images, environment = documents_in(succeeded(shell.bash(project.batch, *lines)))
    assert role["Role"]["RoleName"] == "BatchJobRole"
    assert [queue["status"] for queue in queues["jobQueues"]] == ["VALID"]
    assert environment["computeEnvironments"] == environments["computeEnvironments"]
    assert images["imageDetails"]


@pytest.mark.usefixtures("aws_cli")
def test_a_jobs_log_is_found(shell: Any, project: Any, server: Any) -> None:
    job = server.finished_job(server.submit("windows-countdown-job", parameters={"countdownSeconds": "0"}))
    name, _, task = job["container"]["logStreamName"].rpartition("/")
    assert name == "windows-countdown-job/default"
    streams, events = documents_in(succeeded(shell.bash(project.batch, *filled(LOGS, JOB_ID=task))))
    assert job["container"]["logStreamName"] in [stream["logStreamName"] for stream in streams["logStreams"]]
    assert events["events"]
