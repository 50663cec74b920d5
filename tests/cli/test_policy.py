"""``batchgauge policy``: each command works with exactly its policy, asks for nothing else, and says clearly what it is denied."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import count, product
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from batchgauge.core.iam.permissions import NEEDS, Use
from batchgauge.core.iam.policy import MANAGED_POLICY_CHARACTERS, Names, arns, characters_of, policy
from tests.conftest import ServerHandle, running_server
from tests.deploy.everything import everything, push_image

Command = Callable[..., subprocess.CompletedProcess[str]]
SOURCE = Path(__file__).parents[2] / "src" / "batchgauge" / "aws"
NAMES = Names(region="us-west-2", account="123456789012")
QUEUE, DEFINITION = "windows-batch-queue", "linux-countdown-job"
RUN = ("run", "--job-queue", QUEUE, "--job-definition", DEFINITION, "--countdown", 0, "--monitor", "--quiet", "--yes")
LEFT_RUN = "concurrent-test-20260101T000000-abcd"
CHECK = ("check", "--job-queue", QUEUE, "--job-definition", DEFINITION)
CLEANUP = ("cleanup", "--run-id", LEFT_RUN, "--yes")
NUMBERS = count(1)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth") / "truth.jsonl"


@pytest.fixture(scope="module")
def server(truth: Path) -> Iterator[ServerHandle]:
    """One that enforces policies, and writes down what is asked for."""
    with running_server("--enforce-iam", "--ground-truth", str(truth)) as handle:
        yield handle


@dataclass(frozen=True)
class User:
    """Somebody with one policy."""

    arn: str
    environ: Mapping[str, str]


def actions_of(use: Use) -> frozenset[str]:
    return frozenset(action for need in NEEDS[use] for action in need.actions)


def user(server: ServerHandle, document: Mapping[str, Any]) -> User:
    iam = server.client("iam")
    name = f"user-{next(NUMBERS)}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=made)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return User(arn, {**pointing, **keys})


def asked_for(truth: Path, somebody: User) -> set[tuple[str, bool]]:
    """(action, was allowed), as the server has noted them."""
    records = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    return {
        (record["action"], record["isAllowed"])
        for record in records
        if record["type"] == "authorisation" and record["principal"] == somebody.arn
    }


def without(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    kept = [
        {**statement, "Action": [each for each in statement["Action"] if each != action]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [statement for statement in kept if statement["Action"]]}


def long_job(server: ServerHandle) -> None:
    """Left by a run of ours, with its rule and queue."""
    name = f"batchgauge-{LEFT_RUN}"
    server.client("sqs").create_queue(QueueName=name)
    server.client("events").put_rule(Name=name, EventPattern='{"source": ["aws.batch"]}')
    server.client("batch").submit_job(
        jobName=f"{LEFT_RUN}-job001",
        jobQueue=QUEUE,
        jobDefinition=DEFINITION,
        parameters={"countdownSeconds": "600"},
        tags={"batchgauge:run": LEFT_RUN},
    )


def nothing(_: ServerHandle) -> None:
    """Nothing has to stand before."""


SEEN_IN_TROUBLE = frozenset({"batch:GetJobQueueSnapshot"})
"""Asked for only where jobs wait for long."""
COMMANDS: list[tuple[tuple[Use, ...], Callable[[ServerHandle], None], tuple[Any, ...], frozenset[str]]] = [
    ((Use.RUN,), nothing, (*RUN, "--num-jobs", 2), SEEN_IN_TROUBLE | {"batch:TerminateJob"}),
    (
        (Use.RUN, Use.EVENTS),
        nothing,
        (*RUN, "--num-jobs", 2, "--events"),
        SEEN_IN_TROUBLE | {"batch:TerminateJob", "sqs:ChangeMessageVisibility"},
    ),
    ((Use.CHECK,), nothing, CHECK, frozenset()),
    ((Use.PRICES,), nothing, ("prices", "--job-queue", QUEUE), frozenset()),
    # The rule is looked for only where the queue is gone already.
    ((Use.CLEANUP,), long_job, CLEANUP, frozenset({"events:ListTargetsByRule"})),
    ((Use.JOB_DEFINITION,), nothing, ("job-definition", "register", "--log-group", "/of/policy"), frozenset()),
]


@pytest.mark.parametrize(
    ("uses", "prepare", "arguments", "not_seen"),
    COMMANDS,
    ids=["run", "run-events", "check", "prices", "cleanup", "job-definition"],
)
def test_a_command_works_with_exactly_its_policy(
    server: ServerHandle,
    truth: Path,
    batchgauge: Command,
    uses: tuple[Use, ...],
    prepare: Callable[[ServerHandle], None],
    arguments: tuple[Any, ...],
    not_seen: frozenset[str],
) -> None:
    prepare(server)
    somebody = user(server, policy(uses, NAMES))
    done = batchgauge(*arguments, environ=dict(somebody.environ))
    assert done.returncode == 0, done.stderr
    asked = asked_for(truth, somebody)
    assert [action for action, is_allowed in asked if not is_allowed] == []
    wanted = frozenset[str]().union(*map(actions_of, uses))
    assert {action for action, _ in asked} == wanted - not_seen


def test_an_environment_is_deployed_used_and_taken_down_with_its_policies(
    server: ServerHandle, truth: Path, batchgauge: Command
) -> None:
    before = everything(server)
    deployer = user(server, policy([Use.DEPLOY], NAMES))
    up = ("deploy", "up", "--yes", "--json", "--events-queue", "--ec2-max-vcpus", 4)
    made = batchgauge(*up, environ=dict(deployer.environ))
    assert made.returncode == 0, made.stderr
    outputs = json.loads(made.stdout)["outputs"]
    changed = batchgauge("deploy", "up", "--yes", "--max-vcpus", 32, environ=dict(deployer.environ))
    assert changed.returncode == 0, changed.stderr
    [subnet, *_] = server.client("ec2").describe_subnets()["Subnets"]
    given = ("--vpc", subnet["VpcId"], "--subnets", subnet["SubnetId"])
    looked = batchgauge("deploy", "up", "--dry-run", *given, environ=dict(deployer.environ))
    assert "jobs can pull their image there" in " ".join(looked.stdout.split()), looked.stderr

    names = Names("us-west-2", "123456789012", outputs["JobQueue"], DEFINITION, events_queue="batchgauge-events")
    push_image(server, outputs["RepositoryName"], "linux")
    runner = user(server, policy([Use.RUN, Use.EVENTS_QUEUE], names))
    measured = ("--job-queue", outputs["JobQueue"], "--job-definition", DEFINITION, "--countdown", 0, "--yes")
    ran = batchgauge(
        "run",
        *measured,
        "--num-jobs",
        2,
        "--monitor",
        "--quiet",
        "--events-queue",
        outputs["EventsQueueUrl"],
        environ=dict(runner.environ),
    )
    assert ran.returncode == 0, ran.stderr
    other = batchgauge("run", *RUN[1:], "--num-jobs", 1, environ=dict(runner.environ))
    assert other.returncode == 1
    assert f"not authorized to perform: batch:SubmitJob on resource: {QUEUE}" in other.stderr.replace(
        "arn:aws:batch:us-west-2:123456789012:job-queue/", ""
    )

    server.client("batch").submit_job(
        jobName="j", jobQueue=outputs["JobQueue"], jobDefinition=DEFINITION, parameters={"countdownSeconds": "600"}
    )
    gone = batchgauge("deploy", "down", "--yes", environ=dict(deployer.environ))
    assert gone.returncode == 0, gone.stderr
    assert {kind: names for kind, names in everything(server).items() if names != before[kind]} == {}

    asked = asked_for(truth, deployer)
    assert [action for action, is_allowed in asked if not is_allowed] == []
    seen = {action for action, _ in asked}
    of_the_tool = {action for need in NEEDS[Use.DEPLOY] if not need.is_for_handlers for action in need.actions}
    assert of_the_tool <= seen
    assert seen <= actions_of(Use.DEPLOY)


@pytest.mark.parametrize(
    ("use", "prepare", "arguments", "action"),
    [
        (Use.RUN, nothing, (*RUN, "--num-jobs", 1), "batch:SubmitJob"),
        (Use.RUN, nothing, (*RUN, "--num-jobs", 1), "batch:TagResource"),
        (Use.RUN, nothing, (*RUN, "--num-jobs", 1), "batch:DescribeJobQueues"),
        (Use.EVENTS, nothing, (*RUN, "--num-jobs", 1, "--events"), "sqs:CreateQueue"),
        (Use.CLEANUP, long_job, CLEANUP, "batch:ListJobs"),
        (Use.JOB_DEFINITION, nothing, ("job-definition", "register"), "iam:PassRole"),
        (Use.JOB_DEFINITION, nothing, ("job-definition", "register"), "batch:RegisterJobDefinition"),
        (Use.DEPLOY, nothing, ("deploy", "up", "--yes"), "cloudformation:CreateStack"),
        (Use.DEPLOY, nothing, ("deploy", "down", "--yes"), "cloudformation:DescribeStacks"),
    ],
)
def test_what_is_denied_is_named_with_the_policy_that_allows_it(
    server: ServerHandle,
    batchgauge: Command,
    use: Use,
    prepare: Callable[[ServerHandle], None],
    arguments: tuple[Any, ...],
    action: str,
) -> None:
    prepare(server)
    uses = [Use.RUN, use] if use is Use.EVENTS else [use]
    somebody = user(server, without(policy(uses, NAMES), action))
    done = batchgauge(*arguments, environ=dict(somebody.environ))
    assert done.returncode == 1
    assert f"User: {somebody.arn} is not authorized to perform: {action} on resource: " in done.stderr
    assert f"batchgauge policy {' '.join(uses)} prints" in done.stderr


def test_what_cloudformation_is_denied_is_named_too_and_undone(server: ServerHandle, batchgauge: Command) -> None:
    before = everything(server)
    somebody = user(server, without(policy([Use.DEPLOY], NAMES), "batch:CreateJobQueue"))
    done = batchgauge("deploy", "up", "--yes", environ=dict(somebody.environ))
    assert done.returncode == 1
    assert "(ROLLBACK_COMPLETE): JobQueue: " in done.stderr
    assert f"User: {somebody.arn} is not authorized to perform: batch:CreateJobQueue on resource: " in done.stderr
    assert "batchgauge policy deploy" in done.stderr
    assert batchgauge("deploy", "down", "--yes", environ=dict(somebody.environ)).returncode == 0
    left = {kind: names for kind, names in everything(server).items() if names != before[kind]}
    assert left == {}


def test_every_action_is_an_operation_of_aws_that_we_call() -> None:
    called = "".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py"))
    session = botocore.session.get_session()
    services = {"cloudwatch": "cloudwatch", "servicequotas": "service-quotas"}
    beside = {"TagResource", "TagQueue", "PassRole", "ListTargetsByRule"}
    for needs in NEEDS.values():
        for need in needs:
            for action in need.actions:
                service, _, name = action.partition(":")
                model = session.get_service_model(services.get(service, service))
                assert name in model.operation_names or name in beside, action
                if not (need.is_for_handlers or need.is_of_registry) and name not in beside:
                    assert re.search(rf'"{name}(Batch)?"', called), action


@pytest.mark.parametrize("use", list(Use))
def test_a_policy_is_sorted_small_enough_and_names_what_is_known(use: Use, batchgauge: Command) -> None:
    document = policy([use], NAMES)
    assert characters_of(document) <= MANAGED_POLICY_CHARACTERS
    for statement in document["Statement"]:
        assert statement["Action"] == sorted(statement["Action"])
        assert statement["Resource"] == sorted(statement["Resource"])
        assert not any("*" in action for action in statement["Action"])
        for resource in statement["Resource"]:
            assert resource in ("*", "arn:aws:iam::aws:policy/*") or ":123456789012:" in resource
    assert document["Statement"] == sorted(document["Statement"], key=lambda each: each["Action"])


def test_what_is_left_out_as_said_already_is_allowed_all_the_same() -> None:
    allowed = [
        (action, pattern, json.dumps(statement.get("Condition")))
        for statement in policy(Use, NAMES)["Statement"]
        for action in statement["Action"]
        for pattern in statement["Resource"]
    ]
    assert len(allowed) == len(set(allowed))
    for need in (need for use in Use for need in NEEDS[use]):
        condition = None if need.condition is None else {need.condition[0]: {need.condition[1]: [*need.condition[2]]}}
        for action, scope in product(need.actions, need.scopes):
            for arn in arns(scope, NAMES):
                there = [(p, c) for a, p, c in allowed if a == action and fnmatchcase(arn, p)]
                assert any(c in ("null", json.dumps(condition)) for _, c in there), (action, arn)


def test_what_the_first_run_needs_fits_into_one_policy_anywhere() -> None:
    uses = (Use.DEPLOY, Use.IMAGE, Use.RUN, Use.CHECK, Use.EXPLAIN, Use.PRICES)  # as the guide prints it
    longest = Names(region="ap-southeast-3", account="123456789012")
    assert characters_of(policy(uses, longest)) <= MANAGED_POLICY_CHARACTERS


def test_it_is_printed_as_json_with_the_names_that_are_given(batchgauge: Command) -> None:
    flags = ("--region", "cn-north-1", "--account", "123456789012", "--job-queue", "q", "--job-definition", "d")
    done = batchgauge("policy", "run", "events", *flags)
    assert (done.returncode, done.stderr) == (0, "")
    text = done.stdout
    names = Names("cn-north-1", "123456789012", "q", "d")
    assert json.loads(text) == policy([Use.RUN, Use.EVENTS], names)
    assert "arn:aws-cn:batch:cn-north-1:123456789012:job-queue/q" in text
    assert "job-definition/d:*" in text
    assert batchgauge("policy", "run", "--account", "12").stderr.startswith('error: --account cannot be "12"')
    everything_at_once = batchgauge("policy", *Use, *flags)
    assert json.loads(everything_at_once.stdout)["Version"] == "2012-10-17"
    assert " characters (spaces are not counted), and IAM takes 6144 in one managed policy" in everything_at_once.stderr
    assert batchgauge("policy").returncode == 2
    assert batchgauge("policy", "everything").returncode == 2
