"""What is said against a run, and how grave it is."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.job import END_REASON
from batchgauge.core.journal import RunOutcome
from batchgauge.core.observed.allowances import Allowances
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import Instants
from batchgauge.core.result.validity import WEIGHTS, Circumstances, Doubt, Verdict, judge
from batchgauge.core.stats.summary import summarise
from batchgauge.core.submitting.lateness import Lateness


def job(
    status: str = "SUCCEEDED",
    *,
    created_ms: float | None = 1.0,
    is_contradicted: bool = False,
    missing_since_ms: float | None = None,
) -> JobResult:
    return JobResult(
        job_id="id" if status != "FAILED_TO_SUBMIT" else None,
        job_name="job",
        submission_time="",
        submit_duration=0.1,
        status=status,
        instants=Instants(created_ms=created_ms),
        is_contradicted=is_contradicted,
        missing_since_ms=missing_since_ms,
    )


def lateness(*, late: int, of: int) -> Lateness:
    late_ms = [exactly(40.0)] * late + [exactly(1.0)] * (of - late)
    return Lateness(tolerance_ms=5, submissions=of, late=late, waited_for_connection=0, lateness_ms=summarise(late_ms))


WELL = Circumstances(is_monitored=True, outcome=RunOutcome.COMPLETE, usual_gap_ms=10_000, longest_gap_ms=10_100)


def test_nothing_is_said_against_a_run_in_order() -> None:
    assert judge([job(), job("FAILED")], WELL).verdict is Verdict.VALID


def test_a_submission_in_a_hundred_may_be_late() -> None:
    assert judge([job()], replace(WELL, lateness=lateness(late=2, of=200))).findings == ()


@pytest.mark.parametrize(
    ("jobs", "changes", "doubt"),
    [
        ([job("FAILED_TO_SUBMIT")], {}, Doubt.NO_JOB_ACCEPTED),
        ([job(), job("FAILED_TO_SUBMIT")], {}, Doubt.NOT_ALL_SUBMITTED),
        ([job()], {"outcome": RunOutcome.INTERRUPTED}, Doubt.CUT_OFF),
        ([job()], {"outcome": None}, Doubt.CUT_OFF),
        ([job(), job("SUBMITTED", created_ms=None)], {}, Doubt.NOT_SEEN),
        ([job(), job("RUNNING")], {}, Doubt.UNFINISHED),
        ([job(), job("RUNNING", missing_since_ms=5.0)], {}, Doubt.VANISHED),
        ([job()], {"clock": ClockOffset(offset_ms=Bound(0, 9_000), jobs=2, is_contradicted=True)}, Doubt.CLOCK_SET),
        ([job()], {"allowances": Allowances(read_lag_ms=5)}, Doubt.STALE_READS),
        ([job()], {"allowances": Allowances(event_lead_ms=5)}, Doubt.LATE_EVENTS),
        ([job(), job(is_contradicted=True)], {}, Doubt.CONTRADICTED),
        ([job()], {"unwatched_ms": 60_000}, Doubt.RESUMED),
        ([job()], {"longest_gap_ms": 30_001}, Doubt.BLIND),
        ([job()], {"busy_share": 0.9}, Doubt.TOOL_BUSY),
        ([job()], {"lateness": lateness(late=3, of=200)}, Doubt.SENT_LATE),
    ],
)
def test_each_doubt_has_its_cause(jobs: list[JobResult], changes: dict[str, object], doubt: Doubt) -> None:
    circumstances = Circumstances(**{**{name: getattr(WELL, name) for name in WELL.__slots__}, **changes})
    validity = judge(jobs, circumstances)
    assert [finding.doubt for finding in validity.findings] == [doubt]
    assert validity.verdict is WEIGHTS[doubt]
    assert validity.verdict is not Verdict.VALID


def test_what_was_not_watched_is_not_held_against_a_run_without_watching() -> None:
    unwatched = Circumstances(is_monitored=False, outcome=RunOutcome.COMPLETE)
    assert judge([job("SUBMITTED", created_ms=None)], unwatched).verdict is Verdict.VALID


def test_the_gravest_doubt_is_the_verdict() -> None:
    cut_off = Circumstances(is_monitored=True, outcome=RunOutcome.FAILED, allowances=Allowances(read_lag_ms=1))
    validity = judge([job()], cut_off)
    assert validity.verdict is Verdict.INVALID
    assert len(validity.findings) == 2
    assert msgspec.json.decode(msgspec.json.encode(validity), type=type(validity)) == validity


def test_jobs_without_an_answer_are_not_said_to_be_refused() -> None:
    jobs = [job("FAILED_TO_SUBMIT"), job("FAILED_TO_SUBMIT"), job()]
    complete = Circumstances(is_monitored=True, outcome=RunOutcome.COMPLETE, unanswered=1)
    some = judge(jobs, complete)
    assert [(each.doubt, each.jobs) for each in some.findings] == [
        (Doubt.NOT_ALL_SUBMITTED, 1),
        (Doubt.UNANSWERED, 1),
    ]
    assert some.verdict is Verdict.SUSPECT
    none_known = judge(jobs[:1], complete)
    assert [each.doubt for each in none_known.findings] == [Doubt.UNANSWERED]
    assert none_known.verdict is Verdict.INVALID


def test_a_run_whose_jobs_we_ended_is_invalid_also_once_it_is_complete() -> None:
    ended = msgspec.structs.replace(job("FAILED"), status_reason=END_REASON)
    validity = judge([ended, job()], Circumstances(is_monitored=True, outcome=RunOutcome.COMPLETE))
    assert [(each.doubt, each.jobs, each.of_jobs) for each in validity.findings] == [(Doubt.JOBS_ENDED, 1, 2)]
    assert validity.verdict is Verdict.INVALID
