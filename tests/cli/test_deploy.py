"""``batchgauge deploy``: the template printed, an environment made, used by a run, changed and taken down, with nothing left."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.plain_aws import plain_aws
from tests.deploy.everything import everything, push_image, status_of

Command = Callable[..., subprocess.CompletedProcess[str]]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    pass


_Loader.add_multi_constructor("!", lambda *_: None)


@pytest.fixture(autouse=True)
def goes_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """The stacks of a test that failed are in no other's way."""
    yield
    if "server" in request.fixturenames:
        server = request.getfixturevalue("server")
        for name in everything(server)["stacks"]:
            server.client("cloudformation").delete_stack(StackName=name)


def defaults(printed: str) -> dict[str, Any]:
    return {name: each["Default"] for name, each in yaml.load(printed, Loader=_Loader)["Parameters"].items()}


def test_the_template_is_printed_as_it_stands_in_deploy(batchgauge: Command) -> None:
    done = batchgauge("deploy", "template")
    path = Path(__file__).parents[2] / "deploy" / "cloudformation" / "batchgauge.yaml"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == path.read_text(encoding="utf-8")


def test_flags_become_the_template_s_defaults(batchgauge: Command) -> None:
    from cfnlint.api import ManualArgs, lint

    flags = ("--linux", "--max-vcpus", 64, "--vpc", "vpc-1", "--subnets", "subnet-1,subnet-2", "--no-public-ip")
    done = batchgauge("deploy", "template", *flags, "--linux-image", 'a"b', "--events-queue", "--log-retention", 30)
    changed = {
        "System": "linux",
        "MaxvCpus": 64,
        "VpcId": "vpc-1",
        "SubnetIds": "subnet-1,subnet-2",
        "AssignPublicIp": "DISABLED",
        "LinuxImage": 'a"b',
        "Events": "true",
        "LogRetentionDays": 30,
    }
    plain = defaults(batchgauge("deploy", "template").stdout)
    assert defaults(done.stdout) == {**plain, **changed}
    assert [str(match) for match in lint(done.stdout, config=ManualArgs()) if match.rule.severity == "error"] == []


def test_an_environment_is_made_used_changed_and_taken_down(at_server: Command, server: Any, tmp_path: Path) -> None:
    before = everything(server)
    made = at_server("deploy", "up", "--max-vcpus", 4, "--events-queue", "--yes", "--json")
    assert made.returncode == 0, made.stderr
    outputs = json.loads(made.stdout)["outputs"]
    assert "CREATE_COMPLETE" in made.stderr
    assert "Batch::JobQueue" in made.stderr

    push_image(server, outputs["RepositoryName"], "linux")
    measured = ("--job-queue", outputs["JobQueue"], "--job-definition", outputs["LinuxJobDefinition"])
    ran = at_server("run", *measured, "--num-jobs", 2, "--countdown", 0, "--monitor", "--output", "out.json", "--quiet")
    assert ran.returncode == 0, ran.stderr
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [job["status"] for job in document["jobs"]] == ["SUCCEEDED", "SUCCEEDED"]

    same = at_server("deploy", "up", "--yes")
    assert (same.returncode, "nothing was changed" in same.stderr) == (0, True)
    changed = at_server("deploy", "up", "--max-vcpus", 32, "--yes")
    assert changed.returncode == 0, changed.stderr
    assert "MaxvCpus: 4 -> 32" in changed.stderr
    assert "EventsQueueUrl" in changed.stdout  # what was not named stays

    renamed = at_server("deploy", "up", "--repository", "another", "--dry-run")
    assert (renamed.returncode, f"{outputs['RepositoryName']} is deleted with its images" in renamed.stdout) == (
        0,
        True,
    )

    job = server.client("batch").submit_job(
        jobName="others",
        jobQueue=outputs["JobQueue"],
        jobDefinition=outputs["LinuxJobDefinition"],
        parameters={"countdownSeconds": "600"},
    )["jobId"]
    gone = at_server("deploy", "down", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert "1 job ended" in gone.stderr
    assert "1 image deleted" in gone.stderr
    assert f"{outputs['RepositoryName']}\n" in gone.stdout
    assert "nothing is left" in gone.stderr
    assert everything(server) == before
    [ended] = server.client("batch").describe_jobs(jobs=[job])["jobs"]
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "batchgauge deploy down")
    again = at_server("deploy", "down", "--yes")
    assert (again.returncode, "nothing to delete" in again.stderr) == (0, True)


