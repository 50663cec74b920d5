"""Between our words and AWS's: what is asked, and how answers are read."""

from __future__ import annotations

import asyncio
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.aws.batch_shapes import read_bulk_end, read_job, read_newest_definition, read_queue, submit_arguments
from batchgauge.aws.gateway import BotoGateway
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, CallOutcome
from batchgauge.core.scenario import JobShape
from batchgauge.host.clock import SystemClock
from batchgauge.ports import NOT_OFFERED, BulkEnd

SHAPE = JobShape(job_queue="queue", job_definition="definition")

MODEL = botocore.session.get_session().get_service_model("batch")


@given(
    st.builds(
        JobShape,
        job_queue=st.text(min_size=1),
        job_definition=st.text(min_size=1),
        parameters=st.dictionaries(st.text(), st.text(), max_size=3),
        command=st.one_of(st.none(), st.lists(st.text(), max_size=3).map(tuple)),
        environment=st.dictionaries(st.text(), st.text(), max_size=3),
        vcpus=st.one_of(st.none(), st.sampled_from([0.25, 0.5, 1.0, 2.0, 16.0])),
        memory_mib=st.one_of(st.none(), st.integers(1, 100_000)),
        tags=st.dictionaries(st.text(min_size=1), st.text(), max_size=3),
    )
)
def test_whatever_a_job_is_its_request_fits_the_service_model(shape: JobShape) -> None:
    arguments = submit_arguments("name", shape)
    report = ParamValidator().validate(arguments, MODEL.operation_model("SubmitJob").input_shape)
    assert not report.has_errors(), report.generate_report()
    overrides = arguments.get("containerOverrides", {})
    assert overrides.get("command") == (None if shape.command is None else list(shape.command))
    assert {entry["name"]: entry["value"] for entry in overrides.get("environment", [])} == shape.environment
    assert arguments.get("parameters", {}) == shape.parameters
    assert arguments.get("tags", {}) == shape.tags


def test_an_aws_client_that_is_older_than_a_call_sends_nothing() -> None:
    class Older:
        async def client(self, service: str) -> object:
            assert service == "batch"
            return object()

    gateway = BotoGateway(Older(), SystemClock())  # type: ignore[arg-type]
    reply = asyncio.run(gateway.terminate_jobs(["id"], "reason"))
    assert (reply.outcome, reply.error, reply.value) == (CallOutcome.REFUSED, NOT_OFFERED, None)


def test_errors_in_a_bulk_answer_are_read() -> None:
    answer = {"successful": ["a"], "errors": [{"job": "b", "code": "ClientException", "message": "No."}]}
    assert read_bulk_end(answer) == BulkEnd(("a",), (("b", "ClientException", "No."),))


def test_nothing_is_overridden_that_nobody_asked_to() -> None:
    assert submit_arguments("name", SHAPE) == {
        "jobName": "name",
        "jobQueue": "queue",
        "jobDefinition": "definition",
    }


@pytest.mark.parametrize(("vcpus", "written"), [(0.25, "0.25"), (1.0, "1"), (16.0, "16")])
def test_sizes_are_written_as_aws_writes_them(vcpus: float, written: str) -> None:
    shape = JobShape(job_queue="q", job_definition="d", vcpus=vcpus, memory_mib=2048)
    assert submit_arguments("name", shape)["containerOverrides"]["resourceRequirements"] == [
        {"type": "VCPU", "value": written},
        {"type": "MEMORY", "value": "2048"},
    ]


def test_a_job_is_read_with_everything_that_it_shows() -> None:
    seen = read_job(
        {
            "jobId": "id",
            "jobName": "name",
            "status": "FAILED",
            "statusReason": "Task failed to start",
            "createdAt": 1_721_894_200_000,
            "startedAt": 1_721_894_201_000,
            "stoppedAt": 1_721_894_202_000,
            "container": {
                "exitCode": 3221225786,
                "reason": "CannotPullContainerError: …",
                "logStreamName": "d/default/task",
                "taskArn": "arn",
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/aws/batch/windows-jobs"}},
            },
            "attempts": [{"startedAt": 1, "stoppedAt": 2, "statusReason": "s", "container": {"exitCode": 1}}],
        }
    )
    sighting = seen.sighting
    assert (seen.job_id, seen.job_name, sighting.state) == ("id", "name", JobState.FAILED)
    assert (sighting.created_ms, sighting.started_ms, sighting.stopped_ms) == (
        1_721_894_200_000,
        1_721_894_201_000,
        1_721_894_202_000,
    )
    assert (sighting.exit_code, sighting.log_group, sighting.log_stream, sighting.task_arn) == (
        3221225786,
        "/aws/batch/windows-jobs",
        "d/default/task",
        "arn",
    )
    assert sighting.attempts == (Attempt(started_ms=1, stopped_ms=2, exit_code=1, status_reason="s"),)


