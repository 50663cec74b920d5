"""What can be shared of a result: no name of anybody's, and every number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec
import pytest

from batchgauge.core.analysis.analysis import SkippedFile, analyse
from batchgauge.core.documents.redaction import ACCOUNT, Redactor
from batchgauge.core.journal import Attempt, ComputeEnvironmentFacts, EnvironmentFacts, TaskPrice
from batchgauge.core.observed.container_insights import ClusterUse
from batchgauge.core.observed.task_times import TaskTimes, TaskUsage
from batchgauge.core.result.run_result import RunResult, from_document, to_document
from batchgauge.core.scenario import JobShape, ObservedJobs, SweepPlace
from batchgauge.messages import translator
from batchgauge.reports.markdown import markdown_report
from tests.reports.runs import Setting, measured

OWNER = "contoso"
QUEUE = "arn:aws:batch:us-west-2:123456789012:job-queue/contoso-queue"
FACTS = EnvironmentFacts(
    region="us-west-2",
    tool_version="0.1.0",
    python_version="3.11.2",
    endpoint_url="https://vpce-contoso.batch.us-west-2.vpce.amazonaws.com",
    account_id="123456789012",
    platform="Linux-contoso-host",
    job_queue_arn=QUEUE,
    job_definition_arn="arn:aws:batch:us-west-2:123456789012:job-definition/contoso-definition:3",
    job_platform="FARGATE",
    job_vcpus=1.0,
    log_group="/contoso/jobs",
    compute_environments=(
        ComputeEnvironmentFacts(name="contoso-environment", type="FARGATE", max_vcpus=16, state="ENABLED"),
    ),
)


def owned() -> RunResult:
    """A run that names its owner in every way that one can."""
    result = measured(3, Setting(failing=3, queue="contoso-queue", status_reason="Host EC2 (contoso-1) terminated."))
    assert result.scenario is not None
    shape = JobShape(
        job_queue=QUEUE,
        job_definition="contoso-definition:3",
        parameters={"countdownSeconds": "30", "contosoInput": "s3://contoso", "size": "4096"},
        command=("contoso.exe", "--contoso", "30"),
        environment={"CONTOSO_PIN": "4711"},
        tags={"batchgauge:run": str(result.run_id), "owner": OWNER},
    )
    job = msgspec.structs.replace(
        result.jobs[0],
        job_name="contoso-job",
        error="ClientException: contoso is not allowed",
        status_reason="Essential container in task exited",
        reason="CannotPullContainerError: contoso/image",
        log_group="/contoso/jobs",
        log_stream="contoso-definition/default/1",
        attempts=(Attempt(task_arn="arn:aws:ecs:us-west-2:123456789012:task/contoso/1", exit_code=1),),
        tasks=(TaskTimes(attempt=1, task_arn="arn:aws:ecs:us-west-2:123456789012:task/contoso/1", started_ms=5.0),),
    )
    return msgspec.structs.replace(
        result,
        run_id="concurrent-test-20261122T101500-x7k2",
        job_definition="contoso-definition:3",
        scenario=msgspec.structs.replace(result.scenario, job=shape),
        environment=FACTS,
        jobs=(job, *result.jobs[1:]),
        tasks=TaskUsage(found=1, error="AccessDeniedException: contoso may not"),
        container_insights=(ClusterUse(cluster="contoso-cluster", minutes=2),),
    )


def test_neither_name_nor_account_is_left() -> None:
    shared = to_document(Redactor().result(owned())).decode()
    assert OWNER not in shared.lower()
    assert "123456789012" not in shared
    assert "4711" not in shared


def test_the_same_name_has_the_same_placeholder_wherever_it_stands() -> None:
    redactor = Redactor()
    first, second = redactor.result(owned()), redactor.result(owned())
    assert first == second
    assert first.scenario is not None
    assert first.environment is not None
    assert first.job_queue == "queue-1"
    assert first.scenario.job.job_queue == f"arn:aws:batch:us-west-2:{ACCOUNT}:job-queue/queue-1"
    assert first.environment.job_queue_arn == first.scenario.job.job_queue
    assert first.job_definition == first.scenario.job.job_definition == "definition-1:3"
    assert first.environment.job_definition_arn == f"arn:aws:batch:us-west-2:{ACCOUNT}:job-definition/definition-1:3"
    other = redactor.result(msgspec.structs.replace(owned(), job_queue="another"))
    assert other.job_queue == "queue-2"


def test_what_names_nobody_stays() -> None:
    whole, shared = owned(), Redactor().result(owned())
    assert shared.run_id == whole.run_id
    assert shared.timestamp == whole.timestamp
    assert [job.status for job in shared.jobs] == [job.status for job in whole.jobs]
    job = shared.jobs[0]
    assert job.status_reason == "Essential container in task exited"
    assert (job.error, job.reason) == ("ClientException: reason-1", "CannotPullContainerError: reason-2")
    assert shared.scenario is not None
    assert shared.scenario.job.parameters["countdownSeconds"] == "30"
    assert shared.scenario.job.parameters["key-1"] == "value-1"
    assert shared.environment is not None
    assert shared.environment.region == "us-west-2"


def test_a_watch_of_somebody_elses_jobs_names_them_nowhere() -> None:
    whole = owned()
    assert whole.scenario is not None
    watched = ObservedJobs(name_prefix="contoso-nightly", array_job_id=None)
    scenario = msgspec.structs.replace(whole.scenario, observed=watched)
    named = msgspec.structs.replace(whole, run_id="observed-20261122T101500-x7k2", scenario=scenario)
    shared = Redactor().result(named)
    assert shared.run_id == "observed-20261122T101500-x7k2"
    assert OWNER not in to_document(shared).decode()


def numbers(value: Any) -> Iterator[float | bool | None]:
    match value:
        case dict():
            for entry in value.values():
                yield from numbers(entry)
        case list():
            for entry in value:
                yield from numbers(entry)
        case str():
            pass
        case _:
            yield value


def test_every_number_stays_and_the_document_can_be_read_again() -> None:
    whole, shared = owned(), Redactor().result(owned())
    assert list(numbers(json.loads(to_document(shared)))) == list(numbers(json.loads(to_document(whole))))
    assert from_document(to_document(shared)) == shared


def test_what_is_shared_already_stays_as_it_is() -> None:
    shared = Redactor().result(owned())
    assert Redactor().result(shared) == shared


def everything_named(value: Any, name: str = "") -> Any:
    """Every text that could be anybody's is: whatever the field is called."""
    match value:
        case Enum():
            return value
        case str():
            return value if name == "load" else f"Contoso {name}: contoso"
        case msgspec.Struct():
            fields = {each: everything_named(getattr(value, each), each) for each in value.__struct_fields__}
            return type(value)(**fields)
        case dict():
            return {f"contoso {key}": everything_named(entry, name) for key, entry in value.items()}
        case tuple() | list():
            return tuple(everything_named(entry, name) for entry in value)
        case _:
            return value