def test_the_commands_that_come_next_exist_and_take_their_flags(at_server: Command, server: Any) -> None:
    from tests.docs.command_lines import parse

    made = at_server("deploy", "up", "--yes")
    assert made.returncode == 0, made.stderr
    after = made.stderr.partition("next:\n")[2].splitlines()
    assert any("batchgauge run" in line for line in after)
    pushes = [line for line in after if "batchgauge image push" in line]
    assert [re.findall("--windows 2022|--linux", line) for line in pushes] == [["--windows 2022"], ["--linux"]]
    assert any("batchgauge deploy down" in line for line in after)
    for line in after:
        parse(line.split()[1:])


def test_nothing_is_made_without_a_yes(at_server: Command, server: Any) -> None:
    before = everything(server)
    shown = at_server("deploy", "up", "--dry-run", "--ec2-max-vcpus", 4)
    assert shown.returncode == 0, shown.stderr
    assert "batchgauge-ec2-queue" in shown.stdout
    assert "none; this is the embedded AWS" in shown.stdout
    given = at_server("deploy", "up", "--vpc", "vpc-none", "--subnets", "subnet-none", "--yes")
    assert (given.returncode, "vpc-none in us-west-2, subnet-none: there is no such VPC" in given.stderr) == (2, True)
    asked = at_server("deploy", "up")
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    assert everything(server) == before


@pytest.mark.skipif(sys.platform == "win32", reason="terminals are POSIX's")
def test_a_no_is_said_in_words_of_deployments(server: Any, bare_environment: dict[str, str], tmp_path: Path) -> None:
    from tests.cli.terminal import at_terminal

    with at_terminal(("deploy", "up"), tmp_path, {**bare_environment, **server.environment}) as seen:
        seen.until_said("make or change batchgauge?")
        seen.type("n\n")
        assert seen.ended() == 2, seen.said
        assert "not confirmed: nothing was made, changed or deleted" in seen.said
    assert everything(server)["stacks"] == []


def test_a_second_stack_has_definitions_of_its_own(at_server: Command, server: Any) -> None:
    def revisions() -> list[int]:
        found = server.client("batch").describe_job_definitions(
            jobDefinitionName="linux-countdown-job", status="ACTIVE"
        )
        return [each["revision"] for each in found["jobDefinitions"]]

    before = revisions()
    second = ("deploy", "up", "--stack", "second", "--linux", "--repository", "second", "--ec2-max-vcpus", 4)
    shown = " ".join(at_server(*second, "--dry-run").stdout.split())
    assert "second-linux-countdown-job" in shown
    assert "already, revision" not in shown
    made = at_server(*second, "--yes", "--json")
    assert made.returncode == 0, made.stderr
    outputs = json.loads(made.stdout)["outputs"]
    assert outputs["LinuxJobDefinition"] == "second-linux-countdown-job"
    assert outputs["Ec2JobDefinition"] == "second-linux-countdown-job-ec2"
    assert revisions() == before


def test_a_name_that_is_taken_is_said_before_it_gets_a_new_revision(at_server: Command, server: Any) -> None:
    taken = "there is a job definition linux-countdown-job already, revision "
    assert taken in " ".join(at_server("deploy", "up", "--linux", "--dry-run").stdout.split())


