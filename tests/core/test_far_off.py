from __future__ import annotations

import msgspec
import pytest

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.findings.far_off import NAMED, took_far_longer
from batchgauge.core.findings.kinds import Phase, TookFarLonger
from batchgauge.core.findings.rules import find
from batchgauge.core.result.run_result import RunResult
from batchgauge.messages import Language, translator
from batchgauge.reports.wording import in_words
from tests.reports.runs import Setting, measured


def with_runs(result: RunResult, lasting: dict[int, Bound]) -> RunResult:
    jobs = [
        msgspec.structs.replace(job, phases=msgspec.structs.replace(job.phases, run_ms=lasting[place]))
        if place in lasting and job.phases is not None
        else job
        for place, job in enumerate(result.jobs)
    ]
    return msgspec.structs.replace(result, jobs=tuple(jobs))


def named(result: RunResult) -> list[TookFarLonger]:
    return [entry for entry in took_far_longer(analyse([("a.json", result)])) if entry.phase is Phase.RUN]


def test_jobs_like_each_other_are_not_named() -> None:
    assert named(measured(40)) == []


@pytest.mark.parametrize("level", [1, 2, 9])
def test_a_few_jobs_name_nobody(level: int) -> None:
    assert named(with_runs(measured(level), {0: exactly(9e6)})) == []


def test_a_job_that_took_far_longer_is_named_with_how_far_and_stays_in_the_mean() -> None:
    result = with_runs(measured(40), {7: exactly(300_000.0)})
    [found] = named(result)
    assert (found.level, found.count, found.repeats) == (40, 1, (1,))
    assert (found.jobs[0].name, found.jobs[0].duration) == (result.jobs[7].job_name, exactly(300_000.0))
    assert 9 < found.jobs[0].times < 11
    [run] = analyse([("a.json", result)]).runs
    assert run.summary.run is not None
    assert run.summary.run.count == 40
    assert run.summary.run.maximum == exactly(300_000.0)


def test_one_that_still_ran_is_named_for_what_it_surely_took() -> None:
    [found] = named(with_runs(measured(40), {7: Bound(200_000.0, None)}))
    assert found.jobs[0].duration == Bound(200_000.0, None)


def test_of_many_the_furthest_are_named() -> None:
    result = with_runs(measured(100), {place: exactly(100_000.0 + place) for place in range(8)})
    [found] = named(result)
    assert (found.count, len(found.jobs)) == (8, NAMED)
    assert found.jobs[0].duration == exactly(100_007.0)


def test_what_is_far_in_parts_but_not_in_milliseconds_is_not_named() -> None:
    usual = {place: exactly(2.0) for place in range(40)}
    assert named(with_runs(measured(40), {**usual, 3: exactly(20.0)})) == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_finding_names_job_and_distance_in_words(language: Language) -> None:
    result = with_runs(measured(40, Setting(is_local=True)), {7: exactly(300_000.0)})
    analysis = analyse([("a.json", result)])
    [found] = [entry for entry in find(analysis) if isinstance(entry, TookFarLonger) and entry.phase is Phase.RUN]
    words = in_words(found, translator(language), lambda text: f"`{text}`")
    assert f"`{result.jobs[7].job_name}` 300 s" in words
    assert "{" not in words