def test_no_field_gives_a_name_away_whatever_is_written_into_it() -> None:
    named = everything_named(owned())
    assert OWNER in to_document(named).decode()
    assert OWNER not in to_document(Redactor().result(named)).decode().lower()


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("test-case-1-baseline.json", "test-case-1-baseline.json"),
        ("test-case-3-level-7.json", "test-case-3-level-7.json"),
        (
            "runs/concurrent-test-20261122T101500-x7k2/result.json",
            "runs/concurrent-test-20261122T101500-x7k2/result.json",
        ),
        ("concurrent-test-20261122T101500-x7k2/journal.jsonl", "concurrent-test-20261122T101500-x7k2/journal.jsonl"),
        ("runs/contoso/result.json", "file-1"),
        ("contoso.json", "file-1"),
    ],
)
def test_file_names_of_ours_stay_and_others_do_not(file: str, shown: str) -> None:
    assert Redactor().file(file) == shown


def test_a_report_of_it_names_nobody() -> None:
    redactor = Redactor()
    skipped = redactor.skipped(SkippedFile("contoso.txt", "Expected `object`, got `contoso`"))
    analysis = analyse([("result.json", redactor.result(owned()))], [skipped])
    report = markdown_report(analysis, translator("en"))
    assert OWNER not in report.lower()
    assert "`queue-1`" in report


def test_which_run_of_a_sweep_it_is_and_its_price_stay_and_a_variants_name_goes() -> None:
    whole = owned()
    assert whole.scenario is not None
    assert whole.environment is not None
    place = SweepPlace(
        sweep_id="sweep-20261122T101500-x7k2", position=3, order="random@42", repeat=2, variant="contoso-large"
    )
    price = TaskPrice(per_hour=0.1, currency="USD", as_of="2026-07", system="LINUX", billing_minimum_s=60.0)
    named = msgspec.structs.replace(
        whole,
        scenario=msgspec.structs.replace(whole.scenario, place=place),
        environment=msgspec.structs.replace(whole.environment, price=price),
    )
    shared = Redactor().result(named)
    assert shared.scenario is not None
    assert shared.environment is not None
    assert shared.scenario.place == msgspec.structs.replace(place, variant="variant-1")
    assert shared.environment.price == price


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("test-case-0-warm-up-1.json", True),
        ("test-case-2-medium-repeat-3.json", True),
        ("test-case-2-medium.contoso.json", False),
    ],
)
def test_a_documents_name_stays_where_it_names_nobody(name: str, is_ours: bool) -> None:
    assert (Redactor().file(name) == name) is is_ours