def test_on_aws_the_plan_says_what_it_costs(server: Any, batchgauge: Command) -> None:
    with plain_aws(server.endpoint) as endpoint:
        pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}
        environ = {**pointing, "AWS_ENDPOINT_URL": endpoint}
        shown = batchgauge("deploy", "up", "--dry-run", "--max-vcpus", 8, environ=environ)
        unknown = batchgauge("deploy", "up", "--dry-run", "--region", "ap-northeast-1", environ=environ)
    assert "0.00 an hour" in shown.stdout
    # (0.046552 + 0.046) + 2 GB x 0.0051117 + 0.005 for the address; five minutes of it
    assert "about 0.1078 USD an hour while it runs, licence included, at least 0.0090 (5 min)" in shown.stdout
    assert "8 at once: 0.86 an hour" in shown.stdout
    assert "a Linux job (1 vCPU, 2 GB): 0.0544 USD an hour" in shown.stdout
    assert "as of 2026-07" in shown.stdout
    assert "a Windows job (1 vCPU, 2 GB): no price is known for ap-northeast-1" in unknown.stdout


def test_a_name_that_is_taken_is_told_and_cleared_away(at_server: Command, server: Any) -> None:
    before = everything(server)
    failed = at_server("deploy", "up", "--repository", "windows-countdown", "--yes")
    assert failed.returncode == 1
    assert "error: AWS could not do this to batchgauge (ROLLBACK_COMPLETE): Repository: " in failed.stderr
    assert "already exists" in failed.stderr
    assert "hint: a name that exists already: choose another one" in failed.stderr
    again = at_server("deploy", "up", "--yes")
    assert again.returncode == 0, again.stderr
    assert "made anew" in again.stderr
    assert at_server("deploy", "down", "--yes").returncode == 0
    assert everything(server) == before


def test_a_size_that_fargate_does_not_have_is_refused(at_server: Command, batchgauge: Command) -> None:
    refused = at_server("deploy", "up", "--memory", 512, "--yes")
    assert (refused.returncode, "4096 to 16384 with 2" in refused.stderr) == (2, True)
    printed = batchgauge("deploy", "template", "--vcpus", 4)
    assert (defaults(printed.stdout)["JobVcpus"], defaults(printed.stdout)["JobMemoryMiB"]) == ("4", 8192)


def test_a_stack_of_somebody_else_s_is_not_touched(at_server: Command, server: Any) -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/theirs"}}
    server.client("cloudformation").create_stack(
        StackName="theirs", TemplateBody=json.dumps({"Resources": {"Group": group}})
    )
    for command in ("up", "down"):
        refused = at_server("deploy", command, "--stack", "theirs", "--yes")
        assert (refused.returncode, "not touched" in refused.stderr) == (2, True)
    assert status_of(server, "theirs") == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--stack", "1abc"), "--stack"),
        (("--max-vcpus", 0), "--max-vcpus"),
        (("--log-retention", 2), "--log-retention"),
        (("--repository", "Large"), "--repository"),
        (("--vpc", "vpc-1"), "--subnets"),
        (("--subnets", "subnet-1"), "--vpc"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(batchgauge: Command, flags: Any, words: str) -> None:
    done = batchgauge("deploy", "up", *flags)
    assert (done.returncode, words in done.stderr) == (2, True)


def test_it_speaks_japanese(at_server: Command) -> None:
    shown = at_server("deploy", "up", "--dry-run", "--lang", "ja")
    assert "ジョブキュー: batchgauge-queue" in shown.stdout
    assert "何も作成、変更していません" in shown.stderr


def test_no_word_of_the_plan_is_cut_at_80_columns(server: Any, batchgauge: Command) -> None:
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}
    wide, narrow = (
        batchgauge("deploy", "up", "--dry-run", environ={**pointing, "COLUMNS": columns}).stdout
        for columns in ("200", "80")
    )
    assert max(map(len, narrow.splitlines())) <= 80 < max(map(len, wide.splitlines()))
    assert narrow.split() == wide.split()
