from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from batchgauge.core.analysis.analysis import SkippedFile, analyse
from batchgauge.core.findings.kinds import JobsNotListed
from batchgauge.core.findings.rules import find
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.result.run_result import RunResult, from_document
from tests.reports.runs import Setting, measured

SPECIFICATION = Path(__file__).parents[1] / "data" / "specification-result.json"


def specification_result() -> RunResult:
    return from_document(SPECIFICATION.read_bytes())


def test_runs_come_in_the_order_of_their_level() -> None:
    analysis = analyse([("a", measured(20)), ("b", measured(2)), ("c", measured(5))], [SkippedFile("x", "no")])
    assert [run.summary.level for run in analysis.runs] == [2, 5, 20]
    assert analysis.skipped == (SkippedFile("x", "no"),)


def test_the_statistics_are_those_that_the_run_itself_computed() -> None:
    result = measured(5)
    [run] = analyse([("a", result)]).runs
    assert (run.summary,) == result.levels


def test_a_document_of_the_specification_counts_the_jobs_that_it_names() -> None:
    analysis = analyse([("s.json", specification_result())])
    [run] = analysis.runs
    assert (run.summary.level, run.summary.accepted, run.summary.is_monitored) == (10, 1, False)
    assert run.summary.submit.mean.earliest == 245.0
    assert run.summary.queue is None
    assert run.summary.max_running is None
    assert JobsNotListed(level=10, file="s.json", listed=1) in find(analysis)


@pytest.mark.parametrize(
    ("times", "rate"),
    [
        (["2025-07-25T10:30:00.000", "2025-07-25T10:30:01.000", "2025-07-25T10:30:02.000"], 3 / 2.245),
        (["2025-07-25T10:30:00"], None),
        (["2025-07-25T10:30:00", "yesterday"], None),
        (["2025-07-25T10:30:00", "2025-07-25T10:30:00+09:00"], None),
    ],
)
def test_throughput_of_a_document_of_the_specification_comes_from_its_own_times(
    times: list[str], rate: float | None
) -> None:
    result = specification_result()
    [job] = result.jobs
    result.jobs = tuple(_at(job.job_name, time) for time in times)
    [run] = analyse([("s.json", result)]).runs
    assert run.summary.submissions_per_s == (None if rate is None else pytest.approx(rate))


def _at(name: str, time: str) -> JobResult:
    [job] = specification_result().jobs
    job.job_name, job.submission_time = name, time
    return job


def test_a_run_that_was_not_watched_has_no_job_success_rate() -> None:
    [run] = analyse([("a", measured(5, Setting(is_monitored=False)))]).runs
    assert run.summary.job_success_rate is None
    assert run.summary.submission_success_rate == 1.0


def test_runs_of_one_level_are_numbered_in_the_order_of_their_times() -> None:
    result = specification_result()
    later = msgspec.structs.replace(result, timestamp="2030-01-01T00:00:00")
    analysis = analyse([("later.json", later), ("first.json", result)])
    assert [(run.file, run.repeat) for run in analysis.runs] == [("first.json", 1), ("later.json", 2)]
