"""What levels say of jobs like their own: bounds by looks, jobs that failed or had not ended."""

from __future__ import annotations

import math

import msgspec
import pytest

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.findings.estimates import Endings, Method, PhaseEstimate, endings, phase_estimates
from batchgauge.core.findings.kinds import Phase
from batchgauge.core.result.run_result import RunResult
from tests.reports.runs import Setting, measured


def estimated(*results: RunResult) -> dict[tuple[int, Phase], PhaseEstimate]:
    analysis = analyse([(f"{place}.json", result) for place, result in enumerate(results)])
    return {(entry.level, entry.phase): entry for entry in phase_estimates(analysis)}


def ended(result: RunResult) -> Endings | None:
    return next(iter(endings(analyse([("a.json", result)]))), None)


def inside(part: Bound, whole: Bound | None) -> bool:
    assert whole is not None
    low = -math.inf if whole.earliest is None else whole.earliest
    high = math.inf if whole.latest is None else whole.latest
    return low <= (part.earliest or 0.0) <= (math.inf if part.latest is None else part.latest) <= high


def test_nothing_that_was_not_watched_is_estimated() -> None:
    assert estimated(measured(20, Setting(is_monitored=False))) == {}
    assert ended(measured(20, Setting(is_monitored=False))) is None


@pytest.mark.parametrize("level", [1, 2])
def test_one_job_has_no_percentile_and_two_have_no_interval(level: int) -> None:
    found = estimated(measured(level))
    assert len(found) == (0 if level == 1 else 2)
    assert all(entry.interval is None for phase in found.values() for entry in phase.percentiles)


def test_jobs_made_at_once_have_the_envelope_and_an_interval_around_it() -> None:
    found = estimated(measured(40))[40, Phase.START_UP]
    assert (found.method, found.count, found.censored, found.never) == (Method.ENVELOPE, 40, 0, 0)
    median = found.percentiles[0]
    assert inside(median.estimate, median.interval)
    # What the model draws start-up from is 18 … 32 s.
    assert inside(exactly(25_000.0), median.interval)


def test_jobs_made_one_after_the_other_are_estimated_closer_than_a_look_is_wide() -> None:
    """What the model draws queueing from has its median at 0.87 s and its 95th percentile at 1.2 s; looks come every ten seconds."""
    found = estimated(measured(400, Setting(capacity=400, submit_per_s=2)))
    queueing = found[400, Phase.QUEUE]
    assert queueing.method is Method.TURNBULL
    for entry, true_ms in ((queueing.percentiles[0], 870.0), (queueing.percentiles[2], 1_200.0)):
        assert inside(exactly(true_ms), entry.interval)
        assert inside(entry.estimate, entry.interval)
        assert (entry.estimate.width or math.inf) < 2_000
        assert abs((entry.estimate.latest or 0.0) - true_ms) < 1_000
    # The end of start-up's bound that comes from createdAt is no look.
    assert found[400, Phase.START_UP].method is Method.ENVELOPE


def test_where_jobs_start_before_they_are_looked_at_the_envelope_stays() -> None:
    result = measured(400, Setting(capacity=400, submit_per_s=2))
    jobs = [
        msgspec.structs.replace(job, phases=msgspec.structs.replace(job.phases, queue_ms=job.phases.wait_ms))
        if job.phases is not None and place % 10 == 0
        else job
        for place, job in enumerate(result.jobs)
    ]
    found = estimated(msgspec.structs.replace(result, jobs=tuple(jobs)))
    assert found[400, Phase.QUEUE].method is Method.ENVELOPE


def test_repeats_of_a_level_are_taken_together() -> None:
    found = estimated(*(measured(5, seed=seed) for seed in (1, 2, 3)))[5, Phase.QUEUE]
    assert (found.runs, found.count) == (3, 15)


def test_what_failed_before_it_started_never_starts() -> None:
    result = measured(20)
    failed = tuple(
        msgspec.structs.replace(
            job,
            status="FAILED",
            phases=msgspec.structs.replace(job.phases, queue_ms=Bound(5.0, None)) if job.phases is not None else None,
        )
        for job in result.jobs[:12]
    )
    found = estimated(msgspec.structs.replace(result, jobs=(*failed, *result.jobs[12:])))[20, Phase.QUEUE]
    assert found.never == 12
    assert found.percentiles[0].estimate == Bound(None, None)


def test_where_all_succeeded_there_is_nothing_to_say_of_endings() -> None:
    assert ended(measured(10)) is None


def test_failures_are_a_share_with_an_interval() -> None:
    found = ended(measured(40, Setting(failing=4)))
    assert found is not None
    assert (found.jobs, found.unfinished) == (40, 0)
    assert found.failed.value == pytest.approx(0.25)
    assert found.failed.low < 0.25 < found.failed.high
    assert found.succeeded.value + found.failed.value == pytest.approx(1)
    assert found.half_succeeded_ms is not None
    assert found.nearly_all_succeeded_ms is None


def test_what_had_not_ended_may_still_do_either() -> None:
    found = ended(measured(30, Setting(looks=8)))
    assert found is not None
    assert found.unfinished > 0
    assert found.failed.high > found.failed.value == 0
    assert found.succeeded.high > found.succeeded.value


def test_a_run_cut_off_before_any_job_ended_leaves_everything_open() -> None:
    found = ended(measured(10, Setting(looks=1)))
    assert found is not None
    assert (found.succeeded.low, found.succeeded.high, found.half_succeeded_ms) == (0, 1, None)
