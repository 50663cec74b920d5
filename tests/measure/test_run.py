"""One run from its plan to its last record."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    Ended,
    LogLook,
    Look,
    Plan,
    RunOutcome,
    Started,
)
from batchgauge.core.naming import RUN_TAG
from batchgauge.core.progress.snapshot import RunStage
from batchgauge.errors import (
    JournalError,
    NoCredentialsError,
)
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import run as measure_run
from tests.measure.conftest import RUN, Bench, MakeBench
from tests.measure.fake_aws import (
    NO_CREDENTIALS,
    REFUSED,
    Timing,
)
from tests.measure.virtual_time import run_virtually


def test_a_run_ends_with_every_job_accounted_for(bench: Bench) -> None:
    report = bench.run(bench.scenario(3))
    result = report.result
    assert report.error is None
    assert report.left_running == ()
    assert result.outcome is RunOutcome.COMPLETE
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 3
    assert {job.job_id for job in result.jobs} == set(bench.aws.jobs)


def test_the_bounds_hold_what_the_fake_truly_did(bench: Bench) -> None:
    result = bench.run(bench.scenario(3)).result
    assert result.clock is not None
    offset = result.clock.offset_ms
    assert offset.earliest is not None
    assert offset.latest is not None
    assert offset.earliest <= bench.aws.offset_ms <= offset.latest
    for job in result.jobs:
        assert job.phases is not None
        assert job.phases.wait_ms == Bound(5_000, 5_000)
        assert job.phases.run_ms == Bound(30_000, 30_000)
        assert job.phases.queue_ms is not None
        assert job.phases.queue_ms.intersect(Bound(2_000, 2_000)) == Bound(2_000, 2_000)


def test_the_plan_is_on_the_disk_before_anything_is_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    synced_at_first_send: list[int] = []
    submit = bench.aws.submit_job

    async def noting(name: str, shape: object, array_size: int) -> object:
        synced_at_first_send.append(bench.journal.synced)
        return await submit(name, shape, array_size)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.aws, "submit_job", noting)
    bench.run(bench.scenario(3))
    planned = [type(record) for record in bench.journal.records].index(Plan)
    assert synced_at_first_send[0] > planned


def test_a_journal_begins_with_its_header_and_plan_and_ends_with_its_end(bench: Bench) -> None:
    bench.run(bench.scenario(2))
    kinds = [type(record).__name__ for record in bench.journal.records]
    assert kinds[:3] == ["Header", "Plan", "Started"]
    assert kinds[-1] == "Ended"


def test_jobs_are_named_and_tagged_after_the_run_and_told_their_countdown(bench: Bench) -> None:
    bench.run(bench.scenario(2))
    jobs = list(bench.aws.jobs.values())
    assert sorted(job.name for job in jobs) == [f"{RUN}-job001", f"{RUN}-job002"]
    assert jobs[0].shape.tags == {RUN_TAG: RUN}
    assert jobs[0].shape.parameters == {"countdownSeconds": "30"}


def test_a_parameter_of_the_users_own_is_not_written_over(bench: Bench) -> None:
    scenario = bench.scenario(1)
    shape = msgspec.structs.replace(scenario.job, parameters={"countdownSeconds": "7", "mode": "x"})
    bench.run(msgspec.structs.replace(scenario, job=shape))
    [job] = bench.aws.jobs.values()
    assert job.shape.parameters == {"countdownSeconds": "7", "mode": "x"}


def test_another_program_gets_no_countdown(bench: Bench) -> None:
    bench.run(msgspec.structs.replace(bench.scenario(1), countdown_s=None))
    [job] = bench.aws.jobs.values()
    assert job.shape.parameters == {}


def test_a_run_that_is_not_monitored_looks_at_nothing(bench: Bench) -> None:
    report = bench.run(bench.scenario(3, is_monitored=False))
    assert {operation for operation, _ in bench.aws.calls} == {"SubmitJob"}
    assert [job.status for job in report.result.jobs] == ["SUBMITTED"] * 3
    assert report.result.outcome is RunOutcome.COMPLETE


def test_a_thousand_jobs_are_described_by_at_most_a_hundred(make_bench: MakeBench) -> None:
    bench = make_bench(latency_s=0.01)
    report = bench.run(bench.scenario(1_050, max_workers=100))
    assert report.result.levels[0].succeeded == 1_050
    assert max(len(ids) for ids in bench.aws.called("DescribeJobs")) == 100
    plans = [record for record in bench.journal.records if isinstance(record, Plan)]
    assert [len(plan.jobs) for plan in plans] == [1_000, 50]


def test_jobs_that_have_ended_are_not_asked_about_again(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda number: Timing(ended_s=15.0 if number == 1 else 65.0))
    bench.run(bench.scenario(2))
    asked = [len(ids) for ids in bench.aws.called("DescribeJobs")]
    assert asked == [2, 2, 2, 1, 1, 1, 1, 1]  # as soon as there is a job, then every 10 s


def test_a_run_of_which_no_job_is_taken_does_not_wait_for_the_next_look(bench: Bench) -> None:
    bench.aws.always["SubmitJob"] = REFUSED
    bench.run(bench.scenario(2))
    [begun] = [record.at_ms for record in bench.journal.records if isinstance(record, Started)]
    [ended] = [record.at_ms for record in bench.journal.records if isinstance(record, Ended)]
    assert ended - begun < 1_000
    assert not bench.aws.called("DescribeJobs")


def test_failed_jobs_are_no_error_of_the_run(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: Timing(end=JobState.FAILED))
    report = bench.run(bench.scenario(2))
    assert report.error is None
    assert report.result.outcome is RunOutcome.COMPLETE
    assert (report.result.successful_jobs, report.result.failed_jobs) == (0, 2)


def test_log_streams_are_read_after_the_jobs_have_ended(bench: Bench) -> None:
    report = bench.run(bench.scenario(3))
    looks = [record for record in bench.journal.records if isinstance(record, LogLook)]
    assert [look.job for look in looks] == [1, 2, 3]
    assert report.result.levels[0].logs is not None
    assert report.result.levels[0].logs.delay.mean == Bound(40, 40)
    last_look = max(i for i, record in enumerate(bench.journal.records) if isinstance(record, Look))
    first_log = min(i for i, record in enumerate(bench.journal.records) if isinstance(record, LogLook))
    assert last_look < first_log


def test_logs_are_left_alone_where_nobody_wants_them(bench: Bench) -> None:
    around = replace(bench.surroundings(), reads_logs=False)

    async def work() -> None:
        await measure_run(RUN, bench.scenario(1), bench.journal, around, Interruption())

    run_virtually(work())
    assert not bench.aws.called("GetLogEvents")


def test_credentials_that_vanish_before_the_logs_are_read_lose_no_measurement(bench: Bench) -> None:
    bench.aws.always["GetLogEvents"] = NO_CREDENTIALS
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, NoCredentialsError)
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED", "SUCCEEDED"]
    assert report.left_running == ()


def test_progress_counts_every_job_once_and_ends_with_done(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", REFUSED)
    bench.run(bench.scenario(5))
    for snapshot in bench.watcher.snapshots:
        assert snapshot.accepted == sum(snapshot.states.values())
        assert snapshot.accepted + snapshot.refused <= snapshot.total
    last = bench.watcher.snapshots[-1]
    assert (last.stage, last.accepted, last.refused, last.remaining_s) == (RunStage.DONE, 4, 1, None)


def test_a_journal_that_cannot_be_written_stops_the_run_before_anything_is_sent(bench: Bench) -> None:
    async def full() -> None:
        raise JournalError(path="journal.jsonl", reason="No space left on device")

    bench.journal.sync = full  # type: ignore[method-assign]
    with pytest.raises(JournalError):
        run_virtually(bench.run_now(bench.scenario(2)))
    assert bench.aws.calls == []


def test_what_was_meant_counts_from_when_sending_began(bench: Bench) -> None:
    report = bench.run(bench.scenario(5, max_workers=1))
    [started] = [record for record in bench.journal.records if isinstance(record, Started)]
    for number, job in enumerate(report.result.jobs, start=1):
        assert job.instants is not None
        assert job.instants.intended_ms == started.at_ms
        assert job.phases is not None
        assert job.phases.submit_ms is not None
        assert job.phases.submit_ms.latest == pytest.approx(100, abs=0.01)
        assert job.phases.submit_latency_ms is not None
        assert job.phases.submit_latency_ms.latest == pytest.approx(100 * number, abs=0.01)


def test_the_last_record_says_how_it_ended(bench: Bench) -> None:
    bench.run(bench.scenario(1))
    last = bench.journal.records[-1]
    assert isinstance(last, Ended)
    assert last.outcome is RunOutcome.COMPLETE
