"""Verdicts on runs of a small model of a queue; the benchmark holds them to accounts with known limits."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.bound import exactly
from batchgauge.core.job import END_REASON
from batchgauge.core.journal import RunOutcome
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.limits.of_run import limits_of_run
from batchgauge.core.observed.log_delivery import LogDelivery
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.verdict import (
    ClientLimit,
    FailuresLimit,
    Lack,
    MaxVcpusLimit,
    NoneReached,
    NotEnough,
    SubmitRateLimit,
    VcpuQuotaLimit,
)
from tests.core.cut_short import cut_short
from tests.reports.runs import Setting, measured


def of(*levels: int, setting: Setting | None = None) -> Analysis:
    return analyse([(f"{level}.json", measured(level, setting)) for level in levels])


def test_no_runs_no_verdict() -> None:
    assert judge_limits(Analysis(())).overall is None


def test_jobs_that_wait_for_places_have_met_max_vcpus() -> None:
    verdicts = judge_limits(of(5, 20, 40))
    assert isinstance(verdicts.overall, MaxVcpusLimit)
    assert (verdicts.overall.level, verdicts.overall.jobs.value, verdicts.overall.jobs.high) == (40, 16, 16)
    assert (verdicts.first_level, verdicts.unchanged_level) == (20, 5)


def test_levels_without_a_limit_say_so() -> None:
    verdicts = judge_limits(of(2, 5, 10))
    assert verdicts.overall == NoneReached(10)
    assert (verdicts.first_level, verdicts.unchanged_level) == (None, 10)


def test_one_level_alone_does_not_show_whether_jobs_slow_each_other() -> None:
    assert judge_limits(of(5)).overall == NotEnough(5, Lack.LOWER_LEVEL, 1)
    assert judge_limits(of(1)).overall == NotEnough(1, Lack.LOWER_LEVEL, 2)


def test_unwatched_jobs_carry_no_verdict() -> None:
    overall = judge_limits(of(2, 5, setting=Setting(is_monitored=False))).overall
    assert isinstance(overall, NotEnough)
    assert overall.lack is Lack.MONITORING


def test_jobs_that_have_not_ended_carry_no_verdict() -> None:
    overall = judge_limits(of(2, 5, setting=Setting(looks=1))).overall
    assert isinstance(overall, NotEnough)
    assert overall.lack is Lack.ENDS


def test_failures_come_before_waiting() -> None:
    verdicts = judge_limits(of(5, 40, setting=Setting(failing=4)))
    assert isinstance(verdicts.overall, FailuresLimit)
    assert verdicts.overall.share.value == 0.25
    assert verdicts.levels[-1].others[0].code == "max-vcpus"


def test_jobs_that_we_ended_ourselves_are_no_failures_of_theirs() -> None:
    verdicts = judge_limits(of(5, 40, setting=Setting(failing=4, status_reason=END_REASON)))
    assert not isinstance(verdicts.overall, FailuresLimit)


def test_what_a_run_that_ended_early_did_not_send_or_look_up_is_no_failure_of_the_jobs() -> None:
    whole = measured(10, Setting(refused=5))
    assert whole.ledger is not None
    for name in ("refused", "not_sent", "unanswered"):
        ledger = msgspec.structs.replace(whole.ledger, **{"refused": 0, name: 2})
        early = msgspec.structs.replace(whole, outcome=RunOutcome.DEADLINE, ledger=ledger)
        [level] = judge_limits(analyse([("10.json", early)])).levels
        assert isinstance(level.held, FailuresLimit if name == "refused" else NotEnough)


def test_throttled_submissions_are_the_rates_doing() -> None:
    [level] = judge_limits(of(12, setting=Setting())).levels
    assert not isinstance(level.held, SubmitRateLimit)
    throttled = measured(12)
    assert throttled.api is not None
    usage = msgspec.structs.replace(throttled.api.operations["SubmitJob"], throttled=5)
    api = msgspec.structs.replace(throttled.api, operations={**throttled.api.operations, "SubmitJob": usage})
    overall = judge_limits(analyse([("12.json", msgspec.structs.replace(throttled, api=api))])).overall
    assert isinstance(overall, SubmitRateLimit)
    assert overall.refill_per_s is None


def test_submissions_that_were_held_up_by_calls_that_failed_are_not_our_clients_doing() -> None:
    slow = measured(12, Setting(submit_per_s=2.0, max_workers=1))
    [level] = judge_limits(analyse([("12.json", slow)])).levels
    assert isinstance(level.held, ClientLimit)
    assert slow.api is not None
    usage = msgspec.structs.replace(slow.api.operations["SubmitJob"], failed=1)
    api = msgspec.structs.replace(slow.api, operations={**slow.api.operations, "SubmitJob": usage})
    [level] = judge_limits(analyse([("12.json", msgspec.structs.replace(slow, api=api))])).levels
    assert not isinstance(level.held, ClientLimit)


def test_a_warm_up_is_left_out() -> None:
    warm_up = msgspec.structs.replace(measured(40), is_warm_up=True)
    documents: list[tuple[str, RunResult]] = [("w.json", warm_up), ("2.json", measured(2)), ("5.json", measured(5))]
    assert judge_limits(analyse(documents)).overall == NoneReached(5)


def test_a_file_of_the_specifications_own_shape_is_judged_by_what_it_has() -> None:
    bare = msgspec.structs.replace(
        measured(5),
        schema_version=None,
        scenario=None,
        environment=None,
        api=None,
        lateness=None,
        jobs=tuple(
            msgspec.structs.replace(job, instants=None, phases=None, attempts=(), tasks=()) for job in measured(5).jobs
        ),
    )
    assert isinstance(judge_limits(analyse([("a.json", bare)])).overall, NotEnough)


def test_a_run_that_was_ended_early_shows_no_limit_and_that_there_is_none_neither() -> None:
    overall = judge_limits(of(2, 5, setting=Setting(outcome=RunOutcome.INTERRUPTED))).overall
    assert overall == NotEnough(2, Lack.ENDED_EARLY, 2, levels=(2, 5))


def test_jobs_that_we_ended_ourselves_end_their_level_early() -> None:
    held = judge_limits(of(5, setting=Setting(failing=1, status_reason=END_REASON))).overall
    assert held == NotEnough(5, Lack.ENDED_EARLY, 5)


def test_a_run_that_was_ended_while_jobs_waited_for_a_full_queue_has_met_max_vcpus() -> None:
    overall = judge_limits(analyse([("18.json", cut_short(18))])).overall
    assert isinstance(overall, MaxVcpusLimit)
    assert (overall.jobs.value, overall.waited, overall.needed_vcpus) == (16, 2, 18.0)
    # Two that waited a minute and more, among eighteen.
    assert overall.delay_ms > 2 * 60_000 / 18


def test_jobs_that_still_wait_when_they_are_last_seen_have_waited_until_then() -> None:
    analysis = of(40, setting=Setting(looks=5, interval_s=60.0, countdown_s=3600))
    overall = judge_limits(analysis).overall
    assert isinstance(overall, MaxVcpusLimit)
    assert overall.waited == 24
    # Of forty, twenty-four had waited for nearly five minutes.
    assert 24 / 40 * 280_000 < overall.delay_ms < 24 / 40 * 300_000


def test_jobs_that_were_ended_while_they_waited_do_not_prove_a_quota_or_a_pace() -> None:
    analysis = analyse([("18.json", cut_short(18, Setting(knows_capacity=False)))])
    assert limits_of_run(analysis.runs[0]) == (NotEnough(18, Lack.PLACES, 18),)
    assert judge_limits(analysis).overall == NotEnough(18, Lack.ENDED_EARLY, 18)


def test_failures_are_counted_over_all_repeats_of_a_level() -> None:
    settings = [Setting(failing=6), Setting(), Setting()]
    repeats = analyse([(f"{index}.json", measured(6, setting)) for index, setting in enumerate(settings)])
    held = judge_limits(repeats).overall
    assert isinstance(held, FailuresLimit)
    assert (held.failed, held.jobs) == (1, 18)


def test_submissions_that_kept_up_are_said_to_be_no_limit() -> None:
    assert judge_limits(of(5, 40, setting=Setting(submit_per_s=500.0))).is_submission_free
    assert not judge_limits(of(5, 40, setting=Setting(refused=4))).is_submission_free
    assert not judge_limits(of(2, 5)).is_submission_free


def test_one_job_that_waited_below_a_level_that_proves_a_quota_met_it_too() -> None:
    """By itself it proves nothing: nobody knows what it waited for."""
    unknown = Setting(knows_capacity=False)
    assert judge_limits(of(5, 17, setting=unknown)).overall == NoneReached(17)
    verdicts = judge_limits(of(5, 17, 40, setting=unknown))
    assert [level.held.code for level in verdicts.levels] == ["none", "vcpu-quota", "vcpu-quota"]
    assert (verdicts.first_level, verdicts.unchanged_level) == (17, 5)
    below = verdicts.levels[1].held
    assert isinstance(below, VcpuQuotaLimit)
    assert (below.level, below.waited, below.jobs.low, below.jobs.high) == (17, 1, 16, 17)


def test_one_throttled_call_below_a_level_that_proves_the_rate_was_its_doing() -> None:
    def throttled(level: int, times: int) -> RunResult:
        run = measured(level)
        assert run.api is not None
        usage = msgspec.structs.replace(run.api.operations["SubmitJob"], throttled=times)
        api = msgspec.structs.replace(run.api, operations={**run.api.operations, "SubmitJob": usage})
        return msgspec.structs.replace(run, api=api)

    runs = [("2.json", throttled(2, 0)), ("8.json", throttled(8, 1)), ("12.json", throttled(12, 5))]
    assert judge_limits(analyse(runs[:2])).overall == NoneReached(8)
    verdicts = judge_limits(analyse(runs))
    assert (verdicts.first_level, verdicts.unchanged_level) == (8, 2)


def slowed(level: int, seconds: Sequence[float]) -> RunResult:
    """A run whose jobs took so long, by turns."""
    run = measured(level)
    jobs = []
    for number, job in enumerate(run.jobs):
        assert job.instants is not None
        assert job.instants.started_ms is not None
        ended_ms = job.instants.started_ms + 1000 * seconds[number % len(seconds)]
        instants = msgspec.structs.replace(job.instants, stopped_ms=ended_ms)
        assert job.phases is not None
        phases = msgspec.structs.replace(job.phases, run_ms=exactly(ended_ms - job.instants.started_ms))
        jobs.append(msgspec.structs.replace(job, instants=instants, phases=phases))
    return msgspec.structs.replace(run, jobs=tuple(jobs))


def test_what_is_likely_slower_below_a_level_that_surely_is_has_changed() -> None:
    """A level by itself is compared strictly, since a report makes dozens of such comparisons."""
    alone, both, four = slowed(1, [1.4]), slowed(2, [1.4, 1.8]), slowed(4, [1.4, 1.8, 2.2, 2.6])
    many = slowed(8, [1.4, 1.8, 2.2, 2.6, 3.0, 3.4, 3.8, 4.2])
    few = [(f"{number}.json", run) for number, run in enumerate((alone, alone, both, both, four, four))]
    assert judge_limits(analyse(few)).overall == NoneReached(4)
    verdicts = judge_limits(analyse([*few, ("8.json", many), ("8-2.json", many)]))
    assert [level.held.code for level in verdicts.levels] == ["none", "none", "contention", "contention"]
    assert verdicts.unchanged_level == 2


def test_slowing_that_creeps_does_not_hide_in_the_levels_before() -> None:
    """Each level is but a few per cent above all below it together, and the last a quarter above the first."""
    runs = [(f"{level}.json", slowed(level, [2.0 + 0.1 * level])) for level in (1, 2, 3, 4, 5, 6)]
    verdicts = judge_limits(analyse(runs))
    assert (verdicts.first_level, verdicts.unchanged_level) == (4, 3)


def test_what_delays_no_job_comes_after_what_does() -> None:
    """Log lines come late at two levels, and jobs are slowed at one: the log lines are not the answer."""

    def lagging(level: int, lag_ms: float, seconds: float) -> RunResult:
        run = slowed(level, [seconds])
        late = LogDelivery(lines=1, delays_ms=(lag_ms,))
        return msgspec.structs.replace(
            run, jobs=tuple(msgspec.structs.replace(job, log_delivery=late) for job in run.jobs)
        )

    runs = [lagging(2, 100.0, 2.0), lagging(4, 300.0, 2.0), lagging(8, 500.0, 3.0)]
    verdicts = judge_limits(analyse([(f"{run.total_jobs}.json", run) for run in runs]))
    assert [level.held.code for level in verdicts.levels] == ["none", "log-lag", "contention"]
    assert verdicts.overall is not None
    assert (verdicts.overall.code, verdicts.first_level) == ("contention", 8)


def test_a_pause_before_the_first_submission_is_no_pace_of_ours() -> None:
    def stalled(level: int, apart_ms: float) -> Analysis:
        run = measured(level)
        jobs = []
        for number, job in enumerate(run.jobs):
            assert job.instants is not None
            assert job.instants.intended_ms is not None
            sent_ms = job.instants.intended_ms + 400.0 + apart_ms * number
            jobs.append(msgspec.structs.replace(job, instants=msgspec.structs.replace(job.instants, sent_ms=sent_ms)))
        return analyse([("6.json", msgspec.structs.replace(run, jobs=tuple(jobs)))])

    assert judge_limits(stalled(6, 1.0)).levels[0].held == NoneReached(6)
    assert judge_limits(stalled(6, 300.0)).levels[0].held.code == "client"
