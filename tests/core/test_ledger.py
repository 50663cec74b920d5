"""The ledger: each job in exactly one column."""

from __future__ import annotations

import pytest

from batchgauge.core.job import JobState
from batchgauge.core.journal import Call, CallOutcome, Doubled, Found, Look, PlannedJob, Sighting
from batchgauge.core.observed.trace import JobTrace
from batchgauge.core.submitting.ledger import Ledger, LedgerCollector
from batchgauge.core.submitting.submission import Submission


def call(outcome: CallOutcome, job_id: str | None = None) -> Call:
    return Call(operation="SubmitJob", sent_ms=0.0, received_ms=1.0, outcome=outcome, job=1, job_id=job_id)


def ledger_of(
    submission: Submission,
    collector: LedgerCollector | None = None,
    trace: JobTrace | None = None,
    *,
    is_over: bool = True,
) -> Ledger:
    jobs = [(index, submission, trace or JobTrace()) for index in submission.planned.indexes]
    return (collector or LedgerCollector()).ledger(jobs, is_over=is_over)


@pytest.mark.parametrize(
    ("outcomes", "column"),
    [
        ([], "not_sent"),
        ([CallOutcome.UNAVAILABLE], "not_sent"),
        ([CallOutcome.THROTTLED, CallOutcome.REFUSED], "refused"),
        ([CallOutcome.THROTTLED], "refused"),
        ([CallOutcome.REFUSED, CallOutcome.AMBIGUOUS], "unanswered"),
    ],
)
def test_a_job_that_aws_did_not_take(outcomes: list[CallOutcome], column: str) -> None:
    submission = Submission(PlannedJob(1, "job", 0.0))
    for outcome in outcomes:
        submission.add(call(outcome))
    ledger = ledger_of(submission)
    assert getattr(ledger, column) == 1
    assert (
        ledger.intended
        == 1
        == ledger.accepted + ledger.found_again + ledger.refused + ledger.unanswered + ledger.not_sent
    )
    assert not ledger.is_ordinary


def test_a_job_that_was_taken() -> None:
    submission = Submission(PlannedJob(1, "job", 0.0))
    submission.add(call(CallOutcome.AMBIGUOUS))
    submission.found = Found(job=1, job_id="id", at_ms=2.0)
    assert ledger_of(submission).found_again == 1
    submission.add(call(CallOutcome.OK, "id"))
    assert ledger_of(submission).accepted == 1
    assert ledger_of(submission).is_ordinary


def test_an_array_counts_as_its_children() -> None:
    submission = Submission(PlannedJob(1, "job", 0.0, 5))
    submission.add(call(CallOutcome.OK, "parent"))
    collector = LedgerCollector()
    collector.double(Doubled(job=1, job_id="other", at_ms=3.0, is_ended=True))
    ledger = ledger_of(submission, collector)
    assert (ledger.intended, ledger.accepted, ledger.doubled, ledger.doubled_ended) == (5, 5, 5, 5)


def test_a_doubled_job_that_is_told_of_twice_is_one() -> None:
    collector = LedgerCollector()
    collector.double(Doubled(job=1, job_id="other", at_ms=3.0, is_ended=False))
    ledger = ledger_of(Submission(PlannedJob(1, "job", 0.0)), collector)
    assert (ledger.doubled, ledger.doubled_left) == (1, 1)
    collector.double(Doubled(job=1, job_id="other", at_ms=4.0, is_ended=True))
    ledger = ledger_of(Submission(PlannedJob(1, "job", 0.0)), collector)
    assert (ledger.doubled, ledger.doubled_ended) == (1, 1)


def test_a_job_that_aws_shows_no_more_is_lost_once_the_run_is_over() -> None:
    submission = Submission(PlannedJob(1, "job", 0.0))
    submission.add(call(CallOutcome.OK, "id"))
    collector, trace = LedgerCollector(), JobTrace()
    missing = Look(operation="DescribeJobs", sent_ms=2.0, received_ms=3.0, covered="", missing="1")
    collector.look(missing)
    assert ledger_of(submission, collector, trace, is_over=False).lost == 0
    assert ledger_of(submission, collector, trace).lost == 1
    collector.look(Look(operation="DescribeJobs", sent_ms=4.0, received_ms=5.0, covered="1"))
    assert ledger_of(submission, collector, trace).lost == 0
    collector.look(missing)
    trace.see(Sighting(job=1, state=JobState.SUCCEEDED), 6.0, 7.0)
    assert ledger_of(submission, collector, trace).lost == 0, "it had ended; AWS may forget it"
