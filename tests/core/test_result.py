"""The specification's document, with ours beside it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.job import JobState
from batchgauge.core.journal import Call, CallOutcome, Look, Record, Sighting, Started
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import SCHEMA_VERSION, RunResult, from_document, local_naive, to_document
from tests.core.journals import TrueRun, header, plan_of, runs

SPECIFICATION = (Path(__file__).parent.parent / "data" / "specification-result.json").read_bytes()


def specified() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SPECIFICATION)
    return document


@given(runs())
def test_a_document_that_was_written_is_read_as_it_was(run: TrueRun) -> None:
    result = build_result(run.records)
    document = to_document(result)
    assert from_document(document) == result
    assert to_document(from_document(document)) == document


def test_the_specifications_own_document_is_read() -> None:
    result = from_document(SPECIFICATION)
    assert (result.total_jobs, result.successful_jobs, result.failed_jobs) == (10, 10, 0)
    assert result.schema_version is None
    assert result.levels == ()
    [job] = result.jobs
    assert job.job_name == "concurrent-test-job001-1721894200"
    assert job.submit_duration == 0.245
    assert job.is_accepted
    assert not job.is_finished


def test_the_specifications_own_document_can_be_analysed_and_claims_no_more_than_it_holds() -> None:
    [run] = analyse([("test-case-3-high.json", from_document(SPECIFICATION))]).runs
    assert run.summary.submit.mean.earliest == 245
    assert not run.summary.is_monitored
    assert run.summary.job_success_rate is None
    assert (run.summary.queue, run.summary.max_running, run.summary.throttles) == (None, None, None)


def a_run() -> RunResult:
    accepted = Call(
        operation="SubmitJob",
        sent_ms=1_753_403_400_123.456,
        received_ms=1_753_403_400_368.456,
        outcome=CallOutcome.OK,
        job=1,
        job_id="12345678-1234-1234-1234-123456789012",
    )
    refused = Call(
        operation="SubmitJob", sent_ms=2, received_ms=3, outcome=CallOutcome.REFUSED, error="ClientException", job=2
    )
    records: list[Record] = [header(2, is_monitored=False), plan_of(2), Started(at_ms=1), accepted, refused]
    return build_result(records)


def test_our_document_has_every_key_of_the_specification_with_a_value_of_its_kind() -> None:
    ours = json.loads(to_document(a_run()))
    theirs = specified()
    for keys, document in ((theirs, ours), (theirs["jobs"][0], ours["jobs"][0])):
        for key, example in keys.items():
            assert key in document
            assert type(document[key]) is type(example), key
    assert list(ours)[: len(theirs)] == list(theirs), "the specification's keys come first, in its order"
    assert list(ours["jobs"][0])[: len(theirs["jobs"][0])] == list(theirs["jobs"][0])


def test_the_specifications_keys_mean_what_it_says() -> None:
    ours = json.loads(to_document(a_run()))
    assert (ours["totalJobs"], ours["successfulJobs"], ours["failedJobs"]) == (2, 1, 1)
    accepted, refused = ours["jobs"]
    # The journal's offset from UTC is that of Tokyo: 00:30 there is 09:30.
    assert accepted["submissionTime"] == "2025-07-25T09:30:00.123456"
    assert accepted["submitDuration"] == 0.245
    assert (accepted["status"], refused["status"]) == ("SUBMITTED", "FAILED_TO_SUBMIT")
    assert refused["jobId"] is None
    assert refused["error"] == "ClientException"
    assert accepted["countdownSeconds"] == 30
    assert datetime.fromisoformat(ours["timestamp"]).tzinfo is None


def test_a_document_ends_with_a_newline_and_is_indented_utf_8() -> None:
    document = to_document(a_run())
    assert document.endswith(b"}\n")
    assert document.decode("utf-8").splitlines()[1].startswith('  "timestamp"')


@pytest.mark.parametrize(
    "foreign",
    [b"", b"[]", b"null", b"3", b"{}", b"not json", b"\xff\xfe", b'{"timestamp": "\xff"}', SPECIFICATION[:-20]],
)
def test_what_is_no_such_document_is_refused_with_a_reason(foreign: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_document(foreign)


@pytest.mark.parametrize("key", ["timestamp", "jobQueue", "jobDefinition", "totalJobs", "jobs"])
def test_a_key_that_is_missing_is_named(key: str) -> None:
    document = specified()
    del document[key]
    with pytest.raises(ValueError, match=key):
        from_document(json.dumps(document).encode())


def test_a_key_of_the_wrong_kind_is_named_with_its_place() -> None:
    document = specified()
    document["jobs"][0]["submitDuration"] = "long"
    with pytest.raises(ValueError, match=r"jobs\[.+\]\.submitDuration"):
        from_document(json.dumps(document).encode())


def test_a_document_of_a_later_version_is_refused() -> None:
    later = json.dumps({**specified(), "schemaVersion": SCHEMA_VERSION + 1}).encode()
    with pytest.raises(ValueError, match="newer"):
        from_document(later)


def test_keys_that_nobody_knows_are_no_reason_to_refuse() -> None:
    document = {**specified(), "comment": "by hand"}
    assert from_document(json.dumps(document).encode()).total_jobs == 10


@given(st.floats(0, 4e12), st.integers(-43_200, 50_400))
def test_a_local_time_is_the_utc_time_and_the_offset(utc_ms: float, utc_offset_s: int) -> None:
    moment = datetime.fromisoformat(local_naive(utc_ms, utc_offset_s))
    assert moment.tzinfo is None
    since_epoch_ms = (moment - datetime(1970, 1, 1)).total_seconds() * 1000
    assert since_epoch_ms - utc_offset_s * 1000 == pytest.approx(utc_ms, abs=0.002)


def test_a_local_time_always_shows_its_microseconds() -> None:
    assert local_naive(0.0, 0) == "1970-01-01T00:00:00.000000"


def test_runs_are_analysed_in_the_order_of_their_level_then_of_their_time() -> None:
    def of(total: int, timestamp: str) -> RunResult:
        return from_document(json.dumps({**specified(), "totalJobs": total, "timestamp": timestamp}).encode())

    documents = [("b", of(20, "2025")), ("c", of(2, "2026")), ("a", of(2, "2025")), ("0", of(2, "2026"))]
    assert [run.file for run in analyse(documents).runs] == ["a", "0", "c", "b"]


@pytest.mark.parametrize(("status", "is_monitored"), [("SUCCEEDED", True), ("FAILED", True), ("RUNNING", False)])
def test_a_specified_document_counts_as_monitored_where_a_job_was_seen_to_end(status: str, is_monitored: bool) -> None:
    document = specified()
    document["jobs"][0]["status"] = status
    [run] = analyse([("file", from_document(json.dumps(document).encode()))]).runs
    assert run.summary.is_monitored is is_monitored


def test_everything_that_a_person_may_ask_of_a_sighting_comes_out_in_the_document() -> None:
    shown = Sighting(
        job=1,
        state=JobState.RUNNING,
        status_reason="why",
        exit_code=3,
        reason="what",
        log_stream="stream",
        log_group="group",
    )
    records: list[Record] = [
        header(1),
        plan_of(1),
        Call(operation="SubmitJob", sent_ms=1, received_ms=2, outcome=CallOutcome.OK, job=1, job_id="id"),
        Look(operation="DescribeJobs", sent_ms=3, received_ms=4, covered="1", changed=(shown,)),
    ]
    [job] = json.loads(to_document(build_result(records)))["jobs"]
    assert (job["statusReason"], job["exitCode"], job["reason"]) == ("why", 3, "what")
    assert (job["logStream"], job["logGroup"]) == ("stream", "group")