def test_stamps_are_floats_as_they_are_when_the_journal_is_read_again() -> None:
    sighting = read_job({"jobId": "i", "jobName": "n", "status": "RUNNABLE", "createdAt": 5, "startedAt": 0}).sighting
    assert type(sighting.created_ms) is float
    assert sighting.started_ms is None, "0 is how some answers say that there was none"


def test_a_summary_shows_less_and_is_read_all_the_same() -> None:
    sighting = read_job({"jobId": "id", "jobName": "name", "status": "RUNNABLE", "createdAt": 5}).sighting
    assert (sighting.state, sighting.created_ms) == (JobState.RUNNABLE, 5)
    assert (sighting.log_stream, sighting.log_group, sighting.attempts) == (None, None, ())


@pytest.mark.parametrize(
    ("container", "group"),
    [
        ({"logStreamName": "s"}, "/aws/batch/job"),
        ({}, None),
        ({"logStreamName": "s", "logConfiguration": {"logDriver": "awslogs"}}, "/aws/batch/job"),
        ({"logStreamName": "s", "logConfiguration": {"logDriver": "splunk"}}, None),
    ],
)
def test_the_log_group_is_batchs_own_unless_the_definition_says_otherwise(
    container: dict[str, Any], group: str | None
) -> None:
    assert read_job({"jobId": "i", "jobName": "n", "status": "RUNNING", "container": container}).sighting.log_group == (
        group
    )


@pytest.mark.parametrize("status", list(JobState))
def test_every_state_of_the_service_model_is_known(status: JobState) -> None:
    assert set(MODEL.shape_for("JobStatus").enum) == set(JobState)
    assert read_job({"jobId": "i", "jobName": "n", "status": status.value}).sighting.state is status


def definition(revision: int, **properties: Any) -> dict[str, Any]:
    return {
        "jobDefinitionName": "definition",
        "jobDefinitionArn": f"arn:{revision}",
        "revision": revision,
        "status": "ACTIVE",
        **properties,
    }


def test_the_newest_revision_counts_by_number_and_not_by_the_order_of_the_answer() -> None:
    found = read_newest_definition([definition(9), definition(10), definition(2)])
    assert found is not None
    assert found.revision == 10
    assert read_newest_definition([]) is None


def test_a_definitions_size_may_be_written_in_either_way() -> None:
    old = read_newest_definition([definition(1, containerProperties={"vcpus": 2, "memory": 4096})])
    new = read_newest_definition(
        [
            definition(
                1,
                platformCapabilities=["FARGATE"],
                containerProperties={
                    "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}],
                    "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
                },
                timeout={"attemptDurationSeconds": 60},
            )
        ]
    )
    assert old is not None
    assert new is not None
    assert (old.vcpus, old.memory_mib, old.platform) == (2.0, 4096, "EC2")
    assert (new.vcpus, new.memory_mib, new.platform) == (0.25, 512, "FARGATE")
    assert (new.operating_system_family, new.timeout_s) == ("WINDOWS_SERVER_2022_CORE", 60)


def test_a_definition_of_another_kind_than_containers_has_no_size() -> None:
    found = read_newest_definition([definition(1, type="multinode", nodeProperties={})])
    assert found is not None
    assert (found.vcpus, found.memory_mib, found.command) == (None, None, ())


def test_a_queues_environments_are_in_their_order() -> None:
    queue = read_queue(
        {
            "jobQueueName": "q",
            "jobQueueArn": "arn",
            "state": "ENABLED",
            "status": "VALID",
            "computeEnvironmentOrder": [
                {"order": 2, "computeEnvironment": "second"},
                {"order": 1, "computeEnvironment": "first"},
            ],
        }
    )
    assert queue.compute_environments == ("first", "second")
