"""The first run on AWS, and troubleshooting: their commands run against the embedded AWS, on jobs that have those troubles."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.cost.prices import read_price_table
from batchgauge.core.cost.standing_cost import job_cost
from tests.conftest import running_server
from tests.deploy.everything import everything

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
PAGES = ("first-run-on-aws", "troubleshooting")
LIMIT_S = 240
QUEUE, DEFINITION, ENVIRONMENT = "windows-batch-queue", "linux-countdown-job", "windows-batch-environment"
needs_aws_cli = pytest.mark.skipif(shutil.which("aws") is None, reason="needs the AWS CLI on PATH")

PASTED = """set -e
batchgauge() {
  arguments=()
  while [ $# -gt 0 ]; do
    case $1 in
      --countdown) arguments+=("$1" 0); shift 2 ;;
      --levels) arguments+=("$1" 2,3); shift 2 ;;
      *) arguments+=("$1"); shift ;;
    esac
  done
  case ${arguments[0]} in
    run) arguments+=(--monitor-interval 0.2 --quiet --no-logs) ;;
    sweep) arguments+=(--monitor-interval 0.2 --quiet --pause 0 --no-logs) ;;
  esac
  "$PYTHON" -P -m batchgauge "${arguments[@]}"
}
"""
"""Small levels, countdowns of nothing, and more looks than people need."""


def text(page: str) -> str:
    return (GUIDES / f"{page}.md").read_text(encoding="utf-8")


def sections(page: str) -> dict[str, list[str]]:
    """The command lines under each heading."""
    parts = re.split(r"^## (.*)$", text(page), flags=re.MULTILINE)[1:]
    return {
        heading: [line for block in re.findall(r"^```sh\n(.*?)^```$", part, re.M | re.S) for line in block.splitlines()]
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
    }


def pasted(lines: list[str], environment: dict[str, str], folder: Path) -> str:
    """The lines in one shell, as a reader pastes them; what they say."""
    done = subprocess.run(
        ["bash", "-c", PASTED + "\n".join(lines)],
        cwd=folder,
        env={**environment, "PYTHON": sys.executable, "BATCHGAUGE_LANG": "en", "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout[-4000:]}"
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_commands_flags_and_figures(page: str) -> None:
    assert list(sections(page).values()) == list(sections(f"{page}.ja").values())
    for pattern in (r"`(--[a-z0-9-]+)", r"0x[0-9A-F]{8}", r"\d+\.\d+", r"`([a-zA-Z]+Error)`"):
        assert sorted(re.findall(pattern, text(page))) == sorted(re.findall(pattern, text(f"{page}.ja"))), pattern


def test_windows_has_the_lines_of_its_own_that_differ() -> None:
    lines = {
        page: re.findall(r"^```powershell\n(.*?)^```$", text(page), re.M | re.S)
        for page in (PAGES[0], f"{PAGES[0]}.ja")
    }
    [block] = lines[PAGES[0]]
    assert lines[f"{PAGES[0]}.ja"] == [block]
    for path in re.findall(r"(?:batch|scripts)\\[\w.-]+", block):
        assert (ROOT / path.replace("\\", "/")).is_file(), path
    [ours] = [line for line in block.splitlines() if line.startswith("batchgauge ")]
    assert ours.partition(" | ")[0] in text(PAGES[0]).partition("## On Windows")[0], "as it stands for bash"
    assert not re.search(r"[^-]>", block), "5.1 writes UTF-16 with it"


def test_the_costs_are_those_of_the_price_table() -> None:
    table = read_price_table((ROOT / "src" / "batchgauge" / "core" / "fargate_prices.json").read_bytes())
    windows = job_cost(table, "us-west-2", "WINDOWS", 1, 2048, has_public_address=True)
    linux = job_cost(table, "us-west-2", "LINUX", 1, 2048, has_public_address=True)
    assert windows.hour is not None
    assert windows.least is not None
    page = text("first-run-on-aws")
    assert f"{windows.hour:.4f} USD an hour" in page
    assert f"it is {linux.hour:.4f} an hour" in page
    assert f"prices as of {table.as_of}" in page
    assert f"{windows.least:.3f} a job" in page
    for jobs, costs in ((3, "0.03"), (2 + 5 + 10 + 20, "0.33"), (1, "0.01")):
        assert f"{jobs * windows.least:.2f}" == costs
        assert f"| {costs} |" in page
    jobs, slowest_start_s = 3 + 2 + 5 + 10 + 20, 480
    slow = windows.hour * (jobs * (slowest_start_s + 30) + slowest_start_s + 1) / 3600
    assert f"come to {slow:.2f} together, not {(jobs + 1) * windows.least:.2f}" in page


@needs_aws_cli
def test_the_first_run_from_its_beginning_to_its_end(server: Any, tmp_path: Path) -> None:
    """In one shell; what only installs is looked at, and left out."""
    steps = sections("first-run-on-aws")
    installing = steps.pop(next(heading for heading in steps if heading.startswith("1.")))
    for line in installing:
        path = re.search(r"[\w./]*/[\w-]+(?=$)", line.replace(".venv/bin/activate", "batch/setup.sh"))
        assert path is None or (ROOT / path[0]).exists(), line
    built = tmp_path / "built"
    built.mkdir()
    (built / "countdown.exe").write_bytes(b"MZ, as scripts/build-countdown leaves it")
    environment = {**server.environment, "BATCHGAUGE_NATIVE_FOLDER": str(built)}
    before = everything(server)
    said = pasted([line for lines in steps.values() for line in lines], environment, tmp_path)
    assert "ended with 3" in said
    assert "The program itself ended with exit code 3." in said
    assert "nothing is left" in said
    assert len(list((tmp_path / "test-results").glob("test-case-*.json"))) == 2
    assert (tmp_path / "test-results" / "report.html").exists()
    policy = (tmp_path / "batchgauge-policy.json").read_text(encoding="utf-8")
    assert len(json.dumps(json.loads(policy), separators=(",", ":"))) <= 6144, "IAM takes no larger managed policy"
    assert everything(server) == before


def submit(server: Any, name: str, queue: str = QUEUE, **container: Any) -> str:
    """A job whose definition is the seed's with some of its container changed."""
    batch = server.client("batch")
    [seed, *_] = batch.describe_job_definitions(jobDefinitionName=DEFINITION, status="ACTIVE")["jobDefinitions"]
    batch.register_job_definition(
        jobDefinitionName=name,
        type="container",
        platformCapabilities=["FARGATE"],
        parameters={"countdownSeconds": "0"},
        containerProperties={**seed["containerProperties"], **container},
    )
    return str(batch.submit_job(jobName=name, jobQueue=queue, jobDefinition=name)["jobId"])


