"""How far a run is, from its journal alone."""

from __future__ import annotations

from hypothesis import given

from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    Call,
    CallOutcome,
    Ended,
    Found,
    Interrupted,
    Look,
    Plan,
    PlannedJob,
    RunOutcome,
    Sighting,
    Started,
)
from batchgauge.core.progress.run_progress import RunProgress
from batchgauge.core.progress.snapshot import RunStage
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.kept_run import SILENCE_LIMIT_S, Standing, from_progress, standing_of
from tests.core.journals import TrueRun, header, plan_of, runs

BEGUN = header().started_ms


def call(job: int, outcome: CallOutcome = CallOutcome.OK) -> Call:
    return Call(
        operation="SubmitJob",
        sent_ms=BEGUN + 10,
        received_ms=BEGUN + 20,
        outcome=outcome,
        job=job,
        job_id=f"id-{job}" if outcome is CallOutcome.OK else None,
    )


def look(at_s: float, *sightings: Sighting) -> Look:
    at_ms = BEGUN + at_s * 1000
    return Look(operation="DescribeJobs", sent_ms=at_ms, received_ms=at_ms, covered="1-3", changed=sightings)


def progress_of(*records: object) -> RunProgress:
    progress = RunProgress()
    for record in records:
        progress.add(record)  # type: ignore[arg-type]
    return progress


def test_a_run_is_submitting_until_every_job_was_taken_or_refused() -> None:
    begun = (header(3), plan_of(3), Started(at_ms=BEGUN), call(1), call(2, CallOutcome.THROTTLED))
    snapshot = progress_of(*begun).snapshot(BEGUN + 1000)
    assert snapshot.stage is RunStage.SUBMITTING
    assert (snapshot.total, snapshot.accepted, snapshot.refused, snapshot.throttles) == (3, 1, 0, 1)
    snapshot = progress_of(*begun, call(2), call(3, CallOutcome.REFUSED)).snapshot(BEGUN + 1000)
    assert snapshot.stage is RunStage.OBSERVING
    assert (snapshot.accepted, snapshot.refused) == (2, 1)
    assert snapshot.elapsed_s == 1.0


def test_jobs_without_an_answer_stand_apart_from_those_that_were_refused() -> None:
    lost = (header(3), plan_of(3), call(1), call(2, CallOutcome.AMBIGUOUS), call(3, CallOutcome.REFUSED))
    snapshot = progress_of(*lost).snapshot(BEGUN + 1000)
    assert (snapshot.accepted, snapshot.refused, snapshot.unanswered) == (1, 1, 1)
    found = progress_of(*lost, Found(job=2, job_id="id-2", at_ms=BEGUN + 2000))
    assert (found.accepted, found.unanswered) == (2, 0)
    ended = progress_of(*lost[:4], Ended(at_ms=BEGUN + 2000, outcome=RunOutcome.DEADLINE))
    assert (ended.accepted, ended.refused, ended.unanswered) == (1, 1, 1), "what was never sent was not submitted"


def test_jobs_not_seen_yet_count_as_submitted() -> None:
    records = (header(3), plan_of(3), *map(call, (1, 2, 3)), look(2, Sighting(job=1, state=JobState.RUNNING)))
    states = progress_of(*records).snapshot(BEGUN + 3000).states
    assert states == {JobState.SUBMITTED: 2, JobState.RUNNING: 1}


def test_an_ended_run_elapses_no_more() -> None:
    progress = progress_of(header(1), plan_of(1), Ended(at_ms=BEGUN + 5000, outcome=RunOutcome.COMPLETE))
    assert progress.snapshot(BEGUN + 99_000).elapsed_s == 5.0
    assert progress.snapshot(BEGUN + 99_000).stage is RunStage.DONE


def test_a_reader_whose_clock_is_behind_shows_the_runs_own_last_moment() -> None:
    progress = progress_of(header(1), plan_of(1), call(1), look(30))
    assert progress.snapshot(BEGUN - 1_000_000).elapsed_s == 30.0


def test_an_interrupted_run_ends_its_jobs() -> None:
    progress = progress_of(header(1), plan_of(1), call(1), Interrupted(at_ms=BEGUN + 100, cause="SIGINT"))
    assert progress.snapshot(BEGUN + 200).stage is RunStage.ENDING_JOBS


def test_a_silent_journal_without_an_end_was_cut_off() -> None:
    progress = progress_of(header(1), plan_of(1))
    assert standing_of(progress, SILENCE_LIMIT_S) is Standing.GOING_ON
    assert standing_of(progress, SILENCE_LIMIT_S + 1) is Standing.CUT_OFF
    progress.add(Ended(at_ms=BEGUN, outcome=RunOutcome.FAILED))
    assert standing_of(progress, 1e9) is Standing.FAILED


def test_an_empty_journal_is_broken() -> None:
    assert from_progress("run", RunProgress(), 0, 0.0).standing is Standing.BROKEN


def test_an_array_is_one_submission_and_many_jobs() -> None:
    plan = Plan(jobs=(PlannedJob(1, "array", 0.0, 3), PlannedJob(4, "array", 0.0, 2)))
    snapshot = progress_of(header(5), plan, call(1), call(4, CallOutcome.REFUSED)).snapshot(BEGUN + 1000)
    assert (snapshot.total, snapshot.accepted, snapshot.refused) == (5, 3, 2)
    assert snapshot.stage is RunStage.OBSERVING


@given(run=runs())
def test_the_counts_are_those_of_the_result(run: TrueRun) -> None:
    kept, summary = from_progress("run", progress_of(*run.records), 1, 0.0), build_result(run.records).levels[0]
    assert (kept.level, kept.succeeded, kept.failed) == (summary.level, summary.succeeded, summary.failed)
    assert kept.unfinished == summary.unfinished