def in_state(server: Any, job_id: str, state: str) -> str:
    batch = server.patient_batch
    server.until(lambda: batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] == state or None)
    return job_id


def waits(server: Any, folder: Path) -> tuple[str, str]:
    """A job that is larger than its queue's only environment."""
    batch = server.client("batch")
    [seed] = batch.describe_compute_environments(computeEnvironments=[ENVIRONMENT])["computeEnvironments"]
    resources = {key: seed["computeResources"][key] for key in ("type", "subnets", "securityGroupIds")}
    batch.create_compute_environment(
        computeEnvironmentName="small", type="MANAGED", computeResources={**resources, "maxvCpus": 1}
    )
    order = [{"order": 1, "computeEnvironment": "small"}]
    batch.create_job_queue(jobQueueName="small", priority=1, computeEnvironmentOrder=order)
    sizes = [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}]
    return in_state(server, submit(server, "waits", "small", resourceRequirements=sizes), "RUNNABLE"), "vCPU"


def is_slow_to_start(server: Any, folder: Path) -> tuple[str, str]:
    return in_state(server, submit(server, "starts"), "STARTING"), "STARTING"


def cannot_pull(server: Any, folder: Path) -> tuple[str, str]:
    image = "123456789012.dkr.ecr.us-west-2.amazonaws.com/windows-countdown:never-pushed"
    job_id = submit(server, "unpushed", image=image)
    server.finished_job(job_id)
    return job_id, "CannotPullContainerError"


def fails(server: Any, folder: Path) -> tuple[str, str]:
    """A run of ours whose job fails."""
    run = f"batchgauge run --job-queue {QUEUE} --job-definition {DEFINITION} --num-jobs 1 --monitor --output run.json"
    pasted([f"{run} --command 'countdown 0 --exit-code 3' || true"], server.environment, folder)
    [job] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["jobs"]
    return job["jobId"], "exit code 3"


def has_logs(server: Any, folder: Path) -> tuple[str, str]:
    job_id = submit(server, "logs")
    server.finished_job(job_id)
    return job_id, "countdown done"


def nothing(server: Any, folder: Path) -> tuple[str, str]:
    """Commands that need no job; a results folder is there."""
    (folder / "test-results").mkdir()
    return "", ""


TROUBLES: dict[str, tuple[Callable[[Any, Path], tuple[str, str]], tuple[str, ...]]] = {
    "A job stays RUNNABLE": (waits, ()),
    "A job stays STARTING": (is_slow_to_start, ("--time-scale", "2")),
    "CannotPullContainerError": (cannot_pull, ()),
    "A job ends with an exit code": (fails, ()),
    "There are no logs": (has_logs, ()),
    "AccessDenied, not authorized": (nothing, ()),
    "Throttled: TooManyRequestsException": (nothing, ()),
    "Fewer jobs run at once than maxvCpus allows": (nothing, ()),
    "Something was left behind": (nothing, ()),
}
"""By symptom: what makes a job that has it, with words that are to be said of it, and the options of a server of its own."""


def test_each_symptom_has_a_job_that_shows_it() -> None:
    assert list(sections("troubleshooting")) == list(TROUBLES)


@pytest.fixture
def troubled(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The module's server, or one with options of its own."""
    options = TROUBLES[request.param][1]
    if options:
        with running_server(*options) as server:
            yield server
    else:
        yield request.getfixturevalue("server")


@needs_aws_cli
@pytest.mark.parametrize(("heading", "troubled"), [(each, each) for each in TROUBLES], indirect=["troubled"])
def test_the_commands_show_the_trouble(heading: str, troubled: Any, tmp_path: Path) -> None:
    job_id, words = TROUBLES[heading][0](troubled, tmp_path)
    place = {"JOB_ID": job_id, "YOUR_DEFINITION": DEFINITION, "YOUR_QUEUE": QUEUE, "YOUR_ENVIRONMENT": ENVIRONMENT}
    if job_id and heading == "A job stays RUNNABLE":
        place |= {"YOUR_QUEUE": "small", "YOUR_ENVIRONMENT": "small", "YOUR_DEFINITION": "waits"}
    named = re.compile("|".join(place))
    lines = [named.sub(lambda found: place[found[0]], line) for line in sections("troubleshooting")[heading]]
    # A check that finds something ends with 1.
    lines = [f"{line} || [ $? -eq 1 ]" if line.startswith("batchgauge check") else line for line in lines]
    # The AWS CLI's version 1 takes no AWS_ENDPOINT_URL for SQS, in Regions where that once had another name.
    lines = [f'{line} --endpoint-url "$AWS_ENDPOINT_URL"' if line.startswith("aws sqs") else line for line in lines]
    assert words in pasted(lines, {**troubled.environment, "PATH": os.environ["PATH"]}, tmp_path)
